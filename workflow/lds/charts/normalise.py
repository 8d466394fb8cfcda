"""One normaliser for every SVG: stable bytes, own ids, own title, no noise of the engine.

The engine numbers its clip paths and gradients per process, so that the same figure differs with
what was drawn before it, and two figures on one page share ids.
"""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree import ElementTree

from lds.charts.theme import palette

SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_FIGURE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STEP = re.compile(r"([MLZ])(?:(-?[\d.]+),(-?[\d.]+))?")
_STRAIGHT = re.compile(r"[MLZ\d.,-]*")
_ROUNDED = frozenset(
    {"d", "dx", "dy", "height", "points", "transform", "width", "x", "x1", "x2", "y", "y1", "y2"}
)
_NOISE = frozenset({"role", "pointer-events", "id", "class"})
_DEFAULTS = {
    ("opacity", "1"),
    ("text-anchor", "start"),
    ("transform", "translate(0,0)"),
    ("x2", "0"),
    ("y2", "0"),
}
_MARKS = "_marks"

ElementTree.register_namespace("", SVG)


def normalise(raw: str, *, figure_id: str, title: str, description: str) -> str:
    """Turn an SVG of the engine into one line of ours.

    * every id is `figure_id` + ``-ref`` + its rank in the document, references follow;
    * ``viewBox`` without ``width`` and ``height``, class ``chart``;
    * ``role="img"`` named by our own ``<title>`` and ``<desc>``; no other ARIA;
    * coordinates with one decimal; typeface and text size said once, at the root;
    * a named layer keeps its name as class, wrappers that say nothing are gone.

    Parameters
    ----------
    raw
        SVG text as the engine wrote it.
    figure_id
        id of the figure, unique on its page: a letter, then letters, digits, - and _.
    title, description
        what the figure shows, as plain text (escaped here).
    """
    if not _FIGURE_ID.fullmatch(figure_id):
        raise ValueError(f"not a figure id: {figure_id!r}")
    source = ElementTree.fromstring(raw)
    names = _new_ids(source, figure_id)
    root = ElementTree.Element(
        f"{{{SVG}}}svg",
        {
            "class": "chart",
            "viewBox": source.attrib["viewBox"],
            "role": "img",
            "aria-labelledby": f"{figure_id}-title {figure_id}-desc",
            "font-family": palette().font.family,
            "font-size": f"{palette().font.size}px",
        },
    )
    for tag, text in (("title", title), ("desc", description)):
        ElementTree.SubElement(
            root, f"{{{SVG}}}{tag}", {"id": f"{figure_id}-{tag}"}
        ).text = " ".join(text.split())
    inherited = {(name, root.attrib[name]) for name in ("font-family", "font-size")}
    for child in source:
        root.extend(_clean(child, names, _DEFAULTS | inherited))
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True).replace(
        " />", "/>"
    )


def _new_ids(source: ElementTree.Element, figure_id: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for element in source.iter():
        old = element.get("id")
        if old is not None:
            if old in names:
                raise ValueError(f"figure {figure_id}: id {old!r} stands twice in the drawing")
            names[old] = f"{figure_id}-ref{len(names) + 1}"
    return names


def _clean(
    element: ElementTree.Element, names: dict[str, str], defaults: set[tuple[str, str]]
) -> list[ElementTree.Element]:
    """Return what is left of `element`: nothing, itself, or the children of a bare wrapper."""
    given = element.attrib
    classes = given.get("class", "").split()
    if given.get("display") == "none" or (
        "background" in classes and not given.keys() & {"fill", "stroke"}
    ):
        return []
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name in _NOISE or name.startswith("aria-"):
            continue
        if name == _XLINK_HREF or name == "href":
            kept["href"] = f"#{names[value[1:]]}" if value.startswith("#") else value
            continue
        text = _attribute(name, value)
        if (name, text) not in defaults:
            kept[name] = _REFERENCE.sub(lambda found: f"url(#{names[found[1]]})", text)
    if "id" in given:
        kept["id"] = names[given["id"]]
    layer = next((name for name in classes if name.endswith(_MARKS)), None)
    if layer is not None:
        kept["class"] = layer.removesuffix(_MARKS)
    children = [left for child in element for left in _clean(child, names, defaults)]
    if element.tag == f"{{{SVG}}}g":
        if not children:
            return []
        if not kept:
            return children
    copy = ElementTree.Element(element.tag, kept)
    copy.text = element.text if element.text and element.text.strip() else None
    copy.extend(children)
    return [copy]


def _attribute(name: str, value: str) -> str:
    if name == "d":
        return short_path(value)
    if name in _ROUNDED and not value.endswith("%"):
        return _NUMBER.sub(lambda found: _tenths(_to_tenths(found[0])), value)
    return value


def short_path(path: str) -> str:
    """Write path data with one decimal; a path of straight lines in relative steps.

    Steps are differences of rounded positions, so rounding does not add up along the line. They
    take half the bytes of positions. A lone point (``Mx,yZ``) stays one: it is a dot.
    """
    if not _STRAIGHT.fullmatch(path):
        return _NUMBER.sub(lambda found: _tenths(_to_tenths(found[0])), path)
    out: list[str] = []
    append = out.append
    x, y, begun, last = 0, 0, (0, 0), ""
    for letter, left, top in _STEP.findall(path):
        if letter == "Z":
            append("z")
            x, y = begun
        else:
            new_x, new_y = round(float(left) * 10), round(float(top) * 10)
            across, down = _tenths(new_x - x), _tenths(new_y - y)
            x, y = new_x, new_y
            if letter == "M":
                # Lower case also at the start: pairs after "M" would be positions, not steps.
                out.append("m")
                begun = (x, y)
            elif last == "Z":
                out.append("l")
            elif across[0] != "-":
                # After "m" or "l" a further pair is a line without a letter.
                out.append(" ")
            out += (across, down) if down[0] == "-" else (across, ",", down)
        last = letter
    return "".join(out)


def _to_tenths(number: str) -> int:
    return round(float(number) * 10)


@lru_cache(maxsize=8192)
def _tenths(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), 10)
    digits = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{digits}" if tenths < 0 else digits
