"""The benchmark's system is one that real topics could make: in the contract, and adding up."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from benchmarks.made_system import ENTRIES, System, made_system
from lds.contracts import check_table, load_table_contract
from lds.disclosure.cells import shown_cells
from lds.disclosure.protection import QuantitySystem
from lds.disclosure.vocabulary import load_classifications, load_quantities
from lds.topics import ENGLAND


@pytest.fixture(scope="module")
def system() -> System:
    return made_system(14, 8)


def rows(system: System) -> pl.DataFrame:
    return pl.concat(system.tables.values()).with_row_index("row")


def test_every_topic_meets_the_contract(system) -> None:
    contract = load_table_contract("indicators")
    assert set(system.tables) == set(ENTRIES)
    for topic, table in system.tables.items():
        assert check_table(table, contract, topic).height == table.height
        assert set(table["indicator"]) == set(ENTRIES[topic])
        assert not table.select(contract.key).is_duplicated().any()


def test_every_total_is_the_sum_of_its_parts(system) -> None:
    entries = {
        (topic, name): entry for topic, own in ENTRIES.items() for name, entry in own.items()
    }
    quantities, classifications = load_quantities(), load_classifications()
    shown = shown_cells(
        rows(system).filter(pl.col("value").is_not_null()), entries, quantities, classifications
    )
    relations: Counter[str] = Counter()
    for (quantity, space), cells in shown.cells.partition_by(
        "quantity", "space", as_dict=True
    ).items():
        # Raises where a total is not the sum of its parts.
        made = QuantitySystem(cells, system.areas, quantities[quantity], space, classifications)
        relations[quantity] += made.relations.count
    assert set(relations) == {entry.quantity for entry in entries.values()}
    assert min(relations.values()) > 0


def test_cells_are_of_a_realistic_size(system) -> None:
    tests = system.tables["demographic_inequalities"].filter(pl.col("indicator") == "DEM-I7")
    england = tests.filter(pl.col("area") == ENGLAND, pl.col("breakdown") == "all")
    assert england["value"].is_between(1, 20).all()
    districts = tests.filter(pl.col("area").str.starts_with("E0"), pl.col("breakdown") != "all")
    assert 0.3 < (districts["cases"] < 10).mean() < 0.98
    assert (districts.filter(pl.col("breakdown").str.contains("age"))["n"] >= 10).mean() > 0.3


def test_it_is_always_the_same(system) -> None:
    again = made_system(14, 8)
    for topic, table in system.tables.items():
        assert table.equals(again.tables[topic])
