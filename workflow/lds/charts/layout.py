"""Where things go: scales, ticks, labels that must not touch. Pixels count down from the top."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from lds.charts.text import text_width

TICKS = 5
"""About how many ticks a value axis has."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box, gap: float = 0.0) -> bool:
        """Return whether the boxes come nearer than `gap`."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def holds(self, x: float, y: float) -> bool:
        """Return whether the point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def distance(self, x: float, y: float) -> float:
        """Return how far the point lies from the nearest edge, 0 inside."""
        return math.hypot(
            max(self.left - x, 0.0, x - self.right), max(self.top - y, 0.0, y - self.bottom)
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels with its ticks.

    Attributes
    ----------
    low, high
        the domain, in the unit of the figure.
    start, stop
        the pixels of `low` and `high`.
    ticks
        round values inside the domain.
    decimals
        how many decimals the ticks need.
    """

    low: float
    high: float
    start: float
    stop: float
    ticks: tuple[float, ...]
    decimals: int

    def __call__(self, value: float) -> float:
        """Return the pixel of `value`."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)


def nice_step(span: float, ticks: int = TICKS) -> float:
    """Return the one of 1, 2, 5 x 10^k that cuts `span` into about `ticks` steps."""
    raw = span / ticks
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= 0.7 * raw)


def value_scale(
    values: Iterable[float],
    start: float,
    stop: float,
    *,
    domain: tuple[float, float] | None = None,
    zero: bool = True,
    ticks: int = TICKS,
) -> Scale:
    """Make a scale with round ends that holds all `values`.

    Parameters
    ----------
    values
        what has to be visible.
    start, stop
        pixels of the low and the high end.
    domain
        asked ends, so that figures share a scale. They are kept as they are unless a value
        lies outside: then they are widened, for nothing may be cut off in silence.
    zero
        whether zero has to be visible.
    ticks
        about how many ticks there shall be.
    """
    seen = [*values, *((0.0,) if zero else ())]
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    if domain is not None and domain[0] <= low and high <= domain[1]:
        low, high = domain
        step = nice_step(high - low, ticks)
    else:
        if domain is not None:
            low, high = min(low, domain[0]), max(high, domain[1])
        if low == high:
            low, high = (min(low, 0.0), max(high, 1.0)) if low >= 0 else (low, 0.0)
        step = nice_step(high - low, ticks)
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    marks = tuple(round(index * step, decimals) for index in range(first, last + 1))
    return Scale(low, high, start, stop, marks, decimals)


def spread(
    centres: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Move `centres` as little as needed so that boxes of `heights` do not overlap.

    Their order is kept (ties: order given). All lie between `low` and `high` if there is room.
    """
    order = sorted(range(len(centres)), key=lambda index: (centres[index], index))
    # Each block: members, total height, and sum of the tops that its members ask for.
    blocks: list[tuple[list[int], float, float]] = []
    for index in order:
        members, height = [index], heights[index]
        wish = centres[index] - height / 2
        while blocks:
            top = _block_top(wish, len(members), height, low, high)
            before, tall, asked = blocks[-1]
            if _block_top(asked, len(before), tall, low, high) + tall <= top:
                break
            # A member further down the block asks that the block start its offset higher.
            wish = asked + wish - tall * len(members)
            members, height = before + members, tall + height
            blocks.pop()
        blocks.append((members, height, wish))
    placed = [0.0] * len(centres)
    for members, height, wish in blocks:
        top = _block_top(wish, len(members), height, low, high)
        for index in members:
            placed[index] = top + heights[index] / 2
            top += heights[index]
    return placed


def _block_top(wish: float, count: int, height: float, low: float, high: float) -> float:
    return max(low, min(wish / count, high - height))


def date_ticks(start: date, end: date, pixels: float, size: float) -> list[tuple[float, str]]:
    """Return day offsets and labels of the time axis, thinned until no two labels touch.

    Parameters
    ----------
    start, end
        first and last day, both inside.
    pixels
        width of the axis.
    size
        text size in pixels.
    """
    days = (end - start).days + 1
    months: list[tuple[float, str]] = []
    kept: list[tuple[float, str]] = []
    for every in (1, 2, 3, 6, 12, 24, 60, 120):
        months = [
            ((first - start).days, f"{first:%b %Y}")
            for first in _month_starts(start, end)
            if (first.year * 12 + first.month - 1) % every == 0
        ]
        if _fits(months, days, pixels, size):
            kept = months
            break
    if len(kept) >= 2:
        return kept
    for every in (1, 2, 7, 14, 28):
        ticks = [
            (float(offset), f"{day.day} {day:%b %Y}")
            for offset in range(0, days, every)
            for day in (start + timedelta(days=offset),)
        ]
        if _fits(ticks, days, pixels, size):
            return ticks
    return [(0.0, f"{start.day} {start:%b %Y}")]


def _fits(ticks: list[tuple[float, str]], days: int, pixels: float, size: float) -> bool:
    widest = max((text_width(label, size) for _, label in ticks), default=0.0)
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(ticks)]
    return not gaps or min(gaps) * pixels / days >= widest + size


def _month_starts(start: date, end: date) -> list[date]:
    found = []
    month = start.year * 12 + start.month - 1
    while (first := date(month // 12, month % 12 + 1, 1)) <= end:
        if first >= start:
            found.append(first)
        month += 1
    return found
