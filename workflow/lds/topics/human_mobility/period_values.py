"""Values by policy period: HM-I4 to HM-I6, the medians as first published, and HM-I8."""

from __future__ import annotations

import polars as pl

from lds.statistics.periods import plain_median, weekday_medians, weekday_standardised_median
from lds.topics.human_mobility.daily import worst_match
from lds.topics.rows import mark_missing

SERIES = ["area", "measure"]


def _with_match(values: pl.DataFrame, daily: pl.DataFrame, comparator: str) -> pl.DataFrame:
    match = daily.group_by(SERIES).agg(worst_match())
    return values.join(match, on=SERIES).with_columns(
        pl.lit(comparator).alias("comparator"), mark_missing(pl.col("n"))
    )


def period_values(daily: pl.DataFrame, days: pl.DataFrame, comparator: str) -> pl.DataFrame:
    """Return HM-I4 (``self``), HM-I5 (``region``) or HM-I6 (``england``): one row per LAD, measure
    and period, by `weekday_standardised_median`.

    Parameters
    ----------
    daily : one series per LAD and measure: ``area, measure, date, value, match``; of a comparator,
        its values on the LAD's valid days.
    days : from `period_days`.
    """
    values = weekday_standardised_median(daily, days, SERIES)
    return _with_match(values, daily, comparator).rename({"missing_weekdays": "note"})


def as_first_published(daily: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return HM-I4 as the first reports gave it: the plain median of whatever days have a value.

    Parameters
    ----------
    daily : as in `period_values`, the LADs' own.
    days : from `period_days`, of the periods as first published.
    """
    return _with_match(plain_median(daily, days, SERIES), daily, "self")


def weekday_values(daily: pl.DataFrame, days: pl.DataFrame, comparator: str) -> pl.DataFrame:
    """Return HM-I8: the median of each day of the week in each period; ``breakdown`` names the day.

    Parameters
    ----------
    daily, days : as in `period_values`.
    """
    values = weekday_medians(daily, days, SERIES).rename({"weekday": "breakdown"})
    return _with_match(values, daily, comparator).with_columns(
        pl.col("breakdown").str.to_lowercase()
    )
