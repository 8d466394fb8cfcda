"""What to withhold besides where the audit could still narrow a cell down.

For each exposed cell a linear program looks for the cheapest change of the table in which the cell
moves as far as it must and every sum still holds; cells that are withheld already move for nothing.
What else moves is to be withheld too: then a reader cannot tell the changed table from the true one
(J. P. Kelly, B. L. Golden and A. A. Assad, Cell suppression: disclosure protection for sensitive
tabular data, Networks 22, 1992).
"""

from __future__ import annotations

import highspy
import numpy as np

from lds.disclosure.secondary import Problem
from lds.disclosure.system import Flags, Ids, Relations, Values

LEAST_MOVE = 1e-6
DISTANT = 4
"""How many steps from sum to sum a change may spread, before the whole block is allowed."""


class _Around:
    """The cells and sums around some cells, as a linear program over changes of the table."""

    def __init__(
        self, problem: Problem, hidden: Flags, cells: Ids, low: Values, steps: int
    ) -> None:
        relations = problem.relations
        inside = np.zeros(len(problem.value), dtype=bool)
        inside[cells] = True
        of_member = relations.of_member
        for _ in range(steps):
            touched = np.zeros(relations.count, dtype=bool)
            touched[of_member[inside[relations.member]]] = True
            inside[relations.member[touched[of_member]]] = True
        movable = inside & (hidden | np.isfinite(problem.price))
        self.cells = np.flatnonzero(movable)
        number = np.full(len(inside), -1, dtype=np.int64)
        number[self.cells] = np.arange(len(self.cells))
        entries = np.flatnonzero(movable[relations.member])
        _, row = np.unique(of_member[entries], return_inverse=True)
        self._load(problem, hidden, low, number[relations.member[entries]], row, relations, entries)

    def _load(
        self,
        problem: Problem,
        hidden: Flags,
        low: Values,
        column: Ids,
        row: Ids,
        relations: Relations,
        entries: Ids,
    ) -> None:
        count = len(self.cells)
        rows = int(row.max(initial=-1)) + 1
        sign = relations.sign[entries].astype(np.float64)
        order = np.lexsort((column, row))
        # Every cell has two columns: how much it rises, and how much it falls.
        index = np.stack([column[order], column[order] + count], axis=1).ravel()
        value = np.stack([sign[order], -sign[order]], axis=1).ravel()
        price = np.where(hidden[self.cells], 0.0, problem.price[self.cells])
        self.room = np.maximum(problem.value[self.cells] - low[self.cells], 0)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = 2 * count, rows
        program.col_cost_ = np.concatenate([price, price])
        program.col_lower_ = np.zeros(2 * count)
        program.col_upper_ = np.concatenate([np.full(count, highspy.kHighsInf), self.room])
        program.row_lower_ = program.row_upper_ = np.zeros(rows)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        counts = 2 * np.bincount(row, minlength=rows)
        program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        program.a_matrix_.index_ = index.astype(np.int32)
        program.a_matrix_.value_ = value
        self.highs = highspy.Highs()
        for option, setting in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
            self.highs.setOptionValue(option, setting)
        self.highs.passModel(program)

    def move(self, cell: int, rise: float) -> Ids | None:
        """Return the cells of the cheapest change in which `cell` rises so far; None if none."""
        place = int(np.searchsorted(self.cells, cell))
        count = len(self.cells)
        self.highs.changeColBounds(place, rise, highspy.kHighsInf)
        self.highs.changeColBounds(place + count, 0.0, 0.0)
        self.highs.run()
        found = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        moved = np.asarray(self.highs.getSolution().col_value) if found else np.zeros(2 * count)
        self.highs.changeColBounds(place, 0.0, highspy.kHighsInf)
        self.highs.changeColBounds(place + count, 0.0, float(self.room[place]))
        if not found:
            return None
        change = moved[:count] - moved[count:]
        return self.cells[np.abs(change) > LEAST_MOVE]

    def make_free(self, cells: Ids) -> None:
        """Let cells move for nothing from now on."""
        for place in np.searchsorted(self.cells, cells):
            self.highs.changeColCost(int(place), 0.0)
            self.highs.changeColCost(int(place) + len(self.cells), 0.0)


def further(
    problem: Problem, hidden: Flags, exposed: Ids, rise: Values, low: Values
) -> tuple[Ids, Ids, Ids]:
    """Return what to withhold besides, so that exposed cells can move.

    Parameters
    ----------
    hidden : cells that a reader does not know.
    exposed : cells that are too narrow, in order.
    rise : per cell how far it must be able to rise.
    low : per cell its least possible value.

    Returns
    -------
    Further cells to withhold; for each the exposed cell it is for; and the exposed cells for which
    nothing was found.
    """
    hidden = hidden.copy()
    cells: list[int] = []
    causes: list[int] = []
    hopeless: list[int] = []
    for group in _neighbourhoods(problem.relations, exposed):
        around: _Around | None = None
        for cell in group:
            moved = None
            for steps in (2, DISTANT, 4 * DISTANT):
                if around is None or steps > 2:
                    start = group if steps == 2 else np.array([cell])
                    around = _Around(problem, hidden, start, low, steps)
                moved = around.move(int(cell), float(rise[cell]))
                if moved is not None:
                    break
            if moved is None or around is None:
                hopeless.append(int(cell))
                around = None
                continue
            new = moved[~hidden[moved]]
            hidden[new] = True
            around.make_free(new)
            cells += new.tolist()
            causes += [int(cell)] * len(new)
            if steps > 2:
                around = None
    return (
        np.array(cells, dtype=np.int64),
        np.array(causes, dtype=np.int64),
        np.array(hopeless, dtype=np.int64),
    )


def _neighbourhoods(relations: Relations, cells: Ids) -> list[Ids]:
    """Return `cells` in groups that share a sum, so that one program serves several."""
    wanted = np.zeros(int(relations.member.max(initial=0)) + 1, dtype=bool)
    wanted[cells] = True
    of_member = relations.of_member
    entries = np.flatnonzero(wanted[relations.member])
    group = {int(cell): int(cell) for cell in cells}

    def root(cell: int) -> int:
        while group[cell] != cell:
            group[cell] = group[group[cell]]
            cell = group[cell]
        return cell

    first: dict[int, int] = {}
    for relation, cell in zip(
        of_member[entries].tolist(), relations.member[entries].tolist(), strict=True
    ):
        if relation in first:
            low, high = sorted((root(first[relation]), root(cell)))
            group[high] = low
        else:
            first[relation] = cell
    groups: dict[int, list[int]] = {}
    for cell in cells.tolist():
        groups.setdefault(root(cell), []).append(cell)
    return [np.array(members, dtype=np.int64) for members in groups.values()]
