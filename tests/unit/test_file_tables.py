"""Tables as publishers ship them: encodings, line ends, titles, compression, workbooks."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lds.database import fetch
from lds.errors import SourceError
from lds.files.headers import column_names, find_header
from lds.files.tables import open_tables
from unit.geography.workbooks import write_xlsx

PLAIN = "code,name,n\nE06000001,Hartlepool,1\nE06000002,Middlesbrough,2\n"
ROWS = [("E06000001", "Hartlepool", "1"), ("E06000002", "Middlesbrough", "2")]


def read(path: Path, sheet: str | None = None) -> pl.DataFrame:
    with open_tables(path, sheet) as tables:
        return fetch(tables[0].rows)


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("plain.csv", PLAIN, "utf-8"),
        ("bom.csv", PLAIN, "utf-8-sig"),
        ("crlf.csv", PLAIN.replace("\n", "\r\n"), "utf-8"),
        ("bom_crlf.csv", PLAIN.replace("\n", "\r\n"), "utf-8-sig"),
        ("no_last_line_end.csv", PLAIN.rstrip("\n"), "utf-8"),
        ("utf16.csv", PLAIN, "utf-16"),
        ("tabs.tsv", PLAIN.replace(",", "\t"), "utf-8"),
        ("semicolons.csv", PLAIN.replace(",", ";"), "utf-8"),
        ("bars.txt", PLAIN.replace(",", "|"), "utf-8"),
        ("title.csv", "Table 1: people\n\n" + PLAIN, "utf-8"),
        ("title_lines.csv", 'Table 1\n"Source:\nONS, 2020"\nUnits: counts\n\n' + PLAIN, "utf-8"),
        ("quoted.csv", PLAIN.replace("Hartlepool", '"Hartlepool"'), "utf-8"),
        ("blank_names.csv", PLAIN.replace("code,name,n", " code ,name\t, n"), "utf-8"),
        ("UPPER.CSV", PLAIN, "utf-8"),
        ("odd [name]*.csv", PLAIN, "utf-8"),
    ],
)
def test_text(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    table = read(write(tmp_path / name, content, encoding))
    assert table.columns == ["code", "name", "n"]
    assert table.rows() == ROWS
    assert set(table.dtypes) == {pl.String}


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.md", "read me")
        archive.writestr("inner/table.csv", content)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.csv.gz", lambda path, content: path.write_bytes(gzip.compress(content))),
        ("t.gz", lambda path, content: path.write_bytes(gzip.compress(content))),
        ("t.csv.bz2", lambda path, content: path.write_bytes(bz2.compress(content))),
        ("t.csv.xz", lambda path, content: path.write_bytes(lzma.compress(content))),
        ("t.zip", zipped),
    ],
)
def test_compressed_text(tmp_path: Path, name: str, pack: Callable[[Path, bytes], object]) -> None:
    pack(tmp_path / name, PLAIN.encode())
    with open_tables(tmp_path / name) as tables:
        assert tables[0].name == name
        assert fetch(tables[0].rows).rows() == ROWS


def test_an_archive_of_two_tables_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", PLAIN)
        archive.writestr("b.csv", PLAIN)
    with pytest.raises(SourceError, match="holds 2 tables"):
        read(tmp_path / "t.zip")


def test_latin_1(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", PLAIN.replace("Hartlepool", "Ynys Môn £"), "latin-1")
    assert read(path)["name"][0] == "Ynys Môn £"


def test_windows_1252(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", PLAIN.replace("Hartlepool", "King’s Lynn – £"), "cp1252")
    assert read(path)["name"][0] == "King’s Lynn – £"


def test_latin_1_far_into_a_file(tmp_path: Path) -> None:
    lines = PLAIN + "E06000003,x,3\n" * 5_000 + "E06000004,Môn,4\n"
    table = read(write(tmp_path / "t.csv", lines, "latin-1"))
    assert (table.height, table["name"][-1]) == (5_003, "Môn")


def test_a_trailing_comma_makes_an_empty_column(tmp_path: Path) -> None:
    table = read(write(tmp_path / "t.csv", PLAIN.replace("\n", ",\n")))
    assert table.columns == ["code", "name", "n", "column_4"]
    assert table["column_4"].null_count() == 2


def test_a_short_row_is_filled_and_a_long_one_refused(tmp_path: Path) -> None:
    table = read(write(tmp_path / "short.csv", PLAIN + "E06000003\n"))
    assert table.row(-1) == ("E06000003", None, None)
    # The first records settle the width; what is wider later would be lost.
    longer = PLAIN + "E06000003,x,3\n" * 1_000 + "E06000003,x,3,lost\n"
    with pytest.raises(SourceError, match="line 1004 has 4 fields, where there are 3 columns"):
        read(write(tmp_path / "long.csv", longer))


def test_line_ends_and_delimiters_within_quotation_marks(tmp_path: Path) -> None:
    text = 'code,name\nE06000001,"A,\nB ""C"""\nE06000002,D\n'
    assert read(write(tmp_path / "t.csv", text)).rows() == [
        ("E06000001", 'A,\nB "C"'),
        ("E06000002", "D"),
    ]


