"""One small table of good and bad rows, which tests dress as every format of file."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl

from lds.sources.contract import Column, Contract, Reader
from unit.sources.builders import DAY, NUMBER, PLACE, contract

RATE = Column(name="rate", source_name="Rate", type="number", description="A rate.")
GROUP = Column(
    name="group",
    source_name="Group",
    type="category",
    values=(("m", "Men"), ("f", "Women")),
    description="A group.",
)
MARKS = (("-8", "withheld"), ("-9", "not_applicable"), ("[c]", "withheld"), (":", "not_available"))
FRAME = pl.DataFrame(
    [
        ("Môn", date(2020, 3, 1), 1, 0.5, "m"),
        ("Bath", date(2020, 3, 1), 1200, -1.25, "f"),
        ("Bath", date(2020, 3, 2), -8, None, "m"),
        ("Hove", date(2021, 3, 2), 3, 1.0, "m"),
        (None, date(2020, 3, 3), 4, 1.0, "f"),
        ("Môn", date(2020, 3, 1), 1, 0.5, "m"),
        ("Wigan", date(2020, 3, 4), 7, 2.0, "x"),
        ("Wigan", date(2020, 3, 5), None, 1e-05, None),
    ],
    schema={
        "Place": pl.String,
        "Day": pl.Date,
        "N": pl.Int64,
        "Rate": pl.Float64,
        "Group": pl.String,
    },
    orient="row",
)
KEPT = [
    ("Môn", date(2020, 3, 1), 1, 0.5, "m", None),
    ("Bath", date(2020, 3, 1), 1200, -1.25, "f", None),
    ("Bath", date(2020, 3, 2), None, None, "m", "withheld"),
    ("Wigan", date(2020, 3, 5), None, 1e-05, None, None),
]
"""Place, day, number, rate, group, and what the mark of the number meant."""
REJECTED = [
    (4, "Day", "above 2020-12-31"),
    (5, "Place", "a value is required"),
    (6, "place, day", "the same row again"),
    (7, "Group", "not one of the values allowed"),
]
"""Row of the table, column and reason."""


def dressed(form: str = "csv", **reader: object) -> Contract:
    """Return the contract of the table as a file of one format."""
    return contract(
        columns=(PLACE, DAY, with_marks(NUMBER), RATE, with_marks(GROUP)),
        marks=MARKS,
        reader=Reader(format=form, **reader),  # type: ignore[arg-type]
    )


def with_marks(column: Column) -> Column:
    """Return a column that reads the marks as missing, as a contract from a file does."""
    return Column(**{**vars(column), "missing": tuple(mark for mark, _ in MARKS)})


def text_rows() -> list[list[str]]:
    """Return the header and the rows as text."""
    return [
        FRAME.columns,
        *(["" if cell is None else str(cell) for cell in row] for row in FRAME.rows()),
    ]


def csv_text(delimiter: str = ",", end: str = "\n") -> str:
    """Return the table as delimited text, by Python's writer."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(text_rows())
    return buffer.getvalue()
