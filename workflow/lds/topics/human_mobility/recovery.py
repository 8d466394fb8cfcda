"""How much of a change had gone again: recovery by period, and the deepest days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

MINIMUM_CHANGE = 5
"""Per cent: of a smaller change a share would say more than the data can."""


def with_recovery(periods: pl.DataFrame, base: str) -> pl.DataFrame:
    """Add ``recovered``: the share of the change in period `base` that had gone, per cent.

    100 is back at the baseline, more is beyond it, below 0 is further away than in `base`. Worked
    out from whole per cents, as the page shows them, so that a reader who divides finds the same.
    Missing for `base` and what came before it, where either value is missing, and where the
    change in `base` is under 5 per cent.

    Parameters
    ----------
    periods : ``measure, period, start, self`` (value of the district).
    """
    bases = periods.filter(
        (pl.col("period") == base) & (pl.col("self").round(0).abs() >= MINIMUM_CHANGE)
    ).select("measure", pl.col("start").alias("_since"), pl.col("self").round(0).alias("_base"))
    share = 100 * (1 - pl.col("self").round(0) / pl.col("_base"))
    return (
        periods.join(bases, on="measure", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("start") > pl.col("_since")).then(share.round(0)).alias("recovered")
        )
        .drop("_since", "_base")
    )


@dataclass(frozen=True)
class Lowest:
    """The lowest point of a smoothed series: the day in its middle, and the mean around it."""

    day: date
    value: float


def lowest(series: pl.DataFrame) -> Lowest | None:
    """Return the lowest 7-day mean of a daily series, the earliest of equals; None without one.

    Parameters
    ----------
    series : ``date, smooth`` (the mean of the days around the date; null where too few).
    """
    rows = series.filter(pl.col("smooth").is_not_null()).sort("smooth", "date")
    return Lowest(*rows.select("date", "smooth").row(0)) if rows.height else None
