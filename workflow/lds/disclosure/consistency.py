"""Whether values are what their counts give: what a row gives away is decided on its counts."""

from __future__ import annotations

import polars as pl

from lds.disclosure.registers import load_statistic_types
from lds.errors import DisclosureError

DECIMALS = 6
"""Decimals that values computed here are rounded to."""
_UNROUNDED = 12
"""Decimals of a value that is not rounded."""


def derived_by(*methods: str) -> pl.Expr:
    """Tell rows whose type of statistic is computed from counts by one of some methods."""
    types = [name for name, entry in load_statistic_types().items() if entry.derive in methods]
    return pl.col("statistic").is_in(types)


def derived() -> pl.Expr:
    """Tell rows whose type of statistic is computed from counts."""
    return derived_by("count", "proportion", "rate")


def scale() -> pl.Expr:
    """Return what a proportion or rate is multiplied by, from its unit: 100 for %, N for per N."""
    per = pl.col("unit").str.extract(r"\bper ([0-9][0-9,]*)").str.replace_all(",", "")
    return (
        pl.when(derived_by("count"))
        .then(1.0)
        .when(pl.col("unit") == "%")
        .then(100.0)
        .when(pl.col("unit").is_in(["share", "proportion"]))
        .then(1.0)
        .otherwise(per.cast(pl.Float64))
    )


def check_values(rows: pl.DataFrame) -> None:
    """Hold values against the counts that they are computed from.

    A value may be off by the rounding of its indicator: half of the last decimal that any of its
    values has.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml``, with a value each.

    Raises
    ------
    DisclosureError : a percentage, rate or count that is another number, or a unit that is not
        understood; it names topic, indicator, statistic, unit and how many rows.
    """
    place = ("topic", "indicator", "statistic", "unit")
    numerator = pl.coalesce("numerator", pl.col("cases").cast(pl.Float64))
    whole = (
        pl.when(derived_by("count"))
        .then(1.0)
        .otherwise(pl.coalesce("denominator", pl.col("n").cast(pl.Float64)))
    )
    value = pl.col("value")
    slack = 0.5 * pl.lit(10.0).pow(-pl.col("decimals").max().over(place))
    off = (value - pl.col("scale") * numerator / whole).abs()
    found = (
        rows.lazy()
        .filter(derived())
        .with_columns(scale().alias("scale"), _decimals().alias("decimals"))
        .select(
            *place,
            pl.col("scale").is_null().alias("strange"),
            (off > slack + 1e-9 * (1 + value.abs())).alias("wrong"),
        )
        .group_by(place)
        .agg(pl.col("strange", "wrong").sum())
        .filter((pl.col("strange") > 0) | (pl.col("wrong") > 0))
        .sort(place)
        .collect()
    )
    if not found.height:
        return
    topic, indicator, statistic, unit, strange, wrong = found.row(0)
    where = f"topic {topic}, indicator {indicator}, statistic {statistic}, unit {unit}"
    if strange:
        raise DisclosureError(
            "A unit does not say what a proportion or rate is multiplied by.",
            where=f"{where}: {strange} rows",
            remedy="Write %, share, or a unit with 'per 100,000' or the like.",
        )
    raise DisclosureError(
        "A value is not what its numerator and denominator give.",
        where=f"{where}: {wrong} rows",
        remedy="Give the counts that it was computed from, or another type of statistic.",
    )


def _decimals() -> pl.Expr:
    """Return how many decimals a value has; many where it is not rounded."""
    value = pl.col("value")
    return pl.coalesce(
        *(pl.when(value.round(places) == value).then(places) for places in range(DECIMALS + 1)),
        pl.lit(_UNROUNDED),
    )
