"""Frames to draw, and helpers that read a figure back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from xml.etree import ElementTree

import polars as pl

from lds.charts.layout import Box
from lds.charts.text import text_width

SVG = "{http://www.w3.org/2000/svg}"
WINDOW = (date(2020, 2, 15), date(2021, 2, 13))
LABELS = {"self": "Harborough", "region": "East Midlands", "england": "England"}
LONG = {
    "self": "Bournemouth, Christchurch and Poole",
    "region": "Yorkshire and The Humber",
    "england": "England",
}
PERIODS = [
    ("Before first lockdown", "2020-02-15", "2020-03-22"),
    ("First lockdown", "2020-03-23", "2020-05-12"),
    ("Outdoor recreation permitted", "2020-05-13", "2020-05-31"),
    ("Rule of six outdoor", "2020-06-01", "2020-06-14"),
    ("Shops reopen", "2020-06-15", "2020-07-03"),
    ("Hospitality reopened", "2020-07-04", "2020-09-13"),
    ("New rule of six", "2020-09-14", "2020-09-23"),
    ("10 pm closing", "2020-09-24", "2020-10-13"),
    ("First tiers", "2020-10-14", "2020-11-04"),
    ("Second lockdown", "2020-11-05", "2020-12-01"),
    ("Tiers return", "2020-12-02", "2020-12-18"),
    ("Tier 4", "2020-12-19", "2021-01-05"),
    ("Third lockdown", "2021-01-06", None),
]


@dataclass(frozen=True)
class Word:
    """A word of a figure with its place in the drawing."""

    layer: str
    text: str
    box: Box


class Figure:
    """A parsed figure."""

    def __init__(self, svg: str) -> None:
        self.svg = svg
        self.root = ElementTree.fromstring(svg)

    def layer(self, name: str) -> list[ElementTree.Element]:
        return [
            child for group in self.root.iter() if group.get("class") == name for child in group
        ]

    def path(self, name: str) -> str:
        return " ".join(element.get("d", "") for element in self.layer(name))

    def words(self, *layers: str) -> list[Word]:
        found: list[Word] = []
        for place in self.root:
            shift = re.match(r"translate\((\S+),(\S+)\)", place.get("transform", ""))
            for group in place:
                name = group.get("class", "")
                for text in group.findall(f"{SVG}text"):
                    if not layers or name in layers:
                        found.append(_word(name, group, text, shift))
        return found

    def texts(self, *layers: str) -> list[str]:
        return [word.text for word in self.words(*layers)]

    @property
    def box(self) -> Box:
        return Box(*map(float, self.root.attrib["viewBox"].split()))


def _word(name, group, text, shift) -> Word:
    left, top = (float(number) for number in shift.groups()) if shift else (0.0, 0.0)
    lines = [part.text or "" for part in text.findall(f"{SVG}tspan")] or [text.text or ""]
    bold = group.get("font-weight") == "bold"
    wide = max(text_width(line, 11.5, bold=bold) for line in lines)
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[group.get("text-anchor", "start")]
    x, y = left + float(text.get("x", 0)) - share * wide, top + float(text.get("y", 0))
    # Height of capitals and digits, not of the whole line box.
    box = Box(x, y - 8.5, x + wide, y + 13.5 * (len(lines) - 1) + 2.5)
    return Word(name, " ".join(lines), box)


def check_readable(figure: Figure) -> None:
    """No two words touch and none leaves the drawing."""
    words = figure.words()
    touching = [
        (one.text, other.text)
        for one, other in combinations(words, 2)
        if one.box.touches(other.box)
    ]
    assert touching == []
    frame = figure.box
    outside = [
        word.text
        for word in words
        if word.box.left < -0.6
        or word.box.top < -0.6
        or word.box.right > frame.right + 0.6
        or word.box.bottom > frame.bottom + 0.6
    ]
    assert outside == []


def days(window: tuple[date, date] = WINDOW) -> list[date]:
    return [window[0] + timedelta(days=day) for day in range((window[1] - window[0]).days + 1)]


def daily(**series) -> pl.DataFrame:
    """A daily frame; each series is a function of the day's number, or None for no values."""
    parts = []
    for name, function in series.items():
        values = [None if function is None else function(day) for day in range(len(days()))]
        parts.append(
            pl.DataFrame(
                {"date": days(), "series": name, "value": values, "smooth": values},
                schema_overrides={"value": pl.Float64, "smooth": pl.Float64},
            )
        )
    return pl.concat(parts)


def flat(self_at: float, region_at: float, england_at: float) -> pl.DataFrame:
    return daily(self=lambda _: self_at, region=lambda _: region_at, england=lambda _: england_at)


def bands(periods=PERIODS) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "label": [period[0] for period in periods],
            "start": [date.fromisoformat(period[1]) for period in periods],
            "end": [period[2] and date.fromisoformat(period[2]) for period in periods],
        },
        schema={"label": pl.String, "start": pl.Date, "end": pl.Date},
    )
