"""Values: numbers with separators, dates in other forms, categories, marks with their meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

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
from unit.sources.dresses import MARKS, with_marks

NUMBERS = replace(NUMBER, type="number", minimum=None, maximum=None)


def staged_value(folder: Path, column: Column, text: str, **reader: Any) -> tuple[object, object]:
    """Return the value of one text in the place of a number, and the reason for its rejection."""
    made = contract(columns=(PLACE, DAY, column), reader=Reader(**reader))
    quoted = '"' + text.replace('"', '""') + '"'
    staged = stage_bytes(folder, f"{HEADER}A,2020-03-01,{quoted}\n", made)
    assert counts(staged) == (1, staged.table.height, staged.rejected.height)
    reason = staged.rejected["reason"].to_list()
    return (None, reason[0]) if reason else (staged.table["n"][0], None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("+1.5", 1.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e5", 1e5),
        ("1E-05", 1e-5),
        ("-0", 0.0),
        (" 7 ", 7.0),
        ("", None),
    ],
)
def test_numbers_are_read(tmp_path: Path, text: str, value: float | None) -> None:
    assert staged_value(tmp_path, NUMBERS, text) == (value, None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "nan",
            "NaN",
            "inf",
            "-Infinity",
            "1_000",
            "1e400",
            "1,5",
            "1,000",
            "0x1A",
            "5%",
            "\xa35",
        ),
        *(
            "1 000",
            "--1",
            "1.2.3",
            ".",
            "+",
            "many",
            "\N{MINUS SIGN}1",
            "\N{ARABIC-INDIC DIGIT ONE}",
        ),
    ],
)
def test_what_is_no_number_is_rejected(tmp_path: Path, text: str) -> None:
    assert staged_value(tmp_path, NUMBERS, text) == (None, "not a number")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234.0),
        ("-1,234,567", -1234567.0),
        ("+1,234.5", 1234.5),
        ("1,234.", 1234.0),
        ("123", 123.0),
        ("1234567", 1234567.0),
        ("12,34", None),
        ("1,23", None),
        ("1234,567", None),
        (",123", None),
        ("1,234,", None),
        ("1,,234", None),
        ("1,2345", None),
        ("1.5,000", None),
    ],
)
def test_thousands_have_three_digits_behind_each_separator(
    tmp_path: Path, text: str, value: float | None
) -> None:
    reason = None if value is not None else "not a number"
    assert staged_value(tmp_path, NUMBERS, text, thousands=",") == (value, reason)


@pytest.mark.parametrize("mark", [",", ".", " ", "'", "\xa0", "|", "\\"])
def test_any_letter_separates_thousands(tmp_path: Path, mark: str) -> None:
    whole = replace(NUMBER, maximum=None)
    assert staged_value(tmp_path, whole, f"1{mark}234", thousands=mark) == (1234, None)
    assert staged_value(tmp_path, whole, f"12{mark}34", thousands=mark) == (
        *(None, "not a whole number"),
    )


def test_separators_of_thousands_in_texts_are_text(tmp_path: Path) -> None:
    text = Column(name="n", source_name="N", type="text", description="A text.")
    assert staged_value(tmp_path, text, "1,234", thousands=",") == ("1,234", None)


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("%d/%m/%Y", "01/03/2020", date(2020, 3, 1)),
        ("%d/%m/%Y", "1/3/2020", date(2020, 3, 1)),
        ("%d/%m/%Y", "29/02/2020", date(2020, 2, 29)),
        ("%d/%m/%Y", "31/02/2020", None),
        ("%d/%m/%Y", "03/31/2020", None),
        ("%d/%m/%Y", "01/03/20", None),
        ("%d/%m/%Y", "2020-03-01", None),
        ("%d/%m/%Y", "01/03/2020 00:00", None),
        ("%d/%m/%Y", "01-03-2020", None),
        ("%d/%m/%y", "01/03/20", date(2020, 3, 1)),
        ("%d/%m/%y", "01/03/2020", None),
        ("%d/%m/%y", "31/02/20", None),
        ("%Y%m%d", "20200301", date(2020, 3, 1)),
        ("%Y%m%d", "2020031", None),
        ("%Y%m%d", "20200230", None),
        ("%Y-%m-%d %H:%M", "2020-03-01 13:45", date(2020, 3, 1)),
        ("%Y-%m-%d %H:%M", "2020-03-01 25:00", None),
        ("%Y-%m-%d %H:%M", "2020-03-01", None),
        ("%d %b %Y", "1 Mar 2020", date(2020, 3, 1)),
        ("%d %B %Y", "1 March 2020", date(2020, 3, 1)),
        ("%d %B %Y", "31 June 2020", None),
        ("%b-%y", "Mar-20", date(2020, 3, 1)),
        ("%d.%m.%Y", "01.03.2020", date(2020, 3, 1)),
        ("%d.%m.%Y", "01/03/2020", None),
    ],
)
def test_days_in_the_form_of_the_contract(
    tmp_path: Path, form: str, text: str, value: date | None
) -> None:
    column = Column(name="n", source_name="N", type="date", date_format=form, description="A day.")
    found, reason = staged_value(tmp_path, column, text)
    assert found == value
    assert (reason is None) == (value is not None)
    assert reason is None or str(reason).startswith("not a date (")


CODES = Column(
    name="n",
    source_name="N",
    type="category",
    values=(("1", "Yes"), ("2", "No")),
    description="An answer.",
)


@pytest.mark.parametrize(
    ("other", "text", "value", "reason"),
    [
        ("reject", "1", "1", None),
        ("reject", " 2 ", "2", None),
        ("reject", "3", None, "not one of the values allowed"),
        ("reject", "01", None, "not one of the values allowed"),
        ("reject", "", None, None),
        ("missing", "3", None, None),
        ("missing", "2", "2", None),
    ],
)
def test_codes_outside_a_coding(
    tmp_path: Path, other: str, text: str, value: str | None, reason: str | None
) -> None:
    column = replace(CODES, other_values=other)
    assert staged_value(tmp_path, column, text) == (value, reason)


@pytest.mark.parametrize("form", ["integer", "number", "category", "date", "boolean"])
def test_marks_become_missing_and_keep_their_meaning(tmp_path: Path, form: str) -> None:
    values = {"category": "1", "date": "2020-03-01", "boolean": "TRUE"}
    column = with_marks(
        Column(
            **{**vars(CODES if form == "category" else NUMBER), "type": form}
            | ({"minimum": None, "maximum": None})
        )
    )
    made = contract(columns=(PLACE, DAY, column), marks=MARKS)
    cells = ["[c]", ":", " -9 ", "", values.get(form, "1"), "[C]"]
    body = "".join(f"P{i},2020-03-01,{cell}\n" for i, cell in enumerate(cells))
    staged = stage_bytes(tmp_path, HEADER + body, made)
    assert staged.table["n_mark"].to_list() == [
        *("withheld", "not_available", "not_applicable", None, None)
    ]
    assert staged.table["n"].null_count() == 4
    assert staged.rejected["line"].to_list() == [7]
    assert staged.report["marks"] == {"n": {"not_applicable": 1, "not_available": 1, "withheld": 1}}


def test_keys_and_texts_have_no_column_of_marks(tmp_path: Path) -> None:
    note = Column(name="note", source_name="Note", type="text", description="A note.")
    columns = tuple(map(with_marks, (PLACE, DAY, NUMBER, note)))
    made = contract(columns=columns, marks=MARKS)
    content = "Place,Day,N,Note\nA,2020-03-01,[c],[c]\n[c],2020-03-01,1,x\n"
    staged = stage_bytes(tmp_path, content, made)
    assert staged.table.columns == ["place", "day", "n", "note", "n_mark"]
    # A mark in place of a key is no key.
    assert lines_and_reasons(staged) == [(3, "a value is required")]


def test_a_required_value_that_is_withheld_rejects_its_row(tmp_path: Path) -> None:
    made = contract(columns=(PLACE, DAY, with_marks(replace(NUMBER, required=True))), marks=MARKS)
    staged = stage_bytes(tmp_path, HEADER + "A,2020-03-01,:\nB,2020-03-01,1\n", made)
    assert lines_and_reasons(staged) == [(2, "a value is required")]
    assert staged.report["marks"] == {}


def test_a_row_of_nothing_but_marks_is_no_blank_row(tmp_path: Path) -> None:
    columns = tuple(map(with_marks, (replace(DAY, required=False), NUMBER)))
    made = contract(columns=columns, marks=MARKS, key=(), without_key="none")
    staged = stage_bytes(tmp_path, "Day,N\n:,[c]\n,\n2020-03-01,1\n", made)
    assert counts(staged) == (2, 2, 0)
    assert dropped(staged) == [(0, 1, 0)]
    assert staged.table.rows()[0] == (None, None, "not_available", "withheld")


def test_two_marks_of_one_meaning_do_not_contradict_each_other(tmp_path: Path) -> None:
    made = contract(columns=(PLACE, DAY, with_marks(NUMBER)), marks=MARKS)
    body = "A,2020-03-01,[c]\nA,2020-03-01,-8\nB,2020-03-01,[c]\nB,2020-03-01,:\n"
    assert lines_and_reasons(stage_bytes(tmp_path, HEADER + body, made)) == [
        (3, "the same row again"),
        (4, "the same key again with other values"),
        (5, "the same key again with other values"),
    ]
