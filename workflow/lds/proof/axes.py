"""What drawings that place values on an axis must hold: as many marks as released values, in place.

The axis is read from its own words: a tick's number and where it stands. Every mark must then stand
where the axis puts a released value, to a fraction of a pixel, so a mark that was moved or added,
or one for a value that is withheld, is found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import sub

from lds.charts.theme import palette
from lds.proof.declared import SELF, ChartValues
from lds.proof.derivations import Numbers, numbers, running_mean
from lds.proof.marks import Drawing, Mark, Point, by_fill
from lds.text import MINUS

Problem = tuple[str, str]
"""Place in the chart and what is wrong."""

TOLERANCE = 0.3
"""Pixels: coordinates have one decimal, those of axis and symbol each, and symbols two edges."""
WORDS_BELOW = 4.0
"""Pixels that words stand below the middle of the line that they name."""
HALF = 0.5
"""By so much a value may differ from the whole number that a chart prints."""
_NUMBER = re.compile(rf"[+{MINUS}-]?\d[\d,]*(?:\.\d+)?")
COUNT = "another number of marks than of released values"
PLACE = "a mark that stands where no released value does"
AXIS = "ticks that do not lie on one scale"


def shown_number(text: str) -> float | None:
    """Return the number that a text of a drawing is; None where it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(MINUS, "-").replace(",", ""))


@dataclass(frozen=True)
class Axis:
    """A linear scale: pixels at zero, pixels per unit."""

    zero: float
    per_unit: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.zero + value * self.per_unit

    @classmethod
    def of(cls, ticks: Sequence[tuple[float, float]]) -> Axis | None:
        """Return the scale of ticks (value, pixel); None for fewer than two, or bent ones."""
        if len(ticks) < 2 or ticks[0][0] == ticks[-1][0]:
            return None
        (first, start), (last, stop) = ticks[0], ticks[-1]
        per_unit = (stop - start) / (last - first)
        axis = cls(start - first * per_unit, per_unit)
        return axis if all(near(axis(value), pixel) for value, pixel in ticks) else None


def near(one: float, other: float) -> bool:
    """Whether two pixels are the same, as far as rounding lets them be."""
    return abs(one - other) <= TOLERANCE


@dataclass
class Look:
    """One look at a drawing.

    Attributes
    ----------
    problems : what was found.
    compared : how many coordinates or fills were.
    ticks : the numbers of its axes, which lie on one scale.
    worked_out : values of its lines that are means of released ones.
    """

    problems: list[Problem] = field(default_factory=list)
    compared: int = 0
    ticks: list[float] = field(default_factory=list)
    worked_out: list[float] = field(default_factory=list)

    def compare(self, place: str, drawn: Sequence[float], expected: Sequence[float]) -> None:
        """Compare pixels one by one."""
        self.compared += len(drawn)
        if len(drawn) != len(expected):
            self.problems.append((place, COUNT))
        elif max(map(abs, map(sub, drawn, expected)), default=0.0) > TOLERANCE:
            self.problems.append((place, PLACE))

    def read_ticks(
        self, marks: Sequence[Mark], *, upright: bool = False
    ) -> list[tuple[float, float]]:
        """Return value and pixel of every text that is a number."""
        found = []
        for mark in marks:
            value = shown_number(mark.text)
            if value is not None:
                found.append((value, mark.y - WORDS_BELOW if upright else mark.x))
        self.ticks += [value for value, _ in found]
        return found


Rows = Mapping[str, Sequence[str]]


def voices(rows: Rows, chart: ChartValues) -> dict[str, Numbers]:
    """Return the values that each voice of a chart draws; one that the CSV lacks draws none."""
    return {
        voice: numbers(rows[column]) for voice, column in chart.values.items() if column in rows
    }


def groups(rows: Rows, by: str | None) -> list[Rows]:
    """Return the rows of each value of a column, in order; all where there is no such column."""
    if by is None:
        return [rows]
    found: dict[str, list[int]] = {}
    for row, key in enumerate(rows[by]):
        found.setdefault(key, []).append(row)
    return [
        {name: [cells[row] for row in own] for name, cells in rows.items()}
        for own in found.values()
    ]


