"""What must hold of every conversion between every two vintages."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import combinations, cycle, product
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fuzz.effort import examples
from lds.geography import Register, convert_frame, population_weights
from lds.geography.conversion.crosswalk import Crosswalk, build_crosswalk
from lds.geography.conversion.engine import Conversion
from lds.geography.conversion.kinds import find_kind

REGISTER = Register.load()
CHANGES = REGISTER.changes.filter(pl.col("kind") != "rename")["date"].unique().sort().to_list()
VINTAGES = [REGISTER.complete_from, *CHANGES]
"""One day of every state that the LADs were in."""
FIRST_WEIGHTED = date(2009, 4, 1)
PAIRS = list(product(VINTAGES, VINTAGES))
BOTH_WAYS = st.tuples(st.sampled_from(VINTAGES), st.sampled_from(VINTAGES))
FORWARD = BOTH_WAYS.map(sorted)
WITHOUT_SHRINKING = [Phase.explicit, Phase.generate]
COUNTS = st.integers(0, 10**9)
SMALL = settings(examples(12), phases=WITHOUT_SHRINKING)


@cache
def live(day: date) -> list[str]:
    return REGISTER.live_on(day)["code"].to_list()


@cache
def crosswalk(to: date, kind: str = "count") -> Crosswalk:
    return build_crosswalk(REGISTER, to, find_kind(kind), population_weights(REGISTER))


def run(frame: pl.DataFrame, to: date, kind: str = "count", **options: Any) -> Conversion:
    return convert_frame(frame, REGISTER, to=to, kind=kind, **options)


def frame(values: dict[str, Any]) -> pl.DataFrame:
    schema = {"from_code": pl.String, "value": pl.Int64}
    return pl.DataFrame(list(values.items()), schema=schema, orient="row")


def test_the_vintages_are_those_of_the_specification() -> None:
    years = [2009, 2012, 2013, 2019, 2020, 2021, 2023, 2025]
    assert [date(2009, 1, 1), *(date(year, 4, 1) for year in years)] == VINTAGES
    assert [len(live(day)) for day in VINTAGES] == [354, 326, 326, 326, 317, 314, 309, 296, 296]


@pytest.mark.parametrize(("start", "to"), PAIRS)
def test_shares_of_each_source_run_from_nothing_to_all(start: date, to: date) -> None:
    pairs = crosswalk(to).usable.filter(pl.col("from_code").is_in(live(start)))
    shares = pairs.with_columns(share=pl.col("share_after") - pl.col("share_before"))
    assert (shares["share"] >= 0).all()
    ends = shares.group_by("from_code").agg(
        pl.col("share_before").min(), pl.col("share_after").max(), pl.col("share").sum()
    )
    assert (ends["share_before"] == 0).all()
    assert (ends["share_after"] == 1).all()
    assert ((ends["share"] - 1).abs() < 1e-12).all()
    lost = set(live(start)) - set(pairs["from_code"])
    # Only what was merged in April 2009 has no weights to go back by.
    assert (to < FIRST_WEIGHTED <= start) or not lost
    assert set(pairs["to_code"]) <= set(live(to))


@pytest.mark.parametrize(("start", "to"), PAIRS)
def test_every_area_is_reached_in_full_and_only_once(start: date, to: date) -> None:
    both = pl.concat([crosswalk(to).usable, crosswalk(to).refused])
    pairs = both.filter(pl.col("from_code").is_in(live(start)))
    reached = pairs.group_by("to_code").agg(pl.col("covers").sum(), pl.col("whole").first())
    assert reached["to_code"].sort().to_list() == live(to)
    assert (reached["covers"] == reached["whole"]).all()


@SMALL
@given(days=FORWARD, data=st.data())
def test_counts_are_conserved_exactly_forward(days: list[date], data: st.DataObject) -> None:
    start, to = days
    codes = data.draw(st.sets(st.sampled_from(live(start)), min_size=1, max_size=40))
    values = {code: data.draw(COUNTS) for code in sorted(codes)}
    made = run(frame(values), to, absent="zero")
    assert made.table["value"].sum() == sum(values.values())
    assert made.table.schema["value"] == pl.Int64


@SMALL
@given(days=BOTH_WAYS, data=st.data())
def test_totals_agree_in_every_direction(days: tuple[date, date], data: st.DataObject) -> None:
    start, to = days
    codes = data.draw(st.sets(st.sampled_from(live(start)), min_size=1, max_size=40))
    values = {code: data.draw(st.one_of(st.none(), COUNTS)) for code in sorted(codes)}
    totals = run(frame(values), to).account.totals["value"]
    assert int(totals["before"]) == sum(value or 0 for value in values.values())
    assert int(totals["before"]) == sum(
        int(totals[name]) for name in ("after", "incomplete", "not_convertible", "without_code")
    )


@SMALL
@given(start=st.sampled_from(VINTAGES[1:]), to=st.sampled_from(VINTAGES[1:]), data=st.data())
def test_there_and_back_conserves_the_parts_of_every_source(
    start: date, to: date, data: st.DataObject
) -> None:
    codes = data.draw(st.sets(st.sampled_from(live(start)), min_size=1, max_size=25))
    values = {code: data.draw(COUNTS) for code in sorted(codes)}
    there = run(frame(values), to, absent="zero").table
    back = run(there.select(from_code="area", value="value"), start, absent="zero").table
    assert back["value"].sum() == pytest.approx(sum(values.values()), abs=1e-3)
    # Where every step was exact in both directions, each value is what it was.
    one_to_one = {
        row[0]
        for row in crosswalk(to).usable.filter(pl.col("covers") == pl.col("whole")).rows()
        if row[0] in codes
    } & set(
        crosswalk(start)
        .usable.filter(pl.col("from_code").is_in(there["area"].to_list()))
        .filter(pl.len().over("from_code") == 1)["to_code"]
    )
    again = dict(back.select("area", "value").iter_rows())
    assert {code: again[code] for code in one_to_one} == {code: values[code] for code in one_to_one}


FORWARDS = list(combinations(VINTAGES, 2))
OTHER_KINDS = zip(FORWARDS[::3], cycle(("category", "median", "change", "mean")), strict=False)
IN_TURN = [
    *((start, to, "count") for start, to in FORWARDS),
    *((start, to, kind) for (start, to), kind in OTHER_KINDS),
]
"""Counts between every two vintages, and each other kind between three pairs of them."""
EXACT_RECODES = {"E07000025": "E06000053", "E07000002": "E06000055"}


@pytest.mark.parametrize(("start", "to", "kind"), IN_TURN)
def test_the_round_trip_of_an_exact_conversion_is_the_identity(
    start: date, to: date, kind: str
) -> None:
    options = {"minimum_coverage": 0.8} if kind == "change" else {}
    unchanged = sorted(set(live(start)) & set(live(to)))[::40]
    recoded = [old for old, new in EXACT_RECODES.items() if old in live(start) and new in live(to)]
    values = {code: n for n, code in enumerate([*unchanged, *recoded])}
    rows = frame(values).with_columns(n=pl.lit(3))
    rows = rows if kind == "mean" else rows.drop("n")
    there = run(rows, to, kind, **options).table
    assert there["match"].unique().to_list() == ["exact"]
    again = there.select(pl.col("area").alias("from_code"), *rows.columns[1:])
    back = run(again, start, kind, **options).table
    assert dict(back.select("area", "value").iter_rows()) == values


@SMALL
@given(days=BOTH_WAYS, data=st.data())
def test_what_is_missing_stays_missing(days: tuple[date, date], data: st.DataObject) -> None:
    start, to = days
    code = data.draw(st.sampled_from(live(start)))
    values = dict.fromkeys(live(start), 1) | {code: None}
    table = run(frame(values), to).table
    touched = pl.col("from_codes").str.contains(code)
    assert table.filter(touched)["value"].null_count() == table.filter(touched).height > 0
    missing = table.filter(~touched & pl.col("value").is_null())
    assert set(missing["match"]) <= {"not_convertible"}


@SMALL
@given(
    days=BOTH_WAYS, seed=st.integers(0, 1000), kind=st.sampled_from(["count", "mean", "category"])
)
def test_the_order_of_rows_makes_no_difference(
    days: tuple[date, date], seed: int, kind: str
) -> None:
    start, to = days
    rows = pl.DataFrame({"from_code": live(start)}).with_columns(
        value=(pl.int_range(pl.len()) * 7919 % 101) / 7, n=pl.int_range(pl.len()) % 5 + 1
    )
    if kind != "mean":
        rows = rows.drop("n")
    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    assert run(rows, to, kind).table.equals(run(shuffled, to, kind).table)


@SMALL
@given(days=BOTH_WAYS, data=st.data())
def test_a_rate_or_mean_never_leaves_the_range_of_its_parts(
    days: tuple[date, date], data: st.DataObject
) -> None:
    start, to = days
    merged = crosswalk(to).usable.filter(
        pl.col("from_code").is_in(live(start)), pl.col("from_code") != pl.col("to_code")
    )
    codes = merged["from_code"].unique().sort().to_list() or live(start)[:3]
    numbers = [
        (code, data.draw(st.integers(0, 10**6)), data.draw(st.integers(1, 10**6)))
        for code in codes[:12]
    ]
    columns = ["from_code", "numerator", "denominator"]
    given_rates = pl.DataFrame(numbers, schema=columns, orient="row")
    rates = run(given_rates, to, "rate", absent="zero").table.drop_nulls("value")
    own = {code: upper / lower for code, upper, lower in numbers}
    for value, from_codes in rates.select("value", "from_codes").iter_rows():
        parts = [own[code] for code in from_codes.split(" ")]
        assert min(parts) <= value <= max(parts)
    means = run(
        pl.DataFrame(numbers, schema=["from_code", "value", "n"], orient="row"), to, "mean"
    ).table.drop_nulls("value")
    own = {code: float(value) for code, value, _ in numbers}
    for value, from_codes in means.select("value", "from_codes").iter_rows():
        parts = [own[code] for code in from_codes.split(" ")]
        assert min(parts) <= value <= max(parts)


@pytest.mark.parametrize(("start", "to"), FORWARDS)
def test_two_steps_forward_give_what_one_gives(start: date, to: date) -> None:
    kind = "count" if start.year % 2 else "category"
    middle = VINTAGES[(VINTAGES.index(start) + VINTAGES.index(to)) // 2]
    values = frame({code: n % 4 for n, code in enumerate(live(start))})
    if kind == "category":
        values = values.with_columns(value=pl.lit(3))
    direct = run(values, to, kind).table
    there = run(values, middle, kind).table
    second = run(there.select(from_code="area", value="value"), to, kind).table
    assert second.select("area", "value").equals(direct.select("area", "value"))
