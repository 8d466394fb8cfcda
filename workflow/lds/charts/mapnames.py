"""Names on a map: inside their areas where they fit, else a letter there and the name in a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from lds.charts.layout import Box
from lds.charts.outlines import Outline
from lds.charts.text import lines_width, text_width
from lds.charts.theme import palette

_LETTERS = "ABCDEFGHJKMNPQRSTUVWYZ"
"""For names that do not fit; without those that read as a level or a mark."""
_LINES = 3
_PAD = 3.5
_TALL = 0.75
"""Height of a capital, in text sizes."""


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text around their middle, pixels from the top left of the map; ours is `own`."""

    lines: list[str]
    x: float
    y: float
    own: bool

    @property
    def box(self) -> Box:
        """The room that the text takes."""
        look = palette().font
        half = lines_width(self.lines, look.size, bold=self.own) / 2
        tall = ((len(self.lines) - 1) * look.line_height + _TALL * look.size) / 2 + 1
        return Box(self.x - half, self.y - tall, self.x + half, self.y + tall)


@dataclass(frozen=True, slots=True)
class Listed:
    """A name below the map; `letter` is empty where the area has no room for one."""

    letter: str
    name: str
    own: bool


def place_names(
    outlines: Mapping[str, Outline], names: Mapping[str, str], highlight: str | None, ratio: float
) -> tuple[list[Label], list[Listed]]:
    """Return the texts on the map and the names below it, in the order of the alphabet.

    Parameters
    ----------
    outlines
        of the areas by code.
    names
        of the areas by code.
    highlight
        code of this area, set in bold; None where the areas together are it.
    ratio
        how much larger than the outlines the map is.
    """
    order = sorted(outlines, key=lambda code: (names[code], code))
    whole: dict[str, Label] = {}
    for code in order:
        own = code == highlight
        lines, place = _fitting(outlines[code], names[code], ratio, bold=own)
        if place is not None:
            whole[code] = Label(lines, place[0] * ratio, place[1] * ratio, own)
    labels = list(whole.values())
    listed: list[Listed] = []
    letters = iter([*_LETTERS, *("".join(pair) for pair in product(_LETTERS, repeat=2))])
    for code in order:
        if code in whole:
            continue
        own = code == highlight
        # A very small area: over its edge rather than nowhere, but never over another text.
        place = letter_place(outlines[code], ratio) or outlines[code].place(0, 0)
        letter = ""
        if place is not None:
            label = Label([_LETTERS[0]], place[0] * ratio, place[1] * ratio, own)
            if not any(label.box.touches(other.box, 1) for other in labels):
                letter = next(letters)
                labels.append(Label([letter], label.x, label.y, own))
        listed.append(Listed(letter, names[code], own))
    return labels, listed


def _fitting(
    outline: Outline, name: str, ratio: float, *, bold: bool
) -> tuple[list[str], tuple[float, float] | None]:
    """Return `name` in as few lines as fit the outline on the map, and their middle."""
    look = palette().font
    words = name.split()
    for count in range(1, min(_LINES, len(words)) + 1):
        lines = min(
            (
                [" ".join(words[start:end]) for start, end in pairwise([0, *cuts, len(words)])]
                for cuts in combinations(range(1, len(words)), count - 1)
            ),
            key=lambda lines: lines_width(lines, look.size, bold=bold),
        )
        wide = lines_width(lines, look.size, bold=bold) + 2 * _PAD
        tall = (count - 1) * look.line_height + _TALL * look.size + 2 * _PAD
        place = outline.place(wide / ratio, tall / ratio)
        if place is not None:
            return lines, place
    return [], None


def letter_place(outline: Outline, ratio: float = 1.0) -> tuple[float, float] | None:
    """Return the middle of a letter inside the outline, clear of its edge if there is room."""
    size = palette().font.size
    wide, tall = text_width("0", size), _TALL * size
    for pad in (_PAD, 1.0):
        place = outline.place((wide + 2 * pad) / ratio, (tall + 2 * pad) / ratio)
        if place is not None:
            return place
    return None
