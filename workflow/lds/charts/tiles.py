"""Tiles: rows by columns in groups, each tile with its class as fill and its value as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from lds.charts.drawn import Words, drawing, rectangles
from lds.charts.fillkey import (
    EMPTY,
    Tile,
    change_fill,
    change_key,
    level_fill,
    level_key,
    tiles_markup,
)
from lds.charts.frames import check_columns
from lds.charts.layout import Box
from lds.charts.normalise import normalise
from lds.charts.text import NO_VALUES, lines_width, text_width, wrap
from lds.charts.theme import Fill, palette
from lds.errors import ContractError

COLUMNS = ("row", "row_order", "group", "group_order", "column", "column_order")

_GAP = 18.0
_SIZES = (None, 10.5, 10.0)
"""Text sizes to try in narrow tiles; None is that of the figure."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the frame holds, in its order; cells by row, group and column."""

    rows: list[str]
    groups: dict[str, list[str]]
    cells: dict[tuple[str, str, str], tuple[Fill, str]]
    marks: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TileChart:
    """A figure of tiles with a fixed scale of fills. Make it with `build`.

    A tile needs neither axis nor layout, so the engine takes no part in it.

    Attributes
    ----------
    scale
        which fills of the palette, and which column of the frame says them.
    axis_title
        what is measured and its unit, before the key.
    signed
        whether values carry a plus (changes) or not.
    label_room
        pixels after which the label of a row takes a further line.
    tile_width, tile_height
        pixels; tiles are narrower where the figure would be too wide.
    width
        of the drawing in pixels.
    """

    scale: Literal["diverging", "tiers"]
    axis_title: str
    signed: bool
    label_room: float
    tile_width: int
    tile_height: int
    width: float

    @classmethod
    def build(
        cls,
        *,
        scale: Literal["diverging", "tiers"],
        axis_title: str = "",
        signed: bool = True,
        label_room: float = 130,
        tile_width: int = 96,
        tile_height: int = 23,
        width: float = 720,
    ) -> TileChart:
        """Return a chart that draws any area.

        Parameters
        ----------
        scale
            ``diverging`` for changes in per cent (column ``value``), ``tiers`` for levels of
            restrictions (column ``level``).
        axis_title
            what is measured and its unit.
        signed
            True for changes ("+20"), False for levels ("20").
        label_room
            pixels after which the label of a row takes a further line.
        tile_width, tile_height
            pixels at most, and at least.
        width
            pixels; 720 is the normal form.
        """
        return cls(scale, axis_title, signed, label_room, tile_width, tile_height, width)

    def render(
        self,
        *,
        figure_id: str,
        title: str,
        description: str,
        frame: pl.DataFrame,
        emphasise: str | None = None,
    ) -> str:
        """Draw one area.

        Parameters
        ----------
        figure_id
            unique on the page.
        title, description
            for those who do not see the figure; not drawn.
        frame
            ``row``, ``group``, ``column`` (labels; an empty group has no heading) with
            ``row_order``, ``group_order``, ``column_order`` (int, top and left first), and
            ``value`` (f64, per cent) or ``level`` (a key of the scale), null where ``mark`` (null
            or c, u, x; optional) says why. Every group has a tile in every row and column of its.
        emphasise
            label of the row of this area, where rows are areas.

        Returns
        -------
        SVG text in one line.

        Raises
        ------
        ContractError : a column or tile that is missing, unknown or there twice.
        """
        grid = self._read(frame)
        if emphasise is not None and emphasise not in grid.rows:
            raise ContractError("no such row to emphasise", values=[emphasise])
        key = change_key if self.scale == "diverging" else level_key
        drawn, head = key(self.axis_title, grid.marks, self.width)
        body, foot = self._body(grid, head + 14, emphasise)
        raw = drawing(self.width, foot, drawn, body)
        return normalise(raw, figure_id=figure_id, title=title, description=description)

    def _body(self, grid: _Grid, top: float, emphasise: str | None) -> tuple[str, float]:
        """Return headings, labels and tiles below `top` as SVG, and where they end."""
        look = palette()
        size, line = look.font.size, look.font.line_height
        if not grid.rows:
            note: dict[str, object] = {"x": self.width / 2, "y": top + 14, "text": NO_VALUES}
            words = Words("note", color=look.greys.text, align="middle")
            return words.markup([note]), top + 24
        labels = {row: wrap(row, self.label_room, size, bold=row == emphasise) for row in grid.rows}
        left = 12.0 + max(
            lines_width(lines, size, bold=row == emphasise) for row, lines in labels.items()
        )
        left = float(round(left))
        count = sum(len(columns) for columns in grid.groups.values())
        room = self.width - 2 - left - _GAP * (len(grid.groups) - 1)
        pitch = float(min(self.tile_width, int(room / count)))
        starts: dict[str, float] = {}
        x = left
        for group, columns in grid.groups.items():
            starts[group] = x
            x += pitch * len(columns) + _GAP
        heads, top = self._headings(grid, starts, pitch, top)
        tiles: list[Tile] = []
        names: dict[bool, list[dict[str, object]]] = {False: [], True: []}
        outlines: list[Box] = []
        y = float(round(top))
        for row in grid.rows:
            tall = max(float(self.tile_height), float(round(len(labels[row]) * line + 4)))
            for group, columns in grid.groups.items():
                for index, column in enumerate(columns):
                    at = starts[group] + index * pitch
                    box = Box(at + 0.5, y + 0.5, at + pitch - 0.5, y + tall - 0.5)
                    tiles.append(Tile(box, *grid.cells[row, group, column]))
                if row == emphasise:
                    end = starts[group] + len(columns) * pitch
                    outlines.append(Box(starts[group], y, end, y + tall))
            names[row == emphasise].append(
                {
                    "x": left - 10,
                    "y": y + tall / 2 + 4 - (len(labels[row]) - 1) * line / 2,
                    "text": labels[row],
                }
            )
            y += tall
        outline = (
            f'<path class="own_marks" fill="none" stroke="{look.greys.ink}" stroke-width="2"'
            f' d="{rectangles(outlines)}"/>'
            if outlines
            else ""
        )
        rows = "".join(
            Words(name, align="end", color=look.greys.ink, bold=bold).markup(names[bold])
            for bold, name in ((False, "labels"), (True, "own"))
        )
        return heads + tiles_markup(tiles, size=_text_size(tiles)) + outline + rows, y + 3

    def _headings(
        self, grid: _Grid, starts: dict[str, float], pitch: float, top: float
    ) -> tuple[str, float]:
        """Return the headings of groups and columns as SVG, and where the tiles begin."""
        look = palette()
        size, line = look.font.size, look.font.line_height
        groups = {
            group: wrap(group, pitch * len(columns), size, bold=True)
            for group, columns in grid.groups.items()
        }
        columns = {
            (group, column): wrap(column, pitch - 4, size)
            for group, own in grid.groups.items()
            for column in own
        }
        group_lines = max(len(lines) for lines in groups.values())
        column_lines = max(len(lines) for lines in columns.values())
        base = top + group_lines * line + (6 if group_lines else 0)
        over: list[dict[str, object]] = [
            {
                "x": starts[group] + pitch * len(grid.groups[group]) / 2,
                "y": top + size - 2 + (group_lines - len(lines)) * line,
                "text": lines,
            }
            for group, lines in groups.items()
            if lines
        ]
        under: list[dict[str, object]] = [
            {
                "x": starts[group] + pitch * (grid.groups[group].index(column) + 0.5),
                "y": base + size - 2 + (column_lines - len(lines)) * line,
                "text": lines,
            }
            for (group, column), lines in columns.items()
            if lines
        ]
        markup = Words("groups", align="middle", color=look.greys.ink, bold=True).markup(over)
        markup += Words("columns", align="middle", color=look.greys.text).markup(under)
        return markup, base + column_lines * line + 3

    def _read(self, frame: pl.DataFrame) -> _Grid:
        measured = "value" if self.scale == "diverging" else "level"
        check_columns(frame, (*COLUMNS, measured), "a tile chart")
        cells: dict[tuple[str, str, str], tuple[Fill, str]] = {}
        records = frame.rows(named=True)
        for record in records:
            place = (record["row"], record["group"], record["column"])
            if place in cells:
                raise ContractError("a tile stands twice", values=place)
            mark = record.get("mark")
            cells[place] = (
                change_fill(record["value"], mark, signed=self.signed)
                if self.scale == "diverging"
                else level_fill(record["level"], mark)
            )
        own = {(group, column) for _, group, column in cells}
        columns = _ordered(records, "column")
        groups = {
            group: [column for column in columns if (group, column) in own]
            for group in _ordered(records, "group")
        }
        rows = _ordered(records, "row")
        lacking = [
            (row, group, column)
            for row in rows
            for group, column in sorted(own)
            if (row, group, column) not in cells
        ]
        if lacking:
            raise ContractError(
                "tiles are missing",
                values=lacking,
                remedy="Give a row with a mark for a value that is not there.",
            )
        return _Grid(rows, groups, cells, {text for fill, text in cells.values() if fill is EMPTY})


def _ordered(records: Sequence[dict[str, Any]], name: str) -> list[str]:
    """Return the labels of one dimension by their order; a label has one order only."""
    orders = {(record[f"{name}_order"], record[name]) for record in records}
    labels = [label for _, label in sorted(orders)]
    if len({*labels}) != len(labels):
        raise ContractError(f"a {name} of a tile chart has two places", values=labels)
    return labels


def _text_size(tiles: Sequence[Tile]) -> float | None:
    """Return the largest text size at which every text fits its tile."""
    room = min(tile.box.right - tile.box.left for tile in tiles) - 2
    texts = {tile.text for tile in tiles}
    for size in _SIZES:
        if all(text_width(text, size or palette().font.size) <= room for text in texts):
            return size
    return _SIZES[-1]
