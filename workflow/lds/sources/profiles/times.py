"""Which days a staged table covers, and which steps in between are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from lds.geography.classification.row_dates import read_dates
from lds.sources.contract import Contract

STEPS: dict[str, tuple[int, Callable[[date, date], int]]] = {
    "day": (1, lambda day, first: (day - first).days),
    "week": (7, lambda day, first: (day - first).days // 7),
    "month": (31, lambda day, first: 12 * day.year + day.month),
    "quarter": (92, lambda day, first: 4 * day.year + (day.month - 1) // 3),
    "year": (366, lambda day, first: day.year),
}
"""By step of a contract: the most days that one has, and the number of the step of a day; weeks
are counted from the first day of the table."""


def time_columns(contract: Contract) -> list[str]:
    """Return the columns that carry the time: those of the contract, or else dates of its key."""
    named = contract.time.get("columns")
    if named:
        return list(named)
    dates = {column.name for column in contract.columns if column.type == "date"}
    return [name for name in contract.key if name in dates]


def covered(
    column: str, texts: Sequence[str], step: str | None, listed_gaps: int
) -> dict[str, Any] | None:
    """Return which time a column covers; None where its texts are no days, months or years.

    Parameters
    ----------
    texts : the distinct values.
    step : the distance between times (``day``, ..., ``year``); without one no gap is looked for,
        nor where the times are longer than the step (years in a table of days).
    listed_gaps : how many gaps are listed; all are counted.

    Returns
    -------
    dict
        ``column``; ``first``, ``last`` (YYYY-MM-DD); ``times`` (distinct); and with a step
        ``step``, ``missing_steps`` and ``gaps``: ``after`` and ``before`` (the times around each)
        and ``steps`` (how many are missing between).
    """
    days = read_dates(pl.Series(texts, dtype=pl.String))
    if days.is_empty() or days["first_day"].null_count():
        return None
    first, last = days["first_day"].to_list(), days["last_day"].to_list()
    found: dict[str, Any] = {
        "column": column,
        "first": min(first).isoformat(),
        "last": max(last).isoformat(),
        "times": len(set(first)),
    }
    longest, number = STEPS.get(step or "", (0, None))
    if number is None or max((b - a).days + 1 for a, b in zip(first, last, strict=True)) > longest:
        return found
    times = {number(day, min(first)): day for day in sorted(first, reverse=True)}
    gaps = [
        {
            "after": times[before].isoformat(),
            "before": times[after].isoformat(),
            "steps": after - before - 1,
        }
        for before, after in pairwise(sorted(times))
        if after - before > 1
    ]
    missing = sum(int(gap["steps"]) for gap in gaps)
    return {**found, "step": step, "missing_steps": missing, "gaps": gaps[:listed_gaps]}
