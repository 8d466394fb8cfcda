"""Secondary suppression: which further cells to withhold, so that no withheld cell can be derived.

The method looks at one sum at a time, over and over. In a sum with withheld cells

* a single one is their difference from the rest, so a second must go;
* several can be added up exactly, so that together they must be safe (a count of at least the
  threshold; an amount of enough enterprises, none of which dominates it).

Each sum that fails asks for the cheapest cell that mends it, where the price of a cell is what its
loss costs, and what the sums would cost that it is in and that nothing is withheld from yet; a cell
that mends several sums at once is cheaper for each. Afterwards cells that turned out not to be
needed are given back, dearest first. The order of cells decides ties, so the outcome is the same
every time.

That every sum is safe by itself does not prove that their combinations are: `audit` does, and what
it still can narrow down goes to `repair`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lds.disclosure.system import Flags, Ids, Incidence, Relations, Values

NEVER = np.inf


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What the choice is made from.

    Attributes
    ----------
    relations : the sums.
    value : of each cell.
    n : records or enterprises behind each cell.
    price : what withholding a cell costs; infinite where it cannot be withheld (already public), 0
        for what is left of a whole, which nobody sees anyway.
    least : value that cells withheld from one sum must reach together (counts), per cell.
    least_n : enterprises that cells withheld from one sum must reach together, per cell.
    """

    relations: Relations
    value: Values
    n: Values
    price: Values
    least: Values
    least_n: Values


