"""The dear tiers of the audit: tables that a reader cannot tell from the true one, by HiGHS.

What is looked for is a *witness*: another table that agrees with everything published. Two of them
in which a cell is far enough apart prove that its range is wide enough, whichever way they were
found. Linear programs that push many cells at once find witnesses for most of them; the rest get
programs of their own.

A table of counts holds whole numbers, and a solution of a linear program may not. One that does not
counts only for cells that it takes a whole step further than needed, rounded inward; where that is
too near the limit to say, a program over whole numbers decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from lds.disclosure.system import Flags, Ids, Values

WHOLE = 1e-6
"""Distance from a whole number at which a solution counts as one."""
STEP = 1.0
"""How much further than needed a cell must get in a table that does not hold whole numbers."""
FRUITLESS = 3
"""Pushes in a row that decide nothing new, after which cells get programs of their own."""
PRIMAL = 4
"""HiGHS's number for the primal simplex: the last solution stays feasible when costs change."""
FEASIBLE = 2
"""HiGHS's number for a solution that satisfies everything."""
NODES = 50
"""Steps of a search for whole numbers at most: what it has not found then counts as impossible."""
WHOLE_PROGRAMS = 25
"""Cells of a block that programs over whole numbers decide; further ones count as exposed."""
PROGRAM, INTEGER = 2, 3
"""Tiers, as `lds.disclosure.audit.TIERS` names them."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Unknown cells that sums tie together, and what each must be able to be.

    Attributes
    ----------
    low, high : bounds of each variable.
    truth : the true table, which satisfies everything.
    variable, relation, sign : entries of the sums; total: what each adds up to.
    wanted : variables to decide.
    span : how far apart two possible values of a variable must be.
    reach, down : a value that it must be able to reach from below, and from above (infinite where
        it need not).
    integers : whether every possible table holds whole numbers.
    """

    low: Values
    high: Values
    truth: Values
    variable: Ids
    relation: Ids
    sign: Values
    total: Values
    wanted: Flags
    span: Values
    reach: Values
    down: Values
    integers: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The range found for each variable of a block, whether it is wide enough, and by which
    tier.
    """

    low: Values
    high: Values
    safe: Flags
    tier: npt.NDArray[np.int8]


class _Solver:
    """HiGHS with one block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        program = highspy.HighsLp()
        columns, rows = len(block.truth), len(block.total)
        program.num_col_, program.num_row_ = columns, rows
        program.col_cost_ = np.zeros(columns)
        program.col_lower_, program.col_upper_ = block.low, block.high
        program.row_lower_ = program.row_upper_ = block.total
        order = np.lexsort((block.variable, block.relation))
        counts = np.bincount(block.relation, minlength=rows)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        program.a_matrix_.index_ = block.variable[order].astype(np.int32)
        program.a_matrix_.value_ = block.sign[order]
        self.columns = np.arange(columns, dtype=np.int32)
        self.highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("presolve", "off"),
            ("simplex_strategy", PRIMAL),
        ):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(program)

    def bound(self, low: Values, high: Values) -> None:
        """Set the bounds of all variables."""
        self.highs.changeColsBounds(len(self.columns), self.columns, low, high)

    def most(self, cost: Values) -> Values | None:
        """Return a table in which the cost is as high as possible; None where none was found."""
        self.highs.changeColsCost(len(self.columns), self.columns, -cost)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.asarray(self.highs.getSolution().col_value)


class _WholeSolver(_Solver):
    """HiGHS with one block whose tables hold whole numbers; apart, so that the other one can go on
    from its last solution.
    """

    def __init__(self, block: Block) -> None:
        super().__init__(block)
        count = len(self.columns)
        kind = np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self.highs.changeColsIntegrality(count, self.columns, kind)
        self.highs.setOptionValue("presolve", "choose")
        self.highs.setOptionValue("mip_max_nodes", NODES)

    def at_least(self, cost: Values, enough: float) -> Values | None:
        """Return a table in which the cost is `enough`, or as high as was found.

        None where `NODES` steps found no table at all.
        """
        self.highs.setOptionValue("objective_target", -enough + WHOLE)
        self.highs.changeColsCost(len(self.columns), self.columns, -cost)
        self.highs.run()
        if self.highs.getInfo().primal_solution_status != FEASIBLE:
            return None
        return np.rint(np.asarray(self.highs.getSolution().col_value, dtype=np.float64))


def _are_whole(table: Values) -> bool:
    return bool(np.abs(table - np.rint(table)).max(initial=0) < WHOLE)


