"""The gate's decisions in the tables that the evidence is written from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lds.disclosure.audit import TIERS
from lds.disclosure.profiles import Profile
from lds.disclosure.protection import Protected
from lds.disclosure.result import CELL_SCHEMA, ROW_SCHEMA, WITHHELD_CELLS
from lds.disclosure.rows import WIDENED


def rows_for_evidence(rows: pl.DataFrame, rule: pl.Series, parts: pl.DataFrame) -> pl.DataFrame:
    """Return one line per row that was asked for, in the columns of `ROW_SCHEMA`.

    Parameters
    ----------
    rows : columns of indicators, and ``row``.
    rule : per row the rule that withholds it, or null.
    parts : ``row, part, cell``.
    """
    cells = [
        parts.filter(pl.col("part") == part).select("row", pl.col("cell").alias(name))
        for part, name in (("numerator", "cell"), ("denominator", "denominator_cell"))
    ]
    status = (
        pl.when(pl.col("rule") == WIDENED)
        .then(pl.lit("widened"))
        .when(pl.col("rule").is_not_null())
        .then(pl.lit("withheld"))
        .when(pl.col("value").is_null())
        .then(pl.lit("missing"))
        .otherwise(pl.lit("released"))
    )
    table = rows.with_columns(rule.alias("rule")).with_columns(status.alias("status"))
    for each in cells:
        table = table.join(each, on="row", how="left", maintain_order="left")
    return table.select(pl.col(name).cast(kind) for name, kind in ROW_SCHEMA.items())


def cells_for_evidence(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells in the columns of `CELL_SCHEMA`."""
    return cells.select(pl.col(name).cast(kind) for name, kind in CELL_SCHEMA.items())


def audit_for_evidence(protected: Protected, profiles: Mapping[str, Profile]) -> dict[str, object]:
    """Return what the audit did, in numbers."""
    withheld = protected.cells.filter(pl.col("status").is_in(WITHHELD_CELLS))
    tiers = dict(withheld.group_by("tier").len().drop_nulls().iter_rows())
    return {
        "passed": True,
        "cells": sum(size.cells for size in protected.sizes),
        "relations": sum(size.relations for size in protected.sizes),
        "withheld": withheld.height,
        "tiers": {tier: tiers.get(tier, 0) for tier in TIERS[1:]},
        "protection": {
            quantity: {
                "profile": profile.id,
                "span": profile.protection.span,
                "reach": profile.protection.reach,
                "percent": profile.protection.percent,
            }
            for quantity, profile in sorted(profiles.items())
        },
        "quantities": [
            {
                "quantity": size.quantity,
                "space": size.space,
                "cells": size.cells,
                "relations": size.relations,
                "rounds": size.rounds,
            }
            for size in protected.sizes
        ],
    }