def look_at_line(drawing: Drawing, rows: Rows, chart: ChartValues, _own: int | None) -> Look:
    """Lines by voice, one point for each row with a value (or a mean); dots of this area."""
    look = Look()
    values = voices(rows, chart)
    lines = {
        voice: running_mean(own, *chart.mean) if chart.mean else own
        for voice, own in values.items()
    }
    if chart.mean:
        look.worked_out += [value for own in lines.values() for value in own if value is not None]
    ticks = look.read_ticks(drawing.layer("values"), upright=True)
    base = [mark.ends for mark in drawing.layer("base") if mark.tag == "line"]
    axis = Axis.of(ticks)
    points = {
        name: [point for mark in drawing.layer(name) for part in mark.outlines for point in part]
        for name in (*values, "dots")
    }
    expected = {**lines, "dots": values.get(SELF, []) if chart.mean else []}
    if axis is None or not base:
        if any(points.values()) or (len(ticks) > 1):
            look.problems.append(("axis", AXIS))
        return look
    (left, _), (right, _) = base[0]
    count = max(map(len, values.values()), default=1)
    for name, drawn in points.items():
        there = [(row, value) for row, value in enumerate(expected[name]) if value is not None]
        look.compare(f"layer {name}", [y for _, y in drawn], [axis(value) for _, value in there])
        look.compare(
            f"layer {name}",
            [x for x, _ in drawn],
            [left + (row + 0.5) * (right - left) / count for row, _ in there],
        )
    known = list(chain.from_iterable(points.values()))
    for mark in drawing.layer("ends"):
        if not all(_is_among(centre, known) for centre in mark.centres):
            look.problems.append(("layer ends", PLACE))
    return look


def _is_among(point: Point, known: Sequence[Point]) -> bool:
    return any(near(point[0], x) and near(point[1], y) for x, y in known)


def look_at_dots(drawing: Drawing, rows: Rows, chart: ChartValues, _own: int | None) -> Look:
    """Rows with a symbol for each voice that has a value, and the printed value of this area."""
    tried = [_dots_of(drawing, group, chart) for group in groups(rows, chart.by)]
    return min(tried, key=lambda look: len(look.problems), default=Look())


def _dots_of(drawing: Drawing, rows: Rows, chart: ChartValues) -> Look:
    look = Look()
    ticks = look.read_ticks(drawing.layer("ticks"))
    axis = Axis.of(ticks)
    drawn = by_fill(drawing.layer("dots"))
    values = voices(rows, chart)
    if axis is None:
        if drawn or len(ticks) > 1:
            look.problems.append(("axis", AXIS))
        return look
    found: list[float] = []
    for voice, own in values.items():
        there = [axis(value) for value in own if value is not None]
        found += there
        marks = drawn.pop(palette().voices[voice].line, [])
        look.compare(f"symbols of {voice}", [x for x, _ in centres(marks)], there)
    if drawn:
        look.problems.append(("layer dots", "symbols of no voice"))
    for mark in drawing.layer("connectors"):
        if not all(any(near(x, known) for known in found) for x, _ in mark.ends):
            look.problems.append(("layer connectors", PLACE))
    printed = [shown_number(mark.text) for mark in drawing.layer("values")]
    released = [value for value in values.get(SELF, []) if value is not None]
    if len(printed) != len(released) or any(
        text is None or abs(text - value) > HALF
        for text, value in zip(printed, released, strict=True)
    ):
        look.problems.append(("layer values", "not the released values"))
    return look


