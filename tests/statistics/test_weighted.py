from __future__ import annotations

import random
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lds.statistics.weighted import population_weighted_mean

SCHEMA = {
    "region": pl.String,
    "day": pl.Int64,
    "value": pl.Float64,
    "population": pl.Int64,
}


def frame(rows: list[tuple[str, int, float | None, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def totals(**people: int) -> pl.DataFrame:
    return pl.DataFrame(list(people.items()), schema=["region", "total_population"], orient="row")


def test_by_hand() -> None:
    rows = frame(
        [
            ("N", 1, -10.0, 300),
            ("N", 1, -30.0, 100),
            ("N", 2, -10.0, 300),
            ("N", 2, None, 100),
            ("S", 1, None, 50),
            ("S", 2, 4.5, 50),
        ]
    )
    table = population_weighted_mean(rows, ["region", "day"], total=totals(N=400, S=200))
    assert table.columns == ["region", "day", "value", "areas", "coverage"]
    assert table.sort("region", "day").rows() == [
        # (300 x -10 + 100 x -30) / 400
        ("N", 1, -15.0, 2, 1.0),
        ("N", 2, -10.0, 1, 0.75),
        ("S", 1, None, 0, 0.0),
        ("S", 2, 4.5, 1, 0.25),
    ]


def test_one_total_for_all_groups() -> None:
    rows = frame([("N", 1, 1.0, 1), ("S", 1, 2.0, 2), ("S", 2, None, 2)])
    total = pl.DataFrame({"total_population": [4]})
    assert population_weighted_mean(rows, ["day"], total=total).sort("day").rows() == [
        (1, 1.666667, 2, 0.75),
        (2, None, 0, 0.0),
    ]


def test_the_weights_are_people_not_areas() -> None:
    rows = frame([("N", 1, 0.0, 1), ("N", 1, 0.0, 1), ("N", 1, 90.0, 1_000)])
    (row,) = population_weighted_mean(rows, ["region"], total=totals(N=1_002)).rows()
    assert row[1] == 89.820359


VALUES = st.one_of(st.none(), st.integers(-100_000, 5_000_000).map(lambda value: value / 1_000))


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(VALUES, st.integers(1, 9_000_000)), min_size=1, max_size=40),
    seed=st.integers(0, 5),
)
def test_against_exact_fractions_in_any_order(
    rows: list[tuple[float | None, int]], seed: int
) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))
    total = totals(N=sum(people for _, people in rows))
    first, second = (
        population_weighted_mean(
            frame([("N", 1, value, people) for value, people in each]), ["region"], total=total
        ).row(0)
        for each in (rows, shuffled)
    )
    assert first == second
    valid = [(Fraction(str(value)), people) for value, people in rows if value is not None]
    assert first[2] == len(valid)
    if valid:
        covered = sum(people for _, people in valid)
        mean = sum(value * people for value, people in valid) / covered
        assert first[1] == pytest.approx(float(mean), abs=1e-6)
        assert first[3] == pytest.approx(covered / sum(p for _, p in rows), abs=1e-6)
    else:
        assert first[1] is None
