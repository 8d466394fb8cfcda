"""Ranks and quintiles: counted again among what is released.

A rank among all areas tells where those stand whose values are withheld: between two released
values that are two ranks apart lies a withheld one. So the gate ranks the released values only.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lds.topics import IndicatorEntry

RANK, QUINTILE = "rank", "quintile"
_AMONG = ["breakdown", "start", "end", "level"]


def standing_among_released(
    rows: pl.DataFrame, rule: pl.Series, indicators: Mapping[tuple[str, str], IndicatorEntry]
) -> pl.DataFrame:
    """Return rows with the values of ranks and quintiles counted again.

    Rank 1 is the largest value; equal values share the smaller rank. A quintile is one more than
    the number of the fifths (type-7 quantiles) that a value reaches. ``denominator`` becomes the
    number of values that are ranked.

    Parameters
    ----------
    rows : columns of indicators. A rank or quintile stands for the value of the first indicator
        that it rests on, of the same area, breakdown and period, among areas of the same kind (the
        letter and two digits that a code begins with).
    rule : per row the rule that withholds it, or null.
    """
    places = [RANK, QUINTILE]
    own = rows.filter(pl.col("statistic").is_in(places) & rule.is_null())
    if not own.height:
        return rows
    base = pl.DataFrame(
        [
            (topic, name, entry.rests_on[0])
            for (topic, name), entry in sorted(indicators.items())
            if entry.rests_on
        ],
        schema=["topic", "indicator", "base"],
        orient="row",
    )
    level = pl.col("area").str.slice(0, 3).alias("level")
    released = rows.filter(rule.is_null() & pl.col("value").is_not_null()).select(
        "topic", pl.col("indicator").alias("base"), "area", "breakdown", "start", "end", "value"
    )
    values = (
        own.select("row", "topic", "indicator", "statistic", "area", "breakdown", "start", "end")
        .with_columns(level)
        .join(base, on=["topic", "indicator"])
        .join(released, on=["topic", "base", "area", "breakdown", "start", "end"])
    )
    among = ["topic", "indicator", *_AMONG]
    fifths = [
        (pl.col("value") >= pl.col("value").quantile(step / 5, "linear").over(among)).cast(pl.Int64)
        for step in range(1, 5)
    ]
    counted = values.select(
        "row",
        pl.when(pl.col("statistic") == RANK)
        .then(pl.col("value").rank("min", descending=True).over(among))
        .otherwise(1 + pl.sum_horizontal(fifths))
        .cast(pl.Float64)
        .alias("again"),
        pl.len().over(among).cast(pl.Float64).alias("ranked"),
    )
    return (
        rows.join(counted, on="row", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("again", "value").alias("value"),
            pl.coalesce("ranked", "denominator").alias("denominator"),
        )
        .drop("again", "ranked")
    )
