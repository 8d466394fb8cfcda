"""Outlines of areas: path data read into pixels, and where a text fits inside."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from lds.charts.layout import Box
from lds.errors import ContractError

Ring: TypeAlias = list[tuple[float, float]]

_TOKEN = re.compile(r"[MmLlHhVvZz]|-?\d+(?:\.\d+)?")
_PATH = re.compile(r"(?:[MmLlHhVvZz]|-?\d+(?:\.\d+)?|[\s,])*")
_STEP = 2.0
"""Pixels between the lines along which the inside of an outline is known."""
_CENTRAL = 2.0
"""How much a place near the middle counts against a wide one."""


def read_rings(code: str, path: str) -> list[Ring]:
    """Return the rings of an area in the coordinates of its path.

    Parameters
    ----------
    code
        of the area, for the message.
    path
        SVG path data of straight lines: M, L, H, V, Z, absolute or relative.

    Raises
    ------
    ContractError : path data of another kind, or without any area.
    """
    if not _PATH.fullmatch(path):
        raise ContractError(
            "an outline is not made of straight lines",
            where=code,
            remedy="Use the path commands M, L, H, V and Z only.",
        )
    rings: list[Ring] = []
    x = y = 0.0
    command = ""
    tokens = _TOKEN.findall(path)
    at = 0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
            if command in "Zz":
                if rings:
                    x, y = rings[-1][0]
                continue
        kind, relative = command.upper(), command.islower()
        needed = 1 if kind in ("H", "V") else 2
        numbers = tokens[at : at + needed]
        if not command or kind == "Z" or len(numbers) < needed or any(n.isalpha() for n in numbers):
            raise ContractError("the path of an outline breaks off", where=code)
        at += needed
        if kind == "H":
            x = float(numbers[0]) + (x if relative else 0)
        elif kind == "V":
            y = float(numbers[0]) + (y if relative else 0)
        else:
            x = float(numbers[0]) + (x if relative else 0)
            y = float(numbers[1]) + (y if relative else 0)
        if kind == "M":
            rings.append([])
            # Further pairs after a move are lines.
            command = "l" if relative else "L"
        elif not rings:
            raise ContractError("the path of an outline does not begin with a move", where=code)
        rings[-1].append((x, y))
    if not any(len(ring) > 2 for ring in rings):
        raise ContractError("an outline has no area", where=code)
    return rings


@dataclass(frozen=True)
class Outline:
    """An area on the drawing, in pixels from the top left of its map."""

    rings: list[Ring]

    @property
    def path(self) -> str:
        """Path data in the form that the normaliser writes as relative steps."""
        return "".join(
            "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in ring) + "Z" for ring in self.rings
        )

    @cached_property
    def box(self) -> Box:
        """The smallest box around the outline."""
        xs = [x for ring in self.rings for x, _ in ring]
        ys = [y for ring in self.rings for _, y in ring]
        return Box(min(xs), min(ys), max(xs), max(ys))

    def place(self, width: float, height: float) -> tuple[float, float] | None:
        """Return the middle of a box of `width` by `height` pixels inside, None if none fits.

        Wide places near the middle of the outline are preferred.
        """
        levels = sorted(self._inside)
        best: tuple[float, float, float] | None = None
        middle = (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2
        reach = max(self.box.right - self.box.left, self.box.bottom - self.box.top)
        for level in levels:
            first = bisect_left(levels, level - height / 2 - _STEP / 2)
            last = bisect_left(levels, level + height / 2 + _STEP / 2)
            if levels[first] > level - height / 2 + _STEP / 2:
                continue
            if levels[last - 1] < level + height / 2 - _STEP / 2:
                continue
            free = self._inside[levels[first]]
            for other in levels[first + 1 : last]:
                free = _shared(free, self._inside[other], width)
                if not free:
                    break
            for left, right in free:
                if right - left < width:
                    continue
                x = min(max(middle[0], left + width / 2), right - width / 2)
                x = (x + (left + right) / 2) / 2
                away = (abs(x - middle[0]) + abs(level - middle[1])) / reach
                score = min((right - left) / max(width, 1.0), 3.0) - _CENTRAL * away
                if best is None or score > best[0]:
                    best = (score, x, level)
        return None if best is None else (round(best[1], 1), round(best[2], 1))

    @cached_property
    def _inside(self) -> dict[float, list[tuple[float, float]]]:
        """Spans inside the outline on lines across it, by the height of the line."""
        crossings: dict[int, list[float]] = {}
        for ring in self.rings:
            for (x, y), (x2, y2) in pairwise([*ring, ring[0]]):
                if y == y2:
                    continue
                low, high = sorted((y, y2))
                slope = (x2 - x) / (y2 - y)
                # Lines at odd half steps: a line through a corner would count it twice or never.
                index = -int(-(low / _STEP - 0.5) // 1)
                while (level := (index + 0.5) * _STEP) < high:
                    crossings.setdefault(index, []).append(x + (level - y) * slope)
                    index += 1
        return {
            (index + 0.5) * _STEP: list(zip(row[::2], row[1::2], strict=True))
            for index, row in ((index, sorted(found)) for index, found in crossings.items())
        }


def _shared(
    one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]], width: float
) -> list[tuple[float, float]]:
    """Return what two lists of spans share, in pieces of at least `width`."""
    pieces = []
    for left, right in one:
        for left2, right2 in other:
            low, high = left if left > left2 else left2, right if right < right2 else right2
            if high - low >= width and high > low:
                pieces.append((low, high))
    return pieces
