from __future__ import annotations

from datetime import date

import pytest

from lds import text

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (4, 0, "+4"),
        (-72, 0, f"{MINUS}72"),
        (0, 0, "0"),
        (-0.4, 0, "0"),
        (0.5, 0, "0"),
        (1.5, 0, "+2"),
        (-2.5, 0, f"{MINUS}2"),
        (-0.04, 1, "0.0"),
        (-0.06, 1, f"{MINUS}0.1"),
        (1234.5, 1, "+1,234.5"),
        (-1234567, 0, f"{MINUS}1,234,567"),
    ],
)
def test_signed_numbers(value: float, decimals: int, expected: str) -> None:
    assert text.signed(value, decimals) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2020, 3, 23), date(2020, 5, 12), "23 March to 12 May 2020"),
        (date(2020, 3, 1), date(2020, 3, 9), "1 to 9 March 2020"),
        (date(2020, 12, 19), date(2021, 1, 5), "19 December 2020 to 5 January 2021"),
        (date(2020, 3, 1), date(2021, 3, 1), "1 March 2020 to 1 March 2021"),
        (date(2020, 2, 29), date(2020, 2, 29), "29 February 2020"),
    ],
)
def test_ranges_of_dates(start: date, end: date, expected: str) -> None:
    assert text.date_range(start, end) == expected


def test_the_last_day_is_the_day_before_the_end() -> None:
    assert text.last_day(date(2020, 3, 1)) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("words", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_lists_of_words(words: list[str], expected: str) -> None:
    assert text.join_words(words) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "no"), (1, "one"), (9, "nine"), (10, "10"), (1200, "1,200")]
)
def test_small_counts_are_words(count: int, expected: str) -> None:
    assert text.few(count) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("London", "London"),
        ("Yorkshire and The Humber", "Yorkshire and The Humber"),
        ("East of England", "the East of England"),
        ("North East", "the North East"),
    ],
)
def test_regions_in_a_sentence(name: str, expected: str) -> None:
    assert text.region_phrase(name) == expected


def test_capitals_leave_the_rest_alone() -> None:
    assert text.capitalise("visits to London") == "Visits to London"
    assert text.capitalise("") == ""
