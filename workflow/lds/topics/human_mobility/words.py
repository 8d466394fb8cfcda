"""Changes from baseline in words."""

from __future__ import annotations

from collections.abc import Sequence

from lds.text import few, join_words, signed


def level(value: float) -> str:
    """Return a change as words: ``74% below``, ``6% above``, ``level with``."""
    rounded = abs(round(value))
    if rounded == 0:
        return "level with"
    return f"{rounded:,}% {'below' if value < 0 else 'above'}"


def compared(value: float, others: Sequence[tuple[str, float]]) -> str:
    """Return differences in percentage points from comparators given as (name, value).

    Differences are those of the rounded numbers that the sentence shows, so that a reader who
    subtracts them finds the same.
    """
    told = []
    for name, other in others:
        points = round(value) - round(other)
        if points == 0:
            told.append(f"about the same as in {name} ({signed(other)}%)")
        else:
            told.append(f"{points_apart(points)} than in {name} ({signed(other)}%)")
    if len(told) > 1 and all(text.startswith("about the same") for text in told):
        told = [told[0], *(text.removeprefix("about the same as ") for text in told[1:])]
    return join_words(told)


def points_apart(points: int) -> str:
    """Return a difference in percentage points as words: ``nine points lower``."""
    unit = "point" if abs(points) == 1 else "points"
    return f"{few(abs(points))} {unit} {'lower' if points < 0 else 'higher'}"
