"""Delimited text, whatever its encoding, line ends, delimiter and titles, as a table of text."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lds.database import one_file
from lds.errors import SourceError
from lds.files.encoding import recoded
from lds.files.headers import PREVIEW, column_names, find_header
from lds.files.records import long_fields

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_DELIMITERS = (",", "\t", ";", "|")


def unreadable(path: Path, problem: str) -> SourceError:
    """Return the error for a file that is no readable table, with the problem's first line."""
    return SourceError(
        "The file cannot be read as a table: " + (problem.strip().splitlines() or ["?"])[0],
        where=str(path),
        remedy="Open it and save it again as CSV (UTF-8) with the same number of fields in each "
        "row.",
    )


def read_text(con: DuckDBPyConnection, plain: Path, path: Path, folder: Path) -> DuckDBPyRelation:
    """Read delimited text into table ``incoming``, all columns as text.

    Parameters
    ----------
    plain : the text, not compressed; `path` is the file that it comes from, for messages.
    folder : for a copy, where the text is not UTF-8.

    Raises
    ------
    SourceError : naming the line where it can be, when the text is no table.
    """
    with plain.open("rb") as handle:
        opening = handle.read(4)
    if opening.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _read_utf8(con, _recoded(plain, folder, ("utf-16",), path), path)
    try:
        return _read_utf8(con, plain, path)
    except UnicodeError:
        # Windows-1252 is Latin-1 with quotation marks and dashes where that has none.
        return _read_utf8(con, _recoded(plain, folder, ("cp1252", "latin-1"), path), path)


def _recoded(plain: Path, folder: Path, encodings: Sequence[str], path: Path) -> Path:
    """Return a copy of text as UTF-8, read in the first of some encodings that fits it."""
    for encoding in encodings:
        try:
            return recoded(plain, encoding, folder / f"utf8{plain.suffix}")
        except UnicodeError:
            continue
    raise unreadable(path, f"it is not {encodings[0]}")


def _read_utf8(con: DuckDBPyConnection, plain: Path, path: Path) -> DuckDBPyRelation:
    """Read UTF-8 text; raise `UnicodeError` where it is none."""
    import duckdb

    from lds.database import load_frame

    delimiter, records = _preview(plain)
    if any("\0" in cell for cells in records for cell in cells):
        raise unreadable(path, "it has NUL characters, so it is no text or UTF-16 without a mark")
    header = find_header(records)
    width = max(map(len, records if header is None else records[header:]), default=0)
    if not width:
        raise unreadable(path, "it has no cells")
    names = column_names([] if header is None else records[header], width)
    skip = 0 if header is None else header + 1
    try:
        con.read_csv(
            one_file(plain),
            header=False,
            skiprows=skip,
            columns=dict.fromkeys(names, "VARCHAR"),
            auto_detect=False,
            delimiter=delimiter,
            quotechar='"',
            escapechar='"',
        ).create("incoming")
    except duckdb.Error as error:
        if "unicode" in str(error).lower() or "utf-8" in str(error).lower():
            raise UnicodeError from None
        # With padding DuckDB would fill short rows, and lose what follows an open quotation mark.
        load_frame(con, "incoming", _read_uneven(plain, path, delimiter, skip, names))
    return con.table("incoming")


def _read_uneven(
    plain: Path, path: Path, delimiter: str, skip: int, names: Sequence[str]
) -> pl.DataFrame:
    """Read text whose rows have fewer fields than its header has names: the rest is missing."""
    rows: list[list[str | None]] = []
    try:
        with long_fields(), plain.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, delimiter=delimiter, strict=True)
            for number, cells in enumerate(reader):
                if number < skip or not cells:
                    continue
                if any(cells[len(names) :]):
                    raise unreadable(
                        path,
                        f"line {reader.line_num} has {len(cells)} fields, where there are "
                        f"{len(names)} columns",
                    )
                padded: list[str | None] = [cell or None for cell in cells[: len(names)]]
                rows.append(padded + [None] * (len(names) - len(padded)))
    except csv.Error as error:
        raise unreadable(path, f"line {reader.line_num}: {error}") from None
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _preview(path: Path) -> tuple[str, list[list[str]]]:
    """Return the delimiter and the first records of delimited text."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = "".join(line for _, line in zip(range(PREVIEW), handle, strict=False))
    if path.suffix.lower() in (".tsv", ".tab"):
        delimiter = "\t"
    else:
        delimiter = max(_DELIMITERS, key=lambda mark: (lines.count(mark), mark == ","))
    with long_fields():
        records = list(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter))
    # The last record may be cut in two by the end of the preview.
    return delimiter, records[:-1] if len(records) >= PREVIEW else records
