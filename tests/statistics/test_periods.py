from __future__ import annotations

import random
import statistics
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lds.statistics.periods import (
    centred_mean,
    period_days,
    plain_median,
    weekday_medians,
    weekday_standardised_median,
)

MONDAY = date(2020, 6, 1)
WINDOW = (date(2020, 1, 1), date(2020, 12, 31))


def days_of(*spans: tuple[str, date, date]) -> pl.DataFrame:
    periods = pl.DataFrame(list(spans), schema=["id", "start", "end"], orient="row")
    return period_days(periods, WINDOW)


def four_weeks() -> pl.DataFrame:
    return days_of(("p", MONDAY, MONDAY + timedelta(days=28)))


def series(values: dict[int, float | None]) -> pl.DataFrame:
    """Return a series of one area with values on days counted from Monday 1 June 2020."""
    return pl.DataFrame(
        [("A", MONDAY + timedelta(days=day), value) for day, value in values.items()],
        schema={"area": pl.String, "date": pl.Date, "value": pl.Float64},
        orient="row",
    )


def median(values: dict[int, float | None], days: pl.DataFrame) -> dict[str, object]:
    table = weekday_standardised_median(series(values), days, ["area"])
    assert table.height == 1
    return table.row(0, named=True)


def test_the_days_of_a_period_are_clipped_to_the_window() -> None:
    periods = pl.DataFrame(
        [
            ("before", date(2019, 1, 1), date(2020, 1, 2)),
            ("early", date(2019, 12, 30), date(2020, 1, 3)),
            ("late", date(2020, 12, 31), date(2021, 2, 1)),
            ("after", date(2021, 1, 1), date(2021, 2, 1)),
            ("gone", date(2019, 1, 1), date(2020, 1, 1)),
        ],
        schema=["id", "start", "end"],
        orient="row",
    )
    first, last = date(2020, 1, 1), date(2020, 12, 31)
    assert period_days(periods, WINDOW).rows() == [
        ("before", first, 3, first, first, 1),
        ("early", first, 3, first, date(2020, 1, 2), 2),
        ("early", date(2020, 1, 2), 4, first, date(2020, 1, 2), 2),
        ("late", last, 4, last, last, 1),
    ]


