"""Palette contrast, text widths and the engine's own typeface."""

from __future__ import annotations

import re
from itertools import product

import pytest
import vl_convert

from lds.charts.text import number, text_width, wrap
from lds.charts.theme import palette

LOOK = palette()
WHITE = "#FFFFFF"


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("voice", "ground"), [*product(LOOK.voices, (WHITE, LOOK.greys.band))])
def test_words_and_lines_stand_out(voice: str, ground: str) -> None:
    assert contrast(LOOK.voices[voice].text, ground) >= 4.5
    assert contrast(LOOK.voices[voice].line, ground) >= 3


@pytest.mark.parametrize("grey", [LOOK.greys.text, LOOK.greys.ink])
def test_grey_words_stand_out(grey: str) -> None:
    assert contrast(grey, WHITE) >= 4.5
    assert contrast(grey, LOOK.greys.band) >= 4.5


@pytest.mark.parametrize("colour", [*LOOK.categories, LOOK.greys.zero, LOOK.greys.axis])
def test_marks_stand_out(colour: str) -> None:
    assert contrast(colour, WHITE) >= 3


def test_voices_differ_by_more_than_colour() -> None:
    voices = LOOK.voices.values()
    assert len({voice.shape for voice in voices}) == len(LOOK.voices)
    assert len({voice.dash for voice in voices}) == len(LOOK.voices)


def engine_width(text: str, family: str, weight: str) -> float:
    """Measure `text` at 1,000 px by letting the engine fit a drawing around it."""
    values = {"x": 0, "y": 0, "text": text, "font": family, "fontWeight": weight, "fontSize": 1000}
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": 1,
        "height": 1,
        "padding": 0,
        "autosize": "pad",
        "marks": [
            {
                "type": "text",
                "encode": {"enter": {key: {"value": value} for key, value in values.items()}},
            }
        ],
    }
    found = re.search(r'viewBox="0 0 (\S+)', vl_convert.vega_to_svg(spec))
    assert found
    return float(found[1])


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize(
    "text",
    [
        "mmmiii−",
        "Bournemouth, Christchurch and Poole",
        "King's Lynn and West Norfolk",
        "Median change, % (n = 1,234.5)",
        "Kingston upon Hull; Stratford-on-Avon",
    ],
)
def test_the_table_of_widths_is_that_of_the_engines_own_typeface(text: str, weight: str) -> None:
    ours = text_width(text, 1000, bold=weight == "bold")
    # Kerning, which the table leaves out, makes words a little narrower.
    assert ours == pytest.approx(engine_width(text, LOOK.font.family, weight), rel=0.015)


def test_numbers_have_true_signs_and_a_bare_zero() -> None:
    assert [number(value, signed=True) for value in (-20, -0.4, 0, 20, 1234567)] == [
        "\N{MINUS SIGN}20",
        "0",
        "0",
        "+20",
        "+1,234,567",
    ]
    assert number(-1.25, decimals=1) == "\N{MINUS SIGN}1.2"
    assert number(12, decimals=0) == "12"


def test_words_wrap_between_words_only() -> None:
    assert wrap("one two three", 60, 12) == ["one two", "three"]
    assert wrap("Bournemouth", 10, 12) == ["Bournemouth"]
    assert wrap("", 10, 12) == []
