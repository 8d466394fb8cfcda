"""Weighted means that come out the same on every run and every number of threads."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SCALE = 1_000_000
"""Values are added as whole numbers of millionths: floating-point sums depend on their order."""


def population_weighted_mean(
    frame: pl.DataFrame, by: Sequence[str], *, total: pl.DataFrame
) -> pl.DataFrame:
    """Average `value` over areas, weighted by `population`, over the areas that have one.

    Parameters
    ----------
    frame : columns `by`, ``value`` (may be null), ``population`` (whole numbers).
    total : one row per group of areas: the columns of `by` that name it, ``total_population`` and
        no others; the population of all its areas, with a value or not.

    Returns
    -------
    Columns `by`, ``value`` (rounded to 6 decimals, null where no area has one), ``areas`` (number
    of areas with a value), ``coverage`` (share of `total_population` that they hold).
    """
    has_value = pl.col("value").is_not_null()
    groups = [column for column in total.columns if column != "total_population"]
    scaled = (pl.col("value") * SCALE).round(0).cast(pl.Int128)
    summed = frame.group_by(by).agg(
        (scaled * pl.col("population").cast(pl.Int128)).filter(has_value).sum().alias("weighted"),
        pl.col("population").filter(has_value).sum().alias("covered"),
        has_value.sum().cast(pl.Int64).alias("areas"),
    )
    joined = (
        summed.join(total, on=groups, how="left") if groups else summed.join(total, how="cross")
    )
    return joined.select(
        *by,
        pl.when(pl.col("covered") > 0)
        .then(pl.col("weighted").cast(pl.Float64) / pl.col("covered") / SCALE)
        .round(6)
        .alias("value"),
        "areas",
        (pl.col("covered") / pl.col("total_population")).round(6).alias("coverage"),
    )
