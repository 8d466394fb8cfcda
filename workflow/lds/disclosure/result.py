"""The gate's answer, as the release and the evidence are written from it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from lds.disclosure.profiles import Profile

ROW_SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(
        ("topic", "indicator", "statistic", "area", "comparator", "measure", "breakdown", "period"),
        pl.String,
    ),
    "start": pl.Date,
    "end": pl.Date,
    "status": pl.String,
    "rule": pl.String,
    "n": pl.Int64,
    "cases": pl.Int64,
    "cell": pl.UInt32,
    "denominator_cell": pl.UInt32,
}
CELL_SCHEMA: dict[str, type[pl.DataType]] = {
    "cell": pl.UInt32,
    "quantity": pl.String,
    "area": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "breakdown": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "n": pl.Int64,
    "status": pl.String,
    "rule": pl.String,
    "protects": pl.UInt32,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "tier": pl.String,
    "needed": pl.Float64,
}
WITHHELD_CELLS = ("primary", "secondary")
"""Values of a cell's status for which it has a rule and an audited interval."""


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """The gate's answer; everything but `tables` stays inside.

    Attributes
    ----------
    tables : topic -> released table, in the released columns of the indicators contract.
    rows : one line for each row that was asked for, over all topics, in the columns of
        `ROW_SCHEMA`. ``status`` is released, withheld, widened or missing; ``rule`` an id of
        ``workflow/resources/disclosure_rules.yaml``; ``n`` and ``cases`` the unweighted counts
        behind the row, null where its sources are open; ``cell`` and ``denominator_cell`` the
        protected cells that it shows, null where it shows none.
    cells : one line for each protected cell, in the columns of `CELL_SCHEMA`. ``kind`` is count or
        amount; ``status`` published, primary, secondary or implied; ``protects`` the cell for which
        a secondary one is withheld; ``lower`` and ``upper`` the audited interval, ``tier`` what
        decided it (propagation, witness, program, integer) and ``needed`` the span that the profile
        asks for: null unless the cell is withheld.
    audit : counts by tier, numbers of cells and relations, protection levels, ``passed``.
    profiles : topic -> the profile that governs it.
    """

    tables: dict[str, pl.DataFrame]
    rows: pl.DataFrame
    cells: pl.DataFrame
    audit: dict[str, object]
    profiles: dict[str, Profile]
