"""A stand-in: the raw files of one source, and the account of what was planted in them."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from lds.sources.contract import Contract
from lds.sources.rawfiles import MARK
from lds.synthetic.england.country import England

MARKED = "SYNTHETIC"
"""What the column `MARK` says in every row."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes
    ----------
    above : rows of cells above the header: titles and notes.
    below : rows of cells below the table.
    """

    name: str
    table: pl.DataFrame
    above: Sequence[Sequence[object]] = ()
    below: Sequence[Sequence[object]] = ()


@dataclass(frozen=True)
class RawFile:
    """A file as a publisher would give it, before it is written.

    Attributes
    ----------
    name : its ending says the format and how it is packed (``.csv``, ``.csv.gz``, ``.parquet``,
        ``.dta``, ``.sav``, ``.zsav``, ``.xlsx``, ``.geojson``, ``.gpkg``).
    frames : its rows in parts, each with the publisher's columns in the publisher's order; drawn
        only when the file is written.
    sheets : of a workbook, instead.
    header : whether a text file begins with the names of its columns.
    above : lines above the header of a text file.
    encoding, quoted, newline : of a text file; `quoted` puts every field in quotation marks.
    geometry : name of the column with well-known binary, in files of geodata; `crs` of them.
    """

    name: str
    frames: Iterable[pl.DataFrame] = ()
    sheets: Sequence[Sheet] = ()
    header: bool = True
    above: Sequence[str] = ()
    encoding: str = "utf-8"
    quoted: bool = False
    newline: str = "\n"
    date_format: str | None = None
    geometry: str | None = None
    crs: str = "EPSG:4326"


@dataclass(frozen=True)
class StandIn:
    """The raw files of a source and what is true of them.

    Attributes
    ----------
    truth : what was planted; complete once every file is written.
    """

    files: Sequence[RawFile]
    truth: dict[str, Any] = field(default_factory=dict)


def size_of(contract: Contract, scale: float | None) -> float:
    """Return the size of a source's stand-in against the real file.

    As asked for, else that of its recipe. A recipe without a size is of a source with one row for
    each area or period, which is as large as the real one at any scale.
    """
    own: float | None = contract.synthetic.get("scale")
    return 1 if own is None else own if scale is None else scale


def make_stand_in(england: England, contract: Contract, scale: float | None = None) -> StandIn:
    """Return the stand-in of a source, by the module that its recipe names.

    Parameters
    ----------
    scale : size against the real file (1); the recipe's unless given.
    """
    generator = contract.synthetic["generator"]
    module = importlib.import_module(f"lds.synthetic.sources.{generator}")
    made: StandIn = module.make(england, contract, size_of(contract, scale))
    return made


def text_table(rows: Iterator[Sequence[object]]) -> pl.DataFrame:
    """Return rows as a frame of text; the first are the names of its columns."""
    header = [str(name) for name in next(rows)]
    texts = [[None if cell in (None, "") else str(cell) for cell in row] for row in rows]
    return pl.DataFrame(texts, schema=dict.fromkeys(header, pl.String), orient="row")


def as_published(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return the columns of a contract under the names of the raw file, and the mark.

    Parameters
    ----------
    frame : columns are called as in the contract; others are left out.
    """
    fields = [column for column in contract.columns if column.part == "field"]
    return marked(frame.select(pl.col(each.name).alias(each.source_name) for each in fields))


def recipe_of(contract: Contract) -> dict[str, Any]:
    """Return what the recipe of a source plants."""
    return {key: value for key, value in contract.synthetic.items() if key not in ("generator",)}


def marked_name(name: str) -> str:
    """Return a publisher's file name with the mark before its endings."""
    path = Path(name)
    stem, endings = path.name.split(".", 1)
    return f"{stem}.{MARK}.{endings}"


def marked(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the column that says that its rows are synthetic."""
    return frame.with_columns(pl.lit(MARKED).alias(MARK))
