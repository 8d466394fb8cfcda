"""Line with comparators: one measure over days, this area against region and England."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import altair as alt
import polars as pl

from lds.charts.bands import place_bands
from lds.charts.days import VOICES, daily_rows, read_days
from lds.charts.drawn import Dots, Words, voice_symbol
from lds.charts.endlabels import Ending, place_endings
from lds.charts.layout import date_ticks, value_scale
from lds.charts.normalise import normalise
from lds.charts.template import Template, layer, pixels, rules, symbols
from lds.charts.text import NO_VALUES, number, text_width, without_values
from lds.charts.theme import palette
from lds.errors import ContractError

_LEFT = 52.0
_RIGHT = 150.0
_BOTTOM = 24.0
_TOP = 8.0
_DOT = 3.0
_DOT_OPACITY = 0.32
_END_SIZE = 0.45
"""Area of the symbol at a line's end, as a share of the voice's own."""


@dataclass(frozen=True, slots=True)
class LineChart:
    """A figure of daily lines, compiled for one window and unit. Make it with `build`.

    Attributes
    ----------
    window
        first and last day of the axis, both inside.
    unit
        printed above the value axis; may be empty.
    signed
        whether values carry a plus (changes) or not (levels).
    width, height
        of the whole drawing without the band labels' room, in pixels.
    """

    window: tuple[date, date]
    unit: str
    signed: bool
    width: float
    height: float
    _template: Template

    @classmethod
    def build(
        cls,
        *,
        window: tuple[date, date],
        bands: pl.DataFrame | None = None,
        unit: str = "",
        signed: bool = True,
        width: float = 720,
        height: float = 280,
    ) -> LineChart:
        """Compile the figure once; `render` then costs milliseconds.

        Build it in the process that renders: the engine's threads do not survive a fork.

        Parameters
        ----------
        window
            first and last day of the axis, both inside.
        bands
            policy periods: ``start``, ``end`` (pl.Date, both inside, null end: open),
            ``label``, and if wished ``row`` (see `place_bands`).
        unit
            unit of the values.
        signed
            True for changes ("+20"), False for levels ("20").
        width
            pixels; 720 is the normal form, 360 the narrow one.
        height
            pixels from the top of the plot to the foot.
        """
        if window[1] < window[0]:
            raise ContractError(f"the window ends before it begins: {window[0]} to {window[1]}")
        across, down = width - _LEFT - _RIGHT, height - _BOTTOM
        if across <= 0 or down <= 0:
            raise ValueError(f"a line chart of {width:g} x {height:g} px has no room for its plot")
        periods = place_bands(bands, window, width=across, height=down, room=_RIGHT)
        size = palette().font.size
        # The unit stands in the left margin, or, if it is long, in a line of its own on top.
        line = palette().font.line_height
        own_line = bool(periods.height) and text_width(unit, size) > _LEFT - 8
        head = (
            periods.height + line if own_line else max(periods.height, line + 6 if unit else _TOP)
        )
        unit_y = size - head if own_line else -8
        unit_x = max(-_LEFT, -8 - text_width(unit, size))
        days = (window[1] - window[0]).days + 1
        ticks = [
            {"x": day * across / days, "text": label}
            for day, label in date_ticks(*window, across, size)
        ]
        fixed: dict[str, object] = {
            "width": across,
            "height": down,
            "padding": {"left": _LEFT, "right": _RIGHT, "top": head, "bottom": _BOTTOM},
            "x_domain": [0, days],
            "bands": periods.rects,
            "edges": periods.edges,
            "bars": periods.bars,
            "periods": periods.labels,
            "unit": [{"x": unit_x, "y": unit_y, "text": unit}] if unit else [],
            "base": [{"x": 0, "x2": across, "y": down, "y2": down}]
            + [{"x": tick["x"], "x2": tick["x"], "y": down, "y2": down + 5} for tick in ticks],
            "time": [{**tick, "y": down + 18} for tick in ticks],
        }
        template = Template.compile(
            _layers(), _words(), fixed=fixed, domains={"x": "x_domain", "y": "y_domain"}
        )
        return cls(window, unit, signed, width, height, template)

    def render(
        self,
        *,
        figure_id: str,
        title: str,
        description: str,
        frame: pl.DataFrame,
        labels: Mapping[str, str],
        y_domain: tuple[float, float] | None = None,
    ) -> str:
        """Draw one area.

        Parameters
        ----------
        figure_id
            unique on the page.
        title, description
            for those who do not see the figure; not drawn.
        frame
            ``date`` (pl.Date), ``series`` (one of `VOICES`), ``value`` and ``smooth`` (f64,
            unit of the figure; null, or no row at all, is a gap and is never bridged). Lines come
            from ``smooth``, faint dots from ``value`` of ``self``.
        labels
            the name of each series that shall be drawn.
        y_domain
            ends of the value axis, to share a scale; widened if a value lies outside.

        Returns
        -------
        SVG text in one line, at most 20 kB for a year.
        """
        lines, dots = read_days(frame, labels, self.window)
        everything = [value for points in lines.values() for _, value in points] + [
            value for _, value in dots
        ]
        down = self.height - _BOTTOM
        scale = value_scale(everything, down, 0.0, domain=y_domain)
        across = self.width - _LEFT - _RIGHT
        days = (self.window[1] - self.window[0]).days + 1
        per_day, per_unit = across / days, down / (scale.high - scale.low)
        to_pixels = {
            name: [(day * per_day, (scale.high - value) * per_unit) for day, value in points]
            for name, points in (*lines.items(), ("dots", dots))
        }
        endings = []
        for name in reversed(VOICES):
            # Days without enough neighbours for a mean still show where the area's dots end.
            points = to_pixels.get(name) or (to_pixels["dots"] if name == "self" else [])
            if name in labels and points:
                endings.append(Ending(name, labels[name], *points[-1], has_line=name in lines))
            elif name in labels and everything:
                text = without_values(labels[name])
                endings.append(Ending(name, text, across, down, has_line=False, silent=True))
        weights = [(1 if name == "dots" else 4, points) for name, points in to_pixels.items()]
        ends = place_endings(endings, weights, across, down, _RIGHT)
        ticks = scale.ticks if everything else (0.0,)
        raw = self._template.svg(
            {
                "y_domain": [scale.low, scale.high],
                "series": daily_rows(lines, (scale.high - scale.low) / down),
                "grid": [_level(scale(tick), across) for tick in ticks if tick],
                "zero": [_level(scale(0.0), across)] if scale.low <= 0 <= scale.high else [],
                "values": [
                    {
                        "x": -8,
                        "y": scale(tick) + 4,
                        "text": number(tick, decimals=scale.decimals, signed=self.signed),
                    }
                    for tick in ticks
                ],
                "leaders": ends.leaders,
                "ends": [
                    voice_symbol(end.voice, end.x, end.y, _END_SIZE)
                    for end in endings
                    if end.has_line
                ],
                "names": ends.labels,
                "dots": to_pixels["dots"],
                "note": []
                if everything
                else [{"x": across / 2, "y": down / 2 - 8, "text": NO_VALUES}],
            }
        )
        return normalise(raw, figure_id=figure_id, title=title, description=description)


def _layers() -> list[alt.Chart]:
    look = palette()
    greys = look.greys
    return [
        layer("bands", {"type": "rect", "color": greys.band}, pixels("x", "y", "x2", "y2")),
        rules("edges", color=greys.band_edge, width=0.75),
        rules("bars", color=greys.band_edge, width=3),
        rules("grid", color=greys.grid),
        rules("base", color=greys.axis),
        rules("zero", color=greys.zero),
        *(_line(voice) for voice in VOICES),
        rules("leaders", width=0.75),
        symbols("ends"),
    ]


def _words() -> list[Words | Dots]:
    grey = palette().greys.text
    return [
        Dots("dots", palette().voices["self"].line, _DOT, _DOT_OPACITY),
        Words("periods", color=grey),
        Words("unit", color=grey),
        Words("time", color=grey, align="middle"),
        Words("values", color=grey, align="end"),
        Words("note", color=grey, align="middle", halo=True),
        Words("names", bold=True, halo=True),
    ]


def _line(voice: str) -> alt.Chart:
    look = palette().voices[voice]
    mark: dict[str, object] = {"type": "line", "color": look.line, "strokeWidth": look.width}
    if look.dash:
        mark["strokeDash"] = list(look.dash)
    channels = {"x": alt.X("x:Q", axis=None), "y": alt.Y(f"{voice}:Q", axis=None)}
    return layer(voice, mark, channels, data="series")


def _level(y: float, across: float) -> dict[str, object]:
    return {"x": 0, "x2": across, "y": y, "y2": y}
