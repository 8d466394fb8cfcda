"""Medians of a daily series over a period, standardised by the day of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

MINIMUM_DAYS = 7
MINIMUM_WEEKDAYS = 3
MINIMUM_DAYS_OF_A_WEEKDAY = 3
"""A median of fewer Mondays is one of them, or the mean of two."""
SATURDAY = 6
WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SCALE = 2_000_000
"""Twice a millionth: medians of numbers with six decimals are whole numbers of it."""


def period_days(periods: pl.DataFrame, window: tuple[date, date]) -> pl.DataFrame:
    """Return one row per day of each period inside `window` (both ends included).

    Parameters
    ----------
    periods : ``id``, ``start`` (first day), ``end`` (the day after the last).

    Returns
    -------
    ``period, date, weekday`` (1 Monday to 7 Sunday), ``start, end`` (first and last day inside the
    window), ``days`` (calendar days inside it). Periods outside the window have no row.
    """
    rows = []
    for name, start, end in periods.select("id", "start", "end").iter_rows():
        first, last = max(start, window[0]), min(end - timedelta(days=1), window[1])
        length = (last - first).days + 1
        for offset in range(max(length, 0)):
            day = first + timedelta(days=offset)
            rows.append((name, day, day.isoweekday(), first, last, length))
    return pl.DataFrame(
        rows,
        schema={
            "period": pl.String,
            "date": pl.Date,
            "weekday": pl.Int64,
            "start": pl.Date,
            "end": pl.Date,
            "days": pl.Int64,
        },
        orient="row",
    )


def weekday_standardised_median(
    daily: pl.DataFrame, days: pl.DataFrame, by: Sequence[str]
) -> pl.DataFrame:
    """Return the period medians of daily series.

    The estimate is the sum, over the days of the week that have a valid value, of the median of
    those values times that weekday's share of the calendar days of all such weekdays in the
    period. A plain median would follow whichever weekdays happen to be published: parks often
    have weekends only. It needs at least 7 valid days on at least three days of the week, among
    them one from Monday to Friday and, where the period has one, a Saturday or Sunday.
    Source: the project's specification of statistics, "period median of mobility".

    Parameters
    ----------
    daily : columns `by`, ``date``, ``value`` (null where there is none), at most six decimals.
    days : from `period_days`.

    Returns
    -------
    Columns `by`, ``period, start, end, days, n`` (valid days), ``value`` (rounded to 3 decimals;
    null where the rule above is not met), ``missing_weekdays`` (names of days of the week that
    the period has and the series lacks, or null). One row for each group of `by` and period that
    has at least one row in `daily`, sorted.
    """
    calendar = days.group_by("period", "weekday").agg(pl.len().cast(pl.Int64).alias("calendar"))
    each = (
        daily.join(days, on="date", how="inner")
        .group_by(*by, "period", "start", "end", "days", "weekday")
        .agg(
            (pl.col("value").drop_nulls().median() * _SCALE)
            .round(0)
            .cast(pl.Int64)
            .alias("median"),
            pl.col("value").count().cast(pl.Int64).alias("n"),
        )
    )
    groups = each.select(*by, "period", "start", "end", "days").unique()
    full = groups.join(calendar, on="period").join(
        each, on=[*by, "period", "start", "end", "days", "weekday"], how="left"
    )
    valid = pl.col("n").fill_null(0) > 0
    weekend = pl.col("weekday") >= SATURDAY
    summed = full.group_by(*by, "period", "start", "end", "days").agg(
        (pl.col("median") * pl.col("calendar")).filter(valid).sum().alias("weighted"),
        pl.col("calendar").filter(valid).sum().alias("weight"),
        pl.col("n").fill_null(0).sum().alias("n"),
        valid.sum().alias("weekdays"),
        (valid & ~weekend).any().alias("has_working_day"),
        (valid & weekend).any().alias("has_weekend_day"),
        weekend.any().alias("needs_weekend_day"),
        pl.col("weekday").filter(~valid).sort().alias("lacking"),
    )
    enough = (
        (pl.col("n") >= MINIMUM_DAYS)
        & (pl.col("weekdays") >= MINIMUM_WEEKDAYS)
        & pl.col("has_working_day")
        & (pl.col("has_weekend_day") | ~pl.col("needs_weekend_day"))
    )
    names = pl.col("lacking").list.eval(
        pl.element().replace_strict(dict(enumerate(WEEKDAY_NAMES, 1)), return_dtype=pl.String)
    )
    return summed.select(
        *by,
        *("period", "start", "end", "days", "n"),
        pl.when(enough)
        .then(pl.col("weighted").cast(pl.Float64) / (pl.col("weight") * _SCALE))
        .round(3)
        .alias("value"),
        pl.when(pl.col("lacking").list.len() > 0)
        .then(names.list.join(" "))
        .alias("missing_weekdays"),
    ).sort(*by, "start", "end", "period")


def plain_median(daily: pl.DataFrame, days: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the medians of the valid days of each period, as the first reports gave them.

    No minimum of days and no balance of weekdays: whatever days happen to be published decide.
    Rounded to whole numbers, half to even. Source: the first Human mobility report, whose medians
    for Harborough it reproduces.

    Parameters
    ----------
    daily, days : as for `weekday_standardised_median`.

    Returns
    -------
    Columns `by`, ``period, start, end, days, n, value`` (null without a valid day), sorted.
    """
    keys = [*by, "period", "start", "end", "days"]
    return (
        daily.join(days, on="date", how="inner")
        .group_by(keys)
        .agg(
            pl.col("value").count().cast(pl.Int64).alias("n"),
            pl.col("value").median().round(0, mode="half_to_even").alias("value"),
        )
        .select(*keys, "n", "value")
        .sort(*by, "start", "end", "period")
    )