class _Sums:
    """The state of every sum, for a set of withheld cells."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        relations = problem.relations
        self.member = relations.member
        self.relation = relations.of_member
        self.whole = relations.sign < 0
        self.count = relations.count
        wholes = relations.member[relations.start[:-1]]
        self.least = problem.least[wholes]
        self.least_n = problem.least_n[wholes]

    def added(self, per_entry: npt.NDArray[np.float64], entries: Ids) -> Values:
        """Return the sum over some entries, per relation."""
        added = np.bincount(self.relation[entries], weights=per_entry, minlength=self.count)
        return added.astype(np.float64)

    def counted(self, entries: Ids) -> Ids:
        """Return the number of entries, per relation."""
        return np.bincount(self.relation[entries], minlength=self.count)


@dataclass
class _State:
    """What is withheld, per cell, and how the sums stand."""

    hidden: Flags
    """Not known to a reader: withheld, or never published."""
    kept: Flags
    """Must stay unknown."""


def _standing(sums: _Sums, state: _State) -> tuple[Ids, Ids, Flags, Values, Values]:
    """Return per sum: hidden members, kept members, whether the whole is hidden, and the value and
    n of the hidden parts together.
    """
    entries = np.flatnonzero(state.hidden[sums.member])
    hidden = sums.counted(entries)
    kept = sums.counted(entries[state.kept[sums.member[entries]]])
    whole = np.zeros(sums.count, dtype=bool)
    whole[sums.relation[entries[sums.whole[entries]]]] = True
    parts = entries[~sums.whole[entries]]
    together = sums.added(sums.problem.value[sums.member[parts]], parts)
    n = sums.added(sums.problem.n[sums.member[parts]], parts)
    return hidden, kept, whole, together, n


def _settle(sums: _Sums, state: _State) -> None:
    """Take as known what is left of a whole where it follows from the rest of a sum."""
    while True:
        hidden, kept, _, _, _ = _standing(sums, state)
        single = (hidden == 1) & (kept == 0)
        entries = np.flatnonzero(single[sums.relation] & state.hidden[sums.member])
        if not len(entries):
            return
        state.hidden[sums.member[entries]] = False


def _failing(sums: _Sums, state: _State) -> tuple[Flags, Values, Values]:
    """Return which sums fail, and what value and n they still lack."""
    hidden, kept, whole, together, n = _standing(sums, state)
    concerned = kept > 0
    alone = concerned & (hidden == 1)
    lacks = np.where(concerned & ~whole, np.maximum(sums.least - together, 0), 0)
    lacks_n = np.where(concerned & ~whole, np.maximum(sums.least_n - n, 0), 0)
    return alone | (lacks > 0) | (lacks_n > 0), lacks, lacks_n


def _cheapest_two(sums: _Sums, price: Values) -> tuple[Values, Ids, Values]:
    """Return per sum the price of its cheapest member, that member, and the price of the next."""
    order = np.lexsort((sums.member, price[sums.member], sums.relation))
    start = sums.problem.relations.start
    first = order[start[:-1]]
    second = order[np.minimum(start[:-1] + 1, start[1:] - 1)]
    return price[sums.member[first]], sums.member[first], price[sums.member[second]]


def _ahead(
    sums: _Sums, state: _State, candidates: Ids, cheapest: tuple[Values, Ids, Values], of: Incidence
) -> Values:
    """Return, per candidate, what its other sums would cost that nothing is withheld from yet."""
    touched = np.bincount(sums.relation[state.hidden[sums.member]], minlength=sums.count).astype(
        bool
    )
    entries, owner = of.entries(candidates)
    relation = sums.relation[entries]
    clean = ~touched[relation]
    lowest, who, next_lowest = cheapest
    extra = np.where(who[relation] == candidates[owner], next_lowest[relation], lowest[relation])
    extra = np.where(np.isfinite(extra), extra, 1e9)
    ahead = np.bincount(owner, weights=np.where(clean, extra, 0.0), minlength=len(candidates))
    return ahead.astype(np.float64)


def _choose_round(
    sums: _Sums,
    state: _State,
    failing: Flags,
    lacks: Values,
    lacks_n: Values,
    cheapest: tuple[Values, Ids, Values],
    of: Incidence,
) -> tuple[Ids, Ids]:
    """Return, for each failing sum that can be mended, the cell to withhold and what it is for."""
    problem = sums.problem
    entries = np.flatnonzero(failing[sums.relation])
    cell, relation = sums.member[entries], sums.relation[entries]
    usable = (
        ~state.kept[cell]
        & np.isfinite(problem.price[cell])
        & ((problem.value[cell] > 0) | sums.whole[entries])
        # What is hidden and not kept lets a sum pass already, unless it is to be kept.
        & ~state.hidden[cell]
    )
    entries, cell, relation = entries[usable], cell[usable], relation[usable]
    enough = sums.whole[entries] | (
        (problem.value[cell] >= lacks[relation]) & (problem.n[cell] >= lacks_n[relation])
    )
    candidates, place = np.unique(cell, return_inverse=True)
    votes = np.bincount(place, weights=enough, minlength=len(candidates))
    ahead = _ahead(sums, state, candidates, cheapest, of)
    score = (problem.price[candidates] + ahead) / np.maximum(votes, 1)
    # A cell that does not make up what is lacking comes only after those that do.
    rank = np.lexsort((cell, -problem.value[cell] * ~enough, score[place], ~enough, relation))
    mended, first = np.unique(relation[rank], return_index=True)
    return cell[rank[first]], mended


def choose(problem: Problem, primary: Flags, free: Flags) -> tuple[Flags, Ids]:
    """Choose the cells to withhold beside those that are unsafe by themselves.

    Parameters
    ----------
    primary : cells that must be withheld.
    free : cells that are never published: what is left of a whole.

    Returns
    -------
    Which cells stay unknown to a reader and must (primary, secondary, and what is left of a whole
    where another rests on it); and per cell the one that it is withheld for, -1 for none.
    """
    sums = _Sums(problem)
    of = Incidence(sums.member, len(problem.value))
    state = _State(hidden=primary | free, kept=primary.copy())
    cause = np.full(len(problem.value), -1, dtype=np.int64)
    cheapest = _cheapest_two(sums, np.where(problem.value > 0, problem.price, NEVER))
    stuck = np.zeros(sums.count, dtype=bool)
    while True:
        _settle(sums, state)
        failing, lacks, lacks_n = _failing(sums, state)
        failing &= ~stuck
        if not failing.any():
            break
        chosen, mended = _choose_round(sums, state, failing, lacks, lacks_n, cheapest, of)
        done = np.zeros(sums.count, dtype=bool)
        done[mended] = True
        stuck |= failing & ~done
        _note_cause(sums, state, chosen, mended, cause)
        state.hidden[chosen] = True
        state.kept[chosen] = True
    _give_back(sums, state, primary, of)
    cause[~state.kept | primary] = -1
    return state.kept, cause


def _note_cause(sums: _Sums, state: _State, chosen: Ids, mended: Ids, cause: Ids) -> None:
    """Note for each chosen cell the first cell of the sum that it was chosen for."""
    kept = np.flatnonzero(state.kept[sums.member])
    first = np.full(sums.count, -1, dtype=np.int64)
    first[sums.relation[kept[::-1]]] = sums.member[kept[::-1]]
    fresh = cause[chosen] < 0
    cause[chosen[fresh]] = first[mended[fresh]]


def _give_back(sums: _Sums, state: _State, primary: Flags, of: Incidence) -> None:
    """Publish chosen cells again that no sum needs, the dearest first, not two of a sum at once."""
    problem = sums.problem
    order = np.lexsort((np.arange(len(problem.price)), problem.price))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    while True:
        spare = np.flatnonzero(state.kept & ~primary)
        if not len(spare):
            return
        hidden, _, whole, together, n = _standing(sums, state)
        entries, owner = of.entries(spare)
        relation, is_whole = sums.relation[entries], sums.whole[entries]
        cell = spare[owner]
        left = hidden[relation] - 1
        part = ~is_whole
        together_then = together[relation] - np.where(part, problem.value[cell], 0)
        n_then = n[relation] - np.where(part, problem.n[cell], 0)
        whole_then = whole[relation] & part
        fine = (left == 0) | (
            (left >= 2)
            & (
                whole_then
                | ((together_then >= sums.least[relation]) & (n_then >= sums.least_n[relation]))
            )
        )
        possible = np.bincount(owner, weights=~fine, minlength=len(spare)) == 0
        if not possible.any():
            return
        best = np.full(sums.count, -1, dtype=np.int64)
        mine = possible[owner]
        np.maximum.at(best, relation[mine], rank[cell[mine]])
        beaten = mine & (best[relation] > rank[cell])
        chosen = possible & (np.bincount(owner, weights=beaten, minlength=len(spare)) == 0)
        state.kept[spare[chosen]] = False
        state.hidden[spare[chosen]] = problem.price[spare[chosen]] == 0
