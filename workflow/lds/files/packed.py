"""Compressed files: what is packed in one, as a file of its own."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Collection
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO

from lds.errors import SourceError

PACKED: dict[str, type[gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
"""Endings of files in which exactly one other file is packed."""
PACKINGS = (*PACKED, ".zip")
"""Endings of all compressed files that are read."""
SMALL = 256 << 20
"""Bytes that any compressed file may hold."""
MOST_TIMES = 200
"""How many times its own size a compressed file may hold beyond that; tables reach thirty."""
_BLOCK = 1 << 20


def unpacked(
    path: Path, folder: Path, endings: Collection[str], *, unnamed: str, secure: bool = False
) -> Path:
    """Return the file itself, or what a compressed one holds, as a file in `folder`.

    Parameters
    ----------
    endings : of the names of files that may be in an archive (``.csv``).
    unnamed : the ending that a file gets whose own is none of them.
    secure : do not name what an archive holds.

    Raises
    ------
    SourceError : the compressed file is damaged, or an archive holds none or several such files.
    """
    suffix = path.suffix.lower()
    if suffix not in PACKINGS:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if suffix in PACKED:
            inner = Path(path.stem).suffix.lower()
            target = folder / f"table{inner if inner in endings else unnamed}"
            with PACKED[suffix](path) as packed, target.open("wb") as plain:
                _copy(packed, plain, path)
            return target
        with zipfile.ZipFile(path) as archive:
            member = _one_member(path, archive, endings, secure=secure)
            target = folder / f"table{PurePosixPath(member).suffix.lower()}"
            with archive.open(member) as packed, target.open("wb") as plain:
                _copy(packed, plain, path)
        return target
    except (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile) as error:
        raise _damaged(path, str(error)) from None
    except (RuntimeError, NotImplementedError) as error:
        # How zipfile says that a password is needed, or a method that it does not know.
        raise _damaged(path, str(error).split(" for extraction")[0]) from None


def _copy(packed: IO[bytes] | BufferedIOBase, plain: IO[bytes], path: Path) -> None:
    """Copy what is packed, up to a size that no table packed in `path` has."""
    most = max(SMALL, MOST_TIMES * path.stat().st_size)
    while block := packed.read(_BLOCK):
        most -= len(block)
        if most < 0:
            raise SourceError(
                f"A compressed file holds more than {MOST_TIMES} times its size: it is no table, or"
                " is made to fill the disk.",
                where=str(path),
                remedy="Check where it comes from; if it is right, unpack it by other means.",
            )
        plain.write(block)


def _one_member(
    path: Path, archive: zipfile.ZipFile, endings: Collection[str], *, secure: bool
) -> str:
    members = [
        each.filename
        for each in archive.infolist()
        if PurePosixPath(each.filename).suffix.lower() in endings
        and not each.is_dir()
        # What macOS packs beside each file has its name.
        and not each.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise SourceError(
            f"The archive holds {len(members)} tables; it must hold one.",
            where=str(path),
            values=() if secure else members,
            remedy="Unpack it, and name one of its files.",
        )
    return members[0]


def _damaged(path: Path, problem: str) -> SourceError:
    return SourceError(
        f"A compressed file cannot be unpacked: {problem or 'it is damaged'}.",
        where=str(path),
        remedy="Get it from its publisher again, or unpack it by other means.",
    )
