"""Classify a table wherever it is: a file, a Polars frame or a DuckDB relation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import polars as pl
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation

from lds.database import connect, fetch, load_frame
from lds.errors import GeographyError
from lds.files.tables import FileTable, Sheet, open_tables
from lds.geography.classification.code_columns import CodeColumn, as_text, find_columns, read_column
from lds.geography.classification.codes import LAD, NINE_CHARACTERS
from lds.geography.classification.row_dates import date_columns
from lds.geography.classification.verdict import Classification, OtherColumn, assess, header_claim
from lds.geography.classification.vintages import window
from lds.geography.names import combined_areas
from lds.geography.register import Register

Table: TypeAlias = pl.DataFrame | pl.LazyFrame | DuckDBPyRelation | Path | str

_DATE_TYPES = ("VARCHAR", "ENUM", "DATE", "TIMESTAMP", "SMALLINT", "INTEGER", "BIGINT")
_DATE_SAMPLE = 1_000
_STARTS = (r"^\s*E0[6-9]\d{6}", rf"^\s*{NINE_CHARACTERS}")


def classify(
    table: Table,
    register: Register,
    *,
    column: str | None = None,
    date_column: str | None = None,
    sheet: str | None = None,
) -> Classification:
    """Say which vintage of LAD codes a table has.

    Parameters
    ----------
    table : a file (see `lds.files.tables`), a Polars frame or a DuckDB relation.
    column : the column of codes; found by its values when not given.
    date_column : the column of the rows' own dates; found by its values when not given.
    sheet : the sheet of a workbook; when not given, the one with the most codes of English LADs.

    Raises
    ------
    SourceError : when the file is missing, cannot be read, or has no such sheet.
    GeographyError : when there is no such column, or no column holds area codes.
    """
    with open_table(table, column=column, sheet=sheet) as found:
        return classify_relation(found, register, column, date_column)


@contextmanager
def open_table(
    table: Table, *, column: str | None = None, sheet: str | None = None
) -> Iterator[FileTable]:
    """Open a table of any form as a DuckDB relation, there until the block ends.

    Of a workbook's sheets it is `sheet`, or else the one with the most codes of English LADs.

    Raises
    ------
    SourceError, GeographyError : as `classify`.
    """
    if isinstance(table, str | Path):
        path = Path(table)
        with open_tables(path, sheet) as tables:
            sheets = [found for found in tables if isinstance(found, Sheet)]
            yield _fullest(sheets, path, column) if len(sheets) > 1 else tables[0]
    elif isinstance(table, pl.DataFrame | pl.LazyFrame):
        frame = table.collect() if isinstance(table, pl.LazyFrame) else table
        if not frame.width:
            raise GeographyError("The table has no columns.", remedy="Give a table with codes.")
        with connect() as con:
            load_frame(con, "incoming", frame)
            rows = con.table("incoming")
            yield FileTable("", None, lambda: rows)
    else:
        yield FileTable("", None, lambda: table)


def _fullest(sheets: Sequence[Sheet], path: Path, column: str | None) -> Sheet:
    """Return the sheet whose fullest column has the most English LADs, the first of equals."""
    best, most = None, (0, 0)
    for sheet in sheets:
        names = [name for name in sheet.cells.columns if column in (None, name)]
        for values in sheet.cells.select(names).iter_columns():
            # Codes of any kind decide where there are no LADs: a workbook of regions, say.
            lads, codes = (int(values.str.contains(start).sum()) for start in _STARTS)
            if (lads, codes) > most:
                best, most = sheet, (lads, codes)
    if best is None:
        raise GeographyError(
            "No sheet of the workbook has a column of area codes"
            + (f" called {column!r}." if column else "."),
            where=str(path),
            values=[sheet.sheet for sheet in sheets],
            remedy="Name the sheet and the column.",
        )
    return best


def classify_relation(
    table: FileTable, register: Register, column: str | None, date_column: str | None
) -> Classification:
    """Classify a table that is open; see `classify`."""
    relation = table.rows
    for name in (column, date_column):
        if name is not None:
            _require_column(table, name)
    columns = find_columns(relation) if column is None else [read_column(relation, column)]
    chosen, rest = columns[0], columns[1:]
    dates = date_column or _find_dates(relation, [found.name for found in columns])
    found = assess(
        chosen.values.select("text", "rows"),
        register,
        column=chosen.name,
        named=column is not None,
        table_name=table.name or None,
        date_column=dates,
        date_pairs=None if dates is None else _pairs(relation, chosen.name, dates),
        beside=_names_beside(relation, chosen),
        others=[_other(other, register) for other in rest],
    )
    if date_column and found.dates and found.dates.unread and not found.dates.dates:
        raise GeographyError(
            f"Column {date_column!r} has no dates that can be read.",
            where=table.name or None,
            remedy="Name a column of days (2020-03-01 or 01/03/2020), months or years.",
        )
    return found


def _require_column(table: FileTable, name: str) -> None:
    if name not in table.rows.columns:
        raise GeographyError(
            f"The table has no column {name!r}.",
            where=table.name or None,
            values=table.rows.columns,
            remedy="Give the name as it stands in the table.",
        )


def _other(found: CodeColumn, register: Register) -> OtherColumn:
    codes = found.values.filter(pl.col("kind") == LAD)["code"].unique().sort().to_list()
    time = window(codes, register)
    return OtherColumn(
        name=found.name,
        rows=found.rows(),
        lads=len(codes),
        window=time,
        claims=header_claim(found.name, time, register),
    )


def _pairs(relation: DuckDBPyRelation, column: str, date_column: str) -> pl.DataFrame:
    """Return the distinct pairs of a code's text and a date's text, with the rows of each."""
    pairs = as_text(relation, [column, date_column]).aggregate(
        "trim(c0) as text, c1 as date, count(*) as rows", "1, 2"
    )
    return fetch(pairs).with_columns(pl.col("rows").cast(pl.Int64))


def _find_dates(relation: DuckDBPyRelation, codes: Sequence[str]) -> str | None:
    """Return the first column whose values are nearly all dates."""
    names = [
        name
        for name, kind in zip(relation.columns, relation.types, strict=True)
        if name not in codes and str(kind).startswith(_DATE_TYPES)
    ]
    if not names:
        return None
    sample = fetch(as_text(relation, names).limit(_DATE_SAMPLE))
    found = date_columns(sample.rename(dict(zip(sample.columns, names, strict=True))))
    return found[0] if found else None


def _names_beside(relation: DuckDBPyRelation, chosen: CodeColumn) -> pl.DataFrame | None:
    """Return what other text columns say in the rows of codes that may be combined areas."""
    shared = combined_areas()["code"].unique().implode()
    texts = chosen.values.filter(pl.col("code").is_in(shared))["text"].to_list()
    names = [
        name
        for name, kind in zip(relation.columns, relation.types, strict=True)
        if name != chosen.name and str(kind).startswith(("VARCHAR", "ENUM"))
    ]
    if not texts or not names:
        return None
    found = relation.filter(
        ColumnExpression(chosen.name).cast("VARCHAR").isin(*map(ConstantExpression, texts))
    )
    rows = fetch(as_text(found, [chosen.name, *names]))
    codes = dict(chosen.values.select("text", "code").iter_rows())
    code = pl.col("c0").str.strip_chars().replace_strict(codes, default=None)
    # No name of a combined area has a digit; dates and numbers need no further look.
    return (
        rows.unpivot(index="c0", value_name="text")
        .filter(~pl.col("text").str.contains(r"\d"))
        .select(code=code, text="text")
        .unique()
        .sort("code", "text")
    )


def read_values(table: Table, column: str, *, sheet: str | None = None) -> list[str]:
    """Return the distinct values of one column as text, blank ones left out, sorted.

    Raises
    ------
    SourceError : as `classify`.
    GeographyError : when there is no such column.
    """
    with open_table(table, column=column, sheet=sheet) as found:
        _require_column(found, column)
        values = read_column(found.rows, column).values["text"]
    return values.drop_nulls().sort().to_list()
