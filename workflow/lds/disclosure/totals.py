"""Totals as sums of their rounded parts, so that a total tells nothing of a part that is withheld.

The parts of a row are the rows of the same indicator, statistic, area, comparator, measure and
period whose breakdown is one step finer along one dimension: ``sex=female`` and ``sex=male`` of
``all``, ``sex=female|age=age_0_9`` and the other ages of ``sex=female``. A row is a total where the
counts of such parts add up to its own, those of withheld parts included. It becomes the sum of the
parts that are published; where several dimensions divide it, of the one with most withheld, because
that one would give most away. Finer rows come first, so that sums are of sums. A total without any
published part is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from lds.disclosure.structure import ALL
from lds.disclosure.vocabulary import load_classifications, parse_breakdown

GROUP = (
    "topic",
    "indicator",
    "statistic",
    "area",
    "comparator",
    "measure",
    "period",
    "start",
    "end",
)
"""What a total has in common with its parts; besides, they are of one unit."""


def steps_up(breakdowns: Iterable[str]) -> pl.DataFrame:
    """Return which breakdowns are parts of which others that there are.

    Returns
    -------
    ``part, total, dimension, height``: `height` is 1 for totals of the finest parts, and more for
    totals of totals. A value's total is the nearest one above it that there is.

    Raises
    ------
    DisclosureError : a dimension or value that no classification has.
    """
    classifications = load_classifications()
    known = {frozenset(parse_breakdown(each, classifications)): each for each in breakdowns}
    steps = []
    for items, part in known.items():
        for dimension, value in items:
            parents = classifications[dimension].parents
            rest = items - {(dimension, value)}
            above = parents[value] or ALL
            while above != ALL and rest | {(dimension, above)} not in known:
                above = parents[above] or ALL
            total = rest if above == ALL else rest | {(dimension, above)}
            if total in known:
                steps.append((part, known[total], dimension))
    parts_of: dict[str, list[str]] = {}
    for part, whole, _ in steps:
        parts_of.setdefault(whole, []).append(part)

    @cache
    def height(breakdown: str) -> int:
        return 1 + max((height(part) for part in parts_of.get(breakdown, ())), default=-1)

    return pl.DataFrame(
        sorted((part, whole, dimension, height(whole)) for part, whole, dimension in steps),
        schema={"part": pl.String, "total": pl.String, "dimension": pl.String, "height": pl.Int64},
        orient="row",
    )


def sum_totals(rows: pl.DataFrame) -> pl.DataFrame:
    """Replace the rounded counts of totals by the sums of those of their published parts.

    Parameters
    ----------
    rows : columns of `GROUP`, ``breakdown``, ``unit``, ``true_cases`` and ``true_whole`` (before
        rounding), ``cases`` and ``whole`` (rounded), ``shown`` (whether the row is published).

    Returns
    -------
    The same rows in the same order with ``cases``, ``whole`` and ``shown`` as they become, and
    ``partly``: whether the row is the sum of some of its parts only.
    """
    steps = steps_up(rows["breakdown"].unique())
    state = _numbered(rows).with_columns(pl.lit(False).alias("partly"))
    for level in sorted(steps["height"].unique()):
        sums = _sums(state, steps.filter(pl.col("height") == level))
        state = (
            state.join(sums, on="number", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("summed_cases", "cases").alias("cases"),
                pl.coalesce("summed_whole", "whole").alias("whole"),
                (pl.col("shown") & (pl.col("parts_shown").fill_null(1) > 0)).alias("shown"),
                (pl.col("parts_hidden").fill_null(0) > 0).alias("partly"),
            )
            .drop(sums.drop("number").columns)
            if sums.height
            else state
        )
    return state.drop("number", "group")


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the rows, and the groups within which rows are parts of each other."""
    keys = [*GROUP, "unit"]
    groups = rows.select(keys).unique(maintain_order=True).with_row_index("group")
    joined = rows.join(groups, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_row_index("number")


def _sums(state: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return, by the row of each total, the sums over its parts along one dimension."""
    shown = pl.col("shown")
    each = (
        state.lazy()
        .join(steps.lazy(), left_on="breakdown", right_on="part")
        .group_by("group", "total", "dimension")
        .agg(
            pl.col("true_cases").sum().alias("all_cases"),
            pl.col("true_whole").sum().alias("all_whole"),
            pl.col("true_cases").filter(~shown).sum().alias("hidden_cases"),
            pl.col("cases").filter(shown).sum().alias("summed_cases"),
            pl.col("whole").filter(shown).sum().alias("summed_whole"),
            shown.sum().alias("parts_shown"),
            (~shown).sum().alias("parts_hidden"),
        )
    )
    exact = pl.col("all_cases") == pl.col("true_cases")
    whole = (pl.col("all_whole") - pl.col("true_whole").fill_null(0)).abs() < 0.5
    return (
        state.lazy()
        .filter(shown)
        .select("number", "group", "breakdown", "true_cases", "true_whole")
        .join(each, left_on=["group", "breakdown"], right_on=["group", "total"])
        .filter(exact & whole)
        .sort(
            ["number", "hidden_cases", "parts_hidden", "dimension"],
            descending=[False, True, True, False],
        )
        .unique("number", keep="first", maintain_order=True)
        .select("number", "summed_cases", "summed_whole", "parts_shown", "parts_hidden")
        .collect()
    )
