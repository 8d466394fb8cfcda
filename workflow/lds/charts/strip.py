"""Ranked strip: every area as a tick on one axis, this one thick and named."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import altair as alt
import polars as pl

from lds.charts.drawn import Words
from lds.charts.frames import check_columns
from lds.charts.layout import value_scale
from lds.charts.normalise import normalise
from lds.charts.template import Template, broken, layer, pixels, rules, strokes
from lds.charts.text import NO_VALUES, number, text_width, without_values
from lds.charts.theme import palette
from lds.errors import ContractError

COLUMNS = ("code", "value")
SHADES = {1: 0.4, 2: 0.65, 3: 0.95}
"""Opacity of a tick by how many areas share it; the last holds for more."""

_SIDE = 30.0
_HEAD = 24.0
_TALL = 28.0
_BASE = _TALL + 10
_FOOT = 52.0


@dataclass(frozen=True, slots=True)
class StripChart:
    """A figure that places one area among all. Make it with `build`.

    Attributes
    ----------
    axis_title
        what is measured and its unit, below the axis.
    signed
        whether values carry a plus (changes) or not (levels).
    decimals
        of the printed value.
    width
        of the drawing in pixels.
    """

    axis_title: str
    signed: bool
    decimals: int
    width: float
    _template: Template

    @classmethod
    def build(
        cls,
        *,
        axis_title: str = "",
        signed: bool = True,
        decimals: int = 0,
        width: float = 720,
    ) -> StripChart:
        """Compile the figure once, in the process that renders it.

        Parameters
        ----------
        axis_title
            what is measured, its unit, and that each line is one area.
        signed
            True for changes ("+20"), False for levels ("20").
        decimals
            of the printed value.
        width
            pixels; 720 is the normal form.
        """
        fixed: dict[str, object] = {
            "width": width - 2 * _SIDE,
            "height": _BASE,
            "padding": {"left": _SIDE, "right": _SIDE, "top": _HEAD, "bottom": _FOOT - 10},
        }
        template = Template.compile(_layers(), _words(), fixed=fixed, domains={"x": "x_domain"})
        return cls(axis_title, signed, decimals, width, template)

    def render(
        self,
        *,
        figure_id: str,
        title: str,
        description: str,
        frame: pl.DataFrame,
        highlight: str,
        label: str,
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
            ``code`` and ``value`` (f64, unit of the figure; null: not on the strip), one row
            per area.
        highlight
            code of this area.
        label
            name of this area.
        x_domain
            ends of the axis, to share a scale; widened if a value lies outside.
        """
        values = self._read(frame)
        across = self.width - 2 * _SIDE
        scale = value_scale(
            values.values(),
            0.0,
            across,
            domain=x_domain,
            zero=False,
            ticks=max(2, int(across / 80)),
        )
        own = values.get(highlight)
        places = Counter(
            round(scale(value), 1) for code, value in values.items() if code != highlight
        )
        ticks = scale.ticks if values else ()
        raw = self._template.svg(
            {
                "x_domain": [scale.low, scale.high],
                **{
                    f"shade{shade}": _ticks(places, shade, scale.low, scale.high, across)
                    for shade in SHADES
                },
                "base": [{"x": 0, "x2": across, "y": _BASE, "y2": _BASE}]
                + [{"x": scale(t), "x2": scale(t), "y": _BASE, "y2": _BASE + 5} for t in ticks],
                "zero": [{"x": scale(0), "x2": scale(0), "y": -4, "y2": _BASE}]
                if 0 in ticks
                else [],
                "words": [
                    {
                        "x": scale(tick),
                        "y": _BASE + 18,
                        "text": number(tick, decimals=scale.decimals, signed=self.signed),
                    }
                    for tick in ticks
                ]
                + [{"x": across / 2, "y": _BASE + 37, "text": self.axis_title}],
                "own": [{"x": own, "y": -5, "y2": _TALL + 5}] if own is not None else [],
                "name": [self._name(label, own, scale(own) if own is not None else 0.0, across)]
                if values
                else [],
                "note": []
                if values
                else [{"x": across / 2, "y": _TALL / 2 + 4, "text": NO_VALUES}],
            }
        )
        return normalise(raw, figure_id=figure_id, title=title, description=description)

    def _name(self, label: str, own: float | None, x: float, across: float) -> dict[str, object]:
        """Return the name and value of this area, kept inside the frame."""
        look = palette()
        text = (
            without_values(label)
            if own is None
            else f"{label} {number(own, decimals=self.decimals, signed=self.signed)}"
        )
        wide = text_width(text, look.font.size, bold=True)
        left = max(4 - _SIDE, min(x - wide / 2, across + _SIDE - 4 - wide))
        return {"x": left, "y": -10, "text": text, "color": look.voices["self"].text}

    def _read(self, frame: pl.DataFrame) -> dict[str, float]:
        check_columns(frame, COLUMNS, "a strip")
        cells = frame.select(COLUMNS).rows()
        twice = [code for code, count in Counter(code for code, _ in cells).items() if count > 1]
        if twice:
            raise ContractError("an area stands twice on a strip", values=twice)
        return {code: value for code, value in cells if value is not None and math.isfinite(value)}


def _ticks(
    places: Counter[float], shade: int, low: float, high: float, across: float
) -> list[dict[str, float | None]]:
    """Return the ticks of one shade."""
    at = [
        low + x / across * (high - low)
        for x, count in sorted(places.items())
        if min(count, max(SHADES)) == shade
    ]
    return broken((x, 0.0, x, _TALL) for x in at)


def _layers() -> list[alt.Chart]:
    look = palette()
    own = {"type": "rule", "color": look.voices["self"].line, "strokeWidth": 5}
    return [
        rules("base", color=look.greys.axis),
        rules("zero", color=look.greys.zero),
        *(
            strokes(f"shade{shade}", color=look.voices["england"].line, width=1.2, opacity=opacity)
            for shade, opacity in SHADES.items()
        ),
        layer("own", own, {"x": alt.X("x:Q", axis=None), **pixels("y", "y2")}),
    ]


def _words() -> list[Words]:
    grey = palette().greys.text
    return [
        Words("words", color=grey, align="middle"),
        Words("note", color=grey, align="middle"),
        Words("name", bold=True, halo=True),
    ]
