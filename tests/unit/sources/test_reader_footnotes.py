"""What stands below a table is dropped with a count; what is a row cut short is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lds.sources.contract import Reader
from unit.sources.builders import (
    HEADER,
    contract,
    counts,
    dropped,
    lines_and_reasons,
    stage_bytes,
)

ROWS = "A,2020-03-01,1\nB,2020-03-01,2\n"
NOTE = "Source: Office for National Statistics"
CUT = "too few fields: the line is cut short"


@pytest.mark.parametrize(
    ("below", "blank", "notes"),
    [
        (f"{NOTE}\n", 0, 1),
        (f"{NOTE},,\n", 0, 1),
        (f'"{NOTE}, 2020"\n', 0, 1),
        (f"{NOTE}\n{NOTE}\n", 0, 2),
        (f"{NOTE}\n{NOTE}", 0, 2),
        (f"\n{NOTE}\n", 1, 1),
        (f"\n{NOTE}", 1, 1),
        ("\nCrown copyright\n", 1, 1),
        ("\nCrown\n\n\nNotes,,\n\n", 4, 2),
        (f',,\n"{NOTE}\nand more, of it"\n', 1, 1),
        ("\n\n", 2, 0),
    ],
)
def test_notes_below_a_table_are_dropped_with_a_count(
    tmp_path: Path, below: str, blank: int, notes: int
) -> None:
    staged = stage_bytes(tmp_path, HEADER + ROWS + below)
    assert counts(staged) == (2, 2, 0)
    assert dropped(staged) == [(0, blank, notes)]


@pytest.mark.parametrize(
    "last",
    ["B", "Bristol", "E0600001", "King's Lynn and West Norf", "C,2020-03", "The Vale of White,20"],
)
@pytest.mark.parametrize("title", ["", "Title\n"], ids=["read by DuckDB", "read by Python"])
def test_a_last_line_that_was_cut_is_rejected_and_no_note(
    tmp_path: Path, last: str, title: str
) -> None:
    staged = stage_bytes(tmp_path, title + HEADER + ROWS + last)
    assert lines_and_reasons(staged) == [(len(title.splitlines()) + 4, CUT)]
    assert dropped(staged)[0][1:] == (0, 0)


def test_a_line_of_few_words_amid_or_below_rows_is_no_note(tmp_path: Path) -> None:
    staged = stage_bytes(tmp_path, HEADER + f"A,2020-03-01,1\n{NOTE}\nB,2020-03-01,2\nCrown\n")
    assert lines_and_reasons(staged) == [(3, CUT), (5, CUT)]


def test_a_note_with_a_value_beside_it_stays_a_row(tmp_path: Path) -> None:
    staged = stage_bytes(tmp_path, HEADER + ROWS + f"\n{NOTE},,1\n")
    assert lines_and_reasons(staged) == [(5, "a value is required")]


def test_a_table_whose_other_columns_may_be_missing_has_no_notes_of_its_own(
    tmp_path: Path,
) -> None:
    made = contract(columns=(contract().columns[0], contract().columns[2]), key=("place",))
    staged = stage_bytes(tmp_path, f"Place,N\nA,1\nB,\n{NOTE}\n", made)
    assert counts(staged) == (3, 2, 1)


def test_a_footer_begins_where_the_contract_says(tmp_path: Path) -> None:
    made = contract(reader=Reader(footer="Total|[0-9]+[.] .*"))
    body = f"{ROWS}Total,2020-03-01,3\n\n1. A note,x\nC,2020-03-01,4\n"
    staged = stage_bytes(tmp_path, HEADER + body, made)
    assert counts(staged) == (2, 2, 0)
    assert dropped(staged) == [(0, 1, 3)]


def test_a_footer_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    made = contract(reader=Reader(footer="Total"))
    staged = stage_bytes(tmp_path, HEADER + ROWS + "C,2020-03-01,x\n", made)
    assert counts(staged) == (3, 2, 1)
    assert lines_and_reasons(staged) == [(4, "not a whole number")]


@pytest.mark.parametrize("rows", [10, 5_000], ids=["short", "longer than what is looked at"])
def test_notes_are_found_at_the_end_of_long_files(tmp_path: Path, rows: int) -> None:
    body = "".join(f"P{i} {'x' * 20},2020-03-01,1\n" for i in range(rows))
    staged = stage_bytes(tmp_path, HEADER + body + f"\n{NOTE}\n")
    assert counts(staged) == (rows, rows, 0)
    assert dropped(staged) == [(0, 1, 1)]
