"""Workbooks: titles, merged headers, typed cells, formula errors, hidden and empty sheets."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from lds.errors import SourceError
from lds.sources.contract import Column, Contract, Part, Reader, contract_path, load_contract
from lds.sources.staging import Staged, stage
from unit.sources.builders import (
    DAY,
    NUMBER,
    PLACE,
    contract,
    counts,
    dropped,
    lines_and_reasons,
)

MARCH = date(2020, 3, 1)
HEAD = ["Place", "Day", "N"]
XLSX = contract(reader=Reader(format="xlsx"))


def put(sheet: Worksheet, rows: Sequence[Sequence[Any]], top: int = 0, left: int = 0) -> None:
    """Write rows; an empty one leaves its row out."""
    for line, row in enumerate(rows, top):
        for place, value in enumerate(row, left):
            if value is not None:
                sheet.write(line, place, value)


def book(folder: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    path = folder / "raw.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as made:
        for name, rows in sheets.items():
            put(made.add_worksheet(name), rows)
    return path


def staged_book(path: Path, made: Contract = XLSX) -> Staged:
    return stage(path, made, None, path.with_name("made.parquet"))


@pytest.mark.parametrize(("top", "left"), [(0, 0), (1, 0), (5, 0), (0, 2), (4, 3)])
def test_lines_are_rows_of_the_sheet_wherever_the_table_stands(
    tmp_path: Path, top: int, left: int
) -> None:
    path = tmp_path / "raw.xlsx"
    rows = [
        HEAD,
        ["A", "2020-03-01", 1],
        [],
        ["B", "2020-03-01", "x"],
        ["C", "2020-03-01", 3],
        [],
        ["Source: Office for National Statistics"],
        ["Crown copyright"],
    ]
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        put(sheet, rows, top, left)
        if top:
            sheet.write(0, left, "Title")
    staged = staged_book(path)
    assert staged.table["place"].to_list() == ["A", "C"]
    assert lines_and_reasons(staged) == [(top + 4, "not a whole number")]
    assert dropped(staged) == [(1 if top else 0, 2, 2)]
    files = staged.report["files"]
    assert isinstance(files, list)
    assert files[0]["header_line"] == top + 1


@pytest.mark.parametrize(
    ("column", "value", "form", "result"),
    [
        (NUMBER, 3.0, None, 3),
        (NUMBER, 3.5, None, "not a whole number"),
        (NUMBER, "3", None, 3),
        (NUMBER, True, None, "not a whole number"),
        (replace(NUMBER, maximum=None), 1e15, None, 10**15),
        (replace(NUMBER, maximum=None), 123456789012345.0, None, 123456789012345),
        (replace(NUMBER, type="number"), 0.25, "0%", 0.25),
        (replace(NUMBER, type="number"), "25%", None, "not a number"),
        (replace(NUMBER, type="number", maximum=None), 1.5e300, None, 1.5e300),
        (replace(NUMBER, type="boolean", minimum=None, maximum=None), True, None, True),
        (replace(NUMBER, type="boolean", minimum=None, maximum=None), False, None, False),
        (replace(PLACE, name="n", source_name="N"), 7.0, None, "7"),
        (replace(PLACE, name="n", source_name="N"), " x\ny ", None, "x\ny"),
        (replace(DAY, name="n", source_name="N"), datetime(2020, 3, 1), "dd/mm/yyyy", MARCH),
        (replace(DAY, name="n", source_name="N"), datetime(2020, 3, 1), "mmm yy", MARCH),
        (replace(DAY, name="n", source_name="N"), "2020-03-01", None, MARCH),
        (replace(DAY, name="n", source_name="N"), "01/03/2020", None, "not a date (YYYY-MM-DD)"),
        (replace(DAY, name="n", source_name="N"), 43891, None, "not a date (YYYY-MM-DD)"),
        (replace(DAY, name="n", source_name="N"), datetime(2020, 3, 1, 13, 45),
         "dd/mm/yyyy hh:mm", "not a date (YYYY-MM-DD)"),
        (replace(DAY, name="n", source_name="N"), time(13, 45), "hh:mm",
         "not a date (YYYY-MM-DD)"),
        (replace(DAY, name="n", source_name="N", date_format="%d/%m/%Y"), "1/3/2020", None, MARCH),
        (replace(DAY, name="n", source_name="N", date_format="%d/%m/%Y"), datetime(2020, 3, 1),
         "dd/mm/yyyy", MARCH),
        (replace(DAY, name="n", source_name="N", date_format="%d/%m/%Y"), "31/02/2020", None,
         "not a date (DD/MM/YYYY)"),
        (replace(DAY, name="n", source_name="N", date_format="%d/%m/%Y"), "2020-3-1", None,
         "not a date (DD/MM/YYYY)"),
        (replace(DAY, name="n", source_name="N", date_format="%Y-%m-%d %H:%M"),
         datetime(2020, 3, 1, 13, 45), "dd/mm/yyyy hh:mm", MARCH),
    ],
)  # fmt: skip
def test_what_a_cell_holds(
    tmp_path: Path, column: Column, value: Any, form: str | None, result: object
) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        put(sheet, [["Place", "N"], ["A"]])
        sheet.write(1, 1, value, made.add_format({"num_format": form}) if form else None)
    staged = staged_book(path, replace(XLSX, columns=(PLACE, column), key=("place",)))
    found = staged.rejected["reason"].to_list() or staged.table["n"].to_list()
    assert found == [result]
    assert counts(staged)[0] == 1


ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#VALUE!"]


def with_errors(sheet: Worksheet) -> None:
    put(sheet, [HEAD, ["A", "2020-03-01"], ["B", "2020-03-01"], ["C", "2020-03-01"]])
    put(sheet, [["D", "2020-03-01"], ["E", "2020-03-01"], ["F", "2020-03-01"]], 4)
    for line, error in enumerate(ERRORS, 1):
        sheet.write_formula(line, 2, "=1/0", None, error)
    sheet.write_formula(5, 2, "=1+1", None, 2)
    sheet.write_formula(6, 2, '=""', None, "")


def test_errors_of_formulas_are_no_missing_values(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Other").write_formula(0, 30, "=1/0", None, "#DIV/0!")
        with_errors(made.add_worksheet("Data & more"))
    one = replace(XLSX, reader=Reader(format="xlsx", sheets=(Part(name="Data & more"),)))
    staged = staged_book(path, one)
    assert staged.rejected["value"].to_list() == ERRORS
    assert lines_and_reasons(staged) == [(line, "not a whole number") for line in range(2, 6)]
    # A formula has the value that was stored with it.
    assert staged.table["n"].to_list() == [2, None]


def test_an_error_can_be_a_mark_of_the_publisher(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as made:
        with_errors(made.add_worksheet())
    columns = (PLACE, DAY, replace(NUMBER, missing=("#N/A", "#DIV/0!")))
    marks = (("#N/A", "not_available"), ("#DIV/0!", "not_applicable"))
    staged = staged_book(path, replace(XLSX, columns=columns, marks=marks))
    assert counts(staged) == (6, 4, 2)
    assert staged.report["marks"] == {"n": {"not_applicable": 1, "not_available": 1}}


def test_a_row_with_nothing_but_an_error_is_no_blank_row(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        put(sheet, [HEAD, ["A", "2020-03-01", 1]])
        sheet.write_formula(4, 2, "=1/0", None, "#DIV/0!")
    staged = staged_book(path)
    assert lines_and_reasons(staged) == [(5, "a value is required")]
    assert dropped(staged) == [(0, 2, 0)]


def test_a_header_of_two_rows_with_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "Table 1")
        sheet.merge_range(2, 1, 2, 2, "Men ")
        sheet.merge_range(2, 3, 2, 4, "Women")
        put(sheet, [["Place", 2019, 2020, 2019, 2020], ["A", 1, 2, 3, "x"]], 3)
        put(sheet, [["B", 1, 2, 3, 4]], 5)
    year = Column(name="year", part="heading", type="text", description="Sex and year.")
    cell = Column(name="value", part="cell", type="integer", description="People.")
    reader = Reader(format="xlsx", header_rows=2, skip_rows=2, headings="(Men|Women) [0-9]{4}")
    made_wide = contract(columns=(PLACE, year, cell), key=("place", "year"), reader=reader)
    staged = staged_book(path, made_wide)
    assert staged.table["year"].to_list()[:4] == ["Men 2019", "Men 2020", "Women 2019", "Men 2019"]
    assert staged.table["value"].to_list() == [1, 2, 3, 1, 2, 3, 4]
    assert lines_and_reasons(staged) == [(5, "not a whole number")]
    assert dropped(staged) == [(1, 0, 0)]


SHEET = Column(name="sex", part="sheet", type="category", values=(("m", "Men"), ("f", "Women")),
               description="A sex.")  # fmt: skip
TWO = contract(
    columns=(PLACE, DAY, NUMBER, SHEET),
    key=("place", "day", "sex"),
    reader=Reader(
        format="xlsx",
        sheets=(Part(name="Men ", values={"sex": "m"}), Part(name="women", values={"sex": "f"})),
    ),
)


def test_several_sheets_are_one_table(tmp_path: Path) -> None:
    rows = [HEAD, ["A", "2020-03-01", 1], ["B", "2020-03-01", "x"]]
    path = book(tmp_path, {"Notes": [["Read me"]], "Men": rows, "Women ": [["T"], *rows, rows[1]]})
    staged = staged_book(path, TWO)
    assert staged.table.rows() == [("A", MARCH, 1, "m"), ("A", MARCH, 1, "f")]
    assert staged.rejected.select("file", "line", "reason").rows() == [
        ("raw.xlsx, sheet Men", 3, "not a whole number"),
        ("raw.xlsx, sheet Women", 4, "not a whole number"),
        ("raw.xlsx, sheet Women", 5, "the same row again"),
    ]
    assert counts(staged) == (5, 2, 3)
    assert dropped(staged) == [(0, 0, 0), (1, 0, 0)]


def test_rows_repeated_on_another_sheet_are_found(tmp_path: Path) -> None:
    rows = [HEAD, ["A", "2020-03-01", 1], ["B", "2020-03-01", 2]]
    path = book(tmp_path, {"a": rows, "b": [*rows[:2], ["B", "2020-03-01", 3]]})
    sheets = (Part(name="a"), Part(name="b"))
    staged = staged_book(path, replace(XLSX, reader=Reader(format="xlsx", sheets=sheets)))
    assert staged.rejected.select("file", "line", "reason").rows() == [
        ("raw.xlsx, sheet a", 3, "the same key again with other values"),
        ("raw.xlsx, sheet b", 2, "the same row again"),
        ("raw.xlsx, sheet b", 3, "the same key again with other values"),
    ]


def hide_first(path: Path) -> None:
    with xlsxwriter.Workbook(path) as made:
        made.add_chartsheet("Chart")
        hidden = made.add_worksheet("Old")
        hidden.hide()
        put(hidden, [HEAD, ["OLD", "2020-03-01", 1]])
        put(made.add_worksheet("New"), [HEAD, ["NEW", "2020-03-01", 1]])


def test_without_a_name_the_first_sheet_that_can_be_seen_is_read(tmp_path: Path) -> None:
    path = tmp_path / "raw.xlsx"
    hide_first(path)
    assert staged_book(path).table["place"].to_list() == ["NEW"]
    named = replace(XLSX, reader=Reader(format="xlsx", sheets=(Part(name="Old"),)))
    assert staged_book(path, named).table["place"].to_list() == ["OLD"]


def charts_alone(path: Path) -> None:
    with xlsxwriter.Workbook(path) as made:
        made.add_chartsheet("Chart")


def empty_sheet(path: Path) -> None:
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Empty")


def cut_short(path: Path) -> None:
    hide_first(path)
    path.write_bytes(path.read_bytes()[:-300])


def broken_sheet(path: Path) -> None:
    hide_first(path)
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            sheet = name.startswith("xl/worksheets/sheet")
            archive.writestr(name, content.replace(b"<v>1</v>", b"<v>Jane") if sheet else content)


def locked(path: Path) -> None:
    # What Excel writes when it encrypts: a compound file with two streams, of which this is the
    # header alone.
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1_500))


@pytest.mark.parametrize("access", ["open", "secure"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (charts_alone, "no sheet with cells"),
        (empty_sheet, "A sheet is empty"),
        (cut_short, "cannot be read"),
        (broken_sheet, "cannot be read"),
        (locked, "cannot be read"),
        (lambda path: path.write_bytes(b"Jane,Doe\n"), "cannot be read"),
        (lambda path: path.write_bytes(b""), "is empty"),
    ],
)
def test_what_is_no_workbook_is_refused(
    tmp_path: Path, damage: Callable[[Path], object], message: str, access: str
) -> None:
    path = tmp_path / "raw.xlsx"
    damage(path)
    with pytest.raises(SourceError, match=message) as caught:
        staged_book(path, replace(XLSX, access=access))
    assert str(path) in str(caught.value)
    assert caught.value.remedy
    assert "Jane" not in str(caught.value)


@pytest.mark.parametrize("access", ["open", "secure"])
def test_a_sheet_that_is_not_there(tmp_path: Path, access: str) -> None:
    path = book(tmp_path, {"Jane": [HEAD]})
    with pytest.raises(SourceError, match="no sheet 'Men '") as caught:
        staged_book(path, replace(TWO, access=access))
    assert ("Jane" in str(caught.value)) == (access == "open")


def test_a_real_workbook_of_the_old_form(open_data: Path, tmp_path: Path) -> None:
    made = load_contract(contract_path("population_lad_workbook"))
    raw = open_data / "population" / "ukmidyearestimates20182019ladcodes.xls"
    staged = stage(raw, made, None, tmp_path / "made.parquet")
    rows_in, kept, rejected = counts(staged)
    assert (rows_in, rejected) == (kept, 0)
    assert kept == staged.table.height > 0
    # Each sheet has the same rows, so that men and women are persons.
    assert len({each["rows_in"] for each in staged.report["files"]}) == 1  # type: ignore[attr-defined]
