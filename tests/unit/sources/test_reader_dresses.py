"""The same table in every format: the same rows are kept, and the same ones rejected."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyogrio
import pyreadstat
import pytest
import xlsxwriter

from lds.sources.contract import Part
from lds.sources.rawfiles import ENDINGS
from lds.sources.staging import Staged, stage
from unit.sources.builders import counts, dropped
from unit.sources.dresses import FRAME, KEPT, REJECTED, csv_text, dressed, text_rows

TITLES = "Table 1,,,,\nSource: a survey,,,,\n\n"


def write(content: str | bytes) -> Callable[[Path], object]:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda path: path.write_bytes(data)


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner/", "")
        archive.writestr("inner/readme.md", "read me")
        archive.writestr("__MACOSX/inner/._table.csv", "junk")
        archive.writestr("inner/table.csv", csv_text())


def write_xlsx(path: Path, top: int = 0, left: int = 0, *, typed: bool = True) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data ")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        if top:
            sheet.write(0, left, "Table 1: people by place")
        rows = [FRAME.columns, *map(list, FRAME.rows())] if typed else text_rows()
        for line, row in enumerate(rows, top):
            for place, value in enumerate(row, left):
                if hasattr(value, "isoformat"):
                    sheet.write_datetime(line, place, value, day)
                elif value is not None:
                    sheet.write(line, place, value)


def write_duckdb_parquet(path: Path) -> None:
    FRAME.write_csv(path.with_suffix(".csv"))
    duckdb.sql(
        f"copy (select Place, Day::timestamp as Day, N::decimal(9, 2) as N, Rate, 'grp' as Other,"
        f" [1, 2] as List, \"Group\" from read_csv('{path.with_suffix('.csv')}', header = true))"
        f" to '{path}' (format parquet)"
    )


def write_geojson(path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {
                name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in row.items()
            },
            "geometry": None,
        }
        for row in FRAME.iter_rows(named=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def write_geopackage(path: Path) -> None:
    pyogrio.raw.write(
        path,
        geometry=None,
        field_data=[
            np.array(FRAME["Place"].to_list(), dtype=object),
            FRAME["Day"].to_numpy().astype("datetime64[D]"),
            FRAME["N"].cast(pl.Float64).to_numpy(),
            FRAME["Rate"].to_numpy(),
            np.array(FRAME["Group"].to_list(), dtype=object),
        ],
        fields=FRAME.columns,
        layer="table",
        driver="GPKG",
    )


DRESSES: list[tuple[str, Callable[[Path], object], dict[str, Any], int]] = [
    ("plain.csv", write(csv_text()), {}, 1),
    ("last_line_open.csv", write(csv_text().rstrip("\n")), {}, 1),
    ("crlf.csv", write(csv_text(end="\r\n")), {}, 1),
    ("cr.csv", write(csv_text(end="\r")), {}, 1),
    ("bom.csv", write(csv_text().encode("utf-8-sig")), {}, 1),
    ("tabs.tsv", write(csv_text("\t")), {"delimiter": "\t"}, 1),
    ("latin.csv", write(csv_text().encode("latin-1")), {"encoding": "latin-1"}, 1),
    ("utf16.csv", write(csv_text().encode("utf-16")), {"encoding": "utf-16"}, 1),
    ("titles.csv", write(TITLES + csv_text()), {}, 4),
    ("titles_bom.csv", write((TITLES + csv_text()).encode("utf-8-sig")), {"skip_rows": 3}, 4),
    ("titles16.csv", write((TITLES + csv_text()).encode("utf-16")), {"encoding": "utf-16"}, 4),
    ("titles_latin.csv", write((TITLES + csv_text()).encode("latin-1")),
     {"encoding": "latin-1"}, 4),
    ("t.csv.gz", write(gzip.compress(csv_text().encode())), {}, 1),
    ("t.gz", write(gzip.compress(csv_text().encode())), {}, 1),
    ("t.csv.bz2", write(bz2.compress(csv_text().encode())), {}, 1),
    ("t.csv.xz", write(lzma.compress(csv_text().encode())), {}, 1),
    ("t.zip", write_zip, {}, 1),
    ("t.xlsx", write_xlsx, {}, 1),
    ("texts.xlsx", lambda path: write_xlsx(path, typed=False), {}, 1),
    ("low.xlsx", lambda path: write_xlsx(path, 3, 2), {}, 4),
    ("named.xlsm", lambda path: write_xlsx(path, 1), {"sheet": "data"}, 2),
    ("t.parquet", FRAME.write_parquet, {}, 0),
    ("categories.parquet",
     FRAME.with_columns(pl.col("Group", "Place").cast(pl.Categorical)).write_parquet, {}, 0),
    ("floats.parquet", FRAME.with_columns(pl.col("N").cast(pl.Float32)).write_parquet, {}, 0),
    ("duckdb.parquet", write_duckdb_parquet, {}, 0),
    ("t.dta", lambda path: pyreadstat.write_dta(FRAME, path), {}, 0),
    ("t.sav", lambda path: pyreadstat.write_sav(FRAME, path), {}, 0),
    ("t.zsav", lambda path: pyreadstat.write_sav(FRAME, path, compress=True), {}, 0),
    ("t.geojson", write_geojson, {}, 0),
    ("t.gpkg", write_geopackage, {}, 0),
]  # fmt: skip
"""A file's name, what writes it, keys of the reader, and the line above the first row."""


def stage_dress(
    folder: Path, name: str, save: Callable[[Path], object], keys: dict[str, Any]
) -> Staged:
    path = folder / name
    save(path)
    form = next((each for each, ends in ENDINGS.items() if path.suffix in ends), "csv")
    keys = dict(keys)
    delimiter, sheet = keys.pop("delimiter", ","), keys.pop("sheet", None)
    if sheet:
        keys["sheets"] = (Part(name=sheet),)
    made = replace(dressed(form, **keys), delimiter=delimiter, extra_columns="ignore")
    return stage(path, made, None, folder / "made.parquet")


@pytest.mark.parametrize(
    ("name", "save", "keys", "above"), DRESSES, ids=[name for name, *_ in DRESSES]
)
def test_the_same_table_in_every_format(
    tmp_path: Path, name: str, save: Callable[[Path], object], keys: dict[str, Any], above: int
) -> None:
    staged = stage_dress(tmp_path, name, save, keys)
    table = staged.table.select("place", "day", "n", "rate", "group", "n_mark")
    assert table.rows() == KEPT
    found = [
        (row["line"] - above, row["column"], row["reason"])
        for row in staged.rejected.iter_rows(named=True)
    ]
    assert found == REJECTED
    assert staged.report["marks"] == {"n": {"withheld": 1}}
    # The law: what was written is kept, rejected or counted as dropped.
    assert counts(staged) == (FRAME.height, len(KEPT), len(REJECTED))
    titles = {"titles": 2, "low": 1, "named": 1}
    assert dropped(staged) == [(titles.get(re.split(r"[_.]|16", name)[0], 0), 0, 0)]
