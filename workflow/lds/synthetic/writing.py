"""Writing raw files as publishers give them: the same bytes for the same rows."""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from isal import igzip

from lds.synthetic.standin import RawFile, Sheet

WRITTEN_ON = "2000-01-01"
"""The day that formats with a date of writing are given, so that bytes do not depend on the day."""
_WAITING = 4
"""Parts of a packed file that may wait for a processor."""


def write_raw_file(file: RawFile, folder: Path) -> Path:
    """Write a file into a folder, which is made, and return its path.

    Raises
    ------
    ValueError : when its ending is that of no format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file.name
    writer = _WRITERS.get(path.suffix if path.suffix != ".gz" else "".join(path.suffixes[-2:]))
    if writer is None:
        raise ValueError(f"{file.name}: no format is written under this ending")
    # Some libraries name things in a file after it, so it has its name from the start.
    with TemporaryDirectory(dir=folder, prefix=f".{file.name}.", suffix=".part") as scratch:
        writer(file, Path(scratch) / file.name)
        (Path(scratch) / file.name).replace(path)
    return path


def _csv_parts(file: RawFile) -> Iterator[bytes]:
    if file.above:
        yield (file.newline.join(file.above) + file.newline).encode(file.encoding)
    header = file.header
    for frame in file.frames:
        text = io.BytesIO()
        frame.write_csv(
            text,
            include_header=header,
            line_terminator=file.newline,
            quote_style="always" if file.quoted else "necessary",
            date_format=file.date_format,
        )
        header = False
        rows = text.getvalue()
        yield rows if file.encoding == "utf-8" else rows.decode().encode(file.encoding)


def _write_csv(file: RawFile, path: Path) -> None:
    with path.open("wb") as out:
        out.writelines(_csv_parts(file))


def _write_csv_gz(file: RawFile, path: Path) -> None:
    """Pack each part on its own, in other threads: parts in a row are one gzip file.

    By ISA-L, which takes a quarter of the time that zlib does.
    """
    with path.open("wb") as out, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting: deque[Future[bytes]] = deque()
        for part in _csv_parts(file):
            waiting.append(pool.submit(igzip.compress, part, 1, mtime=0))
            if len(waiting) > _WAITING:
                out.write(waiting.popleft().result())
        for each in waiting:
            out.write(each.result())


def _write_parquet(file: RawFile, path: Path) -> None:
    frames = iter(file.frames)
    first = next(frames)

    def rows(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from frames

    from polars.io.plugins import register_io_source

    source = register_io_source(io_source=rows, schema=first.schema)
    source.sink_parquet(path, compression="zstd", maintain_order=True)


def _whole(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return all rows at once: the libraries for Stata and SPSS write no file in parts."""
    return pl.concat(list(frames))


def _write_stata(file: RawFile, path: Path) -> None:
    import pyreadstat

    pyreadstat.write_dta(_whole(file.frames), path)
    _replace(path, rb"<timestamp>.[ -~]{17}", b"<timestamp>\x1101 Jan 2000 00:00", within=4096)


def _write_spss(file: RawFile, path: Path, *, packed: bool = False) -> None:
    import pyreadstat

    pyreadstat.write_sav(_whole(file.frames), path, compress=packed)
    _replace(path, rb"(?<=\A.{92})[ -~]{17}", b"01 Jan 0000:00:00", within=176)


def _replace(path: Path, pattern: bytes, text: bytes, *, within: int) -> None:
    """Overwrite the time of writing in the header of a file, which cannot be chosen otherwise."""
    with path.open("r+b") as out:
        head = out.read(within)
        found = re.search(pattern, head, re.DOTALL)
        assert found, f"{path}: no time of writing"
        assert len(found[0]) == len(text)
        out.seek(found.start())
        out.write(text)


def _write_workbook(file: RawFile, path: Path) -> None:
    from datetime import datetime

    import xlsxwriter

    options = {"constant_memory": True, "strings_to_numbers": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime.fromisoformat(WRITTEN_ON)})
        for sheet in file.sheets:
            page = book.add_worksheet(sheet.name)
            for number, row in enumerate(_cells(sheet)):
                page.write_row(number, 0, row)


def _cells(sheet: Sheet) -> Iterator[Any]:
    yield from sheet.above
    yield sheet.table.columns
    yield from sheet.table.iter_rows()
    yield from sheet.below


def _write_geodata(file: RawFile, path: Path, *, driver: str) -> None:
    import pyogrio

    frame = _whole(file.frames)
    assert file.geometry is not None, f"{file.name}: no column of geometries"
    fields = [name for name in frame.columns if name != file.geometry]
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{WRITTEN_ON}T00:00:00.000Z"})
    pyogrio.raw.write(
        path,
        geometry=frame[file.geometry].to_numpy(),
        field_data=[frame[name].to_numpy() for name in fields],
        fields=fields,
        geometry_type="Unknown",
        crs=file.crs,
        driver=driver,
    )


def _geojson(file: RawFile, path: Path) -> None:
    _write_geodata(file, path, driver="GeoJSON")


def _geopackage(file: RawFile, path: Path) -> None:
    _write_geodata(file, path, driver="GPKG")


def _packed_spss(file: RawFile, path: Path) -> None:
    _write_spss(file, path, packed=True)


_WRITERS: dict[str, Callable[[RawFile, Path], None]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_csv_gz,
    ".parquet": _write_parquet,
    ".dta": _write_stata,
    ".sav": _write_spss,
    ".zsav": _packed_spss,
    ".xlsx": _write_workbook,
    ".geojson": _geojson,
    ".gpkg": _geopackage,
}