def weekday_medians(daily: pl.DataFrame, days: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the median of each day of the week in each period.

    Parameters
    ----------
    daily, days : as for `weekday_standardised_median`.

    Returns
    -------
    Columns `by`, ``period, start, end, weekday`` (name), ``days`` (of that weekday in the period),
    ``n`` (those with a value), ``value`` (rounded to 3 decimals; null with fewer than three of
    them), sorted; one row for each weekday that the period has.
    """
    keys = [*by, "period", "start", "end"]
    calendar = days.group_by("period", "weekday").agg(pl.len().cast(pl.Int64).alias("days"))
    each = (
        daily.join(days.drop("days"), on="date", how="inner")
        .group_by(*keys, "weekday")
        .agg(
            pl.col("value").count().cast(pl.Int64).alias("n"),
            pl.col("value").median().alias("median"),
        )
    )
    groups = each.select(keys).unique()
    enough = pl.col("n") >= MINIMUM_DAYS_OF_A_WEEKDAY
    return (
        groups.join(calendar, on="period")
        .join(each, on=[*keys, "weekday"], how="left")
        .with_columns(pl.col("n").fill_null(0))
        .sort(*by, "start", "end", "period", "weekday")
        .select(
            *keys,
            pl.col("weekday")
            .replace_strict(dict(enumerate(WEEKDAY_NAMES, 1)), return_dtype=pl.String)
            .alias("weekday"),
            "days",
            "n",
            pl.when(enough).then(pl.col("median").round(3)).alias("value"),
        )
    )


def centred_mean(
    frame: pl.DataFrame, by: Sequence[str], *, window: int, at_least: int
) -> pl.DataFrame:
    """Add ``smooth``, the mean of `value` over the `window` days centred on each day.

    Parameters
    ----------
    frame : columns `by`, ``date`` (every day of the range once per group, in order), ``value``.
    at_least : valid days that the window needs; otherwise ``smooth`` is null, so a gap stays one.
    """
    return frame.with_columns(
        pl.col("value")
        .rolling_mean(window_size=window, min_samples=at_least, center=True)
        .over(list(by))
        .round(3)
        .alias("smooth")
    )
