"""A figure compiled once: Altair to Vega, with slots for what differs between areas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import altair as alt
import vl_convert

from lds.charts.theme import palette, vega_config

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
WHITE = "#FFFFFF"
_SLOT = re.compile(r'"@@(\w+)@@"')


@dataclass(frozen=True, slots=True)
class Words:
    """A layer of words: rows of ``x``, ``y`` (pixels, baseline), ``text`` and ``color``.

    ``text`` is a string or a list of lines. Words are written by us, not by the engine: it asks
    its text shaper how wide each one is, which takes half the time of a figure, and their places
    are known already.

    Attributes
    ----------
    name
        class of the layer and name of its slot.
    align
        which part of a line stands at ``x``: start, middle or end.
    color
        of all words, in place of the column.
    bold, halo
        weight, and a white edge for words that may lie on lines.
    """

    name: str
    align: str = "start"
    color: str | None = None
    bold: bool = False
    halo: bool = False

    def markup(self, rows: Iterable[Mapping[str, object]]) -> str:
        """Return the layer as SVG."""
        texts = "".join(self._text(row) for row in rows)
        if not texts:
            return ""
        look = [f'class="{self.name}_marks"', f'text-anchor="{self.align}"']
        if self.color:
            look.append(f'fill="{self.color}"')
        if self.bold:
            look.append('font-weight="bold"')
        if self.halo:
            # The edge goes behind the letters, or it would eat them.
            look.append(
                f'stroke="{WHITE}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
            )
        return f"<g {' '.join(look)}>{texts}</g>"

    def _text(self, row: Mapping[str, object]) -> str:
        place = f'x="{row["x"]}" y="{row["y"]}"'
        fill = "" if self.color else f' fill="{row["color"]}"'
        text = row["text"]
        if isinstance(text, str):
            return f"<text {place}{fill}>{escape(text)}</text>"
        if not isinstance(text, list):
            raise TypeError(f"neither a line nor lines: {text!r}")
        step = palette().font.line_height
        lines = "".join(
            f'<tspan x="{row["x"]}" dy="{step if index else 0}">{escape(line)}</tspan>'
            for index, line in enumerate(text)
        )
        return f"<text {place}{fill}>{lines}</text>"


@dataclass(frozen=True, slots=True)
class Dots:
    """A layer of equal faint dots, one path: each is a line of one point with round ends.

    Drawn by us on top of the lines, because hundreds of points are two fifths of the engine's time
    for a figure and need none of its layout.

    Attributes
    ----------
    name
        class of the layer and name of its slot; rows are (x, y) in pixels.
    """

    name: str
    color: str
    size: float
    opacity: float

    def markup(self, rows: Iterable[tuple[float, float]]) -> str:
        """Return the layer as SVG."""
        path = "".join(f"M{x:.2f},{y:.2f}Z" for x, y in rows)
        if not path:
            return ""
        return (
            f'<g class="{self.name}_marks"><path fill="none" stroke="{self.color}"'
            f' stroke-width="{self.size}" stroke-linecap="round" opacity="{self.opacity}"'
            f' d="{path}"/></g>'
        )


@dataclass(frozen=True, slots=True)
class Template:
    """Compiled Vega as text, cut at its slots, and the words that go on top.

    Text, not objects: filling it is joining strings, and the engine takes a string faster than
    a dictionary (28 ms against 37 for a year of three series).
    """

    pieces: tuple[str, ...]
    slots: tuple[str, ...]
    words: tuple[Words | Dots, ...]
    fixed_words: str
    fixed_padding: Mapping[str, float] | None

    @classmethod
    def compile(
        cls,
        layers: Iterable[alt.Chart],
        words: Iterable[Words | Dots],
        *,
        fixed: Mapping[str, Any],
        domains: Mapping[str, str],
    ) -> Template:
        """Compile `layers`, all on named data, into one template.

        Every named data set, the size (``width``, ``height``), the ``padding`` and each scale in
        `domains` (scale name to slot name) is a slot, as is each layer of `words`; `fixed` fills
        some of them for good.
        """
        chart = alt.layer(*layers).properties(
            width=1, height=1, padding=0, autosize=alt.AutoSizeParams(type="none")
        )
        spec = {**chart.to_dict(validate=False), "config": vega_config()}
        vega: dict[str, Any] = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
        _strip(vega)
        for name in ("width", "height", "padding"):
            vega[name] = f"@@{name}@@"
        for data in vega["data"]:
            data["values"] = f"@@{data['name']}@@"
        for scale in vega.get("scales", []):
            scale |= {"domain": f"@@{domains[scale['name']]}@@", "nice": False, "zero": False}
        text = json.dumps(vega, ensure_ascii=False)
        text = _SLOT.sub(lambda slot: _dump(fixed[slot[1]]) if slot[1] in fixed else slot[0], text)
        cut = _SLOT.split(text)
        everything = tuple(words)
        return cls(
            tuple(cut[::2]),
            tuple(cut[1::2]),
            tuple(layer for layer in everything if layer.name not in fixed),
            "".join(layer.markup(fixed[layer.name]) for layer in everything if layer.name in fixed),
            fixed.get("padding"),
        )

    def svg(self, values: Mapping[str, Any]) -> str:
        """Fill the slots and return the engine's raw SVG with our words on top."""
        parts = [self.pieces[0]]
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            parts += (_dump(values[slot]), piece)
        drawn: str = vl_convert.vega_to_svg("".join(parts))
        padding = self.fixed_padding or values["padding"]
        words = self.fixed_words + "".join(layer.markup(values[layer.name]) for layer in self.words)
        place = f'transform="translate({padding["left"]},{padding["top"]})"'
        return f"{drawn.removesuffix('</svg>')}<g {place}>{words}</g></svg>"


