"""The cheap tier of the audit: bounds on unknown cells by going through the sums.

In a sum, a member lies between what is left when all others are as large, and as small, as they
can be. Applied over and over from bounds that hold (a count is not negative, a part is not above
its whole), every bound found holds too, whatever the order and whenever one stops: the true range
of a cell lies inside it. So a cell that is too narrow here is too narrow (*refuted*).

The other way round holds only where the sums that share unknown cells form no circle: there every
member of a sum can take its extreme while each other is still completed in its own part of the
tree, independently, so that the bounds are the range itself, among whole numbers too, as every
coefficient is 1 or -1 (the argument for trees of constraints: R. Dechter, Constraint Processing,
2003, ch. 4). Such cells are *decided*; for all others the bounds are an outer limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lds.disclosure.system import Flags, Ids, Relations, Values

SWEEPS = 60
"""Sweeps over all sums at most; bounds hold after any number."""


@dataclass(frozen=True, kw_only=True)
class Unknowns:
    """The sums as a reader sees them: over unknown cells, with all known ones on the other side.

    Attributes
    ----------
    cell : the cells that are unknown, in order; a variable is a place in this list.
    variable, relation, sign : the entries of the sums that remain.
    total : per relation, what its signed unknown members add up to.
    low, high : bounds of each variable before anything is added up.
    block : per variable the number of its block: variables that no chain of sums ties together
        are in different blocks.
    """

    cell: Ids
    variable: Ids
    relation: Ids
    sign: Values
    total: Values
    low: Values
    high: Values
    block: Ids

    @property
    def relations(self) -> int:
        """Number of relations that still have an unknown member."""
        return len(self.total)


def unknowns(
    relations: Relations, known: Flags, value: Values, low: Values, high: Values
) -> Unknowns:
    """Return the sums over what is not known.

    Parameters
    ----------
    known : cells that a reader knows, with `value`; values of other cells are not looked at.
    low, high : what a reader knows of each cell beforehand.
    """
    cell = np.flatnonzero(~known)
    number = np.full(len(known), -1, dtype=np.int64)
    number[cell] = np.arange(len(cell))
    of_member, sign = relations.of_member, relations.sign.astype(np.float64)
    is_known = known[relations.member]
    given = np.bincount(
        of_member[is_known],
        weights=(sign * np.where(is_known, value[relations.member], 0.0))[is_known],
        minlength=relations.count,
    )
    open_entries = np.flatnonzero(~is_known)
    concerned, place = np.unique(of_member[open_entries], return_inverse=True)
    variable = number[relations.member[open_entries]]
    graph = coo_array(
        (
            np.ones(len(variable), dtype=np.int8),
            (variable, len(cell) + place),
        ),
        shape=(len(cell) + len(concerned),) * 2,
    )
    _, component = connected_components(graph, directed=False)
    return Unknowns(
        cell=cell,
        variable=variable,
        relation=place,
        sign=sign[open_entries],
        total=-given[concerned].astype(np.float64),
        low=low[cell],
        high=high[cell],
        block=component[: len(cell)].astype(np.int64),
    )


def without_circles(system: Unknowns) -> Flags:
    """Return per variable whether the sums of its block form no circle."""
    blocks = int(system.block.max(initial=-1)) + 1
    nodes = np.bincount(system.block, minlength=blocks)
    relation_block = np.zeros(system.relations, dtype=np.int64)
    relation_block[system.relation] = system.block[system.variable]
    nodes = nodes + np.bincount(relation_block, minlength=blocks)
    edges = np.bincount(system.block[system.variable], minlength=blocks)
    trees: Flags = edges == nodes - 1
    return trees[system.block]


def propagate(system: Unknowns) -> tuple[Values, Values, bool]:
    """Return bounds of every variable, and whether the last sweep changed nothing."""
    low, high = system.low.copy(), system.high.copy()
    positive = system.sign > 0
    count = system.relations
    for _ in range(SWEEPS):
        # Terms sign * x lie between these two.
        from_ = np.where(positive, low[system.variable], -high[system.variable])
        to = np.where(positive, high[system.variable], -low[system.variable])
        term_low, term_high = _term_bounds(system, from_, to, count)
        new_low = np.where(positive, term_low, -term_high)
        new_high = np.where(positive, term_high, -term_low)
        better_low, better_high = low.copy(), high.copy()
        np.maximum.at(better_low, system.variable, new_low)
        np.minimum.at(better_high, system.variable, new_high)
        moved = np.any(better_low > low + 1e-9) or np.any(better_high < high - 1e-9)
        low, high = better_low, better_high
        if not moved:
            return low, high, True
    return low, high, False


def _term_bounds(system: Unknowns, from_: Values, to: Values, count: int) -> tuple[Values, Values]:
    """Return the bounds of each term, given those of the other terms of its relation."""
    bounds = []
    for side in (to, from_):
        endless = ~np.isfinite(side)
        many = np.bincount(system.relation, weights=endless, minlength=count)
        finite = np.where(endless, 0.0, side)
        together = np.bincount(system.relation, weights=finite, minlength=count)
        others = together[system.relation] - finite
        other_endless = many[system.relation] - endless > 0
        bounds.append(np.where(other_endless, np.nan, system.total[system.relation] - others))
    low = np.where(np.isnan(bounds[0]), -np.inf, bounds[0])
    high = np.where(np.isnan(bounds[1]), np.inf, bounds[1])
    return low, high
