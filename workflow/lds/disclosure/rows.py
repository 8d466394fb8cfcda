"""What becomes of each row: which are asked for, and which follow others into withholding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from lds.disclosure.cells import PARTS, Shown
from lds.disclosure.protection import PERIOD
from lds.disclosure.result import WITHHELD_CELLS
from lds.disclosure.vocabulary import Quantity
from lds.topics import ENGLAND, IndicatorEntry

OVERLAP, INHERITS, WIDENED, TOO_THIN = "overlap", "inherits", "widened", "thin"
FINER, COARSER = "finer", "coarser"
UNRECOVERABLE = "unrecoverable"
WIDE_ENOUGH = 0.2
"""Share of rows that a period may lose before a wider one is released in its place."""
THIN = 1 / 3
"""Share of the rows of a table that may be unsafe by themselves, before none of it is released."""
_AT = "@england"


def overlapping_windows(
    shown: Shown, quantities: Mapping[str, Quantity], before: pl.DataFrame
) -> pl.Series:
    """Return the numbers of rows with a window that overlaps another of the same quantity in part.

    Of windows that overlap in part, those of earlier releases, then the shortest and then the
    earliest stay: what two of them leave over would be the count of a few days, whichever groups
    they are counted for, since groups add up. Statistics made for overlapping windows have checks
    of their own, and so have people, who do not add up over time.

    Parameters
    ----------
    before : cells of earlier releases.
    """
    columns = ["quantity", "start", "end"]
    adding = [name for name, each in quantities.items() if PERIOD in each.adds_over]
    counted = (pl.col("space") == "") & pl.col("quantity").is_in(adding)
    old = before.filter(counted).select(columns).unique()
    new = shown.cells.filter(counted).select(columns).unique().join(old, on=columns, how="anti")
    refused = []
    for (quantity,), windows in new.partition_by("quantity", as_dict=True).items():
        kept: list[tuple[date, date]] = [
            (start, end) for of, start, end in old.iter_rows() if of == quantity
        ]
        ordered = windows.with_columns((pl.col("end") - pl.col("start")).alias("days")).sort(
            "days", "start"
        )
        for start, end in ordered.select("start", "end").iter_rows():
            if any(_in_part(start, end, *other) for other in kept):
                refused.append((quantity, start, end))
            else:
                kept.append((start, end))
    out = pl.DataFrame(
        refused, schema=dict.fromkeys(columns, pl.Date) | {"quantity": pl.String}, orient="row"
    )
    cells = shown.cells.filter(counted).join(out, on=columns, how="semi")["cell"]
    return shown.parts.filter(pl.col("cell").is_in(cells.implode()))["row"].unique().sort()


def _in_part(start: date, end: date, other_start: date, other_end: date) -> bool:
    apart = end < other_start or other_end < start
    inside = other_start <= start and end <= other_end
    around = start <= other_start and other_end <= end
    return not (apart or inside or around)


def widened(
    rows: pl.DataFrame,
    unsafe: pl.Series,
    indicators: Mapping[tuple[str, str], IndicatorEntry],
    narrow_areas: Iterable[str],
) -> pl.Series:
    """Return which rows give way to rows of another period: null, ``finer`` or ``coarser``.

    Of an indicator that comes by several periods (``widening``), each LAD and custom area gets, for
    each breakdown, the narrowest of which at most `WIDE_ENOUGH` of the rows are unsafe, or the
    widest; regions and England keep them all, so that every district has its comparator.

    Parameters
    ----------
    rows : columns of indicators.
    unsafe : whether each row would be withheld by itself.
    narrow_areas : areas that get one period only.

    Returns
    -------
    ``finer`` for rows of a narrower period than is released, ``coarser`` for those of a wider one.
    """
    steps = [
        (topic, name, period, place)
        for (topic, name), entry in sorted(indicators.items())
        for place, period in enumerate(entry.widening)
    ]
    schema = {
        "topic": pl.String,
        "indicator": pl.String,
        "period": pl.String,
        "step": pl.Int64,
    }
    order = pl.DataFrame(steps, schema=schema, orient="row")
    keys = ["topic", "indicator", "measure", "area", "dimensions"]
    own = (
        rows.select(*keys[:-1], _dimensions(), "period", pl.int_range(pl.len()).alias("place"))
        .with_columns(unsafe.alias("unsafe"))
        .filter(pl.col("area").is_in(list(narrow_areas)))
        .join(order, on=["topic", "indicator", "period"])
    )
    loss = own.group_by(*keys, "step").agg(pl.col("unsafe").mean().alias("loss"))
    chosen = loss.group_by(keys).agg(
        pl.coalesce(
            pl.col("step").filter(pl.col("loss") <= WIDE_ENOUGH).min(), pl.col("step").max()
        ).alias("chosen")
    )
    out = own.join(chosen, on=keys).filter(pl.col("step") != pl.col("chosen"))
    side = pl.when(pl.col("step") < pl.col("chosen")).then(pl.lit(FINER)).otherwise(pl.lit(COARSER))
    nothing = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    return nothing.scatter(out["place"], out.select(side.alias("side"))["side"])


def _dimensions() -> pl.Expr:
    """Return by what rows are broken down, whatever the values."""
    return pl.col("breakdown").str.replace_all(r"=[^|]*", "").alias("dimensions")


def thin(rows: pl.DataFrame, unsafe: pl.Series, narrow_areas: Iterable[str]) -> pl.Series:
    """Return which rows belong to a table of which too much would be withheld.

    A table is one indicator by one breakdown (by age, say) for one LAD or custom area. Where more
    than `THIN` of it is unsafe, what is left would be full of holes, and many more cells would have
    to hide those: then none of it is released.

    Parameters
    ----------
    rows : columns of indicators; rows that gave way to another period are not among them.
    unsafe : whether each row would be withheld by itself.
    narrow_areas : LADs and custom areas.
    """
    table = ["topic", "indicator", "measure", "period", "area", "dimensions"]
    parts = rows.select(
        *table[:-1],
        _dimensions(),
        (pl.col("area").is_in(list(narrow_areas)) & pl.col("breakdown").str.contains("=")).alias(
            "concerned"
        ),
        unsafe.alias("unsafe"),
    )
    return parts.select(
        (pl.col("concerned") & (pl.col("unsafe").mean().over(table) > THIN)).alias("thin")
    )["thin"]


def from_cells(
    rows: pl.DataFrame, parts: pl.DataFrame, cells: pl.DataFrame, dropped: pl.Series
) -> pl.Series:
    """Return per row the rule of the first of its cells that is withheld, null for none.

    Parameters
    ----------
    rows : with ``row``.
    parts : ``row, part, cell``.
    cells : ``cell, status, rule``.
    dropped : numbers of cells whose tables are not released at all.
    """
    lost = pl.DataFrame({"cell": dropped}).with_columns(pl.lit(UNRECOVERABLE).alias("rule"))
    withheld = pl.concat(
        [
            cells.filter(pl.col("status").is_in(WITHHELD_CELLS)).select("cell", "rule"),
            lost.cast({"cell": cells.schema["cell"]}),
        ]
    )
    order = {part: place for place, part in enumerate(PARTS)}
    first = (
        parts.cast({"cell": cells.schema["cell"]})
        .join(withheld, on="cell")
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
