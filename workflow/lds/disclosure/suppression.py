"""Choosing and auditing in turn, until nothing that is withheld can be narrowed down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lds.disclosure.audit import Findings, Knowledge, audit
from lds.disclosure.boxes import Boxes
from lds.disclosure.repair import further
from lds.disclosure.secondary import Problem, choose
from lds.disclosure.system import Flags, Ids, Values
from lds.errors import DisclosureError

ROUNDS = 12
"""Rounds of choosing and auditing at most."""


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """What is withheld, and the proof.

    Attributes
    ----------
    withheld : cells that must stay unknown: unsafe ones and those that protect them.
    cause : the cell for which a cell is withheld that is safe by itself; -1 for none.
    findings : of the audit, for every withheld cell.
    rounds : how often cells were chosen and audited.
    """

    withheld: Flags
    cause: Ids
    findings: Findings
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


def _merged(old: Findings | None, new: Findings, which: Flags) -> Findings:
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
    where: str,
    workers: int = 2,
) -> Suppression:
    """Withhold what must be, and as little besides as was found, and prove it.

    Parameters
    ----------
    boxes : of the system.
    primary : cells that are unsafe by themselves.
    free : cells that are never published.
    where : the quantity, for messages.

    Raises
    ------
    DisclosureError : a withheld cell can be narrowed down and nothing is left to hide it with.
    """
    fixed = primary.copy()
    cause = np.full(len(primary), -1, dtype=np.int64)
    findings: Findings | None = None
    for turn in range(1, ROUNDS + 1):
        kept, reasons = choose(problem, fixed, free)
        cause = np.where((cause < 0) & (reasons >= 0), reasons, cause)
        due = kept if findings is None else kept & ((findings.tier == 0) | findings.exposed)
        hidden = kept | free
        seen = audit(_knowledge(problem, needs, hidden, due), boxes, workers)
        findings = _merged(findings, seen, due)
        exposed = np.flatnonzero(findings.exposed & kept)
        if not len(exposed):
            cause[~kept | primary] = -1
            return Suppression(withheld=kept, cause=cause, findings=findings, rounds=turn)
        rise = np.maximum(needs.reach, problem.value + needs.span) - problem.value
        cells, causes, hopeless = further(problem, boxes, hidden, exposed, rise, needs.low)
        if len(hopeless) or not len(cells):
            break
        cause[cells] = np.where(cause[cells] < 0, causes, cause[cells])
        fixed = kept.copy()
        fixed[cells] = True
    left = int((findings.exposed & kept).sum()) if findings is not None else 0
    raise DisclosureError(
        "Withheld cells can be derived from what is published, and nothing is left to withhold.",
        where=f"{where}: {left} cells",
        remedy="Publish fewer breakdowns or longer periods, or withhold what an earlier release"
        " already shows.",
    )
