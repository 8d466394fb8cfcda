"""The linear system of everything that is released: cells, and the sums that tie them together.

A cell is one count or amount of one quantity, at one value of each dimension (area, period, age,
...). Every whole is the sum of its parts; where the parts that are tabulated do not make up the
whole, what is left is a cell as well (*rest*), never published, and derivable like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lds.disclosure.structure import Dimension
from lds.errors import DisclosureError

Ids = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
AMOUNT_TOLERANCE = 1e-6
"""Share of a whole by which its parts may miss it and still add up: sums of amounts are not whole
numbers."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of one quantity.

    Attributes
    ----------
    codes : the cell's value of each dimension, cells by dimensions; a code from the number of
        labels on is the rest of a whole.
    value : the count or the amount.
    n : records or enterprises behind it.
    rest : whether the cell is what is left of a whole.
    """

    codes: npt.NDArray[np.int32]
    value: Values
    n: Values
    rest: Flags


@dataclass(frozen=True, kw_only=True)
class Relations:
    """Sums: in each relation the signed values of its members add up to 0.

    Attributes
    ----------
    start : where each relation's members begin, and the end of the last; the whole comes first.
    member : cells.
    dimension : the dimension of each relation (its place in the list).
    """

    start: Ids
    member: Ids
    dimension: npt.NDArray[np.int16]

    @property
    def count(self) -> int:
        """Number of relations."""
        return len(self.start) - 1

    @property
    def of_member(self) -> Ids:
        """The relation of each entry of `member`."""
        return np.repeat(np.arange(self.count), np.diff(self.start))

    def of_entries(self, entries: Ids) -> Ids:
        """Return the relation of some entries of `member`."""
        found: Ids = np.searchsorted(self.start, entries, side="right") - 1
        return found

    @property
    def sign(self) -> npt.NDArray[np.int8]:
        """-1 for the whole of each relation, 1 for its parts."""
        sign = np.ones(len(self.member), dtype=np.int8)
        sign[self.start[:-1]] = -1
        return sign

    def shifted(self, cells: int) -> Relations:
        """Return the same relations for cells that are numbered from `cells` on."""
        return Relations(start=self.start, member=self.member + cells, dimension=self.dimension)


class Incidence:
    """Where cells take part: the entries of each among the members of all relations.

    Parameters
    ----------
    member : the cell of each entry.
    cells : number of cells.
    """

    def __init__(self, member: Ids, cells: int) -> None:
        self.order = np.argsort(member, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(member, minlength=cells))])

    def entries(self, cells: Ids) -> tuple[Ids, Ids]:
        """Return the entries of `cells`, and for each entry the place of its cell in `cells`."""
        sizes = self.start[cells + 1] - self.start[cells]
        owner = np.repeat(np.arange(len(cells)), sizes)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.order[self.start[cells][owner] + within], owner


def joined(parts: Sequence[Relations]) -> Relations:
    """Return relations one after another."""
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.start) for part in parts)])
    return Relations(
        start=np.cumsum(sizes),
        member=np.concatenate([np.zeros(0, np.int64), *(part.member for part in parts)]),
        dimension=np.concatenate([np.zeros(0, np.int16), *(part.dimension for part in parts)]),
    )


class _Builder:
    """Grows a quantity's cells by what is left of each whole, dimension by dimension."""

    def __init__(
        self,
        dimensions: Sequence[Dimension],
        cells: Cells,
        quantity: str,
        *,
        whole: bool,
        all_parts: bool,
    ) -> None:
        self.dimensions = dimensions
        self.all_parts = all_parts
        self.quantity = quantity
        self.integers = whole
        self.codes, self.value, self.n, self.rest = cells.codes, cells.value, cells.n, cells.rest
        sizes = [dimension.size for dimension in dimensions]
        if np.prod([float(size) for size in sizes]) >= 2.0**62:
            raise DisclosureError("A quantity has too many dimensions.", where=quantity)
        self.strides = np.cumprod([1, *sizes[:-1]]).astype(np.int64)
        self.found: list[Relations] = []
        self.key_of = self.codes.astype(np.int64) @ self.strides
        self.order = np.argsort(self.key_of, kind="stable")
        self.keys = self.key_of[self.order]

    def _cell_at(self, keys: Ids) -> Ids:
        """Return the cell with each key, -1 where there is none."""
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        return np.where(self.keys[place] == keys, self.order[place], -1)

    def add(self, place: int) -> None:
        """Add the relations of one dimension, and the rests of its wholes."""
        dimension = self.dimensions[place]
        if not dimension.adds:
            return
        self._add_tree(place, dimension)
        for number, (whole, parts) in enumerate(dimension.covers):
            self._add_cover(place, dimension, 2 * len(dimension.labels) + number, whole, parts)

    def _add_tree(self, place: int, dimension: Dimension) -> None:
        stride = self.strides[place]
        code = self.codes[:, place]
        parent = np.full(len(code), -1, dtype=np.int64)
        open_cells = np.flatnonzero(~self.rest)
        for step in range(dimension.ancestors.shape[1]):
            ancestor = dimension.ancestors[code[open_cells], step].astype(np.int64)
            open_cells, ancestor = open_cells[ancestor >= 0], ancestor[ancestor >= 0]
            if not len(open_cells):
                break
            at = self._cell_at(self.key_of[open_cells] + (ancestor - code[open_cells]) * stride)
            parent[open_cells[at >= 0]] = at[at >= 0]
            open_cells = open_cells[at < 0]
        child = np.flatnonzero(parent >= 0)
        child = child[np.argsort(parent[child], kind="stable")]
        wholes, first = np.unique(parent[child], return_index=True)
        if not len(wholes):
            return
        rest_codes = self.codes[wholes, place] + np.int32(len(dimension.labels))
        together = np.add.reduceat(dimension.weights[self.codes[child, place]], first)
        every = together >= dimension.weights[self.codes[wholes, place]]
        self._close(place, wholes, child, np.append(first, len(child)), rest_codes, every)

    def _add_cover(
        self, place: int, dimension: Dimension, rest_code: int, whole: int, parts: Sequence[int]
    ) -> None:
        stride = self.strides[place]
        wholes = np.flatnonzero((self.codes[:, place] == whole) & ~self.rest)
        base = self.key_of[wholes] - np.int64(whole) * stride
        found = np.stack([self._cell_at(base + np.int64(part) * stride) for part in parts], axis=1)
        counted = (found >= 0).sum(axis=1)
        wholes, found, counted = wholes[counted > 0], found[counted > 0], counted[counted > 0]
        if not len(wholes):
            return
        child = found[found >= 0]
        bounds = np.concatenate([[0], np.cumsum(counted)])
        rest_codes = np.full(len(wholes), rest_code, dtype=np.int32)
        self._close(place, wholes, child, bounds, rest_codes, counted == len(parts))

    def _close(
        self,
        place: int,
        wholes: Ids,
        child: Ids,
        bounds: Ids,
        rest_codes: npt.NDArray[np.int32],
        every: Flags,
    ) -> None:
        """Add the relations of `wholes` with their parts and what is left.

        Nothing is left where `every` part is there and nobody is in none of them. Where parts are
        not there, nobody may be left too, but that is a count like any other.
        """
        left = self.value[wholes] - np.add.reduceat(self.value[child], bounds[:-1])
        left_n = self.n[wholes] - np.add.reduceat(self.n[child], bounds[:-1])
        allowed = 0.0 if self.integers else AMOUNT_TOLERANCE * np.abs(self.value[wholes])
        self._refuse(place, left < -allowed, (left > allowed) & every)
        left = np.maximum(left, 0.0)
        missing = (left > allowed) | ~every
        new = len(self.value) + np.arange(int(missing.sum()))
        codes = self.codes[wholes[missing]].copy()
        codes[:, place] = rest_codes[missing]
        sizes = np.diff(bounds) + 1 + missing
        start = np.concatenate([[0], np.cumsum(sizes)])
        member = np.empty(start[-1], dtype=np.int64)
        is_rest = np.zeros(start[-1], dtype=bool)
        member[start[:-1]] = wholes
        is_rest[start[1:][missing] - 1] = True
        is_part = np.ones(start[-1], dtype=bool)
        is_part[start[:-1]] = False
        is_part[is_rest] = False
        member[is_part] = child
        member[is_rest] = new
        self.found.append(
            Relations(start=start, member=member, dimension=np.full(len(wholes), place, np.int16))
        )
        if len(new):
            self.codes = np.concatenate([self.codes, codes])
            self.value = np.concatenate([self.value, left[missing]])
            behind = left[missing] if self.integers else np.maximum(left_n[missing], 1)
            self.n = np.concatenate([self.n, behind])
            self.rest = np.concatenate([self.rest, np.ones(len(new), dtype=bool)])

    def _refuse(self, place: int, over: Flags, under: Flags) -> None:
        dimension = self.dimensions[place]
        complete = dimension.complete and self.all_parts
        wrong = over | under if complete else over
        if wrong.any():
            raise DisclosureError(
                "A total is not the sum of its parts.",
                where=f"quantity {self.quantity}, {dimension.name}: {int(wrong.sum())} totals"
                f" ({int(over.sum())} below the sum of their parts)",
                remedy="Count the total from the same records as its parts"
                + (
                    ", or say in resources/classifications.yaml that the parts are not complete."
                    if under.any() and complete
                    else "."
                ),
            )


