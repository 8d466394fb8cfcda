"""Sentences of Human mobility, made from released values: the same words for the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lds.text import capitalise, date_range, few, join_words, region_phrase, signed

LOW_COVERAGE = 0.75
"""A category with a figure on fewer days than this share gets a warning."""
HALF = 0.5
"""England's line is told to be partial where the districts behind it hold less of its people."""
NEAR = 5
"""Districts shown on either side in the ranking."""


@dataclass(frozen=True)
class Standing:
    """The ranking of all districts on the headline: rank 1 is the deepest fall; ties share one.

    Attributes
    ----------
    values : ``code, value, rank``, sorted by value and code; only districts with a value.
    """

    values: pl.DataFrame

    @classmethod
    def of(cls, table: pl.LazyFrame, measure: str, period: str) -> Standing:
        """Rank the districts' own values of one measure in one period of a released table."""
        chosen = table.filter(
            (pl.col("measure") == measure)
            & (pl.col("period") == period)
            & (pl.col("comparator") == "self")
            & pl.col("value").is_not_null()
        )
        return cls(
            chosen.select(
                pl.col("area").alias("code"),
                "value",
                pl.col("value").rank("min").cast(pl.Int64).alias("rank"),
            )
            .sort("value", "code")
            .collect()
        )

    def rank(self, code: str) -> int | None:
        """Return the rank of a district, or None when it has no value."""
        found = self.values.filter(pl.col("code") == code)["rank"]
        return int(found[0]) if found.len() else None

    def ties(self, code: str) -> int:
        """Return how many districts share this district's rank, itself included."""
        return self.values.filter(pl.col("rank") == self.rank(code)).height


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the summary of one district may speak of; every number is a released one."""

    names: Mapping[str, str]
    periods: pl.DataFrame
    labels: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Mapping[str, str]]
    headline: Mapping[str, str]
    standing: Standing
    code: str
    days: int
    days_with_value: Mapping[str, int]


def level(value: float) -> str:
    """Return a change as words: ``74% below``, ``6% above``, ``level with``."""
    rounded = abs(round(value))
    if rounded == 0:
        return "level with"
    return f"{rounded:,}% {'below' if value < 0 else 'above'}"


def compared(value: float, others: Sequence[tuple[str, float]]) -> str:
    """Return differences in percentage points from comparators given as (name, value).

    Differences are those of the rounded numbers that the sentence shows, so that a reader who
    subtracts them finds the same.
    """
    told = []
    for name, other in others:
        points = round(value) - round(other)
        if points == 0:
            told.append(f"about the same as in {name} ({signed(other)}%)")
        else:
            unit = "point" if abs(points) == 1 else "points"
            side = "lower" if points < 0 else "higher"
            told.append(f"{few(abs(points))} {unit} {side} than in {name} ({signed(other)}%)")
    if len(told) > 1 and all(text.startswith("about the same") for text in told):
        told = [told[0], *(text.removeprefix("about the same as ") for text in told[1:])]
    return join_words(told)


def ordinal(number: int) -> str:
    """Return ``1st``, ``2nd``, ``11th``."""
    if 10 <= number % 100 <= 20:
        return f"{number:,}th"
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


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
        (name, row[key])
        for key, name in (("region", region_phrase(facts.names["region"])), ("england", "England"))
        if row[key] is not None
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


def _path_sentence(facts: Facts) -> str | None:
    """Say where the headline measure stood in its highest and last period after the lockdown."""
    measure = facts.measures[facts.headline["measure"]]
    rows = facts.periods.filter(
        (pl.col("measure") == measure["id"]) & pl.col("self").is_not_null()
    ).sort("order")
    base = _value(facts.periods, measure["id"], facts.headline["period"])
    if base is None or base["self"] is None:
        return None
    after = rows.filter(pl.col("start") > base["start"])
    if after.height < 2:
        return None
    best = after.sort(["self", "order"], descending=[True, False]).row(0, named=True)
    last = after.row(-1, named=True)
    label = facts.labels[best["period"]]["short_label"]
    text = (
        f"After that they came nearest to the baseline in the period '{label}' ({_span(best)}):"
        f" {level(best['self'])} it."
    )
    if best["self"] > 0:
        text = (
            f"After that they were highest in the period '{label}' ({_span(best)}):"
            f" {level(best['self'])} the baseline."
        )
    if last["period"] != best["period"]:
        text += (
            f" In the latest period with an estimate ({_span(last)}) they were"
            f" {level(last['self'])} it."
        )
    return text


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
    counts = facts.days_with_value
    thin = [
        (name, counts.get(name, 0))
        for name in facts.measures
        if counts.get(name, 0) < LOW_COVERAGE * facts.days
    ]
    if not thin:
        return None
    listed = "; ".join(
        f"{facts.measures[name]['label'].lower()} on {count:,}" for name, count in thin
    )
    return (
        f"Read with care: of the {facts.days:,} days, some categories have a figure on far fewer"
        f" ({listed})."
    )


def summary(facts: Facts) -> list[str]:
    """Return the sentences of the summary, most important first."""
    sentences = [
        _headline_sentence(facts),
        _rank_sentence(facts),
        _path_sentence(facts),
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


def standing_title(standing: Standing, code: str, name: str) -> str:
    """Return the title of the strip of all districts."""
    rank, total = standing.rank(code), standing.values.height
    if rank is None:
        return f"{name} has too few days with a figure to be ranked"
    own = standing.values.filter(pl.col("code") == code)["value"][0]
    if own >= 0 or standing.ties(code) == total:
        return f"{name} stands {ordinal(rank)} of {total:,} districts, the deepest fall first"
    share = rank / total
    if share <= 0.1:
        return f"{name} is among the tenth of districts that fell furthest"
    if share > 0.9:
        return f"{name} is among the tenth of districts that fell least"
    if share <= 1 / 3:
        return f"{name} fell further than most districts"
    if share > 2 / 3:
        return f"{name} fell less than most districts"
    return f"{name} fell about as far as most districts"


def neighbours_in_rank(shown: pl.DataFrame, code: str) -> list[tuple[str, int, float]]:
    """Return (name, rank, value) of the districts around this one; without it, of the extremes."""
    ranked = shown.with_columns(pl.col("value").rank("min").cast(pl.Int64).alias("rank"))
    places = ranked.with_row_index().filter(pl.col("code") == code)["index"]
    if not places.len():
        chosen = pl.concat([ranked.head(NEAR), ranked.tail(NEAR)]).unique(maintain_order=True)
    else:
        first = min(max(int(places[0]) - NEAR, 0), max(ranked.height - 2 * NEAR - 1, 0))
        chosen = ranked.slice(first, 2 * NEAR + 1)
    return list(chosen.select("name", "rank", "value").iter_rows())


def trend_title(
    measure: Mapping[str, str], rows: pl.DataFrame, labels: Mapping[str, Any], period: str
) -> str:
    """Return what a trend chart shows: the level in the first lockdown and in the latest period."""
    by_order = sorted(rows.iter_rows(named=True), key=lambda row: int(row["order"]))
    valid = [row for row in by_order if row["self"] is not None]
    subject = capitalise(measure["subject"])
    if not valid:
        return f"{subject}: too few days with a figure to give a level for any period"
    first = [row for row in valid if row["period"] == period]
    last = valid[-1]
    if not first or last["period"] == period:
        label = labels[last["period"]]["short_label"]
        return f"{subject}: {level(last['self'])} the baseline in the period '{label}'"
    return (
        f"{subject}: {level(first[0]['self'])} the baseline in the first lockdown,"
        f" {level(last['self'])} it by the latest period with an estimate"
    )


def trend_description(
    measure: Mapping[str, str],
    names: Mapping[str, str],
    rows: pl.DataFrame,
    labels: Mapping[str, Any],
) -> str:
    """Return the long description of a trend chart: its values by period in words."""
    told = [
        f"{labels[row['period']]['short_label']}: {signed(row['self'])}%"
        for row in sorted(rows.iter_rows(named=True), key=lambda row: int(row["order"]))
        if row["self"] is not None
    ]
    lines = f"{names['self']}, {region_phrase(names['region'])} and England"
    listed = "; ".join(told) if told else "no period has enough days"
    return f"Lines for {lines}, {measure['subject']} day by day. {names['self']}: {listed}."


def coverage_note(own: pl.DataFrame, england: pl.DataFrame) -> str:
    """Return how many days have a figure, why others have none, and how whole England is.

    Parameters
    ----------
    own, england : the daily rows of one measure: ``value``, ``mark``, ``coverage``.
    """
    days, valid = own.height, own["value"].count()
    partly = int((own["mark"] == "u").sum())
    text = f"{valid:,} of {days:,} days have a figure"
    reasons = []
    if days - valid - partly:
        reasons.append(f"Google withheld {days - valid - partly:,}")
    if partly:
        reasons.append(f"on {partly:,} too little of the population lives in parts that have one")
    sentences = [f"{text}; {' and '.join(reasons)}." if reasons else f"{text}."]
    thin = sorted(share for share in england["coverage"].to_list() if share < HALF)
    if thin:
        times = f"{len(thin):,} {'day' if len(thin) == 1 else 'days'}"
        sentences.append(
            f"On {times} the districts with a figure hold less than half of England's people"
            f" (lowest {thin[0]:.0%}), so its line shows only them."
        )
    return " ".join(sentences)


def period_title(
    rows: pl.DataFrame, labels: Mapping[str, Any], name: str, measure: Mapping[str, str]
) -> str:
    """Return where the district differed most from England."""
    both = rows.filter(pl.col("self").is_not_null() & pl.col("england").is_not_null())
    if not both.height:
        return f"{capitalise(measure['subject'])} in {name} by period"
    gap = (pl.col("self") - pl.col("england")).alias("gap")
    far = both.with_columns(gap).sort(pl.col("gap").abs(), -pl.col("order")).row(-1, named=True)
    if abs(far["gap"]) <= 1:
        return f"{name} stayed within a point of England in every period with an estimate"
    label = labels[far["period"]]["short_label"]
    told = compared(far["self"], [("England", far["england"])])
    return f"{name} differed most from England in the period '{label}': {told}"
