"""What the gate knows of types of statistic and of its own rules, from ``workflow/resources``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lds.io import RESOURCES, read_yaml


@dataclass(frozen=True, kw_only=True)
class StatisticType:
    """One type of statistic; the header of ``disclosure_statistics.yaml`` explains the keys."""

    title: str
    check: str
    by: str | None
    needs: tuple[str, ...]
    reveals: tuple[str, ...]
    kind: dict[str, str]
    derive: str | None


@cache
def load_statistic_types() -> dict[str, StatisticType]:
    """Return the types of statistic by id, in the order of the register."""
    return {
        name: StatisticType(
            **{**entry, "needs": tuple(entry["needs"]), "reveals": tuple(entry["reveals"])}
        )
        for name, entry in read_yaml(RESOURCES / "disclosure_statistics.yaml").items()
    }


@cache
def load_rules() -> dict[str, str]:
    """Return the sentence that explains each rule to the output checker, by the rule's id."""
    rules: dict[str, str] = read_yaml(RESOURCES / "disclosure_rules.yaml")
    return rules
