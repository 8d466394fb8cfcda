"""Reading the frame of a dot chart, its key, and the marks of values that are not there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lds.charts.drawn import voice_symbol
from lds.charts.frames import check_columns
from lds.charts.text import text_width, wrap
from lds.charts.theme import palette
from lds.errors import ContractError

VOICES = ("self", "region", "england")
"""The series of the figure in the order of its key."""
DRAWN = ("self", "england", "region")
"""The series in the order they are drawn: largest mark first, so that all show."""
COLUMNS = ("row", "order", "series", "value")
MARKS = {
    "c": "withheld",
    "x": "does not exist",
    "u": "too few to estimate",
}
"""The public marks of a missing value and what the figure's key calls them."""

_LABEL_ROOM = 210.0
_KEY_GAP = 20.0
_MARK_PITCH = 24.0


@dataclass(slots=True)
class Row:
    """One category.

    Attributes
    ----------
    label
        its name, broken into lines.
    values, marks
        by series: the value, or why there is none.
    n
        count behind the value of this area.
    middle
        pixel of its dots, set by the chart.
    """

    label: list[str]
    values: dict[str, float]
    marks: dict[str, str]
    n: int | None
    middle: float = 0.0

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The series without a value and their marks, this area first."""
        return [(voice, self.marks[voice]) for voice in VOICES if voice in self.marks]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its title and its rows from the top down."""

    title: str
    rows: list[Row]


def read_rows(frame: pl.DataFrame, labels: Mapping[str, str]) -> list[Row]:
    """Return the rows of `frame` (see `DotChart.render`) from the top down."""
    check_columns(frame, COLUMNS, "a dot chart")
    return _rows(frame.rows(named=True), labels, _LABEL_ROOM)


def read_panels(frame: pl.DataFrame, labels: Mapping[str, str], label_room: float) -> list[Panel]:
    """Return the panels of `frame` (see `DotPanels.render`) in their order.

    Parameters
    ----------
    label_room
        pixels after which the label of a row takes a further line.
    """
    check_columns(frame, ("panel", "panel_order", *COLUMNS), "a dot chart")
    cells: dict[str, list[dict[str, Any]]] = {}
    for cell in sorted(frame.rows(named=True), key=lambda cell: int(cell["panel_order"])):
        cells.setdefault(cell["panel"], []).append(cell)
    panels = [Panel(title, _rows(own, labels, label_room)) for title, own in cells.items()]
    for panel in panels[1:]:
        if [row.label for row in panel.rows] != [row.label for row in panels[0].rows]:
            raise ContractError(
                "panels of one figure have different rows", values=[panels[0].title, panel.title]
            )
    return panels


def _rows(
    cells: Sequence[Mapping[str, Any]], labels: Mapping[str, str], label_room: float
) -> list[Row]:
    size = palette().font.size
    rows: dict[str, Row] = {}
    for cell in sorted(cells, key=lambda cell: int(cell["order"])):
        name, voice, value = cell["row"], cell["series"], cell["value"]
        if voice not in VOICES:
            raise ContractError("a dot chart has no such series", values=[voice])
        row = rows.get(name)
        if row is None:
            row = rows[name] = Row(wrap(name, label_room, size), {}, {}, None)
        if voice not in labels:
            continue
        if voice in row.values or voice in row.marks:
            raise ContractError("a row has one series twice", values=[name, voice])
        mark = cell.get("mark")
        if mark is not None and mark not in MARKS:
            raise ContractError("no such mark of a missing value", values=[mark])
        if value is None or not math.isfinite(value):
            row.marks[voice] = mark or "x"
            continue
        if mark is not None:
            # The value itself stays out of the message: it may be a withheld one.
            raise ContractError("a value is marked as missing", values=[name, voice, mark])
        row.values[voice] = value
        if voice == "self":
            row.n = cell.get("n")
    return list(rows.values())


def marks_room(rows: Sequence[Row]) -> float:
    """Return the pixels that the marks of missing values need left of the plot."""
    return max((4 + _MARK_PITCH * len(row.marks) for row in rows), default=0.0)


def missing_marks(row: Row) -> list[tuple[float, str, str]]:
    """Return place, series and letter of each missing value, left of the plot, this area first."""
    return [
        (3 - _MARK_PITCH * (len(row.missing) - index), voice, mark)
        for index, (voice, mark) in enumerate(row.missing)
    ]


def key_above(
    rows: Sequence[Row],
    labels: Mapping[str, str],
    left: float,
    width: float,
    shares: Mapping[str, float] | None = None,
) -> tuple[list[dict[str, object]], list[dict[str, object]], float]:
    """Return symbols and words of the key above the rows, and its height.

    Parameters
    ----------
    rows
        their marks are explained if there are any.
    labels
        name of each series.
    left
        pixels between the edge of the drawing and the plot.
    width
        of the drawing in pixels; a longer key takes a further line.
    shares
        area of the symbols of each series as a share of the voice's own, if not 1.
    """
    look = palette().font
    used = {mark for row in rows for mark in row.marks.values()}
    items = [(voice, labels[voice]) for voice in VOICES if voice in labels]
    items += [("", f"{mark}: {meaning}") for mark, meaning in MARKS.items() if mark in used]
    places: list[tuple[str, str, float, int]] = []
    x, line = 0.0, 0
    for voice, text in items:
        wide = text_width(text, look.size) + (18 if voice else 0)
        if x and x + wide > width:
            x, line = 0.0, line + 1
        places.append((voice, text, x - left, line))
        x += wide + _KEY_GAP
    step = look.line_height + 4
    head = 28.0 + line * step
    symbols = [
        voice_symbol(voice, at + 8, rank * step - head + 9, (shares or {}).get(voice, 1.0))
        for voice, _, at, rank in places
        if voice
    ]
    words: list[dict[str, object]] = [
        {"x": at + (18 if voice else 0), "y": rank * step - head + 13, "text": text}
        for voice, text, at, rank in places
    ]
    return symbols, words, head
