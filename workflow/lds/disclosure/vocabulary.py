"""What secure sources count, and how breakdowns nest: the registers that topics and gate share."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lds.disclosure.structure import ALL, Dimension, tree
from lds.errors import DisclosureError
from lds.io import RESOURCES, read_yaml

SEPARATOR = "|"
"""What joins the parts of a breakdown: ``sex=female|age=age_20_29``."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One entry of ``workflow/resources/quantities.yaml``, whose header explains the keys."""

    id: str
    title: str
    kind: str
    adds_over: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Classification:
    """One entry of ``workflow/resources/classifications.yaml``; ``parents`` has its values."""

    id: str
    title: str
    group: bool
    complete: bool
    outcome: bool
    parents: dict[str, str | None]

    def dimension(self, *, adds: bool) -> Dimension:
        """Return the classification as a dimension of cells."""
        return tree(self.id, self.parents, group=self.group, complete=self.complete, adds=adds)


@cache
def load_quantities(folder: Path = RESOURCES) -> dict[str, Quantity]:
    """Read the register of quantities."""
    return {
        name: Quantity(
            id=name, title=entry["title"], kind=entry["kind"], adds_over=tuple(entry["adds_over"])
        )
        for name, entry in read_yaml(folder / "quantities.yaml").items()
    }


@cache
def load_classifications(folder: Path = RESOURCES) -> dict[str, Classification]:
    """Read the register of classifications."""
    return {
        name: Classification(
            id=name,
            title=entry["title"],
            group=entry["group"],
            complete=entry["complete"],
            outcome=entry.get("outcome", False),
            parents={ALL: None, **_parents(entry, folder)},
        )
        for name, entry in read_yaml(folder / "classifications.yaml").items()
    }


def _parents(entry: dict[str, Any], folder: Path) -> dict[str, str]:
    if "from" not in entry:
        return dict(_nested(entry["values"], ALL))
    table = entry["from"]
    parents: dict[str, str] = {}
    with (folder / table["table"]).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            above = ALL
            for level in table["levels"]:
                value = f"{level}_{row[level].split()[-1].lower()}"
                parents[value] = above
                above = value
    return parents


def _nested(values: dict[str, Any], above: str) -> list[tuple[str, str]]:
    found = []
    for value, below in values.items():
        found.append((value, above))
        found += _nested(below, value)
    return found


def parse_breakdown(
    breakdown: str, classifications: dict[str, Classification]
) -> tuple[tuple[str, str], ...]:
    """Return the (dimension, value) pairs of a breakdown, sorted; none for the whole.

    Raises
    ------
    DisclosureError : a dimension or value that is not in the register, or a dimension twice.
    """
    if breakdown == ALL:
        return ()
    pairs = []
    for part in breakdown.split(SEPARATOR):
        dimension, equals, value = part.partition("=")
        if (
            not equals
            or dimension not in classifications
            or value not in classifications[dimension].parents
        ):
            raise DisclosureError(
                "The gate does not know a breakdown.",
                where="column breakdown",
                values=[part],
                remedy="Write it as dimension=value, as in resources/classifications.yaml.",
            )
        pairs.append((dimension, value))
    if len({dimension for dimension, _ in pairs}) < len(pairs):
        raise DisclosureError("A breakdown names a dimension twice.", values=[breakdown])
    return tuple(sorted(pairs))


def write_breakdown(pairs: tuple[tuple[str, str], ...]) -> str:
    """Return a breakdown as text, its dimensions in order."""
    return SEPARATOR.join(f"{name}={value}" for name, value in sorted(pairs)) or ALL
