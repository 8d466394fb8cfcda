from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from lds.areas import CUSTOM, LAD
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
).with_columns(kind=pl.lit(LAD))
PERIODS = pl.DataFrame(
    [
        ("both", MONDAY, date(2020, 6, 15)),
        ("first", MONDAY, date(2020, 6, 8)),
        ("second", date(2020, 6, 8), date(2020, 7, 1)),
        ("never", date(2020, 8, 1), date(2020, 9, 1)),
    ],
    schema=["id", "start", "end"],
    orient="row",
).with_columns(
    # As first published, both weeks ended a day early.
    first_published_start=pl.col("start"),
    first_published_end=pl.col("end") - pl.duration(days=(pl.col("id") == "both").cast(pl.Int64)),
)
HOLIDAYS = pl.DataFrame(
    [
        ("whit", "Whit Monday", MONDAY),
        ("gone", "A year before", date(2019, 6, 4)),
        ("summer", "Summer", DAYS[8]),
    ],
    schema=["id", "name", "date"],
    orient="row",
)
RESOURCES = {"policy_periods": PERIODS, "bank_holidays": HOLIDAYS}
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


# A stayed in tier 2. B was made from parts in tiers 3 and 4. C has no tier.
TIERS = pl.DataFrame(
    [
        ("A", MONDAY, "tier", 2.0, 1.0, 1, "A", "2", "exact"),
        ("B", MONDAY, "tier", 4.0, 0.7, 2, "B1 B2", "3 4", "best_fit"),
        ("D", MONDAY, "tier", 2.0, 1.0, 1, "D", "2", "exact"),
        ("A", DAYS[1], "tier", 5.0, 1.0, 1, "A", "5", "exact"),
    ],
    schema={
        **{name: SCHEMA[name] for name in ("area", "date", "measure", "value", "coverage")},
        **{"parts": pl.Int64, "from_codes": pl.String, "labels": pl.String, "match": pl.String},
    },
    orient="row",
)


def made(mobility: pl.DataFrame = HARMONISED, areas: pl.DataFrame = AREAS) -> pl.DataFrame:
    return indicators({"google_mobility": mobility, "lockdown_tiers": TIERS}, areas, RESOURCES)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return made()


def test_custom_areas_have_rows_and_no_share_in_comparators(table: pl.DataFrame) -> None:
    # One in the north, with A's values, and one in both regions, with C's.
    custom = pl.concat(
        HARMONISED.filter(pl.col("area") == like).with_columns(area=pl.lit(code))
        for code, like in (("X1", "A"), ("X2", "C"))
    )
    extra = pl.DataFrame(
        [("X1", NORTH, 10_000, CUSTOM), ("X2", None, 10_000, CUSTOM)],
        schema=AREAS.schema,
        orient="row",
    )
    found = made(pl.concat([HARMONISED, custom]), pl.concat([AREAS, extra]))
    keys = load_table_contract("indicators").key
    is_custom = pl.col("area").is_in(["X1", "X2"])
    assert found.filter(~is_custom).sort(keys).equals(table.sort(keys))
    for code, like in (("X1", "A"), ("X2", "C")):
        own, other = (
            frame.filter(
                pl.col("area") == area,
                pl.col("comparator") != "region",
                pl.col("measure") == "parks",
            )
            .drop("area")
            .sort([key for key in keys if key != "area"])
            for frame, area in ((found, code), (table, like))
        )
        assert own.height > 0
        assert own.equals(other)
    voices = found.filter(is_custom).group_by("area").agg(pl.col("comparator").unique().sort())
    assert dict(voices.iter_rows()) == {
        "X1": ["england", "region", "self"],
        "X2": ["england", "self"],
    }


def daily(table: pl.DataFrame, indicator: str, area: str, column: str) -> list[Any]:
    rows = table.filter((pl.col("indicator") == indicator) & (pl.col("area") == area))
    return rows.sort("start")[column].to_list()


def period(
    table: pl.DataFrame, indicator: str, area: str, name: str, statistic: str = "median_change"
) -> dict[str, Any]:
    rows = table.filter(
        (pl.col("indicator") == indicator)
        & (pl.col("statistic") == statistic)
        & (pl.col("area") == area)
        & (pl.col("period") == name)
    )
    assert rows.height == 1
    return rows.row(0, named=True)


def test_the_table_keeps_its_contract(table: pl.DataFrame) -> None:
    check_table(table, load_table_contract("indicators"), "made")


def test_every_day_has_a_row_with_a_value_or_a_mark(table: pl.DataFrame) -> None:
    for area in "ABC":
        assert daily(table, "HM-I1", area, "start") == DAYS
    assert table.filter(pl.col("value").is_null() == pl.col("mark").is_null()).is_empty()
    assert table.filter(pl.col("area") == "D")["indicator"].to_list() == ["HM-I9"]


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
    assert sorted(rows["indicator"].unique()) == ["HM-I4", "HM-I8"]
    assert set(rows["comparator"]) == {"self"}


def test_how_an_area_was_reached_is_never_flattered(table: pl.DataFrame) -> None:
    assert set(daily(table, "HM-I1", "C", "match")) == {"best_fit"}
    assert set(daily(table, "HM-I1", "A", "match")) == {"exact"}
    mixed = HARMONISED.with_columns(
        match=pl.when((pl.col("area") == "B") & (pl.col("date") == MONDAY))
        .then(pl.lit("best_fit"))
        .otherwise("match")
    )
    again = made(mixed)
    assert period(again, "HM-I4", "B", "both")["match"] == "best_fit"
    assert daily(again, "HM-I1", "B", "match")[0] == "best_fit"


