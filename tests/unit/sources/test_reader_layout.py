"""Where a table stands in a text file: titles, headers of one or two rows, columns in any dress."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lds.errors import SourceError
from lds.sources.contract import Column, Reader
from unit.sources.builders import (
    DAY,
    HEADER,
    NUMBER,
    PLACE,
    contract,
    counts,
    dropped,
    lines_and_reasons,
    stage_bytes,
)

MARCH = date(2020, 3, 1)
GOOD = "A,2020-03-01,1\nB,2020-03-01,2\n"
ROWS = [("A", MARCH, 1), ("B", MARCH, 2)]
TITLES = 'Table 1\n"Source:\nONS"\n\n'


@pytest.mark.parametrize("skip", [0, 1, 3, 4, 50])
@pytest.mark.parametrize("titles", ["", TITLES, "a,b,c\n1,2,3\n"])
def test_the_header_is_found_wherever_it_is(tmp_path: Path, skip: int, titles: str) -> None:
    made = contract(reader=Reader(skip_rows=skip))
    staged = stage_bytes(tmp_path, titles + HEADER + GOOD + "C,2020-03-01,x\n", made)
    above = titles.count("\n")
    assert staged.table.rows() == ROWS
    assert lines_and_reasons(staged) == [(above + 4, "not a whole number")]
    files = staged.report["files"]
    assert isinstance(files, list)
    assert files[0]["header_line"] == above + 1
    assert dropped(staged) == [(2 if titles else 0, 0, 0)]


def test_a_header_is_not_looked_for_without_end(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="lacks columns"):
        stage_bytes(tmp_path, "note\n" * 300 + HEADER + GOOD)


@pytest.mark.parametrize(
    "content",
    [
        ",Place,Day,N\n0,A,2020-03-01,1\n1,B,2020-03-01,2\n",
        '"",Place,Day,N\n"0",A,2020-03-01,1\n"1",B,2020-03-01,2\n',
        "Title\n,Place,Day,N\n0,A,2020-03-01,1\n1,B,2020-03-01,2\n",
    ],
)
def test_an_unnamed_first_column_can_be_read_or_left(tmp_path: Path, content: str) -> None:
    assert stage_bytes(tmp_path, content).table.rows() == ROWS
    index = Column(name="i", source_name="", type="integer", required=True, description="Place.")
    made = contract(columns=(index, PLACE, DAY, NUMBER), key=("i",))
    assert stage_bytes(tmp_path, content, made).table.rows() == [
        (0, "A", MARCH, 1),
        (1, "B", MARCH, 2),
    ]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (HEADER.strip() + ",\n", GOOD.replace("\n", ",\n")),
        (HEADER, GOOD.replace("\n", ",\n")),
        (HEADER, GOOD.replace("1\n", "1,\n")),
        (HEADER, GOOD.replace("2\n", "2,\n")),
        (HEADER.strip() + ",\n", GOOD),
        (HEADER, "\n" + GOOD),
        (HEADER, ",,\n" + GOOD),
        (HEADER, " , ,\n" + GOOD + ",,\n\n"),
    ],
)
def test_commas_at_the_end_and_blank_rows_are_no_data(
    tmp_path: Path, header: str, rows: str
) -> None:
    staged = stage_bytes(tmp_path, header + rows)
    assert staged.table.rows() == ROWS
    assert counts(staged) == (2, 2, 0)
    blank = sum(not line.strip(", ") for line in rows.splitlines())
    assert dropped(staged) == [(0, blank, 0)]


def test_a_value_beyond_the_last_column_is_rejected_and_not_lost(tmp_path: Path) -> None:
    for content in (HEADER + GOOD.replace("1\n", "1,9\n"), TITLES + HEADER + "B,2020-03-01,2,9\n"):
        staged = stage_bytes(tmp_path, content)
        assert set(staged.rejected["reason"]) == {"too many fields"}


@pytest.mark.parametrize(
    "header",
    ["PLACE, day ,n\n", "place,Day,Count\n", "Area,Day,N\n", "AREA,DAY,COUNT\n"],
)
def test_names_in_other_letters_and_of_other_editions(tmp_path: Path, header: str) -> None:
    columns = (
        replace(PLACE, other_names=("Area",)),
        DAY,
        replace(NUMBER, other_names=("Count", "Number")),
    )
    made = contract(columns=columns)
    assert stage_bytes(tmp_path, header + GOOD, made).table.rows() == ROWS


def test_the_exact_name_goes_before_one_in_other_letters(tmp_path: Path) -> None:
    made = contract(extra_columns="ignore")
    content = "place,n,Place,Day,N\nx,9,A,2020-03-01,1\nx,9,B,2020-03-01,2\n"
    assert stage_bytes(tmp_path, content, made).table.rows() == ROWS


def test_a_column_that_may_be_absent_is_missing_in_every_row(tmp_path: Path) -> None:
    made = contract(columns=(PLACE, DAY, replace(NUMBER, optional=True)))
    staged = stage_bytes(tmp_path, "Place,Day\nA,2020-03-01\nB,2020-03-01\n", made)
    assert staged.table.rows() == [("A", MARCH, None), ("B", MARCH, None)]
    assert staged.table.schema["n"].is_integer()
    assert stage_bytes(tmp_path, HEADER + GOOD, made).table.rows() == ROWS


@pytest.mark.parametrize("access", ["open", "secure"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("A,2020-03-01,1,secret\n", "has 4 columns"),
        ("A,2020-03-01\n", "has 2 columns"),
        ("secret\n", "has 1 columns"),
        ("\n" + GOOD, "has 0 columns"),
    ],
)
def test_a_file_without_a_header_must_have_the_documented_width(
    tmp_path: Path, content: str, message: str, access: str
) -> None:
    made = contract(reader=Reader(header_rows=0), access=access)
    with pytest.raises(SourceError, match=message) as caught:
        stage_bytes(tmp_path, content, made)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("skip", "top"), [(0, ""), (2, "Title\n\n"), (1, "a title, with, text\n")])
def test_a_file_without_a_header_is_read_by_its_order(tmp_path: Path, skip: int, top: str) -> None:
    made = contract(reader=Reader(header_rows=0, skip_rows=skip))
    staged = stage_bytes(tmp_path, top + GOOD + "C,2020-03-01,x\n", made)
    assert staged.table.rows() == ROWS
    assert lines_and_reasons(staged) == [(skip + 3, "not a whole number")]


YEAR = Column(name="year", part="heading", type="integer", description="A year.")
CELL = Column(name="value", part="cell", type="number", description="A value.")
WIDE = contract(
    columns=(PLACE, YEAR, CELL),
    key=("place", "year"),
    reader=Reader(headings=r"Y_[0-9]{4}", removed="Y_"),
)


def test_columns_become_rows_and_missing_cells_stay(tmp_path: Path) -> None:
    content = "Place,Y_2019,Y_2020\nA,1,2\nB,,x\nC,5\nD,7,8\n"
    staged = stage_bytes(tmp_path, content, WIDE)
    assert staged.table.rows() == [
        ("A", 2019, 1.0),
        ("A", 2020, 2.0),
        ("B", 2019, None),
        ("D", 2019, 7.0),
        ("D", 2020, 8.0),
    ]
    assert lines_and_reasons(staged) == [
        (3, "not a number"),
        (4, "too few fields: the line is cut short"),
    ]
    # A row gives as many as there are headings; one that cannot be read is one.
    assert counts(staged) == (7, 5, 2)


def test_columns_that_become_rows_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"columns named like Y_"):
        stage_bytes(tmp_path, "Place,2019\nA,1\n", WIDE)


def test_repeats_among_columns_that_become_rows(tmp_path: Path) -> None:
    staged = stage_bytes(tmp_path, "Place,Y_2019,Y_2020\nA,1,2\nA,1,3\n", WIDE)
    assert lines_and_reasons(staged) == [
        (2, "the same key again with other values"),
        (3, "the same row again"),
        (3, "the same key again with other values"),
    ]
    assert staged.table.rows() == [("A", 2019, 1.0)]


MERGED = (
    "Table 1,,,\n"
    ",People,,Homes\n"  # People stands over two columns
    "Place,2019,2020,2019\n"
    "A,1,2,3\n"
)


def test_a_header_of_two_rows_with_merged_cells(tmp_path: Path) -> None:
    columns = (
        PLACE,
        *(
            Column(name=name, source_name=source, type="integer", description="A count.")
            for name, source in (("p19", "People 2019"), ("p20", "2020"), ("h19", "Homes 2019"))
        ),
    )
    made = contract(columns=columns, key=("place",), reader=Reader(header_rows=2, skip_rows=1))
    staged = stage_bytes(tmp_path, MERGED + "B,4,5,\nC,x,1,1\n", made)
    assert staged.table.rows() == [("A", 1, 2, 3), ("B", 4, 5, None)]
    assert lines_and_reasons(staged) == [(6, "not a whole number")]
    assert dropped(staged) == [(1, 0, 0)]
    bare = replace(made, reader=Reader(header_rows=2))
    assert stage_bytes(tmp_path, MERGED, bare).table.height == 1


def test_blank_cells_have_the_value_above_them(tmp_path: Path) -> None:
    made = contract(reader=Reader(fill_down=("place",)))
    content = HEADER + "A,2020-03-01,1\n,2020-03-02,2\n\n ,2020-03-03,x\nB,2020-03-01,4\n"
    staged = stage_bytes(tmp_path, content, made)
    assert staged.table["place"].to_list() == ["A", "A", "B"]
    assert lines_and_reasons(staged) == [(5, "not a whole number")]


def test_nothing_stands_above_the_first_row(tmp_path: Path) -> None:
    made = contract(reader=Reader(fill_down=("place",)))
    staged = stage_bytes(tmp_path, HEADER + ",2020-03-01,1\nA,2020-03-01,1\n", made)
    assert lines_and_reasons(staged) == [(2, "a value is required")]


def test_a_column_to_fill_may_be_absent(tmp_path: Path) -> None:
    more = Column(name="more", source_name="More", type="text", optional=True, description="More.")
    made = contract(columns=(PLACE, DAY, NUMBER, more), reader=Reader(fill_down=("more",)))
    assert stage_bytes(tmp_path, HEADER + GOOD, made).table["n"].to_list() == [1, 2]
