"""Records of delimited text with the lines that they stand on, read by Python's own reader."""

from __future__ import annotations

import csv
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lds.files.encoding import ENCODINGS

OPEN_QUOTE = "a quotation mark is not closed"
CUT = "too few fields: the line is cut short"
TOO_MANY = "too many fields"


@dataclass(frozen=True)
class Record:
    """One record: its fields, and the first and the last line that it stands on.

    Attributes
    ----------
    fault : why it cannot be read; the fields are then empty.
    """

    fields: list[str]
    first: int
    last: int
    fault: str | None = None


@contextmanager
def long_fields() -> Iterator[None]:
    """Let Python's reader read fields of any length."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def read_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Yield every record of a text file, blank lines as records without fields."""
    with long_fields(), path.open(encoding=ENCODINGS[encoding], newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter, strict=True)
        last = 0
        while True:
            try:
                fields = next(reader, None)
            except csv.Error:
                yield Record([], last + 1, max(reader.line_num, last + 1), OPEN_QUOTE)
            else:
                if fields is None:
                    return
                yield Record(fields, last + 1, reader.line_num)
            last = reader.line_num


def first_records(path: Path, encoding: str, delimiter: str, number: int) -> list[Record]:
    """Return the first records of a text file."""
    return list(islice(read_records(path, encoding, delimiter), number))


def among(positions: Sequence[int], taken: Sequence[int]) -> list[int]:
    """Return the numbers of the rows at some positions, where other rows have taken numbers.

    Parameters
    ----------
    positions : places among the rows that remain, from 1.
    taken : numbers of the others among all rows, from 1, sorted.
    """
    import numpy as np  # For what was rejected alone: see `lds.files.encoding`.

    before = np.asarray(taken, dtype=np.int64) - np.arange(1, len(taken) + 1)
    places = np.asarray(positions, dtype=np.int64)
    numbers: list[int] = (places + np.searchsorted(before, places, side="left")).tolist()
    return numbers


@dataclass(frozen=True)
class Located:
    """Where rows stand in a file.

    Attributes
    ----------
    rows : the line on which each wanted row starts.
    broken : the first and the last line of each broken record.
    readable : number of rows that are neither blank nor broken.
    blank : number of lines without anything.
    """

    rows: dict[int, int]
    broken: dict[int, tuple[int, int]]
    readable: int
    blank: int


def locate(
    path: Path,
    encoding: str,
    delimiter: str,
    *,
    skipped: int,
    width: int,
    broken: Collection[int],
    rows: Collection[int],
) -> Located:
    """Return the file lines of records and rows that DuckDB only counts.

    Parameters
    ----------
    skipped : lines above the first row.
    width : fields of a row; with one, a blank line is a row.
    broken : records that DuckDB could not parse, as it numbers them: the first of the file is 1,
        blank lines count, and a record with line ends inside quotation marks counts once.
    rows : row numbers (the first row is 1, blank and broken ones do not count) whose lines are
        wanted.

    Notes
    -----
    This second pass over a file runs only when something was rejected and a line of it is not a
    row.
    """
    wanted, set_aside = set(rows), set(broken)
    found: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    ordinal = blank = 0
    with long_fields(), path.open(encoding=ENCODINGS[encoding], newline="") as handle:
        for _ in islice(handle, skipped):
            pass
        reader = csv.reader(handle, delimiter=delimiter)
        last = skipped
        for record, fields in enumerate(reader, skipped + 1):
            start, last = last + 1, skipped + reader.line_num
            if record in set_aside:
                spans[record] = (start, last)
            elif fields or width == 1:
                ordinal += 1
                if ordinal in wanted:
                    found[ordinal] = start
            else:
                blank += 1
    return Located(found, spans, ordinal, blank)
