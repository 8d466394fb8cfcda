"""The words of a page held against the release: every number in a sentence, title or table cell."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lds.text import MONTHS

_MONTH = "|".join((*MONTHS, *(month[:3] for month in MONTHS)))
_DATE = re.compile(
    rf"\b(?:\d{{1,2}} to )?(?:\d{{1,2}} )?(?:{_MONTH})\b(?: \d{{4}})?|\b\d{{4}}-\d{{2}}-\d{{2}}\b"
)
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)((?:\.\d+)?)")
_LEAST = 1e-9

Text = tuple[str, str]
"""Place in the slice and what stands there."""


class Numbers:
    """The numbers that the words of one page may use.

    A number in words is explained by one of them that has it as its value, whatever the sign (words
    say "below"), rounded as far as the words do.
    """

    def __init__(self, numbers: Iterable[float]) -> None:
        self._sorted = sorted({abs(number) for number in numbers})

    def has(self, number: float, decimals: int) -> bool:
        """Whether a number shown with so many decimals is one of them."""
        half = 0.5 * 10.0**-decimals + _LEAST
        at = bisect_left(self._sorted, number - half)
        return at < len(self._sorted) and self._sorted[at] <= number + half


def unexplained(text: str, numbers: Numbers, phrases: Sequence[str]) -> Iterator[str]:
    """Yield the numbers of a text that nothing explains.

    Dates and the years of months are constants of the project, as are phrases.

    Parameters
    ----------
    phrases : wordings with a number that is no figure, the longest first.
    """
    for phrase in phrases:
        if phrase in text:
            text = text.replace(phrase, " ")
    for whole, rest in _NUMBER.findall(_DATE.sub(" ", text)):
        number = float(whole.replace(",", "") + rest)
        if not numbers.has(number, max(len(rest) - 1, 0)):
            yield whole + rest


def counts(columns: Mapping[str, Sequence[str]], keys: Collection[str]) -> Iterator[float]:
    """Yield what words may count in a CSV: rows, cells with and without a value, different keys.

    All together, and for each value of a key. Of marks, how many there are of each.
    """
    length = len(next(iter(columns.values()), []))
    yield float(length)
    for name, cells in columns.items():
        present = sum(map(bool, cells))
        yield from (float(present), float(length - present))
        if name == "mark":
            yield from (float(cells.count(mark)) for mark in set(cells))
        if name not in keys:
            continue
        rows_of: dict[str, list[int]] = {}
        for row, key in enumerate(cells):
            rows_of.setdefault(key, []).append(row)
        yield float(len(rows_of))
        if len(rows_of) < length:
            for rows in rows_of.values():
                yield float(len(rows))
                for other in columns.values():
                    there = sum(bool(other[row]) for row in rows)
                    yield from (float(there), float(len(rows) - there))


def figure_texts(slice: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the words of a slice that are about its figures, with their place."""
    for index, sentence in enumerate(slice["summary"]):
        yield f"summary[{index}]", sentence
    for index, item in enumerate(slice["key_figures"]):
        yield f"key_figures[{index}].value", item["value"]
        yield f"key_figures[{index}].label", item["label"]
    for index, section in enumerate(slice["sections"]):
        for name in ("title", "note"):
            yield f"sections[{index}].{name}", section[name] or ""
    for name, figure in slice["figures"].items():
        place = f"figures.{name}"
        for part in ("title", "guide", "note"):
            yield f"{place}.{part}", figure[part] or ""
        table = figure["table"]
        yield f"{place}.table.caption", table["caption"]
        for column, head in enumerate(table["columns"], 1):
            yield f"{place}.table, head of column {column}", head["label"]
        for row, cells in enumerate(table["rows"], 1):
            for column, cell in enumerate(cells, 1):
                yield f"{place}.table, row {row}, column {column}", cell


def other_texts(slice: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the words of a slice that are about its area, sources and methods, with their place."""
    for key in ("topic", "area", "release", "contact", "period", "gap", "methods", "sources"):
        yield from _texts(key, slice[key])


def _texts(place: str, value: Any) -> Iterator[Text]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(f"{place}.{key}", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(f"{place}[{index}]", inner)


def strings_of(value: Any) -> Iterator[str]:
    """Yield every string in nested values, white space normalised."""
    for _, text in _texts("", value):
        yield " ".join(text.split())


def numbers_of(value: Any) -> Iterator[float]:
    """Yield every number in nested values; numbers in strings too."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        for whole, rest in _NUMBER.findall(value):
            yield float(whole.replace(",", "") + rest)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from numbers_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from numbers_of(inner)
