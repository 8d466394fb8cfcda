"""Choosing and auditing in turn, until nothing that is withheld can be narrowed down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lds.disclosure.audit import Findings, Knowledge, audit
from lds.disclosure.boxes import Boxes
from lds.disclosure.repair import further
from lds.disclosure.secondary import Problem, choose
from lds.disclosure.swaps import Swaps
from lds.disclosure.system import Flags, Ids, Values

ROUNDS = 8
"""Rounds of choosing and auditing at most."""
REPAIRABLE = 2_000
"""Exposed cells for which single further cells are looked for; of more, tables are dropped."""


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """What is withheld, and the proof.

    Attributes
    ----------
    withheld : cells that must stay unknown: unsafe ones and those that protect them.
    cause : the cell for which a cell is withheld that is safe by itself; -1 for none.
    findings : of the audit, for every withheld cell.
    exposed : withheld cells that could not be hidden; what is published must not stay as it is.
    rounds : how often cells were chosen and audited.
    """

    withheld: Flags
    cause: Ids
    findings: Findings
    exposed: Flags
    rounds: int


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What must stay uncertain of each cell, and what anybody knows of it beforehand."""

    low: Values
    high: Values
    span: Values
    reach: Values
    down: Values
    integers: bool


def _knowledge(problem: Problem, needs: Needs, hidden: Flags, protected: Flags) -> Knowledge:
    return Knowledge(
        relations=problem.relations,
        known=~hidden,
        value=problem.value,
        low=needs.low,
        high=needs.high,
        protected=protected,
        span=needs.span,
        reach=needs.reach,
        down=needs.down,
        integers=needs.integers,
    )


def merged(old: Findings | None, new: Findings, which: Flags) -> Findings:
    """Return findings with new ones for some cells."""
    if old is None:
        return new
    return Findings(
        low=np.where(which, new.low, old.low),
        high=np.where(which, new.high, old.high),
        exposed=np.where(which, new.exposed, old.exposed),
        tier=np.where(which, new.tier, old.tier),
    )


def suppress(
    problem: Problem,
    boxes: Boxes,
    needs: Needs,
    primary: Flags,
    free: Flags,
    *,
    swaps: Swaps | None = None,
    start: Flags | None = None,
    workers: int = 2,
) -> Suppression:
    """Withhold what must be, and as little besides as was found, and prove it.

    Parameters
    ----------
    boxes : of the system.
    primary : cells that are unsafe by themselves.
    free : cells that are never published.
    swaps : changes of the table that withheld cells allow, for the audit to check.
    start : further cells that are withheld from the start.

    Returns
    -------
    The outcome; where some cells stay exposed, less must be published.
    """
    fixed = primary.copy() if start is None else primary | start
    cause = np.full(len(primary), -1, dtype=np.int64)
    findings: Findings | None = None
    turn = 0
    while True:
        turn += 1
        kept, reasons = choose(problem, fixed, free)
        cause = np.where((cause < 0) & (reasons >= 0), reasons, cause)
        due = kept if findings is None else kept & ((findings.tier == 0) | findings.exposed)
        hidden = kept | free
        seen = audit(_knowledge(problem, needs, hidden, due), boxes, swaps, workers)
        findings = merged(findings, seen, due)
        exposed = findings.exposed & kept
        cells = np.zeros(0, dtype=np.int64)
        if turn < ROUNDS and 0 < exposed.sum() <= REPAIRABLE:
            rise = np.maximum(needs.reach, problem.value + needs.span) - problem.value
            at = np.flatnonzero(exposed)
            cells, causes, _ = further(problem, boxes, hidden, at, rise, needs.low)
            cause[cells] = np.where(cause[cells] < 0, causes, cause[cells])
        if not len(cells):
            cause[~kept | primary] = -1
            return Suppression(
                withheld=kept, cause=cause, findings=findings, exposed=exposed, rounds=turn
            )
        fixed = kept.copy()
        fixed[cells] = True
