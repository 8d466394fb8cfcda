"""Optimal suppression of one table by pytauargus; runs in the environment of pytauargus.

``python pytauargus_optimum.py QUESTION ANSWER``. Question: ``values`` of the cells, ``statuses``
(u withheld already, s may be withheld, z may not), ``protection`` ([below, above] of its value that
the interval of each u must reach), ``weights`` (whole numbers: what withholding a cell loses),
``sums`` ([the cell of the total, the cells of its parts]), ``ceiling`` (what an attacker knows that
no cell exceeds) and ``minutes``. Answer: ``version``, ``optimal`` (false when the time ran out: the
best found), ``seconds``, ``secondary`` (the cells withheld besides) and ``intervals`` ([cell,
least, greatest] of every withheld cell, by its own audit).

The table goes to the solver behind ``OPT`` in the form in which pytauargus writes it for that
solver, so that weights are whole and unscaled, zeros stay cells of the table, and any system of
sums can be given. That form has a sliding level (the width of an interval) too, which the solver
does not read.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from pytauargus import HiTaSCtrl
from pytauargus._tauargus import audit_jj


def written(question, secondary=()):
    """Return the table in the form of the solver, with cells marked as withheld besides."""
    values = question["values"]
    statuses = list(question["statuses"])
    for cell in secondary:
        statuses[cell] = "m"
    lines = ["0", str(len(values))]
    for cell, (value, status, (below, above), weight) in enumerate(
        zip(values, statuses, question["protection"], question["weights"], strict=True)
    ):
        lines.append(f"{cell} {value} {weight} {status} 0 {question['ceiling']} {below} {above} 0")
    lines.append(str(len(question["sums"])))
    for total, parts in question["sums"]:
        terms = " ".join(
            f"{cell} ({sign})" for cell, sign in [(total, -1), *((p, 1) for p in parts)]
        )
        lines.append(f"0 {len(parts) + 1} : {terms}")
    return "\n".join(lines) + "\n"


def main():
    """Answer the question."""
    question = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    table, found = Path("table.jj"), Path("found.txt")
    table.write_text(written(question), encoding="utf-8")
    solver = HiTaSCtrl()
    start = time.perf_counter()
    code = solver.full_jj(in_file_jj=str(table), out_file=str(found), max_time=question["minutes"])
    seconds = time.perf_counter() - start
    if code > 1:
        raise SystemExit(f"full_jj: {code} {solver.error_string(code)}")
    secondary = [int(cell) for cell in found.read_text(encoding="utf-8").split()]
    table.write_text(written(question, secondary), encoding="utf-8")
    audited = [[row["cell"], row["min"], row["max"]] for row in audit_jj(str(table))]
    answer = {
        "version": version("pytauargus"),
        "optimal": code == 0,
        "seconds": seconds,
        "secondary": secondary,
        "intervals": audited,
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
