"""Daily values: of each district (HM-I1), of England (HM-I2), of the regions (HM-I3), and on bank
holidays (HM-I7).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from lds.statistics.weighted import population_weighted_mean
from lds.topics import ENGLAND

DAILY_DECIMALS = 3


def worst_match() -> pl.Expr:
    """Return ``best_fit`` where any day is, else ``exact``: a whole is no better than its parts."""
    best_fit = (pl.col("match") == "best_fit").any()
    return pl.when(best_fit).then(pl.lit("best_fit")).otherwise(pl.lit("exact")).alias("match")


def district_values(harmonised: pl.DataFrame, window: tuple[date, date]) -> pl.DataFrame:
    """Return HM-I1: every day of the window for every LAD and measure that the source has.

    Columns: ``area, measure, date, value`` (per cent, 3 decimals), ``mark`` (u: too little of the
    population lives in parts with a value; x: none has one), ``match, coverage``, ``areas`` (null).
    """
    grid = (
        harmonised.group_by("area", "measure")
        .agg(worst_match())
        .join(pl.date_range(*window, eager=True).alias("date").to_frame(), how="cross")
    )
    joined = grid.join(harmonised.drop("match"), on=["area", "measure", "date"], how="left")
    return joined.select(
        "area",
        "measure",
        "date",
        pl.col("value").round(DAILY_DECIMALS),
        pl.when(pl.col("value").is_not_null())
        .then(None)
        .when(pl.col("parts").fill_null(0) > 0)
        .then(pl.lit("u"))
        .otherwise(pl.lit("x"))
        .alias("mark"),
        "match",
        pl.col("coverage").fill_null(0.0),
        pl.lit(None, dtype=pl.Int64).alias("areas"),
    )


def comparator_values(daily: pl.DataFrame, areas: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return HM-I2 (``england``) and HM-I3 (``region``): means over the LADs with a value that day.

    Weighted by population. Columns as in `district_values`; ``area`` is the region or England,
    ``areas`` the number of LADs with a value, ``coverage`` their share of the population.
    """
    weighted = daily.drop("areas", "coverage").join(areas, left_on="area", right_on="code")
    regions = areas.group_by("region_code").agg(
        pl.col("population").sum().alias("total_population")
    )
    total = areas.select(pl.col("population").sum().alias("total_population"))
    by_region = population_weighted_mean(
        weighted, ["region_code", "measure", "date"], total=regions
    )
    england = population_weighted_mean(weighted, ["measure", "date"], total=total)
    frames = {
        "region": by_region.rename({"region_code": "area"}),
        "england": england.with_columns(pl.lit(ENGLAND).alias("area")),
    }
    return {
        name: frame.select(
            "area",
            "measure",
            "date",
            pl.col("value").round(DAILY_DECIMALS),
            pl.when(pl.col("value").is_null()).then(pl.lit("x")).alias("mark"),
            pl.lit("best_fit").alias("match"),
            "coverage",
            "areas",
        )
        for name, frame in frames.items()
    }


def on_days_of(area_days: pl.DataFrame, comparator: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return the comparator's values on each LAD's valid days, as a series of that LAD.

    Parameters
    ----------
    area_days : valid days of the LADs: ``area, measure, date, match`` and the columns of `key`.
    comparator : ``measure, date, value`` and the columns of `key`.
    """
    return (
        area_days.drop("value")
        .join(
            comparator.select(*key, "measure", "date", "value"),
            on=[*key, "measure", "date"],
            how="left",
        )
        .select("area", "measure", "date", "value", "match")
    )


def day_rows(daily: pl.DataFrame) -> pl.DataFrame:
    """Return daily values in the columns of the indicators table."""
    return daily.select(
        "area",
        "measure",
        pl.lit("day").alias("period"),
        pl.col("date").alias("start"),
        pl.col("date").alias("end"),
        "value",
        "mark",
        pl.col("areas").alias("n"),
        "coverage",
        "match",
    )


def bank_holidays(daily: pl.DataFrame, holidays: pl.DataFrame) -> pl.DataFrame:
    """Return HM-I7: the daily values of LADs, regions and England on bank holidays.

    A holiday is found by its date: by name, one year's would be taken for another's.

    Parameters
    ----------
    daily : daily values, as of `district_values` or `comparator_values`.
    holidays : ``id, date`` of the bank holidays of England.
    """
    named = day_rows(daily).join(
        holidays.select(pl.col("id").alias("breakdown"), pl.col("date").alias("start")), on="start"
    )
    return named.with_columns(pl.lit("bank_holiday").alias("period"))
