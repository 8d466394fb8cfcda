"""A reader who wants to know what was withheld, and shares no code with the gate.

He has released tables and what everybody knows: which areas, days and categories contain which.
The unknowns are *atoms*, the counts of the smallest pieces that the tables tell apart: one smallest
area in one shortest span of days, of one finest value in every direction. No atom is negative,
every number of a table is the sum of some atoms, and what he asks for is the least and the most
that another sum can be, which linear programs answer (HiGHS by SciPy), over whole numbers where a
count is a whole number.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from lds.topics import IndicatorEntry

UNKNOWN = "unknown"
"""The atom of those of whom a classification does not say what they are."""
SLACK = 1e-6
PATIENCE = 20.0
"""Seconds after which a search is content with the table that it has."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What everybody knows.

    Attributes
    ----------
    areas : code -> the smallest areas that it is made of.
    directions : name of a classification -> value -> its finest values; ``all`` has them all, with
        `UNKNOWN` where there can be people of whom it is not known.
    """

    areas: Mapping[str, frozenset[str]]
    directions: Mapping[str, Mapping[str, frozenset[str]]]


def made_of(
    parents: Mapping[str, str], groups: Mapping[str, Iterable[str]] | None = None
) -> dict[str, frozenset[str]]:
    """Return the smallest areas of every area, from who is inside whom."""
    codes = {*parents, *parents.values()}
    leaves = codes - set(parents.values())
    found: dict[str, set[str]] = {code: set() for code in codes}
    for leaf in leaves:
        step: str | None = leaf
        while step is not None:
            found[step].add(leaf)
            step = parents.get(step)
    for code, members in (groups or {}).items():
        found[code] = set().union(*(found[member] for member in members))
    return {code: frozenset(inside) for code, inside in found.items()}


def finest(values: Mapping[str, Mapping], *, complete: bool) -> dict[str, frozenset[str]]:
    """Return the finest values of each value of a classification, given as nested mappings."""
    found: dict[str, frozenset[str]] = {}

    def walk(value: str, below: Mapping[str, Mapping]) -> frozenset[str]:
        inside = frozenset({value}) if not below else frozenset()
        for each, further in below.items():
            inside |= walk(each, further)
        if below and not complete:
            inside |= {f"{UNKNOWN} {value}"}
        found[value] = inside
        return inside

    walk("all", values)
    return found


@dataclass(frozen=True)
class Target:
    """A sum of atoms: one cell, or one cell without others that lie in it."""

    quantity: str
    area: str
    start: date
    end: date
    breakdown: Mapping[str, str] = field(default_factory=dict)
    without: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One number of a released table, and what it is the number of."""

    of: Target
    number: float


def _pairs(breakdown: str | None) -> dict[str, str]:
    if not breakdown or breakdown == "all":
        return {}
    return dict(part.split("=") for part in breakdown.split("|"))


def read(tables: Iterable[pl.DataFrame], entries: Mapping[str, IndicatorEntry]) -> list[Reading]:
    """Return every count or amount that stands in released rows, or follows from one of them."""
    found = []
    for table in tables:
        for row in table.filter(pl.col("value").is_not_null()).iter_rows(named=True):
            found += _read_row(row, entries.get(row["indicator"]))
    return found


def _read_row(row: Mapping[str, object], entry: IndicatorEntry | None) -> list[Reading]:
    if entry is None or entry.quantity is None:
        return []
    plain = _pairs(row["breakdown"])
    inside = {**plain, **_pairs(entry.outcome)}
    below = {name: value for name, value in plain.items() if name != entry.share_of}

    def cell(pairs: Mapping[str, str]) -> Target:
        return Target(entry.quantity, row["area"], row["start"], row["end"], pairs)

    kind = row["statistic"]
    whole = row["denominator"] if row["denominator"] is not None else row["n"]
    numerator = row["numerator"]
    found = []
    if kind in ("count", "business_sum"):
        found = [(cell(inside), row["value"])]
    elif kind in ("percentage", "rolling_percentage", "business_share"):
        if numerator is None:
            numerator = round(row["value"] * whole / 100)
        found = [(cell(inside), numerator), (cell(below), whole)]
    elif kind in ("rate", "rolling_rate"):
        if numerator is None:
            numerator = round(row["value"] * row["denominator"] / 1e5)
        found = [(cell(inside), numerator)]
    elif kind in ("mean", "median"):
        found = [(cell(below), row["n"])]
    return [Reading(of, float(number)) for of, number in found]