def test_no_header(tmp_path: Path) -> None:
    table = read(write(tmp_path / "t.csv", PLAIN.split("\n", 1)[1]))
    assert table.columns == ["column_1", "column_2", "column_3"]
    assert table.rows() == ROWS


@pytest.mark.parametrize(
    ("records", "place"),
    [
        ([["code", "n"], ["E06000001", "1"]], 0),
        ([["E06000001", "1"], ["E06000002", "2"]], None),
        ([["Title", ""], [], ["", "n"], ["E06000001", "1"]], 2),
        ([["Title", ""], [], ["E06000001", "1"]], None),
        ([["area"], ["E06000001"]], 0),
        ([["Title", ""], [], ["code", "n"], ["E06000001", "1"]], 2),
        (
            [
                ["Title"],
                ["", "", "Men", "Women"],
                ["code", "name", "0-4", "5-9"],
                ["E06000001 : A", "1", "2", "3"],
            ],
            2,
        ),
        ([["name", "n"], ["Adur", "1"]], 0),
        ([["{06C9F487-2240-9388-E063-4804A8C0BD98}", "480000", "2023-08-02 00:00", "X"]], None),
        ([], None),
    ],
)
def test_the_header_is_found(records: list[list[str]], place: int | None) -> None:
    assert find_header(records) == place


def test_column_names_are_distinct() -> None:
    assert column_names(["a", "", " b  c ", "A", "a"], 6) == [
        *("a", "column_2", "b c", "A_4", "a_5", "column_6"),
    ]


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"code": ["E06000001"], "n": [1]})
    frame.write_parquet(tmp_path / "odd [name].parquet")
    assert read(tmp_path / "odd [name].parquet").equals(frame)


SHEETS = {
    "Contents ": [["What is here"], ["Table 1"]],
    "Table 1 ": [
        ["Table 1: people"],
        [],
        ["", "0-4", "5-9"],
        ["E06000001 : Hartlepool", 1, 2.5],
        [None, None, None],
        ["E06000002 : Middlesbrough", 3, None],
        ["", None, None],
    ],
    "Empty": [],
}


def test_workbook(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", SHEETS)
    with open_tables(path) as tables:
        assert [(table.name, table.sheet) for table in tables] == [
            ("t.xlsx, sheet Contents", "Contents"),
            ("t.xlsx, sheet Table 1", "Table 1"),
        ]
        table = fetch(tables[1].rows)
    assert table.columns == ["column_1", "0-4", "5-9"]
    assert table.filter(pl.col("0-4").is_not_null()).rows() == [
        ("E06000001 : Hartlepool", "1", "2.5"),
        ("E06000002 : Middlesbrough", "3", None),
    ]


def test_a_sheet_by_its_name(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", SHEETS)
    assert read(path, "Table 1").columns == ["column_1", "0-4", "5-9"]
    with pytest.raises(SourceError, match="no sheet 'Table 2'") as caught:
        read(path, "Table 2")
    assert "Contents, Table 1, Empty" in str(caught.value)
    with pytest.raises(SourceError, match="Only a workbook has sheets"):
        read(write(tmp_path / "t.csv", PLAIN), "Table 1")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "no such file"),
        ("empty.csv", b"", "file is empty"),
        ("t.pdf", b"%PDF", "end in '.pdf' cannot be read"),
        ("t", b"code\n", "no ending cannot be read"),
        ("t.xlsx", b"no workbook", "workbook cannot be read"),
        ("t.xls", b"no workbook", "workbook cannot be read"),
        ("t.parquet", b"no parquet", "cannot be read as a table"),
        ("t.csv.gz", b"not packed", "cannot be unpacked"),
        ("t.zip", b"not packed", "cannot be unpacked"),
        ("open.csv", b'code,name\nE06000001,"x\n', "line 2: unexpected end of data"),
        ("open_2.csv", b'code,name\nE06000001\nE06000001,"x\nE06000002,y\n', "end of data"),
        ("blank.csv", b"\n\n", "it has no cells"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "lds_tables_" not in str(caught.value)
