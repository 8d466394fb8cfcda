"""Weights of areas."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register, area_weights, lsoa_weights, population_weights

pytestmark = pytest.mark.xdist_group("lsoas")
REGISTER = Register.load()


def known(*rows: tuple[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["code", "weight"], orient="row")


def test_populations_of_the_register_and_of_codes_that_were_only_recoded() -> None:
    weights = population_weights(REGISTER)
    assert weights.basis == "population mid-2019"
    sizes = weights.of()
    published = dict(REGISTER.population.select("code", "population").iter_rows())
    assert {code: sizes[code] for code in published} == published
    # The codes of 2009 to 2013 that were recoded have the residents of those that followed.
    assert set(sizes) - set(published) == {
        *("E06000048", "E07000002", "E07000025", "E07000097"),
        *("E07000100", "E07000101", "E07000104", "E08000020"),
    }
    assert sizes["E08000020"] == published["E08000037"]
    # Only the districts merged in 2009 are left out.
    rest = set(REGISTER.areas["code"]) - set(sizes)
    ends = REGISTER.areas.filter(pl.col("code").is_in(sorted(rest)))["end_date"]
    assert len(rest) == 36
    assert ends.cast(pl.String).unique().to_list() == ["2009-03-31"]


def test_a_merged_area_is_the_sum_of_its_parts_when_all_are_known() -> None:
    sizes = area_weights(REGISTER, known(("E07000205", 2), ("E07000206", 3)), basis="x").of()
    assert sizes == {"E07000205": 2, "E07000206": 3, "E07000244": 5}
    assert area_weights(REGISTER, known(("E07000205", 2)), basis="x").of() == {"E07000205": 2}


def test_two_steps_and_a_mixture_of_vintages() -> None:
    parts = [("E07000187", 1), ("E07000188", 2), ("E07000189", 4)]
    taunton = [("E07000190", 8), ("E07000191", 16)]
    assert area_weights(REGISTER, known(*parts, *taunton), basis="x").of()["E06000066"] == 31
    assert area_weights(REGISTER, known(*parts, ("E07000246", 24)), basis="x").of() == {
        **dict(parts),
        "E07000246": 24,
        "E06000066": 31,
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("E07999999", 1)], "name codes that the area register does not know(.|\n)*E07999999"),
        ([("E07000205", 1), ("E07000205", 2)], "give codes twice(.|\n)*E07000205"),
        ([("E07000205", -1)], "not whole numbers of zero or more(.|\n)*E07000205"),
        ([("E07000205", 1.5)], "not whole numbers"),
        ([("E07000205", None), ("E07000206", 1)], "not whole numbers"),
    ],
)
def test_bad_weights_are_refused(rows: list[tuple[str, object]], message: str) -> None:
    with pytest.raises(GeographyError, match=message):
        area_weights(REGISTER, known(*rows), basis="bad")
    with pytest.raises(GeographyError, match=r"no populations of 1801(.|\n)*2019"):
        population_weights(REGISTER, 1801)


def test_lsoas_count_as_one_or_by_a_value() -> None:
    lsoas = pl.DataFrame(
        {"code": ["a", "b", "c"], "lad_code": ["E07000205", "E07000205", "E07000206"]}
    )
    assert lsoa_weights(REGISTER, lsoas, basis="LSOAs").of() == {
        **{"E07000205": 2, "E07000206": 1, "E07000244": 3}
    }
    values = pl.DataFrame({"code": ["c", "a", "b", "Wales"], "weight": [10, 20, 30, 40]})
    assert lsoa_weights(REGISTER, lsoas, values, basis="people").of()["E07000244"] == 60
    with pytest.raises(GeographyError, match=r"do not cover all LSOAs(.|\n)*: c"):
        lsoa_weights(REGISTER, lsoas, values.tail(3), basis="people")
    with pytest.raises(GeographyError, match="give LSOAs twice"):
        lsoa_weights(REGISTER, lsoas, pl.concat([values, values.head(1)]), basis="people")


def test_lsoas_of_the_package_give_weights_to_all_but_the_districts_of_2009(
    lsoas: pl.DataFrame,
) -> None:
    weights = lsoa_weights(REGISTER, lsoas, basis="LSOAs of 2011").of()
    assert set(weights) == set(population_weights(REGISTER).of())
    assert sum(weights[code] for code in REGISTER.live_on(REGISTER.complete_to)["code"]) == 32_844


def test_populations_added_up_from_lsoas_are_those_of_the_register(
    open_data: Path, lsoas: pl.DataFrame
) -> None:
    people = pl.read_csv(
        open_data / "population" / "population19_lsoa11.csv",
        columns=["lsoa11_code", "total_population"],
    ).select(code="lsoa11_code", weight="total_population")
    added = lsoa_weights(REGISTER, lsoas, people, basis="population 2019").of()
    published = population_weights(REGISTER).of()
    assert added == published


def test_populations_of_another_year_shift_weights_little(
    open_data: Path, lsoas: pl.DataFrame
) -> None:
    people = pl.read_csv(
        open_data / "population" / "population20_lsoa11.csv",
        columns=["lsoa11_code", "total_population"],
    ).select(code="lsoa11_code", weight="total_population")
    later = lsoa_weights(REGISTER, lsoas, people, basis="population 2020").of()
    # ONS mid-2020: England 56,550,138.
    live = REGISTER.live_on(REGISTER.complete_to)["code"]
    assert sum(later[code] for code in live) == 56_550_138
    shares = [
        weights["E07000205"] / weights["E07000244"]
        for weights in (later, population_weights(REGISTER).of())
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.002)
    assert shares[0] != shares[1]
