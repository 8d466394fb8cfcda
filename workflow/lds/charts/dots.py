"""Dot and comparators by row: one measure over categories, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt
import polars as pl

from lds.charts.dotrows import DRAWN, Row, key_above, marks_room, missing_marks, read_rows
from lds.charts.drawn import Words, voice_symbol
from lds.charts.layout import Scale, value_scale
from lds.charts.normalise import normalise
from lds.charts.template import Template, layer, pixels, rules, symbols
from lds.charts.text import NO_VALUES, lines_width, number, text_width
from lds.charts.theme import palette

_GUTTER = 30.0
_SIDE = 26.0
_ROW = 31.0


@dataclass(frozen=True, slots=True)
class DotChart:
    """A figure of rows with a dot per kind of area. Make it with `build`.

    Attributes
    ----------
    axis_title
        what is measured and its unit, below the axis.
    signed
        whether values carry a plus (changes) or not (levels).
    decimals
        of the value printed above the dot.
    zero
        whether the scale has to hold zero.
    n_label
        heading of the column of counts at the right.
    width
        of the drawing in pixels.
    """

    axis_title: str
    signed: bool
    decimals: int
    zero: bool
    n_label: str
    width: float
    _template: Template

    @classmethod
    def build(
        cls,
        *,
        axis_title: str = "",
        signed: bool = True,
        decimals: int = 0,
        zero: bool = True,
        n_label: str = "n",
        width: float = 720,
    ) -> DotChart:
        """Compile the figure once, in the process that renders it.

        Parameters
        ----------
        axis_title
            what is measured and its unit.
        signed
            True for changes ("+20"), False for levels ("20").
        decimals
            of the printed value.
        zero
            whether the scale has to hold zero.
        n_label
            heading of the counts.
        width
            pixels; 720 is the normal form.
        """
        template = Template.compile(_layers(), _words(), fixed={}, domains={"x": "x_domain"})
        return cls(axis_title, signed, decimals, zero, n_label, width, template)

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
            ``row`` (label), ``order`` (int, top first), ``series`` (one of `VOICES`),
            ``value`` (f64, null where ``mark`` says why); optional ``mark`` (null or a key of
            `MARKS`) and ``n`` (int, count behind the value of ``self``;
            not printed where that is missing).
        labels
            the name of each series that shall be drawn.
        x_domain
            ends of the value axis, to share a scale; widened if a value lies outside.
        """
        look = palette().font
        rows = read_rows(frame, labels)
        names = lines_width([line for row in rows for line in row.label], look.size)
        left = names + 12 + max(_GUTTER, marks_room(rows))
        counts = [f"{row.n:,}" for row in rows if row.n is not None]
        right = lines_width([*counts, self.n_label], look.size) + 34 if counts else _SIDE
        across = self.width - left - right
        key, key_words, head = key_above(rows, labels, left, self.width)
        down = 0.0
        for row in rows:
            tall = max(_ROW, len(row.label) * look.line_height + 10)
            # A little below the middle: the value stands above the dot.
            row.middle = down + tall / 2 + 5
            down += tall
        down = max(down + 6, _ROW)
        seen = [value for row in rows for value in row.values.values()]
        scale = value_scale(
            seen, 0.0, across, domain=x_domain, zero=self.zero, ticks=max(2, int(across / 75))
        )
        ticks = scale.ticks if seen or x_domain else (0.0,)
        has_zero = scale.low <= 0 <= scale.high
        foot = down + 18
        raw = self._template.svg(
            {
                "width": across,
                "height": down,
                "padding": {"left": left, "right": right, "top": head, "bottom": 44.0},
                "x_domain": [scale.low, scale.high],
                "grid": [_upright(scale(tick), 0, down) for tick in ticks if tick],
                "base": [{"x": 0, "x2": across, "y": down, "y2": down}]
                + [_upright(scale(tick), down, down + 5) for tick in ticks],
                "zero": [_upright(scale(0.0), 0, down)] if has_zero else [],
                "rows": [{"x": 0, "x2": across, "y": row.middle, "y2": row.middle} for row in rows],
                "connectors": [
                    {
                        "low": min(row.values.values()),
                        "high": max(row.values.values()),
                        "y": row.middle,
                    }
                    for row in rows
                    if len(row.values) > 1
                ],
                "dots": [
                    {**voice_symbol(voice, 0, row.middle), "value": row.values[voice]}
                    for voice in DRAWN
                    for row in rows
                    if voice in row.values
                ],
                "key": key,
                "hollow": [
                    voice_symbol(voice, x, row.middle, 0.6)
                    for row in rows
                    for x, voice, _ in missing_marks(row)
                ],
                "words": [
                    *key_words,
                    *(
                        {"x": x + 8, "y": row.middle + 4, "text": mark}
                        for row in rows
                        for x, _, mark in missing_marks(row)
                    ),
                    *self._note(seen, rows, across),
                ],
                "ticks": [
                    {
                        "x": scale(tick),
                        "y": foot,
                        "text": number(tick, decimals=scale.decimals, signed=self.signed),
                    }
                    for tick in ticks
                ]
                + (
                    [{"x": across / 2, "y": foot + 20, "text": self.axis_title}]
                    if seen or rows
                    else []
                ),
                "labels": [_row_label(row, names - left) for row in rows],
                "counts": [
                    {"x": across + right - 4, "y": row.middle + 4, "text": f"{row.n:,}"}
                    for row in rows
                    if row.n is not None
                ]
                + ([{"x": across + right - 4, "y": -2, "text": self.n_label}] if counts else []),
                "values": self._values(rows, scale, across, right),
            }
        )
        return normalise(raw, figure_id=figure_id, title=title, description=description)

    def _values(
        self, rows: list[Row], scale: Scale, across: float, right: float
    ) -> list[dict[str, object]]:
        """Return the printed value of this area above its dot, where no other dot can cover it."""
        look = palette()
        found: list[dict[str, object]] = []
        for row in rows:
            if "self" in row.values:
                text = number(row.values["self"], decimals=self.decimals, signed=self.signed)
                half = text_width(text, look.font.size, bold=True) / 2
                centre = max(half - 4, min(scale(row.values["self"]), across + 20 - half))
                color = look.voices["self"].text
                found.append(
                    {"x": centre - half, "y": row.middle - 9, "text": text, "color": color}
                )
        return found

    def _note(self, seen: list[float], rows: list[Row], across: float) -> list[dict[str, object]]:
        if seen:
            return []
        x = (across - text_width(NO_VALUES, palette().font.size)) / 2
        return [{"x": x, "y": rows[0].middle - 9 if rows else 18.0, "text": NO_VALUES}]


def _layers() -> list[alt.Chart]:
    greys = palette().greys
    span = {"x": alt.X("low:Q", axis=None), "x2": "high:Q", **pixels("y")}
    connector = {"type": "rule", "color": greys.connector, "strokeWidth": 2}
    return [
        rules("grid", color=greys.grid),
        rules("rows", color=greys.grid),
        rules("base", color=greys.axis),
        rules("zero", color=greys.zero),
        layer("connectors", connector, span),
        symbols("key"),
        symbols("hollow", hollow=True),
        symbols("dots", value="value"),
    ]


def _words() -> list[Words]:
    greys = palette().greys
    return [
        Words("words", color=greys.text),
        Words("ticks", color=greys.text, align="middle"),
        Words("labels", color=greys.ink, align="end"),
        Words("counts", color=greys.text, align="end"),
        Words("values", bold=True, halo=True),
    ]


def _row_label(row: Row, right: float) -> dict[str, object]:
    look = palette().font
    top = row.middle + 4 - (len(row.label) - 1) * look.line_height / 2
    return {"x": right, "y": top, "text": row.label}


def _upright(x: float, top: float, bottom: float) -> dict[str, object]:
    return {"x": x, "x2": x, "y": top, "y2": bottom}
