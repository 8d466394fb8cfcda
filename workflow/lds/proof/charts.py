"""The charts of a page held against the CSVs behind them, kind by kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from lds.charts.theme import WHITE, palette
from lds.errors import ContractError
from lds.io import RESOURCES
from lds.proof.axes import (
    Look,
    Rows,
    look_at_dots,
    look_at_line,
    look_at_panels,
    look_at_strip,
)
from lds.proof.declared import ChartValues
from lds.proof.fills import look_at_maps, look_at_tiles
from lds.proof.marks import Drawing
from lds.proof.markup import masked
from lds.reports.svg import ELEMENTS


@dataclass(frozen=True)
class Kind:
    """How a kind of chart is looked at, and the layers that it may have."""

    look: Callable[[Drawing, Rows, ChartValues, int | None], Look]
    layers: frozenset[str]


def _layers(names: str) -> frozenset[str]:
    return frozenset(names.split())


KINDS = {
    "line": Kind(
        look_at_line,
        _layers(
            "base grid zero note bands edges bars periods unit time values leaders ends names dots"
            " self region england"
        ),
    ),
    "dots": Kind(
        look_at_dots,
        _layers("base grid zero rows connectors dots key hollow words ticks labels counts values"),
    ),
    "panels": Kind(
        look_at_panels,
        _layers("grid zero rows connectors dots key hollow words titles ticks labels"),
    ),
    "strip": Kind(look_at_strip, _layers("base zero shade1 shade2 shade3 own words name note")),
    "tiles": Kind(look_at_tiles, _layers("tiles numbers key groups columns labels own note")),
    "maps": Kind(
        look_at_maps, _layers("tiles numbers key defs areas titles names list levels note")
    ),
}
"""The kinds of charts of `lds.charts`, by the name that a figure says."""


ATTRIBUTES = _layers(
    "xmlns class viewBox role aria-labelledby font-family font-size font-weight text-anchor id href"
    " d x y x2 y2 dx dy width height transform fill fill-rule opacity stroke stroke-width"
    " stroke-linecap stroke-linejoin stroke-dasharray stroke-miterlimit paint-order patternUnits"
    " patternTransform"
)
"""The attributes of our drawings. None of them is for words."""
_PAINT = ("fill", "stroke")
_NO_COLOUR = re.compile(r"none|url\(#.*")


def strange_markup(figure: str, drawing: Drawing) -> Iterator[tuple[str, str]]:
    """Yield elements, attributes, names and colours that none of our drawings has."""
    if drawing.tags - ELEMENTS:
        yield "elements", "an element that our drawings do not have"
    for name in sorted(drawing.attributes.keys() - ATTRIBUTES):
        yield f"attribute {masked(name)}", "an attribute that our drawings do not have"
    own = re.compile(rf"{re.escape(figure)}-(?:title|desc|ref\d+)")
    if not all(own.fullmatch(name) for name in drawing.attributes.get("id", ())):
        yield "attribute id", "an id that our drawings do not have"
    known = {"chart"} | {layer for kind in KINDS.values() for layer in kind.layers}
    if drawing.attributes.get("class", set()) - known:
        yield "attribute class", "a class that our drawings do not have"
    for name in _PAINT:
        paints = {each for each in drawing.attributes.get(name, ()) if not _NO_COLOUR.match(each)}
        if paints - _colours():
            yield f"attribute {name}", "a colour that the palette does not have"


@cache
def _colours() -> frozenset[str]:
    """Return the colours of the palette, as it writes them."""
    text = (RESOURCES / "palette.yaml").read_text(encoding="utf-8")
    return frozenset((WHITE, *re.findall(r"#[0-9A-Fa-f]{6}", text)))


def known_numbers(kind: str, chart: ChartValues | None) -> Iterator[float]:
    """Yield the numbers of a chart's key: breaks between fills, or levels."""
    if kind in ("tiles", "maps") and chart is not None:
        if chart.levels:
            yield from map(float, range(1, len(palette().tiers) + 1))
        else:
            yield from palette().diverging.breaks


def look_at_chart(
    kind: str, drawing: Drawing, rows: Rows, chart: ChartValues | None, own: int | None
) -> Look | None:
    """Return what is wrong with a chart; None for a kind that the proof cannot read.

    Parameters
    ----------
    kind : of the figure.
    rows : its CSV by column.
    chart : what it draws.
    own : the row of this area, where rows are areas.
    """
    known = KINDS.get(kind)
    if known is None:
        return None
    if chart is None:
        return Look([("chart", "nobody declares what it draws")])
    try:
        look = known.look(drawing, rows, chart, own)
    except (ContractError, IndexError, KeyError, ValueError):
        return Look([("chart", "cannot be read as a chart of its kind")])
    strange = len(drawing.layers - known.layers)
    if strange:
        look.problems.append(("layers", "marks in a layer that charts of its kind do not have"))
    return look
