"""What suppression loses, held against the optimum that pytauargus finds.

Both get the same table and withhold the same unsafe cells; what is compared is what each withholds
besides. pytauargus has no rule for the width of an interval (its solver does not read the sliding
level), so that it is asked for less than the gate guarantees: that every unsafe count can be the
threshold or more. Its optimum is therefore never above the optimum under our own rule, and equal to
it where its intervals turn out wide enough; both are said. It minimises one weight at a time: the
number of cells, or their values; the gate's one answer is held against both.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

import polars as pl

from benchmarks.made_tables import CountTable
from benchmarks.peers import ask
from lds.disclosure.profiles import Profile
from lds.disclosure.structure import ALL
from lds.disclosure.tables import protect_table

PUBLISHED, PRIMARY = "published", "primary"
WEIGHTS = ("cells", "value")


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """What pytauargus answers for one weight.

    Attributes
    ----------
    proven : whether it is the optimum; else the best that was found in the time.
    cells, value : withheld besides the unsafe cells: how many, and how much together.
    narrow : unsafe cells whose interval is narrower than our profile asks for.
    """

    proven: bool
    seconds: float
    cells: int
    value: int
    narrow: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One table protected by both.

    Attributes
    ----------
    size, primary, primary_value : cells of the table, and those that are unsafe by themselves.
    cells, value, seconds : what the gate withholds besides, and how long it took.
    optima : the answer of pytauargus for each of `WEIGHTS`.
    """

    name: str
    size: int
    primary: int
    primary_value: int
    cells: int
    value: int
    seconds: float
    optima: dict[str, Optimum]

    def factor(self, weight: str) -> float:
        """Return all that we withhold over all that the optimum for this weight withholds."""
        optimum = self.optima[weight]
        if weight == "cells":
            return (self.primary + self.cells) / (self.primary + optimum.cells)
        return (self.primary_value + self.value) / (self.primary_value + optimum.value)

    def factor_besides(self, weight: str) -> float:
        """Return the same for what is withheld besides the unsafe cells; 1 where both have none."""
        ours, theirs = {
            "cells": (self.cells, self.optima[weight].cells),
            "value": (self.value, self.optima[weight].value),
        }[weight]
        return 1.0 if ours == theirs else ours / max(theirs, 1)


def sums_of(
    table: pl.DataFrame, dimensions: dict[str, dict[str, str]]
) -> list[tuple[int, list[int]]]:
    """Return the sums of a table as places of its rows: the total, and its parts."""
    names = list(dimensions)
    place = {key: number for number, key in enumerate(table.select(names).iter_rows())}
    found = []
    for axis, name in enumerate(names):
        parts: dict[str, list[str]] = {}
        for child, parent in dimensions[name].items():
            parts.setdefault(parent, []).append(child)
        others = [[*dimensions[other], ALL] for other in names]
        for whole, children in sorted(parts.items()):
            for rest in itertools.product(*others[:axis], *others[axis + 1 :]):
                before, after = rest[:axis], rest[axis:]
                found.append(
                    (
                        place[(*before, whole, *after)],
                        [place[(*before, child, *after)] for child in children],
                    )
                )
    return found


def question(made: CountTable, protected: pl.DataFrame, profile: Profile) -> dict[str, Any]:
    """Return what `peer_scripts/pytauargus_optimum.py` asks for, but weights and time."""
    values = protected["value"].to_list()
    unsafe = (protected["status"] == PRIMARY).to_list()
    reach = profile.protection.reach
    return {
        "values": values,
        "statuses": ["u" if each else "s" for each in unsafe],
        "protection": [
            [0, max(reach - value, 1)] if each else [0, 0]
            for value, each in zip(values, unsafe, strict=True)
        ],
        "sums": sums_of(protected, made.dimensions),
        "ceiling": 2 * max(values),
    }


def compare(made: CountTable, profile: Profile, *, minutes: int) -> Comparison:
    """Protect one table with both.

    Parameters
    ----------
    minutes : that each search for an optimum may take.
    """
    start = time.perf_counter()
    protected = protect_table(made.table, made.dimensions, profile)
    seconds = time.perf_counter() - start
    besides = protected.filter(~pl.col("status").is_in([PUBLISHED, PRIMARY]))
    primary = protected.filter(pl.col("status") == PRIMARY)
    asked = question(made, protected, profile)
    values = asked["values"]
    weights = {"cells": [1] * len(values), "value": [max(value, 1) for value in values]}
    optima = {}
    for weight in WEIGHTS:
        said = ask(
            "pytauargus",
            "pytauargus_optimum.py",
            {**asked, "weights": weights[weight], "minutes": minutes},
        )
        chosen = said["secondary"]
        optima[weight] = Optimum(
            proven=said["optimal"],
            seconds=said["seconds"],
            cells=len(chosen),
            value=sum(values[cell] for cell in chosen),
            narrow=sum(
                greatest - least < profile.protection.span - 1e-6
                for cell, least, greatest in said["intervals"]
                if asked["statuses"][cell] == "u"
            ),
        )
    return Comparison(
        name=made.name,
        size=protected.height,
        primary=primary.height,
        primary_value=int(primary["value"].sum()),
        cells=besides.height,
        value=int(besides["value"].sum()),
        seconds=seconds,
        optima=optima,
    )
