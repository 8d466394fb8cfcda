"""A page held against its slice and its shell, without the code that fills the one with the other.

Every drawing must be one of the slice, every embedded file one of its tables, every table cell the
cell at its place. What is left may hold a digit only in a whole string of the slice, in a constant
of the shell or in a word that follows from the slice (dates in words, sizes of files). Elements,
attributes and the style sheet are those of the shell; comments there are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote

from lds.proof.differences import markup_differences, table_differences
from lds.proof.findings import Finding
from lds.proof.markup import Piece, pieces
from lds.text import date_range, long_date

DIGIT = re.compile("[\\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218b\u2460-\u249b]")
"""What can carry a number: digits of any script, also raised, lowered, circled or in fractions."""
_SLOT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_RAW = re.compile(r"\{%-? *(?:end)?raw *-?%\}")
_CUT = "\x00"
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_FILE = re.compile(r'download="([^"]*)" href="data:([^"]*)"')
_FILE_HEAD = "text/csv;charset=utf-8,"
_DRAWING_ID = re.compile(r'aria-labelledby="([^" ]*)-title ')
_ODD_END = re.compile(r"</(?![A-Za-z][A-Za-z0-9]*>)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTENTS = "nav"
"""The element of the list of contents, which no template has: it is made for each page."""


_OF_OWN_FORM = {("data", "text"), ("csv", "text"), ("table", "rows")}
"""Parts of a slice (the key around them, their own) that a page has in another form, or not."""


@dataclass(frozen=True)
class Shell:
    """What a topic's shell brings into every page.

    Attributes
    ----------
    words : its own strings that hold a digit, by the attribute that they stand in; "" is text.
    style : the style sheet.
    script : what its script must be like; None where it has none.
    elements, attributes : the names that it uses.
    """

    words: Mapping[str, frozenset[str]]
    style: str
    script: re.Pattern[str] | None
    elements: frozenset[str]
    attributes: frozenset[str]

    @classmethod
    def of(cls, shell: str) -> Shell:
        """Read a compiled shell."""
        found = pieces(_SLOT.sub(_CUT, _RAW.sub("", shell)))
        words: dict[str, set[str]] = {}
        for piece in found:
            if piece.kind in ("text", "attribute"):
                parts = {part.strip() for part in piece.text.split(_CUT)}
                words.setdefault(piece.name, set()).update(filter(DIGIT.search, parts))
        return cls(
            {name: frozenset(own) for name, own in words.items()},
            next((piece.text for piece in found if piece.kind == "style"), ""),
            next((_pattern(piece.text) for piece in found if piece.kind == "script"), None),
            frozenset(piece.element.rstrip(_CUT) for piece in found if piece.kind == "element")
            | {_CONTENTS},
            frozenset(piece.name.strip(_CUT) for piece in found if piece.kind == "attribute"),
        )


def _pattern(script: str) -> re.Pattern[str]:
    """Return what a script is like whose slots hold a word each."""
    return re.compile(r"\w+".join(map(re.escape, script.split(_CUT))))


def scan_page(
    file: str, page: str, slice: Mapping[str, Any], shell: Shell
) -> tuple[list[Finding], Counter[str]]:
    """Return what a page holds beyond its slice and its shell, and how much was looked at.

    Parameters
    ----------
    file : name of the page below ``results/public``.
    slice : its slice, as of `lds.reports.pages.read_slice`.
    """
    places: list[tuple[str, str, str]] = []
    rest = _cut_drawings(page, slice, places)
    rest = _cut_files(rest, slice, places)
    seen = Counter(drawings=len(slice["figures"]), embedded_files=len(slice["figures"]))
    if _ODD_END.search(rest):
        places.append(("markup", "an end tag that holds more than a name", ""))
    found = pieces(rest)
    cells, loose = _apart(found)
    places += _table_places(cells, slice)
    seen["table_cells"] += sum(len(each) for table in cells.values() for each in table)
    known = _Known(slice, shell.words)
    for piece in loose:
        if piece.kind in ("text", "attribute") and DIGIT.search(piece.text):
            seen["texts_with_a_digit"] += 1
            if not known.explains(piece):
                places.append((piece.place, "a number that the slice does not have", piece.text))
        places += _odd_piece(piece, shell)
    return [Finding(file, *place) for place in places], seen


def odd_markup(found: Iterable[Piece], template: str) -> Iterator[tuple[str, str, str]]:
    """Yield what a page has that its template has not: all but words and numbers."""
    shell = Shell.of(template)
    for piece in found:
        yield from _odd_piece(piece, shell)


def _odd_piece(piece: Piece, shell: Shell) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a piece, whatever its words and numbers are."""
    if piece.kind == "attribute" and piece.name not in shell.attributes:
        yield piece.place, "an attribute that no template has", piece.text
    elif piece.kind == "comment":
        yield piece.place, "pages have no comments", piece.text
    elif piece.kind == "style" and piece.text != shell.style:
        yield piece.place, "not the style sheet of the shell", ""
    elif piece.kind == "script" and not (shell.script and shell.script.fullmatch(piece.text)):
        yield piece.place, "a script that no template has", piece.text
    elif piece.kind == "declaration" and piece.text.lower() != "doctype html":
        yield piece.place, "pages have no other declaration than doctype html", piece.text
    elif piece.kind == "element" and piece.element not in shell.elements:
        yield piece.place, "an element that no template has", ""


