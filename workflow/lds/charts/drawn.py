"""Layers that we write ourselves, on top of what the engine draws or without it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lds.charts.layout import Box
from lds.charts.theme import WHITE, palette


@dataclass(frozen=True, slots=True)
class Words:
    """A layer of words: rows of ``x``, ``y`` (pixels, baseline), ``text`` and ``color``.

    ``text`` is a string or a list of lines; one line is plain text either way. Words are written by
    us, not by the engine: it asks its text shaper how wide each one is, which takes half the time
    of a figure, and their places are known already.

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
    size
        in pixels, where it is not that of the figure.
    """

    name: str
    align: str = "start"
    color: str | None = None
    bold: bool = False
    halo: bool = False
    size: float | None = None

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
        if self.size:
            look.append(f'font-size="{self.size:g}px"')
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
        if not isinstance(text, str | list):
            raise TypeError(f"neither a line nor lines: {text!r}")
        lines = [text] if isinstance(text, str) else text
        if len(lines) == 1:
            return f"<text {place}{fill}>{escape(lines[0])}</text>"
        step = palette().font.line_height
        spans = "".join(
            f'<tspan x="{row["x"]}" dy="{step if index else 0}">{escape(line)}</tspan>'
            for index, line in enumerate(lines)
        )
        return f"<text {place}{fill}>{spans}</text>"


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
class Symbols:
    """A layer of symbols, one path per voice, with the thin white edge that keeps them apart.

    As marks of the engine the same symbols take six times the bytes.

    Attributes
    ----------
    name
        class of the layer and name of its slot; rows are those of `voice_symbol`. Rows of the
        same look are drawn together, in the order in which the looks first appear.
    hollow
        white with a coloured edge: a value that is not there.
    """

    name: str
    hollow: bool = False

    def markup(self, rows: Iterable[Mapping[str, object]]) -> str:
        """Return the layer as SVG."""
        paths: dict[tuple[str, str, float], list[str]] = {}
        for row in rows:
            x, y, size = (float(str(row[name])) for name in ("x", "y", "size"))
            look = (str(row["shape"]), str(row["color"]), size)
            paths.setdefault(look, []).append(_symbol(look[0], x, y, size))
        if not paths:
            return ""
        drawn = []
        for (_, color, _), path in paths.items():
            ink = (
                f'fill="{WHITE}" stroke="{color}" stroke-width="1.5"'
                if self.hollow
                else f'fill="{color}" stroke="{WHITE}"'
            )
            drawn.append(f'<path {ink} d="{"".join(path)}"/>')
        return f'<g class="{self.name}_marks">{"".join(drawn)}</g>'


def _symbol(shape: str, x: float, y: float, size: float) -> str:
    """Return the path of one symbol, with the outlines that the engine gives its shapes."""
    if shape == "circle":
        radius = math.sqrt(size / math.pi)
        turn = f"a{radius:.1f},{radius:.1f} 0 1,1"
        across = 2 * round(radius, 1)
        return f"M{x - radius:.1f},{y:.1f}{turn} {across:.1f},0{turn}-{across:.1f},0z"
    half = math.sqrt(size) / 2
    if shape == "diamond":
        step = f"{half:.1f}"
        return f"M{x - half:.1f},{y:.1f}l{step}-{step} {step},{step}-{step},{step}z"
    if shape == "square":
        side = f"{2 * half:.1f}"
        return f"M{x - half:.1f},{y - half:.1f}h{side}v{side}h-{side}z"
    raise ValueError(f"no outline for the symbol {shape!r}")


def voice_symbol(voice: str, x: float, y: float, scale: float = 1.0) -> dict[str, object]:
    """Return one row of a layer of symbols in the look of `voice`, its area times `scale`."""
    look = palette().voices[voice]
    return {"x": x, "y": y, "shape": look.shape, "size": look.size * scale, "color": look.line}


def rectangles(boxes: Sequence[Box]) -> str:
    """Return one path of all `boxes`."""
    return "".join(
        f"M{box.left:g},{box.top:g}h{box.right - box.left:g}v{box.bottom - box.top:g}"
        f"h{box.left - box.right:g}z"
        for box in boxes
    )


def drawing(width: float, height: float, *layers: str) -> str:
    """Return a raw SVG for the normaliser that needs no engine: it has no scale and no axis.

    Layers are moved by one pixel, so that an edge on their own 0 is not cut in half.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
        f'<g transform="translate(1,1)">{"".join(layers)}</g></svg>'
    )
