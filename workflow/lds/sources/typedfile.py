"""Files with types of their own: workbooks, Parquet, Stata, SPSS, GeoJSON and GeoPackage, as text.

Contracts speak of texts, so that one set of checks serves every format: a whole number is written
without a fraction, a date as ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from lds.database import literal, load_frame, one_file, quoted
from lds.errors import SourceError
from lds.files.records import Record
from lds.files.workbooks import find_sheet, open_workbook, sheet_rows
from lds.sources.contract import Contract, Part
from lds.sources.fields import PREVIEW, Fields, check_fields, find_header, header_names
from lds.sources.rawtable import RawTable, table_body, text_frame

_EXACT = 1e15
"""Whole numbers below this are exact in a floating point number."""


def read_workbook(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    shown: Path,
    contract: Contract,
    number: int,
    constants: Mapping[str, str],
) -> Iterator[RawTable]:
    """Read the sheets that the contract names (the first one where it names none).

    Tables ``raw_<number>_<sheet>`` are made.

    Raises
    ------
    SourceError : a broken workbook, a sheet that is not there, or a header that does not fit.
    """
    book = open_workbook(path)
    parts = contract.reader.sheets or (Part(name=book.sheet_names[0]),)
    for order, part in enumerate(parts):
        sheet = find_sheet(book, part.name, shown)
        rows = sheet_rows(book, sheet, shown)
        if not any(any(row) for row in rows):
            raise SourceError("A sheet is empty.", where=f"{shown}, sheet {sheet.strip()}")
        header = find_header(rows[:PREVIEW], contract)
        names = header_names(rows, header, contract)
        where = f"{shown}, sheet {sheet.strip()}, row {header + 1}"
        fields = check_fields(names, contract, where)
        records = [
            Record(row, line, line) for line, row in enumerate(rows[header + 1 :], header + 2)
        ]
        body = table_body(records, contract, names, fields)
        frame = text_frame(body, fields, contract, {**constants, **part.values})
        name = f"raw_{number}_{order}"
        load_frame(con, name, frame.drop("line"))
        top = rows[: header + 1 - contract.reader.header_rows]
        yield RawTable(
            file=shown.name,
            sheet=sheet.strip(),
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


def read_parquet(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    shown: Path,
    contract: Contract,
    constants: Mapping[str, str],
) -> RawTable:
    """Return a Parquet file as a relation that DuckDB reads as it is needed."""
    relation = f"read_parquet({literal(one_file(path))})"
    try:
        described = con.execute(f"describe select * from {relation}").fetchall()
        rows: int = con.execute(f"select count(*) from {relation}").fetchall()[0][0]
    except duckdb.Error as error:
        raise _unreadable(shown, str(error)) from None
    names = [name for name, *_ in described]
    fields = check_fields(names, contract, str(shown))
    return RawTable(
        file=shown.name,
        relation=relation,
        columns={
            **{
                column: _as_text(quoted(names[place]), described[place][1])
                for column, place in fields.places.items()
            },
            **{column: literal(value) for column, value in constants.items()},
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
        whole = f"{name} = trunc({name}) and abs({name}) < {_EXACT:.0f}"
        return (
            f"case when isnan({name}::double) then null"
            f" when {whole} then {name}::bigint::varchar else {name}::varchar end"
        )
    if kind.startswith("TIMESTAMP"):
        midnight = f"{name}::timestamp = date_trunc('day', {name}::timestamp)"
        return f"case when {midnight} then {name}::date::varchar else {name}::varchar end"
    return f"{name}::varchar"


def read_statistics_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    shown: Path,
    contract: Contract,
    number: int,
    constants: Mapping[str, str],
) -> RawTable:
    """Read the columns of a Stata or SPSS file that the contract knows into ``raw_<number>``.

    Values are the codes that the file stores, never their labels; user-defined missing values of
    SPSS stay as they are, because contracts give them a meaning.
    """
    import pyreadstat

    stata = contract.reader.format == "stata"
    with _reading(shown):
        if stata:
            _, about = pyreadstat.read_dta(path, metadataonly=True, output_format="polars")
        else:
            _, about = pyreadstat.read_sav(path, metadataonly=True, output_format="polars")
    names = list(about.column_names)
    fields = check_fields(names, contract, str(shown))
    wanted = [names[place] for place in fields.places.values()]
    with _reading(shown):
        if stata:
            frame, _ = pyreadstat.read_dta(path, usecols=wanted, output_format="polars")
        else:
            frame, _ = pyreadstat.read_sav(
                path, usecols=wanted, user_missing=True, output_format="polars"
            )
    by_name = {column: pl.DataFrame(frame)[names[place]] for column, place in fields.places.items()}
    return _loaded(con, by_name, shown, contract, number, constants, fields, names)


def read_geodata(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    shown: Path,
    contract: Contract,
    number: int,
    constants: Mapping[str, str],
) -> Iterator[RawTable]:
    """Read a GeoJSON file, or the layers of a GeoPackage that the contract names.

    Geometries become well-known binary, in the coordinates of the file.
    """
    import pyogrio

    with _reading(shown):
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    parts = contract.reader.sheets or (Part(name=layers[0]),) if layers else ()
    if not parts:
        raise _unreadable(shown, "it holds no layer")
    for order, part in enumerate(parts):
        if part.name not in layers:
            raise SourceError(
                f"The file has no layer {part.name!r}.",
                where=str(shown),
                values=layers,
                remedy="Check that this is the right file.",
            )
        with _reading(shown):
            about, _, shapes, values = pyogrio.raw.read(path, layer=part.name)
        names = [str(name) for name in about["fields"]]
        fields = check_fields(names, contract, str(shown))
        columns = {
            column: pl.Series(values[place].tolist(), strict=False)
            for column, place in fields.places.items()
        }
        columns |= {
            column.name: pl.Series(list(shapes), dtype=pl.Binary)
            for column in contract.columns
            if column.part == "geometry"
        }
        yield _loaded(
            con,
            columns,
            shown,
            contract,
            number * 100 + order,
            {**constants, **part.values},
            fields,
            names,
            sheet=part.name if contract.reader.sheets else None,
        )


def _loaded(
    con: duckdb.DuckDBPyConnection,
    columns: Mapping[str, pl.Series],
    shown: Path,
    contract: Contract,
    number: int,
    constants: Mapping[str, str],
    fields: Fields,
    names: list[str],
    sheet: str | None = None,
) -> RawTable:
    """Load typed columns as text into ``raw_<number>``; a row's line is its place in the file."""
    frame = pl.DataFrame({name: _texts(series) for name, series in columns.items()})
    frame = frame.with_columns(pl.lit(value).alias(name) for name, value in constants.items())
    load_frame(con, f"raw_{number}", frame)
    return RawTable(
        file=shown.name,
        sheet=sheet,
        relation=f"raw_{number}",
        columns={name: quoted(name) for name in frame.columns},
        rows=frame.height,
        typed=True,
        header_line=None,
        names=tuple(names),
        places=fields.places,
        ignored=fields.ignored,
    )


def _texts(series: pl.Series) -> pl.Series:
    """Return typed values as text: whole numbers without a fraction, dates as ISO 8601."""
    if series.dtype in (pl.String, pl.Binary):
        return series
    if series.dtype.is_float():
        whole = (series == series.round()) & (series.abs() < _EXACT)
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
def _reading(shown: Path) -> Iterator[None]:
    """Turn what the libraries raise over a broken file into an error for users."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
    from pyreadstat import PyreadstatError, ReadstatError

    try:
        yield
    except (
        DataLayerError,
        DataSourceError,
        FeatureError,
        PyreadstatError,
        ReadstatError,
        OSError,
        UnicodeError,
        ValueError,
    ) as error:
        raise _unreadable(shown, str(error)) from None


def _unreadable(shown: Path, problem: str) -> SourceError:
    return SourceError(
        "A raw file cannot be read: " + (problem.splitlines() or ["it is damaged"])[0],
        where=str(shown),
        remedy="Check that it is of the format that the contract names; get it again.",
    )