def test_the_last_day_of_a_period_is_the_day_before_its_end() -> None:
    days = days_of(("p", MONDAY, MONDAY + timedelta(days=7)), ("q", MONDAY, MONDAY))
    assert days["period"].to_list() == ["p"] * 7
    assert days["weekday"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert days["end"].max() == date(2020, 6, 7)


def test_weekday_shares_by_hand() -> None:
    # Monday to the Tuesday of the next week: two Mondays and Tuesdays, one of the others.
    days = days_of(("p", MONDAY, MONDAY + timedelta(days=9)))
    values: dict[int, float | None] = {
        **{0: 10, 7: 20, 1: 0, 8: None, 2: 1, 3: 2, 4: 3, 5: 60, 6: 70}
    }
    # (2 x 15 + 2 x 0 + 1 + 2 + 3 + 60 + 70) / 9 = 166 / 9
    assert median(values, days) == {
        "area": "A",
        "period": "p",
        "start": MONDAY,
        "end": date(2020, 6, 9),
        "days": 9,
        "n": 8,
        "value": 18.444,
        "missing_weekdays": None,
    }


def test_a_missing_weekday_leaves_the_sum_of_weights() -> None:
    days = days_of(("p", MONDAY, MONDAY + timedelta(days=9)))
    row = median({0: 10, 7: 20, 2: 1, 3: 2, 4: 3, 5: 60, 6: 70}, days)
    # (2 x 15 + 1 + 2 + 3 + 60 + 70) / 7
    assert (row["value"], row["n"], row["missing_weekdays"]) == (23.714, 7, "Tue")


def test_weekends_alone_do_not_pull_the_estimate() -> None:
    # Parks: every weekend day, two Mondays. A plain median would be 50.
    values: dict[int, float | None] = {day: 50.0 for day in (5, 6, 12, 13, 19, 20, 26, 27)}
    values |= {0: -10.0, 7: -10.0}
    row = median(values, four_weeks())
    assert row["value"] == 30.0
    assert row["missing_weekdays"] == "Tue Wed Thu Fri"


@pytest.mark.parametrize(
    ("valid", "enough"),
    [
        ([0, 7, 14, 1, 8, 15, 5], True),
        ([0, 7, 14, 1, 8, 5], False),
        ([0, 7, 14, 21, 5, 12, 19, 26], False),
        ([0, 7, 14, 21, 1, 8, 15, 22, 2], False),
        ([5, 12, 19, 26, 6, 13, 20, 27], False),
        ([5, 12, 19, 26, 6, 13, 0], True),
        ([0, 1, 2, 3, 4, 5, 6], True),
    ],
    ids=[
        *("seven days", "six days", "two weekdays", "no weekend day", "no working day"),
        *("one working day", "one week"),
    ],
)
def test_the_rule_at_its_bounds(valid: list[int], enough: bool) -> None:
    row = median({day: (1.0 if day in valid else None) for day in range(28)}, four_weeks())
    assert row["n"] == len(valid)
    assert row["value"] == (1.0 if enough else None)


def test_a_period_without_a_weekend_day_needs_none() -> None:
    days = pl.concat(
        [
            days_of(("p", MONDAY + timedelta(days=7 * week), MONDAY + timedelta(days=7 * week + 5)))
            for week in range(2)
        ]
    ).with_columns(start=pl.lit(MONDAY), end=pl.lit(date(2020, 6, 12)), days=pl.lit(10))
    row = median({day: 2.0 for day in (0, 1, 2, 7, 8, 9, 10)}, days.cast({"days": pl.Int64}))
    assert row["value"] == 2.0


def test_a_day_outside_every_period_counts_for_none() -> None:
    values: dict[int, float | None] = {day: 1.0 for day in range(7)}
    days = days_of(("p", MONDAY, MONDAY + timedelta(days=7)))
    assert median({**values, 7: 99.0, -1: 99.0}, days)["value"] == 1.0


def test_a_day_counts_in_each_of_two_nested_periods() -> None:
    days = days_of(
        ("long", MONDAY, MONDAY + timedelta(days=14)),
        ("short", MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)),
    )
    values = {day: (0.0 if day < 7 else 10.0) for day in range(14)}
    table = weekday_standardised_median(series(values), days, ["area"])
    assert table.select("period", "value", "n").rows() == [("long", 5.0, 14), ("short", 10.0, 7)]


def test_ties_and_even_counts_take_the_middle() -> None:
    values: dict[int, float | None] = {day: -3.0 for day in range(28)}
    values |= {0: -10.0, 7: -10.0, 14: -4.0, 21: 100.0}
    # Monday: the middle of -10 and -4 is -7; (-7 - 6 x 3) / 7
    assert median(values, four_weeks())["value"] == -3.571


def brute_force(values: dict[date, float], first: date, last: date) -> float | None:
    calendar = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    by_weekday: dict[int, list[float]] = {}
    for day in calendar:
        if day in values:
            by_weekday.setdefault(day.weekday(), []).append(values[day])
    needs_weekend = any(day.weekday() > 4 for day in calendar)
    if (
        sum(map(len, by_weekday.values())) < 7
        or len(by_weekday) < 3
        or min(by_weekday) > 4
        or (needs_weekend and max(by_weekday) < 5)
    ):
        return None
    weights = {each: sum(day.weekday() == each for day in calendar) for each in by_weekday}
    total = sum(weights[each] * statistics.median(by_weekday[each]) for each in by_weekday)
    return total / sum(weights.values())


