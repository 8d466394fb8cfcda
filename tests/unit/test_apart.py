"""Work in another process: results come one by one, and the process ends with who asks for them."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lds.errors import SourceError
from lds.files import apart as module
from lds.files.apart import each_apart
from lds.files.tables import open_tables
from lds.files.workbooks import open_workbook, sheet_rows

SHEETS = ["a", "b", "c", "d"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name in SHEETS:
            made.add_worksheet(name).write_row(0, 0, ["place", name])
    return path


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Return the processes that are started in a test; all must have ended behind it."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(module.subprocess, "Popen", popen)
    yield started
    gc.collect()
    assert all(process.returncode is not None for process in started)


def test_the_sheets_of_a_workbook_are_read_by_one_process(
    book: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    opened = open_workbook(book)
    before = len(processes)
    assert [rows[0][1] for rows in sheet_rows(opened, SHEETS, book)] == SHEETS
    assert [rows[0][1] for rows in sheet_rows(opened, ["c", "a"], book)] == ["c", "a"]
    assert len(processes) == before + 2
    with open_tables(book) as tables:
        assert len(tables) == 0  # Headers alone.
    assert len(processes) == before + 4


def test_an_iterator_that_is_closed_ends_its_process(
    book: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    read = sheet_rows(open_workbook(book), SHEETS, book)
    assert next(read) == [["place", "a"]]
    assert processes[-1].poll() is None
    read.close()
    assert processes[-1].returncode is not None


def test_an_error_comes_behind_the_results_before_it(
    book: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    read = sheet_rows(open_workbook(book), ["a", "none"], book)
    assert next(read) == [["place", "a"]]
    with pytest.raises(SourceError, match="A workbook cannot be read"):
        next(read)


def test_a_process_that_takes_too_long_is_ended(
    book: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    from lds.files.workbooks import _rows

    read = each_apart(_rows, book, SHEETS, book, False, shown=book, seconds=0.01)
    with pytest.raises(SourceError, match="more memory or time") as caught:
        list(read)
    assert caught.value.where == str(book)


def test_a_process_that_stops_between_two_results_is_no_end_of_them(
    book: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    # More than the pipe between the two holds.
    read = sheet_rows(open_workbook(book), SHEETS * 2000, book)
    assert next(read) == [["place", "a"]]
    processes[-1].kill()
    with pytest.raises(SourceError, match="stops the library"):
        list(read)
