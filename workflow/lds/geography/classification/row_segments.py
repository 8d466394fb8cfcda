"""A table of mixed vintages, split row by row into the fewest vintages that hold its codes."""

from __future__ import annotations

import polars as pl

from lds.database import fetch
from lds.errors import GeographyError
from lds.files.tables import FileTable
from lds.geography.classification.row_dates import read_dates
from lds.geography.classification.table_vintage import Table, classify_relation, open_table
from lds.geography.classification.verdict import Classification
from lds.geography.register import Register

ADDED = (
    *("lad_code", "code_kind", "segment", "segment_first_day", "segment_last_day"),
    "live_on_date",
)
"""The columns that a split puts behind those of the table."""


def split_rows(
    table: Table,
    register: Register,
    *,
    column: str | None = None,
    date_column: str | None = None,
    sheet: str | None = None,
) -> pl.DataFrame:
    """Return every row of a table with the vintage that it belongs to.

    A row goes to a segment (see `vintages.segments`) in whose window its code was live throughout:
    with a date, to one that the date falls into where there is one; else to the one that fits the
    table best.

    Parameters
    ----------
    table, column, date_column, sheet : as `lds.geography.classify`.

    Returns
    -------
    pl.DataFrame
        The rows and columns of the table in their order, and behind them ``lad_code`` (null where
        the row has no English LAD of the register), ``code_kind``, ``segment`` (number),
        ``segment_first_day``, ``segment_last_day``, and ``live_on_date``: whether the code was
        live on the row's own date (null without one).

    Raises
    ------
    SourceError, GeographyError : as `lds.geography.classify`; when the table has one of the added
        columns already.
    """
    with open_table(table, column=column, sheet=sheet) as opened:
        found = classify_relation(opened, register, column, date_column)
        return split_relation(opened, found, register)


def split_relation(table: FileTable, found: Classification, register: Register) -> pl.DataFrame:
    """Split a table that is open by its classification `found`; see `split_rows`."""
    rows = fetch(table.rows)
    if taken := sorted(set(rows.columns) & set(ADDED)):
        raise GeographyError(
            "The table has columns that a split would add.",
            where=table.name or None,
            values=taken,
            remedy="Rename them.",
        )
    keys = pl.DataFrame({"text": rows[found.column].cast(pl.String).str.strip_chars()})
    if found.dates is None:
        keys = keys.with_columns(date=pl.lit(None, pl.String))
    else:
        keys = keys.with_columns(date=rows[found.dates.column].cast(pl.String))
    placed = keys.join(
        _places(keys.unique().sort("text", "date"), found, register),
        on=["text", "date"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return pl.concat([rows, placed.select(ADDED)], how="horizontal")


def _places(pairs: pl.DataFrame, found: Classification, register: Register) -> pl.DataFrame:
    """Return where each distinct pair of a code's text and a date belongs."""
    texts = pairs["date"].unique().drop_nulls().sort()
    days = read_dates(texts).rename({"text": "date"})
    codes = found.codes.select("text", "code", "kind", "known", "start_date", "end_date", "segment")
    pairs = pairs.join(codes, on="text", how="left").join(days, on="date", how="left")
    spans = {part.number: part.window for part in found.segments}
    default = pl.col("segment")
    end = pl.col("end_date").fill_null(register.complete_to)
    # Windows do not overlap, or fewer segments would do; so the order does not matter.
    for number, time in spans.items():
        lived = (pl.col("start_date") <= time.first_day) & (end >= time.last_day)
        dated = (pl.col("first_day") <= time.last_day) & (pl.col("last_day") >= time.first_day)
        default = pl.when(lived & dated).then(pl.lit(number, pl.Int64)).otherwise(default)
    within = (pl.col("first_day") <= register.complete_to) & (
        pl.col("last_day") >= register.complete_from
    )
    live = (pl.col("start_date") <= pl.col("last_day")) & (end >= pl.col("first_day"))
    first_days = {number: time.first_day for number, time in spans.items()}
    last_days = {number: time.last_day for number, time in spans.items()}
    return pairs.with_columns(segment=default).select(
        "text",
        "date",
        lad_code=pl.when("known").then("code"),
        code_kind="kind",
        segment="segment",
        segment_first_day=pl.col("segment").replace_strict(
            first_days, default=None, return_dtype=pl.Date
        ),
        segment_last_day=pl.col("segment").replace_strict(
            last_days, default=None, return_dtype=pl.Date
        ),
        live_on_date=pl.when(pl.col("known") & within).then(live),
    )
