"""Numbers that pages work out from released ones, worked out again: plain lists, no page code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from lds.proof.declared import Derivation

Rows = Mapping[str, Sequence[str]]
"""A CSV by column, as text; an empty field is an empty text."""
Numbers = list[float | None]

LEAST_CHANGE = 5
"""Per cent: of a smaller change no share is given."""


def numbers(column: Sequence[str]) -> Numbers:
    """Return the numbers of a column; None where a field is empty.

    Raises
    ------
    ValueError : a field that is no number.
    """
    return [float(cell) if cell else None for cell in column]


def rank(rows: Rows, rule: Derivation, column: str) -> Numbers:
    """Return the rank of each value of ``of``, the lowest first; equals share the best.

    Only rows that `column` ranks are counted: an area made of districts has no place among them.
    """
    pairs = zip(numbers(rows[rule.of]), rows[column], strict=True)
    values = [value if ranked else None for value, ranked in pairs]
    places: dict[float, int] = {}
    for place, value in enumerate(sorted(value for value in values if value is not None), 1):
        places.setdefault(value, place)
    return [None if value is None else places[value] for value in values]


def share_gone(rows: Rows, rule: Derivation, _column: str) -> Numbers:
    """Return the share of the change in the row ``base`` that had gone, per cent, of whole numbers.

    By group (``by``), for rows after the base (``since``), where the change in the base is at least
    `LEAST_CHANGE`.
    """
    values = numbers(rows[rule.of])
    groups = rows[rule.by or rule.of]
    since = rows[rule.since or rule.of]
    bases = {
        groups[place]: (since[place], round(value))
        for place, value in enumerate(values)
        if value is not None
        and all(rows[column][place] == wanted for column, wanted in rule.base.items())
        and abs(round(value)) >= LEAST_CHANGE
    }
    found: Numbers = []
    for group, day, value in zip(groups, since, values, strict=True):
        first, base = bases.get(group, ("", 0))
        known = value is not None and base and day > first
        found.append(float(round(100 * (1 - round(value or 0) / base))) if known else None)
    return found


DERIVATIONS: dict[str, Callable[[Rows, Derivation, str], Numbers]] = {
    "rank": rank,
    "share_gone": share_gone,
}


def running_mean(values: Sequence[float | None], rows: int, at_least: int) -> Numbers:
    """Return the mean of the `rows` values around each, where `at_least` of them are there."""
    half = rows // 2
    padded = [*[None] * half, *values, *[None] * (rows - 1 - half)]
    sums = [0.0, *accumulate(value or 0.0 for value in padded)]
    counts = [0, *accumulate(value is not None for value in padded)]
    return [
        (end - start) / (last - first) if last - first >= at_least else None
        for start, end, first, last in zip(sums, sums[rows:], counts, counts[rows:], strict=False)
    ]
