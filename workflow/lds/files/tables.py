"""Tables of a file, as its publisher ships it: CSV, TSV, compressed CSV, XLSX, XLS, Parquet.

Every cell of a text file or workbook comes as text. Title lines above the header are skipped,
a byte order mark and either kind of line end are understood, and text that is not UTF-8 is
read as Windows-1252, which Latin-1 is a part of.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lds.database import one_file
from lds.errors import SourceError
from lds.files.delimited import read_text, unreadable
from lds.files.headers import PREVIEW, column_names, find_header
from lds.files.packed import unpacked
from lds.files.workbooks import find_sheet, open_workbook, sheet_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".tab", ".txt", ".psv")
READABLE = ("CSV", "TSV", "compressed CSV (.gz, .bz2, .xz, .zip)", "XLSX", "XLS", "Parquet")


@dataclass(frozen=True, eq=False)
class FileTable:
    """One table of a file.

    Attributes
    ----------
    name : the file's name; for a workbook also the sheet's. Empty for a table in memory.
    sheet : the sheet, without blanks around it; null where there are none.
    """

    name: str
    sheet: str | None
    _open: Callable[[], DuckDBPyRelation]

    @cached_property
    def rows(self) -> DuckDBPyRelation:
        """Return the rows, in the file's order."""
        return self._open()


@dataclass(frozen=True, eq=False)
class Sheet(FileTable):
    """A sheet of a workbook: ``cells`` are its rows below the header, as text."""

    cells: pl.DataFrame


@contextmanager
def open_tables(path: Path, sheet: str | None = None) -> Iterator[Sequence[FileTable]]:
    """Read the tables of a file; they are there until the block ends.

    Empty sheets are left out. A blank column name becomes ``column_1`` (by its place), and a
    repeated one gets its place behind it.

    Raises
    ------
    SourceError : when the file is missing, empty, of an unknown form or cannot be read, or when it
        has no such sheet.
    """
    from lds.database import connect

    if not path.is_file():
        raise SourceError(
            "There is no such file.", where=str(path), remedy="Check the name and the folder."
        )
    if path.stat().st_size == 0:
        raise SourceError("The file is empty.", where=str(path))
    if sheet is not None and path.suffix.lower() not in WORKBOOKS:
        raise SourceError(
            "Only a workbook has sheets.", where=str(path), remedy="Leave the sheet out."
        )
    with connect() as con, tempfile.TemporaryDirectory(prefix="lds_tables_") as folder:
        plain = unpacked(path, Path(folder), (*TEXT, *PARQUET, *WORKBOOKS), unnamed=".csv")
        suffix = plain.suffix.lower()
        if suffix in WORKBOOKS:
            yield _read_workbook(con, plain, path, sheet)
        elif suffix in PARQUET:
            rows = _read_parquet(con, plain, path)
            yield [FileTable(path.name, None, lambda: rows)]
        elif suffix in TEXT:
            rows = read_text(con, plain, path, Path(folder))
            yield [FileTable(path.name, None, lambda: rows)]
        else:
            raise SourceError(
                f"Files that end in {suffix!r} cannot be read."
                if suffix
                else "A file whose name has no ending cannot be read.",
                where=str(path),
                remedy=f"Give {', '.join(READABLE[:-1])} or {READABLE[-1]}.",
            )


def _read_parquet(con: DuckDBPyConnection, plain: Path, path: Path) -> DuckDBPyRelation:
    import duckdb

    try:
        # Damage below the head of the file shows only when all of it is read.
        con.read_parquet(one_file(plain)).create("incoming")
    except duckdb.Error as error:
        raise unreadable(path, str(error)) from None
    return con.table("incoming")


def _read_workbook(
    con: DuckDBPyConnection, plain: Path, path: Path, sheet: str | None
) -> list[Sheet]:
    """Read the sheets of a workbook, or the one that is named."""
    workbook = open_workbook(plain, path)
    names = workbook.sheet_names if sheet is None else [find_sheet(workbook, sheet, path)]
    tables = []
    with closing(sheet_rows(workbook, names, path)) as read:
        for number, (name, rows) in enumerate(zip(names, read, strict=True)):
            cells = _below_header(rows)
            if cells.is_empty():
                continue
            title = name.strip()
            load = partial(_load_sheet, con, f"sheet_{number}", cells)
            tables.append(Sheet(f"{path.name}, sheet {title}", title, load, cells))
    return tables


def _load_sheet(con: DuckDBPyConnection, name: str, cells: pl.DataFrame) -> DuckDBPyRelation:
    from lds.database import load_frame

    load_frame(con, name, cells)
    return con.table(name)


def _below_header(rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    """Return a sheet's rows below its header, named by it, without the empty ones."""
    header = find_header(rows[:PREVIEW])
    width = max(map(len, rows), default=0)
    names = column_names(rows[header] if header is not None else [], width)
    body = rows if header is None else rows[header + 1 :]
    return pl.DataFrame(
        [[cell or None for cell in row] for row in body if any(row)],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )
