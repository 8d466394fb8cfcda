"""What acro says of each cell of tables; runs in the environment of acro.

``python acro_checks.py QUESTION ANSWER``. Question: ``tables``, each with ``command`` (crosstab or
pivot_table), ``statistic`` (count, sum or mean), ``rows`` and ``columns`` (the categories, also
those without a record) and ``records`` ([row, column, value or null]). Answer: ``version``,
``rules`` (acro's own defaults) and per table its ``status``, ``seconds`` and ``cells``
([row, column, list of the checks that the cell fails]), margins (All) among them.
"""

import json
import logging
import sys
import time
from importlib.metadata import version
from pathlib import Path

import acro
import pandas as pd


def outcome(session, table):
    """Make the table with acro and return the cells of its outcome."""
    frame = pd.DataFrame(table["records"], columns=["row", "column", "value"])
    frame["row"] = pd.Categorical(frame["row"], categories=table["rows"])
    frame["column"] = pd.Categorical(frame["column"], categories=table["columns"])
    frame["value"] = frame["value"].astype(float)
    start = time.perf_counter()
    if table["command"] == "pivot_table":
        session.pivot_table(
            frame,
            index=["row"],
            columns=["column"],
            values=["value"],
            aggfunc=table["statistic"],
            margins=True,
            observed=False,
        )
    elif table["statistic"] == "count":
        session.crosstab(frame["row"], frame["column"], margins=True)
    else:
        session.crosstab(
            frame["row"],
            frame["column"],
            values=frame["value"],
            aggfunc=table["statistic"],
            margins=True,
        )
    seconds = time.perf_counter() - start
    record = session.results.get_index(-1)
    cells = [
        [row, _last(column), _checks(record.outcome.loc[row, column])]
        for row in record.outcome.index
        for column in record.outcome.columns
    ]
    return {"status": record.status, "seconds": seconds, "cells": cells}


def _last(column):
    """Return the category of a column, which a pivot table puts below the name of the values."""
    return column[-1] if isinstance(column, tuple) else column


def _checks(said):
    """Return the names of the checks that a cell fails."""
    return [] if said == "ok" else [each.strip() for each in said.split(";") if each.strip()]


def main():
    """Answer the question."""
    logging.disable(logging.CRITICAL)
    question = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    session = acro.ACRO(suppress=False)
    answer = {
        "version": version("acro"),
        "rules": session.config,
        "tables": [outcome(session, table) for table in question["tables"]],
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
