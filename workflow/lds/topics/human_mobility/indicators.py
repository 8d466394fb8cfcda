"""Human mobility: how visits to six kinds of place changed against the start of 2020.

Indicators HM-I1 to HM-I6; the page that shows them is in `page`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from lds.contracts import load_table_contract
from lds.statistics.periods import period_days, weekday_standardised_median
from lds.statistics.weighted import population_weighted_mean
from lds.topics import ENGLAND
from lds.topics.human_mobility import TOPIC

DAILY_DECIMALS = 3


def _worst_match() -> pl.Expr:
    """Return ``best_fit`` where any day is, else ``exact``: a whole is no better than its parts."""
    best_fit = (pl.col("match") == "best_fit").any()
    return pl.when(best_fit).then(pl.lit("best_fit")).otherwise(pl.lit("exact")).alias("match")


def _daily_areas(harmonised: pl.DataFrame, window: tuple[date, date]) -> pl.DataFrame:
    """Return HM-I1: every day of the window for every LAD and measure that the source has."""
    grid = (
        harmonised.group_by("area", "measure")
        .agg(_worst_match())
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


def _daily_comparators(daily: pl.DataFrame, areas: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return HM-I2 (england) and HM-I3 (region), population-weighted over the LADs with a value."""
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


def _day_rows(daily: pl.DataFrame, indicator: str) -> pl.DataFrame:
    return daily.select(
        pl.lit(indicator).alias("indicator"),
        pl.lit("change").alias("statistic"),
        "area",
        pl.lit("self").alias("comparator"),
        "measure",
        pl.lit("day").alias("period"),
        pl.col("date").alias("start"),
        pl.col("date").alias("end"),
        "value",
        "mark",
        pl.col("areas").alias("n"),
        pl.lit(None, dtype=pl.Int64).alias("days"),
        "coverage",
        pl.lit(None, dtype=pl.String).alias("note"),
        "match",
    )


def _period_rows(
    daily: pl.DataFrame, days: pl.DataFrame, *, indicator: str, comparator: str
) -> pl.DataFrame:
    """Return the period medians of one series per LAD as indicator rows."""
    match = daily.group_by("area", "measure").agg(_worst_match())
    medians = weekday_standardised_median(daily, days, ["area", "measure"])
    return medians.join(match, on=["area", "measure"]).select(
        pl.lit(indicator).alias("indicator"),
        pl.lit("median_change").alias("statistic"),
        "area",
        pl.lit(comparator).alias("comparator"),
        "measure",
        "period",
        "start",
        "end",
        "value",
        pl.when(pl.col("value").is_not_null())
        .then(None)
        .when(pl.col("n") == 0)
        .then(pl.lit("x"))
        .otherwise(pl.lit("u"))
        .alias("mark"),
        "n",
        "days",
        pl.lit(None, dtype=pl.Float64).alias("coverage"),
        pl.col("missing_weekdays").alias("note"),
        "match",
    )


def _on_days_of(area_days: pl.DataFrame, comparator: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Return the comparator's values on each LAD's valid days, as a series of that LAD."""
    return (
        area_days.drop("value")
        .join(
            comparator.select(*key, "measure", "date", "value"),
            on=[*key, "measure", "date"],
            how="left",
        )
        .select("area", "measure", "date", "value", "match")
    )


def indicators(
    harmonised: Mapping[str, pl.DataFrame], areas: pl.DataFrame, periods: pl.DataFrame
) -> pl.DataFrame:
    """Compute HM-I1 to HM-I6.

    Parameters
    ----------
    harmonised : ``google_mobility`` with the columns of ``tables/harmonised_change.yaml``.
    areas : the LADs of the vintage: ``code, region_code, population``.
    periods : ``id, start, end`` (the day after the last).

    Returns
    -------
    Rows of ``workflow/schemas/tables/indicators.yaml``, unit per cent. Comparators are means over
    LADs weighted by population; their period values rest on the same days as the LAD's own.
    """
    source = harmonised["google_mobility"]
    window = (source["date"].min(), source["date"].max())
    assert isinstance(window[0], date)
    assert isinstance(window[1], date)
    bounds = (window[0], window[1])
    daily = _daily_areas(source, bounds)
    comparators = _daily_comparators(daily, areas)
    days = period_days(periods, bounds)
    valid = daily.filter(pl.col("value").is_not_null()).join(
        areas.select(pl.col("code").alias("area"), "region_code"), on="area"
    )
    region = _on_days_of(
        valid, comparators["region"].rename({"area": "region_code"}), ["region_code"]
    )
    england = _on_days_of(valid, comparators["england"].drop("area"), [])
    own = _period_rows(daily, days, indicator="HM-I4", comparator="self")
    rows = pl.concat(
        [
            _day_rows(daily, "HM-I1"),
            _day_rows(comparators["england"], "HM-I2"),
            _day_rows(comparators["region"], "HM-I3"),
            own,
            _period_rows(region, days, indicator="HM-I5", comparator="region"),
            _period_rows(england, days, indicator="HM-I6", comparator="england"),
        ]
    )
    empty = pl.lit(None, dtype=pl.Float64)
    return rows.with_columns(
        pl.lit(TOPIC).alias("topic"),
        pl.lit("%").alias("unit"),
        empty.alias("numerator"),
        empty.alias("denominator"),
        empty.alias("lower"),
        empty.alias("upper"),
    ).select(load_table_contract("indicators").names)
