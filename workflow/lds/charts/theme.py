"""The look that all figures share: palette, typeface and Vega configuration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WHITE = "#FFFFFF"
"""The ground of every figure."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How one kind of area speaks in every figure.

    Attributes
    ----------
    line, text
        hex colours of marks and of words.
    dash
        dash pattern in pixels, empty for a solid line.
    shape
        Vega symbol name.
    size
        area of the symbol in square pixels.
    width
        line width in pixels.
    """

    line: str
    text: str
    dash: tuple[float, ...]
    shape: str
    size: float
    width: float


@dataclass(frozen=True, slots=True)
class Greys:
    """The neutral colours of a figure, as hex."""

    ink: str
    text: str
    axis: str
    zero: str
    grid: str
    band: str
    band_edge: str
    connector: str


@dataclass(frozen=True, slots=True)
class Font:
    """The typeface of a figure: CSS family list, size and line height in pixels."""

    family: str
    size: float
    line_height: float


@dataclass(frozen=True, slots=True)
class Fill:
    """How a tile or an area of one class looks.

    Attributes
    ----------
    color, text
        hex colours of the fill and of words on it.
    label
        what stands on it; empty where that is the value itself.
    meaning
        of the label, for a key.
    """

    color: str
    text: str
    label: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Diverging:
    """Classes of a change, the same in every figure.

    Attributes
    ----------
    breaks
        between the classes, ascending, in the unit of the values.
    fills
        one more than breaks, from the lowest class up.
    """

    breaks: tuple[float, ...]
    fills: tuple[Fill, ...]

    def fill(self, value: float) -> Fill:
        """Return the look of `value`; a break belongs to the class further from zero."""
        below = sum(value > at if at < 0 else value >= at for at in self.breaks)
        return self.fills[below]


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything that ``resources/palette.yaml`` says; `tiers` is by level, mildest first."""

    voices: dict[str, Voice]
    categories: tuple[str, ...]
    greys: Greys
    diverging: Diverging
    tiers: dict[str, Fill]
    font: Font


def resources_dir() -> Path:
    """Return the folder of small committed look-ups."""
    return Path(__file__).resolve().parents[2] / "resources"


@cache
def palette() -> Palette:
    """Return the palette, read once per process."""
    raw = yaml.safe_load((resources_dir() / "palette.yaml").read_text(encoding="utf-8"))
    voices = {
        name: Voice(**{**voice, "dash": tuple(voice["dash"])})
        for name, voice in raw["voices"].items()
    }
    font = {**raw["font"], "family": ", ".join(raw["font"]["family"])}
    diverging = Diverging(
        tuple(raw["diverging"]["breaks"]),
        tuple(Fill(**fill) for fill in raw["diverging"]["fills"]),
    )
    return Palette(
        voices=voices,
        categories=tuple(raw["categories"]),
        greys=Greys(**raw["greys"]),
        diverging=diverging,
        tiers={level: Fill(**fill) for level, fill in raw["tiers"].items()},
        font=Font(**font),
    )


def vega_config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of every figure.

    The engine needs no font of the machine: vl-convert carries the four Liberation Sans faces in
    its own library. With an empty font folder it measures "mmmiii−" at 1,000 px as 3,750 px
    (4,085 bold), as it does with system fonts; "Arial" or an unknown name measures 6,118 px, its
    last resort, in both cases. So Liberation Sans has to be named first. A test repeats this.
    """
    look = palette()
    return {
        "aria": False,
        "background": None,
        "font": look.font.family,
        "view": {"stroke": None},
        "text": {"fontSize": look.font.size, "lineHeight": look.font.line_height},
        "line": {"strokeCap": "round", "strokeJoin": "round"},
    }
