"""Reads the start of a raw file by its contract, and says what in it the contract does not allow.

A second reader, small and independent of the workflow's own: what it finds is evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import polars as pl

from lds.sources.contract import Column, Contract

ROWS = 600_000
"""Rows of a file that are read: all, in the files at hand."""


def read_raw(path: Path, contract: Contract) -> dict[str, pl.DataFrame]:
    """Return the rows of each sheet as text, by sheet; a file without sheets is one, named ''."""
    reader = contract.reader
    if reader.format in ("xlsx", "xls"):
        book = fastexcel.read_excel(path)
        return {
            sheet.name: _sheet(book, sheet.name, reader.skip_rows, reader.footer)
            for sheet in reader.sheets
        }
    return {"": _table(path, contract)}


def _table(path: Path, contract: Contract) -> pl.DataFrame:
    if contract.reader.format == "parquet":
        return pl.read_parquet(path, n_rows=ROWS).cast(pl.String)
    if contract.reader.format == "geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        rows = [
            {key: None if value is None else str(value) for key, value in each.items()}
            for each in (feature["properties"] for feature in features)
        ]
        assert all(feature["geometry"]["coordinates"] for feature in features)
        return pl.DataFrame(rows, infer_schema_length=None)
    names = [column.source_name for column in contract.columns]
    headless = contract.reader.header_rows == 0
    return pl.read_csv(
        path,
        has_header=not headless,
        new_columns=names if headless else None,
        infer_schema=False,
        n_rows=ROWS,
        skip_rows=contract.reader.skip_rows,
        truncate_ragged_lines=False,
    )


def _sheet(book: fastexcel.ExcelReader, name: str, skip: int, footer: str | None) -> pl.DataFrame:
    rows = (
        book.load_sheet(name, header_row=None, skip_rows=skip, dtypes="string").to_polars().rows()
    )
    header = ["" if each is None else str(each) for each in rows[0]]
    body = []
    for row in rows[1:]:
        if footer and row[0] is not None and re.fullmatch(footer, row[0]):
            break
        if any(each is not None for each in row):
            body.append(row)
    kept = [i for i, each in enumerate(header) if each or i == 0]
    return pl.DataFrame(
        {header[i]: pl.Series([row[i] for row in body], dtype=pl.String) for i in kept}
    )


def header_faults(header: list[str], contract: Contract) -> list[str]:
    """Return what the contract names and the header lacks, and what it refuses."""
    found = []
    known = set()
    for column in contract.columns:
        if column.part not in ("field", "geometry"):
            continue
        names = (column.source_name, *column.other_names)
        if column.part == "field" and not column.optional and not set(names) & set(header):
            found.append(f"lacks {column.source_name}")
        known |= set(names)
    headings = contract.reader.headings
    pivoted = [name for name in header if headings and re.fullmatch(headings, name)]
    if headings and not pivoted:
        found.append(f"no heading is like {headings}")
    if contract.extra_columns == "refuse":
        found += [f"has {name}" for name in header if name not in {*known, *pivoted}]
    return found


def _raw_name(column: Column, frame: pl.DataFrame) -> str | None:
    names = (column.source_name, *column.other_names)
    return next((name for name in names if name in frame.columns), None)


def long_table(frame: pl.DataFrame, contract: Contract, constants: dict[str, str]) -> pl.DataFrame:
    """Return the rows under the names of the contract, missing marks as null, all text."""
    wide = {column.name: _raw_name(column, frame) for column in contract.columns}
    fields = {name: raw for name, raw in wide.items() if raw is not None}
    fields |= {
        each.name: each.source_name
        for each in contract.columns
        if each.part == "field" and each.source_name in frame.columns
    }
    table = frame.select(pl.col(raw).alias(name) for name, raw in fields.items())
    reader = contract.reader
    if reader.headings:
        pivoted = [name for name in frame.columns if re.fullmatch(reader.headings, name)]
        heading = next(each.name for each in contract.columns if each.part == "heading")
        cell = next(each.name for each in contract.columns if each.part == "cell")
        table = pl.concat(
            table.with_columns(
                pl.lit(name.removeprefix(reader.removed)).alias(heading), frame[name].alias(cell)
            )
            for name in pivoted
        )
    table = table.with_columns(pl.lit(value).alias(name) for name, value in constants.items())
    cleaned = []
    for column in contract.columns:
        if column.name in table.columns:
            text = pl.col(column.name).str.strip_chars()
            cleaned.append(
                pl.when(text.is_in(["", *column.missing])).then(None).otherwise(text)
                .alias(column.name)
            )  # fmt: skip
    return table.with_columns(cleaned)


def _typed(column: Column) -> pl.Expr:
    text = pl.col(column.name)
    if column.type == "integer":
        whole = text.str.contains(r"^[+-]?[0-9]+(\.0)?$")
        return pl.when(whole).then(text.cast(pl.Float64, strict=False))
    if column.type == "number":
        return text.cast(pl.Float64, strict=False)
    if column.type == "date":
        return text.str.to_datetime(column.date_format, strict=False).dt.date()
    if column.type == "category":
        return pl.when(text.is_in([value for value, _ in column.values])).then(text)
    if column.pattern:
        return pl.when(text.str.contains(f"^(?:{column.pattern})$")).then(text)
    return text


def row_faults(table: pl.DataFrame, contract: Contract) -> Iterator[str]:
    """Yield, for each column and rule, how many values the contract does not allow, and one."""
    for column in contract.columns:
        if column.name not in table.columns:
            continue
        values = table.select(raw=pl.col(column.name), typed=_typed(column))
        wrong = {"type": pl.col("raw").is_not_null() & pl.col("typed").is_null()}
        if column.other_values == "missing":
            wrong = {}
        if column.required:
            wrong["missing"] = pl.col("raw").is_null()
        for bound, name in ((column.minimum, "minimum"), (column.maximum, "maximum")):
            if bound is not None:
                limit = pl.lit(bound).str.to_date() if column.type == "date" else pl.lit(bound)
                typed = pl.col("typed")
                wrong[name] = typed < limit if name == "minimum" else typed > limit
        for rule, condition in wrong.items():
            bad = values.filter(condition)["raw"]
            if len(bad):
                yield f"{column.name}: {rule}, {len(bad)} rows, as {bad[0]!r}"
    if contract.key and set(contract.key) <= set(table.columns):
        repeated = table.select(contract.key).is_duplicated().sum()
        if repeated:
            yield f"key: {repeated} rows repeat one"
