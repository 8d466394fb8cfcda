"""What a checker must know of an output to judge it by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from lds.disclosure.evidence.outputs import Output
from lds.errors import SHOWN_VALUES
from lds.io import RESOURCES, read_yaml
from lds.text import date_range, join_words

CONTEXT = ("title", "definition", "population", "period", "unit")
"""What no output may lack."""


@cache
def quantity_titles() -> dict[str, str]:
    """Return the title of each quantity of ``workflow/resources/quantities.yaml``."""
    quantities: dict[str, dict[str, Any]] = read_yaml(RESOURCES / "quantities.yaml")
    return {name: quantity["title"] for name, quantity in quantities.items()}


def context(output: Output) -> dict[str, str]:
    """Return `CONTEXT` of an output, from the registers and its own rows; empty where unknown."""
    days = output.table if output.table.height else output.rows
    start, end = (_day(days["start"].min()), _day(days["end"].max()))
    return {
        "title": output.entry.title,
        "definition": _definition(output),
        "population": _population(output),
        "period": date_range(start, end) if start and end else "",
        "unit": join_words(sorted(output.table["unit"].unique())),
    }


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _definition(output: Output) -> str:
    entry, text = output.entry, output.type.title
    if entry.quantity is None:
        measures = _some(output.table["measure"].unique().sort())
        text += f": {measures}" if measures else ""
    else:
        text += f"; counted: {_quantity(entry.quantity)}"
    if entry.outcome:
        text += f"; the numerator is the part with {entry.outcome}"
    if entry.share_of:
        text += f"; the denominator is all of {entry.share_of}"
    if entry.rests_on:
        text += f"; it rests on {join_words(entry.rests_on)}"
    return text


def _population(output: Output) -> str:
    sources = join_words(output.entry.sources or output.topic.sources)
    if output.entry.quantity:
        return f"{_quantity(output.entry.quantity)}, from {sources}"
    if output.entry.rests_on:
        return f"that of {join_words(output.entry.rests_on)}, from {sources}"
    return sources


def _quantity(name: str) -> str:
    return quantity_titles().get(name, name)


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - SHOWN_VALUES
    return join_words(listed[:SHOWN_VALUES] + ([f"{more:,} more"] if more > 0 else []))