def _cut_drawings(page: str, slice: Mapping[str, Any], places: list[tuple[str, str, str]]) -> str:
    """Take the drawings of the slice out of a page; each stands there once."""
    waiting = {name: str(figure["svg"]).strip() for name, figure in slice["figures"].items()}

    def cut(match: re.Match[str]) -> str:
        drawing = match[0]
        named = _DRAWING_ID.search(drawing)
        name = named[1] if named else ""
        if waiting.get(name) == drawing:
            del waiting[name]
        elif name in waiting:
            # An engine that reads the whole page may write the same drawing in other characters.
            for place, what, new in markup_differences(waiting.pop(name), drawing):
                places.append((f"chart {name}: {place}", what, new))
        else:
            places.append(("a drawing", "the slice has no such drawing", ""))
        return ""

    rest = _DRAWING.sub(cut, page)
    places += [(f"chart {name}", "missing on the page", "") for name in waiting]
    return rest


def _cut_files(page: str, slice: Mapping[str, Any], places: list[tuple[str, str, str]]) -> str:
    """Take the embedded files out of a page; each is the table of a figure."""
    waiting = {
        str(each["csv"]["name"]): str(each["csv"]["text"]) for each in slice["figures"].values()
    }

    def cut(match: re.Match[str]) -> str:
        name, address = match[1], match[2]
        text = unquote(address.removeprefix(_FILE_HEAD), errors="strict")
        if name not in waiting or not address.startswith(_FILE_HEAD):
            places.append(("an embedded file", "the slice has no such table", name))
        elif (expected := waiting.pop(name)) != text:
            inner = list(table_differences(expected, text))
            for place, what, new in inner or [("table", "other characters than the slice's", "")]:
                places.append((f"embedded {name}: {place}", what, new))
        return 'download=""'

    rest = _FILE.sub(cut, page)
    places += [(f"embedded {name}", "missing on the page", "") for name in waiting]
    return rest


def _apart(
    found: Iterable[Piece],
) -> tuple[dict[str, list[list[str]]], list[Piece]]:
    """Return the rows of each table by its figure's id, and the pieces outside of their cells."""
    tables: dict[str, list[list[str]]] = {}
    loose: list[Piece] = []
    for piece in found:
        if piece.kind == "element" and piece.element == "tr":
            tables.setdefault(piece.inside, []).append([])
        elif piece.kind == "element" and piece.element in ("th", "td"):
            tables.setdefault(piece.inside, [[]])[-1].append("")
        elif piece.kind == "text" and piece.element in ("th", "td"):
            tables[piece.inside][-1][-1] += piece.text
            continue
        loose.append(piece)
    return tables, loose


def _table_places(
    tables: Mapping[str, list[list[str]]], slice: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Yield the table cells that are not those of the slice."""
    for name, figure in slice["figures"].items():
        table = figure["table"]
        head = [" ".join(column["label"].split()) for column in table["columns"]]
        expected = [head, *([" ".join(cell.split()) for cell in row] for row in table["rows"])]
        rows = tables.get(name, [])
        if rows == expected:
            continue
        for index, row in enumerate(rows):
            if index >= len(expected) or len(row) != len(expected[index]):
                yield f"table {name}, row {index}", "the slice has no such row", " | ".join(row)
                continue
            for column, (old, new) in enumerate(zip(expected[index], row, strict=True), 1):
                if old != new:
                    yield f"table {name}, row {index}, column {column}", "not the slice's cell", new
        if len(rows) < len(expected):
            yield f"table {name}", "rows are missing", ""
    for name in tables.keys() - slice["figures"].keys():
        yield f"table {name or 'outside of figures'}", "the slice has no such table", ""


class _Known:
    """The strings that may stand on the page of one slice."""

    def __init__(self, slice: Mapping[str, Any], words: Mapping[str, frozenset[str]]) -> None:
        strings = {" ".join(text.split()) for text in _strings(slice, "")}
        days = {text for text in strings if _ISO.fullmatch(text)}
        strings |= {long_date(date.fromisoformat(day)) for day in days}
        if slice["period"]:
            start, end = (date.fromisoformat(slice["period"][key]) for key in ("start", "end"))
            strings.add(date_range(start, end))
        for figure in slice["figures"].values():
            name, size = figure["id"], len(figure["csv"]["text"].encode())
            strings |= {name, f"{name}-heading", f"{max(1, round(size / 1000))} KB"}
            # The figure's frame is as wide as its drawing.
            strings.add(f"{figure['svg'].split('viewBox=', 1)[1].split()[2]}px")
        self._whole = {text for text in strings if text}
        self._parts = _longest_first(text for text in self._whole if DIGIT.search(text))
        self._words = {name: _longest_first(own) for name, own in words.items()}

    def explains(self, piece: Piece) -> bool:
        """Whether every digit of a piece stands in a whole known string."""
        if piece.text in self._whole:
            return True
        rest = piece.text
        for part in (*self._words.get(piece.name, ()), *self._parts):
            if part in rest:
                rest = re.sub(rf"(?<![\w.,]){re.escape(part)}(?!\w|[.,]\d)", " ", rest)
        return not DIGIT.search(rest)


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def _strings(value: Any, key: str) -> Iterator[str]:
    """Yield the strings of a slice that a page shows as they are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name != "svg" and (key, name) not in _OF_OWN_FORM:
                yield from _strings(inner, name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner, key)
