"""Maps by date: an area and its neighbours, filled by level, beside a map of their names.

The paths stand once in the drawing; each map is a list of references to them with a fill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lds.charts.drawn import Words, drawing
from lds.charts.fillkey import EMPTY, level_fill, level_key
from lds.charts.frames import check_columns
from lds.charts.layout import Box
from lds.charts.mapnames import letter_place, place_names
from lds.charts.normalise import normalise
from lds.charts.outlines import Outline, Ring, read_rings
from lds.charts.text import NO_VALUES, text_width
from lds.charts.theme import WHITE, Fill, palette
from lds.errors import ContractError

COLUMNS = ("code", "column", "column_order", "level")

RATIO = 1.4
"""How much larger the map of names is; the normaliser keeps one decimal."""
_GAP = 18.0
_WIDEST_GAP = 60.0
_EDGE = 1.0
"""Room at the sides for half of the strong outline."""
_ROW_GAP = 20.0
_TITLE = 20.0
_TALLEST = 230.0


@dataclass(frozen=True, slots=True)
class AreaMaps:
    """A figure of small maps, one per date. Make it with `build`.

    Attributes
    ----------
    axis_title
        what the levels are, before the key.
    names_title
        above the map of names.
    columns
        maps by date side by side.
    width
        of the drawing in pixels.
    """

    axis_title: str
    names_title: str
    columns: int
    width: float

    @classmethod
    def build(
        cls,
        *,
        axis_title: str = "",
        names_title: str = "Where they are",
        columns: int = 2,
        width: float = 720,
    ) -> AreaMaps:
        """Return a chart that draws any area.

        Parameters
        ----------
        axis_title
            what the levels are.
        names_title
            above the map of names.
        columns
            maps by date side by side, at the right of the map of names.
        width
            pixels; 720 is the normal form.
        """
        return cls(axis_title, names_title, columns, width)

    def render(
        self,
        *,
        figure_id: str,
        title: str,
        description: str,
        frame: pl.DataFrame,
        shapes: Mapping[str, str],
        box: tuple[float, float, float, float],
        names: Mapping[str, str],
        highlight: str | None,
    ) -> str:
        """Draw one area.

        Parameters
        ----------
        figure_id
            unique on the page.
        title, description
            for those who do not see the figure; not drawn.
        frame
            ``code``, ``column`` (title of the map), ``column_order`` (int, first first) and
            ``level`` (a key of the scale ``tiers``, null where ``mark`` (null or c, u, x;
            optional) says why). Every map has all areas.
        shapes
            by code the outline of each area that is drawn: SVG path data of straight lines, y
            down, all in one coordinate system.
        box
            left, top, right and bottom of the rectangle in that system that holds all shapes.
        names
            name of each area by code.
        highlight
            code of this area; None where the areas together are it.

        Returns
        -------
        SVG text in one line.

        Raises
        ------
        ContractError : a column, shape, name or level that is missing, unknown or there twice.
        """
        maps = _read(frame, shapes, names, highlight)
        rings = {code: read_rings(code, shapes[code]) for code in sorted(shapes)}
        _check_box(rings, Box(*box))
        share = self.columns + RATIO
        room = self.width - 2 - 2 * _EDGE
        across = (room - _GAP * self.columns) / share
        scale = min(across / (box[2] - box[0]), _TALLEST / (box[3] - box[1]))
        across, down = (box[2] - box[0]) * scale, (box[3] - box[1]) * scale
        gap = min(_WIDEST_GAP, (room - across * share) / self.columns)
        outlines = {
            code: Outline(
                [[((x - box[0]) * scale, (y - box[1]) * scale) for x, y in ring] for ring in own]
            )
            for code, own in rings.items()
        }
        marks = {text for cells in maps.values() for fill, text in cells.values() if fill is EMPTY}
        key, head = level_key(self.axis_title, marks, self.width)
        top = head + 14
        left = _EDGE + across * RATIO + gap
        drawn, foot = self._names(outlines, names, highlight, top, left - 8)
        parts = [key, _definitions(outlines), drawn]
        places = {code: letter_place(outline) for code, outline in outlines.items()}
        for index, (column, cells) in enumerate(maps.items()):
            x = left + index % self.columns * (across + gap)
            y = top + index // self.columns * (_TITLE + down + _ROW_GAP)
            parts.append(_map(column, cells, places, highlight, x, y))
            foot = max(foot, y + _TITLE + down)
        if not maps:
            note: dict[str, object] = {"x": left, "y": top + 11, "text": NO_VALUES}
            parts.append(Words("note", color=palette().greys.text).markup([note]))
        raw = drawing(self.width, foot + 4, *parts)
        return normalise(raw, figure_id=figure_id, title=title, description=description)

    def _names(
        self,
        outlines: Mapping[str, Outline],
        names: Mapping[str, str],
        highlight: str | None,
        top: float,
        room: float,
    ) -> tuple[str, float]:
        """Return the map of names as SVG, and where it ends.

        A name that does not fit its area has a letter there and stands below the map.
        """
        look = palette()
        size, line = look.font.size, look.font.line_height
        inside, listed = place_names(outlines, names, highlight, RATIO)
        bottom = max(outline.box.bottom for outline in outlines.values()) * RATIO
        y = top + _TITLE + bottom + 2
        wide = max((text_width(each.name, size, bold=each.own) for each in listed), default=0) + 34
        fit = max(1, int(room / wide))
        words: dict[bool, list[dict[str, object]]] = {False: [], True: []}
        for index, each in enumerate(listed):
            x, base = _EDGE + index % fit * wide, y + (index // fit + 1) * (line + 2)
            words[each.own] += (
                {"x": x, "y": base, "text": each.letter},
                {"x": x + 16, "y": base, "text": each.name},
            )
        foot = y + -(-len(listed) // fit) * (line + 2) + 4
        ground = Fill(look.greys.grid, look.greys.ink)
        heading = [{"x": _EDGE, "y": top + size - 1, "text": self.names_title}]
        drawn = [
            _areas(dict.fromkeys(outlines, ground), highlight, _EDGE, top + _TITLE, RATIO),
            Words("titles", color=look.greys.ink, bold=True).markup(heading),
        ]
        for own in (False, True):
            placed: list[dict[str, object]] = [
                {
                    "x": label.x + _EDGE,
                    "y": top + _TITLE + label.y + 0.36 * size - (len(label.lines) - 1) * line / 2,
                    "text": label.lines,
                }
                for label in inside
                if label.own == own
            ]
            drawn += (
                Words("names", align="middle", color=look.greys.ink, bold=own).markup(placed),
                Words("list", color=look.greys.ink, bold=own).markup(words[own]),
            )
        return "".join(drawn), foot


def _map(
    column: str,
    cells: Mapping[str, tuple[Fill, str]],
    places: Mapping[str, tuple[float, float] | None],
    highlight: str | None,
    x: float,
    y: float,
) -> str:
    """Return one map by date with its title as SVG."""
    look = palette()
    heading: list[dict[str, object]] = [{"x": x, "y": y + look.font.size - 1, "text": column}]
    texts: dict[str, list[dict[str, object]]] = {}
    for code, (fill, text) in cells.items():
        place = places[code]
        if place is not None:
            at = {"x": x + place[0], "y": y + _TITLE + place[1] + 0.36 * look.font.size}
            texts.setdefault(fill.text, []).append({**at, "text": text})
    return "".join(
        [
            Words("titles", color=look.greys.ink, bold=True).markup(heading),
            _areas({code: cells[code][0] for code in places}, highlight, x, y + _TITLE, 1),
            *(
                Words("levels", align="middle", color=color, halo=color == EMPTY.text).markup(rows)
                for color, rows in sorted(texts.items())
            ),
        ]
    )


def _areas(
    fills: Mapping[str, Fill], highlight: str | None, x: float, y: float, ratio: float
) -> str:
    """Return the areas of one map as references, this one last with a strong outline."""
    codes: dict[Fill, list[str]] = {}
    for code, fill in fills.items():
        codes.setdefault(fill, []).append(code)
    groups = "".join(
        f'<g fill="{fill.color if fill is not EMPTY else "url(#missing)"}">'
        + "".join(f'<use href="#{code}"/>' for code in own)
        + "</g>"
        for fill, own in codes.items()
    )
    greys = palette().greys
    own = (
        f'<g fill="none"><use href="#{highlight}" stroke="{WHITE}"'
        f' stroke-width="{4.5 / ratio:.2g}"/><use href="#{highlight}" stroke="{greys.ink}"'
        f' stroke-width="{2 / ratio:.2g}"/></g>'
        if highlight is not None
        else ""
    )
    return (
        f'<g class="areas_marks" transform="translate({x:.1f},{y:.1f}) scale({ratio:g})"'
        f' stroke="{greys.axis}" stroke-width="{0.8 / ratio:.2g}" stroke-linejoin="round"'
        f' fill-rule="evenodd">{groups}{own}</g>'
    )


def _definitions(outlines: Mapping[str, Outline]) -> str:
    """Return the paths of all areas, and the hatching of those without a level."""
    greys = palette().greys
    paths = "".join(f'<path id="{code}" d="{area.path}"/>' for code, area in outlines.items())
    return (
        f'<defs>{paths}<pattern id="missing" width="5" height="5" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><rect width="5" height="5" fill="{WHITE}"/>'
        f'<path d="M0,0V5" stroke="{greys.band_edge}" stroke-width="2"/></pattern></defs>'
    )


def _check_box(rings: Mapping[str, Sequence[Ring]], box: Box) -> None:
    """Refuse a box without area, and shapes that reach out of it: they would lie on other maps."""
    if box.right <= box.left or box.bottom <= box.top:
        raise ContractError("the box of a map has no area", values=[box])
    outside = [
        code
        for code, own in rings.items()
        if not all(box.holds(x, y) for ring in own for x, y in ring)
    ]
    if outside:
        raise ContractError("outlines reach out of the box of their map", values=outside)


def _read(
    frame: pl.DataFrame, shapes: Mapping[str, str], names: Mapping[str, str], highlight: str | None
) -> dict[str, dict[str, tuple[Fill, str]]]:
    """Return look and text of each area by map, in the order of the maps."""
    check_columns(frame, COLUMNS, "a figure of maps")
    drawn = {*shapes} if highlight is None else {*shapes, highlight}
    nameless = sorted(drawn - {*names})
    if nameless:
        raise ContractError("areas of a map have no name", values=nameless)
    if highlight is not None and highlight not in shapes:
        raise ContractError("the area of a map has no outline", values=[highlight])
    maps: dict[str, dict[str, tuple[Fill, str]]] = {}
    cells = frame.rows(named=True)
    for cell in sorted(cells, key=lambda cell: (int(cell["column_order"]), cell["code"])):
        areas = maps.setdefault(cell["column"], {})
        if cell["code"] in areas:
            raise ContractError("an area stands twice on a map", values=[cell["code"]])
        areas[cell["code"]] = level_fill(cell["level"], cell.get("mark"))
    for column, areas in maps.items():
        odd = sorted({*areas} ^ {*shapes})
        if odd:
            raise ContractError(
                "a map and its outlines have different areas", where=column, values=odd
            )
    return maps
