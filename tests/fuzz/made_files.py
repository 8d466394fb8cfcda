"""Small valid files of every binary format, and the contract that all of them fit."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio
import pyreadstat
import shapely
import xlsxwriter

from lds.sources.contract import Column, Contract, Reader
from unit.sources.builders import contract

SECRET = "Zq7xSecret"
COLUMNS = (
    Column(name="place", source_name="Place", type="text", required=True, description="A place."),
    Column(name="n", source_name="N", type="integer", description="A number.", missing=("[c]",)),
    Column(name="x", source_name="X", type="number", description="A number."),
    Column(name="day", source_name="Day", type="date", description="A day."),
)
SHAPE = Column(name="shape", type="geometry", part="geometry", description="A shape.")
FRAME = pl.DataFrame(
    {
        "Place": [f"{SECRET}{place}" for place in range(8)],
        "N": [1, 2, None, -4, 5, 2**31, 7, 8],
        "X": [0.5, None, 1e300, -2.25, 4.0, 5.0, 6.0, 1e-9],
        "Day": [date(2020, 3, day) for day in range(1, 9)],
    }
)
FORMATS = {
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".parquet": "parquet",
    ".dta": "stata",
    ".sav": "spss",
    ".geojson": "geojson",
    ".gpkg": "geopackage",
    ".csv.gz": "csv",
    ".csv.bz2": "csv",
    ".csv.xz": "csv",
    ".zip": "csv",
}
"""Formats of contracts, by the ending of a file."""


def contract_of(ending: str) -> Contract:
    """Return the contract of a secure source in the format of a file."""
    form = FORMATS[ending]
    columns = (*COLUMNS, SHAPE) if form in ("geojson", "geopackage") else COLUMNS
    made = contract(columns=columns, key=("place",), access="secure", extra_columns="ignore")
    return replace(made, reader=Reader(format=form))


def rows() -> list[list[object]]:
    """Return the header and the rows of the table."""
    return [FRAME.columns, *map(list, FRAME.iter_rows())]


def csv_file() -> bytes:
    return FRAME.write_csv().encode()


def xlsx() -> bytes:
    """Return a workbook with text, numbers, dates, a merged cell and a second sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows()):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, place, value, day)
                elif value is not None:
                    sheet.write(at, place, value)
        book.add_worksheet("Notes").merge_range("A1:C1", "Notes")
    return out.getvalue()


def xls() -> bytes:
    """Return a workbook of Excel 97: one sheet with labels and numbers."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def text(value: str) -> bytes:
        return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")

    cells = b""
    for at, row in enumerate(rows()):
        for place, value in enumerate(row):
            where = struct.pack("<HHH", at, place, 0)
            if isinstance(value, (int, float)):
                cells += record(0x0203, where + struct.pack("<d", value))
            elif value is not None:
                cells += record(0x0204, where + text(str(value)))
    start = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    inner = struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6)
    first = record(0x0809, start) + record(0x0042, struct.pack("<H", 1200))
    name = b"Data"
    before = len(first) + 4 + 8 + len(name) + 4
    first += record(0x0085, struct.pack("<IBBBB", before, 0, 0, len(name), 0) + name)
    return _compound(
        first + record(0x000A, b"") + record(0x0809, inner) + cells + record(0x0A, b"")
    )


def _compound(stream: bytes) -> bytes:
    """Return a compound file (CFB, sectors of 512 bytes) with one stream, ``Workbook``."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")

    def entry(name: str, kind: int, child: int, sector: int, size: int) -> bytes:
        letters = (name + "\0").encode("utf-16-le") if name else b""
        links = struct.pack("<III", free, free, child)
        body = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters), kind, 1) + links
        return body + bytes(36) + struct.pack("<IQ", sector, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    folder += entry("", 0, free, 0, 0) * 2
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    return head + fat + folder + stream


def _by_path(ending: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made{ending}"
        write(path)
        return path.read_bytes()


def parquet(compression: str = "uncompressed") -> bytes:
    out = io.BytesIO()
    FRAME.write_parquet(out, compression=compression, statistics=True)  # type: ignore[arg-type]
    return out.getvalue()


def stata() -> bytes:
    return _by_path(".dta", lambda path: pyreadstat.write_dta(FRAME, str(path)))


def spss(*, compress: bool = False) -> bytes:
    return _by_path(
        ".sav", lambda path: pyreadstat.write_sav(FRAME, str(path), row_compress=compress)
    )


def geojson() -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {**row, "Day": str(row["Day"])},
            "geometry": {"type": "Point", "coordinates": [place, 51.5]},
        }
        for place, row in enumerate(FRAME.iter_rows(named=True))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def geopackage() -> bytes:
    def write(path: Path) -> None:
        shapes = shapely.to_wkb([shapely.Point(place, 51.5) for place in range(FRAME.height)])
        pyogrio.raw.write(
            path,
            np.array(shapes, dtype=object),
            [
                FRAME["Place"].to_numpy().astype(object),
                FRAME["N"].fill_null(0).to_numpy(),
                FRAME["X"].to_numpy(),
                FRAME["Day"].to_numpy().astype("datetime64[D]"),
            ],
            FRAME.columns,
            driver="GPKG",
            layer="made",
            geometry_type="Point",
            crs="EPSG:4326",
        )

    return _by_path(".gpkg", write)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def seeds(ending: str) -> list[bytes]:
    """Return valid files with an ending."""
    made: dict[str, Callable[[], list[bytes]]] = {
        ".xlsx": lambda: [xlsx()],
        ".xls": lambda: [xls()],
        ".parquet": lambda: [parquet(), parquet("zstd"), parquet("snappy")],
        ".dta": lambda: [stata()],
        ".sav": lambda: [spss(), spss(compress=True)],
        ".geojson": lambda: [geojson()],
        ".gpkg": lambda: [geopackage()],
        ".csv.gz": lambda: [gzip.compress(csv_file(), mtime=0)],
        ".csv.bz2": lambda: [bz2.compress(csv_file())],
        ".csv.xz": lambda: [lzma.compress(csv_file())],
        ".zip": lambda: [zipped({"made.csv": csv_file(), "readme.md": b"About"})],
    }
    return made[ending]()