class Attacker:
    """One quantity, as a reader of some tables sees it."""

    def __init__(
        self,
        world: World,
        readings: Sequence[Reading],
        targets: Sequence[Target],
        *,
        whole: bool = True,
        ceilings: Mapping[int, float] | None = None,
    ) -> None:
        """Write down the equations.

        Parameters
        ----------
        targets : what may be asked for.
        whole : whether atoms are whole numbers.
        ceilings : the most that a target (by its place) can be: its public population.
        """
        self.whole = whole
        self.targets = list(targets)
        every = [reading.of for reading in readings] + self._with_parts(targets)
        self._atoms(world, every)
        equations = np.array([self._sum_of(world, reading.of) for reading in readings])
        wanted = np.array([self._sum_of(world, target) for target in targets])
        equations = equations.reshape(len(readings), -1)
        # Atoms that no number and no question tells apart are one unknown.
        columns = np.vstack([equations, wanted])
        kept, first = np.unique(columns, axis=1, return_index=True)
        order = np.argsort(first)
        kept = kept[:, order]
        self.equations = csr_array(kept[: len(readings)])
        self.wanted = kept[len(readings) :]
        self.numbers = np.array([reading.number for reading in readings])
        self.most = ceilings or {}

    @staticmethod
    def _with_parts(targets: Sequence[Target]) -> list[Target]:
        return [each for target in targets for each in (target, *target.without)]

    def _atoms(self, world: World, cells: Sequence[Target]) -> None:
        self.areas = sorted(set().union(*(world.areas[cell.area] for cell in cells)))
        days = sorted(
            {cell.start for cell in cells} | {cell.end + timedelta(days=1) for cell in cells}
        )
        self.spans = list(itertools.pairwise(days))
        self.names = sorted({name for cell in cells for name in cell.breakdown})
        self.values = [sorted(world.directions[name]["all"]) for name in self.names]

    def _sum_of(self, world: World, cell: Target) -> np.ndarray:
        inside = world.areas[cell.area]
        mask = np.array([area in inside for area in self.areas], dtype=np.int8)
        spans = np.array([cell.start <= start and end <= cell.end + timedelta(days=1)
                          for start, end in self.spans], dtype=np.int8)  # fmt: skip
        mask = np.multiply.outer(mask, spans)
        for name, atoms in zip(self.names, self.values, strict=True):
            among = world.directions[name][cell.breakdown.get(name, "all")]
            mask = np.multiply.outer(
                mask, np.array([each in among for each in atoms], dtype=np.int8)
            )
        total = mask.ravel()
        for part in cell.without:
            total = total - self._sum_of(world, part)
        return total

    def range_of(self, place: int) -> tuple[float, float]:
        """Return the least and the most that a target can be.

        Raises
        ------
        AssertionError : the numbers contradict each other.
        """
        return self._extreme(place, 1), self._extreme(place, -1)

    def proven(self, place: int, enough: tuple[float, float]) -> tuple[float, float]:
        """Return two values that a target can have: as far apart as `enough`, or as was found.

        Between them lie less work and less than the whole range: a search for whole numbers ends
        where it found what is enough.
        """
        low, high = enough
        return (
            self._extreme(place, 1, stop=low) if self.whole else self._extreme(place, 1),
            self._extreme(place, -1, stop=high) if self.whole else self._extreme(place, -1),
        )

    def _consistent(self, constraints: list[LinearConstraint]) -> bool:
        """Tell whether any table has the numbers, so that there is no end and not no solution."""
        nothing = np.zeros(self.wanted.shape[1])
        return milp(nothing, constraints=constraints, bounds=Bounds(0, np.inf)).status == 0

    def _extreme(self, place: int, sign: int, stop: float | None = None) -> float:
        cost = sign * self.wanted[place].astype(float)
        if not cost.any():
            return 0.0
        constraints = [LinearConstraint(self.equations, self.numbers, self.numbers)]
        limited = sorted(self.most)
        if limited:
            rows = csr_array(self.wanted[limited])
            limits = [self.most[each] for each in limited]
            constraints.append(LinearConstraint(rows, -np.inf, limits))
        if stop is not None:
            # No further than asked for: the search stops at the first such table.
            edge = csr_array(cost[None, :])
            constraints.append(LinearConstraint(edge, sign * stop, np.inf))
        found = milp(
            cost, constraints=constraints, bounds=Bounds(0, np.inf),
            integrality=np.full(len(cost), int(self.whole)),
            options={"mip_rel_gap": 0.0, "time_limit": PATIENCE},
        )  # fmt: skip
        if found.status in (3, 4) and self._consistent(constraints):  # without a limit
            return -sign * np.inf
        assert found.x is not None, f"no table has these numbers: {found.message}"
        value = float(sign * cost @ found.x)
        return float(round(value)) if self.whole else value


def pinned(low: float, high: float, *, span: float = 10, reach: float = 10) -> bool:
    """Tell whether a reader knows a count too well: within ten, or that it is below ten."""
    return high - low < span - SLACK or high < reach - SLACK


def known_amount(low: float, high: float, value: float, percent: float = 10) -> bool:
    """Tell whether a reader knows an amount to within some per cent, on either side."""
    share = percent / 100
    return high < value * (1 + share) - SLACK or low > value * (1 - share) + SLACK
