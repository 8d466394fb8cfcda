"""HM-I9: the tier of local restrictions of each district, and how many people lived in each."""

from __future__ import annotations

import polars as pl

from lds.topics import ENGLAND
from lds.topics.human_mobility import LOCKDOWN

LEVELS = (1, 2, 3, 4, LOCKDOWN)


def tiers(harmonised: pl.DataFrame) -> pl.DataFrame:
    """Return the tier of each LAD on each date of the source.

    A LAD made later from parts in different tiers has the tier of most of its people; ``note``
    then lists them all and ``coverage`` is the share of the people in that tier.

    Parameters
    ----------
    harmonised : the columns of ``workflow/schemas/tables/harmonised_category.yaml``.
    """
    mixed = pl.col("labels").str.contains(" ")
    return harmonised.filter(pl.col("measure") == "tier").select(
        "area",
        pl.lit("tier").alias("measure"),
        pl.lit("day").alias("period"),
        pl.col("date").alias("start"),
        pl.col("date").alias("end"),
        "value",
        pl.when(pl.col("value").is_null()).then(pl.lit("x")).alias("mark"),
        "coverage",
        pl.when(mixed).then(pl.col("labels")).alias("note"),
        "match",
    )


def population_by_tier(tier_rows: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Return the share of the people of each region and of England in each tier, per cent.

    Parameters
    ----------
    tier_rows : from `tiers`.
    areas : ``code, region_code, population`` of the LADs.

    Returns
    -------
    One row per region or England, date and tier (``breakdown``, as ``tier_4``), zeros included;
    ``numerator`` and ``denominator`` are people, ``n`` LADs.
    """
    placed = tier_rows.filter(pl.col("value").is_not_null()).join(
        areas.select("code", "region_code", "population"), left_on="area", right_on="code"
    )
    both = pl.concat(
        [
            placed.with_columns(pl.col("region_code").alias("area")),
            placed.with_columns(pl.lit(ENGLAND).alias("area")),
        ]
    )
    totals = both.group_by("area", "start").agg(pl.col("population").sum().alias("denominator"))
    levels = pl.DataFrame({"value": [float(level) for level in LEVELS]})
    counts = both.group_by("area", "start", "value").agg(
        pl.col("population").sum().alias("numerator"), pl.len().alias("n")
    )
    return (
        totals.join(levels, how="cross")
        .join(counts, on=["area", "start", "value"], how="left")
        .with_columns(pl.col("numerator", "n").fill_null(0))
        .select(
            "area",
            pl.lit("tier").alias("measure"),
            pl.format("tier_{}", pl.col("value").cast(pl.Int64)).alias("breakdown"),
            pl.lit("day").alias("period"),
            "start",
            pl.col("start").alias("end"),
            (100 * pl.col("numerator") / pl.col("denominator")).round(3).alias("value"),
            "numerator",
            "denominator",
            "n",
            pl.lit("best_fit").alias("match"),
        )
    )
