"""Compressed raw files: what is packed is read, and what cannot be unpacked refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from lds.errors import SourceError
from unit.sources.builders import HEADER, contract, stage_bytes

GOOD = (HEADER + "A,2020-03-01,1\n" * 1_000).encode()


def zipped(*names: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return buffer.getvalue()


def locked() -> bytes:
    """Return an archive whose member says that it is encrypted (bit 0 of its flags)."""
    content = bytearray(zipped("raw.csv"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("raw.csv.gz", GOOD, "cannot be unpacked: Not a gzipped file"),
        ("raw.csv.gz", gzip.compress(GOOD)[:-20], "cannot be unpacked"),
        ("raw.csv.gz", damaged(gzip.compress(GOOD)), "cannot be unpacked"),
        ("raw.csv.bz2", bz2.compress(GOOD)[:-20], "cannot be unpacked"),
        ("raw.csv.bz2", GOOD, "cannot be unpacked"),
        ("raw.csv.xz", lzma.compress(GOOD)[:-20], "cannot be unpacked"),
        ("raw.csv.xz", damaged(lzma.compress(GOOD)), "cannot be unpacked"),
        ("raw.zip", GOOD, "cannot be unpacked"),
        ("raw.zip", zipped("raw.csv")[:-40], "cannot be unpacked"),
        ("raw.zip", locked(), "password"),
        ("raw.zip", zipped("a.csv", "b.csv"), "holds 2 tables(.|\n)*values: a.csv, b.csv"),
        ("raw.zip", zipped("notes.pdf"), "holds 0 tables"),
        ("raw.zip", zipped("inner.zip"), "holds 0 tables"),
    ],
)
@pytest.mark.parametrize("access", ["open", "secure"])
def test_what_cannot_be_unpacked_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str, access: str
) -> None:
    with pytest.raises(SourceError) as caught:
        stage_bytes(tmp_path, content, contract(access=access), name=name)
    assert caught.value.where == str(tmp_path / name)
    assert caught.value.remedy
    assert ("a.csv" in str(caught.value)) == (access == "open" and "a.csv" in message)
    if access == "open":
        caught.match(message)


@pytest.mark.parametrize(
    "content", [GOOD[:-9], GOOD.replace(b"1\n", b"x\n")], ids=["cut", "wrong values"]
)
def test_nothing_unpacked_is_left_behind(tmp_path: Path, content: bytes) -> None:
    made = contract(maximum_rejected_share=0)
    with pytest.raises(SourceError):
        stage_bytes(tmp_path, gzip.compress(content), made, name="raw.csv.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["raw.csv.gz"]
