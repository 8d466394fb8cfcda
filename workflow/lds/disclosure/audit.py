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
from lds.disclosure.programs import PROGRAM, Block, Verdict, decide
from lds.disclosure.system import Flags, Ids, Relations, Values

ALONE = 20_000
"""Cells to decide by programs from which on several processes share them."""
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


def audit(knowledge: Knowledge, workers: int = 2) -> Findings:
    """Find the range of every protected cell.

    A reader's range can only grow when more is withheld, so that cells found safe stay so, and an
    audit after further cells were withheld may leave them out of `protected`.

    Parameters
    ----------
    workers : blocks that are worked on at the same time; the answer does not depend on it.
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
    left = wanted & ~by_bounds
    blocks = list(_blocks(knowledge, system, low, high, left, (span, reach, down)))
    programs = [block for _, block in blocks]
    verdicts = _decided(programs, workers if left.sum() >= ALONE else 1)
    for (variables, block), verdict in zip(blocks, verdicts, strict=True):
        _take(findings, system.cell[variables], block, verdict)
    return findings


def _decided(programs: list[Block], workers: int) -> Iterator[Verdict]:
    if workers == 1:
        yield from map(decide, programs)
        return
    # Polars, which the caller has loaded, does not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(decide, programs, chunksize=max(1, min(16, len(programs) // 32)))


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


def _take(findings: Findings, cell: Ids, block: Block, verdict: Verdict) -> None:
    which = block.wanted
    _record(findings, cell, which, verdict.low, verdict.high, ~verdict.safe, PROGRAM)
    findings.tier[cell[which]] = np.maximum(verdict.tier[which], PROGRAM)


def _blocks(
    knowledge: Knowledge,
    system: Unknowns,
    low: Values,
    high: Values,
    wanted: Flags,
    needs: tuple[Values, Values, Values],
) -> Iterator[tuple[Ids, Block]]:
    """Yield each block with a cell to decide: its variables, and the program."""
    span, reach, down = needs
    variables = np.argsort(system.block, kind="stable")
    entry_block = system.block[system.variable]
    entries = np.argsort(entry_block, kind="stable")
    count = int(system.block.max()) + 1
    variable_start = np.searchsorted(system.block[variables], np.arange(count + 1))
    entry_start = np.searchsorted(entry_block[entries], np.arange(count + 1))
    number = np.empty(len(system.cell), dtype=np.int64)
    for block in np.unique(system.block[wanted]):
        mine = variables[variable_start[block] : variable_start[block + 1]]
        own = entries[entry_start[block] : entry_start[block + 1]]
        number[mine] = np.arange(len(mine))
        sums, relation = np.unique(system.relation[own], return_inverse=True)
        yield (
            mine,
            Block(
                low=low[mine],
                high=high[mine],
                truth=knowledge.value[system.cell[mine]],
                variable=number[system.variable[own]],
                relation=relation,
                sign=system.sign[own],
                total=system.total[sums],
                wanted=wanted[mine],
                span=span[mine],
                reach=reach[mine],
                down=down[mine],
                integers=knowledge.integers,
            ),
        )
