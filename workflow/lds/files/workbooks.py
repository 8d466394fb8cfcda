"""Workbooks (XLSX, XLS and their kin): the cells of each sheet as text, row by row."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lds.errors import SourceError
from lds.files.apart import apart, each_apart
from lds.files.formula_errors import formula_errors

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Cell = int | float | str | bool | time | date | datetime | timedelta
Rows = list[list[str]]
_MOST_CELLS = 1 << 27
"""A sheet with more cells than this is no table, but has a cell far away from one."""
EXACT = 2**53
"""Whole numbers below this are exact in a floating point number."""


def cell_text(value: Cell) -> str:
    """Return what a cell holds as text: numbers without a needless fraction, dates as ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


@contextmanager
def _readable(path: Path, *, secure: bool = False) -> Iterator[None]:
    """Turn whatever the library raises over a broken workbook into an error for users."""
    import python_calamine

    problem = "it is damaged, has a password or is none"

    try:
        yield
    except BaseException as error:
        # A panic of the library in Rust is no Exception, and has no class that can be imported.
        known = (
            *(python_calamine.CalamineError, OSError, ValueError),
            *(ElementTree.ParseError, zipfile.BadZipFile, zlib.error),
        )
        if not isinstance(error, known) and type(error).__name__ != "PanicException":
            raise
        if not secure:  # The library quotes what it does not understand.
            problem = (str(error).splitlines() or [problem])[0]
        raise SourceError(
            f"A workbook cannot be read: {problem}",
            where=str(path),
            remedy="Open it and save it again, without a password, as XLSX; or as CSV (UTF-8).",
        ) from None


@dataclass(frozen=True)
class Workbook:
    """A workbook that can be opened.

    Attributes
    ----------
    first : the first sheet that has cells and is not hidden; None where there is none.
    """

    path: Path
    sheet_names: list[str]
    first: str | None


def open_workbook(path: Path, shown: Path | None = None, *, secure: bool = False) -> Workbook:
    """Open a workbook.

    Parameters
    ----------
    shown : the file that messages name, where `path` is what was packed in it.
    secure : quote nothing that is in it.

    Raises
    ------
    SourceError : the file is no workbook, is damaged or asks for a password.
    """
    return apart(_opened, path, shown or path, secure, shown=shown or path)


def _opened(path: Path, shown: Path, secure: bool) -> Workbook:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with _readable(shown, secure=secure):
        book = CalamineWorkbook.from_path(path)
    seen = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
    first = (sheet.name for sheet in book.sheets_metadata if (sheet.typ, sheet.visible) == seen)
    return Workbook(path, book.sheet_names, next(first, None))


def first_sheet(book: Workbook, path: Path) -> str:
    """Return the name of the first sheet that has cells and is not hidden.

    Raises
    ------
    SourceError : there is none, as in a workbook of charts alone.
    """
    if book.first is None:
        raise SourceError(
            "The workbook has no sheet with cells that is not hidden.",
            where=str(path),
            remedy="Check that this is the right file.",
        )
    return book.first


def find_sheet(book: Workbook, wanted: str, path: Path, *, secure: bool = False) -> str:
    """Return the name of a sheet, which may differ in blanks around it and in case.

    Raises
    ------
    SourceError : there is no such sheet.
    """

    def plain(name: str) -> str:
        return name.strip().casefold()

    for name in (wanted, *(each for each in book.sheet_names if plain(each) == plain(wanted))):
        if name in book.sheet_names:
            return name
    raise SourceError(
        f"The workbook has no sheet {wanted!r}.",
        where=str(path),
        values=() if secure else [name.strip() for name in book.sheet_names],
        remedy="Check that this is the right file.",
    )


def sheet_rows(
    book: Workbook, sheets: Sequence[str], path: Path, *, secure: bool = False
) -> Generator[Rows]:
    """Yield for each of some sheets its cells from its first row on, blank ones as empty text.

    The workbook is opened once, and one sheet is in memory at a time. Of merged cells the first has
    the text and the others are blank, as the file stores them. Errors of formulas (``#N/A``) are
    text in XLSX; in older forms they are blank.

    Raises
    ------
    SourceError : a sheet cannot be read.
    """
    return each_apart(_rows, book.path, sheets, path, secure, shown=path)


def _rows(path: Path, sheets: Sequence[str], shown: Path, secure: bool) -> Iterator[Rows]:
    from python_calamine import CalamineWorkbook

    with _readable(shown, secure=secure):
        book = CalamineWorkbook.from_path(path)
    for sheet in sheets:
        with _readable(shown, secure=secure):
            # Never bound to a name: it would stay in memory while the next sheet is read.
            yield _sheet(book, path, sheet)


def _sheet(book: CalamineWorkbook, path: Path, sheet: str) -> Rows:
    cells: Sequence[Sequence[Cell]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    rows = [[cell_text(value) for value in row] for row in cells]
    for (row, column), text in formula_errors(path, sheet).items():
        _put(rows, row, column, text)
    return rows


def _put(rows: Rows, row: int, column: int, text: str) -> None:
    """Write text into a cell; where errors stand alone, the sheet is larger than was read."""
    width = max(column + 1, len(rows[0]) if rows else 0)
    if max(row + 1, len(rows)) * width > _MOST_CELLS:
        raise ValueError("a cell is too far from the table")
    rows.extend([] for _ in range(row + 1 - len(rows)))
    for cells in rows:
        cells.extend([""] * (width - len(cells)))
    rows[row][column] = text
