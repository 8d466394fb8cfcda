"""A figure compiled once: Altair to Vega, with slots for what differs between areas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from lds.charts.drawn import Dots, Symbols, Words
from lds.charts.theme import WHITE, vega_config

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
_SLOT = re.compile(r'"@@(\w+)@@"')


@dataclass(frozen=True, slots=True)
class Template:
    """Compiled Vega as text, cut at its slots, and the words that go on top.

    Text, not objects: filling it is joining strings, and the engine takes a string faster than
    a dictionary (28 ms against 37 for a year of three series).
    """

    pieces: tuple[str, ...]
    slots: tuple[str, ...]
    words: tuple[Words | Dots | Symbols, ...]
    fixed_words: str
    fixed_padding: Mapping[str, float] | None

    @classmethod
    def compile(
        cls,
        layers: Iterable[alt.Chart],
        words: Iterable[Words | Dots | Symbols],
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


def strokes(name: str, *, color: str, width: float = 1, opacity: float | None = None) -> alt.Chart:
    """Return a layer of straight lines of one look, one path for all (rows: see `broken`).

    As separate marks 300 lines would take 30 kB. ``x`` stands on the scale of the figure: without
    a scale the engine draws a gap as a line to 0.
    """
    mark = {"type": "line", "color": color, "strokeWidth": width, "strokeCap": "butt"}
    if opacity is not None:
        mark |= {"opacity": opacity}
    # Without this the engine sorts by x, and may swap the two ends of a line with its gap.
    channels = {"x": alt.X("x:Q", axis=None), **pixels("y"), "order": alt.value(None)}
    return layer(name, mark, channels)


def broken(lines: Iterable[tuple[float, float, float, float]]) -> list[dict[str, float | None]]:
    """Return the rows of a `strokes` layer: a gap after each line of x, y, x2, y2."""
    rows: list[dict[str, float | None]] = []
    for x, y, x2, y2 in lines:
        rows += ({"x": x, "y": y}, {"x": x2, "y": y2}, {"x": None, "y": 0})
    return rows


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
