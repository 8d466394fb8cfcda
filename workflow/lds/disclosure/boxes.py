"""Small parts of a large system: a few values of each dimension, with the wholes around them.

A change of a table that stays within such a box, and keeps every sum of its members, is a change of
the whole table. So what can move within a box can move; what cannot may still move in a larger one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lds.disclosure.structure import Codes, Dimension
from lds.disclosure.system import Ids

WIDTHS = (6, 4)
"""Values of the first two dimensions (area, period) in a box."""
WIDTH = 12
"""Values of each further dimension in a box."""
GROWTH = (1, 1, 1, 2, 4)
"""How much wider boxes are, turn by turn; every turn divides the values in another way."""
TURNS = len(GROWTH)


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One dimension, for one turn.

    Attributes
    ----------
    chunk : the chunk of each code; that of a whole is the chunk of one of its parts.
    inside : which codes belong to each chunk, wholes included; chunks by codes.
    """

    chunk: Ids
    inside: npt.NDArray[np.bool_]


class Boxes:
    """The boxes of a system.

    Parameters
    ----------
    dimensions : of the system.
    codes : cells by dimensions.
    """

    def __init__(self, dimensions: Sequence[Dimension], codes: Codes) -> None:
        self.codes = codes
        self._sides = [_Sides(each, codes[:, place]) for place, each in enumerate(dimensions)]
        self._first = np.argsort(codes[:, 0], kind="stable")
        self._bounds = np.searchsorted(codes[self._first, 0], np.arange(dimensions[0].size + 1))

    def around(self, cells: Ids, turn: int) -> Iterator[tuple[Ids, Ids]]:
        """Yield boxes that hold all of `cells`: those of them that a box is for, and its cells."""
        sides = [side.of_turn(turn, self._width(place, turn)) for place, side in self._numbered()]
        key = np.zeros(len(cells), dtype=np.int64)
        for place, side in enumerate(sides):
            key = key * len(side.inside) + side.chunk[self.codes[cells, place]]
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        for own in np.split(cells[order], starts[1:]):
            yield own, self._cells(own[0], sides)

    def _numbered(self) -> Iterator[tuple[int, _Sides]]:
        yield from enumerate(self._sides)

    @staticmethod
    def _width(place: int, turn: int) -> int:
        base = WIDTHS[place] if place < len(WIDTHS) else WIDTH
        return base * GROWTH[turn]

    def _cells(self, cell: int, sides: Sequence[_Side]) -> Ids:
        """Return the cells of the box that `cell` is in."""
        rows = [
            side.inside[side.chunk[self.codes[cell, place]]] for place, side in enumerate(sides)
        ]
        found = np.concatenate(
            [
                self._first[self._bounds[code] : self._bounds[code + 1]]
                for code in np.flatnonzero(rows[0]).tolist()
            ]
        )
        for place, row in enumerate(rows[1:], 1):
            found = found[row[self.codes[found, place]]]
        return np.sort(found)


class _Sides:
    """The values of one dimension that cells have, and how they nest."""

    def __init__(self, dimension: Dimension, codes: npt.NDArray[np.int32]) -> None:
        labels = len(dimension.labels)
        self.size = dimension.size
        present = np.unique(codes)
        wholes = [whole for whole, _ in dimension.covers]

        def chain(code: int) -> list[int]:
            if code >= 2 * labels:
                return [wholes[code - 2 * labels], *chain(wholes[code - 2 * labels])]
            if code >= labels:
                return [code - labels, *chain(code - labels)]
            above = dimension.ancestors[code]
            return [int(each) for each in above if each >= 0]

        self.chains = {int(code): chain(int(code)) for code in present}
        for whole, parts in dimension.covers:
            for part in parts:
                if part in self.chains and whole in self.chains and part != whole:
                    self.chains[part] = [*self.chains[part], whole]
        there = set(self.chains)
        above = {each for chain_ in self.chains.values() for each in chain_}
        self.leaves = sorted(
            there - above, key=lambda code: (tuple(reversed(self.chains[code])), code)
        )
        self.below: dict[int, list[int]] = {}
        for leaf in self.leaves:
            for each in self.chains[leaf]:
                self.below.setdefault(each, []).append(leaf)

    def of_turn(self, turn: int, width: int) -> _Side:
        """Return the division into chunks of one turn."""
        leaves = np.array(self.leaves, dtype=np.int64)
        if turn == 1:
            leaves = np.roll(leaves, width // 2)
        elif turn > 1:
            leaves = np.random.default_rng(turn).permutation(leaves)
        number = -(-len(leaves) // width)
        chunk = np.zeros(self.size, dtype=np.int64)
        chunk[leaves] = np.arange(len(leaves)) // width
        for whole, parts in self.below.items():
            chunk[whole] = chunk[parts[turn * 7 % len(parts)]]
        inside = np.zeros((max(number, 1), self.size), dtype=bool)
        for leaf in leaves.tolist():
            inside[chunk[leaf], [leaf, *self.chains[leaf]]] = True
        return _Side(chunk=chunk, inside=inside)
