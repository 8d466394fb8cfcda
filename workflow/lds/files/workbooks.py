"""Workbooks (XLSX, XLS and their kin): the cells of each sheet as text, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lds.errors import SourceError

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Cell = int | float | str | bool | time | date | datetime | timedelta
Rows = list[list[str]]


def cell_text(value: Cell) -> str:
    """Return what a cell holds as text: numbers without a needless fraction, dates as ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn whatever the library raises over a broken workbook into an error for users."""
    import python_calamine

    try:
        yield
    except BaseException as error:
        # A panic of the library in Rust is no Exception, and has no class that can be imported.
        known = (python_calamine.CalamineError, OSError, ValueError)
        if not isinstance(error, known) and type(error).__name__ != "PanicException":
            raise
        raise SourceError(
            "A workbook cannot be read: " + (str(error).splitlines() or ["it is damaged"])[0],
            where=str(path),
            remedy="Open it and save it again, without a password, as XLSX; or as CSV (UTF-8).",
        ) from None


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a workbook.

    Raises
    ------
    SourceError : the file is no workbook, is damaged or asks for a password.
    """
    from python_calamine import CalamineWorkbook

    with _readable(path):
        return CalamineWorkbook.from_path(path)


def find_sheet(book: CalamineWorkbook, wanted: str, path: Path) -> str:
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
        values=[name.strip() for name in book.sheet_names],
        remedy="Check that this is the right file.",
    )


def sheet_rows(book: CalamineWorkbook, sheet: str, path: Path) -> Rows:
    """Return the cells of a sheet from its first row on, blank ones as empty text.

    Of merged cells the first has the text and the others are blank, as the file stores them.

    Raises
    ------
    SourceError : the sheet cannot be read.
    """
    with _readable(path):
        rows: Sequence[Sequence[Cell]] = book.get_sheet_by_name(sheet).to_python(
            skip_empty_area=False
        )
        return [[cell_text(value) for value in row] for row in rows]
