"""Stata and SPSS: codes instead of labels, missing values with their meaning, dates, names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import pytest

from lds.errors import SourceError
from lds.sources.contract import Column, Contract, Reader
from lds.sources.staging import Staged, stage
from unit.sources.builders import DAY, NUMBER, PLACE, contract, lines_and_reasons

MARCH = date(2020, 3, 1)
SEX = Column(
    name="sex",
    source_name="Sex",
    type="category",
    values=(("1", "Male"), ("2", "Female")),
    description="A sex.",
)
FORMS = {".sav": "spss", ".zsav": "spss", ".dta": "stata"}
SAVE: dict[str, Callable[..., None]] = {
    ".sav": pyreadstat.write_sav,
    ".zsav": lambda frame, path, **keys: pyreadstat.write_sav(frame, path, compress=True, **keys),
    ".dta": pyreadstat.write_dta,
}
FRAME = pl.DataFrame(
    {
        "PLACE": ["A   ", "B", "C", ""],
        "day": [MARCH, MARCH, None, MARCH],
        "N": [1.0, -8.0, 2.5, 4.0],
        "Sex": [1.0, 2.0, 2.0, 9.0],
        "Other": [datetime(2020, 3, 1, 13)] * 4,
    }
)


def made(suffix: str, **changes: Any) -> Contract:
    columns = (PLACE, replace(DAY, required=False), replace(NUMBER, missing=("-8",)), SEX)
    keys = {"columns": columns, "marks": (("-8", "withheld"),), "extra_columns": "ignore"}
    return contract(reader=Reader(format=FORMS[suffix]), **{**keys, **changes})


def staged_file(path: Path, **changes: Any) -> Staged:
    return stage(path, made(path.suffix, **changes), None, path.with_name("made.parquet"))


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
def test_codes_are_kept_and_labels_are_not(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"raw{suffix}"
    labels = {"Sex": {1: "Male", 2: "Female", 9: "Refused"}, "N": {-8: "No answer"}}
    SAVE[suffix](FRAME, path, variable_value_labels=labels)
    staged = staged_file(path)
    assert staged.table.rows() == [
        ("A", MARCH, 1, "1", None, None),
        ("B", MARCH, None, "2", "withheld", None),
    ]
    assert lines_and_reasons(staged) == [(3, "not a whole number"), (4, "a value is required")]
    assert staged.report["marks"] == {"n": {"withheld": 1}}
    assert staged.report["columns_ignored"] == ["Other"]


def test_user_missing_values_of_spss_keep_their_codes(tmp_path: Path) -> None:
    path = tmp_path / "raw.sav"
    pyreadstat.write_sav(
        FRAME, path, missing_ranges={"N": [{"lo": -9, "hi": -8}], "Sex": [9], "PLACE": ["B"]}
    )
    staged = staged_file(path, columns=(PLACE, NUMBER, SEX), marks=(), key=("place",))
    # Without a mark in the contract they are values like others: none is missing by itself.
    assert staged.table["n"].to_list() == [1, -8]
    assert staged.table["place"].to_list() == ["A", "B"]


def test_missing_values_of_stata_are_marks_with_a_letter(tmp_path: Path) -> None:
    path = tmp_path / "raw.dta"
    frame = pd.DataFrame(
        {
            "Place": ["A", "B", "C", "D", "E"],
            "N": [1.0, "a", "z", None, 3.5],
            "Sex": ["b", 2, 1, 1, 1],
        }
    )
    pyreadstat.write_dta(frame, path, missing_user_values={"N": ["a", "z"], "Sex": ["b"]})
    staged = staged_file(
        path,
        columns=(PLACE, replace(NUMBER, missing=(".a",)), replace(SEX, missing=(".b",))),
        marks=((".a", "withheld"), (".b", "not_applicable")),
        key=("place",),
    )
    assert staged.table.rows() == [
        ("A", 1, None, None, "not_applicable"),
        ("B", None, "2", "withheld", None),
        ("D", None, "1", None, None),
    ]
    # One that the contract does not know is no value, and not silently missing.
    assert staged.rejected.select("line", "value", "reason").rows() == [
        (3, ".z", "not a whole number"),
        (5, "3.5", "not a whole number"),
    ]


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
@pytest.mark.parametrize(
    ("value", "kept"),
    [(MARCH, True), (datetime(2020, 3, 1), True), (datetime(2020, 3, 1, 13, 45), False)],
)
def test_days_and_times(tmp_path: Path, suffix: str, value: object, kept: bool) -> None:
    path = tmp_path / f"raw{suffix}"
    frame = pl.DataFrame({"Place": ["A", "B"], "Day": [value, None], "N": [1.0, 2.0]})
    SAVE[suffix](frame, path)
    staged = staged_file(path, columns=(PLACE, replace(DAY, required=False), NUMBER), marks=())
    assert staged.table["day"].to_list() == ([MARCH, None] if kept else [None])
    assert staged.rejected["reason"].to_list() == ([] if kept else ["not a date (YYYY-MM-DD)"])


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"raw{suffix}"
    SAVE[suffix](FRAME.drop("Sex"), path)
    with pytest.raises(SourceError, match=r"lacks columns(.|\n)*values: Sex(.|\n)*PLACE|Other"):
        staged_file(path)
    optional = replace(SEX, optional=True)
    staged = staged_file(path, columns=(PLACE, NUMBER, optional), key=("place",), marks=())
    assert staged.table["sex"].null_count() == staged.table.height > 0


@pytest.mark.parametrize("access", ["open", "secure"])
@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
@pytest.mark.parametrize("damage", ["text", "cut", "empty"])
def test_what_is_no_such_file_is_refused(
    tmp_path: Path, suffix: str, damage: str, access: str
) -> None:
    path = tmp_path / f"raw{suffix}"
    SAVE[suffix](FRAME.with_columns(PLACE=pl.lit("Jane")), path)
    contents = {"text": b"Jane,2020-03-01,1\n" * 50, "cut": path.read_bytes()[:-60], "empty": b""}
    path.write_bytes(contents[damage])
    with pytest.raises(SourceError, match=r"cannot be read|is empty") as caught:
        staged_file(path, access=access)
    assert str(path) in str(caught.value)
    assert "Jane" not in str(caught.value)
