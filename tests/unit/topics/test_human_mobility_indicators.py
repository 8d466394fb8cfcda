from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from lds.contracts import check_table, load_table_contract
from lds.topics import ENGLAND
from lds.topics.human_mobility.indicators import indicators

# Two weeks from Monday 1 June 2020 in a made England: two regions, four districts.
MONDAY = date(2020, 6, 1)
DAYS = [MONDAY + timedelta(days=day) for day in range(14)]
FIRST_WEEK, ALL = DAYS[:7], DAYS
NORTH, SOUTH = "E12000001", "E12000002"
PEOPLE = {"A": (NORTH, 100), "B": (NORTH, 300), "C": (SOUTH, 400), "D": (SOUTH, 200)}
AREAS = pl.DataFrame(
    [(code, region, people) for code, (region, people) in PEOPLE.items()],
    schema=["code", "region_code", "population"],
    orient="row",
)
PERIODS = pl.DataFrame(
    [
        ("both", MONDAY, date(2020, 6, 15)),
        ("first", MONDAY, date(2020, 6, 8)),
        ("second", date(2020, 6, 8), date(2020, 7, 1)),
        ("never", date(2020, 8, 1), date(2020, 9, 1)),
    ],
    schema=["id", "start", "end"],
    orient="row",
)
SCHEMA = {
    "area": pl.String,
    "date": pl.Date,
    "measure": pl.String,
    "value": pl.Float64,
    "coverage": pl.Float64,
    "parts": pl.Int64,
    "from_codes": pl.String,
    "match": pl.String,
}


def rows_of(area: str, value: float | None, days: list[date], **other: Any) -> list[dict[str, Any]]:
    return [
        {
            "area": area,
            "date": day,
            "measure": "parks",
            "value": value,
            "coverage": 0.0 if value is None else 1.0,
            "parts": 0 if value is None else 1,
            "from_codes": area,
            "match": "exact",
        }
        | other
        for day in days
    ]


# A: -10 in the first week alone, blank afterwards. B: -20, then -40. C: 0, then 8, but its
# first Monday rests on too little of its population and its second Tuesday is not in the file.
# D has nothing at all.
HARMONISED = pl.DataFrame(
    [
        *rows_of("A", -10.0, DAYS[:7]),
        *rows_of("A", None, DAYS[7:]),
        *rows_of("B", -20.0, DAYS[:7]),
        *rows_of("B", -40.0, DAYS[7:]),
        *rows_of("C", None, DAYS[:1], parts=1, coverage=0.4, match="best_fit"),
        *rows_of("C", 0.0, DAYS[1:7], match="best_fit"),
        *rows_of("C", 8.0, [DAYS[7], *DAYS[9:]], match="best_fit"),
    ],
    schema=SCHEMA,
    orient="row",
)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return indicators({"google_mobility": HARMONISED}, AREAS, PERIODS)


def daily(table: pl.DataFrame, indicator: str, area: str, column: str) -> list[Any]:
    rows = table.filter((pl.col("indicator") == indicator) & (pl.col("area") == area))
    return rows.sort("start")[column].to_list()


def period(table: pl.DataFrame, indicator: str, area: str, name: str) -> dict[str, Any]:
    rows = table.filter(
        (pl.col("indicator") == indicator) & (pl.col("area") == area) & (pl.col("period") == name)
    )
    assert rows.height == 1
    return rows.row(0, named=True)


def test_the_table_keeps_its_contract(table: pl.DataFrame) -> None:
    check_table(table, load_table_contract("indicators"), "made")


def test_every_day_has_a_row_with_a_value_or_a_mark(table: pl.DataFrame) -> None:
    for area in "ABC":
        assert daily(table, "HM-I1", area, "start") == DAYS
    assert table.filter(pl.col("value").is_null() == pl.col("mark").is_null()).is_empty()
    assert table.filter(pl.col("area") == "D").is_empty()


def test_daily_values_are_those_of_the_source(table: pl.DataFrame) -> None:
    assert daily(table, "HM-I1", "A", "value") == [-10.0] * 7 + [None] * 7
    assert daily(table, "HM-I1", "B", "value") == [-20.0] * 7 + [-40.0] * 7
    assert daily(table, "HM-I1", "C", "value") == [None] + [0.0] * 6 + [8.0, None] + [8.0] * 5


def test_a_mark_says_why_a_day_has_no_value(table: pl.DataFrame) -> None:
    assert daily(table, "HM-I1", "A", "mark") == [None] * 7 + ["x"] * 7
    assert daily(table, "HM-I1", "C", "mark") == ["u"] + [None] * 7 + ["x"] + [None] * 5