@settings(max_examples=150, deadline=None)
@given(
    values=st.dictionaries(st.integers(-3, 50), st.integers(-100_000, 300_000), min_size=1),
    start=st.integers(0, 20),
    length=st.integers(1, 30),
    seed=st.integers(0, 3),
)
def test_against_a_loop_in_any_order(
    values: dict[int, int], start: int, length: int, seed: int
) -> None:
    first = MONDAY + timedelta(days=start)
    last = first + timedelta(days=length - 1)
    daily = series({day: value / 1_000 for day, value in values.items()})
    days = days_of(("p", first, last + timedelta(days=1)))
    table = weekday_standardised_median(daily, days, ["area"])
    order = random.Random(seed).sample(range(daily.height), daily.height)
    assert table.equals(weekday_standardised_median(daily[order], days, ["area"]))
    inside = {
        MONDAY + timedelta(days=day): value / 1_000
        for day, value in values.items()
        if first <= MONDAY + timedelta(days=day) <= last
    }
    if not inside:
        assert table.is_empty()
        return
    expected = brute_force(inside, first, last)
    assert table["n"].to_list() == [len(inside)]
    if expected is None:
        assert table["value"].to_list() == [None]
    else:
        assert table["value"][0] == pytest.approx(expected, abs=0.00051)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4, 5, 6, 7], [None, 3.0, 3.5, 4.0, 4.5, 5.0, None]),
        ([1, None, 3, 4, 5, 6, 7], [None, None, 3.8, 4.333, 5.0, 5.0, None]),
        ([1, None, None, 4, 5, 6, 7], [None, None, None, 4.6, None, None, None]),
        ([None] * 7, [None] * 7),
    ],
)
def test_a_centred_mean_leaves_gaps_and_ends_open(
    values: list[float | None], expected: list[float | None]
) -> None:
    smooth = centred_mean(series(dict(enumerate(values))), ["area"], window=7, at_least=5)
    assert smooth["smooth"].to_list() == expected


def test_a_centred_mean_stays_within_its_area() -> None:
    one, two = series(dict.fromkeys(range(7), 1.0)), series(dict.fromkeys(range(7), 9.0))
    both = pl.concat([one, two.with_columns(area=pl.lit("B"))])
    smooth = centred_mean(both, ["area"], window=7, at_least=4)["smooth"].to_list()
    assert smooth == [1.0] * 7 + [9.0] * 7


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0], 2.0),  # 1.5: half to the even neighbour
        ([2.0, 3.0], 2.0),
        ([-3.0, -2.0], -2.0),
        ([-4.0, -3.0], -4.0),
        ([5.0, 1.0, 9.0], 5.0),
        ([7.0], 7.0),
        ([None, 7.0, 8.0], 8.0),
        ([None], None),
    ],
)
def test_plain_medians_are_whole_and_need_no_minimum(
    values: list[float | None], expected: float | None
) -> None:
    table = plain_median(series(dict(enumerate(values))), four_weeks(), ["area"])
    assert table["value"].to_list() == [expected]
    assert table["n"].to_list() == [sum(value is not None for value in values)]


@given(st.lists(st.integers(-100, 300), min_size=1, max_size=28))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_plain_medians_beside_the_standard_library(values: list[int]) -> None:
    table = plain_median(series(dict(enumerate(map(float, values)))), four_weeks(), ["area"])
    assert table["value"].to_list() == [round(statistics.median(values))]


def test_medians_of_days_of_the_week() -> None:
    # Four Mondays 1, 2, 3, 10; three Tuesdays 4, 6, 5; two Wednesdays; no Thursday has a value.
    values: dict[int, float | None] = {0: 1, 7: 2, 14: 3, 21: 10, 1: 4, 8: 6, 15: 5, 22: None}
    values |= {2: 7, 9: 8, 3: None}
    table = weekday_medians(series(values), four_weeks(), ["area"])
    assert table.select("weekday", "days", "n", "value").rows() == [
        ("Mon", 4, 4, 2.5),
        ("Tue", 4, 3, 5.0),
        ("Wed", 4, 2, None),
        ("Thu", 4, 0, None),
        ("Fri", 4, 0, None),
        ("Sat", 4, 0, None),
        ("Sun", 4, 0, None),
    ]


def test_a_short_period_has_only_its_own_days_of_the_week() -> None:
    days = days_of(("p", MONDAY, MONDAY + timedelta(days=2)))
    assert weekday_medians(series({0: 1.0}), days, ["area"])["weekday"].to_list() == ["Mon", "Tue"]
