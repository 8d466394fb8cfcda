"""From rows to cells: which counts and amounts a table would show if its rows were released.

A row shows up to three cells: its numerator, its denominator, and the numerator of an earlier
period. Rows of different indicators and topics that show the same cell (the same quantity, area,
period and breakdown) show one number, and the gate decides on it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from lds.disclosure.registers import load_statistic_types
from lds.disclosure.vocabulary import (
    Classification,
    Quantity,
    parse_breakdown,
    write_breakdown,
)
from lds.errors import DisclosureError
from lds.topics import IndicatorEntry

CELL_KEY = ["quantity", "space", "area", "start", "end", "breakdown"]
"""What makes a cell. ``space`` is empty, but for windows that overlap, which do not add up over
time, and for the enterprises behind an amount, which add up over nothing."""
OVERLAPPING = "overlapping"
ENTERPRISES = "enterprises"
PARTS = ("numerator", "denominator", "before")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The cells that rows show.

    Attributes
    ----------
    cells : one line per cell, in order: ``cell`` (its number), `CELL_KEY`, ``kind`` (count or
        amount), ``value``, ``n`` (records or enterprises behind it), ``largest``,
        ``second_largest``, ``ceiling`` (the people who can be in it, null if not known).
    parts : one line per row and part: ``row``, ``part``, ``cell``.
    """

    cells: pl.DataFrame
    parts: pl.DataFrame


