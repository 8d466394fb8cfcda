"""Staged tables written out by hand, and their profiles."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from lds.geography import Register
from lds.sources.contract import Column, Contract, Place
from lds.sources.profiles.profile import profile
from unit.sources.builders import contract

SHA = "a" * 64
SEX = (("1", "Male"), ("2", "Female"), ("9", "Not stated"))
COLUMNS = (
    Column(name="person", source_name="P", type="text", description="The person."),
    Column(name="lad_code", source_name="L", type="text", description="District."),
    Column(name="lsoa_code", source_name="O", type="text", description="Small area."),
    Column(name="day", source_name="D", type="date", description="The day."),
    Column(name="sex", source_name="S", type="category", values=SEX, description="Sex."),
    Column(name="visits", source_name="V", type="integer", unit="visits", description="Visits."),
    Column(name="weight", source_name="W", type="number", description="Weight."),
    Column(name="vaccinated", source_name="B", type="boolean", description="Vaccinated or not."),
    Column(name="note", source_name="N", type="text", description="A note."),
)
HARBOROUGH, EAST_SUFFOLK, BUCKINGHAMSHIRE = "E07000131", "E07000244", "E06000060"
START = date(2020, 4, 6)

ROWS: dict[str, list[Any]] = {
    "person": ["a", "b", "c", "d", "e", "f", "g", "h"],
    "lad_code": [HARBOROUGH, HARBOROUGH, EAST_SUFFOLK, EAST_SUFFOLK, *[BUCKINGHAMSHIRE] * 3, None],
    "lsoa_code": ["E01033768", "E01000001", "E01000001", *["E01000002"] * 5],
    "day": [START + timedelta(days=n) for n in (0, 1, 1, 2, 5, 6, 9, 9)],
    "sex": ["1", "1", "1", "2", "2", None, None, None],
    "visits": [1, 2, 3, 4, 10, None, -4, 8],
    "weight": [0.5, 1.5, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0],
    "vaccinated": [True, True, False, None, True, True, True, True],
    "note": [None, None, None, None, None, None, "x", "y"],
}
SCHEMA = {
    "person": pl.String,
    "lad_code": pl.String,
    "lsoa_code": pl.String,
    "day": pl.Date,
    "sex": pl.String,
    "visits": pl.Int64,
    "weight": pl.Float64,
    "vaccinated": pl.Boolean,
    "note": pl.String,
}
REPORT: dict[str, Any] = {
    "source": "made",
    "contract_version": 1,
    "synthetic": False,
    "files": [
        {
            "file": "made.csv",
            "sheet": None,
            "sha256": SHA,
            "dropped": {"blank": 2, "footnote": 1},
        },
        {"file": "more.csv", "sheet": None, "sha256": "b" * 64, "dropped": {"blank": 3}},
    ],
    "rows_in": 10,
    "rows_kept": 8,
    "rows_rejected": 2,
    "reasons": {"a value is required": 1, "not a date (YYYY-MM-DD)": 1},
    "marks": {"visits": {"withheld": 1}},
    "columns_ignored": ["Extra"],
}


def made_contract(**changes: Any) -> Contract:
    """Return the secure contract of the made table."""
    keys: dict[str, Any] = {
        "access": "secure",
        "columns": COLUMNS,
        "key": ("person",),
        "row_is": "one visit",
        "places": (
            Place(columns=("lad_code",), level="LAD", vintage="2020-04-01", vintage_is="declared"),
            Place(columns=("lsoa_code",), level="LSOA", vintage="2011", vintage_is="declared"),
        ),
        "time": {"columns": ["day"], "step": "day"},
        "survey": {"weights": ["weight"]},
        "personal_data": (("person", "Identifies the row."),),
    }
    return contract(**{**keys, **changes})


def made_profile(
    folder: Path,
    rows: dict[str, list[Any]] | None = None,
    report: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Write rows as a staged table and profile them; `changes` are those of the contract."""
    given = ROWS if rows is None else rows
    table = folder / "made.parquet"
    schema = {name: kind for name, kind in SCHEMA.items() if name in given}
    pl.DataFrame(given, schema=schema).write_parquet(table)
    return profile(
        table,
        made_contract(**changes),
        REPORT if report is None else report,
        register=Register.load(),
    )


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one column of a profile."""
    return next(each for each in found["columns"] if each["name"] == name)
