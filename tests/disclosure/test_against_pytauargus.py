"""Suppression loses at most half as much again as the optimum that pytauargus finds."""

from __future__ import annotations

import polars as pl
import pytest

from benchmarks import peers
from benchmarks.against_pytauargus import WEIGHTS, Comparison, compare, sums_of
from benchmarks.bench_peers import ENOUGH
from benchmarks.made_tables import CountTable, count_table, margins
from lds.disclosure.profiles import load_profile

installed = pytest.mark.skipif(
    peers.interpreter("pytauargus") is None,
    reason="pytauargus is not installed in .peers: `make bench` does it",
)
TABLES = {
    "flat": lambda: count_table("flat", (5,), 0.5),
    "nested": lambda: count_table("nested", (5,), 0.5, regions=True),
    "three": lambda: count_table("three", (3, 3), 0.8, every=20),
}


@pytest.fixture(scope="module", params=list(TABLES))
def found(request) -> Comparison:
    return compare(TABLES[request.param](), load_profile("ons_srs"), minutes=1)


@installed
def test_cells_withheld_are_near_the_optimum(found) -> None:
    assert found.optima["cells"].proven
    assert found.primary > 50
    assert found.factor("cells") <= ENOUGH


@installed
def test_no_optimum_is_above_what_we_lose(found) -> None:
    assert found.cells >= found.optima["cells"].cells
    assert found.value >= found.optima["value"].value


@installed
def test_the_optimum_keeps_our_protection_level_as_well(found) -> None:
    assert [found.optima[weight].narrow for weight in WEIGHTS] == [0, 0]


@installed
def test_a_table_without_unsafe_cells_loses_nothing() -> None:
    found = compare(count_table("large", (2,), 40.0), load_profile("ons_srs"), minutes=1)
    assert (found.primary, found.cells, found.optima["cells"].cells) == (0, 0, 0)
    assert found.factor_besides("cells") == 1


@installed
def test_the_optimum_of_a_table_that_can_be_done_by_hand() -> None:
    """One small cell of 2 by 2: a cell beside it, one below it and the one across must go, too."""
    tree = {"row": {"a": "all", "b": "all"}, "column": {"x": "all", "y": "all"}}
    leaves = pl.DataFrame(
        {"row": ["a", "a", "b", "b"], "column": ["x", "y", "x", "y"], "value": [3, 20, 30, 400]}
    )
    made = CountTable(name="by hand", dimensions=tree, table=margins(leaves, tree))
    found = compare(made, load_profile("ons_srs"), minutes=1)
    # Either three inner cells, or two totals and one inner cell.
    assert found.optima["cells"].cells == 3
    # Totals are large, but without the largest inner cell they are the smaller loss.
    assert found.optima["value"].value == min(20 + 30 + 400, 23 + 423 + 20, 33 + 430 + 30)


def test_margins_are_the_sums_of_their_parts() -> None:
    made = count_table("16 x 3 x 2", (3, 2), 0.8, every=20, regions=True)
    values = made.table["value"]
    sums = sums_of(made.table, made.dimensions)
    assert len(sums) > 100
    for total, parts in sums:
        assert values[total] == sum(values[part] for part in parts)


def test_made_tables_are_always_the_same() -> None:
    first, second = (count_table("t", (5,), 0.5, regions=True) for _ in range(2))
    assert first.table.equals(second.table)
    assert not first.table.equals(count_table("t", (5,), 0.5, regions=True, seed=1).table)