class _Search:
    """The state of one block: the range found for each variable so far."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.low, self.high = block.truth.copy(), block.truth.copy()
        self.safe = ~block.wanted | self._wide_enough()
        self.tier = np.zeros(len(block.truth), dtype=np.int8)
        self.whole_left = WHOLE_PROGRAMS
        self._whole: _WholeSolver | None = None

    def whole_solver(self) -> _WholeSolver:
        """Return the solver for whole numbers, which few blocks need."""
        self._whole = self._whole or _WholeSolver(self.block)
        return self._whole

    def _wide_enough(self) -> Flags:
        block = self.block
        return (
            (self.high >= block.reach - WHOLE)
            & (self.low <= block.down + WHOLE)
            & (self.high - self.low >= block.span - WHOLE)
        )

    def asked(self, variable: int, direction: float) -> float:
        """Return how far a variable must go up, or down (as a negative number), to be safe."""
        block = self.block
        if direction > 0:
            enough = max(block.reach[variable], self.low[variable] + block.span[variable])
            return float(enough)
        return -float(min(block.down[variable], self.high[variable] - block.span[variable]))

    def witness(self, table: Values, tier: int) -> int:
        """Take a table into account; return how many variables it decided."""
        if self.block.integers:
            if _are_whole(table):
                table = np.rint(table)
            else:
                above, below = np.floor(table + WHOLE - STEP), np.ceil(table - WHOLE + STEP)
                truth = self.block.truth
                table = np.where(above > truth, above, np.where(below < truth, below, truth))
        self.low, self.high = np.minimum(self.low, table), np.maximum(self.high, table)
        decided = ~self.safe & self._wide_enough()
        self.tier[decided] = tier
        self.safe |= decided
        return int(decided.sum())


def decide(block: Block, *, thorough: bool = True) -> Verdict:
    """Decide for each wanted variable whether its range is wide enough.

    Parameters
    ----------
    thorough : whether variables that pushes did not decide get programs of their own.

    Returns
    -------
    A range that is proven possible for every variable.
    """
    search = _Search(block)
    if not search.safe.all():
        solver = _Solver(block)
        _push(block, search, solver)
        for variable in np.flatnonzero(~search.safe) if thorough else ():
            if not search.safe[variable]:
                _decide_one(search, solver, int(variable))
    return Verdict(low=search.low, high=search.high, safe=search.safe, tier=search.tier)


def _push(block: Block, search: _Search, solver: _Solver) -> None:
    """Push cells that are not decided to where they must be able to go, many at once."""
    step = STEP if block.integers else 0.0
    top = np.maximum(block.reach, block.truth + block.span) + step
    down = np.where(np.isfinite(block.down), block.down, block.truth)
    bottom = np.minimum(block.truth - block.span, down) - step
    solver.bound(
        np.where(block.wanted, np.maximum(block.low, bottom), block.low),
        np.where(block.wanted, np.minimum(block.high, top), block.high),
    )
    random = np.random.default_rng(0)
    fruitless = 0
    upwards = True
    while fruitless < FRUITLESS and not search.safe.all():
        open_ = np.flatnonzero(~search.safe)
        cost = np.zeros(len(block.truth))
        # Few cells of great weight and many of little: where not all of a sum can rise, some do.
        cost[open_] = random.random(len(open_)) ** 4 * (1.0 if upwards else -1.0)
        table = solver.most(cost)
        decided = 0 if table is None else search.witness(table, PROGRAM)
        fruitless = 0 if decided else fruitless + 1
        if not decided or np.isfinite(block.down).any():
            upwards = not upwards


def _decide_one(search: _Search, solver: _Solver, variable: int) -> None:
    """Decide one variable by its extremes, among whole numbers where they are near the limit."""
    block = search.block
    solver.bound(block.low, block.high)
    cost = np.zeros(len(block.truth))
    ends: list[float] = []
    for direction in (1.0, -1.0):
        cost[variable] = direction
        table = solver.most(cost)
        if table is None:
            return
        search.witness(table, PROGRAM)
        if search.safe[variable]:
            return
        ends.append(float(table[variable]))
    high, low = np.floor(ends[0] + WHOLE), np.ceil(ends[1] - WHOLE)
    too_narrow = (
        high < block.reach[variable]
        or low > block.down[variable]
        or high - low < block.span[variable]
    )
    if too_narrow or not block.integers or search.whole_left == 0:
        return
    search.whole_left -= 1
    for direction in (1.0, -1.0):
        cost[variable] = direction
        table = search.whole_solver().at_least(cost, search.asked(variable, direction))
        if table is not None:
            search.witness(table, INTEGER)
        if search.safe[variable]:
            return
