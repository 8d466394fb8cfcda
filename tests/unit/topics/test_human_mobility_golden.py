"""Harborough's published medians, and a second count of the new ones, on Google's real file."""

from __future__ import annotations

import statistics
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from lds.geography import Register
from lds.geography.reference import build_areas
from lds.io import RESOURCES, SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.harmonise import harmonise
from lds.topics.human_mobility.indicators import indicators
from lds.topics.human_mobility.tiers import tiers
from mobility_files import staged_files

HARBOROUGH = "E07000131"
VINTAGE = date(2021, 4, 1)
MEASURES = (
    *("retail_and_recreation", "grocery_and_pharmacy", "parks"),
    *("transit_stations", "residential", "workplaces"),
)
# Medians of the LAD in the first report: retail, grocery, parks, transit, residential, workplaces.
GOLDEN = {
    ("2020-01-01", "2020-03-23"): (1, 8, -15, -3, 1, -3),
    ("2020-03-23", "2020-05-13"): (-72, -25, -31, -51, 27, -64),
    ("2020-05-13", "2020-06-01"): (-64, -11, 32, -32, 23, -57),
    ("2020-06-01", "2020-07-04"): (-56, -8, 40, -26, 19, -48),
    ("2020-07-04", "2020-09-14"): (-25, -9, 62, -26, 13, -46),
    ("2020-08-03", "2020-08-31"): (-12, -8, 54, -27, 12, -46),
    ("2020-09-14", "2020-09-25"): (-6, -10, 61, -21, 10, -33),
    ("2020-09-25", "2020-10-14"): (-16, -11, 10, -28, 10, -29),
    ("2020-10-14", "2020-11-05"): (-13, -7, 2, -36, 10, -30),
    ("2020-11-05", "2020-12-02"): (-50, -10, -6, -40, 16, -35),
}


REGISTER = Register.load()


def harmonised(open_data: Path, vintage: date, source: str, *lookups: str) -> pl.DataFrame:
    tables = staged_files(open_data, source, *lookups)
    contract = load_contract(contract_path(source))
    return harmonise(contract, tables, REGISTER, to=vintage, sql=SQL / "harmonised").table


@pytest.fixture(scope="module")
def table(open_data: Path) -> pl.DataFrame:
    resources = {
        name: pl.read_csv(RESOURCES / f"{name}.csv", try_parse_dates=True)
        for name in ("policy_periods", "bank_holidays")
    }
    sources = {
        "google_mobility": harmonised(open_data, VINTAGE, "google_mobility", "google_places"),
        "lockdown_tiers": harmonised(open_data, VINTAGE, "lockdown_tiers"),
    }
    return indicators(sources, build_areas(REGISTER, VINTAGE), resources)


def values(table: pl.DataFrame, area: str, measure: str) -> dict[date, float]:
    rows = table.filter(
        (pl.col("indicator") == "HM-I1")
        & (pl.col("area") == area)
        & (pl.col("measure") == measure)
        & pl.col("value").is_not_null()
    )
    return dict(rows.select("start", "value").iter_rows())


def test_the_medians_of_the_first_report_come_back(table: pl.DataFrame) -> None:
    rows = table.filter(
        (pl.col("area") == HARBOROUGH) & (pl.col("statistic") == "plain_median_change")
    )
    found = {(row["start"], row["measure"]): row["value"] for row in rows.iter_rows(named=True)}
    assert all(value == round(value) for value in found.values() if value is not None)
    # The data begin after the first period does.
    window = date(2020, 2, 15)
    expected = {
        (max(date.fromisoformat(start), window), measure): float(value)
        for (start, _), medians in GOLDEN.items()
        for measure, value in zip(MEASURES, medians, strict=True)
    }
    assert len(expected) == 60
    assert {key: found[key] for key in expected} == expected


# 9, 18 and 30 December 2020 and 5 January 2021 in the first report; L is 5.
TIERS = {
    **{
        code: [3, 3, 4, 5]
        for code in (
            *("E07000131", "E07000129", "E07000130", "E06000016", "E07000133", "E07000135"),
            "E07000220",
        )
    },
    "E06000017": [2, 2, 3, 5],
    **{code: [2, 2, 4, 5] for code in ("E07000150", "E07000151", "E07000153")},
}


