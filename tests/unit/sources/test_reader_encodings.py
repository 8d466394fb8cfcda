"""Encodings of text: Latin-1 that is Windows-1252, and messages that name the right file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lds.errors import SourceError
from unit.sources.builders import HEADER, contract, lines_and_reasons, stage_bytes

CURLY = "\N{LEFT DOUBLE QUOTATION MARK}K\N{RIGHT SINGLE QUOTATION MARK}s\N{EURO SIGN}\N{EN DASH}"


def test_latin_1_is_read_as_windows_1252_which_it_is_a_part_of(tmp_path: Path) -> None:
    body = f"{CURLY},2020-03-01,1\nM\xf4n \xa3,2020-03-01,x\nM\xf4n,2020-03-01,2\n"
    staged = stage_bytes(tmp_path, (HEADER + body).encode("cp1252"), encoding="latin-1")
    assert staged.table["place"].to_list() == [CURLY, "M\xf4n"]
    assert lines_and_reasons(staged) == [(3, "not a whole number")]


@pytest.mark.parametrize("line", [2, 70_000], ids=["near the top", "beyond the first block"])
def test_one_byte_of_windows_1252_anywhere_is_enough(tmp_path: Path, line: int) -> None:
    rows = [f"P{i} {'-' * 10},2020-03-01,1\n" for i in range(80_000)]
    rows[line - 2] = f"{CURLY},2020-03-01,1\n"
    staged = stage_bytes(tmp_path, (HEADER + "".join(rows)).encode("cp1252"), encoding="latin-1")
    assert staged.table.height == 80_000
    assert staged.table["place"][line - 2] == CURLY


@pytest.mark.parametrize("access", ["open", "secure"])
def test_a_byte_that_neither_has_is_refused_with_its_line(tmp_path: Path, access: str) -> None:
    content = (HEADER + "A,2020-03-01,1\n").encode() + b"\x81,2020-03-01,1\n"
    with pytest.raises(SourceError, match="line 3") as caught:
        stage_bytes(tmp_path, content, contract(access=access), encoding="latin-1")
    # It would be no help to be told to set what is set.
    assert "set encoding: latin-1" not in str(caught.value)
    assert ("0x81" in str(caught.value)) == (access == "open")


@pytest.mark.parametrize("content", [b"A\xe9\n", b"", b"A\0B\n"], ids=["not UTF-8", "empty", "NUL"])
def test_a_message_names_the_packed_file_and_not_its_copy(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        stage_bytes(tmp_path, gzip.compress(content), name="raw.csv.gz")
    assert str(tmp_path / "raw.csv.gz") in str(caught.value)
    assert ".part" not in str(caught.value)


def test_a_mark_of_utf_8_in_a_file_that_is_said_to_be_latin_1_is_found(tmp_path: Path) -> None:
    # Its header cannot be read; the message shows what stands there instead.
    with pytest.raises(SourceError, match="lacks columns"):
        stage_bytes(tmp_path, (HEADER + "A,2020-03-01,1\n").encode("utf-8-sig"), encoding="latin-1")
