"""Sentences of Human mobility, made from released values: the same words for the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from lds.text import capitalise, date_range, few, long_date, ordinal, signed
from lds.topics.human_mobility.context import comparators
from lds.topics.human_mobility.recovery import Lowest
from lds.topics.human_mobility.standing import Standing
from lds.topics.human_mobility.words import compared, level

LOW_COVERAGE = 0.75
"""A category with a figure on fewer days than this share gets a warning."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the summary of one area may speak of; every number comes from released ones.

    Attributes
    ----------
    names : of the area (``self``), its ``region`` (where it lies in one) and ``england``.
    periods : one row per measure and period: ``measure, period, start, end, days, order, self,
        mark, n, region, england, recovered``.
    lowest : the deepest 7-day mean of the headline measure, of ``self`` and ``england``.
    days : of the whole window; ``days_with_value`` by measure.
    """

    names: Mapping[str, str]
    periods: pl.DataFrame
    labels: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Mapping[str, str]]
    headline: Mapping[str, str]
    standing: Standing
    code: str
    lowest: Mapping[str, Lowest | None]
    days: int
    days_with_value: Mapping[str, int]


def _value(periods: pl.DataFrame, measure: str, period: str) -> dict[str, Any] | None:
    rows = periods.filter((pl.col("measure") == measure) & (pl.col("period") == period))
    return rows.row(0, named=True) if rows.height else None


def _span(row: Mapping[str, Any]) -> str:
    return date_range(row["start"], row["end"])


def _headline_sentence(facts: Facts) -> str:
    measure = facts.measures[facts.headline["measure"]]
    label = facts.labels[facts.headline["period"]]["short_label"].lower()
    row = _value(facts.periods, measure["id"], facts.headline["period"])
    subject = f"{measure['subject']} in {facts.names['self']}"
    if row is None:
        return f"The data do not reach the {label}, so no level is given for {subject}."
    if row["self"] is None:
        return (
            f"There are too few days with a figure ({few(row['n']) if row['n'] else 'none'} of"
            f" {row['days']}) to say how {subject} changed in the {label}, {_span(row)}."
        )
    text = f"In the {label} ({_span(row)}), {subject} were {level(row['self'])} the baseline"
    others = [
        (name, row[voice])
        for voice, name in comparators(facts.names).items()
        if row[voice] is not None
    ]
    return f"{text}: {compared(row['self'], others)}." if others else f"{text}."


def _rank_sentence(facts: Facts) -> str | None:
    rank = facts.standing.rank(facts.code)
    if rank is None:
        return None
    total = facts.standing.values.height
    ties = facts.standing.ties(facts.code)
    place = "the deepest" if rank == 1 else f"the {ordinal(rank)} deepest"
    shared = "" if ties == 1 else f" (equal with {few(ties - 1)} other{'s' if ties > 2 else ''})"
    return f"That was {place} change of {total:,} districts with an estimate{shared}."


def _deepest_sentence(facts: Facts) -> str | None:
    """Say when the headline measure was lowest, as a mean of seven days, and when in England."""
    own, england = facts.lowest["self"], facts.lowest["england"]
    if own is None or round(own.value) >= 0:
        return None
    text = (
        f"The deepest point was around {long_date(own.day)}, when the mean of seven days was"
        f" {level(own.value)} the baseline"
    )
    if england is None:
        return f"{text}."
    when = "also then" if england.day == own.day else f"around {long_date(england.day)}"
    return f"{text}; England's was {when}, {level(england.value)} it."


def _recovery_sentence(facts: Facts) -> str | None:
    """Say how much of the change in the headline period had gone at best, and at last."""
    rows = facts.periods.filter(
        (pl.col("measure") == facts.headline["measure"]) & pl.col("recovered").is_not_null()
    ).sort("order")
    if not rows.height:
        return None
    base = facts.labels[facts.headline["period"]]["short_label"].lower()
    best = rows.sort(["recovered", "order"], descending=[True, False]).row(0, named=True)
    last = rows.row(-1, named=True)
    if best["recovered"] <= 0:
        return f"No later period with an estimate was nearer to the baseline than the {base}."
    text = (
        f"Of the change in the {base}, {_recovered(best)} had been made up at best, in the period"
        f" '{_label(facts, best)}' ({_span(best)}): {level(best['self'])} the baseline."
    )
    if last["period"] == best["period"]:
        return text
    return (
        f"{text} In the latest period with an estimate, '{_label(facts, last)}' ({_span(last)}),"
        f" it was {_recovered(last)}: {level(last['self'])}."
    )


def _recovered(row: Mapping[str, Any]) -> str:
    if row["recovered"] <= 0:
        return "nothing"
    return "all of it" if row["recovered"] >= 100 else f"{row['recovered']:.0f}%"


def _label(facts: Facts, row: Mapping[str, Any]) -> str:
    return str(facts.labels[row["period"]]["short_label"])


def _second_sentence(facts: Facts) -> str | None:
    """Say how work and home changed in the headline period."""
    period = facts.headline["period"]
    work = _value(facts.periods, "workplaces", period)
    home = _value(facts.periods, "residential", period)
    parts = []
    if work is not None and work["self"] is not None:
        parts.append(f"visits to workplaces were {level(work['self'])}")
    if home is not None and home["self"] is not None:
        parts.append(f"time spent at home was {level(home['self'])}")
    if not parts:
        return None
    label = facts.labels[period]["short_label"].lower()
    return capitalise(f"{' and '.join(parts)} the baseline in the {label}.")


def _coverage_sentence(facts: Facts) -> str | None:
    """Warn of categories with few days, and of their periods without an estimate."""
    told = []
    for name, measure in facts.measures.items():
        count = facts.days_with_value.get(name, 0)
        if count >= LOW_COVERAGE * facts.days:
            continue
        own = facts.periods.filter(pl.col("measure") == name)
        empty = own["self"].null_count()
        lacking = f", no estimate for {few(empty)} of {few(own.height)} periods" if empty else ""
        told.append(f"{measure['label'].lower()} on {count:,}{lacking}")
    if not told:
        return None
    return (
        f"Read with care: of the {facts.days:,} days, some categories have a figure on far fewer"
        f" ({'; '.join(told)})."
    )


def summary(facts: Facts) -> list[str]:
    """Return the sentences of the summary, most important first."""
    sentences = [
        _headline_sentence(facts),
        _rank_sentence(facts),
        _deepest_sentence(facts),
        _recovery_sentence(facts),
        _second_sentence(facts),
        _coverage_sentence(facts),
    ]
    return [sentence for sentence in sentences if sentence]


def key_figures(facts: Facts) -> list[tuple[str, str]]:
    """Return (value, label) pairs in large type."""
    period = facts.headline["period"]
    label = facts.labels[period]["short_label"].lower()
    figures = []
    for name in (facts.headline["measure"], "workplaces", "residential"):
        row = _value(facts.periods, name, period)
        if row is not None:
            shown = f"{signed(row['self'])}%" if row["self"] is not None else row["mark"] or "x"
            days = f"n = {row['n']} of {row['days']} days"
            figures.append((shown, f"{facts.measures[name]['subject']}, {label} ({days})"))
    rank = facts.standing.rank(facts.code)
    if rank is not None:
        figures.append(
            (
                f"{rank:,} of {facts.standing.values.height:,}",
                f"rank among districts, 1 is the deepest fall ({label})",
            )
        )
    return figures
