"""What rows may show: withheld ones nothing, others values from counts as they are published."""

from __future__ import annotations

from functools import cache

import polars as pl

from lds.contracts import load_table_contract
from lds.disclosure.checks import exempt
from lds.disclosure.consistency import DECIMALS, check_values, derived, derived_by, scale
from lds.disclosure.profiles import Profile, Rounding
from lds.disclosure.totals import sum_totals
from lds.statistics.intervals import poisson, wilson

WITHHELD = "c"
"""The one public mark: it does not say by which rule, nor whether a count is small."""
PARTLY = "The sum of the parts that are published."
_SHOWN = ("value", "numerator", "denominator", "n", "lower", "upper", "coverage", "note")
_OPEN_PARTS = ("numerator", "denominator", "lower", "upper")
_VALUES = ("value", "lower", "upper")
_QUANTILES = ("median", "percentile")


@cache
def _inside() -> tuple[str, ...]:
    """Return the columns of indicators that only the gate may read."""
    columns = load_table_contract("indicators").columns
    return tuple(column.name for column in columns if column.inside)


def withhold(rows: pl.DataFrame, rule: pl.Series) -> pl.DataFrame:
    """Take everything out of the rows that a rule withholds, and mark them all alike.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml``.
    rule : per row the id of the rule that withholds it, or null.

    Returns
    -------
    The rows in their order; of withheld ones the columns for inside use are emptied too.
    """
    withheld = rule.is_not_null()
    return _emptied(rows, withheld).with_columns(
        pl.when(withheld).then(pl.lit(WITHHELD)).otherwise(pl.col("mark")).alias("mark")
    )


def _emptied(rows: pl.DataFrame, where: pl.Series) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(~where).then(pl.col(column)).alias(column) for column in (*_SHOWN, *_inside())
    )


