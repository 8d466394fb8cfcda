"""Delimited text files: what can be wrong with them before a single value is looked at."""

from __future__ import annotations

import codecs
import csv
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
        while block := handle.read(_BLOCK):
            try:
                text = decoder.decode(block)
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


def read_header(path: Path, encoding: str, delimiter: str) -> Header:
    """Return the header line.

    Raises
    ------
    SourceError : when there is no header, or a column name occurs twice.
    """
    with path.open(encoding=ENCODINGS[encoding], newline="") as handle:
        names = tuple(
            name.strip() for name in next(csv.reader(handle, delimiter=delimiter), [])
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
            "A column name occurs twice in a raw file.", where=f"{path}, line 1", values=twice
        )
    return Header(names)


def line_numbers(
    path: Path,
    encoding: str,
    delimiter: str,
    *,
    set_aside: Collection[int],
    ordinals: Collection[int],
) -> dict[int, int]:
    """Return the file line on which each wanted row starts.

    Parameters
    ----------
    set_aside : lines that DuckDB could not parse and did not number.
    ordinals : row numbers (the first row after the header is 1) whose lines are wanted.

    Notes
    -----
    DuckDB numbers the rows that it accepted, not the lines of the file; Python's reader knows the
    lines. This second pass runs only when something was rejected.
    """
    wanted = set(ordinals)
    aside = set(set_aside)
    found: dict[int, int] = {}
    with path.open(encoding=ENCODINGS[encoding], newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter)
        next(reader, None)
        ordinal = 0
        last = reader.line_num
        for row in reader:
            start, last = last + 1, reader.line_num
            if not row or start in aside:
                continue
            ordinal += 1
            if ordinal in wanted:
                found[ordinal] = start
    return found
