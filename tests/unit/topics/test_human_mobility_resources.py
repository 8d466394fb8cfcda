"""The dates that the topic rests on: periods of restrictions and bank holidays."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import holidays
import polars as pl
import pytest

from lds.io import RESOURCES

NESTED = "eat_out"
# Starts and ends (the day after the last) of the fourteen periods that the first report drew.
FIRST_PUBLISHED = [
    *("2020-01-01", "2020-03-23", "2020-05-13", "2020-06-01", "2020-07-04", "2020-09-14"),
    *("2020-09-25", "2020-10-14", "2020-11-05", "2020-12-02", "2020-12-19", "2021-01-06"),
    *("2021-03-08", "2021-03-29"),
]
# The three dates that the first report had a day off, as workflow/resources/README.md has them.
CORRECTED = {"eat_out", "rule_of_six", "early_closing", "second_tiers", "tier_four"}


@pytest.fixture(scope="module")
def periods() -> pl.DataFrame:
    return pl.read_csv(RESOURCES / "policy_periods.csv", try_parse_dates=True)


def test_bank_holidays_are_those_of_england() -> None:
    ours = pl.read_csv(RESOURCES / "bank_holidays.csv", try_parse_dates=True)
    assert ours["date"].is_sorted()
    # The library gives the day itself and its substitute; a holiday at a weekend is no day off.
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=[2020, 2021, 2022])
    assert ours["date"].to_list() == sorted(day for day in theirs if day.isoweekday() < 6)
    assert date(2020, 5, 8) in ours["date"].to_list()
    assert date(2020, 5, 4) not in ours["date"].to_list()
    assert ours.filter(pl.col("date").dt.year() == 2021).height == 8
    assert ours.filter(pl.struct("id", pl.col("date").dt.year()).is_duplicated()).is_empty()


def test_periods_follow_each_other_without_a_gap(periods: pl.DataFrame) -> None:
    row = periods.filter(pl.col("id") != NESTED)
    for before, after in pairwise(row.select("start", "end").rows()):
        assert before[1] == after[0]
    assert periods["id"].n_unique() == periods.height


def test_the_scheme_ends_with_august(periods: pl.DataFrame) -> None:
    start, end = periods.filter(pl.col("id") == NESTED).select("start", "end").row(0)
    assert (start, end) == (date(2020, 8, 3), date(2020, 9, 1))
    outer = periods.filter(pl.col("id") == "hospitality_open").select("start", "end").row(0)
    assert outer[0] < start < end < outer[1]


def test_the_dates_as_first_published_are_kept_beside_the_right_ones(periods: pl.DataFrame) -> None:
    row = periods.filter(pl.col("id") != NESTED)
    starts = [day.isoformat() for day in row["first_published_start"]]
    assert starts[:14] == FIRST_PUBLISHED
    differs = periods.filter(
        (pl.col("start") != pl.col("first_published_start"))
        | (pl.col("end") != pl.col("first_published_end"))
    )
    assert set(differs["id"]) == CORRECTED


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("first_lockdown", date(2020, 3, 23)),
        ("outdoor_recreation", date(2020, 5, 13)),
        ("rule_of_six_outdoors", date(2020, 6, 1)),
        ("hospitality_open", date(2020, 7, 4)),
        ("rule_of_six", date(2020, 9, 14)),
        ("early_closing", date(2020, 9, 24)),
        ("first_tiers", date(2020, 10, 14)),
        ("second_lockdown", date(2020, 11, 5)),
        ("second_tiers", date(2020, 12, 2)),
        ("tier_four", date(2020, 12, 20)),
        ("third_lockdown", date(2021, 1, 6)),
        ("schools_open", date(2021, 3, 8)),
    ],
)
def test_periods_start_on_their_day(periods: pl.DataFrame, name: str, start: date) -> None:
    assert periods.filter(pl.col("id") == name)["start"].to_list() == [start]
