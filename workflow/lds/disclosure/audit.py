"""The audit: how far a reader can narrow down each withheld cell, given everything released.

It knows nothing of how cells were chosen. It takes the sums, what is published, and what a reader
knows beforehand, and goes through three tiers: bounds that are found by adding up (`bounds`),
linear programs (`programs`), and programs over whole numbers where a linear one is borderline. A
withheld cell that can be narrowed down further than the profile allows is *exposed*.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from lds.disclosure.bounds import Unknowns, propagate, unknowns, without_circles
from lds.disclosure.boxes import TURNS, Boxes
from lds.disclosure.programs import PROGRAM, Block, Verdict, decide
from lds.disclosure.system import Flags, Ids, Incidence, Relations, Values

ALONE = 20_000
"""Cells to decide by programs from which on several processes share them."""
LARGE = 1_000
"""Unknown cells from which on a block is searched in boxes."""
TIERS = ("none", "propagation", "program", "integer")
"""Names of the tiers that decide a cell, by number."""
PROPAGATION = 1


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What a reader has, and what must stay uncertain.

    Attributes
    ----------
    relations : the sums.
    known : cells with a published value.
    value : the true values: of known cells what is published, of others the table that a search for
        other tables starts from.
    low, high : bounds that anybody knows: nothing is negative, nobody outside the population.
    protected : cells that must stay uncertain.
    span, reach, down : as in `lds.disclosure.programs.Block`, per cell.
    integers : whether the values are counts.
    """

    relations: Relations
    known: Flags
    value: Values
    low: Values
    high: Values
    protected: Flags
    span: Values
    reach: Values
    down: Values
    integers: bool


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The audit's answer, per cell.

    Attributes
    ----------
    low, high : a range that is proven possible for each protected cell (of an exposed one, a range
        that holds all that is possible); NaN for other cells.
    exposed : protected cells whose range is too narrow.
    tier : the number of the tier that decided (`TIERS`).
    """

    low: Values
    high: Values
    exposed: Flags
    tier: npt.NDArray[np.int8]


def audit(knowledge: Knowledge, boxes: Boxes, workers: int = 2) -> Findings:
    """Find the range of every protected cell.

    A reader's range can only grow when more is withheld, so that cells found safe stay so, and an
    audit after further cells were withheld may leave them out of `protected`.

    Parameters
    ----------
    boxes : small parts of the system, in which large blocks are searched for other tables: outside
        a box everything stays true. A cell that no box shows to be safe counts as exposed.
    workers : programs that are worked on at the same time; the answer does not depend on it.
    """
    cells = len(knowledge.value)
    findings = Findings(
        low=np.full(cells, np.nan),
        high=np.full(cells, np.nan),
        exposed=np.zeros(cells, dtype=bool),
        tier=np.zeros(cells, dtype=np.int8),
    )
    known_too_well = knowledge.protected & knowledge.known
    findings.exposed[known_too_well] = True
    findings.low[known_too_well] = findings.high[known_too_well] = knowledge.value[known_too_well]
    findings.tier[known_too_well] = PROPAGATION
    system = unknowns(
        knowledge.relations, knowledge.known, knowledge.value, knowledge.low, knowledge.high
    )
    if not len(system.cell):
        return findings
    low, high, settled = propagate(system)
    wanted = knowledge.protected[system.cell]
    span, reach, down = (
        each[system.cell] for each in (knowledge.span, knowledge.reach, knowledge.down)
    )
    narrow = (high < reach - 1e-9) | (low > down + 1e-9) | (high - low < span - 1e-9)
    by_bounds = wanted & (narrow | (without_circles(system) & settled))
    _record(findings, system.cell, by_bounds, low, high, narrow, PROPAGATION)
    open_ = wanted & ~by_bounds
    # What nothing shows to be safe is taken to be exposed, with the bounds that hold.
    _record(findings, system.cell, open_, low, high, np.ones(len(open_), dtype=bool), PROGRAM)
    parts = Parts(knowledge, system, low, high)
    large = np.bincount(system.block)[system.block] > LARGE
    _search(findings, system, parts.whole_blocks(open_ & ~large), workers, thorough=True)
    for turn in range(TURNS):
        left = open_ & large & findings.exposed[system.cell]
        if not left.any():
            break
        found = parts.in_boxes(left, boxes, turn)
        _search(findings, system, found, workers, thorough=turn == TURNS - 1)
    return findings


def _search(
    findings: Findings,
    system: Unknowns,
    blocks: Iterator[tuple[Ids, Block]],
    workers: int,
    *,
    thorough: bool,
) -> None:
    """Decide the cells of some blocks, and record those found safe."""
    listed = list(blocks)
    tasks = [(block, thorough) for _, block in listed]
    wanted = sum(int(block.wanted.sum()) for block, _ in tasks)
    verdicts = _decided(tasks, workers if wanted >= ALONE else 1)
    for (variables, block), verdict in zip(listed, verdicts, strict=True):
        cell = system.cell[variables]
        safe = block.wanted & verdict.safe & findings.exposed[cell]
        _record(findings, cell, safe, verdict.low, verdict.high, ~verdict.safe, PROGRAM)
        findings.tier[cell[safe]] = np.maximum(verdict.tier[safe], PROGRAM)


def _decide(task: tuple[Block, bool]) -> Verdict:
    block, thorough = task
    return decide(block, thorough=thorough)


def _decided(tasks: list[tuple[Block, bool]], workers: int) -> Iterator[Verdict]:
    if workers == 1:
        yield from map(_decide, tasks)
        return
    # Polars, which the caller has loaded, does not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_decide, tasks, chunksize=max(1, min(16, len(tasks) // 32)))


def _record(
    findings: Findings,
    cell: Ids,
    which: Flags,
    low: Values,
    high: Values,
    exposed: Flags,
    tier: int,
) -> None:
    at = cell[which]
    findings.low[at], findings.high[at] = low[which], high[which]
    findings.exposed[at] = exposed[which]
    findings.tier[at] = tier


class Parts:
    """Parts of the unknown system as programs: whole blocks, and boxes of large ones."""

    def __init__(self, knowledge: Knowledge, system: Unknowns, low: Values, high: Values) -> None:
        self.knowledge, self.system, self.low, self.high = knowledge, system, low, high
        self.truth = knowledge.value[system.cell]
        self.incidence = Incidence(system.variable, len(system.cell))
        self.number = np.full(len(knowledge.value), -1, dtype=np.int64)
        self.number[system.cell] = np.arange(len(system.cell))

    def whole_blocks(self, wanted: Flags) -> Iterator[tuple[Ids, Block]]:
        """Yield the blocks that hold wanted variables, whole."""
        order = np.argsort(self.system.block, kind="stable")
        count = int(self.system.block.max(initial=-1)) + 1
        start = np.searchsorted(self.system.block[order], np.arange(count + 1))
        for block in np.unique(self.system.block[wanted]):
            yield self._part(order[start[block] : start[block + 1]], wanted)

    def in_boxes(self, wanted: Flags, boxes: Boxes, turn: int) -> Iterator[tuple[Ids, Block]]:
        """Yield the boxes around wanted variables: everything outside stays as it truly is."""
        for _, cells in boxes.around(self.system.cell[wanted], turn):
            inside = self.number[cells]
            yield self._part(inside[inside >= 0], wanted)

    def _part(self, mine: Ids, wanted: Flags) -> tuple[Ids, Block]:
        own, owner = self.incidence.entries(mine)
        sums, relation = np.unique(self.system.relation[own], return_inverse=True)
        truth, cell, sign = self.truth[mine], self.system.cell[mine], self.system.sign[own]
        total = np.bincount(relation, weights=sign * truth[owner], minlength=len(sums))
        return (
            mine,
            Block(
                low=self.low[mine],
                high=self.high[mine],
                truth=truth,
                variable=owner,
                relation=relation,
                sign=sign,
                total=total.astype(np.float64),
                wanted=wanted[mine],
                span=self.knowledge.span[cell],
                reach=self.knowledge.reach[cell],
                down=self.knowledge.down[cell],
                integers=self.knowledge.integers,
            ),
        )
