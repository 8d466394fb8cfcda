"""Delimited text under a contract: by DuckDB where it is plain, record by record where it is not.

Plain is a file whose header is where the contract says, with nothing below the last row, and
whose columns stay columns. DuckDB reads it as it is needed, whatever its size; everything else is
read into memory by Python's reader, which knows lines, titles and footnotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lds.database import literal, load_frame, one_file, quoted
from lds.errors import SourceError
from lds.files.encoding import ENCODINGS, check_encoding, is_windows_1252, recoded
from lds.files.records import (
    CUT,
    OPEN_QUOTE,
    TOO_MANY,
    Record,
    among,
    first_records,
    locate,
    read_records,
)
from lds.sources.contract import Contract
from lds.sources.fields import (
    PREVIEW,
    Fields,
    check_fields,
    documented_names,
    find_header,
    header_names,
)
from lds.sources.rawtable import (
    RawTable,
    first_place,
    is_note,
    required_places,
    table_body,
    text_frame,
)

_FAULTS = {
    "MISSING COLUMNS": CUT,
    "TOO MANY COLUMNS": TOO_MANY,
    "UNQUOTED VALUE": OPEN_QUOTE,
}
_TAIL = 1 << 16


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A text file that has been checked and whose header was found.

    Attributes
    ----------
    path : the plain text; `shown` is the file that messages name.
    lines : number of lines.
    padded : whether a field may begin or end with a blank.
    header : place of the (lower) header row among the records; None where there is none.
    above : lines above the first row.
    constants : what the file stands for, by column.
    """

    path: Path
    shown: Path
    encoding: str
    contract: Contract
    lines: int
    padded: bool
    header: int | None
    above: int
    names: tuple[str, ...]
    fields: Fields
    constants: Mapping[str, str]


def open_text(
    path: Path,
    shown: Path,
    contract: Contract,
    encoding: str,
    constants: Mapping[str, str],
    folder: Path,
) -> TextFile:
    """Check the encoding of a text file and find its header.

    Parameters
    ----------
    folder : for a copy, where the file is in an encoding that DuckDB does not know.

    Raises
    ------
    SourceError : the file is empty or in another encoding, its header has an open quotation mark,
        or whatever `lds.sources.fields.check_fields` refuses.
    """
    facts = check_encoding(
        path, encoding, delimiter=contract.delimiter, shown=shown, secure=contract.secure
    )
    if encoding == "latin-1" and is_windows_1252(path):
        folder.mkdir(parents=True, exist_ok=True)
        path, encoding = recoded(path, ENCODINGS[encoding], folder / "utf8.csv"), "utf-8"
    records = first_records(path, encoding, contract.delimiter, PREVIEW)
    if not records:
        raise SourceError(
            "A raw file holds nothing but a byte order mark.",
            where=str(shown),
            remedy="Get the file from its publisher again.",
        )
    rows = [record.fields for record in records]
    header: int | None = None
    if contract.reader.header_rows:
        header = find_header(rows, contract)
        names = tuple(header_names(rows, header, contract))
        above = records[header].last
        if records[header].fault or any("\n" in name or "\r" in name for name in names):
            raise SourceError(
                "A quotation mark in the header of a raw file is not closed.",
                where=f"{shown}, line {records[header].first}",
                remedy="The header must hold the column names, on one line.",
            )
        where = f"{shown}, line {records[header].first}"
    else:
        names = documented_names(contract)
        above = contract.reader.skip_rows
        width = len(rows[above]) if len(rows) > above else 0
        where = f"{shown}, line {above + 1}"
        if width != len(names):
            raise SourceError(
                f"A raw file has {width} columns; {contract.title} has {len(names)}.",
                where=where,
                remedy="Check that this is the right file, and that it has no header.",
            )
    return TextFile(
        path=path,
        shown=shown,
        encoding=encoding,
        contract=contract,
        lines=facts.lines,
        padded=facts.padded,
        header=header,
        above=above,
        names=names,
        fields=check_fields(names, contract, where),
        constants=constants,
    )


def is_plain(text: TextFile) -> bool:
    """Whether DuckDB reads the rows of this file as they are."""
    contract, reader = text.contract, text.contract.reader
    if text.fields.headings or reader.footer or reader.fill_down or reader.header_rows > 1:
        return False
    # What is skipped above the rows of a file without a header is counted record by record.
    if (text.header, text.above) not in ((None, 0), (0, 1)):
        return False
    first = first_records(text.path, text.encoding, contract.delimiter, text.above + 1)
    if len(first) > text.above and len(first[-1].fields) not in (0, len(text.names)):
        return False
    return not _ends_with_a_note(text)