def test_tiers_of_harborough_and_its_neighbours(open_data: Path) -> None:
    as_then = tiers(harmonised(open_data, date(2020, 4, 1), "lockdown_tiers"))
    found = {
        code: as_then.filter(pl.col("area") == code).sort("start")["value"].to_list()
        for code in TIERS
    }
    assert found == TIERS
    assert as_then["area"].n_unique() == 314
    counts = as_then.group_by("start", "value").len().sort("start", "value").rows()
    days = [date(2020, 12, 9), date(2020, 12, 18), date(2020, 12, 30), date(2021, 1, 5)]
    assert counts == [
        *((days[0], 1, 3), (days[0], 2, 192), (days[0], 3, 119)),
        *((days[1], 1, 4), (days[1], 2, 113), (days[1], 3, 197)),
        *((days[2], 1, 1), (days[2], 3, 40), (days[2], 4, 273)),
        (days[3], 5, 314),
    ]
    assert set(as_then["match"]) == {"exact"}


def test_tiers_of_18_december_beside_another_list(open_data: Path, table: pl.DataFrame) -> None:
    other = pl.read_csv(open_data / "google_mobility" / "england_ltla_covid_tiers_2020_12_20.csv")
    ours = table.filter((pl.col("statistic") == "tier") & (pl.col("start") == date(2020, 12, 18)))
    both = ours.join(other, left_on="area", right_on="LAD20CD")
    # Seven districts of Northamptonshire became two. On 20 December tier 4 began: nothing else
    # moved between the two lists.
    assert both.height == 307
    moved = both.filter(pl.col("value") != pl.col("Tier"))
    assert set(moved.select("value", "Tier").rows()) <= {(3.0, 4), (2.0, 4)}


def test_a_merged_district_has_the_tier_of_its_parts(table: pl.DataFrame) -> None:
    rows = table.filter((pl.col("statistic") == "tier") & (pl.col("area") == "E06000061"))
    assert rows.sort("start")["value"].to_list() == [2, 2, 4, 5]
    assert rows["note"].null_count() == 4


def by_weekday(days: dict[date, float], first: date, last: date) -> float | None:
    calendar = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    groups: dict[int, list[float]] = {}
    for day in calendar:
        if day in days:
            groups.setdefault(day.weekday(), []).append(days[day])
    if sum(map(len, groups.values())) < 7 or len(groups) < 3 or min(groups) > 4 or max(groups) < 5:
        return None
    share = {each: sum(day.weekday() == each for day in calendar) for each in groups}
    total = sum(share[each] * statistics.median(groups[each]) for each in groups)
    return total / sum(share.values())


@pytest.fixture(scope="module")
def england(table: pl.DataFrame) -> dict[tuple[str, date], float]:
    """England's mean of each measure and day, by loops."""
    people = dict(build_areas(REGISTER, VINTAGE).select("code", "population").iter_rows())
    daily: dict[tuple[str, date], list[tuple[float, int]]] = {}
    own = table.filter((pl.col("indicator") == "HM-I1") & pl.col("value").is_not_null())
    for measure, day, value, code in own.select("measure", "start", "value", "area").iter_rows():
        daily.setdefault((measure, day), []).append((value, people[code]))
    return {
        key: sum(value * weight for value, weight in each) / sum(weight for _, weight in each)
        for key, each in daily.items()
    }


@pytest.mark.parametrize("area", [HARBOROUGH, "E06000061", "E06000017", "E09000001"])
def test_period_values_and_comparators_by_loops(
    table: pl.DataFrame, england: dict[tuple[str, date], float], area: str
) -> None:
    rows = table.filter(
        (pl.col("area") == area)
        & (pl.col("statistic") == "median_change")
        & pl.col("indicator").is_in(["HM-I4", "HM-I6"])
    )
    assert rows.filter(pl.col("indicator") == "HM-I4").height == 6 * 11
    own = {measure: values(table, area, measure) for measure in MEASURES}
    for row in rows.iter_rows(named=True):
        days = own[row["measure"]]
        if row["indicator"] == "HM-I6":
            days = {day: england[row["measure"], day] for day in days}
        expected = by_weekday(days, row["start"], row["end"])
        if expected is None:
            assert (row["value"], row["mark"]) == (None, "x" if row["n"] == 0 else "u")
        else:
            assert row["value"] == pytest.approx(expected, abs=0.0015)


def test_parks_in_harborough_have_weekends_only_and_no_period_value(table: pl.DataFrame) -> None:
    days = values(table, HARBOROUGH, "parks")
    lockdown = [day for day in days if date(2020, 5, 13) <= day < date(2020, 12, 15)]
    assert {day.weekday() for day in lockdown if day < date(2020, 11, 1)} == {5, 6}
    rows = table.filter(
        (pl.col("area") == HARBOROUGH)
        & (pl.col("statistic") == "median_change")
        & (pl.col("comparator") == "self")
        & (pl.col("measure") == "parks")
        & (pl.col("period") == "rule_of_six_outdoors")
    )
    assert rows.select("value", "mark", "n", "days").row(0) == (None, "u", 8, 33)
    assert rows["note"][0] == "Mon Tue Wed Thu Fri"
