"""Titles, descriptions and notes of the figures: what each shows, from released values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from lds.text import capitalise, join_words, long_date, ordinal, signed
from lds.topics.human_mobility.context import comparators
from lds.topics.human_mobility.standing import Standing
from lds.topics.human_mobility.words import level, points_apart

HALF = 0.5
"""England's line is told to be partial where the districts behind it hold less of its people."""
WEEKDAYS = {
    "mon": "Mondays",
    "tue": "Tuesdays",
    "wed": "Wednesdays",
    "thu": "Thursdays",
    "fri": "Fridays",
    "sat": "Saturdays",
    "sun": "Sundays",
}


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


def beside_title(standing: Standing, value: float | None, name: str) -> str:
    """Return the title of the strip of all districts with an area of several among them."""
    if value is None:
        return f"{name} has too few days with a figure to be set beside the districts"
    total = standing.values.height
    deeper = standing.values.filter(pl.col("value") > value).height
    if value >= 0 or not deeper:
        return f"{name}, {level(value)} the baseline, beside {total:,} districts"
    return f"{name} fell further than {deeper:,} of {total:,} districts"


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
    lines = join_words([names["self"], *comparators(names).values()])
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


def comparators_note(names: Mapping[str, str]) -> str:
    """Return for which days the comparators of a figure by period are given."""
    given = "The region and England are" if "region" in names else "England is"
    return f"{given} given for the days on which {names['self']} has a figure."


def panels_title(periods: pl.DataFrame, measures: Sequence[Mapping[str, str]], name: str) -> str:
    """Return in which category the district stood furthest from England on average.

    Parameters
    ----------
    periods : ``measure, self, england``, one row per measure and period.
    """
    both = periods.filter(pl.col("self").is_not_null() & pl.col("england").is_not_null())
    gaps = (
        both.group_by("measure", maintain_order=True)
        .agg((pl.col("self") - pl.col("england")).mean().round(6).alias("gap"))
        .sort(pl.col("gap").abs(), descending=True, maintain_order=True)
    )
    if not gaps.height:
        return f"Six categories in {name}, period by period"
    measure, gap = gaps.row(0)
    points = round(gap)
    if not points:
        return f"{name} was on average within a point of England in every category"
    subject = next(each["subject"] for each in measures if each["id"] == measure)
    return f"{name} differed most from England in {subject}: on average {points_apart(points)}"


def weekday_title(weekdays: pl.DataFrame, measure: Mapping[str, str], period: str) -> str:
    """Return on which days of the week the measure changed most and least in one period.

    Parameters
    ----------
    weekdays : ``period, breakdown`` (three letters of the day), ``self``, one measure.
    """
    subject = capitalise(measure["subject"])
    rows = weekdays.filter((pl.col("period") == period) & pl.col("self").is_not_null())
    ranked = rows.sort("self", maintain_order=True)
    if ranked.height < 2 or round(ranked["self"][0]) == round(ranked["self"][-1]):
        return f"{subject} by day of the week and period"
    low, high = ranked.row(0, named=True), ranked.row(-1, named=True)
    return (
        f"{subject} in the first lockdown: {level(low['self'])} the baseline on"
        f" {WEEKDAYS[low['breakdown']]}, {level(high['self'])} it on {WEEKDAYS[high['breakdown']]}"
    )


def holiday_title(holidays: pl.DataFrame, measure: Mapping[str, str]) -> str:
    """Return on which bank holiday the measure was lowest.

    Parameters
    ----------
    holidays : ``name, start, self``, one measure, in order of date.
    """
    subject = capitalise(measure["subject"])
    rows = holidays.filter(pl.col("self").is_not_null()).sort("self", "start")
    if not rows.height:
        return f"{subject}: no bank holiday has a figure"
    row = rows.row(0, named=True)
    text = f"on {row['name']}, {long_date(row['start'])}: {level(row['self'])} the baseline"
    return f"{subject} were lowest {text}" if rows.height > 1 else f"{subject} {text}"


def tier_title(own: pl.DataFrame, name: str, lockdown: int) -> str:
    """Return the path of the district through the tiers.

    Parameters
    ----------
    own : ``start, value`` (the tier, null where unknown) of the district, in order of date.
    lockdown : the value that stands for a national lockdown.
    """
    known = own.filter(pl.col("value").is_not_null())
    steps = known.filter(
        (pl.col("value") != pl.col("value").shift(1)) | pl.col("value").shift(1).is_null()
    )
    told = [
        f"{'the national lockdown' if value == lockdown else f'tier {value:.0f}'}"
        f" on {long_date(day)}"
        for day, value in steps.select("start", "value").iter_rows()
    ]
    return f"{name} was in {join_words(told)}" if told else f"No tier is known for {name}"
