"""What a checker would find in the rows of a release: counts unrounded, unredacted, not behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from lds.contracts import TableContract
from lds.disclosure.checks import exempt
from lds.disclosure.derive import WITHHELD, rounded
from lds.disclosure.evidence.counts import COUNT, COUNTS, PROPORTION, left_over, too_small
from lds.disclosure.profiles import Profile, Rounding
from lds.disclosure.registers import StatisticType, load_statistic_types

RATE = "rate"
MEAN = "mean"
QUANTILES = ("median", "percentile")
TOLERANCE = 1e-9
NOT_HIDDEN = ("mark", "days")
"""What a row with the mark of a withheld cell may show of what can be missing."""
SHOWN = pl.col("value").is_not_null()


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """What may be wrong with rows: in which column, what it is, and of which rows it holds.

    The rows are those of a released table with the counts of the evidence, see
    `lds.disclosure.evidence.written.Written.counted`.
    """

    problem: str
    rows: pl.Expr
    column: str | None = None


def unrounded(statistics: list[str], profile: Profile) -> Iterator[Suspicion]:
    """Yield counts that are not as the profile rounds them, of each type of statistic."""
    types = load_statistic_types()
    for name in statistics:
        for suspicion in _unrounded(name, types[name], profile):
            yield replace(
                suspicion,
                rows=(pl.col("statistic") == name) & suspicion.rows & ~exempt(profile),
            )


def _unrounded(name: str, kind: StatisticType, profile: Profile) -> Iterator[Suspicion]:
    whole = ["n", "value"] if kind.by == COUNT else ["n"]
    for column in whole:
        rows = pl.col(column) % 1 != 0
        yield Suspicion(problem="not whole numbers", rows=rows, column=column)
    rounding = profile.rounding
    if rounding:
        behind = (rounding.rates or rounding) if kind.derive == RATE else rounding
        parts = [part for part in kind.reveals if kind.kind[part] == "count" and part != "before"]
        for each, columns in ((rounding, whole), (behind, parts)):
            for column in columns:
                yield Suspicion(
                    problem=f"not rounded to {each.base}",
                    rows=~is_rounded(column, each),
                    column=column,
                )
    base = profile.quantile_base
    if base and (name in QUANTILES or (name == MEAN and rounding)):
        steps = pl.col("value") / base
        rows = (steps - steps.round()).abs() > TOLERANCE * (1 + steps.abs())
        yield Suspicion(problem=f"not rounded to {base:g}", rows=rows, column="value")


def is_rounded(count: str, rounding: Rounding) -> pl.Expr:
    """Return whether a count is what rounding it would give; null is."""
    return (pl.col(count) == rounded(pl.col(count), rounding)).fill_null(True)


def unredacted(
    statistics: list[str], profile: Profile, contract: TableContract
) -> Iterator[Suspicion]:
    """Yield released rows on too few records, and marks beside what they should hide.

    The counts are those of the evidence, and those that the table itself shows.
    """
    types = load_statistic_types()
    for name in statistics:
        kind = types[name]
        released = (pl.col("statistic") == name) & SHOWN
        inside = {"n": pl.col("unweighted"), "cases": pl.col("cases")}
        inside["complement"] = left_over(inside["n"], inside["cases"], kind)
        sources = {"in the evidence": inside, "in the table": _as_shown(kind, profile)}
        for source, counts in sources.items():
            for count, expression in counts.items():
                yield Suspicion(
                    problem=f"too few {COUNTS[count]}, {source}",
                    rows=released & too_small(count, kind, profile, expression),
                )
    marked = pl.col("mark") == WITHHELD
    for column in contract.columns:
        if column.nullable and column.name not in NOT_HIDDEN:
            yield Suspicion(
                problem="beside the mark of a withheld cell",
                rows=marked & pl.col(column.name).is_not_null(),
                column=column.name,
            )
    yield Suspicion(
        problem="withheld inside and not marked in the table",
        rows=(pl.col("status") == "withheld") & pl.col("mark").ne_missing(WITHHELD),
    )


def _as_shown(kind: StatisticType, profile: Profile) -> dict[str, pl.Expr]:
    """Return the counts that a reader sees.

    Numerators that are no whole numbers are weighted, and no counts. What is left of a rounded
    whole without a rounded part can be any number.
    """
    counts = {"n": pl.col("n")}
    part, all_ = pl.col("numerator"), pl.col("denominator")
    whole = (part % 1 == 0) & (all_.fill_null(0) % 1 == 0)
    if kind.by == COUNT:
        counts["cases"] = pl.col("value")
    elif kind.kind.get("numerator") == "count":
        counts["cases"] = pl.when(whole).then(part)
        if kind.derive == PROPORTION and not profile.rounding:
            counts["complement"] = pl.when(whole).then(all_ - part)
    return counts


def not_behind(statistics: list[str]) -> Iterator[Suspicion]:
    """Yield rows without the counts behind them, or without a reason, in the evidence."""
    types = load_statistic_types()
    absent = pl.col("rows").is_null()
    yield Suspicion(problem="no row in the evidence", rows=absent)
    yield Suspicion(problem="several rows in the evidence", rows=pl.col("rows") > 1)
    yield Suspicion(
        problem="withheld, and no rule says why",
        rows=(pl.col("mark") == WITHHELD) & pl.col("rule").is_null(),
    )
    yield Suspicion(
        problem="a value that the evidence does not release",
        rows=SHOWN & (pl.col("status") != "released"),
    )
    for name in statistics:
        for count, column in (("n", "unweighted"), ("cases", "cases")):
            if count in types[name].needs:
                of_type = (pl.col("statistic") == name) & SHOWN & ~absent
                yield Suspicion(
                    problem=f"no {COUNTS[count]} in the evidence",
                    rows=of_type & pl.col(column).is_null(),
                )
