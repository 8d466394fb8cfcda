"""A drawing as marks: what stands where, by the layer that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from xml.parsers import expat

from lds.proof.markup import masked

Point = tuple[float, float]

_TRANSLATE = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)(?: scale\(([\d.]+)\))?")
_PATH = re.compile(r"[a-zA-Z]|-?(?:\d+\.?\d*|\.\d+)")
_STEP = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_STEPS = re.compile(r"(?:m[\d., -]+z?)+")
_ARGUMENTS = {"m": 2, "l": 2, "h": 1, "v": 1, "a": 7, "z": 0}
_TEXTS = ("text", "tspan")


@dataclass
class Mark:
    """One element of a drawing.

    Attributes
    ----------
    layer : class of the group that it belongs to.
    tag : name of the element.
    x, y : where its own coordinates begin; of a text where it stands.
    fill : its fill, or that of the group around it.
    attributes : as they are written.
    text : its words.
    """

    layer: str
    tag: str
    x: float
    y: float
    fill: str
    attributes: dict[str, str]
    text: str = ""

    @cached_property
    def outlines(self) -> list[list[Point]]:
        """The corners of each part of its path."""
        parts = read_path(self.attributes.get("d", ""))
        return [[(x + self.x, y + self.y) for x, y in part] for part in parts]

    @property
    def centres(self) -> list[Point]:
        """The middle of the box around each part of its path."""
        return [middle(part) for part in self.outlines]

    @property
    def ends(self) -> tuple[Point, Point]:
        """The ends of a line."""
        x1, y1, x2, y2 = (float(self.attributes.get(name, 0)) for name in ("x1", "y1", "x2", "y2"))
        return (self.x + x1, self.y + y1), (self.x + x2, self.y + y2)


@dataclass
class Drawing:
    """A drawing.

    Attributes
    ----------
    marks : in their order.
    words : its title and description.
    tags : the names of its elements.
    attributes : all that its attributes say, by their names.
    """

    marks: list[Mark] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Every text with its place."""
        marks = [mark for mark in self.marks if mark.text.strip()]
        return [
            *(("title or description", words) for words in self.words),
            *(
                (f"text {number}, layer {masked(mark.layer)}", mark.text)
                for number, mark in enumerate(marks, 1)
            ),
        ]

    def layer(self, *names: str) -> list[Mark]:
        """Return the marks of these layers."""
        return [mark for mark in self.marks if mark.layer in names]

    @property
    def layers(self) -> set[str]:
        """The names of all layers."""
        return {mark.layer for mark in self.marks}


def middle(points: Iterable[Point]) -> Point:
    """Return the middle of the box around points."""
    across, down = zip(*points, strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def _read_steps(data: str) -> list[list[Point]]:
    """Return the corners of paths of relative straight lines, as `short_path` writes most."""
    starts = data.count("m")
    steps = list(map(float, _STEP.findall(data)))
    if 2 * starts == len(steps):
        # Lone points: each step leads from the one before.
        points = zip(accumulate(steps[::2]), accumulate(steps[1::2]), strict=True)
        return [[point] for point in points]
    parts: list[list[Point]] = []
    x = y = 0.0
    for part in data.split("m")[1:]:
        steps = list(map(float, _STEP.findall(part)))
        across, down = accumulate(steps[::2], initial=x), accumulate(steps[1::2], initial=y)
        corners = list(zip(across, down, strict=True))[1:]
        # A closed part is a lone point.
        x, y = corners[0] if part.endswith("z") else corners[-1]
        parts.append(corners)
    return parts


def read_path(data: str) -> list[list[Point]]:
    """Return the corners of each part of path data; of an arc its ends."""
    if _STEPS.fullmatch(data):
        return _read_steps(data)
    parts: list[list[Point]] = []
    tokens = _PATH.findall(data)
    place, last = 0, len(tokens)
    x = y = 0.0
    command = ""
    while place < last:
        if tokens[place].isalpha():
            command = tokens[place]
            place += 1
        kind = command.lower()
        count = _ARGUMENTS[kind]
        if kind == "z":
            x, y = parts[-1][0]
            continue
        own = [float(token) for token in tokens[place : place + count]]
        place += count
        from_x, from_y = (x, y) if command.islower() else (0.0, 0.0)
        if kind == "h":
            x = from_x + own[0]
        elif kind == "v":
            y = from_y + own[0]
        else:
            x, y = from_x + own[-2], from_y + own[-1]
        if kind == "m":
            parts.append([])
            # Further pairs after a move are lines.
            command = "l" if command == "m" else "L"
        elif not parts:
            raise ValueError("a path that does not begin with a move")
        parts[-1].append((x, y))
    return parts


def read_drawing(svg: str) -> Drawing:
    """Read the marks of a drawing.

    Raises
    ------
    ValueError : it is no XML.
    """
    drawing = Drawing()
    places: list[tuple[float, float, str, str]] = [(0.0, 0.0, "", "")]
    current: list[Mark | None] = []
    path: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        left, top, layer, fill = places[-1]
        moved = _TRANSLATE.match(attributes.get("transform", ""))
        if moved:
            left, top = left + float(moved[1]), top + float(moved[2])
        layer = attributes.get("class", layer)
        fill = attributes.get("fill", fill)
        places.append((left, top, layer, fill))
        drawing.tags.add(tag)
        for name, value in attributes.items():
            drawing.attributes.setdefault(name, set()).add(value)
        path.append(tag)
        mark = None
        if tag not in ("svg", "g", "title", "desc", "defs", "pattern"):
            x, y = left, top
            if tag in _TEXTS:
                x, y = x + float(attributes.get("x", 0)), y + float(attributes.get("y", 0))
            mark = Mark("defs" if "defs" in path else layer, tag, x, y, fill, attributes)
            drawing.marks.append(mark)
        current.append(mark)

    def end(_tag: str) -> None:
        places.pop()
        path.pop()
        current.pop()

    def text(data: str) -> None:
        mark = current[-1]
        if mark is not None:
            mark.text += data
        elif data.strip():
            drawing.words.append(data)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(svg.strip(), True)
    except expat.ExpatError as error:
        raise ValueError("not an SVG") from error
    return drawing


def by_fill(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    """Return marks by their fill, in order."""
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.fill, []).append(mark)
    return found