def rounded(count: pl.Expr, rounding: Rounding) -> pl.Expr:
    """Return counts as a profile publishes them; halves of an even base go up."""
    whole, base = count.cast(pl.Int64), rounding.base
    if rounding.scheme == "nearest":
        return (2 * whole + base) // (2 * base) * base
    steps = (whole + base - 1) // base * base
    return pl.when(whole > 0).then(steps - base // 2).otherwise(whole)


def protect(rows: pl.DataFrame, profile: Profile, rule: pl.Series | None = None) -> pl.DataFrame:
    """Return rows as they may be released.

    Under a profile that rounds, counts are rounded first (those behind rates in their own way),
    totals are summed where the profile says so (`lds.disclosure.totals` says how), and values and
    intervals are computed again from these: Wilson's interval for percentages; for rates and counts
    the exact Poisson interval below 10 events and Byar's from 10. Means, medians and percentiles
    are rounded to the profile's base. Other values stay, since the profile allows them, but only
    rounded counts stand beside them.

    Under a profile that does not round, values stay apart from medians and percentiles, which are
    rounded to its base if it has one. Under every profile that protects, values that are computed
    from counts are held against them.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml``; those with a value and without a
        rule have passed `lds.disclosure.checks.check_rows`.
    rule : per row the id of the rule that withholds it, or null; without it every row passes. Rows
        that are withheld must be here where they are parts of totals.

    Returns
    -------
    The same rows in the same order; withheld ones as `withhold` leaves them. Of a row with a mark
    of its topic only the mark is left. A total whose parts are all withheld is withheld as well.

    Raises
    ------
    DisclosureError : a value that is not what its counts give, or a unit that is not understood; it
        names topic, indicator, statistic, unit and how many rows.
    """
    return protect_and_tell(rows, profile, rule)[0]


def protect_and_tell(
    rows: pl.DataFrame, profile: Profile, rule: pl.Series | None = None
) -> tuple[pl.DataFrame, pl.Series]:
    """Return what `protect` returns, and the rule of each row with those that rounding added."""
    if rule is None:
        rule = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    rule = rule.alias("rule")
    marked = rows["mark"].is_not_null()
    if not profile.protects:
        kept = rows.with_columns(
            pl.when(~marked).then(pl.col(column)).alias(column) for column in _OPEN_PARTS
        )
        return kept, rule
    check_values(rows.filter(rule.is_null() & ~marked))
    shown = _based(rows, profile, _QUANTILES)
    if profile.rounding is not None:
        shown = _based(shown, profile, ("mean",))
        shown, rule = _from_rounded_counts(shown, profile, profile.rounding, rule)
    return withhold(_emptied(shown, marked), rule), rule


def _based(rows: pl.DataFrame, profile: Profile, types: tuple[str, ...]) -> pl.DataFrame:
    """Round values of some types, with their intervals, to multiples of the profile's base."""
    base = profile.quantile_base
    if base is None:
        return rows
    changed = pl.col("statistic").is_in(types) & ~exempt(profile)
    return rows.with_columns(
        pl.when(changed)
        .then(((pl.col(column) / base).round(0) * base).round(DECIMALS))
        .otherwise(pl.col(column))
        .alias(column)
        for column in _VALUES
    )


def _from_rounded_counts(
    rows: pl.DataFrame, profile: Profile, rounding: Rounding, rule: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Round the counts of rows and compute values and intervals again from them.

    Rows of an exempt level, and those without a value, are left alone. The rule is that of each
    row, with ``rounding`` for totals without any published part.
    """
    touched = ~exempt(profile) & pl.col("value").is_not_null()
    counts = _rounded_counts(rows, rounding).with_columns(
        (rule.is_null() & rows.select(touched & derived()).to_series()).alias("shown"),
        pl.lit(False).alias("partly"),
    )
    if rounding.totals == "sums":
        numbered = counts.with_row_index("place")
        summed = sum_totals(numbered.filter(derived()))
        others = numbered.filter(~derived())
        after = pl.concat([others, summed.select(others.columns)]).sort("place").drop("place")
        bare = counts["shown"] & ~after["shown"]
        rule = rule.zip_with(~bare, pl.repeat("rounding", rows.height, eager=True))
        counts = after
    fresh = _fresh_values(counts).with_columns(touched.alias("touched"))
    return fresh.select(_released_columns(rows.columns)), rule


def _rounded_counts(rows: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Add the counts that a value is computed from, before rounding (true_...) and after.

    The denominator of a rate is a published population, and is rounded only where it is `n`.
    """
    rates, proportions = derived_by("rate"), derived_by("proportion")
    of_rates = rounding.rates or rounding
    own = pl.col("denominator") == pl.col("n")
    n = rounded(pl.col("n"), rounding)
    return rows.with_columns(
        pl.col("cases").alias("true_cases"),
        pl.col("n").alias("true_n"),
        pl.when(proportions)
        .then(pl.col("n").cast(pl.Float64))
        .when(rates)
        .then(pl.col("denominator"))
        .alias("true_whole"),
        pl.when(rates)
        .then(rounded(pl.col("cases"), of_rates))
        .otherwise(rounded(pl.col("cases"), rounding))
        .alias("cases"),
        pl.when(proportions)
        .then(n.cast(pl.Float64))
        .when(rates & own.fill_null(value=False))
        .then(rounded(pl.col("n"), of_rates).cast(pl.Float64))
        .when(rates)
        .then(pl.col("denominator"))
        .alias("whole"),
        n.alias("n"),
    )


def _fresh_values(counts: pl.DataFrame) -> pl.DataFrame:
    """Add ``new_value, new_lower, new_upper`` from the counts of rows that are shown."""
    cases = pl.col("cases").cast(pl.Float64)
    whole = pl.when(derived_by("count")).then(1.0).otherwise(pl.col("whole"))
    with_limits = pl.col("lower").is_not_null() | pl.col("upper").is_not_null()
    parts = counts.select(
        pl.when("shown").then(cases).alias("cases"),
        pl.when("shown").then(whole).alias("whole"),
        scale().alias("scale"),
        (derived_by("proportion") & with_limits & pl.col("shown")).alias("proportion"),
        (derived_by("rate", "count") & with_limits & pl.col("shown")).alias("events"),
    )
    value = parts["scale"] * parts["cases"] / parts["whole"]
    # Two series, since scatter writes into the one that it is given.
    lower, upper = (pl.repeat(None, counts.height, dtype=pl.Float64, eager=True) for _ in range(2))
    for kind in ("proportion", "events"):
        chosen = parts.filter(kind)
        if not chosen.height:
            continue
        if kind == "proportion":
            low, high = wilson(chosen["cases"].to_numpy(), chosen["whole"].to_numpy())
            factor = chosen["scale"]
        else:
            low, high = poisson(chosen["cases"].to_numpy())
            factor = chosen["scale"] / chosen["whole"]
        places = parts[kind].arg_true()
        lower = lower.scatter(places, pl.Series(low) * factor)
        upper = upper.scatter(places, pl.Series(high) * factor)
    return counts.with_columns(
        each.fill_nan(None).round(DECIMALS).alias(f"new_{name}")
        for name, each in zip(_VALUES, (value, lower, upper), strict=True)
    )


def _released_columns(columns: list[str]) -> list[pl.Expr]:
    """Return every column of the rows, computed again where they are shown and touched.

    Beside a value that is not computed from counts only those counts stay that were rounded.
    """
    shown, touched = pl.col("shown"), pl.col("touched")
    cases = pl.col("cases").cast(pl.Float64)
    numerator = pl.when(shown | (pl.col("numerator") == pl.col("true_cases"))).then(cases)
    denominator = (
        pl.when(shown & pl.col("whole").is_not_null())
        .then(pl.col("whole"))
        .when(pl.col("denominator") == pl.col("true_n"))
        .then(pl.col("n").cast(pl.Float64))
    )
    n = (
        pl.when(shown & derived_by("proportion"))
        .then(pl.col("whole").cast(pl.Int64))
        .otherwise(pl.col("n"))
    )
    note = (
        pl.when("partly")
        .then(pl.concat_str("note", pl.lit(PARTLY), separator=" ", ignore_nulls=True))
        .otherwise(pl.col("note"))
    )
    changed = {
        "numerator": pl.when(touched).then(numerator).otherwise(pl.col("numerator")),
        "denominator": pl.when(touched).then(denominator).otherwise(pl.col("denominator")),
        "n": pl.when(touched).then(n).otherwise(pl.col("true_n")),
        "cases": pl.when(touched).then(pl.col("cases")).otherwise(pl.col("true_cases")),
        "note": note,
        **{
            name: pl.when(shown).then(pl.col(f"new_{name}")).otherwise(pl.col(name))
            for name in _VALUES
        },
    }
    return [changed[name].alias(name) if name in changed else pl.col(name) for name in columns]
