"""How a release differs from the one before: what a checker of both must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lds.contracts import load_table_contract
from lds.disclosure.derive import WITHHELD

ROUNDED = 9
"""Decimals to which two values are compared."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Rows of one indicator that two releases have in common, or only one of them.

    Attributes
    ----------
    recalled : rows that were released before and are withheld now: the earlier value is out.
    uncovered : rows that were withheld before and are released now.
    """

    topic: str
    indicator: str
    new: int
    gone: int
    changed: int
    recalled: int
    uncovered: int


def compare(tables: Mapping[str, pl.DataFrame], previous: Path) -> list[Difference]:
    """Return how the indicators of a release differ from those of the release before, in order.

    Parameters
    ----------
    tables : topic -> released table.
    previous : folder of the release before.

    Returns
    -------
    One line for each indicator that differs; topics that the release before has not are left out.
    """
    found = []
    for topic in sorted(tables):
        path = previous / f"{topic}.parquet"
        if path.is_file():
            found += _compare(topic, tables[topic], pl.read_parquet(path))
    return found


def _compare(topic: str, now: pl.DataFrame, before: pl.DataFrame) -> list[Difference]:
    key = list(load_table_contract("indicators").key)
    columns = [*key, "value", "mark"]
    both = (
        now.select(columns)
        .with_columns(here=True)
        .join(
            before.select(columns).with_columns(there=True),
            on=key,
            how="full",
            coalesce=True,
            suffix="_before",
        )
    )
    here, there = pl.col("here").fill_null(False), pl.col("there").fill_null(False)
    value, earlier = pl.col("value"), pl.col("value_before")
    counts = both.group_by("indicator").agg(
        (here & ~there).sum().alias("new"),
        (~here & there).sum().alias("gone"),
        (value.round(ROUNDED) != earlier.round(ROUNDED)).sum().alias("changed"),
        (earlier.is_not_null() & (pl.col("mark") == WITHHELD)).sum().alias("recalled"),
        (value.is_not_null() & (pl.col("mark_before") == WITHHELD)).sum().alias("uncovered"),
    )
    names = ("new", "gone", "changed", "recalled", "uncovered")
    differing = counts.filter(pl.any_horizontal(pl.col(names) > 0)).sort("indicator")
    return [Difference(topic=topic, **row) for row in differing.iter_rows(named=True)]
