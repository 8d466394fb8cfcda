"""Google's places carried to districts: a test for each place that once went wrong.

The expected values are read from Google's own file by Python's reader.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register
from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.harmonise import Harmonised, harmonise
from mobility_files import RawValues, Values, own_values, read_raw_values, staged_files

REGISTER = Register.load()
PEOPLE = dict(REGISTER.population.select("code", "population").iter_rows())
WORK, RETAIL, PARKS = "workplaces", "retail_and_recreation", "parks"


@pytest.fixture(scope="module")
def tables(open_data: Path) -> dict[str, pl.DataFrame]:
    return staged_files(open_data, "google_mobility", "google_places")


@pytest.fixture(scope="module")
def convert(tables: dict[str, pl.DataFrame]) -> Callable[[date], Harmonised]:
    made: dict[date, Harmonised] = {}

    def at(to: date) -> Harmonised:
        if to not in made:
            contract = load_contract(contract_path("google_mobility"))
            made[to] = harmonise(contract, tables, REGISTER, to=to, sql=SQL / "harmonised")
        return made[to]

    return at


@pytest.fixture(scope="module")
def raw(open_data: Path) -> RawValues:
    return read_raw_values(open_data)


def mean_of(parts: dict[str, Values], coverage: float = 0.8) -> Values:
    """Return the population-weighted mean where the parts with a value hold enough people."""
    everyone = sum(PEOPLE[code] for code in parts)
    found = {}
    for day in sorted({day for part in parts.values() for day in part}):
        there = {code: part[day] for code, part in parts.items() if day in part}
        people = sum(PEOPLE[code] for code in there)
        if people >= coverage * everyone:
            found[day] = sum(PEOPLE[code] * value for code, value in there.items()) / people
    return found


Y2019, Y2020, Y2021, Y2023 = (date(year, 4, 1) for year in (2019, 2020, 2021, 2023))
EVERY = [Y2019, Y2020, Y2021, Y2023]


@pytest.mark.parametrize("to", EVERY)
def test_st_helens_goes_to_st_helens_alone(convert, raw: RawValues, to: date) -> None:
    expected = raw(WORK, "Merseyside", "Metropolitan Borough of St Helens")
    assert len(expected) > 250
    assert own_values(convert(to), "E08000013", WORK) == expected
    others = convert(to).table.filter(
        pl.col("from_codes").str.contains("E08000013") & (pl.col("area") != "E08000013")
    )
    assert others.is_empty()


@pytest.mark.parametrize("to", [Y2019, Y2020, Y2021])
@pytest.mark.parametrize(
    ("area", "county", "parts"),
    [
        (
            "E07000244",
            "Suffolk",
            {"E07000205": "Suffolk Coastal District", "E07000206": "Waveney District"},
        ),
        (
            "E07000246",
            "Somerset",
            {"E07000190": "Taunton Deane", "E07000191": "West Somerset District"},
        ),
    ],
    ids=["East Suffolk", "Somerset West and Taunton"],
)
def test_the_four_places_of_2018_make_two_districts(
    convert, raw: RawValues, to: date, area: str, county: str, parts: dict[str, str]
) -> None:
    expected = mean_of({code: raw(WORK, county, name) for code, name in parts.items()})
    assert len(expected) > 250
    assert own_values(convert(to), area, WORK) == pytest.approx(expected, abs=1e-6)
    assert set(convert(to).table.filter(pl.col("area") == area)["match"]) == {"best_fit"}


def test_penryn_does_not_add_to_cornwall(
    convert, tables: dict[str, pl.DataFrame], raw: RawValues
) -> None:
    penryn = tables["google_places"].filter(pl.col("sub_region_2") == "Penryn")
    assert penryn.select("sub_region_1", "lad_code").rows() == [("Cornwall", None)]
    assert own_values(convert(Y2021), "E06000052", RETAIL) == raw(RETAIL, "Cornwall")
    assert set(convert(Y2021).table.filter(pl.col("area") == "E06000052")["from_codes"]) == {
        "E06000052"
    }


@pytest.mark.parametrize(
    ("area", "first", "second"),
    [
        ("E06000059", "Dorset", "Dorset"),
        ("E06000058", "Dorset", "Bournemouth, Christchurch and Poole"),
        ("E06000051", "Shropshire", ""),
        ("E06000020", "Shropshire", "Telford and Wrekin"),
    ],
)
def test_counties_that_share_a_name_with_a_district(
    convert, raw: RawValues, area: str, first: str, second: str
) -> None:
    expected = raw(RETAIL, first, second)
    assert len(expected) > 200
    assert own_values(convert(Y2021), area, RETAIL) == expected
    ceremonial = raw(RETAIL, "Dorset")
    assert own_values(convert(Y2021), "E06000059", RETAIL) != ceremonial


def test_counties_lead_to_no_district(convert, tables: dict[str, pl.DataFrame]) -> None:
    counties = tables["google_places"].filter(
        pl.col("sub_region_2").is_null() & pl.col("lad_code").is_null()
    )
    assert counties.height == 34
    places = convert(Y2021).summary["places"]
    # The 34 counties and metropolitan counties and Penryn: as many of them as the file names.
    assert isinstance(places, dict)
    assert places["no_lad"]["places"] <= 35
    assert places["no_lad"]["values"] > 0
    assert "unknown" not in places


@pytest.mark.parametrize("to", EVERY)
def test_the_city_of_london_is_there_and_scilly_is_a_listed_gap(
    convert, raw: RawValues, to: date
) -> None:
    assert own_values(convert(to), "E09000001", WORK) == raw(
        WORK, "Greater London", "City of London"
    )
    areas = convert(to).summary["areas"]
    assert isinstance(areas, dict)
    assert areas["without_source"] == ["E06000053"]


@pytest.mark.parametrize(
    ("area", "to", "parts"),
    [
        (
            "E06000060",
            Y2020,
            ["E07000004", "E07000005", "E07000006", "E07000007"],
        ),
        ("E06000061", Y2021, ["E07000150", "E07000152", "E07000153", "E07000156"]),
        ("E06000062", Y2021, ["E07000151", "E07000154", "E07000155"]),
        ("E06000063", Y2023, ["E07000026", "E07000028", "E07000029"]),
        ("E06000064", Y2023, ["E07000027", "E07000030", "E07000031"]),
        (
            "E06000065",
            Y2023,
            [f"E070001{number}" for number in range(63, 70)],
        ),
        # Somerset West and Taunton comes by its two parts of 2018.
        ("E06000066", Y2023, [f"E070001{number}" for number in (87, 88, 89, 90, 91)]),
    ],
    ids=[
        *("Buckinghamshire", "North Northamptonshire", "West Northamptonshire", "Cumberland"),
        *("Westmorland and Furness", "North Yorkshire", "Somerset"),
    ],
)
@pytest.mark.parametrize("measure", [WORK, PARKS])
def test_later_mergers_are_means_of_their_parts(
    convert, tables: dict[str, pl.DataFrame], raw: RawValues, area: str, to: date, parts: list[str],
    measure: str,
) -> None:  # fmt: skip
    places = {
        code: (first, second or "")
        for code, first, second in tables["google_places"]
        .select("lad_code", "sub_region_1", "sub_region_2")
        .iter_rows()
    }
    expected = mean_of({code: raw(measure, *places[code]) for code in parts})
    assert len(expected) > (250 if measure == WORK else -1)
    assert own_values(convert(to), area, measure) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("to", EVERY)
def test_every_live_district_has_values_or_stands_in_the_list_of_gaps(convert, to: date) -> None:
    conversion = convert(to)
    with_values = set(conversion.table.filter(pl.col("value").is_not_null())["area"])
    assert set(REGISTER.live_on(to)["code"]) - with_values == {"E06000053"}


def test_a_place_that_matches_nothing_is_an_error(tables: dict[str, pl.DataFrame]) -> None:
    strange = tables["google_mobility"].with_columns(
        pl.when(pl.col("sub_region_2") == "Harborough District")
        .then(pl.lit("Harborough Town"))
        .otherwise("sub_region_2")
        .alias("sub_region_2")
    )
    contract = load_contract(contract_path("google_mobility"))
    with pytest.raises(GeographyError) as error:
        harmonise(
            contract,
            {**tables, "google_mobility": strange},
            REGISTER,
            to=Y2021,
            sql=SQL / "harmonised",
        )
    assert "Leicestershire / Harborough Town" in str(error.value)
    assert "google_place_names.csv" in str(error.value)
