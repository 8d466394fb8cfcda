"""The tables of the evidence: one CSV of what is released, and one of what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lds.disclosure.evidence.outputs import FIXED, Output
from lds.disclosure.evidence.verdict import rule_of_row
from lds.disclosure.evidence.words import PUBLISHER, UNEXPLAINED
from lds.io import replacing, sha256

COUNTS_FOLDER = "counts"


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The files of one output.

    Attributes
    ----------
    name, sum : the CSV of what is released, as ACRO would name it, and its SHA-256.
    counts : the CSV of the rows asked for and what is behind them; None for open data.
    positions : rule -> places ``[row, column]`` of withheld values in the first one, both from 0.
        As ACRO and its viewer count, the header is no row and the first field no column.
    """

    name: str
    sum: str
    counts: str | None
    positions: dict[str, list[list[int]]]


def write_tables(folder: Path, output: Output) -> Tables:
    """Write the two CSVs of an output into the folder of the evidence."""
    released = _without_empty(output.table, keep=("value", "mark"))
    name = f"{output.uid}_0.csv"
    _write_csv(folder / name, released)
    counts = f"{COUNTS_FOLDER}/{output.uid}.csv" if output.profile.protects else None
    if counts:
        _write_csv(folder / counts, _without_empty(output.rows, keep=("n", "cases")))
    column = released.columns.index("value") - 1
    return Tables(
        name=name,
        sum=sha256(folder / name),
        counts=counts,
        positions=_positions(output, column),
    )


def _without_empty(frame: pl.DataFrame, keep: Sequence[str]) -> pl.DataFrame:
    """Return a table without columns that hold nothing, or the same in every row, the area first.

    What is the same (`FIXED`) is in the name of the output.
    """
    names = [
        name
        for name in frame.columns
        if name not in FIXED and (name in keep or frame[name].null_count() < frame.height)
    ]
    return frame.select(sorted(names, key=lambda name: name != "area"))


def _write_csv(path: Path, frame: pl.DataFrame) -> None:
    with replacing(path) as temporary:
        frame.write_csv(temporary)


def _positions(output: Output, column: int) -> dict[str, list[list[int]]]:
    rules = output.decided.select(rule_of_row().alias("rule")).with_row_index("row").drop_nulls()
    found = {
        rule: [[row, column] for row in part["row"]]
        for (rule,), part in sorted(rules.partition_by("rule", as_dict=True).items())
    }
    if not output.profile.protects and UNEXPLAINED in found:
        found[PUBLISHER] = found.pop(UNEXPLAINED)
    return found
