"""Small tables for attacks: people and enterprises, the rows that count them, and the gate."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from disclosure.attacker import Attacker, Reading, Target, World, finest, made_of, read
from lds.contracts import load_table_contract
from lds.disclosure.gate import decide
from lds.disclosure.governing import SourceRules
from lds.disclosure.profiles import load_profile
from lds.disclosure.protection import AreaTree
from lds.disclosure.result import GateResult
from lds.io import RESOURCES, read_yaml
from lds.topics import IndicatorEntry

CONTRACT = load_table_contract("indicators")
SRS = load_profile("ons_srs")
ENGLAND, NORTH, SOUTH = "E92000001", "E12000001", "E12000002"
MONDAY = date(2020, 10, 5)
TESTS = IndicatorEntry(title="Tests", quantity="tests")
POSITIVE = IndicatorEntry(title="Positivity", quantity="tests", outcome="result=positive")


def lad(number: int) -> str:
    """Return the code of a district."""
    return f"E07{number:06}"


def tree(
    north: int = 4, south: int = 0, groups: Mapping[str, Sequence[str]] | None = None
) -> AreaTree:
    """Return England with a region or two, and so many districts in each."""
    parents = {lad(number): NORTH for number in range(1, north + 1)}
    parents |= {lad(number): SOUTH for number in range(north + 1, north + south + 1)}
    regions = [NORTH, SOUTH] if south else [NORTH]
    return AreaTree(
        parents={**parents, **dict.fromkeys(regions, ENGLAND)},
        groups={code: tuple(members) for code, members in (groups or {}).items()},
    )


def directions() -> dict[str, dict[str, frozenset[str]]]:
    """Return the finest values of all classifications, read as everybody can."""
    return {
        name: finest(entry["values"], complete=entry["complete"])
        for name, entry in read_yaml(RESOURCES / "classifications.yaml").items()
        if "values" in entry
    }


def world_of(areas: AreaTree) -> World:
    """Return what everybody knows of areas and classifications."""
    return World(areas=made_of(areas.parents, areas.groups), directions=directions())


def week(number: int, weeks: int = 1) -> tuple[date, date]:
    """Return the first and last day of a week, or of several."""
    start = MONDAY + timedelta(days=7 * number)
    return start, start + timedelta(days=7 * weeks - 1)


def days(first: int, last: int) -> tuple[date, date]:
    """Return days by their numbers from the first Monday on."""
    return MONDAY + timedelta(days=first), MONDAY + timedelta(days=last)


@dataclass(frozen=True, kw_only=True)
class People:
    """True counts of the smallest pieces: area, first day of a span, one value per direction.

    Attributes
    ----------
    counts : (area, day, value, ...) -> people; those of a span stand on its first day.
    names : the directions, in the order of the keys.
    """

    world: World
    counts: Mapping[tuple[Any, ...], int]
    names: tuple[str, ...] = ()

    def count(self, area: str, window: tuple[date, date], **of: str) -> int:
        """Return how many people a cell has."""
        inside = self.world.areas[area]
        among = [self.world.directions[name][of.get(name, "all")] for name in self.names]
        return sum(
            number
            for (where, day, *values), number in self.counts.items()
            if where in inside
            and window[0] <= day <= window[1]
            and all(value in atoms for value, atoms in zip(values, among, strict=True))
        )


def row(
    indicator: str, statistic: str, area: str, window: tuple[date, date], **columns: Any
) -> dict:
    """Return one row of the indicators contract."""
    return {
        **dict.fromkeys(CONTRACT.names),
        "topic": "t",
        "indicator": indicator,
        "statistic": statistic,
        "area": area,
        "comparator": "self",
        "measure": "m",
        "breakdown": "all",
        "period": "week",
        "start": window[0],
        "end": window[1],
        "unit": "tests",
        "match": "exact",
        **columns,
    }


def written(of: Mapping[str, str]) -> str:
    """Return a breakdown as text."""
    return "|".join(f"{name}={value}" for name, value in sorted(of.items())) or "all"


def count_row(
    people: People, area: str, window: tuple[date, date], indicator: str = "I2", **of: str
) -> dict:
    """Return the row of a count."""
    number = people.count(area, window, **of)
    return row(indicator, "count", area, window, breakdown=written(of), cases=number,
               value=float(number))  # fmt: skip


def percentage_row(
    people: People,
    area: str,
    window: tuple[date, date],
    indicator: str = "I1",
    outcome: tuple[str, str] = ("result", "positive"),
    **of: str,
) -> dict:
    """Return the row of a percentage, marked ``x`` where nobody is there."""
    whole = people.count(area, window, **of)
    part = people.count(area, window, **{**of, outcome[0]: outcome[1]})
    return row(
        indicator, "percentage", area, window, breakdown=written(of), unit="%",
        cases=part, n=whole, numerator=float(part), denominator=float(whole),
        value=round(100 * part / whole, 6) if whole else None, mark=None if whole else "x",
    )  # fmt: skip


def frame(rows: Iterable[Mapping[str, Any]], topic: str = "t") -> pl.DataFrame:
    """Return rows as a table of indicators."""
    return pl.DataFrame([{**each, "topic": topic} for each in rows], schema=CONTRACT.polars_schema)


def unprotected(rows: Iterable[Mapping[str, Any]], topic: str = "t") -> pl.DataFrame:
    """Return rows as they would be released without a gate."""
    return frame(rows, topic).select(CONTRACT.released.names)


def gate(
    rows: Iterable[Mapping[str, Any]] | Mapping[str, Iterable[Mapping[str, Any]]],
    entries: Mapping[str, IndicatorEntry] | None = None,
    areas: AreaTree | None = None,
    **options: Any,
) -> GateResult:
    """Return what the gate decides on rows of one secure topic, or of several."""
    by_topic = rows if isinstance(rows, Mapping) else {"t": rows}
    rules = (SourceRules(source="s", access="secure", profile=options.pop("profile", SRS)),)
    known = entries or {"I1": POSITIVE, "I2": TESTS}
    return decide(
        {topic: frame(own, topic) for topic, own in by_topic.items()},
        dict.fromkeys(by_topic, rules),
        CONTRACT,
        topics=dict.fromkeys(by_topic, known),
        areas=areas or tree(),
        **options,
    )


@dataclass(frozen=True, kw_only=True)
class Attack:
    """A question, and what is used to answer it."""

    areas: AreaTree
    target: Target
    entries: Mapping[str, IndicatorEntry] = field(
        default_factory=lambda: {"I1": POSITIVE, "I2": TESTS}
    )
    whole: bool = True

    def range_in(self, *tables: pl.DataFrame, more: Sequence[Reading] = ()) -> tuple[float, float]:
        """Return the least and the most that the target can be, given tables."""
        readings = [*read(tables, self.entries), *more]
        own = [each for each in readings if each.of.quantity == self.target.quantity]
        return Attacker(world_of(self.areas), own, [self.target], whole=self.whole).range_of(0)


def everywhere(areas: AreaTree) -> list[str]:
    """Return the codes of all areas, those made of others too."""
    return sorted({*areas.parents, *areas.parents.values(), *areas.groups})


def people_at_random(
    rng: np.random.Generator,
    areas: AreaTree,
    windows: Sequence[tuple[date, date]],
    values: Mapping[str, Sequence[str]],
    *,
    mean: float = 12,
) -> People:
    """Return made-up people, many small pieces and some large ones."""
    world = world_of(areas)
    smallest = sorted(world.areas[ENGLAND])
    keys = itertools.product(smallest, [start for start, _ in windows], *values.values())
    counts = {
        key: int(rng.poisson(rng.gamma(0.7, mean / 0.7)) * (rng.random() > 0.1)) for key in keys
    }
    return People(world=world, counts=counts, names=tuple(values))