def _ends_with_a_note(text: TextFile) -> bool:
    with text.path.open("rb") as handle:
        size = handle.seek(0, io.SEEK_END)
        handle.seek(max(0, (size - _TAIL) // 2 * 2))
        tail = handle.read().decode(ENCODINGS[text.encoding].removesuffix("-sig"), "replace")
    last: list[str] = []
    for line in reversed(tail.rstrip().splitlines(keepends=True)):
        last.insert(0, line)
        if sum(each.count('"') for each in last) % 2 == 0:  # Else its quotation is not whole.
            break
    cells = next(csv.reader(last, delimiter=text.contract.delimiter), [])
    required = required_places(text.contract, text.fields)
    return is_note(cells, required, first_place(text.names, text.fields))


def _ends_a_line(path: Path) -> bool:
    """Whether a file ends with the end of a line (in UTF-16 that is followed by a zero)."""
    with path.open("rb") as handle:
        handle.seek(max(0, handle.seek(0, io.SEEK_END) - 2))
        return handle.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def plain_table(text: TextFile, number: int) -> RawTable:
    """Return a plain file as a relation that DuckDB reads; rejects go to ``rejects_<number>``."""
    contract = text.contract
    spec = ", ".join(f"c{place}: 'varchar'" for place in range(len(text.names)))
    return RawTable(
        file=text.shown.name,
        relation=f"read_csv({literal(one_file(text.path))}, columns={{{spec}}}, auto_detect=false,"
        f" header=false, skip={text.above}, delim={literal(contract.delimiter)}, quote='\"',"
        f" escape='\"', encoding={literal(text.encoding)}, ignore_errors=true, store_rejects=true,"
        f" rejects_limit=0, rejects_table='rejects_{number}', rejects_scan='scans_{number}')",
        columns={
            **{name: f"c{place}" for name, place in text.fields.places.items()},
            **{name: literal(value) for name, value in text.constants.items()},
        },
        padded=text.padded,
        header_line=None if text.header is None else text.above,
        names=text.names,
        places=text.fields.places,
        ignored=text.fields.ignored,
    )


def careful_table(con: duckdb.DuckDBPyConnection, text: TextFile, number: int) -> RawTable:
    """Read any file into table ``raw_<number>``, record by record."""
    contract = text.contract
    records = list(read_records(text.path, text.encoding, contract.delimiter))
    start = text.above if text.header is None else text.header + 1
    body = table_body(
        records[start:], contract, text.names, text.fields, whole=_ends_a_line(text.path)
    )
    frame = text_frame(body, text.fields, contract, text.constants)
    load_frame(con, f"raw_{number}", frame.drop("line"))
    above = records[: max(start - max(contract.reader.header_rows, 0), 0)]
    return RawTable(
        file=text.shown.name,
        relation=f"raw_{number}",
        columns={name: quoted(name) for name in frame.columns[1:]},
        rows=frame.height,
        lines=frame["line"],
        header_line=None if text.header is None else text.above,
        dropped={
            "above_header": sum(1 for record in above if any(record.fields)),
            **body.dropped,
        },
        broken=body.broken,
        names=text.names,
        places=text.fields.places,
        ignored=text.fields.ignored,
    )


def broken_records(con: duckdb.DuckDBPyConnection, number: int) -> dict[int, str]:
    """Return the records of a plain file that DuckDB could not parse, each with the reason."""
    found = con.execute(
        f"select line, min(error_type::varchar) from rejects_{number} group by line order by line"
    ).fetchall()
    return {record: _FAULTS.get(kind, kind.lower()) for record, kind in found}


def find_lines(
    text: TextFile, broken: Mapping[int, str], ordinals: Sequence[int], rows: int
) -> tuple[list[int], list[Record], int]:
    """Return the lines of the rows `ordinals` of a plain file, its broken records and blank lines.

    Parameters
    ----------
    broken : as `broken_records` gives them.
    rows : number of rows that DuckDB read.

    Raises
    ------
    SourceError : two readers do not find the same rows in the file.
    """
    if is_all(text, broken, rows):
        taken = [line - text.above for line in sorted(broken)]
        records = [Record([], line, line, broken[line]) for line in sorted(broken)]
        return [text.above + line for line in among(ordinals, taken)], records, 0
    located = locate(
        text.path,
        text.encoding,
        text.contract.delimiter,
        skipped=text.above,
        width=len(text.names),
        broken=broken,
        rows=ordinals,
    )
    if located.readable != rows or len(located.broken) != len(broken):
        raise SourceError(
            "A raw file is not a readable table: its quotation marks do not pair.",
            where=str(text.shown),
            remedy="Close every quotation mark, and double those inside a quoted field.",
        )
    records = [Record([], *located.broken[record], broken[record]) for record in broken]
    return [located.rows[ordinal] for ordinal in ordinals], records, located.blank


def is_all(text: TextFile, broken: Mapping[int, str], rows: int) -> bool:
    """Whether each line below the header is one of `rows` rows or one broken record."""
    return text.lines == text.above + rows + len(broken)
