"""The checks of single cells, held against those of acro cell by cell.

Both see the same records: acro makes the table itself, the gate is given what its topics give it
(n, the sum and the two largest contributions). acro names every check that a cell fails, the gate
the first rule in its order, so that rules are compared one at a time, with the others off, and then
all together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from benchmarks.made_tables import Record, RecordTable
from benchmarks.peers import ask
from lds.disclosure.checks import check_cells
from lds.disclosure.profiles import Profile

ALL = "All"
"""What acro calls a margin."""
CHECKS = {
    "threshold": "MinimumThresholdCheck",
    "zero": "PresenceOfZeroCheck",
    "dominance": "NKCheck",
    "p_percent": "PPercentCheck",
}
"""acro's name of each rule that both have."""
RULES = {**{rule: (rule,) for rule in CHECKS}, "threshold": ("threshold", "zero", "enterprises")}
"""Rules of the gate that ask the same as one check of acro: to acro no records are too few, too."""


def ask_acro(tables: Sequence[RecordTable]) -> dict[str, Any]:
    """Return the answer of ``peer_scripts/acro_checks.py``."""
    return ask("acro", "acro_checks.py", {"tables": [dataclasses.asdict(each) for each in tables]})


def cells_of(table: RecordTable) -> pl.DataFrame:
    """Return the cells of a table with its margins, as `check_cells` takes them.

    ``n`` counts the records that have a value; of a table of counts, all of them.
    """
    amount = table.statistic != "count"
    records = pl.DataFrame(
        [*_with_margins(table.records)],
        schema={"row": pl.String, "column": pl.String, "amount": pl.Float64},
        orient="row",
    )
    places = pl.DataFrame({"row": [*table.rows, ALL]}).join(
        pl.DataFrame({"column": [*table.columns, ALL]}), how="cross"
    )
    if amount:
        records = records.drop_nulls()
    top = pl.col("amount").sort(descending=True)
    found = records.group_by("row", "column").agg(
        n=pl.len().cast(pl.Int64),
        sum=pl.col("amount").sum(),
        largest=top.get(0, null_on_oob=True),
        second_largest=top.get(1, null_on_oob=True),
    )
    cells = places.join(found, on=["row", "column"], how="left").with_columns(
        pl.col("n").fill_null(0), pl.col("sum").fill_null(0.0)
    )
    largest = ["largest", "second_largest"]
    return cells.select(
        "row",
        "column",
        kind=pl.lit("amount" if amount else "count"),
        value=pl.col("sum") if amount else pl.col("n").cast(pl.Float64),
        n="n",
        **{name: pl.col(name) if amount else pl.lit(None, pl.Float64) for name in largest},
        share=pl.lit(None, pl.Float64),
        structural_zero=pl.lit(False),
    )


def _with_margins(records: Sequence[Record]) -> list[Record]:
    return [
        (in_row, in_column, value)
        for row, column, value in records
        for in_row in (row, ALL)
        for in_column in (column, ALL)
    ]


def only(profile: Profile, rule: str) -> Profile:
    """Return a profile with one of its rules and none of the others that acro has."""
    keeps = {
        "threshold": {"threshold", "zeros", "enterprises"},
        "zero": {"zeros"},
        "dominance": {"dominance"},
        "p_percent": {"p_percent"},
    }[rule]
    off = {
        "threshold": 1,
        "zeros": "published",
        "enterprises": None,
        "dominance": (),
        "p_percent": None,
    }
    return dataclasses.replace(
        profile, **{key: value for key, value in off.items() if key not in keeps}
    )


def compare(
    tables: Sequence[RecordTable], answer: Mapping[str, Any], profile: Profile
) -> pl.DataFrame:
    """Return one row per cell and rule, and one per cell for all rules together.

    Returns
    -------
    ``table, row, column, rule`` (``all`` for all together), ``theirs`` and ``ours`` (whether the
    cell is withheld).
    """
    compared = []
    for table, said in zip(tables, answer["tables"], strict=True):
        theirs = pl.DataFrame(
            said["cells"],
            schema={"row": pl.String, "column": pl.String, "checks": pl.List(pl.String)},
            orient="row",
        )
        cells = cells_of(table).join(theirs, on=["row", "column"], how="full", coalesce=True)
        if cells["checks"].null_count() or cells["n"].null_count():
            raise ValueError(f"{table.name}: the cells of both are not the same")
        shared = (
            ["threshold", "zero"]
            if table.statistic == "count"
            else [
                "threshold",
                "dominance",
                "p_percent",
            ]
        )
        for rule in shared:
            compared.append(
                _verdicts(
                    table.name,
                    cells,
                    rule,
                    pl.col("checks").list.contains(CHECKS[rule]),
                    check_cells(cells, only(profile, rule)).is_in(RULES[rule]),
                )
            )
        compared.append(
            _verdicts(
                table.name,
                cells,
                "all",
                pl.col("checks").list.len() > 0,
                check_cells(cells, profile).is_not_null(),
            )
        )
    return pl.concat(compared)


def _verdicts(
    table: str, cells: pl.DataFrame, rule: str, theirs: pl.Expr, ours: pl.Series
) -> pl.DataFrame:
    return cells.select(
        pl.lit(table).alias("table"),
        "row",
        "column",
        pl.lit(rule).alias("rule"),
        theirs.alias("theirs"),
        ours.fill_null(False).alias("ours"),
    )


def summary(compared: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return how many cells were compared and agreed, and which side withholds the others."""
    return (
        compared.group_by(by)
        .agg(
            cells=pl.len(),
            withheld_by_acro=pl.col("theirs").sum(),
            withheld_by_us=pl.col("ours").sum(),
            agreed=(pl.col("theirs") == pl.col("ours")).sum(),
            acro_only=(pl.col("theirs") & ~pl.col("ours")).sum(),
            ours_only=(pl.col("ours") & ~pl.col("theirs")).sum(),
        )
        .sort(by)
    )