def indicator_frame(
    indicators: Mapping[tuple[str, str], IndicatorEntry],
) -> pl.DataFrame:
    """Return ``topic, indicator, quantity, outcome, share_of`` of indicators with a quantity."""
    rows = [
        (topic, name, entry.quantity, entry.outcome, entry.share_of)
        for (topic, name), entry in sorted(indicators.items())
        if entry.quantity is not None
    ]
    columns = ["topic", "indicator", "quantity", "outcome", "share_of"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _breakdowns(rows: pl.DataFrame, classifications: dict[str, Classification]) -> pl.DataFrame:
    """Return, for each breakdown with its outcome and share, those of numerator and denominator."""
    keys = ["breakdown", "outcome", "share_of"]
    made = []
    for breakdown, outcome, share_of in rows.select(keys).unique().sort(keys).iter_rows():
        pairs = parse_breakdown(breakdown, classifications)
        inside = parse_breakdown(outcome, classifications) if outcome else ()
        below = tuple(pair for pair in pairs if pair[0] != share_of)
        made.append(
            (breakdown, outcome, share_of, write_breakdown(pairs + inside), write_breakdown(below))
        )
    schema = dict.fromkeys([*keys, "numerator_breakdown", "denominator_breakdown"], pl.String)
    return pl.DataFrame(made, schema=schema, orient="row")


def shown_cells(
    rows: pl.DataFrame,
    indicators: Mapping[tuple[str, str], IndicatorEntry],
    quantities: Mapping[str, Quantity],
    classifications: dict[str, Classification],
    *,
    lenient: bool = False,
) -> Shown:
    """Return the cells behind rows that have a quantity.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml`` and ``row``, a number; all without
        a mark.
    indicators : (topic, indicator) -> its entry.
    lenient : leave out parts without a value, and of different values take the first, as for rows
        that were released long ago and cannot be mended.

    Raises
    ------
    DisclosureError : an unknown quantity or breakdown, a quantity of another kind than the
        statistic needs, the same cell with two values, or an amount without a row of its own.
    """
    entries = indicator_frame(indicators)
    unknown = sorted(set(entries["quantity"].unique()) - set(quantities))
    if unknown:
        raise DisclosureError(
            "The gate does not know a quantity.",
            where="workflow/resources/topics.yaml",
            values=unknown,
            remedy="Add it to workflow/resources/quantities.yaml.",
        )
    joined = rows.join(entries, on=["topic", "indicator"], how="inner")
    joined = joined.join(
        _breakdowns(joined, classifications),
        on=["breakdown", "outcome", "share_of"],
        how="left",
        nulls_equal=True,
    )
    parts = pl.concat(
        [
            _parts_of(joined, statistic, part, kind)
            for statistic, entry in load_statistic_types().items()
            for part, kind in entry.kind.items()
        ]
    )
    _refuse_other_kinds(parts, quantities)
    if lenient:
        parts = parts.filter(pl.col("value").is_not_null()).unique(CELL_KEY, keep="first")
        parts = parts.with_columns(pl.col("n").fill_null(0))
    cells = _one_line_each(parts)
    numbered = cells.with_row_index("cell")
    found = parts.join(numbered.select("cell", *CELL_KEY), on=CELL_KEY)
    return Shown(cells=numbered, parts=found.select("row", "part", "cell").sort("row", "part"))


def _parts_of(rows: pl.DataFrame, statistic: str, part: str, kind: str) -> pl.DataFrame:
    """Return one part of the rows of one type of statistic, in the columns of cells."""
    own = rows.filter(pl.col("statistic") == statistic)
    before = part == "before"
    amount = kind == "amount"
    counts = {"numerator": "cases", "denominator": "n", "before": "before_cases"}
    value = pl.col(part if amount else counts[part]).cast(pl.Float64)
    space = ""
    if statistic.startswith("rolling"):
        space = OVERLAPPING
    elif statistic == "business_mean" and part == "denominator":
        space = ENTERPRISES
    missing = pl.lit(None, dtype=pl.Float64)
    is_numerator = amount and part == "numerator"
    return own.select(
        "row",
        pl.lit(part).alias("part"),
        "quantity",
        pl.lit(space).alias("space"),
        "area",
        pl.col("before_start" if before else "start").alias("start"),
        pl.col("before_end" if before else "end").alias("end"),
        pl.col("denominator_breakdown" if part == "denominator" else "numerator_breakdown").alias(
            "breakdown"
        ),
        pl.lit(kind).alias("kind"),
        value.alias("value"),
        (pl.col("n").cast(pl.Float64) if is_numerator else missing if amount else value).alias("n"),
        (pl.col("largest") if is_numerator else missing).alias("largest"),
        (pl.col("second_largest") if is_numerator else missing).alias("second_largest"),
        (
            pl.col("denominator") if statistic.endswith("rate") and part == "numerator" else missing
        ).alias("ceiling"),
    )


def _refuse_other_kinds(parts: pl.DataFrame, quantities: Mapping[str, Quantity]) -> None:
    kinds = pl.DataFrame(
        [(name, quantity.kind) for name, quantity in quantities.items()],
        schema=["quantity", "of_kind"],
        orient="row",
    )
    other = parts.join(kinds, on="quantity").filter(
        (pl.col("space") != ENTERPRISES) & (pl.col("kind") != pl.col("of_kind"))
    )
    if other.height:
        raise DisclosureError(
            "A statistic needs a quantity of another kind (counts of records, or amounts).",
            where="workflow/resources/topics.yaml",
            values=sorted(other["quantity"].unique()),
        )


def _one_line_each(parts: pl.DataFrame) -> pl.DataFrame:
    """Return one line per cell, in order, after making sure that all who show it agree."""
    cells = (
        parts.group_by(CELL_KEY)
        .agg(
            pl.col("kind").first(),
            pl.col("value").min(),
            (pl.col("value").max() - pl.col("value").min()).alias("apart"),
            pl.col("n").min(),
            (pl.col("n").max() - pl.col("n").min()).fill_null(0).alias("n_apart"),
            pl.col("largest", "second_largest").max(),
            pl.col("ceiling").max(),
        )
        .sort(CELL_KEY)
    )
    differing = cells.filter((pl.col("apart") > 0) | (pl.col("n_apart") > 0))
    if differing.height:
        raise DisclosureError(
            "Indicators give different numbers for the same cell.",
            where=f"{differing.height} cells (quantity, area, period and breakdown)",
            values=sorted(differing["quantity"].unique()),
            remedy="Count them from the same records, or name another quantity.",
        )
    lacking = cells.filter(pl.col("n").is_null())
    if lacking.height:
        raise DisclosureError(
            "A share of an amount has no row for the amount that it is a share of.",
            where=f"{lacking.height} cells",
            values=sorted(lacking["quantity"].unique()),
            remedy="Give the whole amount as a row of its own (business_sum).",
        )
    return cells.drop("apart", "n_apart")