def test_england_is_weighted_by_the_people_of_districts_with_a_value(table: pl.DataFrame) -> None:
    expected = [
        -17.5,  # A and B: (100 x -10 + 300 x -20) / 400
        *[-8.75] * 6,  # with C: -7,000 / 800
        -12.571,  # B and C: (300 x -40 + 400 x 8) / 700
        -40.0,  # B alone
        *[-12.571] * 5,
    ]
    assert daily(table, "HM-I2", ENGLAND, "value") == expected
    assert daily(table, "HM-I2", ENGLAND, "n") == [2, 3, 3, 3, 3, 3, 3, 2, 1, 2, 2, 2, 2, 2]
    assert daily(table, "HM-I2", ENGLAND, "coverage")[:2] == [0.4, 0.8]


def test_regions_are_weighted_within(table: pl.DataFrame) -> None:
    assert daily(table, "HM-I3", NORTH, "value") == [-17.5] * 7 + [-40.0] * 7
    assert daily(table, "HM-I3", NORTH, "coverage") == [1.0] * 7 + [0.75] * 7
    assert daily(table, "HM-I3", SOUTH, "value") == [None] + [0.0] * 6 + [8.0, None] + [8.0] * 5
    assert daily(table, "HM-I3", SOUTH, "mark") == ["x"] + [None] * 7 + ["x"] + [None] * 5
    assert daily(table, "HM-I3", SOUTH, "n") == [0] + [1] * 7 + [0] + [1] * 5


@pytest.mark.parametrize(
    ("area", "name", "value", "n", "days", "mark", "note"),
    [
        ("A", "both", -10.0, 7, 14, None, None),
        ("A", "first", -10.0, 7, 7, None, None),
        ("A", "second", None, 0, 7, "x", "Mon Tue Wed Thu Fri Sat Sun"),
        ("B", "both", -30.0, 14, 14, None, None),
        ("B", "second", -40.0, 7, 7, None, None),
        ("C", "first", None, 6, 7, "u", "Mon"),
        # Monday 8, Tuesday 0, the others the middle of 0 and 8
        ("C", "both", 4.0, 12, 14, None, None),
    ],
)
def test_period_values_of_a_district(
    table: pl.DataFrame,
    area: str,
    name: str,
    value: float | None,
    n: int,
    days: int,
    mark: str | None,
    note: str | None,
) -> None:
    row = period(table, "HM-I4", area, name)
    assert (row["value"], row["n"], row["days"], row["mark"], row["note"]) == (
        *(value, n, days, mark, note),
    )


def test_a_period_ends_with_the_data(table: pl.DataFrame) -> None:
    row = period(table, "HM-I4", "B", "second")
    assert (row["start"], row["end"]) == (date(2020, 6, 8), date(2020, 6, 14))
    assert "never" not in table["period"].to_list()


def test_comparators_rest_on_the_days_of_the_district(table: pl.DataFrame) -> None:
    # The North over both weeks is -17.5 then -40: A has the first week only.
    assert period(table, "HM-I5", "A", "both")["value"] == -17.5
    assert period(table, "HM-I5", "B", "both")["value"] == -28.75
    assert period(table, "HM-I5", "A", "both")["n"] == 7
    # England on A's days: Monday -17.5, else -8.75, each a seventh.
    assert period(table, "HM-I6", "A", "both")["value"] == -10.0
    # On B's: Monday the middle of -17.5 and -12.571, Tuesday of -8.75 and -40, the others of
    # -8.75 and -12.571: (-15.0355 - 24.375 - 5 x 10.6605) / 7
    assert period(table, "HM-I6", "B", "both")["value"] == -13.245
    own = period(table, "HM-I6", "C", "first")
    assert (own["value"], own["mark"], own["n"]) == (None, "u", 6)


def test_a_comparator_of_days_that_a_district_lacks_has_no_row(table: pl.DataFrame) -> None:
    rows = table.filter((pl.col("area") == "A") & (pl.col("period") == "second"))
    assert rows["indicator"].to_list() == ["HM-I4"]


def test_how_an_area_was_reached_is_never_flattered(table: pl.DataFrame) -> None:
    assert set(daily(table, "HM-I1", "C", "match")) == {"best_fit"}
    assert set(daily(table, "HM-I1", "A", "match")) == {"exact"}
    mixed = HARMONISED.with_columns(
        match=pl.when((pl.col("area") == "B") & (pl.col("date") == MONDAY))
        .then(pl.lit("best_fit"))
        .otherwise("match")
    )
    again = indicators({"google_mobility": mixed}, AREAS, PERIODS)
    assert period(again, "HM-I4", "B", "both")["match"] == "best_fit"
    assert daily(again, "HM-I1", "B", "match")[0] == "best_fit"


def test_the_order_of_rows_makes_no_difference(table: pl.DataFrame) -> None:
    key = load_table_contract("indicators").key
    shuffled = HARMONISED.sample(fraction=1.0, shuffle=True, seed=1)
    again = indicators({"google_mobility": shuffled}, AREAS.reverse(), PERIODS.reverse())
    assert again.sort(key).equals(table.sort(key))
