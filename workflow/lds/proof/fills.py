"""What tiles and maps must hold: a fill and a text for each released value, and no other."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lds.charts.fillkey import EMPTY, change_fill, level_fill
from lds.charts.theme import palette
from lds.proof.axes import COUNT, Look, Rows, groups, voices
from lds.proof.declared import ChartValues
from lds.proof.marks import Drawing, Mark

MISSING = "url(#"
"""How the fill of an area of a map begins that has no value."""
CELL = "tiles that are not those of the released values"
Cell = tuple[str, str]
"""Fill and text."""


@lru_cache(maxsize=4096)
def _cell(value: float | None, mark: str, *, levels: bool) -> Cell:
    """Return the look that a value has, by the fixed scales of the palette."""
    if levels:
        names = dict(enumerate(palette().tiers, 1))
        fill, text = level_fill(None if value is None else names[int(value)], mark or None)
    else:
        fill, text = change_fill(value, mark or None, signed=True)
    return fill.color, text


def expected_cells(rows: Rows, chart: ChartValues) -> list[Cell]:
    """Return the look of every value of some rows, voice by voice."""
    marks = rows.get("mark", [""] * len(next(iter(rows.values()))))
    return [
        _cell(value, "" if value is not None else mark or "x", levels=chart.levels)
        for own in voices(rows, chart).values()
        for value, mark in zip(own, marks, strict=True)
    ]


def look_at_tiles(drawing: Drawing, rows: Rows, chart: ChartValues, _own: int | None) -> Look:
    """Tiles in rows, each row those of one group of the CSV; above them the key."""
    look = Look()
    tiles = _tiles(drawing)
    for group in groups(rows, chart.by):
        expected = expected_rows(group, chart)
        count = sum(map(len, expected))
        own = tiles[len(tiles) - count :]
        found: dict[float, list[Cell]] = {}
        for y, cell in own:
            found.setdefault(y, []).append(cell)
        if count <= len(tiles) and _alike(found.values(), expected):
            look.compared += count
            return look
    look.problems.append(("tiles", CELL))
    return look


def expected_rows(rows: Rows, chart: ChartValues) -> list[list[Cell]]:
    """Return the cells of each row of tiles."""
    if chart.rows is None:
        return [expected_cells(rows, chart)]
    return [expected_cells(part, chart) for part in groups(rows, chart.rows)]


def _alike(some: Iterable[Sequence[Cell]], others: Iterable[Sequence[Cell]]) -> bool:
    """Whether two lists of rows hold the same cells, in whatever order."""
    return Counter(tuple(sorted(row)) for row in some) == Counter(
        tuple(sorted(row)) for row in others
    )


def _tiles(drawing: Drawing) -> list[tuple[float, Cell]]:
    """Return top, fill and text of every tile, from the top down."""
    boxes = [
        (min(y for _, y in part), part, mark.fill)
        for mark in drawing.layer("tiles")
        for part in mark.outlines
    ]
    boxes.sort(key=lambda box: box[0])
    texts = sorted(drawing.layer("numbers"), key=lambda mark: mark.y)
    heights = [mark.y for mark in texts]
    return [(top, (fill, _text_in(part, texts, heights))) for top, part, fill in boxes]


def _text_in(
    part: Sequence[tuple[float, float]], texts: Sequence[Mark], heights: Sequence[float]
) -> str:
    """Return the texts inside a box."""
    left, right = min(x for x, _ in part), max(x for x, _ in part)
    top, bottom = min(y for _, y in part), max(y for _, y in part)
    first, last = bisect_left(heights, top), bisect_left(heights, bottom)
    return " ".join(mark.text for mark in texts[first:last] if left <= mark.x <= right)


def look_at_maps(drawing: Drawing, rows: Rows, chart: ChartValues, _own: int | None) -> Look:
    """One map for each group, its areas in the order of their codes; before them that of names."""
    look = Look()
    maps: dict[tuple[float, float], dict[int, str]] = {}
    for mark in drawing.layer("areas"):
        if mark.tag == "use" and mark.fill not in ("none", ""):
            number = int(mark.attributes["href"].rpartition("-ref")[2])
            maps.setdefault((mark.x, mark.y), {})[number] = mark.fill
    drawn = list(maps.values())[1:]
    parts = groups(rows, chart.by)
    if len(drawn) != len(parts):
        look.problems.append(("maps", COUNT))
    for index, (fills, part) in enumerate(zip(drawn, parts, strict=False), 1):
        areas = sorted(zip(part[chart.rows or ""], expected_cells(part, chart), strict=True))
        wanted = {number: fill for number, (_, (fill, _text)) in enumerate(areas, 1)}
        known = {
            number: EMPTY.color if fill.startswith(MISSING) else fill
            for number, fill in fills.items()
        }
        look.compared += len(fills)
        if known != wanted:
            look.problems.append((f"map {index}", CELL))
    return look
