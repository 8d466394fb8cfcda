"""Words and numbers as a reader in the United Kingdom writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

MINUS = "\N{MINUS SIGN}"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NO_ARTICLE = ("London", "Yorkshire and The Humber")
"""Regions that are named without an article; the others are "the North East" and so on."""
MARKS = {
    "c": "withheld to protect confidentiality",
    "x": "no value exists",
    "u": "too few days or records for an estimate",
}
"""What a letter in place of a number means: on pages, in CSVs and in packs."""
_FEW = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def long_date(day: date) -> str:
    """Return ``5 January 2021``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Return ``5 Jan 2021``, for headings of columns."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def date_range(start: date, end: date) -> str:
    """Return ``23 March to 12 May 2020``, without repeating a year or month that both share."""
    if start == end:
        return long_date(end)
    if start.year != end.year:
        return f"{long_date(start)} to {long_date(end)}"
    if start.month != end.month:
        return f"{start.day} {MONTHS[start.month - 1]} to {long_date(end)}"
    return f"{start.day} to {long_date(end)}"


def last_day(end: date) -> date:
    """Return the last day of a period that is given by the day after it."""
    return end - timedelta(days=1)


def join_words(words: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def signed(value: float, decimals: int = 0) -> str:
    """Return a change with its sign (a true minus), none before zero: ``+4``, ``−72``, ``0``."""
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return (MINUS if value < 0 else "+") + text


def few(count: int) -> str:
    """Return small whole numbers as words, others in digits."""
    return _FEW[count] if 0 <= count < len(_FEW) else f"{count:,}"


def capitalise(text: str) -> str:
    """Return `text` with its first letter large and the rest as it is."""
    return text[:1].upper() + text[1:]


def region_phrase(name: str) -> str:
    """Return a region's name as it stands in a sentence: ``the East Midlands``, ``London``."""
    return name if name in NO_ARTICLE else f"the {name}"


def ordinal(number: int) -> str:
    """Return ``1st``, ``2nd``, ``11th``."""
    if 10 <= number % 100 <= 20:
        return f"{number:,}th"
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
