"""Hiding a cell by swaps: further cells chosen together with the proof that they hide it.

In a table of several dimensions one more cell in each sum is not enough: those cells stand in sums
of their own. What hides a cell for certain is a *swap*: in each dimension a partner, and all cells
that combine them. Adding to the cell and to those that differ from it in an even number of
dimensions, and taking the same from those that differ in an odd number, leaves every sum as it is.
Where all of them are withheld and none falls below zero, a reader cannot tell the swapped table
from the true one. The audit does not believe this: it checks every swap by adding up (`proven`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lds.disclosure.structure import Codes, Dimension
from lds.disclosure.system import Flags, Ids, Incidence, Relations, Values

DIMENSIONS = 3
"""Dimensions in which a cell needs a partner from which on swaps are looked for: in two, cells that
are chosen sum by sum fit together."""
FEW = 3
"""Partners of what is left of a whole that are tried."""
CANDIDATES = 8
"""Partners that are tried in each dimension, the cheapest first."""


@dataclass(frozen=True, kw_only=True)
class Swaps:
    """Changes of the table, one after another.

    Attributes
    ----------
    swap : the number of the change of each entry.
    cell, change : a cell, and by how much it changes.
    """

    swap: Ids
    cell: Ids
    change: Values


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A system as swaps are looked for in it."""

    codes: Codes
    strides: Ids
    keys: Ids
    order: Ids
    relations: Relations
    of: Incidence
    rest: Flags

    def at(self, keys: Ids) -> Ids:
        """Return the cell with each key, -1 where there is none."""
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        return np.where(self.keys[place] == keys, self.order[place], -1)


def find_swaps(
    dimensions: Sequence[Dimension],
    codes: Codes,
    relations: Relations,
    value: Values,
    price: Values,
    rise: Values,
    primary: Flags,
    free: Flags,
    rest: Flags,
) -> tuple[Flags, Ids, Swaps]:
    """Find swaps for cells that stand in sums of several dimensions.

    Parameters
    ----------
    value, price : of each cell; a cell of infinite price cannot be withheld.
    rise : per cell by how much it must be able to rise.
    primary : cells to hide.
    free : cells that are never published.
    rest : what is left of wholes.

    Returns
    -------
    Cells to withhold; per cell the one that it is withheld for, -1 for none; and the swaps.
    """
    sizes = [dimension.size for dimension in dimensions]
    strides = np.cumprod([1, *sizes[:-1]]).astype(np.int64)
    keys = codes.astype(np.int64) @ strides
    order = np.argsort(keys, kind="stable")
    table = _Table(
        codes=codes,
        strides=strides,
        keys=keys[order],
        order=order,
        relations=relations,
        of=Incidence(relations.member, len(value)),
        rest=rest,
    )
    hidden = primary | free
    cause = np.full(len(value), -1, dtype=np.int64)
    done = np.zeros(len(value), dtype=bool)
    found: list[tuple[Ids, Values]] = []
    cost = np.where(hidden, 0.0, price)
    for cell in np.flatnonzero(primary).tolist():
        if done[cell]:
            continue
        amount = float(rise[cell])
        swap = _best_swap(table, cell, amount, value, cost)
        if swap is None:
            continue
        cells, signs = swap
        fresh = cells[~hidden[cells]]
        # What is withheld for the cell must be able to move as far as it must itself.
        if (rise[fresh] > amount + 1e-9).any():
            continue
        hidden[fresh] = True
        cost[fresh] = 0.0
        cause[fresh] = cell
        done[cells[rise[cells] <= amount]] = True
        found.append((cells, signs * amount))
    swaps = Swaps(
        swap=np.repeat(np.arange(len(found)), [len(cells) for cells, _ in found]),
        cell=np.concatenate([np.zeros(0, np.int64), *(cells for cells, _ in found)]),
        change=np.concatenate([np.zeros(0), *(change for _, change in found)]),
    )
    return hidden & ~primary & ~free, cause, swaps


def _best_swap(
    table: _Table, cell: int, amount: float, value: Values, cost: Values
) -> tuple[Ids, Values] | None:
    """Return the cells of a swap in which a cell rises, with signs; None where none was found.

    What is left of a whole stands in one sum only. Its partner there stands in others, and looks
    for its own partners in these.
    """
    if not table.rest[cell]:
        return _swap(table, cell, 1.0, amount, value, cost, None)
    entries, _ = table.of.entries(np.array([cell]))
    if len(entries) != 1:
        return None
    members = _parts(table.relations, int(table.relations.of_entries(entries)[0]))
    partners = _partners(members, cell, amount, value, cost)[:FEW]
    partners = partners[~table.rest[partners]]
    found = [_swap(table, int(partner), -1.0, amount, value, cost, cell) for partner in partners]
    priced = [(float(cost[swap[0]].sum()), place) for place, swap in enumerate(found) if swap]
    return found[min(priced)[1]] if priced else None


def _parts(relations: Relations, relation: int) -> Ids:
    return relations.member[relations.start[relation] + 1 : relations.start[relation + 1]]


def _partners(members: Ids, cell: int, amount: float, value: Values, cost: Values) -> Ids:
    """Return the members that can fall by an amount, the cheapest first."""
    fine = members[(members != cell) & (value[members] >= amount) & np.isfinite(cost[members])]
    ordered: Ids = fine[np.lexsort((fine, -value[fine], cost[fine]))]
    return ordered


def _swap(
    table: _Table,
    cell: int,
    sign: float,
    amount: float,
    value: Values,
    cost: Values,
    given: int | None,
) -> tuple[Ids, Values] | None:
    """Return the cells of the cheapest swap found and their signs; None where there is none.

    Parameters
    ----------
    sign : whether the cell rises or falls.
    given : a partner that the swap must have, in the sum that it shares with the cell.
    """
    relations = table.relations
    entries, _ = table.of.entries(np.array([cell]))
    sums = relations.of_entries(entries)
    if (relations.start[sums] == entries).any():
        # A cell that is a whole itself would drag its parts along.
        return None
    together: dict[int, list[int]] = {}
    for relation in sums.tolist():
        together.setdefault(int(relations.dimension[relation]), []).append(relation)
    if len(together) < DIMENSIONS:
        return None
    sides = []
    for place, own in together.items():
        partners, flips = _choices(table, cell, own, sign, amount, value, cost, given)
        if not len(partners):
            return None
        apart = table.codes[partners, place].astype(np.int64) - int(table.codes[cell, place])
        sides.append((len(partners), place, apart * table.strides[place], flips))
    keys = np.array([int(table.codes[cell].astype(np.int64) @ table.strides)])
    signs, cells = np.array([sign]), np.array([cell])
    for _, _, shift, flips in sorted(sides, key=lambda side: (side[0], side[1])):
        corners = table.at((keys[None, :] + shift[:, None]).ravel()).reshape(len(shift), -1)
        at = np.maximum(corners, 0)
        falls = flips[:, None] * signs[None, :] < 0
        fine = ((corners >= 0) & np.isfinite(cost[at]) & (~falls | (value[at] >= amount))).all(1)
        if not fine.any():
            return None
        best = int(np.argmin(np.where(fine, cost[at].sum(axis=1), np.inf)))
        keys = np.concatenate([keys, keys + shift[best]])
        cells = np.concatenate([cells, corners[best]])
        signs = np.concatenate([signs, flips[best] * signs])
    return (cells, signs) if _balances(table, cells, signs) else None


def _choices(
    table: _Table,
    cell: int,
    sums: list[int],
    sign: float,
    amount: float,
    value: Values,
    cost: Values,
    given: int | None,
) -> tuple[Ids, Values]:
    """Return the partners of a cell in one dimension, and -1 for those that go the other way.

    A partner stands in every sum of the dimension that the cell stands in. Where there is one sum,
    its whole may go along instead, if it is no part of another in this dimension.
    """
    relations = table.relations
    members = _parts(relations, sums[0])
    for other in sums[1:]:
        members = np.intersect1d(members, _parts(relations, other))
    if given is not None and given in members:
        return np.array([given]), np.array([-1.0])
    least = amount if sign > 0 else 0.0
    partners = _partners(members, cell, least, value, cost)[:CANDIDATES]
    flips = np.full(len(partners), -1.0)
    whole = int(relations.member[relations.start[sums[0]]])
    entries, _ = table.of.entries(np.array([whole]))
    around = relations.of_entries(entries)
    place = relations.dimension[sums[0]]
    is_part = (relations.start[around] != entries) & (relations.dimension[around] == place)
    if len(sums) == 1 and np.isfinite(cost[whole]) and not is_part.any():
        partners, flips = np.append(partners, whole), np.append(flips, 1.0)
    return partners, flips


def _balances(table: _Table, cells: Ids, signs: Values) -> bool:
    """Tell whether a change leaves every sum as it is."""
    entries, owner = table.of.entries(cells)
    relation = table.relations.of_entries(entries)
    sign = np.where(table.relations.start[relation] == entries, -1.0, 1.0) * signs[owner]
    _, place = np.unique(relation, return_inverse=True)
    return not np.bincount(place, weights=sign).any()


def proven(
    swaps: Swaps, relations: Relations, known: Flags, value: Values, low: Values, high: Values
) -> Flags:
    """Tell which swaps give a table that agrees with everything a reader knows.

    Every sum is added up again: this is the proof, however the swap was found.

    Parameters
    ----------
    known : cells that a reader knows.
    low, high : bounds of the cells that anybody knows.
    """
    count = int(swaps.swap.max(initial=-1)) + 1
    after = value[swaps.cell] + swaps.change
    wrong = known[swaps.cell] | (after < low[swaps.cell]) | (after > high[swaps.cell])
    good: Flags = np.bincount(swaps.swap, weights=wrong, minlength=count) == 0
    of = Incidence(relations.member, len(value))
    entries, owner = of.entries(swaps.cell)
    relation = relations.of_entries(entries)
    sign = np.where(relations.start[relation] == entries, -1.0, 1.0)
    pairs, place = np.unique(np.stack([swaps.swap[owner], relation]), axis=1, return_inverse=True)
    moved = np.bincount(place.ravel(), weights=sign * swaps.change[owner])
    unbalanced = np.abs(moved) > 1e-9 * max(1.0, float(np.abs(swaps.change).max(initial=0)))
    good[pairs[0][unbalanced]] = False
    return good
