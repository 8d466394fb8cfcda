"""Rows of the indicators table: what a topic computes, put into the columns that topics share."""

from __future__ import annotations

import polars as pl

from lds.contracts import load_table_contract

_DEFAULTS = {"comparator": "self", "breakdown": "all", "match": "exact"}


def indicator_rows(
    frame: pl.DataFrame, *, topic: str, indicator: str, statistic: str, unit: str
) -> pl.DataFrame:
    """Return `frame` with every column of ``workflow/schemas/tables/indicators.yaml``.

    Parameters
    ----------
    frame : any of the contract's columns; one that it lacks is missing in every row, apart from
        ``comparator`` (self), ``breakdown`` (all) and ``match`` (exact).
    """
    fixed = {"topic": topic, "indicator": indicator, "statistic": statistic, "unit": unit}
    given = set(frame.columns) - set(fixed)
    return frame.select(
        pl.col(name).cast(kind)
        if name in given
        else pl.lit(fixed.get(name, _DEFAULTS.get(name)), dtype=kind).alias(name)
        for name, kind in load_table_contract("indicators").polars_schema.items()
    )


def mark_missing(n: pl.Expr) -> pl.Expr:
    """Return ``mark``, why a ``value`` made from `n` records is missing: x none, u too few."""
    return (
        pl.when(pl.col("value").is_not_null())
        .then(None)
        .when(n == 0)
        .then(pl.lit("x"))
        .otherwise(pl.lit("u"))
        .alias("mark")
    )
