"""Disclosure traps that every source has because of the country, not because of its rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from lds.synthetic.england.country import England

PUBLISHED_ON = date(2021, 4, 1)
"""The day whose LADs truth is told for: what is planted per LAD carries their codes."""


def merged_areas(england: England, coded_on: date) -> list[dict[str, str]]:
    """Return the LADs of `PUBLISHED_ON` that a file has in parts, by the codes of another day.

    Published next to one of its parts, such a LAD gives away the others.
    """
    parts = defaultdict(set)
    for old, new in zip(england.codes_on(coded_on), england.codes_on(PUBLISHED_ON), strict=True):
        parts[new].add(old)
    return [
        {"kind": "merged area", "where": code, "what": f"in the file as {', '.join(sorted(each))}"}
        for code, each in sorted(parts.items())
        if len(each) > 1
    ]
