"""Raw files are written as formats want them, and with the same bytes whenever that is."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import polars as pl
import pyogrio
import pyreadstat
import pytest
import shapely
from python_calamine import CalamineWorkbook

from lds.synthetic import writing
from lds.synthetic.standin import MARKED, RawFile, Sheet, marked, marked_name
from lds.synthetic.writing import write_raw_file

ROWS = pl.DataFrame({"code": ["E1", 'é, "x"'], "n": [1.5, None], "day": ["2020-01-02", None]})
SHAPES = list(shapely.to_wkb([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)]))
NAMES = (
    "a.csv",
    "a.csv.gz",
    "a.parquet",
    "a.dta",
    "a.sav",
    "a.zsav",
    "a.xlsx",
    "a.geojson",
    "a.gpkg",
)


def file_of(name: str) -> RawFile:
    if name.endswith("xlsx"):
        return RawFile(name, sheets=[Sheet("first", ROWS, above=[["A title"], []])])
    if name.endswith(("geojson", "gpkg")):
        frame = ROWS.with_columns(pl.Series("shape", SHAPES))
        return RawFile(name, [frame], geometry="shape")
    return RawFile(name, [ROWS, ROWS])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    first = write_raw_file(file_of(name), tmp_path / "first").read_bytes()
    assert write_raw_file(file_of(name), tmp_path / "second").read_bytes() == first
    for time in (b"2026", b"2027"):
        assert time not in first, "a day of writing"
    assert [path.name for path in (tmp_path / "first").iterdir()] == [name]


def test_text_is_one_table_in_parts(tmp_path: Path) -> None:
    plain = write_raw_file(file_of("a.csv"), tmp_path).read_text(encoding="utf-8")
    assert plain.splitlines()[0] == "code,n,day"
    assert plain.count("code,n,day") == 1
    packed = write_raw_file(file_of("a.csv.gz"), tmp_path)
    assert gzip.decompress(packed.read_bytes()).decode() == plain
    with duckdb.connect() as con:
        assert con.execute(f"select count(*) from read_csv('{packed}')").fetchall() == [(4,)]


def test_text_as_a_publisher_wants_it(tmp_path: Path) -> None:
    file = RawFile(
        "a.csv", [ROWS], above=["Title"], encoding="latin-1", newline="\r\n", quoted=True
    )
    lines = write_raw_file(file, tmp_path).read_bytes().split(b"\r\n")
    assert lines[0] == b"Title"
    assert lines[1] == b'"code","n","day"'
    assert lines[3].startswith('"é'.encode("latin-1"))
    bare = RawFile("b.csv", [ROWS], header=False)
    assert write_raw_file(bare, tmp_path).read_bytes().startswith(b"E1,")


@pytest.mark.parametrize(("name", "read"), [("a.dta", "read_dta"), ("a.sav", "read_sav")])
def test_statistics_files_hold_the_rows(name: str, read: str, tmp_path: Path) -> None:
    path = write_raw_file(file_of(name), tmp_path)
    frame, about = getattr(pyreadstat, read)(path, output_format="polars")
    assert pl.DataFrame(frame)["code"].to_list() == ROWS["code"].to_list() * 2
    assert about.number_rows == 4


def test_other_formats_hold_the_rows(tmp_path: Path) -> None:
    table = pl.read_parquet(write_raw_file(file_of("a.parquet"), tmp_path))
    assert table.equals(pl.concat([ROWS, ROWS]))
    book = CalamineWorkbook.from_path(write_raw_file(file_of("a.xlsx"), tmp_path))
    assert book.get_sheet_by_name("first").to_python()[0][0] == "A title"
    for name in ("a.geojson", "a.gpkg"):
        about, _, shapes, _ = pyogrio.raw.read(write_raw_file(file_of(name), tmp_path))
        assert len(shapes) == 2
        assert list(about["fields"]) == ROWS.columns


def test_a_file_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def frames():
        yield ROWS
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        write_raw_file(RawFile("a.csv", frames()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no format"):
        write_raw_file(RawFile("a.docx", [ROWS]), tmp_path)


def test_the_mark_stands_in_names_and_rows() -> None:
    assert marked_name("Extract_20210203.dta") == "Extract_20210203.synthetic.dta"
    assert marked_name("a.csv.gz") == "a.synthetic.csv.gz"
    assert marked(ROWS)["synthetic"].to_list() == [MARKED, MARKED]


def test_every_format_that_is_read_is_written_or_said_not_to_be() -> None:
    from lds.sources.rawfiles import ENDINGS

    written = {ending.removesuffix(".gz") for ending in writing._WRITERS}
    not_written = {form for form, endings in ENDINGS.items() if not written & set(endings)}
    assert not_written == {"xls"}  # No kept-up library writes it.