def build(
    quantity: str,
    dimensions: Sequence[Dimension],
    cells: Cells,
    *,
    integers: bool,
    all_parts: bool = False,
) -> tuple[Cells, Relations]:
    """Return the cells of a quantity with what is left of every whole, and all their relations.

    What is left of a whole takes part in that one relation only. How rests add up among each other
    follows from how the cells do that they are made of, so that nothing is lost without it; and two
    rests of the same whole need not have the same parts, as not every part is tabulated everywhere.

    Parameters
    ----------
    integers : whether values are counts, which add up exactly.
    all_parts : whether every part that was counted is among the cells, so that parts of a complete
        dimension must make up their whole.

    Raises
    ------
    DisclosureError : a whole below the sum of its parts, or above it where parts are complete.
    """
    builder = _Builder(dimensions, cells, quantity, whole=integers, all_parts=all_parts)
    for place in range(len(dimensions)):
        builder.add(place)
    grown = Cells(codes=builder.codes, value=builder.value, n=builder.n, rest=builder.rest)
    return grown, joined(builder.found)


def largest_share(value: Values, relations: Relations, dimensions: Sequence[Dimension]) -> Values:
    """Return each cell's largest share of a whole in a dimension of groups; NaN where it has none.

    Parameters
    ----------
    value : of all cells.
    """
    share = np.full(len(value), np.nan)
    groups = np.array([dimension.group for dimension in dimensions], dtype=bool)
    in_groups = groups[relations.dimension] if len(dimensions) else np.zeros(0, dtype=bool)
    entry = in_groups[relations.of_member] & (relations.sign > 0)
    part = relations.member[entry]
    whole = value[relations.member[relations.start[:-1]]][relations.of_member[entry]]
    held = np.divide(value[part], whole, out=np.full(len(part), np.nan), where=whole > 0)
    np.fmax.at(share, part, held)
    return share
