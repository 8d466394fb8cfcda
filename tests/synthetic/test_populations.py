"""Estimates of the population and the census count the same people, to the person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.synthetic.england.country import England
from lds.synthetic.england.tables import districts_on
from made_places import few_districts, made_once, raw_bytes, small_contract

POPULATIONS = (
    "population_lsoa_sex",
    "population_lsoa",
    "population_lad",
    "population_age_bands",
    "population_ethnicity",
)
CENSUS = (
    "census_2021_ethnicity_lad",
    "census_2021_ethnicity_lsoa",
    "census_2021_households",
    "census_2021_religion",
    "census_2021_economic_activity",
    "census_2021_industry",
)


@pytest.fixture(scope="module")
def england() -> England:
    return few_districts()


def registered(england: England, day: date) -> dict[str, int]:
    """Return the residents of the LADs of a day, by the register."""
    lads, place = districts_on(england, day)
    found = dict.fromkeys(lads["code"], 0)
    for own, people in zip(place.tolist(), england.population, strict=True):
        found[lads["code"][own]] += people
    return found


def totals(source: str, by: str, value: str, *only: pl.Expr) -> dict[str, int]:
    frame = made_once(source).table.filter(*only).group_by(by).agg(pl.col(value).sum())
    return {name: int(count) for name, count in frame.iter_rows()}


@pytest.mark.parametrize("source", [*POPULATIONS, *CENSUS])
def test_no_row_is_rejected(source: str) -> None:
    report = made_once(source).staged.report
    assert report["rows_rejected"] == 0
    assert report["columns_ignored"] == ["synthetic"]


def test_districts_have_the_people_of_the_register(england: England) -> None:
    wanted = registered(england, date(2019, 4, 1))
    both = pl.col("sex") == "T"
    groups = pl.col("ethnic_group") != "White British"
    assert totals("population_lsoa_sex", "lad_code", "population", both) == wanted
    assert totals("population_lad", "lad_code", "population") == wanted
    assert totals("population_ethnicity", "lad_code", "population", groups) == wanted
    lads = pl.col("code_type") == "LAD19"
    assert totals("population_age_bands", "area_code", "population", lads) == wanted
    assert made_once("population_lad").truth["planted"]["residents"] == wanted


def test_women_and_men_are_everyone() -> None:
    table = made_once("population_lsoa_sex").table.pivot(
        on="sex", index=["lsoa_code", "age"], values="population"
    )
    assert (table["F"] + table["M"] == table["T"]).all()


def test_small_areas_agree_in_every_file() -> None:
    of_age = made_once("population_lsoa_sex").table.filter(pl.col("sex") == "T")
    plain = made_once("population_lsoa").table
    both = of_age.join(plain, on=["lsoa_code", "age"], suffix="_plain", validate="1:1")
    assert both.height == of_age.height == plain.height
    assert (both["population"] == both["population_plain"]).all()
    everyone = totals("population_lsoa", "lsoa_code", "population")
    label = pl.col("ethnic_group") == "Total: All usual residents"
    assert totals("census_2021_ethnicity_lsoa", "lsoa_code", "residents", label) == everyone
    faiths = pl.col("religion") != "Total: All usual residents"
    assert totals("census_2021_religion", "lsoa_code", "residents", faiths) == everyone


def test_regions_and_england_are_sums_of_districts() -> None:
    table = made_once("population_age_bands").table
    by_level = dict(table.group_by("code_type").agg(pl.col("population").sum()).iter_rows())
    assert len(set(by_level.values())) == 1
    shares = table.group_by("area_code").agg(pl.col("baseline_proportion").sum())
    assert shares["baseline_proportion"].to_list() == pytest.approx([1.0] * shares.height)


def test_white_british_are_some_of_the_white_and_the_same_in_the_census(england: England) -> None:
    wide = made_once("population_ethnicity").table.pivot(
        on="ethnic_group", index=["lad_code", "age", "sex"], values="population"
    )
    assert (wide["White British"] <= wide["White"]).all()
    british = pl.col("ethnic_group") == "White British"
    label = pl.col("ethnic_group").str.starts_with("White: English")
    estimate = totals("population_ethnicity", "lad_code", "population", british)
    census = totals("census_2021_ethnicity_lsoa", "ethnic_group", "residents", label)
    assert list(census.values()) == [sum(estimate.values())]
    for row, code in zip(england.recipe.districts.iter_rows(named=True), CODES_2019, strict=True):
        people = registered(england, date(2019, 4, 1))[code]
        assert estimate[code] == pytest.approx(row["white_british"] * people, abs=1)


CODES_2019 = sorted(registered(few_districts(), date(2019, 4, 1)))


def test_districts_of_the_census_are_those_of_2021(england: England) -> None:
    number = pl.col("ethnic_group").str.ends_with("(number)")
    wanted = registered(england, date(2021, 4, 1))
    assert "E06000060" in wanted  # Buckinghamshire, whose parts are in the estimates.
    assert totals("census_2021_ethnicity_lad", "lad_code", "value", number) == wanted
    households = sum(people.households for people in england.districts())
    assert made_once("census_2021_households").table["households"].sum() == households


def test_adults_have_one_activity_and_workers_one_industry() -> None:
    ages = made_once("population_lsoa").table.with_columns(
        pl.col("age").str.strip_suffix("+").cast(pl.Int64)
    )
    adults = ages.filter(pl.col("age") >= 16)["population"].sum()
    activity = totals("census_2021_economic_activity", "economic_activity", "residents")
    active = "Economically active (excluding full-time students)"
    assert activity["Total: All usual residents aged 16 years and over"] == adults
    assert activity[active] + activity["Economically inactive"] == adults
    working = activity[f"{active}: In employment"]
    assert activity[f"{active}: Unemployed"] == activity[active] - working
    industry = totals("census_2021_industry", "industry", "residents")
    total = industry.pop(next(name for name in industry if name.startswith("Total")))
    assert total == working == sum(industry.values())


@pytest.mark.parametrize("source", ["population_lsoa_sex", "census_2021_ethnicity_lsoa"])
def test_the_seed_gives_the_bytes(source: str, tmp_path: Path) -> None:
    contract = small_contract(source)
    first = raw_bytes(few_districts(), contract, tmp_path / "a")
    assert raw_bytes(few_districts(), contract, tmp_path / "b") == first
    assert raw_bytes(few_districts(2), contract, tmp_path / "c") != first
    assert all(".synthetic." in name for name in first)
