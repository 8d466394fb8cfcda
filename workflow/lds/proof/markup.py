"""A page in pieces: every text, attribute, comment, style and script, each with its place."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_RAW = ("style", "script")
_DIGIT = re.compile(r"\d")


class Piece(NamedTuple):
    """One piece of a page.

    Attributes
    ----------
    kind : ``text``, ``attribute``, ``element``, ``comment``, ``style``, ``script`` or
        ``declaration``.
    element : name of the element that it belongs to.
    name : of the attribute.
    text : the content, without escapes; for an ``element`` nothing.
    inside : the nearest id around it.
    line : of the page, from 1.
    """

    kind: str
    element: str
    name: str
    text: str
    inside: str
    line: int

    @property
    def content(self) -> tuple[str, str, str, str]:
        """What makes two pieces the same, wherever they stand."""
        return (self.kind, self.element, self.name, self.text)

    @property
    def place(self) -> str:
        """The place in words."""
        element = masked(self.element)
        what = {
            "text": f"text of <{element}>",
            "attribute": f"attribute {masked(self.name)} of <{element}>",
            "element": f"element <{element}>",
            "style": "style sheet",
            "script": "script",
        }.get(self.kind, self.kind)
        near = f" inside #{masked(self.inside)}" if self.inside else ""
        return f"{what}{near}, line {self.line}"


def masked(name: str) -> str:
    """Return a name that was found without its digits, which may be what must not be told."""
    return _DIGIT.sub("?", name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._open: list[tuple[str, str]] = [("", "")]

    def _add(self, kind: str, text: str, element: str = "", name: str = "") -> None:
        inside = self._open[-1][1]
        self.pieces.append(Piece(kind, element, name, text, inside, self.getpos()[0]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = next((value for name, value in attrs if name == "id" and value), None)
        self._open.append((tag, own or self._open[-1][1]))
        self._add("element", "", tag)
        for name, value in attrs:
            self._add("attribute", value or "", tag, name)
        if tag in _VOID:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        element = self._open[-1][0]
        kind = element if element in _RAW else "text"
        if data.strip():
            self._add(kind, data if kind in _RAW else " ".join(data.split()), element)

    def handle_comment(self, data: str) -> None:
        self._add("comment", data)

    def handle_decl(self, decl: str) -> None:
        self._add("declaration", decl)

    def handle_pi(self, data: str) -> None:
        self._add("declaration", data)

    def unknown_decl(self, data: str) -> None:
        self._add("declaration", data)


def pieces(markup: str) -> list[Piece]:
    """Return every piece of a page or drawing in its order; white space in text is normalised."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.pieces