def look_at_panels(drawing: Drawing, rows: Rows, chart: ChartValues, _own: int | None) -> Look:
    """Panels on one scale, each with the rows of one group; a symbol for each value."""
    look = Look()
    waiting = [voices(group, chart) for group in groups(rows, chart.by)]
    drawn = by_fill(drawing.layer("dots"))
    places = {voice: centres(drawn.pop(palette().voices[voice].line, [])) for voice in chart.values}
    if drawn:
        look.problems.append(("layer dots", "symbols of no voice"))
    panels = _panels(drawing, look)
    held = {voice: _by_panel(points, panels) for voice, points in places.items()}
    for number, panel in enumerate(panels):
        axis = Axis.of(panel.ticks)
        own = {voice: [x for x, _ in sorted_down(found[number])] for voice, found in held.items()}
        look.compared += sum(map(len, own.values()))
        for index, group in enumerate(waiting):
            if axis is not None and _same_panel(own, group, axis):
                del waiting[index]
                break
        else:
            look.problems.append((f"panel {number + 1}", AXIS if axis is None else PLACE))
    if any(value is not None for group in waiting for own in group.values() for value in own):
        look.problems.append(("panels", COUNT))
    return look


@dataclass(frozen=True)
class _Panel:
    ticks: list[tuple[float, float]]
    foot: float


def _panels(drawing: Drawing, look: Look) -> list[_Panel]:
    """Return the panels of a drawing by their ticks, which begin anew in each."""
    panels: list[_Panel] = []
    for mark in drawing.layer("ticks"):
        value = shown_number(mark.text)
        if value is None:
            continue
        look.ticks.append(value)
        if not panels or value <= panels[-1].ticks[-1][0]:
            panels.append(_Panel([], mark.y))
        panels[-1].ticks.append((value, mark.x))
    return panels


def _by_panel(points: Sequence[Point], panels: Sequence[_Panel]) -> list[list[Point]]:
    """Return the points of each panel: in the next row of panels below, nearest across."""
    found: list[list[Point]] = [[] for _ in panels]
    for x, y in points:
        below = min((panel.foot for panel in panels if panel.foot > y), default=None)
        row = [index for index, panel in enumerate(panels) if panel.foot == below]
        if row:
            found[min(row, key=lambda index: _away(x, panels[index]))].append((x, y))
    return found


def _away(x: float, panel: _Panel) -> float:
    return max(panel.ticks[0][1] - x, 0.0, x - panel.ticks[-1][1])


def _same_panel(drawn: Mapping[str, list[float]], group: Mapping[str, Numbers], axis: Axis) -> bool:
    for voice, own in group.items():
        expected = [axis(value) for value in own if value is not None]
        found = drawn[voice]
        if len(found) != len(expected) or not all(map(near, found, expected)):
            return False
    return True


def look_at_strip(drawing: Drawing, rows: Rows, chart: ChartValues, own: int | None) -> Look:
    """A tick for each area with a value (areas with the same pixel share one), this one thick.

    Parameters
    ----------
    own : the row of this area; None where it has none.
    """
    look = Look()
    values = voices(rows, chart)[SELF]
    axis = Axis.of(look.read_ticks(drawing.layer("words")))
    layers = [name for name in drawing.layers if name.startswith("shade")]
    drawn = [part[0][0] for mark in drawing.layer(*sorted(layers)) for part in mark.outlines]
    thick = [mark.ends[0][0] for mark in drawing.layer("own")]
    if axis is None:
        if drawn or thick:
            look.problems.append(("axis", AXIS))
        return look
    value = None if own is None else values[own]
    look.compare("layer own", thick, [] if value is None else [axis(value)])
    others = [axis(each) for row, each in enumerate(values) if each is not None and row != own]
    look.compared += len(drawn)
    if not (_covered(drawn, others) and _covered(others, drawn)):
        look.problems.append(("ticks of areas", PLACE))
    return look


def _covered(some: Sequence[float], others: Sequence[float]) -> bool:
    """Whether each of some pixels is one of the others."""
    known = sorted(others)
    for x in some:
        at = bisect_left(known, x - TOLERANCE)
        if at == len(known) or not near(known[at], x):
            return False
    return True


def centres(marks: Sequence[Mark]) -> list[Point]:
    """Return the middles of all parts of marks."""
    return [centre for mark in marks for centre in mark.centres]


def sorted_down(points: Sequence[Point]) -> list[Point]:
    """Return points from the top down."""
    return sorted(points, key=lambda point: point[1])
