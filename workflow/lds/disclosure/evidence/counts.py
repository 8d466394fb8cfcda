"""The counts behind a released row, and how far they are from the least that may be published."""

from __future__ import annotations

import polars as pl

from lds.disclosure.checks import exempt
from lds.disclosure.profiles import Profile
from lds.disclosure.registers import StatisticType

COUNT = "count"
BUSINESS = "business"
EVENTS = "events"
PROPORTION = "proportion"
COUNTS = {
    "n": "records",
    "cases": "records in the numerator",
    "complement": "records not in the numerator",
}
"""The counts behind a row, and what they are called."""


def left_over(whole: pl.Expr, part: pl.Expr, statistic: StatisticType) -> pl.Expr:
    """Return the complement: what is left of a whole without a part, where that tells something."""
    tells = statistic.derive == PROPORTION
    return whole - part if tells else pl.lit(None, dtype=pl.Int64)


def with_complement(rows: pl.DataFrame, statistic: StatisticType) -> pl.DataFrame:
    """Return rows with ``complement``.

    Parameters
    ----------
    rows : with the unweighted counts ``n`` and ``cases``.
    """
    left = left_over(pl.col("n"), pl.col("cases"), statistic)
    return rows.with_columns(left.alias("complement"))


def least_allowed(name: str, statistic: StatisticType, profile: Profile) -> int:
    """Return the least count of a kind that a profile publishes; 0 where any may be.

    Of businesses ``n`` are the enterprises, and their records (local units) have no least count.
    """
    if statistic.by == BUSINESS:
        return (profile.enterprises or profile.threshold) if name == "n" else 0
    if statistic.by == EVENTS and name == "cases":
        return max(profile.events, profile.threshold)
    return profile.threshold


def too_small(
    name: str, statistic: StatisticType, profile: Profile, count: pl.Expr | None = None
) -> pl.Expr:
    """Return whether a count of a row is below the least allowed; null is not.

    A statistic cannot stand on no records at all. Other zeros are as the profile says, but for the
    zero of a count: it may be one that nobody can be in, which only the gate knows (`zero_counts`).

    Parameters
    ----------
    name : which of `COUNTS` it is.
    count : where it stands; in the column of that name unless it is given.
    """
    least = least_allowed(name, statistic, profile)
    count = pl.col(name) if count is None else count
    small = count.is_between(1, least - 1)
    if least and statistic.by != COUNT and (name == "n" or profile.zeros_withheld):
        small |= count == 0
    return small.fill_null(False) & ~exempt(profile)


def zero_counts(statistic: StatisticType, profile: Profile) -> pl.Expr:
    """Return whether a row is a count of zero although the profile withholds zeros."""
    doubtful = profile.zeros_withheld and statistic.by == COUNT
    return pl.lit(doubtful) & (pl.col("cases") == 0).fill_null(False)


def headroom(statistic: StatisticType, profile: Profile) -> pl.Expr:
    """Return by how much the least of a row's counts is above what is allowed; null without any.

    Zeros that may be published do not count.
    """
    rooms = []
    for name in COUNTS:
        allowed = (pl.col(name) == 0) & ~too_small(name, statistic, profile)
        rooms.append(pl.when(~allowed).then(pl.col(name) - least_allowed(name, statistic, profile)))
    return pl.min_horizontal(rooms)
