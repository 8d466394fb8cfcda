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

from lds.disclosure.boxes import TURNS, Boxes
from lds.disclosure.secondary import Problem
from lds.disclosure.system import Flags, Ids, Incidence, Relations, Values

LEAST_MOVE = 1e-6


class _Around:
    """The cells of a box and their sums, as a linear program over changes of the table."""

    def __init__(
        self, problem: Problem, of: Incidence, hidden: Flags, cells: Ids, low: Values
    ) -> None:
        self.cells = cells[hidden[cells] | np.isfinite(problem.price[cells])]
        entries, owner = of.entries(self.cells)
        _, row = np.unique(problem.relations.of_entries(entries), return_inverse=True)
        self._load(problem, hidden, low, owner, row, problem.relations, entries)

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
    problem: Problem, boxes: Boxes, hidden: Flags, exposed: Ids, rise: Values, low: Values
) -> tuple[Ids, Ids, Ids]:
    """Return what to withhold besides, so that exposed cells can move.

    Parameters
    ----------
    boxes : small parts of the system; a change stays within one.
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
    of = Incidence(problem.relations.member, len(problem.value))
    cells: list[int] = []
    causes: list[int] = []
    left = exposed
    for turn in range(TURNS):
        unsolved: list[int] = []
        for group, inside in boxes.around(left, turn):
            around = _Around(problem, of, hidden, inside, low)
            for cell in group.tolist():
                moved = around.move(cell, float(rise[cell]))
                if moved is None:
                    unsolved.append(cell)
                    continue
                new = moved[~hidden[moved]]
                hidden[new] = True
                around.make_free(new)
                cells += new.tolist()
                causes += [cell] * len(new)
        left = np.array(sorted(unsolved), dtype=np.int64)
        if not len(left):
            break
    return np.array(cells, dtype=np.int64), np.array(causes, dtype=np.int64), left
