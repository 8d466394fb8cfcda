"""Delimited text files: what can be wrong with them before a single value is looked at."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lds.errors import SourceError

ENCODINGS = {"utf-8": "utf-8-sig", "latin-1": "latin-1", "utf-16": "utf-16"}
"""Encodings that can be configured, with the name of Python's decoder."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Header:
    """The header line of a file: its column names, stripped of blanks."""

    names: tuple[str, ...]


def check_encoding(path: Path, encoding: str) -> None:
    """Decode the whole file once, to name the first byte that does not fit.

    Raises
    ------
    SourceError : empty file, NUL bytes, or a byte sequence that `encoding` does not know.
    """
    if path.stat().st_size == 0:
        raise SourceError(
            "A raw file is empty.", where=str(path), remedy="Get the file from its publisher again."
        )
    decoder = codecs.getincrementaldecoder(ENCODINGS[encoding])()
    lines = 1
    with path.open("rb") as handle:
        if encoding == "utf-16" and handle.read(2) == codecs.BOM_UTF16_BE:
            raise SourceError(
                "A raw file is UTF-16 with the high byte first, which cannot be read.",
                where=str(path),
                remedy="Save it as UTF-8.",
            )
        handle.seek(0)
        block = b"\n"
        while block:
            block = handle.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = lines + error.object.count(b"\n", 0, error.start)
                utf16 = block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                other = "utf-16" if utf16 and lines == 1 else "latin-1"
                raise SourceError(
                    f"A raw file is not {encoding}.",
                    where=f"{path}, line {line}",
                    values=[f"byte 0x{error.object[error.start]:02x}"],
                    remedy=f"Save it as UTF-8, or set encoding: {other} for this source.",
                ) from None
            except UnicodeError as error:
                raise SourceError(
                    f"A raw file is not {encoding}: {error}.",
                    where=f"{path}, line {lines}",
                    remedy="Save it as UTF-8, or correct `encoding` for this source.",
                ) from None
            if "\0" in text:
                raise SourceError(
                    "A raw file has NUL characters: it is not text in this encoding.",
                    where=f"{path}, line {lines + text.count(chr(10), 0, text.index(chr(0)))}",
                    remedy="Save it as UTF-8, or set encoding: utf-16 for this source.",
                )
            lines += text.count("\n")


def read_header(path: Path, encoding: str, delimiter: str, *, secure: bool = False) -> Header:
    """Return the header line.

    Parameters
    ----------
    secure : quote nothing: a file without a header has values where the names should be.

    Raises
    ------
    SourceError : when there is no header or it has an open quotation mark, or when a column name
        occurs twice.
    """
    with path.open(encoding=ENCODINGS[encoding], newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter)
        try:
            names = tuple(name.strip() for name in next(reader, []))
        except csv.Error:
            names = ("\n",)
    if any("\n" in name or "\r" in name for name in names):
        raise SourceError(
            "A quotation mark in the header of a raw file is not closed.",
            where=f"{path}, line 1",
            remedy="The first line must hold the column names, each on that line.",
        )
    if not any(names):
        raise SourceError(
            "A raw file has no header line.",
            where=f"{path}, line 1",
            remedy="The first line must hold the column names.",
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceError(
            "A column name occurs twice in a raw file.",
            where=f"{path}, line 1",
            values=() if secure else twice,
        )
    return Header(names)


@dataclass(frozen=True)
class Located:
    """Where rows stand in a file.

    Attributes
    ----------
    rows : the line on which each wanted row starts.
    broken : the first and the last line of each broken record.
    readable : number of rows that are neither blank nor broken.
    """

    rows: dict[int, int]
    broken: dict[int, tuple[int, int]]
    readable: int


def locate(
    path: Path,
    encoding: str,
    delimiter: str,
    *,
    broken: Collection[int],
    rows: Collection[int],
) -> Located:
    """Return the file lines of records and rows that DuckDB only counts.

    Parameters
    ----------
    broken : records that DuckDB could not parse, as it numbers them: the header is 1, blank lines
        count, and a record with line ends inside quotation marks counts once.
    rows : row numbers (the first row after the header is 1, blank and broken ones do not count)
        whose lines are wanted.

    Notes
    -----
    Python's reader knows the lines. This second pass runs only when something was rejected.
    """
    wanted, set_aside = set(rows), set(broken)
    found: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    ordinal = 0
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with path.open(encoding=ENCODINGS[encoding], newline="") as handle:
            reader = csv.reader(handle, delimiter=delimiter)
            width = len(next(reader, []))
            last = reader.line_num
            for record, fields in enumerate(reader, 2):
                start, last = last + 1, reader.line_num
                if record in set_aside:
                    spans[record] = (start, last)
                elif fields or width == 1:
                    ordinal += 1
                    if ordinal in wanted:
                        found[ordinal] = start
    finally:
        csv.field_size_limit(limit)
    return Located(found, spans, ordinal)
