"""Names written at the ends of lines, instead of a legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lds.charts.layout import Box, spread
from lds.charts.text import lines_width, wrap
from lds.charts.theme import palette

_NEAR_END = 28.0
"""A line that ends within so many pixels of the axis's end has its name in the right margin."""
_INDENT = 18.0
_GAP = 2.0
_LED = 3.0
"""A name moved further than this from its line's end gets a leader."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a series ends: its voice, its name and the last point in pixels.

    `has_line` is False for an area of which only single days exist, `silent` is True for a series
    without any value: its name stands in the margin, tied to nothing.
    """

    voice: str
    name: str
    x: float
    y: float
    has_line: bool = True
    silent: bool = False


@dataclass(frozen=True, slots=True)
class EndLabels:
    """Placed names (words) and the leaders (rules) that tie moved names to their lines."""

    labels: list[dict[str, object]]
    leaders: list[dict[str, object]]


def place_endings(
    endings: Sequence[Ending],
    drawn: Iterable[tuple[int, Sequence[tuple[float, float]]]],
    across: float,
    down: float,
    room: float,
) -> EndLabels:
    """Place the name of each series beside its last point so that no two touch.

    Names of lines that reach the end of the axis stand in a column right of the plot. A line that
    stops earlier is named where it stops, on the side where the fewest drawn points are hidden.

    Parameters
    ----------
    endings
        in order of rank: on a tie the first is placed higher.
    drawn
        all points of the figure in pixels, by line, each with the weight of hiding one.
    across, down
        size of the plot in pixels.
    room
        width of the margin right of the plot.
    """
    look = palette()
    size, line = look.font.size, look.font.line_height
    labels: list[dict[str, object]] = []
    leaders: list[dict[str, object]] = []
    taken: list[Box] = []

    def write(ending: Ending, lines: list[str], left: float, top: float) -> None:
        width = lines_width(lines, size, bold=True)
        taken.append(Box(left, top, left + width, top + len(lines) * line))
        labels.append(
            {
                "x": left,
                "y": top + size - 1,
                "text": lines,
                "color": look.voices[ending.voice].text,
            }
        )

    column = [ending for ending in endings if ending.x >= across - _NEAR_END]
    names = [wrap(ending.name, room - _INDENT, size, bold=True) for ending in column]
    centres = spread(
        [ending.y for ending in column],
        [len(lines) * line + _GAP for lines in names],
        0.0,
        down,
    )
    for ending, lines, centre in zip(column, names, centres, strict=True):
        write(ending, lines, across + _INDENT, centre - len(lines) * line / 2)
        if not ending.silent and (abs(centre - ending.y) > _LED or ending.x < across - 6):
            leaders.append(
                {
                    "x": ending.x,
                    "y": ending.y,
                    "x2": across + _INDENT - 3,
                    "y2": centre,
                    "color": look.voices[ending.voice].line,
                }
            )
    for ending in endings:
        if ending in column:
            continue
        lines = wrap(ending.name, room, size, bold=True)
        wide, tall = lines_width(lines, size, bold=True), len(lines) * line
        best = min(
            _places(ending, wide, tall, across + room, down),
            key=lambda box: (
                sum(box.touches(other, _GAP) for other in taken),
                sum(weight * box.holds(x, y) for weight, points in drawn for x, y in points)
                + box.distance(ending.x, ending.y) / 6,
            ),
        )
        write(ending, lines, best.left, best.top)
    return EndLabels(labels, leaders)


def _places(ending: Ending, wide: float, tall: float, limit: float, down: float) -> list[Box]:
    """Return where a name may stand around its point, best first, inside the frame."""
    x, y = ending.x, ending.y
    right, centred, left = x + 8, x - wide / 2, x - wide - 8
    middle, above, below = y - tall / 2, y - tall - 7, y + 7
    spots = [(right, middle), (right, above), (right, below), (centred, above), (centred, below)]
    spots += [(left, above), (left, below), (left, middle)]
    spots += [
        (across, y + away * (tall + 7) - tall / 2)
        for away in (2, -2, 3, -3)
        for across in (right, centred, left)
    ]
    boxes = []
    for spot_left, spot_top in spots:
        held_left = max(0.0, min(spot_left, limit - wide))
        held_top = max(0.0, min(spot_top, down - tall))
        boxes.append(Box(held_left, held_top, held_left + wide, held_top + tall))
    return boxes
