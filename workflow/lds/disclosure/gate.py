"""The gate: what leaves the secure zone, in one decision over all topics at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from lds.contracts import TableContract, check_table, sort_by_key
from lds.disclosure.profiles import Profile
from lds.errors import DisclosureError


@dataclass(frozen=True, kw_only=True)
class SourceRules:
    """What the gate knows of a source: how it is accessed and which profile protects it."""

    source: str
    access: str
    profile: Profile


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    Attributes
    ----------
    tables : the released table of each topic, in the columns of the indicators contract.
    evidence : per topic the number of rows by statistic, check and outcome.
    """

    tables: dict[str, pl.DataFrame]
    evidence: dict[str, object]


def _publishers_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """Pass the rows of open data as they are: a value, or the reason why there is none."""
    bad = rows.filter(pl.col("value").is_null() == pl.col("mark").is_null())
    if bad.height:
        raise DisclosureError(
            "A row must have either a value or a mark.",
            where=f"{bad.height} rows, first: {bad.row(0, named=True)['indicator']}"
            f" {bad.row(0, named=True)['area']}",
        )
    derived = ("numerator", "denominator", "lower", "upper")
    return rows.with_columns(
        pl.when(pl.col("mark").is_null()).then(pl.col(column)).alias(column) for column in derived
    )


CHECKS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "publishers_marks": _publishers_marks,
}


def _checked(table: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return the table after the check of each of its types of statistic."""
    by_check: dict[str, list[str]] = {}
    for statistic in sorted(table["statistic"].unique()):
        by_check.setdefault(profile.statistics[statistic], []).append(statistic)
    if len(by_check) == 1:
        return CHECKS[next(iter(by_check))](table)
    return pl.concat(
        CHECKS[check](table.filter(pl.col("statistic").is_in(statistics)))
        for check, statistics in by_check.items()
    )


def _governing_profile(topic: str, sources: tuple[SourceRules, ...]) -> Profile:
    """Return the profile that governs a topic: one, and one that its sources may use."""
    for rules in sources:
        if rules.access not in rules.profile.access:
            raise DisclosureError(
                f"The {rules.access} source '{rules.source}' may not be released under the profile"
                f" '{rules.profile.id}'.",
                where=f"topic {topic}",
                remedy="Name a profile for secure data in the contract of the source.",
            )
    profiles = {rules.profile.id: rules.profile for rules in sources}
    if len(profiles) != 1:
        raise DisclosureError(
            "A topic needs exactly one disclosure profile for all its sources.",
            where=f"topic {topic}",
            values=sorted(profiles),
        )
    return next(iter(profiles.values()))


def decide(
    indicators: Mapping[str, pl.DataFrame],
    sources: Mapping[str, tuple[SourceRules, ...]],
    contract: TableContract,
) -> Decision:
    """Apply the profiles to the indicators of all topics.

    Parameters
    ----------
    indicators : topic id -> table of ``workflow/schemas/tables/indicators.yaml``.
    sources : topic id -> the rules of each of its sources.

    Raises
    ------
    DisclosureError : a statistic type without a check, a source whose profile does not fit its
        access, or a row with both or neither of value and mark.
    """
    tables: dict[str, pl.DataFrame] = {}
    evidence: dict[str, object] = {}
    for topic in sorted(indicators):
        profile = _governing_profile(topic, sources[topic])
        table = check_table(indicators[topic], contract, topic)
        unknown = sorted(set(table["statistic"].unique()) - set(profile.statistics))
        if unknown:
            raise DisclosureError(
                "A type of statistic has no check, so it cannot be released.",
                where=f"topic {topic}, profile {profile.id}",
                values=unknown,
                remedy="Add a check for it to the gate and name it in the profile.",
            )
        released = sort_by_key(check_table(_checked(table, profile), contract, topic), contract)
        tables[topic] = released
        evidence[topic] = {
            "profile": {"id": profile.id, "version": profile.version},
            "sources": [rules.source for rules in sources[topic]],
            "rows": released.height,
            "outcomes": [
                {
                    "statistic": statistic,
                    "check": profile.statistics[statistic],
                    "status": "pass",
                    "values": int(rows["value"].count()),
                    "marks": {
                        mark: count
                        for mark, count in rows.group_by("mark").len().sort("mark").iter_rows()
                        if mark is not None
                    },
                }
                for (statistic,), rows in sorted(
                    released.partition_by("statistic", as_dict=True).items()
                )
            ],
        }
    return Decision(tables, evidence)
