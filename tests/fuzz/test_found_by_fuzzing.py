"""What fuzzing found, each as one plain file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fuzz.made_files import SECRET, contract_of, parquet, spss, xls, xlsx, zipped
from lds.errors import SourceError
from lds.files import packed
from lds.files.headers import column_names
from lds.files.tables import open_tables
from lds.sources.contract import Reader, misfits
from unit.sources.builders import DAY, HEADER, PLACE, contract, counts, dropped, stage_bytes


def test_a_byte_order_mark_alone_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing but a byte order mark"):
        stage_bytes(tmp_path, b"\xef\xbb\xbf")


def test_a_line_above_a_table_without_a_header_is_counted(tmp_path: Path) -> None:
    made = contract(reader=Reader(header_rows=0, skip_rows=1))
    staged = stage_bytes(tmp_path, "About,the,table\nA,2020-03-01,1\nB,2020-03-01,2\n", made)
    assert counts(staged) == (2, 2, 0)
    assert dropped(staged) == [(1, 0, 0)]


def _with_sheet(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with something in its first sheet replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in members[sheet]
    return zipped({**members, sheet: members[sheet].replace(old, new)})


@pytest.mark.parametrize("kind", [b"", b' t="e"'])
@pytest.mark.parametrize("place", [b"XFD1048576", b"ZZZZZ4000000000"])
def test_a_cell_far_from_its_table_does_not_end_the_process(
    tmp_path: Path, place: bytes, kind: bytes
) -> None:
    far = b'<row r="99"><c r="' + place + b'"' + kind + b"><v>1</v></c></row></sheetData>"
    data = _with_sheet(xlsx(), b"</sheetData>", far)
    with pytest.raises(SourceError, match="cannot be read"):
        stage_bytes(tmp_path, data, contract_of(".xlsx"), name="raw.xlsx")
    with pytest.raises(SourceError, match="cannot be read"), open_tables(tmp_path / "raw.xlsx"):
        pass


def test_a_workbook_that_brings_its_library_down_is_refused_without_a_word_of_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = xls()
    # The number of the first sector of the folder, in the head of a compound file.
    broken = data[:0x30] + b"\x03\0\0\0" + data[0x34:]
    with pytest.raises(SourceError, match="workbook cannot be read") as caught:
        stage_bytes(tmp_path, broken, contract_of(".xls"), name="raw.xls")
    assert SECRET not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_date_that_no_calendar_has_is_refused_and_not_quoted(tmp_path: Path) -> None:
    data = spss()
    # 2020-03-01 in seconds since the Gregorian calendar began, as SPSS stores it.
    old = struct.pack("<d", 13_802_400_000.0)
    assert old in data
    broken = data.replace(old, struct.pack("<d", -1.25e299), 1)
    with pytest.raises(SourceError, match="raw file cannot be read") as caught:
        stage_bytes(tmp_path, broken, contract_of(".sav"), name="raw.sav")
    assert "e299" not in str(caught.value)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(packed, "SMALL", 1 << 20)
    ending = {gzip.compress: ".gz", bz2.compress: ".bz2"}.get(pack, ".xz")
    rows = "".join(f"P{place},2020-03-01,1\n" for place in range(9))
    bomb = pack((HEADER + rows).encode() + b"\n" * (20 << 20))
    with pytest.raises(SourceError, match="more than 200 times its size"):
        stage_bytes(tmp_path, bomb, name=f"raw.csv{ending}")
    assert [each.name for each in tmp_path.iterdir()] == [f"raw.csv{ending}"]
    repeated = (HEADER + rows * 100_000).encode()
    small = tmp_path / f"small.csv{ending}"
    small.write_bytes(pack(repeated[: 1 << 20]))
    unpacked = packed.unpacked(small, tmp_path / "folder", (".csv",), unnamed=".csv")
    assert unpacked.stat().st_size == 1 << 20


@pytest.mark.parametrize("text", ["a\0,\0,\0b\n1,2,3\n", "\0a\0,\0b\0\n"])
def test_nul_characters_do_not_end_the_process(tmp_path: Path, text: str) -> None:
    (tmp_path / "raw.csv").write_text(text)
    with (
        pytest.raises(SourceError, match="NUL characters"),
        open_tables(tmp_path / "raw.csv"),
    ):
        pass
    assert column_names(["a\0", "\0"], 2) == ["a", "column_2"]


def test_a_pattern_that_does_not_close_is_found_in_the_contract() -> None:
    made = contract(columns=(replace(PLACE, pattern="("), DAY), reader=Reader(footer="["))
    assert [each.split(" (")[0] for each in misfits(made)] == [
        "pattern of place is no regular expression",
        "reader.footer is no regular expression",
    ]


def test_a_parquet_file_that_is_damaged_inside_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    data = parquet("zstd")
    (tmp_path / "raw.parquet").write_bytes(data[:4] + b"\xff" * 40 + data[44:])
    with pytest.raises(SourceError, match="cannot be read"), open_tables(tmp_path / "raw.parquet"):
        pass
