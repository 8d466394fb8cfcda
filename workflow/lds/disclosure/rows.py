"""What becomes of each row: which are asked for, and which follow others into withholding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from lds.disclosure.cells import PARTS
from lds.disclosure.result import WITHHELD_CELLS
from lds.topics import ENGLAND, IndicatorEntry

OVERLAP, INHERITS, WIDENED = "overlap", "inherits", "widened"
WIDE_ENOUGH = 0.2
"""Share of rows that a period may lose before a wider one is released in its place."""
_AT = "@england"


def overlapping_windows(rows: pl.DataFrame, entries: pl.DataFrame) -> pl.Series:
    """Return which rows stand for a window that overlaps another of the same quantity in part.

    Of windows that overlap in part, the shortest and then the earliest stay: what two of them leave
    over would be the count of a few days. Statistics made for overlapping windows have checks of
    their own.

    Parameters
    ----------
    rows : columns of indicators, and ``row``.
    entries : from `lds.disclosure.cells.indicator_frame`.
    """
    rolling = pl.col("statistic").str.starts_with("rolling")
    own = rows.filter(~rolling).join(
        entries.select("topic", "indicator", "quantity"), on=["topic", "indicator"]
    )
    refused: list[tuple[str, str, object, object]] = []
    series = own.select("quantity", "breakdown", "start", "end").unique()
    for (quantity, breakdown), windows in series.group_by("quantity", "breakdown"):
        kept: list[tuple[object, object]] = []
        ordered = windows.with_columns((pl.col("end") - pl.col("start")).alias("days")).sort(
            "days", "start"
        )
        for start, end in ordered.select("start", "end").iter_rows():
            if any(_in_part(start, end, *other) for other in kept):
                refused.append((quantity, breakdown, start, end))
            else:
                kept.append((start, end))
    schema = {"quantity": pl.String, "breakdown": pl.String, "start": pl.Date, "end": pl.Date}
    out = pl.DataFrame(refused, schema=schema, orient="row")
    hit = own.join(out, on=list(schema), how="semi")["row"]
    return rows["row"].is_in(hit.implode())


def _in_part(start: object, end: object, other_start: object, other_end: object) -> bool:
    apart = end < other_start or other_end < start  # type: ignore[operator]
    inside = other_start <= start and end <= other_end  # type: ignore[operator]
    around = start <= other_start and other_end <= end  # type: ignore[operator]
    return not (apart or inside or around)


def widened(
    rows: pl.DataFrame,
    unsafe: pl.Series,
    indicators: Mapping[tuple[str, str], IndicatorEntry],
    narrow_areas: Iterable[str],
) -> pl.Series:
    """Return which rows give way to rows of another period.

    Of an indicator that comes by several periods (``widening``), each LAD and custom area gets the
    narrowest of which at most `WIDE_ENOUGH` of the rows are unsafe, or the widest; regions and
    England keep them all, so that every district has its comparator.

    Parameters
    ----------
    rows : columns of indicators.
    unsafe : whether each row would be withheld by itself.
    narrow_areas : areas that get one period only.
    """
    steps = [
        (topic, name, period, place)
        for (topic, name), entry in sorted(indicators.items())
        for place, period in enumerate(entry.widening)
    ]
    if not steps:
        return pl.repeat(False, rows.height, eager=True)
    order = pl.DataFrame(steps, schema=["topic", "indicator", "period", "step"], orient="row")
    keys = ["topic", "indicator", "area"]
    own = rows.select(*keys, "period", pl.col("area").is_in(list(narrow_areas)).alias("narrow"))
    own = own.with_columns(unsafe.alias("unsafe"), pl.int_range(pl.len()).alias("place")).join(
        order, on=["topic", "indicator", "period"], how="inner"
    )
    loss = own.group_by(*keys, "step").agg(pl.col("unsafe").mean().alias("loss"))
    chosen = loss.group_by(keys).agg(
        pl.coalesce(
            pl.col("step").filter(pl.col("loss") <= WIDE_ENOUGH).min(), pl.col("step").max()
        ).alias("chosen")
    )
    out = own.join(chosen, on=keys).filter(pl.col("narrow") & (pl.col("step") != pl.col("chosen")))
    flags = pl.Series(values=[False], dtype=pl.Boolean).new_from_index(0, rows.height)
    return flags.scatter(out["place"], True) if out.height else flags


def from_cells(rows: pl.DataFrame, parts: pl.DataFrame, cells: pl.DataFrame) -> pl.Series:
    """Return per row the rule of the first of its cells that is withheld, null for none."""
    withheld = cells.filter(pl.col("status").is_in(WITHHELD_CELLS))
    order = {part: place for place, part in enumerate(PARTS)}
    first = (
        parts.join(withheld.select("cell", "rule"), on="cell")
        .sort("row", pl.col("part").replace_strict(order, return_dtype=pl.Int8))
        .unique("row", keep="first", maintain_order=True)
    )
    return (
        rows.select("row")
        .join(first, on="row", how="left", maintain_order="left")["rule"]
        .alias("rule")
    )


def inherited(
    rows: pl.DataFrame, rule: pl.Series, indicators: Mapping[tuple[str, str], IndicatorEntry]
) -> pl.Series:
    """Return the rules of rows, with those added that rest on something withheld or not there.

    Parameters
    ----------
    rows : columns of indicators.
    rule : per row the rule that withholds it, or null.
    """
    rests = {key: entry.rests_on for key, entry in sorted(indicators.items()) if entry.rests_on}
    if not rests:
        return rule
    keys = ["area", "breakdown", "start", "end"]
    state = rows.select("topic", "indicator", "value", *keys).with_columns(
        rule.alias("rule"), pl.int_range(pl.len()).alias("place")
    )
    while True:
        there = state.filter(pl.col("rule").is_null() & pl.col("value").is_not_null())
        lost: list[int] = []
        for (topic, name), needed in rests.items():
            own = state.filter(
                (pl.col("topic") == topic)
                & (pl.col("indicator") == name)
                & pl.col("rule").is_null()
                & pl.col("value").is_not_null()
            )
            for other in needed:
                indicator = other.removesuffix(_AT)
                base = there.filter((pl.col("topic") == topic) & (pl.col("indicator") == indicator))
                if other.endswith(_AT):
                    on = keys[1:]
                    base = base.filter(pl.col("area") == ENGLAND)
                else:
                    on = keys
                lost += own.join(base.select(on).unique(), on=on, how="anti")["place"].to_list()
        if not lost:
            return state["rule"]
        state = state.with_columns(
            pl.when(pl.col("place").is_in(lost))
            .then(pl.lit(INHERITS))
            .otherwise(pl.col("rule"))
            .alias("rule")
        )
