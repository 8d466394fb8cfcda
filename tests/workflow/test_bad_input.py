"""Damaged raw files, end to end: a message that helps, or rows set aside and counted."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from snakefolder import RAW, Folder, read_rows, succeeded, write_rows

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_configured")]
SUMMARY = "results/secure/harmonised/google_mobility.summary.json"
RETAIL = "retail_and_recreation_percent_change_from_baseline"
Copier = Callable[[Folder], Folder]


def stop(folder: Folder) -> str:
    """Run as far as the harmonised table; it must stop. Return what was said."""
    done: subprocess.CompletedProcess[str] = folder.snakemake(SUMMARY, "--cores", "2")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    return done.stdout


def spoil(folder: Folder, lines: range, value: str, column: str = RETAIL) -> None:
    """Write a value into a column of some lines of the raw file."""
    rows = read_rows(folder.path / RAW)
    place = rows[0].index(column)
    for line in lines:
        rows[line - 1][place] = value
    write_rows(folder.path / RAW, rows)


def test_text_in_too_many_numbers_stops_the_run(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    spoil(copied, range(11, 2011), "many")
    done = copied.make_reports()
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    for word in (
        str(RAW),
        "line 11",
        RETAIL,
        "'many'",
        "not a whole number",
        "remedy:",
        "2,000 of",
    ):
        assert word in done.stdout
    left = copied.path / "results/secure/staging/google_mobility.rejected.last.csv"
    assert len(read_rows(left)) == 2001


def test_a_missing_column_stops_the_run(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    copied.edit(str(RAW), lambda text: text.replace(RETAIL, "retail", 1))
    said = stop(copied)
    for word in (str(RAW), "line 1", RETAIL, "lacks columns", "remedy:"):
        assert word in said


def test_a_file_that_is_not_text_stops_the_run(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    raw = copied.path / RAW
    raw.write_bytes(gzip.compress(raw.read_bytes()[:100_000])[:-20])
    said = stop(copied)
    for word in (str(RAW), "line 1", "not utf-8", "0x8b", "remedy:"):
        assert word in said


def test_an_unknown_place_stops_the_run(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    copied.edit(str(RAW), lambda text: text.replace("Harborough District", "Harbourough District"))
    said = stop(copied)
    for word in ("Harbourough District", "match nothing", "google_place_names.csv", "remedy:"):
        assert word in said


def test_a_few_bad_rows_are_set_aside_and_counted(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    staging = Path("results/secure/staging")
    before = json.loads((copied.path / staging / "google_mobility.report.json").read_text())
    spoil(copied, range(20, 21), "many")
    spoil(copied, range(30, 31), "-101")
    spoil(copied, range(40, 41), "15/02/2020", column="date")
    succeeded(copied.snakemake(SUMMARY, "--cores", "2"))
    header, *rejected = read_rows(copied.path / staging / "google_mobility.rejected.csv")
    assert header == ["file", "line", "column", "value", "reason"]
    assert len({row[0] for row in rejected}) == 1
    assert [row[1:4] for row in rejected] == [
        ["20", RETAIL, "many"],
        ["30", RETAIL, "-101"],
        ["40", "date", "15/02/2020"],
    ]
    assert all(row[4] for row in rejected)
    after = json.loads((copied.path / staging / "google_mobility.report.json").read_text())
    assert before["rows_rejected"] == 0
    assert after["rows_in"] == before["rows_in"] == after["rows_kept"] + 3
    assert after["rows_rejected"] == sum(after["reasons"].values()) == 3
    assert json.loads((copied.path / SUMMARY).read_text())["source"] == "google_mobility"