def _strip(vega: dict[str, Any]) -> None:
    """Take out the compiler's guards against values that are not numbers: we hand over none."""
    sources = {data["name"]: data["source"] for data in vega["data"] if "source" in data}
    vega["data"] = [data for data in vega["data"] if "source" not in data]
    for mark in vega["marks"]:
        mark["from"]["data"] = sources.get(mark["from"]["data"], mark["from"]["data"])
        mark.pop("sort", None)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


# Axes are plain rules and words placed in Python: an axis of the engine costs 4-5 ms a figure, and
# words placed by us can be tested for overlap without a browser.


def layer(
    name: str,
    mark: Mapping[str, Any],
    channels: Mapping[str, Any],
    *,
    data: str | None = None,
) -> alt.Chart:
    """Return a layer on the named data set `data` (by default its own name)."""
    base = alt.Chart(alt.NamedData(name=data or name), mark=alt.MarkDef(**mark), name=name)
    drawn: alt.Chart = base.encode(**channels)
    return drawn


def pixels(*fields: str) -> dict[str, Any]:
    """Return position channels for columns in pixels, e.g. ``pixels("x", "y", "x2")``."""
    channels: dict[str, type[Any]] = {"x": alt.X, "y": alt.Y}
    return {
        field: channels[field](f"{field}:Q", scale=None, axis=None)
        if field in channels
        else f"{field}:Q"
        for field in fields
    }


def _colour(channel: type[Any], color: str | None) -> object:
    return alt.value(color) if color else channel("color:N", scale=None, legend=None)


def rules(name: str, *, color: str | None = None, width: float = 1) -> alt.Chart:
    """Return a layer of straight lines: ``x``, ``y``, ``x2``, ``y2`` (pixels) and ``color``."""
    channels = {**pixels("x", "y", "x2", "y2"), "stroke": _colour(alt.Stroke, color)}
    return layer(name, {"type": "rule", "strokeWidth": width}, channels)


def symbols(name: str, *, hollow: bool = False, value: str | None = None) -> alt.Chart:
    """Return a layer of symbols: ``x``, ``y`` (pixels), ``shape``, ``size`` and ``color``.

    Filled ones have a thin white edge, so that symbols on top of each other stay apart. With
    `value`, that column stands on the scale of the figure in place of ``x``.
    """
    mark: dict[str, Any] = {"type": "point", "opacity": 1}
    if hollow:
        mark |= {"strokeWidth": 1.5, "fill": WHITE}
        tint: dict[str, object] = {"stroke": _colour(alt.Stroke, None)}
    else:
        mark |= {"strokeWidth": 1, "stroke": WHITE}
        tint = {"fill": _colour(alt.Fill, None)}
    across = {"x": alt.X(f"{value}:Q", axis=None)} if value else {}
    look = {
        "shape": alt.Shape("shape:N", scale=None, legend=None),
        "size": alt.Size("size:Q", scale=None, legend=None),
    }
    return layer(name, mark, {**pixels("x", "y"), **across, **look, **tint})


def voice_symbol(voice: str, x: float, y: float, scale: float = 1.0) -> dict[str, object]:
    """Return one row of a `symbols` layer in the look of `voice`, its area times `scale`."""
    look = palette().voices[voice]
    return {"x": x, "y": y, "shape": look.shape, "size": look.size * scale, "color": look.line}
