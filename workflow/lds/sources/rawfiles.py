"""From configured paths to raw files: which files a source has, and what the name of each says.

Snakemake asks for these at every start, so that no library that reads tables is loaded here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from lds.errors import SourceError
from lds.files.packed import PACKINGS
from lds.io import read_json
from lds.sources.contract import Contract, Part

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
MARK = "synthetic"
"""What stands in the name of every synthetic file, before its endings."""


def missing_file(path: Path, contract: Contract) -> SourceError:
    """Return the error for a raw file that is not there."""
    return SourceError(
        "A raw file is missing.",
        where=str(path),
        remedy=f"Correct sources.{contract.id} in config.yaml.",
    )


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
        raise missing_file(path, contract)
    endings = ENDINGS[contract.reader.format]
    patterns = [part.name for part in contract.reader.files] or [f"*{end}" for end in endings]
    names = sorted(
        each.name
        for each in path.iterdir()
        # Excel and macOS leave files of their own beside those that are open.
        if each.is_file() and not each.name.startswith(("~$", "."))
    )

    def fits(name: str, pattern: str) -> bool:
        name = _given_name(name)
        if not contract.reader.files:
            name = name.lower()
        return any(fnmatchcase(name, pattern + end) for end in ("", *PACKINGS))

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


def _given_name(name: str) -> str:
    """Return the name that a publisher would give a file: without the mark of a synthetic one."""
    return name.replace(f".{MARK}.", ".", 1)


def file_constants(path: Path, contract: Contract) -> dict[str, str]:
    """Return what a raw file stands for by its name: a text for each of some columns.

    Raises
    ------
    SourceError : the files of the source stand for something, and the name is none of theirs.
    """
    parts: Sequence[Part] = contract.reader.files
    given = Path(_given_name(path.name))
    for part in parts:
        if fnmatchcase(given.name, part.name) or fnmatchcase(given.stem, part.name):
            return part.values
    if any(part.values for part in parts):
        raise SourceError(
            "The name of a raw file does not say which part of the source it is.",
            where=str(path),
            values=[part.name for part in parts],
            remedy="Give the file the name that its publisher gave it.",
        )
    return {}
