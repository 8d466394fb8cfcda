"""From configured paths to raw tables: which files a source has, and which reader reads each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from lds.errors import SourceError
from lds.files.packed import PACKED, unpacked
from lds.io import read_json
from lds.sources.contract import Contract, Part
from lds.sources.csvfile import TextFile, careful_table, is_plain, open_text, plain_table
from lds.sources.rawtable import RawTable

ENDINGS = {
    "csv": (".csv", ".txt", ".tsv", ".tab"),
    "xlsx": (".xlsx", ".xlsm", ".xlsb"),
    "xls": (".xls",),
    "parquet": (".parquet", ".pq"),
    "stata": (".dta",),
    "spss": (".sav", ".zsav"),
    "geojson": (".geojson", ".json"),
    "geopackage": (".gpkg",),
}
"""Endings of the names of raw files, by format."""


@dataclass(frozen=True)
class Opened:
    """One raw table; `text` is there where DuckDB will read it straight from a text file."""

    table: RawTable
    text: TextFile | None = None


def raw_files(path: Path, contract: Contract) -> list[Path]:
    """Return the raw files of a source: the file itself, or those in a folder.

    Raises
    ------
    SourceError : there is no such file, or the folder has none or lacks one that the contract
        names.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(
            "A raw file is missing.",
            where=str(path),
            remedy=f"Correct sources.{contract.id} in config.yaml.",
        )
    endings = ENDINGS[contract.reader.format]
    patterns = [part.name for part in contract.reader.files] or [f"*{end}" for end in endings]
    names = sorted(
        each.name
        for each in path.iterdir()
        # Excel and macOS leave files of their own beside those that are open.
        if each.is_file() and not each.name.startswith(("~$", "."))
    )
    packed = (*PACKED, ".zip")

    def fits(name: str, pattern: str) -> bool:
        if not contract.reader.files:
            name = name.lower()
        return fnmatchcase(name, pattern) or any(fnmatchcase(name, pattern + end) for end in packed)

    absent = [
        part.name
        for part in contract.reader.files
        if not any(fits(name, part.name) for name in names)
    ]
    found = [name for name in names if any(fits(name, pattern) for pattern in patterns)]
    if absent or not found:
        raise SourceError(
            "A folder lacks raw files of a source.",
            where=str(path),
            values=absent or patterns,
            remedy=f"Put them there, or correct sources.{contract.id} in config.yaml.",
        )
    return [path / name for name in found]


def listed_files(listed: Path) -> list[Path]:
    """Return the files of a stand-in, by the list that was made with them.

    They lie in the folder beside the list that has its name, without ``.json``.

    Raises
    ------
    SourceError : a file is not there any more, or is of another size.
    """
    folder = listed.with_suffix("")
    files = {folder / each["name"]: each["bytes"] for each in read_json(listed)["files"]}
    wrong = [
        path.name
        for path, size in files.items()
        if not path.is_file() or path.stat().st_size != size
    ]
    if wrong:
        raise SourceError(
            "A stand-in is not whole any more.",
            where=str(folder),
            values=wrong,
            remedy=f"Remove {listed}: it is made again.",
        )
    return list(files)


def _constants(path: Path, contract: Contract) -> dict[str, str]:
    """Return what a file stands for by its name."""
    parts: Sequence[Part] = contract.reader.files
    for part in parts:
        if fnmatchcase(path.name, part.name) or fnmatchcase(path.stem, part.name):
            return part.values
    if any(part.values for part in parts):
        raise SourceError(
            "The name of a raw file does not say which part of the source it is.",
            where=str(path),
            values=[part.name for part in parts],
            remedy="Give the file the name that its publisher gave it.",
        )
    return {}


def open_raw(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    encoding: str,
    number: int,
    folder: Path,
) -> Iterator[Opened]:
    """Open one raw file of a source as raw tables, one a sheet.

    Parameters
    ----------
    number : place of the file among those of the source; tables of `con` are named by it.
    folder : for what is unpacked; below the results, because the source may be secure.

    Raises
    ------
    SourceError : empty, damaged or undecodable file, or a header that does not fit the contract.
    """
    if path.stat().st_size == 0:
        raise SourceError(
            "A raw file is empty.", where=str(path), remedy="Get the file from its publisher again."
        )
    form = contract.reader.format
    constants = _constants(path, contract)
    own = folder / f"file_{number}"
    plain = unpacked(path, own, ENDINGS[form], unnamed=ENDINGS[form][0], secure=contract.secure)
    if form == "csv":
        text = open_text(plain, path, contract, encoding, constants, own)
        if is_plain(text):
            yield Opened(plain_table(text, number), text)
        else:
            yield Opened(careful_table(con, text, number))
        return
    # The libraries for these take time to load, and most sources are CSV.
    from lds.sources import typedfile

    if form in ("xlsx", "xls"):
        tables = typedfile.read_workbook(con, plain, path, contract, number, constants)
    elif form in ("geojson", "geopackage"):
        tables = typedfile.read_geodata(con, plain, path, contract, number, constants)
    elif form == "parquet":
        tables = iter([typedfile.read_parquet(con, plain, path, contract, constants)])
    else:
        one = typedfile.read_statistics_file(con, plain, path, contract, number, constants)
        tables = iter([one])
    for table in tables:
        yield Opened(table)
