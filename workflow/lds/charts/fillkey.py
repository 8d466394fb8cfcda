"""Classes of fills as figures use them: the look of a cell, and the key that explains it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lds.charts.dotrows import MARKS
from lds.charts.drawn import Words, rectangles
from lds.charts.layout import Box
from lds.charts.text import number, text_width
from lds.charts.theme import WHITE, Fill, palette
from lds.errors import ContractError

_SWATCH = (36.0, 14.0)
_LEVEL_SWATCH = (20.0, 17.0)
_GAP = 18.0
_MIDDLE = 0.36
"""Half the height of a digit, in text sizes."""
_PALE = 0.9
"""A fill whose mean channel is above this needs an edge to be seen on white."""

EMPTY = Fill(WHITE, palette().greys.text)
"""A cell without a value: white with an edge, and the letter of its mark."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A filled rectangle with a short text in its middle."""

    box: Box
    fill: Fill
    text: str


def level_fill(level: str | None, mark: str | None) -> tuple[Fill, str]:
    """Return the look of a cell of the scale ``tiers`` and the text on it."""
    letter = _letter(level is None, mark)
    if letter:
        return EMPTY, letter
    tiers = palette().tiers
    if level not in tiers:
        raise ContractError("no such level", values=[level], remedy=f"Use one of {[*tiers]}.")
    return tiers[level], tiers[level].label


def change_fill(value: float | None, mark: str | None, *, signed: bool) -> tuple[Fill, str]:
    """Return the look of a cell of the scale ``diverging`` and the text on it.

    The class is that of the rounded value, so that number and colour never disagree.
    """
    letter = _letter(value is None or not math.isfinite(value), mark)
    if letter or value is None:
        return EMPTY, letter
    return palette().diverging.fill(round(value)), number(value, signed=signed)


def _letter(missing: bool, mark: str | None) -> str:
    if mark is not None and mark not in MARKS:
        raise ContractError("no such mark of a missing value", values=[mark])
    if missing:
        return mark or "x"
    if mark is not None:
        # The value itself stays out of the message: it may be a withheld one.
        raise ContractError("a value is marked as missing", values=[mark])
    return ""


def tiles_markup(tiles: Iterable[Tile], *, size: float | None = None) -> str:
    """Return tiles as SVG: one path per fill, and their words.

    Parameters
    ----------
    size
        of the words in pixels, where it is not that of the figure.
    """
    boxes: dict[Fill, list[Box]] = {}
    words: dict[str, list[dict[str, object]]] = {}
    for tile in tiles:
        boxes.setdefault(tile.fill, []).append(tile.box)
        if tile.text:
            middle = (tile.box.left + tile.box.right) / 2
            y = (tile.box.top + tile.box.bottom) / 2 + _MIDDLE * (size or palette().font.size)
            words.setdefault(tile.fill.text, []).append({"x": middle, "y": y, "text": tile.text})
    paths = "".join(
        f'<path fill="{fill.color}"{_edge(fill)} d="{rectangles(found)}"/>'
        for fill, found in sorted(boxes.items(), key=lambda item: item[0].color)
    )
    texts = "".join(
        Words("numbers", align="middle", color=color, size=size).markup(rows)
        for color, rows in sorted(words.items())
    )
    return f'<g class="tiles_marks">{paths}</g>{texts}'


def _edge(fill: Fill) -> str:
    """Return a thin edge inside the tile for a fill that would be lost on white."""
    if sum(int(fill.color[at : at + 2], 16) for at in (1, 3, 5)) / (3 * 255) < _PALE:
        return ""
    return f' stroke="{palette().greys.band_edge}" stroke-width="0.75"'


@dataclass(frozen=True, slots=True)
class _Item:
    """A part of a key that stays in one piece, placed from its own left end."""

    width: float
    tiles: list[Tile]
    words: list[dict[str, object]]


def change_key(title: str, marks: Collection[str], width: float) -> tuple[str, float]:
    """Return the key of the scale ``diverging`` as SVG, and its height.

    Parameters
    ----------
    title
        what is measured and its unit; may be empty.
    marks
        of missing values in the figure.
    width
        of the drawing in pixels; a longer key takes a further line.
    """
    scale = palette().diverging
    wide, tall = _SWATCH
    tiles = [
        Tile(Box(index * wide, 0.0, (index + 1) * wide, tall), fill, "")
        for index, fill in enumerate(scale.fills)
    ]
    size = palette().font.size
    words: list[dict[str, object]] = []
    for index, at in enumerate(scale.breaks):
        text = number(at, signed=True)
        x = (index + 1) * wide - text_width(text, size) / 2
        words.append({"x": x, "y": tall + size + 1, "text": text})
    strip = _Item(len(tiles) * wide, tiles, words)
    items = [*_text(title, tall), strip, *_mark_items(marks, tall)]
    return _flow(items, width, tall + palette().font.size + 8)


def level_key(title: str, marks: Collection[str], width: float) -> tuple[str, float]:
    """Return the key of the scale ``tiers`` as SVG, and its height; see `change_key`."""
    wide, tall = _LEVEL_SWATCH
    items = [
        _swatch(Tile(Box(0.0, 0.0, wide, tall), fill, fill.label), fill.meaning)
        for fill in palette().tiers.values()
    ]
    return _flow([*_text(title, tall), *items, *_mark_items(marks, tall)], width, tall + 6)


def _text(text: str, tall: float) -> list[_Item]:
    size = palette().font.size
    words: list[dict[str, object]] = [{"x": 0.0, "y": _base(tall), "text": text}]
    return [_Item(text_width(text, size), [], words)] if text else []


def _mark_items(marks: Collection[str], tall: float) -> list[_Item]:
    box = Box(0.0, 0.0, _LEVEL_SWATCH[0], tall)
    return [
        _swatch(Tile(box, EMPTY, mark), meaning) for mark, meaning in MARKS.items() if mark in marks
    ]


def _swatch(tile: Tile, meaning: str) -> _Item:
    left = tile.box.right + 6
    words: list[dict[str, object]] = [{"x": left, "y": _base(tile.box.bottom), "text": meaning}]
    return _Item(left + text_width(meaning, palette().font.size), [tile], words)


def _base(tall: float) -> float:
    """Return the baseline of a line of text in the middle of a box."""
    return tall / 2 + _MIDDLE * palette().font.size


def _flow(items: Iterable[_Item], width: float, line: float) -> tuple[str, float]:
    """Set `items` side by side, in as many lines as needed."""
    tiles: list[Tile] = []
    words: list[dict[str, object]] = []
    x, y = 0.0, 0.0
    for item in items:
        if x and x + item.width > width - 2:
            x, y = 0.0, y + line
        for tile in item.tiles:
            box = tile.box
            moved = Box(box.left + x, box.top + y, box.right + x, box.bottom + y)
            tiles.append(Tile(moved, tile.fill, tile.text))
        words += [
            {**word, "x": float(str(word["x"])) + x, "y": float(str(word["y"])) + y}
            for word in item.words
        ]
        x += item.width + _GAP
    drawn = tiles_markup(tiles) + Words("key", color=palette().greys.text).markup(words)
    return drawn, y + line
