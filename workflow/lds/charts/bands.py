"""Policy periods behind a time axis: pale bands, and labels that can all be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from lds.charts.layout import Box
from lds.charts.text import lines_width, text_width, wrap
from lds.charts.theme import palette

_GAP = 5.0
_PAD = 4.0
_BAR = 3.0


@dataclass(frozen=True, slots=True)
class BandLayer:
    """Placed bands, in pixels from the top left of the plot.

    Attributes
    ----------
    rects
        one row per band: ``x``, ``x2``.
    edges
        rules: the start of each band, from its label down through the plot.
    bars
        rules: the extent of each band above the plot.
    labels
        words.
    height
        room that labels and bars need above the plot.
    """

    rects: list[dict[str, object]]
    edges: list[dict[str, object]]
    bars: list[dict[str, object]]
    labels: list[dict[str, object]]
    height: float


@dataclass(slots=True)
class _Band:
    left: float
    right: float
    row: int | None
    lines: list[str]
    width: float
    text_left: float = 0.0
    placed: int = 0


def place_bands(
    bands: pl.DataFrame | None,
    window: tuple[date, date],
    *,
    width: float,
    height: float,
    room: float,
) -> BandLayer:
    """Place the bands that touch `window` and their labels.

    A label wider than its band takes two lines if that is enough; otherwise it runs on to the
    right, and moves to the next free row if it would touch another label. Later bands are placed
    first: a label runs to the right only, so no edge of an earlier band cuts through a label in a
    row below its own.

    Parameters
    ----------
    bands
        columns ``start``, ``end`` (pl.Date, both inside; a null end is open), ``label`` and,
        if wished, ``row`` (0 is the row next to the plot; null leaves it to the measured widths).
    window
        first and last day of the axis.
    width, height
        of the plot, in pixels.
    room
        pixels right of the plot that a label may use.
    """
    if bands is None or bands.is_empty():
        return BandLayer([], [], [], [], 0.0)
    look = palette()
    placed = _visible(bands, window, width)
    boxes: list[tuple[int, Box]] = []
    for band in reversed(placed):
        band.text_left = max(0.0, min(band.left + _PAD, width + room - band.width))
        reach = Box(band.text_left, 0.0, band.text_left + band.width, 1.0)
        taken = {row for row, box in boxes if box.touches(reach, _GAP)}
        band.placed = (
            band.row
            if band.row is not None
            else next(row for row in range(len(placed) + 1) if row not in taken)
        )
        boxes.append((band.placed, reach))
    tall = {
        row: max(len(band.lines) for band in placed if band.placed == row)
        for row in {band.placed for band in placed}
    }
    line = look.font.line_height
    floor = {
        row: -_BAR - _PAD - sum(lines * line for other, lines in tall.items() if other < row)
        for row in tall
    }
    rects: list[dict[str, object]] = []
    edges: list[dict[str, object]] = []
    bars: list[dict[str, object]] = []
    labels: list[dict[str, object]] = []
    for band in placed:
        top = floor[band.placed] - len(band.lines) * line
        rects.append({"x": band.left, "x2": band.right, "y": 0, "y2": height})
        edges.append({"x": band.left, "x2": band.left, "y": top + 2, "y2": height})
        bars.append({"x": band.left, "x2": band.right, "y": -_BAR / 2, "y2": -_BAR / 2})
        labels.append({"x": band.text_left, "y": top + look.font.size, "text": band.lines})
    total = _BAR + _PAD + sum(lines * line for lines in tall.values()) if placed else 0.0
    return BandLayer(rects, edges, bars, labels, total)


def _visible(bands: pl.DataFrame, window: tuple[date, date], width: float) -> list[_Band]:
    size = palette().font.size
    first, last = window
    pixels = width / ((last - first).days + 1)
    found = []
    for band in bands.sort("start", "end", "label").iter_rows(named=True):
        end = band["end"] or last
        if band["start"] > last or end < first:
            continue
        left = max(0, (band["start"] - first).days) * pixels
        right = (min(end, last) - first).days * pixels + pixels
        lines = [band["label"]]
        inside = right - left - 2 * _PAD
        if text_width(band["label"], size) > inside:
            wrapped = wrap(band["label"], inside, size)
            if len(wrapped) == 2 and lines_width(wrapped, size) <= inside:
                lines = wrapped
        found.append(_Band(left, right, band.get("row"), lines, lines_width(lines, size)))
    return found
