"""The check that lets an SVG into a page unescaped: our own charts and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from lds.errors import ContractError

ELEMENTS = frozenset(
    {"svg", "g", "defs", "symbol", "use", "path", "rect", "line", "circle", "ellipse"}
    | {"polyline", "polygon", "text", "tspan", "title", "desc", "clipPath", "mask", "marker"}
    | {"pattern", "linearGradient", "radialGradient", "stop", "style"}
)
"""The elements that a chart may hold: shapes and words, nothing that loads or runs."""

_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?(?!['\"]?#)|expression\(|javascript:", re.IGNORECASE)
_SAFE_LINK = re.compile(r"#[^\s]+")


@dataclass
class CheckedSvg:
    """What the page needs to know about a chart."""

    width: int = 0
    ids: list[str] = field(default_factory=list)


@lru_cache(maxsize=64)
def check_svg(svg: str) -> CheckedSvg:
    """Parse a chart; raise `ContractError` for anything but a plain, named, self-contained SVG."""
    result = CheckedSvg()
    path: list[str] = []
    titles: list[str] = []

    def refuse(what: str, value: str) -> ContractError:
        return ContractError(
            f"A chart is not a plain SVG of our own: {what}.",
            where=f"line {parser.CurrentLineNumber} of the SVG",
            values=[value],
            remedy="Correct the chart, or the normaliser that every SVG passes.",
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        if name not in ELEMENTS:
            raise refuse("element not allowed", name)
        if not path:
            if name != "svg" or attributes.get("role") != "img":
                raise refuse('the root must be <svg role="img">', name)
            result.width = _width(attributes.get("viewBox", ""))
            if not result.width:
                raise refuse("the root needs a viewBox", attributes.get("viewBox", ""))
        for key, value in attributes.items():
            _check_attribute(key, value)
        if "id" in attributes:
            result.ids.append(attributes["id"])
        path.append(name)
        if path == ["svg", "title"]:
            titles.append("")

    def _check_attribute(key: str, value: str) -> None:
        if key.lower().startswith("on"):
            raise refuse("attribute that runs code", key)
        if key in ("href", "xlink:href") and not _SAFE_LINK.fullmatch(value):
            raise refuse("link that leaves the chart", value)
        if _OUTSIDE.search(value):
            raise refuse("value that reaches outside", value)

    def end(_name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if path[-1] == "style" and _OUTSIDE.search(data):
            raise refuse("style that reaches outside", data.strip())
        if path == ["svg", "title"]:
            titles[-1] += data

    def forbid(*_ignored: object) -> None:
        raise refuse("comment, instruction or document type", "<! or <?")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.CommentHandler = forbid
    parser.ProcessingInstructionHandler = forbid
    parser.StartDoctypeDeclHandler = forbid
    parser.XmlDeclHandler = forbid
    try:
        parser.Parse(svg.strip(), True)
    except expat.ExpatError as error:
        raise refuse("not well-formed", str(error)) from error
    if not any(title.strip() for title in titles):
        raise refuse("no <title> for those who cannot see it", "")
    return result


def _width(view_box: str) -> int:
    """Return the width of a viewBox in whole units; 0 where it has none."""
    numbers = view_box.replace(",", " ").split()
    try:
        return round(float(numbers[2])) if len(numbers) == 4 else 0
    except ValueError:
        return 0
