"""Places in which a number can leak: how to plant one there, and what the proof must name."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from lds.reports.pages import csv_uri

LEAK = "48173"
"""A number that nothing explains."""

Slice = dict[str, Any]
_MISSING = re.compile(",,[cux],")


class OnPage(NamedTuple):
    """A change of a page, and a part of the place that it must be found in."""

    plant: Callable[[str], str]
    place: str


def put(before: str, new: str) -> Callable[[str], str]:
    """Put something before the first of a text."""
    return lambda page: page.replace(before, f"{new}{before}", 1)


def put_behind(before: str, new: str) -> Callable[[str], str]:
    """Put something behind the first of a text."""
    return lambda page: page.replace(before, f"{before}{new}", 1)


def in_table(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """Change the lines of the first embedded table in which a value is missing."""

    def plant(page: str) -> str:
        for match in re.finditer(r'href="(data:text/csv[^"]*)"', page):
            lines = unquote(html.unescape(match[1]).partition(",")[2]).splitlines()
            if any(_MISSING.search(line) for line in lines[1:]):
                made = html.escape(csv_uri("\n".join(change(lines)) + "\n"))
                return page.replace(match[0], f'href="{made}"', 1)
        raise AssertionError("no table with a missing value")

    return plant


def fill_missing(lines: list[str]) -> list[str]:
    """Put a number where a value is withheld or missing."""
    row = next(place for place, line in enumerate(lines) if place and _MISSING.search(line))
    return [*lines[:row], lines[row].replace(",,", f",{LEAK},", 1), *lines[row + 1 :]]


def repeat_row(lines: list[str]) -> list[str]:
    """Add a row with another number."""
    return [*lines, re.sub(r"-?\d+\.\d+", LEAK, lines[-1], count=1)]


def add_column(lines: list[str]) -> list[str]:
    """Add a column of numbers."""
    return [f"{lines[0]},n", *(f"{line},{LEAK}" for line in lines[1:])]


def in_chart(old: str, new: str) -> Callable[[str], str]:
    """Change the first chart of a page, or a chart by itself."""

    def plant(page: str) -> str:
        start, end = page.index("<svg"), page.index("</svg>")
        drawing, times = re.subn(old, new, page[start:end], count=1)
        assert times == 1
        return page[:start] + drawing + page[end:]

    return plant


ON_PAGE = {
    "visible text": OnPage(put('<p class="lede">', f"<p>{LEAK} deaths</p>"), "text of <p>"),
    "cell of a table": OnPage(
        lambda page: page.replace('<td class="mark">', f"<td>{LEAK}", 1), "of <td>"
    ),
    "title": OnPage(put_behind("<main", f' title="{LEAK}"'), "attribute title of <main>"),
    "aria-label": OnPage(
        put_behind('aria-label="Chart: ', f"{LEAK} "), "attribute aria-label of <div>"
    ),
    "data attribute": OnPage(
        put_behind("<main", f' data-n="{LEAK}"'), "attribute data-n of <main>"
    ),
    "attribute without a value": OnPage(put_behind("<main", f" n{LEAK}"), "attribute n????? of"),
    "attribute of an end tag": OnPage(put_behind("</main", f" n={LEAK}"), "whole file"),
    "comment": OnPage(put("<main", f"<!-- {LEAK} -->"), "comment"),
    "instruction": OnPage(put("<main", f"<?n {LEAK}?>"), "declaration"),
    "script": OnPage(put("<main", f"<script>var n = {LEAK};</script>"), "script"),
    "data block": OnPage(
        put("<main", f'<script type="application/json">{{"n": {LEAK}}}</script>'), "script"
    ),
    "element that is not shown": OnPage(put("<main", f"<template>{LEAK}</template>"), "<template>"),
    "style sheet": OnPage(put_behind("<style>", f":root{{--n:{LEAK}}}"), "style sheet"),
    "style attribute": OnPage(put_behind('style="', f"--n:{LEAK};"), "attribute style of <div>"),
    "meta tag": OnPage(put("</head>", f'<meta name="n" content="{LEAK}">'), "of <meta>"),
    "description": OnPage(
        put_behind('<meta name="description" content="', f"{LEAK} "), "attribute content of <meta>"
    ),
    "address": OnPage(put("</head>", f'<link rel="icon" href="data:,{LEAK}">'), "of <link>"),
    "other digits": OnPage(put('<p class="lede">', "<p>\u0664\u0668</p>"), "text of <p>"),
    "table, a missing value": OnPage(in_table(fill_missing), "attribute href of <a>"),
    "table, a further row": OnPage(in_table(repeat_row), "attribute href of <a>"),
    "table, a further column": OnPage(in_table(add_column), "attribute href of <a>"),
    "chart, text": OnPage(in_chart("</text>", f" {LEAK}</text>"), "text of <text>"),
    "chart, tooltip": OnPage(
        in_chart("<line ", f"<line><title>{LEAK}</title></line><line "), "of <title>"
    ),
    "chart, title": OnPage(in_chart("</title>", f" {LEAK}</title>"), "text of <title>"),
    "chart, description": OnPage(in_chart("</desc>", f" {LEAK}</desc>"), "text of <desc>"),
    "chart, attribute": OnPage(
        in_chart("<line ", f'<line data-n="{LEAK}" '), "attribute data-n of"
    ),
    "chart, comment": OnPage(in_chart("<g ", f"<!--{LEAK}--><g "), "comment"),
    "chart, coordinate": OnPage(
        in_chart(r'(class="own"><line transform="translate\()\d+', r"\g<1>9"),
        "attribute transform of <line>",
    ),
}


class InSlice(NamedTuple):
    """A change of a slice, and a part of the place that the scan must name."""

    plant: Callable[[Slice], None]
    place: str


def _table(figure: str, change: Callable[[list[str]], list[str]]) -> Callable[[Slice], None]:
    def plant(slice: Slice) -> None:
        own = slice["figures"][figure]["csv"] if figure else slice["data"]
        own["text"] = "\n".join(change(own["text"].splitlines())) + "\n"

    return plant


def _chart(figure: str, old: str, new: str) -> Callable[[Slice], None]:
    def plant(slice: Slice) -> None:
        own = slice["figures"][figure]
        own["svg"] = in_chart(old, new)(own["svg"])

    return plant


def _words(*keys: str | int) -> Callable[[Slice], None]:
    """Add a number to a string."""

    def plant(slice: Slice) -> None:
        place: Any = slice
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = f"{place[keys[-1]]} {LEAK}"

    return plant


def _swap_measures(lines: list[str]) -> list[str]:
    """Give the value of a row to another of the same day."""
    first, second = lines[1].split(","), lines[2].split(",")
    first[3], second[3] = second[3], first[3]
    return [lines[0], ",".join(first), ",".join(second), *lines[3:]]


def _key(lines: list[str]) -> list[str]:
    return [*lines[:-1], re.sub(r"^\d{4}", "1817", lines[-1])]


IN_SLICE = {
    "missing value": InSlice(_table("trend_parks", fill_missing), "column district_percent"),
    "withheld value, of all rows": InSlice(_table("", fill_missing), "column value"),
    "further row": InSlice(_table("trend_parks", repeat_row), "row 306"),
    "further column": InSlice(_table("trend_parks", add_column), "column n"),
    "value of another measure": InSlice(
        _table("holidays", _swap_measures), "row 2, column district_percent"
    ),
    "key": InSlice(_table("trend_parks", _key), "row 305, column date"),
    "derived value": InSlice(
        _table("standing", lambda lines: [*lines[:-1], lines[-1].replace(",308,", ",307,")]),
        "column rank",
    ),
    "label": InSlice(
        _table(
            "standing",
            lambda lines: [*lines[:-1], re.sub(r",[^,]+", f",{LEAK}", lines[-1], count=1)],
        ),
        "column area_name",
    ),
    "release of a row": InSlice(
        _table("standing", lambda lines: [*lines[:-1], lines[-1].replace("2026.1", LEAK)]),
        "column release",
    ),
    "no table": InSlice(_table("standing", lambda lines: [*lines, "1,2"]), "figures.standing.csv"),
    "summary": InSlice(_words("summary", 0), "summary[0]"),
    "key figure": InSlice(_words("key_figures", 0, "value"), "key_figures[0].value"),
    "section": InSlice(_words("sections", 0, "title"), "sections[0].title"),
    "figure's title": InSlice(_words("figures", "tiers", "title"), "figures.tiers.title"),
    "figure's guide": InSlice(_words("figures", "tiers", "guide"), "figures.tiers.guide"),
    "cell of a table": InSlice(
        _words("figures", "tiers", "table", "rows", 0, 1), "table, row 1, column 2"
    ),
    "head of a table": InSlice(
        _words("figures", "tiers", "table", "columns", 0, "label"), "head of column 1"
    ),
    "method": InSlice(_words("methods", 0, "rows", 0, 1), "methods[0].rows[0][1]"),
    "source": InSlice(_words("sources", 0, "citation"), "sources[0].citation"),
    "area": InSlice(_words("area", "name"), "area.name"),
    "line moved": InSlice(
        _chart("trend_parks", r'(class="england"><path d="m[\d.]+,)\d', r"\g<1>9"), "layer england"
    ),
    "line, a further point": InSlice(
        _chart("trend_parks", r'(class="england"><path d="[^"]+)"', r'\g<1> 1.7,.1"'),
        "layer england",
    ),
    "dot of a missing value": InSlice(
        _chart("trend_parks", r'(class="dots"><path [^>]*d="[^"]+)"', r'\g<1>m1.7,9z"'),
        "layer dots",
    ),
    "tick": InSlice(_chart("trend_parks", r">\+40<", ">+41<"), "axis"),
    "symbol moved": InSlice(
        _chart("holidays", r'(class="dots"><path transform="translate\()\d+', r"\g<1>9"),
        "symbols of self",
    ),
    "printed value": InSlice(
        _chart("holidays", r'(class="values"><text [^>]*>−)\d+', r"\g<1>12"), "layer values"
    ),
    "symbol in a panel": InSlice(
        _chart("periods", r'(class="dots"><path [^>]*d="M)[\d.]+', r"\g<1>9"), "panel"
    ),
    "tick of an area": InSlice(
        _chart("standing", r'(class="shade1"><path d="m)[\d.]+', r"\g<1>1"), "ticks of areas"
    ),
    "own tick": InSlice(
        _chart("standing", r'(class="own"><line transform="translate\()[\d.]+', r"\g<1>9"),
        "layer own",
    ),
    "tile's number": InSlice(
        _chart("weekdays", r'(class="numbers"><text [^>]*>[+−])\d+', r"\g<1>99"), "tiles"
    ),
    "tile's fill": InSlice(
        _chart("weekdays", r'(class="key".*class="tiles"><path fill=")#\w+', r"\g<1>#B2182B"),
        "tiles",
    ),
    "area's fill": InSlice(
        _chart(
            "tier_maps",
            r'(class="areas".*class="areas"><g fill="|.*class="areas"[^>]*><g fill=")#\w+',
            r"\g<1>#FFFFD4",
        ),
        "map 4",
    ),
    "chart's text": InSlice(_chart("tiers", "</text>", f" {LEAK}</text>"), "layer numbers"),
    "tooltip": InSlice(
        _chart("tiers", "<path ", f"<path><title>{LEAK}</title></path><path "), "title or"
    ),
    "attribute of a chart": InSlice(
        _chart("tiers", "<path ", f'<path data-n="{LEAK}" '), "attribute data-n"
    ),
    "class of a chart": InSlice(_chart("tiers", 'class="key"', f'class="n{LEAK}"'), "class"),
    "id of a chart": InSlice(_chart("tiers", "<path ", f'<path id="n{LEAK}" '), "attribute id"),
    "colour": InSlice(_chart("tiers", 'fill="#505A5F"', 'fill="#048173"'), "attribute fill"),
    "element of a chart": InSlice(
        _chart("tiers", "<path ", f"<metadata>{LEAK}</metadata><path "), "elements"
    ),
    "mark in no layer": InSlice(_chart("tiers", r"\Z", '<circle r="4"/>'), "layers"),
    "no chart": InSlice(_chart("tiers", "<g ", "<g"), "figures.tiers.svg"),
}
