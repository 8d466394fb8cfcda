"""The charts of a page held against the CSVs behind them, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lds.errors import ContractError
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
