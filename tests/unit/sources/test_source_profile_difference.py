"""Differences between source profiles: each planted one is found, and nothing else is said."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lds.io import read_json
from lds.sources.profiles.change import moved, number, percent, some
from lds.sources.profiles.difference import NO_EARLIER, difference
from lds.sources.profiles.kept import remember
from unit.sources.profile_examples import (
    BUCKINGHAMSHIRE,
    EAST_SUFFOLK,
    HARBOROUGH,
    REPORT,
    ROWS,
    column,
    made_profile,
)

Rows = dict[str, list[Any]]
FIRST = "read first"


@pytest.fixture
def compare(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Compare the profile of the made table with that of other rows or another report."""

    def run(after: Rows | None = None, before: Rows | None = None, **report: Any) -> dict[str, Any]:
        one = made_profile(tmp_path, before)
        two = made_profile(tmp_path, after, REPORT | report)
        return difference(one, two)

    return run


def sentences(found: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """Return severity and sentence of each difference of a kind."""
    return [
        (each["severity"], each["sentence"]) for each in found["changes"] if each["kind"] == kind
    ]


def planted(**columns: list[Any]) -> Rows:
    """Return the made rows with other columns."""
    return copy.deepcopy(ROWS) | columns


def fewer(wanted: Callable[[int], bool]) -> Rows:
    """Return some of the made rows."""
    return {
        name: [each for place, each in enumerate(values) if wanted(place)]
        for name, values in ROWS.items()
    }


def test_a_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    found = difference(None, made_profile(tmp_path))
    assert (found["earlier"], found["summary"], found["changes"]) == (False, NO_EARLIER, [])


def test_the_same_profile_differs_in_nothing(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare()
    assert found["changes"] == []
    assert found["summary"] == "Nothing differs from the profile before."


def test_a_vanished_district_is_read_first(compare: Callable[..., dict[str, Any]]) -> None:
    codes = [HARBOROUGH if code == EAST_SUFFOLK else code for code in ROWS["lad_code"]]
    found = compare(planted(lad_code=codes))
    assert sentences(found, "places") == [(FIRST, f"lad_code: 1 place vanished: {EAST_SUFFOLK}.")]
    assert found["changes"][0]["items"] == [EAST_SUFFOLK]
    assert found["changes"][0]["column"] == "lad_code"
    assert sentences(found, "vintage") == []
    back = compare(None, planted(lad_code=codes))
    assert sentences(back, "places") == [("note", f"lad_code: 1 new place: {EAST_SUFFOLK}.")]


def test_many_codes_are_named_in_part_and_kept_in_full(
    compare: Callable[..., dict[str, Any]],
) -> None:
    codes = [f"E0600000{n}" for n in range(1, 9)]
    found = compare(planted(lad_code=[HARBOROUGH] * 8), planted(lad_code=codes))
    change = next(each for each in found["changes"] if each["kind"] == "places")
    assert change["sentence"] == (
        "lad_code: 8 places vanished: E06000001, E06000002, E06000003, E06000004, E06000005 and"
        " 3 more."
    )
    assert change["items"] == codes


def test_categories_that_come_and_go(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(planted(sex=["1", "1", "1", "9", "9", None, None, None]))
    assert sentences(found, "categories") == [
        (FIRST, "sex: 1 value vanished: Female."),
        ("note", "sex: 1 new value: Not stated."),
    ]
    assert sentences(found, "share") == []


def test_shares_of_values(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(planted(sex=["1", "2", "2", "2", "2", None, None, None]))
    assert sentences(found, "share") == [
        (FIRST, "sex: the share of Male fell from 60.0% to 20.0%."),
        (FIRST, "sex: the share of Female rose from 40.0% to 80.0%."),
    ]
    many = {"note": ["x"] * 485 + ["y"] * 515}
    few = {"note": ["x"] * 500 + ["y"] * 500}
    assert [severity for severity, _ in sentences(compare(many, few), "share")] == ["note", "note"]
    fewer_still = {"note": ["x"] * 495 + ["y"] * 505}
    assert sentences(compare(fewer_still, few), "share") == []


def test_a_date_range_that_is_cut(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(fewer(lambda place: place < 6))
    assert sentences(found, "dates") == [
        (
            FIRST,
            "day runs from 6 April 2020 to 12 April 2020; it ran from 6 April 2020 to"
            " 15 April 2020. It ends earlier.",
        )
    ]
    assert sentences(found, "gaps") == [("note", "day: 2 days missing in between; there were 4.")]
    assert (FIRST, "Rows fell by 25%, from 8 to 6.") in sentences(found, "rows")
    longer = compare(None, fewer(lambda place: place < 6))
    assert [severity for severity, _ in sentences(longer, "dates")] == ["note"]
    assert [severity for severity, _ in sentences(longer, "gaps")] == [FIRST]
    later = compare(planted(day=[day + timedelta(days=1) for day in ROWS["day"]]))
    assert "It starts later." in sentences(later, "dates")[0][1]
    unread = compare(planted(day=[None] * 8))
    assert sentences(unread, "dates") == [
        (FIRST, "day holds no dates that can be read; it ran from 6 to 15 April 2020.")
    ]


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [(100, 97, FIRST), (100, 98, "note"), (100, 150, "note"), (100, 151, FIRST)],
)
def test_rows(
    compare: Callable[..., dict[str, Any]], before: int, after: int, severity: str
) -> None:
    found = compare({"note": ["x"] * after}, {"note": ["x"] * before})
    assert [each for each, _ in sentences(found, "rows")] == [severity]


def test_a_column_that_is_all_missing(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(planted(visits=[None] * 8))
    assert sentences(found, "missing") == [
        (FIRST, "visits is missing in every row; it was in 12% of them.")
    ]
    found = compare(planted(weight=[None] * 8))
    assert (FIRST, "weight is missing in every row; it was in none.") in sentences(found, "missing")
    assert sentences(found, "total") == sentences(found, "mean") == []


def test_a_share_missing_that_moves(compare: Callable[..., dict[str, Any]]) -> None:
    full, few, many = (["x"] * (1000 - n) + [None] * n for n in (0, 50, 51))
    assert sentences(compare({"note": few}, {"note": full}), "missing") == [
        ("note", "note: the share missing rose from 0.0% to 5.0%.")
    ]
    assert sentences(compare({"note": many}, {"note": full}), "missing") == [
        (FIRST, "note: the share missing rose from 0.0% to 5.1%.")
    ]


def test_a_total_that_doubles(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(planted(weight=[2 * each for each in ROWS["weight"]]))
    assert sentences(found, "total") == [
        (FIRST, "weight: the sum of weights rose by 100%, from 10 to 20.")
    ]
    assert sentences(found, "mean") == [(FIRST, "weight: the mean rose from 1.25 to 2.50.")]
    assert sentences(found, "bounds") == [
        ("note", "weight runs from 1 to 4; it ran from 0.5 to 2.")
    ]
    found = compare(planted(visits=[1, 2, 3, 4, 10, None, -4, 9]))
    # With negative values the scale is the distance of the quartiles, 4.5, not the mean.
    assert sentences(found, "mean") == [("note", "visits: the mean rose from 3.43 to 3.57.")]
    assert sentences(found, "total") == [("note", "visits: the total rose by 4.2%, from 24 to 25.")]


def test_columns_that_come_go_or_change_their_type(compare: Callable[..., dict[str, Any]]) -> None:
    rows = planted()
    del rows["note"], rows["weight"]
    assert sentences(compare(rows), "columns") == [
        (FIRST, "Columns that vanished: weight and note.")
    ]
    assert sentences(compare(None, rows), "columns") == [("note", "New columns: weight and note.")]


def test_a_type_that_changes(tmp_path: Path) -> None:
    before = made_profile(tmp_path)
    after = copy.deepcopy(before)
    column(after, "visits")["type"] = "number"
    assert sentences(difference(before, after), "type") == [
        (FIRST, "visits is number; it was integer.")
    ]


def test_values_that_are_only_counted(compare: Callable[..., dict[str, Any]]) -> None:
    before, after, most = ({"person": [str(n) for n in range(size)]} for size in (1000, 979, 980))
    assert sentences(compare(after, before), "distinct") == [
        (FIRST, "person: distinct values fell from 1,000 to 979.")
    ]
    assert [severity for severity, _ in sentences(compare(most, before), "distinct")] == ["note"]


def test_a_vintage_that_changes(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare(planted(lad_code=["E07000205", *[BUCKINGHAMSHIRE] * 7]))
    assert [severity for severity, _ in sentences(found, "vintage")] == [FIRST, FIRST]
    texts = [text for _, text in sentences(found, "vintage")]
    assert texts[0].startswith("lad_code has another code vintage: mixed: 2 vintages; it was")
    assert "these do not fit: E07000205" in texts[1]
    found = compare(planted(lad_code=["E07000205"] * 8))
    assert "31 March 2019" in sentences(found, "vintage")[0][1]
    found = compare(planted(lsoa_code=["E01035762"] * 8), planted(lsoa_code=["E01000001"] * 8))
    # The census of 2001 or later may be that of 2021; what the contract declares no longer fits.
    assert [each["column"] for each in found["changes"] if each["kind"] == "vintage"] == [
        "lsoa_code"
    ]


def test_rejected_rows(compare: Callable[..., dict[str, Any]]) -> None:
    reasons = {"a value is required": 1, "below 0": 2}
    found = compare(rows_in=11, rows_rejected=3, reasons=reasons)
    assert sentences(found, "rejected") == [
        (FIRST, "Rejected rows rose from 2 to 3."),
        ("note", "New reasons of rejection: below 0."),
    ]
    found = compare(rows_in=8, rows_rejected=0, reasons={})
    assert sentences(found, "rejected") == [("note", "Rejected rows fell from 2 to 0.")]


def test_where_the_rows_are_from(compare: Callable[..., dict[str, Any]]) -> None:
    files = copy.deepcopy(REPORT["files"])
    files[0]["sha256"] = "c" * 64
    files[1]["file"] = "new.csv"
    found = compare(files=files, synthetic=True)
    assert sentences(found, "files") == [
        ("note", "Raw files no longer read: more.csv."),
        ("note", "New raw files: new.csv."),
        ("note", "Raw files with other content: made.csv."),
    ]
    assert sentences(found, "synthetic") == [(FIRST, "The data are synthetic now.")]
    assert found["summary"] == "4 differences from the profile before, 1 to read first."
    assert [each["severity"] for each in found["changes"]] == [FIRST, "note", "note", "note"]


def test_the_two_last_profiles_of_other_files_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "made.json"

    def of(letter: str, version: int = 1, rows: int = 1, form: int = 1) -> dict[str, Any]:
        files = [{"file": "made.csv", "sheet": None, "sha256": letter * 64}]
        return {"format": form, "contract_version": version, "files": files, "rows": rows}

    assert remember(path, of("a")) is None
    assert remember(path, of("a")) is None
    assert remember(path, of("b")) == of("a")
    # Run again on the same file, the difference stays; the current profile is the latest.
    assert remember(path, of("b", rows=2)) == of("a")
    assert read_json(path) == {"previous": of("a"), "current": of("b", rows=2)}
    assert remember(path, of("b", version=2)) == of("b", rows=2)
    assert remember(path, of("a")) == of("b", version=2)
    assert remember(path, of("c", form=2)) is None
    assert read_json(path) == {"previous": None, "current": of("c", form=2)}


def test_words_in_sentences() -> None:
    assert some(["A", "B"]) == "A and B"
    assert some(["Bristol, City of", "Halton"]) == "Bristol, City of; Halton"
    assert some(list("ABCDEFG")) == "A, B, C, D, E and 2 more"
    assert [number(each) for each in (1234567, 2.0, 1234.567, 0.01234, -1.5)] == [
        *("1,234,567", "2", "1,234.57", "0.0123", "−1.50")
    ]
    assert [percent(each) for each in (0.25, -0.031, 0.0001)] == ["25%", "3.1%", "less than 0.1%"]
    assert [moved(*each) for each in ((4, 5), (-4, -5), (0, 3), (0, 0))] == [0.25, -0.25, 1.0, 0.0]