def test_the_order_of_rows_makes_no_difference(table: pl.DataFrame) -> None:
    key = load_table_contract("indicators").key
    shuffled = HARMONISED.sample(fraction=1.0, shuffle=True, seed=1)
    again = made(shuffled, AREAS.reverse())
    assert again.sort(key).equals(table.sort(key))


def test_bank_holidays_are_found_by_date(table: pl.DataFrame) -> None:
    rows = table.filter(pl.col("indicator") == "HM-I7").sort("area", "start")
    assert rows.select("area", "breakdown", "start", "value").rows() == [
        ("A", "whit", MONDAY, -10.0),
        ("A", "summer", DAYS[8], None),
        ("B", "whit", MONDAY, -20.0),
        ("B", "summer", DAYS[8], -40.0),
        ("C", "whit", MONDAY, None),
        ("C", "summer", DAYS[8], None),
        (NORTH, "whit", MONDAY, -17.5),
        (NORTH, "summer", DAYS[8], -40.0),
        (SOUTH, "whit", MONDAY, None),
        (SOUTH, "summer", DAYS[8], None),
        (ENGLAND, "whit", MONDAY, -17.5),
        (ENGLAND, "summer", DAYS[8], -40.0),
    ]
    assert set(rows["period"]) == {"bank_holiday"}
    assert rows.filter(pl.col("area") == "C")["mark"].to_list() == ["u", "x"]


def test_medians_by_day_of_the_week_need_three_of_them(table: pl.DataFrame) -> None:
    rows = table.filter((pl.col("indicator") == "HM-I8") & (pl.col("period") == "both"))
    assert rows.filter(pl.col("value").is_not_null()).is_empty()
    assert rows.filter((pl.col("area") == "A") & (pl.col("breakdown") == "tue")).select(
        "comparator", "n", "days", "mark"
    ).sort("comparator").rows() == [
        ("england", 1, 2, "u"),
        ("region", 1, 2, "u"),
        ("self", 1, 2, "u"),
    ]


def test_medians_by_day_of_the_week_with_comparators_on_the_same_days() -> None:
    # Six weeks of A and B. A lacks the third to sixth Tuesdays, B has all days.
    days = [MONDAY + timedelta(days=day) for day in range(42)]
    tuesdays = [day for day in days if day.isoweekday() == 2]
    rows = [
        row
        for week, day in enumerate(tuesdays)
        for row in (
            *rows_of("A", 10.0 * week if week in (0, 1, 5) else None, [day]),
            *rows_of("B", -6.0 * week, [day]),
        )
    ]
    periods = pl.DataFrame(
        [("six", MONDAY, MONDAY + timedelta(days=42))], schema=["id", "start", "end"], orient="row"
    ).with_columns(first_published_start="start", first_published_end="end")
    table = indicators(
        {
            "google_mobility": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
            "lockdown_tiers": TIERS,
        },
        AREAS,
        RESOURCES | {"policy_periods": periods},
    ).filter((pl.col("indicator") == "HM-I8") & (pl.col("breakdown") == "tue"))
    # A: 0, 10, 50. The North on these days: (100 A + 300 B) / 400 = 0, -2, -10.
    a = table.filter(pl.col("area") == "A").sort("comparator")
    assert a.select("comparator", "value", "n", "days").rows() == [
        ("england", -2.0, 3, 6),
        ("region", -2.0, 3, 6),
        ("self", 10.0, 3, 6),
    ]
    # B: 0, -6, ..., -30. The North on all six: with A 0, -2, -10; alone -12, -18, -24.
    b = table.filter((pl.col("area") == "B") & (pl.col("comparator") == "region"))
    assert b["value"].to_list() == [-11.0]


def test_medians_as_first_published_keep_their_own_periods(table: pl.DataFrame) -> None:
    row = period(table, "HM-I4", "B", "both", "plain_median_change")
    # Seven days of -20 and six of -40; the new value stands between the two weeks.
    assert (row["value"], row["n"], row["end"]) == (-20.0, 13, DAYS[12])
    assert period(table, "HM-I4", "B", "both")["value"] == -30.0
    few = period(table, "HM-I4", "C", "first", "plain_median_change")
    assert (few["value"], few["n"], few["mark"]) == (0.0, 6, None)


def test_tiers_of_districts(table: pl.DataFrame) -> None:
    rows = table.filter(pl.col("statistic") == "tier").sort("area", "start")
    assert rows.select("area", "start", "value", "note", "coverage", "match").rows() == [
        ("A", MONDAY, 2.0, None, 1.0, "exact"),
        ("A", DAYS[1], 5.0, None, 1.0, "exact"),
        ("B", MONDAY, 4.0, "3 4", 0.7, "best_fit"),
        ("D", MONDAY, 2.0, None, 1.0, "exact"),
    ]


def test_people_by_tier(table: pl.DataFrame) -> None:
    rows = table.filter(
        (pl.col("statistic") == "population_share") & (pl.col("start") == MONDAY)
    ).sort("area", "breakdown")
    assert rows.filter(pl.col("value") > 0).select("area", "breakdown", "value", "n").rows() == [
        (NORTH, "tier_2", 25.0, 1),
        (NORTH, "tier_4", 75.0, 1),
        (SOUTH, "tier_2", 100.0, 1),
        (ENGLAND, "tier_2", 50.0, 2),
        (ENGLAND, "tier_4", 50.0, 1),
    ]
    assert rows.group_by("area").agg(pl.col("value").sum())["value"].to_list() == [100.0] * 3
