"""One difference between two profiles: what it is, how grave, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lds.errors import SHOWN_VALUES
from lds.text import MINUS, join_words

FIRST = "read first"
NOTE = "note"


def change(
    kind: str,
    sentence: str,
    *,
    first: bool = False,
    column: str | None = None,
    items: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a difference as values that JSON can hold.

    Parameters
    ----------
    kind : what differs (``rows``, ``places``, ...).
    first : whether a person reads it before the others.
    column : the column, where it is one of a column.
    items : every code or value that it is about; the sentence names some.
    """
    return {
        "kind": kind,
        "column": column,
        "severity": FIRST if first else NOTE,
        "sentence": sentence,
        "items": list(items),
    }


def some(items: Sequence[str]) -> str:
    """Return the first of many items in words, and how many more there are."""
    shown = list(items[:SHOWN_VALUES])
    if len(items) > len(shown):
        shown.append(f"{len(items) - SHOWN_VALUES:,} more")
    if not any("," in item for item in shown[:SHOWN_VALUES]):
        return join_words(shown)
    # Names such as "Bristol, City of" would fall apart between commas.
    return "; ".join(shown)


def moved(before: float, after: float) -> float:
    """Return a difference as a share of the earlier value's size; 1 where that was 0."""
    if before == after:
        return 0.0
    return (after - before) / abs(before) if before else 1.0


def percent(part: float) -> str:
    """Return a share of 1 in per cent, with a decimal where it is small."""
    size = abs(part) * 100
    return f"{size:,.0f}%" if size >= 10 else f"{size:,.1f}%" if size >= 0.05 else "less than 0.1%"


def points(before: float, after: float) -> float:
    """Return the difference of two shares of 1 in percentage points."""
    return round(100 * (after - before), 4)


def number(value: float) -> str:
    """Return a number with separators, a true minus, and no more decimals than it needs."""
    sign, size = (MINUS if value < 0 else ""), abs(value)
    if size == int(size):
        return f"{sign}{int(size):,}"
    return sign + (f"{size:,.2f}" if size >= 1 else f"{size:.3g}")


def verb(before: float, after: float) -> str:
    """Return ``rose`` or ``fell``."""
    return "rose" if after > before else "fell"
