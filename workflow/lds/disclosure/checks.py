"""Which rows and cells a profile withholds, looking at each alone, and by which rule.

What a row may say also depends on the cells that it reveals (`check_cells`), on what it rests on
and on everything else that is released: the gate puts these together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from lds.disclosure.inputs import check_cell_inputs, check_inputs
from lds.disclosure.profiles import MARKS, REFUSED, Profile
from lds.disclosure.registers import load_statistic_types
from lds.topics import ENGLAND

_PRECISION = 6
"""Decimals that comparisons of products are rounded to: 100 * (1 - 0.9) is 10, not 9.999..."""
TOO_FEW = "u"
"""The mark of a topic for too few days or records."""


def first_of(rules: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """Return the id of the first rule whose condition holds; null where none does."""
    return pl.coalesce(
        *(pl.when(condition).then(pl.lit(rule)) for rule, condition in rules),
        pl.lit(None, dtype=pl.String),
    )


def counted(column: str, profile: Profile) -> list[tuple[str, pl.Expr]]:
    """Return the rules of a count of records."""
    small = pl.col(column).is_between(1, profile.threshold - 1)
    zero = (pl.col(column) == 0) & profile.zeros_withheld
    return [("threshold", small), ("zero", zero)]


def _enough(column: str, profile: Profile) -> tuple[str, pl.Expr]:
    """Return the rule of what a statistic is computed from: none is too few as well."""
    return "threshold", pl.col(column) < profile.threshold


def _complement(whole: str, profile: Profile) -> list[tuple[str, pl.Expr]]:
    """Return the rules of what is left of a whole without the cases.

    Everybody is a case exactly where nobody is left, so that this follows the policy of zeros.
    Where cases are events, there can be more of them than people, and there is no complement.
    """
    left = pl.col(whole) - pl.col("cases")
    small = (left > 0) & (left < profile.threshold)
    return [("complement", small), ("zero", (left == 0) & profile.zeros_withheld)]


def _percentage(profile: Profile) -> list[tuple[str, pl.Expr]]:
    return [_enough("n", profile), *counted("cases", profile), *_complement("n", profile)]


def _rate(profile: Profile) -> list[tuple[str, pl.Expr]]:
    return [
        _enough("denominator", profile),
        *counted("cases", profile),
        *_complement("denominator", profile),
    ]


def _rolling(rules: list[tuple[str, pl.Expr]], profile: Profile) -> list[tuple[str, pl.Expr]]:
    return [*rules, ("rolling", pl.col("least") < profile.threshold)]


def _quantile(profile: Profile) -> list[tuple[str, pl.Expr]]:
    side = pl.col("n") * pl.min_horizontal(pl.col("quantile"), 1 - pl.col("quantile"))
    few = side.round(_PRECISION) < profile.threshold
    return [_enough("n", profile), ("quantile", few)]


def _events(profile: Profile) -> list[tuple[str, pl.Expr]]:
    return [("events", pl.col("cases") < profile.events), *counted("cases", profile)]


def _change(profile: Profile) -> list[tuple[str, pl.Expr]]:
    between = (pl.col("cases") - pl.col("before_cases")).abs()
    return [
        *counted("cases", profile),
        *counted("before_cases", profile),
        ("change", between.is_between(1, profile.threshold - 1)),
    ]


def _regression(profile: Profile) -> list[tuple[str, pl.Expr]]:
    saturated = pl.col("residual_df") < profile.residual_df
    return [_enough("n", profile), ("residual_df", saturated)]


def amounts(amount: str, profile: Profile) -> list[tuple[str, pl.Expr]]:
    """Return the rules of a sum over enterprises.

    Shares are compared as percentages: 0.9 times 70 is not exactly 63. A sum below zero breaks
    either rule, since no contribution is smaller.
    """
    rules = []
    if profile.enterprises is not None:
        rules.append(("enterprises", pl.col("n").is_between(1, profile.enterprises - 1)))
    rules.append(
        ("zero", ((pl.col("n") == 0) | (pl.col(amount) == 0)) & profile.zeros_withheld),
    )
    largest = pl.col("largest").fill_null(0)
    two = largest + pl.col("second_largest").fill_null(0)
    populated = pl.col("n") > 0
    for each in profile.dominance:
        top = 100 * (largest if each.n == 1 else two)
        limit = round(100 * each.share, _PRECISION) * pl.col(amount)
        nonzero = populated & (pl.col(amount) != 0)
        rules.append(("dominance", nonzero & (top.round(_PRECISION) >= limit.round(_PRECISION))))
    if profile.p_percent is not None:
        rest = (100 * (pl.col(amount) - two)).round(_PRECISION)
        limit = (profile.p_percent * largest).round(_PRECISION)
        rules.append(("p_percent", populated & (rest < limit)))
    return rules


CHECKS: dict[str, Callable[[Profile], list[tuple[str, pl.Expr]]]] = {
    MARKS: lambda profile: [],
    REFUSED: lambda profile: [(REFUSED, pl.lit(True))],
    # Zeros are decided on the cell, where it is known whether anybody can be in it.
    "count": lambda profile: counted("cases", profile)[:1],
    "percentage": _percentage,
    "rate": _rate,
    "rolling_percentage": lambda profile: _rolling(_percentage(profile), profile),
    "rolling_rate": lambda profile: _rolling(_rate(profile), profile),
    "mean": lambda profile: [_enough("n", profile)],
    "quantile": _quantile,
    "extreme": lambda profile: [("extreme", pl.lit(True))],
    "business": lambda profile: amounts("numerator", profile),
    "events": _events,
    "change": _change,
    "regression": _regression,
    "histogram": lambda profile: [_enough("n", profile), *counted("cases", profile)],
    "inherits": lambda profile: [_enough("n", profile), *counted("cases", profile)],
}
"""The rules of a row with a value, by the check that the profile names, first come first."""


def _marked(profile: Profile) -> pl.Expr:
    """Return the rule of a row that has no value.

    Readers would learn from a topic's own mark that there are few records, or none.
    """
    few = (pl.col("mark") == TOO_FEW) & pl.col("n").is_null()
    return first_of(
        [
            *counted("n", profile),
            *counted("cases", profile),
            ("threshold", few),
        ]
    )


def exempt(profile: Profile) -> pl.Expr:
    """Tell rows and cells of an ``area`` whose counts the profile publishes as they are."""
    return pl.lit("national" in profile.exempt) & (pl.col("area") == ENGLAND)


def check_rows(rows: pl.DataFrame, profile: Profile) -> pl.Series:
    """Return the rule that withholds each row, from what stands in the row alone.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml``, of the profile's sources.

    Returns
    -------
    ``rule``: an id of ``workflow/resources/disclosure_rules.yaml``; null where the row passes. A
    row without a value is withheld where its mark would tell that there are few records, or none.

    Raises
    ------
    DisclosureError : what `lds.disclosure.inputs.check_inputs` refuses.
    """
    check_inputs(rows, profile)
    if not profile.protects:
        return _no_rule(rows.height)
    by_check: dict[str, list[str]] = {}
    for name in rows["statistic"].unique().sort():
        by_check.setdefault(profile.statistics[name], []).append(name)
    always = [*by_check.get(REFUSED, ()), *by_check.get("extreme", ())]
    spared = exempt(profile) & ~pl.col("statistic").is_in(always)
    rule = pl.lit(None, dtype=pl.String)
    for check, names in by_check.items():
        found = first_of([*CHECKS[check](profile), *_underived(names, profile)])
        rule = pl.when(pl.col("statistic").is_in(names)).then(found).otherwise(rule)
    whole = (
        pl.when(spared)
        .then(None)
        .when(pl.col("value").is_null())
        .then(_marked(profile))
        .otherwise(rule)
    )
    return rows.lazy().select(whole.alias("rule")).collect().to_series()


def _underived(names: list[str], profile: Profile) -> list[tuple[str, pl.Expr]]:
    """Return the rule of values that a profile wants computed from rounded counts, and cannot be.

    Weighted estimates cannot: their parts are not the counts that are rounded.
    """
    types = load_statistic_types()
    derived = [name for name in names if types[name].derive]
    if profile.rounding is None or not derived:
        return []
    other = pl.col("numerator").is_not_null() & (pl.col("numerator") != pl.col("cases"))
    proportions = [name for name in derived if types[name].derive == "proportion"]
    whole = pl.col("statistic").is_in(proportions) & pl.col("denominator").is_not_null()
    return [("rounding", other | (whole & (pl.col("denominator") != pl.col("n"))))]


def check_cells(cells: pl.DataFrame, profile: Profile) -> pl.Series:
    """Return the rule that withholds each cell, from what stands in the cell alone.

    Parameters
    ----------
    cells : ``kind`` (count or amount), ``value``, ``n`` (records of a count, enterprises of an
        amount), ``largest`` and ``second_largest`` (contributions to an amount), ``share`` (its
        largest share of a whole along a dimension where group disclosure matters, or null),
        ``structural_zero`` (nobody can be in it); ``area``, without which no cell is exempt.

    Returns
    -------
    ``rule``: the first that holds of threshold, zero, group_share, enterprises, dominance and
    p_percent; null where the cell is safe by itself.

    Raises
    ------
    DisclosureError : what `lds.disclosure.inputs.check_cell_inputs` refuses.
    """
    check_cell_inputs(cells)
    if not profile.protects:
        return _no_rule(cells.height)
    count = pl.col("kind") == "count"
    impossible = pl.col("structural_zero")
    of_counts = counted("n", profile)
    of_amounts = amounts("value", profile)
    share = pl.col("share").fill_nan(None)
    grouped = share.round(_PRECISION) >= (profile.group_share or 2)
    ordered = [
        *((rule, count & condition) for rule, condition in of_counts),
        *((rule, ~count & condition) for rule, condition in of_amounts if rule == "zero"),
        ("group_share", grouped),
        *((rule, ~count & condition) for rule, condition in of_amounts if rule != "zero"),
    ]
    if "business" not in profile.statistics.values():
        ordered.append((REFUSED, ~count))
    whole = pl.when(~impossible).then(first_of(ordered))
    if profile.exempt and "area" in cells.columns:
        whole = pl.when(~exempt(profile)).then(whole)
    return cells.lazy().select(whole.alias("rule")).collect().to_series()


def _no_rule(height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True).alias("rule")
