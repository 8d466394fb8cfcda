"""Files with types of their own: workbooks, Parquet, Stata, SPSS, GeoJSON and GeoPackage, as text.

Contracts speak of texts, so that one set of checks serves every format: a whole number is written
without a fraction, a date as ISO 8601.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from lds.database import literal, load_frame, one_file, quoted
from lds.errors import LdsError, SourceError
from lds.files.records import Record
from lds.files.workbooks import EXACT, Rows, find_sheet, first_sheet, open_workbook, sheet_rows
from lds.sources.contract import Contract, Part
from lds.sources.fields import PREVIEW, Fields, check_fields, find_header, header_names
from lds.sources.rawtable import RawTable, table_body, text_frame

_LOST = "Invalid content for record"
"""How GDAL's warning begins of a value that is not of its column's type."""


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A raw file that is about to be read.

    Attributes
    ----------
    path : the file itself; `shown` is the one that messages name, in which it may be packed.
    number : place of the file among those of its source; tables of the database are named by it.
    constants : what the file stands for, by column.
    """

    path: Path
    shown: Path
    contract: Contract
    number: int
    constants: Mapping[str, str]


def read_workbook(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Iterator[RawTable]:
    """Read the sheets that the contract names (the first one to be seen where it names none).

    Tables ``raw_<number>_<sheet>`` are made.

    Raises
    ------
    SourceError : a broken workbook, a sheet that is not there, or a header that does not fit.
    """
    contract, shown, secure = raw.contract, raw.shown, raw.contract.secure
    book = open_workbook(raw.path, shown, secure=secure)
    parts = contract.reader.sheets or (Part(name=first_sheet(book, shown)),)
    sheets = [find_sheet(book, part.name, shown, secure=secure) for part in parts]
    with closing(sheet_rows(book, sheets, shown, secure=secure)) as read:
        for order, (part, sheet, rows) in enumerate(zip(parts, sheets, read, strict=True)):
            yield _sheet_table(
                con,
                rows,
                f"raw_{raw.number}_{order}",
                sheet.strip(),
                replace(raw, constants={**raw.constants, **part.values}),
            )


def _sheet_table(
    con: duckdb.DuckDBPyConnection, rows: Rows, name: str, sheet: str, raw: RawFile
) -> RawTable:
    """Load the rows below the header of a sheet into table `name`."""
    contract, where = raw.contract, f"{raw.shown}, sheet {sheet}"
    if not any(any(row) for row in rows):
        raise SourceError(
            "A sheet is empty.",
            where=where,
            remedy="Check that this is the right file, and the right sheet of it.",
        )
    header = find_header(rows[:PREVIEW], contract)
    names = header_names(rows, header, contract)
    fields = check_fields(names, contract, f"{where}, row {header + 1}")
    records = [Record(row, line, line) for line, row in enumerate(rows[header + 1 :], header + 2)]
    body = table_body(records, contract, names, fields)
    frame = text_frame(body, fields, contract, raw.constants)
    load_frame(con, name, frame.drop("line"))
    top = rows[: header + 1 - contract.reader.header_rows]
    return RawTable(
        file=raw.shown.name,
        sheet=sheet,
        relation=name,
        columns={column: quoted(column) for column in frame.columns[1:]},
        rows=frame.height,
        lines=frame["line"],
        typed=True,
        header_line=header + 1,
        dropped={"above_header": sum(1 for row in top if any(row)), **body.dropped},
        broken=body.broken,
        names=tuple(names),
        places=fields.places,
        ignored=fields.ignored,
    )


def read_parquet(con: duckdb.DuckDBPyConnection, raw: RawFile) -> RawTable:
    """Return a Parquet file as a relation that DuckDB reads as it is needed."""
    relation = f"read_parquet({literal(one_file(raw.path))})"
    try:
        described = con.execute(f"describe select * from {relation}").fetchall()
        rows: int = con.execute(f"select count(*) from {relation}").fetchall()[0][0]
    except duckdb.Error as error:
        raise _unreadable(raw.shown, "" if raw.contract.secure else str(error)) from None
    names = [name for name, *_ in described]
    fields = check_fields(names, raw.contract, str(raw.shown))
    return RawTable(
        file=raw.shown.name,
        relation=relation,
        columns={
            **{
                column: _as_text(quoted(names[place]), described[place][1])
                for column, place in fields.places.items()
            },
            **{column: literal(value) for column, value in raw.constants.items()},
        },
        rows=rows,
        typed=True,
        header_line=None,
        names=tuple(names),
        places=fields.places,
        ignored=fields.ignored,
    )


def _as_text(name: str, kind: str) -> str:
    """Return SQL for the text of a typed column of a Parquet file."""
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        whole = f"{name} = trunc({name}) and abs({name}) < {EXACT}"
        return (
            f"case when isnan({name}::double) then null"
            f" when {whole} then {name}::bigint::varchar else {name}::varchar end"
        )
    if kind.startswith("TIMESTAMP"):
        # A cast would give the time of day at the place where the workflow runs.
        zoned = kind.endswith("WITH TIME ZONE")
        at = f"make_timestamp(epoch_us({name}))" if zoned else f"{name}::timestamp"
        midnight = f"{at} = date_trunc('day', {at})"
        return f"case when {midnight} then {at}::date::varchar else {at}::varchar end"
    return f"{name}::varchar"


def read_statistics_file(con: duckdb.DuckDBPyConnection, raw: RawFile) -> RawTable:
    """Read the columns of a Stata or SPSS file that the contract knows into ``raw_<number>``.

    Values are the codes that the file stores, never their labels. User-defined missing values of
    SPSS stay as they are, and those of Stata are ``.a`` to ``.z``: contracts give them a meaning.
    """
    import pyreadstat

    read: Callable[..., Any] = partial(pyreadstat.read_sav, user_missing=True)
    if raw.contract.reader.format == "stata":
        read = partial(pyreadstat.read_dta, user_missing=True)
    with _reading(raw):
        about = read(raw.path, metadataonly=True, output_format="polars")[1]
    names = list(about.column_names)
    fields = check_fields(names, raw.contract, str(raw.shown))
    wanted = [names[place] for place in fields.places.values()]
    with _reading(raw):
        frame, about = read(raw.path, usecols=wanted, output_format="polars")
    columns = {
        column: _with_letters(pl.DataFrame(frame)[names[place]])
        if names[place] in about.missing_user_values
        else pl.DataFrame(frame)[names[place]]
        for column, place in fields.places.items()
    }
    return _loaded(con, columns, raw, fields, names)


def _with_letters(series: pl.Series) -> pl.Series:
    """Return numbers of Stata as text, their missing values with letters (``a``) as ``.a``."""
    cells = series.to_list()
    letters = pl.Series(
        [f".{cell}" if isinstance(cell, str) else None for cell in cells], dtype=pl.String
    )
    numbers = pl.Series([None if isinstance(cell, str) else cell for cell in cells], strict=False)
    return pl.select(pl.coalesce(letters, _texts(numbers))).to_series()


def read_geodata(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Iterator[RawTable]:
    """Read a GeoJSON file, or the layers of a GeoPackage that the contract names.

    Geometries become well-known binary, in the coordinates of the file; empty ones are missing.
    """
    import pyogrio

    contract, shown = raw.contract, raw.shown
    # Otherwise the library takes texts for dates, and changes how they are written.
    options = {"DATE_AS_STRING": "YES"} if contract.reader.format == "geojson" else {}
    geometry = [column.name for column in contract.columns if column.part == "geometry"]
    with _reading(raw):
        layers = [str(name) for name, _ in pyogrio.list_layers(raw.path)]
    parts = contract.reader.sheets or (Part(name=layers[0]),) if layers else ()
    if not parts:
        raise _unreadable(shown, "it holds no layer")
    for order, part in enumerate(parts):
        if part.name not in layers:
            raise SourceError(
                f"The file has no layer {part.name!r}.",
                where=str(shown),
                values=() if contract.secure else layers,
                remedy="Check that this is the right file.",
            )
        with _reading(raw):
            about, _, shapes, values = pyogrio.raw.read(
                raw.path, layer=part.name, read_geometry=bool(geometry), **options
            )
            shapes = [None] * len(values[0]) if shapes is None and len(values) else shapes
        names = [str(name) for name in about["fields"]]
        if not names:
            raise _unreadable(shown, "it has no features, or none with attributes")
        fields = check_fields(names, contract, str(shown))
        columns = {
            column: pl.Series(values[place].tolist(), strict=False)
            for column, place in fields.places.items()
        }
        columns |= {name: _shapes(shapes) for name in geometry}
        yield _loaded(
            con,
            columns,
            replace(
                raw,
                number=raw.number * 100 + order,
                constants={**raw.constants, **part.values},
            ),
            fields,
            names,
            sheet=part.name if contract.reader.sheets else None,
            crs=about["crs"],
        )


def _shapes(shapes: Iterable[bytes | None]) -> pl.Series:
    """Return geometries as well-known binary, those without any coordinates as missing."""
    import shapely

    found = list(shapes)
    empty = shapely.is_empty(shapely.from_wkb(found, on_invalid="ignore"))
    texts = [None if none else shape for shape, none in zip(found, empty, strict=True)]
    return pl.Series(texts, dtype=pl.Binary)


def _loaded(
    con: duckdb.DuckDBPyConnection,
    columns: Mapping[str, pl.Series],
    raw: RawFile,
    fields: Fields,
    names: list[str],
    sheet: str | None = None,
    crs: str | None = None,
) -> RawTable:
    """Load typed columns as text into ``raw_<number>``; a row's line is its place in the file."""
    frame = pl.DataFrame({name: _texts(series) for name, series in columns.items()})
    frame = frame.with_columns(pl.lit(value).alias(name) for name, value in raw.constants.items())
    load_frame(con, f"raw_{raw.number}", frame)
    return RawTable(
        file=raw.shown.name,
        sheet=sheet,
        relation=f"raw_{raw.number}",
        columns={name: quoted(name) for name in frame.columns},
        rows=frame.height,
        typed=True,
        header_line=None,
        names=tuple(names),
        places=fields.places,
        ignored=fields.ignored,
        crs=crs,
    )


def _texts(series: pl.Series) -> pl.Series:
    """Return typed values as text: whole numbers without a fraction, dates as ISO 8601."""
    if series.dtype in (pl.String, pl.Binary):
        return series
    if series.dtype.is_float():
        whole = (series == series.round()) & (series.abs() < EXACT)
        table = pl.DataFrame({"x": series.fill_nan(None), "whole": whole})
        return table.select(
            pl.when("whole")
            .then(pl.col("x").cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(pl.col("x").cast(pl.String))
        ).to_series()
    if series.dtype.base_type() == pl.Datetime:
        table = pl.DataFrame({"x": series, "day": series.dt.date()})
        return table.select(
            pl.when(pl.col("x") == pl.col("day").cast(series.dtype))
            .then(pl.col("day").cast(pl.String))
            .otherwise(pl.col("x").dt.to_string("%Y-%m-%d %H:%M:%S"))
        ).to_series()
    if series.dtype.is_nested() or series.dtype == pl.Object:
        return pl.Series([None if each is None else str(each) for each in series], dtype=pl.String)
    return series.cast(pl.String)


@contextmanager
def _reading(raw: RawFile) -> Iterator[None]:
    """Turn what the libraries raise over a broken file into an error for users.

    They raise anything: their own errors, those of Polars where a date is far from any calendar,
    `TypeError` where a name is lost, or a panic in Rust, which is no `Exception`. Their warnings
    are not passed on, because they quote values; one of a value that was lost is an error too.
    """
    problem = ""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield
        problem = next((text for each in said if _LOST in (text := str(each.message))), "")
    except LdsError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        # What they say may quote a value.
        raise _unreadable(raw.shown, "" if raw.contract.secure else str(error)) from None
    if problem:
        raise _unreadable(raw.shown, _LOST if raw.contract.secure else problem)


def _unreadable(shown: Path, problem: str) -> SourceError:
    return SourceError(
        "A raw file cannot be read: " + (problem.splitlines() or ["it is damaged"])[0],
        where=str(shown),
        remedy="Check that it is of the format that the contract names; get it again.",
    )
