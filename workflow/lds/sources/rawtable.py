"""What every reader gives: the columns of a contract as text, before a value is looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from lds.files.records import CUT, TOO_MANY, Record
from lds.sources.contract import Contract
from lds.sources.fields import Fields

_SENTENCE = 4
"""Words that make a note of a line in which nothing else stands."""


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """One file or sheet as a relation of text.

    Attributes
    ----------
    file, sheet : names, as messages and the table of rejected rows give them.
    relation : what follows ``from`` in SQL.
    columns : for each column of the contract, the SQL expression of its text in `relation`.
    rows : number of rows where it is known without reading them.
    lines : line of the text (or row of the sheet) of each row; None where a row's line is its place
        or is found otherwise.
    typed : whether the file has types of its own, so that dates come as ISO 8601.
    padded : whether a text may begin or end with a blank.
    header_line : line of the header; None where there is none.
    dropped : rows that are no data, by kind: ``above_header, blank, footnote``.
    broken : records that are no row of the table, each with the reason.
    names : every column name of the file.
    places : place of each column of the contract among `names`.
    ignored : the names that the contract has no use for.
    crs : coordinate reference system of geometries, as ``EPSG:27700``; None where the file has
        none or does not say.
    """

    file: str
    sheet: str | None = None
    relation: str
    columns: dict[str, str]
    rows: int | None = None
    lines: pl.Series | None = None
    typed: bool = False
    padded: bool = True
    header_line: int | None = 1
    dropped: dict[str, int] = field(default_factory=dict)
    broken: Sequence[Record] = ()
    names: tuple[str, ...] = ()
    places: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    crs: str | None = None

    @property
    def name(self) -> str:
        """The name of the file, and of the sheet."""
        return self.file + (f", sheet {self.sheet}" if self.sheet else "")


@dataclass(frozen=True)
class Body:
    """The rows of a table below its header.

    Attributes
    ----------
    rows : (line, cells) of each row.
    dropped, broken : as in `RawTable`.
    """

    rows: list[tuple[int, Sequence[str]]]
    dropped: dict[str, int]
    broken: list[Record]


def text_frame(
    body: Body, fields: Fields, contract: Contract, constants: Mapping[str, str]
) -> pl.DataFrame:
    """Return rows as a frame of text: ``line`` and the columns of the contract that there are.

    Columns that become rows do so here: each row of the file gives one row per heading, in the
    order of the file. `constants` are what the file and the sheet stand for.
    """
    reader = contract.reader
    wanted = {
        **fields.places,
        **{f"\0{place}": place for place in fields.headings},
    }
    lines = pl.Series("line", [line for line, _ in body.rows], dtype=pl.Int64)
    frame = pl.DataFrame(
        {
            name: pl.Series(
                [cells[place] if place < len(cells) else None for _, cells in body.rows],
                dtype=pl.String,
            )
            for name, place in wanted.items()
        }
    ).insert_column(0, lines)
    if reader.fill_down:
        frame = frame.with_columns(
            pl.when(pl.col(name).str.strip_chars() != "")
            .then(pl.col(name))
            .forward_fill()
            .alias(name)
            for name in reader.fill_down
            if name in fields.places
        )
    if fields.headings:
        heading, cell = (
            next(column.name for column in contract.columns if column.part == part)
            for part in ("heading", "cell")
        )
        frame = (
            frame.unpivot(
                [f"\0{place}" for place in fields.headings],
                index=["line", *fields.places],
                variable_name=heading,
                value_name=cell,
            )
            .with_columns(
                pl.col(heading).replace_strict(
                    {f"\0{place}": text for place, text in fields.headings.items()},
                    return_dtype=pl.String,
                )
            )
            .sort("line", maintain_order=True)
        )
    return frame.with_columns(pl.lit(text).alias(name) for name, text in constants.items())


def table_body(
    records: Sequence[Record],
    contract: Contract,
    names: Sequence[str],
    fields: Fields,
    *,
    whole: bool = True,
) -> Body:
    """Tell the rows below a header from what is no data.

    Rows without any value are blank. A footer begins where the contract says, or with the notes
    that `_without_notes` finds. Rows with fewer or more fields than the header are broken, but for
    blanks at the end.

    Parameters
    ----------
    whole : whether the last record ends as the others do; else it may be a row that was cut.
    """
    pattern = contract.reader.footer
    end = len(records)
    first = first_place(names, fields)
    if pattern:
        end = next(
            (
                place
                for place, record in enumerate(records)
                if (text := _opening(record.fields, first)) and re.fullmatch(pattern, text)
            ),
            end,
        )
    end = _without_notes(records, end, required_places(contract, fields), first, whole=whole)
    least = max((place + 1 for place, name in enumerate(names) if name), default=len(names))
    rows: list[tuple[int, Sequence[str]]] = []
    broken: list[Record] = []
    blank = 0
    for record in records[:end]:
        if record.fault:
            broken.append(record)
        elif not any(cell.strip() for cell in record.fields):
            blank += 1
        elif len(record.fields) < least:
            broken.append(replace(record, fields=[], fault=CUT))
        elif any(record.fields[len(names) :]):
            broken.append(replace(record, fields=[], fault=TOO_MANY))
        else:
            rows.append((record.first, record.fields))
    notes = sum(1 for record in records[end:] if any(cell.strip() for cell in record.fields))
    blank += len(records) - end - notes
    return Body(rows, {"blank": blank, "footnote": notes}, broken)


def _without_notes(
    records: Sequence[Record], end: int, required: Collection[int], first: int, *, whole: bool
) -> int:
    """Return where the notes below a table begin.

    Notes are the last rows, each with text in its first cell alone. They stand below a blank row,
    or are sentences: a line that was cut in its first field is neither, and stays a row. So does a
    sentence that alone follows the rows and has no line end, because names have several words too.
    """
    notes = end
    while (
        notes
        and not records[notes - 1].fault
        and is_note(records[notes - 1].fields, required, first)
    ):
        notes -= 1
    for place in range(notes, end):
        cells = records[place].fields
        if not any(cell.strip() for cell in cells):
            return place
        cut = not whole and notes == place == len(records) - 1
        if cut or len(_opening(cells, first).split()) < _SENTENCE:
            notes = place + 1
    return min(notes, end)


def first_place(names: Sequence[str], fields: Fields) -> int:
    """Return the place of the first column: those before it are empty, as on a sheet."""
    named = [place for place, name in enumerate(names) if name]
    return min([*named, *fields.places.values()], default=0)


def _opening(cells: Sequence[str], first: int) -> str:
    """Return the text that stands first in the first column, or in an empty one before it."""
    return next((text for cell in cells[: first + 1] if (text := cell.strip())), "")


def required_places(contract: Contract, fields: Fields) -> set[int]:
    """Return the places of the columns that no row lacks."""
    return {
        fields.places[column.name]
        for column in contract.columns
        if column.required and column.name in fields.places
    }


def is_note(cells: Sequence[str], required: Collection[int], first: int = 0) -> bool:
    """Whether a row at the end of a table is blank, or a note: text in its first cell alone.

    Parameters
    ----------
    first : place of the first column of the table.
    """
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    alone = len(filled) == 1 and filled[0] <= first
    return not filled or (alone and any(place > first for place in required))
