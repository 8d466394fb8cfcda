"""How much a conversion depends on the weights: the same one under each basis, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Unpack

import duckdb
import polars as pl

from lds.errors import GeographyError
from lds.geography.conversion.engine import Options, convert
from lds.geography.conversion.kinds import find_kind
from lds.geography.conversion.weights import Weights
from lds.geography.register import Register


def compare_weights(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    register: Register,
    *,
    bases: Sequence[Weights],
    to: date,
    kind: str,
    **options: Unpack[Options],
) -> pl.DataFrame:
    """Convert a table under each basis of weights and compare each with the first.

    Returns
    -------
    One row per area that is ``best_fit``, value column and basis after the first, sorted:
    ``area``; ``column`` (what adds up, else ``value``); ``basis``; ``reference``, the first basis;
    ``n``, keys with a value under both; ``changed``, the share of them whose value differs;
    ``maximum`` and ``median`` of the relative difference (of the reference, in size; null for
    labels, and where no reference differs from zero).

    Raises
    ------
    GeographyError : fewer than two bases, or two of one name; else as `convert`.
    """
    names = [weights.basis for weights in bases]
    if len(names) < 2 or len(set(names)) < len(names):
        raise GeographyError(
            "A comparison needs two or more weights of different bases.", values=names
        )
    rules = find_kind(kind)
    columns = rules.adds or ("value",)
    made = []
    for weights in bases:
        options["weights"] = weights
        made.append(convert(con, relation, register, to=to, kind=kind, **options).table)
    valued = {*rules.values, "value", "labels", "coverage", "parts", "from_codes", "match", "path"}
    keys = [name for name in made[0].columns if name not in valued]
    reference = made[0].filter(pl.col("match") == "best_fit").select(*keys, *columns)
    tables = [
        reference.join(table.select(*keys, *columns), on=keys, nulls_equal=True, suffix="_other")
        .select(
            "area",
            pl.lit(column).alias("column"),
            pl.lit(basis).alias("basis"),
            pl.lit(names[0]).alias("reference"),
            pl.col(column).alias("one"),
            pl.col(f"{column}_other").alias("other"),
        )
        .drop_nulls()
        .with_columns(_relative(rules.name))
        .group_by("area", "column", "basis", "reference")
        .agg(
            n=pl.len().cast(pl.Int64),
            changed=(pl.col("one") != pl.col("other")).mean(),
            maximum=pl.col("relative").max(),
            median=pl.col("relative").median(),
        )
        for basis, table in zip(names[1:], made[1:], strict=True)
        for column in columns
    ]
    return pl.concat(tables).sort("area", "column", "basis")


def _relative(kind: str) -> pl.Expr:
    if kind == "category":
        return pl.lit(None, dtype=pl.Float64).alias("relative")
    difference = (pl.col("other") - pl.col("one")).abs() / pl.col("one").abs()
    return pl.when(pl.col("one") != 0).then(difference).alias("relative")
