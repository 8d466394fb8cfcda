"""Dot panels: one measure of several categories over the same rows, all on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl

from lds.charts.dotrows import DRAWN, Row, key_above, read_panels
from lds.charts.drawn import Symbols, Words, voice_symbol
from lds.charts.layout import Scale, value_scale
from lds.charts.normalise import normalise
from lds.charts.template import Template, broken, strokes
from lds.charts.text import NO_VALUES, lines_width, number, wrap
from lds.charts.theme import palette

_LABEL_ROOM = 150.0
_ROW = 18.0
_SHARES = {"self": 0.66, "region": 0.62, "england": 0.62}
"""Area of the symbols, as a share of the voice's own: rows are close."""
_HOLLOW = {"self": 0.4, "region": 0.5, "england": 0.5}
_MARK_PITCH = 21.0
_GAP = 22.0
_BLOCK_GAP = 16.0
_FOOT = 20.0


@dataclass(frozen=True, slots=True)
class DotPanels:
    """A figure of panels with a dot per kind of area and row. Make it with `build`.

    Attributes
    ----------
    axis_title
        what is measured and its unit, below the last axis.
    columns
        panels side by side.
    width
        of the drawing in pixels.
    signed
        whether values carry a plus (changes) or not (levels).
    """

    axis_title: str
    columns: int
    width: float
    signed: bool
    _template: Template

    @classmethod
    def build(
        cls,
        *,
        axis_title: str = "",
        columns: int = 3,
        width: float = 720,
        signed: bool = True,
    ) -> DotPanels:
        """Compile the figure once, in the process that renders it.

        Parameters
        ----------
        axis_title
            what is measured and its unit.
        columns
            panels side by side.
        width
            pixels; 720 is the normal form.
        signed
            True for changes ("+20"), False for levels ("20").
        """
        template = Template.compile(_layers(), _words(), fixed={}, domains={"x": "x_domain"})
        return cls(axis_title, columns, width, signed, template)

    def render(
        self,
        *,
        figure_id: str,
        title: str,
        description: str,
        frame: pl.DataFrame,
        labels: Mapping[str, str],
        x_domain: tuple[float, float] | None = None,
    ) -> str:
        """Draw one area.

        Parameters
        ----------
        figure_id
            unique on the page.
        title, description
            for those who do not see the figure; not drawn.
        frame
            ``panel`` (its title), ``panel_order`` (int, first at the top left), ``row`` (label),
            ``order`` (int, top first), ``series`` (self, region or england), ``value`` (f64,
            null where ``mark`` says why); optional ``mark`` (null, c, u or x). Every panel has the
            same rows.
        labels
            the name of each series that shall be drawn.
        x_domain
            ends of the value axis, to share a scale; widened if a value lies outside.

        Returns
        -------
        SVG text in one line.

        Raises
        ------
        ContractError : a column, row or series that is missing, unknown or there twice.
        """
        panels = read_panels(frame, labels, _LABEL_ROOM)
        seen = [value for panel in panels for row in panel.rows for value in row.values.values()]
        rows = panels[0].rows if panels else []
        down = _place_rows([panel.rows for panel in panels])
        names = lines_width([line for row in rows for line in row.label], palette().font.size)
        left = names + 12
        marks = _marks_room(row for panel in panels for row in panel.rows)
        across, gap, scale = self._scale(seen, x_domain, left, marks)
        titles = [wrap(panel.title, across, palette().font.size, bold=True) for panel in panels]
        line = palette().font.line_height
        tall = max((len(lines) for lines in titles), default=1) * line + 5
        step = tall + down + _FOOT + _BLOCK_GAP
        corners = [
            (
                index % self.columns * (marks + across + gap) + marks,
                index // self.columns * step + tall,
            )
            for index in range(len(panels))
        ]
        key, key_words, head = key_above(
            [row for panel in panels for row in panel.rows], labels, left, self.width, _SHARES
        )
        blocks = -(-len(panels) // self.columns)
        foot = max(1, blocks) * step - _BLOCK_GAP
        ticks = scale.ticks if seen or x_domain else (0.0,)
        has_zero = scale.low <= 0 <= scale.high
        wide = self.width - left
        middle = (wide + marks) / 2
        raw = self._template.svg(
            {
                "width": wide,
                "height": foot,
                "padding": {"left": left, "right": 0.0, "top": head, "bottom": 22.0},
                # The panels share a drawing, so their scale is ours; the engine's is pixels.
                "x_domain": [0, wide],
                "rows": broken(
                    (x, y + row.middle, x + across, y + row.middle)
                    for x, y in corners
                    for row in rows
                ),
                "grid": broken(
                    (x + scale(tick), y, x + scale(tick), y + down)
                    for x, y in corners
                    for tick in ticks
                    if tick
                ),
                "zero": broken(
                    (x + scale(0.0), y, x + scale(0.0), y + down) for x, y in corners if has_zero
                ),
                "connectors": broken(
                    (
                        x + scale(min(row.values.values())),
                        y + row.middle,
                        x + scale(max(row.values.values())),
                        y + row.middle,
                    )
                    for (x, y), panel in zip(corners, panels, strict=True)
                    for row in panel.rows
                    if len(row.values) > 1
                ),
                "key": key,
                "dots": [
                    voice_symbol(
                        voice, x + scale(row.values[voice]), y + row.middle, _SHARES[voice]
                    )
                    for voice in DRAWN
                    for (x, y), panel in zip(corners, panels, strict=True)
                    for row in panel.rows
                    if voice in row.values
                ],
                "hollow": [
                    voice_symbol(voice, x - marks + at, y + row.middle, _HOLLOW[voice])
                    for (x, y), panel in zip(corners, panels, strict=True)
                    for row in panel.rows
                    for at, voice, _ in _marks(row)
                ],
                "words": [
                    *key_words,
                    *(
                        {"x": x - marks + at + 7, "y": y + row.middle + 4, "text": mark}
                        for (x, y), panel in zip(corners, panels, strict=True)
                        for row in panel.rows
                        for at, _, mark in _marks(row)
                    ),
                ],
                "titles": [
                    {
                        "x": x,
                        "y": y - 6 - (len(lines) - 1) * line,
                        "text": lines,
                    }
                    for (x, y), lines in zip(corners, titles, strict=True)
                ],
                "ticks": [
                    {
                        "x": x + scale(tick),
                        "y": y + down + 13,
                        "text": number(tick, decimals=scale.decimals, signed=self.signed),
                    }
                    for x, y in corners
                    for tick in ticks
                ]
                + [{"x": middle, "y": foot + 14, "text": self.axis_title if seen else NO_VALUES}],
                "labels": [
                    {
                        "x": -12,
                        "y": block * step + tall + row.middle + 4 - (len(row.label) - 1) * line / 2,
                        "text": row.label,
                    }
                    for block in range(blocks)
                    for row in rows
                ],
            }
        )
        return normalise(raw, figure_id=figure_id, title=title, description=description)

    def _scale(
        self,
        seen: Sequence[float],
        domain: tuple[float, float] | None,
        left: float,
        marks: float,
    ) -> tuple[float, float, Scale]:
        """Return the width of a plot, the gap between panels, and the scale of all plots.

        As many ticks as fit: those at the ends of neighbouring panels must not touch either.
        """
        size = palette().font.size
        gap = _GAP
        for count in range(6, 0, -1):
            trial = value_scale(seen, 0.0, 1.0, domain=domain, ticks=count)
            texts = [number(t, decimals=trial.decimals, signed=self.signed) for t in trial.ticks]
            widest = lines_width(texts, size)
            gap = max(_GAP, widest - marks + 10)
            room = self.width - left - widest / 2 - 1
            across = room / self.columns - marks - gap * (self.columns - 1) / self.columns
            scale = value_scale(seen, 0.0, across, domain=domain, ticks=count)
            if across / max(1, len(scale.ticks) - 1) >= widest + 6:
                break
        return across, gap, scale


def _place_rows(panels: Sequence[Sequence[Row]]) -> float:
    """Set the middle of every row, the same in all panels; return the height of a plot."""
    line = palette().font.line_height
    down = 0.0
    for same in zip(*panels, strict=True):
        tall = max(_ROW, len(same[0].label) * line + 5)
        for row in same:
            row.middle = down + tall / 2
        down += tall
    return down


def _marks(row: Row) -> list[tuple[float, str, str]]:
    """Return place, series and letter of each missing value from the left edge of the panel."""
    return [(5 + _MARK_PITCH * index, *item) for index, item in enumerate(row.missing)]


def _marks_room(rows: Iterable[Row]) -> float:
    """Return the pixels that marks need left of the plots.

    Only beside dots: a row without any has its whole line for them.
    """
    beside = max((len(row.marks) for row in rows if row.values), default=0)
    return beside * _MARK_PITCH + 4 if beside else 0.0


def _layers() -> list[alt.Chart]:
    greys = palette().greys
    return [
        strokes("rows", color=greys.grid),
        strokes("grid", color=greys.grid),
        strokes("zero", color=greys.zero),
        strokes("connectors", color=greys.connector, width=2),
    ]


def _words() -> list[Words | Symbols]:
    greys = palette().greys
    return [
        Symbols("key"),
        Symbols("dots"),
        Symbols("hollow", hollow=True),
        Words("words", color=greys.text),
        Words("titles", color=greys.ink, bold=True),
        Words("ticks", color=greys.text, align="middle"),
        Words("labels", color=greys.ink, align="end"),
    ]
