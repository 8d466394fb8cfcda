"""What the gate refuses to decide on: rows and cells that lack what their check needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from lds.disclosure.profiles import MARKS, REFUSED, Profile
from lds.disclosure.registers import load_statistic_types
from lds.errors import DisclosureError

UNCHECKED = (MARKS, REFUSED, "extreme")
"""Checks that look at nothing in a row."""
PARTS_OF_N = ("percentage", "rolling_percentage", "histogram")
"""Checks of a part of `n`: it cannot be more than that."""
_COUNTS = ("cases", "n", "least", "before_cases")
_NOT_NEGATIVE = (*_COUNTS, "denominator", "largest", "second_largest")
_CELL_COLUMNS: Mapping[str, type[pl.DataType]] = {
    "kind": pl.String,
    "value": pl.Float64,
    "n": pl.Int64,
    "largest": pl.Float64,
    "second_largest": pl.Float64,
    "share": pl.Float64,
    "structural_zero": pl.Boolean,
}


def fraction(column: str) -> pl.Expr:
    """Tell numbers that are not whole."""
    return pl.col(column) != pl.col(column).floor()


def needed(column: str) -> pl.Expr:
    """Tell rows that must fill a column that their type of statistic needs.

    There is no largest contribution among no enterprises, and no second one of a single one.
    """
    least = {"largest": 1, "second_largest": 2}.get(column)
    return pl.lit(True) if least is None else pl.col("n") >= least


def check_inputs(rows: pl.DataFrame, profile: Profile) -> None:
    """Refuse rows that a check could not decide on, or that cannot be true.

    Parameters
    ----------
    rows : columns of ``workflow/schemas/tables/indicators.yaml``.

    Raises
    ------
    DisclosureError : a type of statistic without a check; a row with both or neither of value and
        mark; a column that its type needs and that is missing; a negative or fractional count,
        more cases than records, a quantile that is none. It names topic, indicator, statistic,
        column and how many rows, never a value or an area.
    """
    present = rows["statistic"].unique().sort().to_list()
    unknown = [name for name in present if name not in profile.statistics]
    if unknown:
        raise DisclosureError(
            "A type of statistic has no check, so it cannot be released.",
            where=f"profile {profile.id}",
            values=unknown,
            remedy="Add a check for it to the gate and name it in the profile.",
        )
    faults = {
        **_faults_of_any(),
        **(_faults_of_types(present, profile) if profile.protects else {}),
    }
    counts = rows.lazy().select(
        fault.fill_null(value=False).sum().alias(name) for name, (fault, _) in faults.items()
    )
    for name, count in counts.collect().row(0, named=True).items():
        if count:
            _refuse(rows, faults[name][0], name, faults[name][1])


def _faults_of_any() -> dict[str, tuple[pl.Expr, str]]:
    neither = pl.col("value").is_null() == pl.col("mark").is_null()
    return {"value": (neither, "A row must have either a value or a mark.")}


def _faults_of_types(present: list[str], profile: Profile) -> dict[str, tuple[pl.Expr, str]]:
    """Return what would be wrong, by the column: (expression, sentence)."""
    types = load_statistic_types()
    checked = {name: types[name] for name in present if profile.statistics[name] not in UNCHECKED}
    live = pl.col("value").is_not_null() & pl.col("statistic").is_in(list(checked))
    by_need: dict[str, list[str]] = {}
    for name, entry in checked.items():
        for column in entry.needs:
            by_need.setdefault(column, []).append(name)
    found = {
        column: (
            live & pl.col("statistic").is_in(names) & needed(column) & pl.col(column).is_null(),
            "A row lacks what the check of its statistic needs.",
        )
        for column, names in by_need.items()
    }
    found |= {
        f"{column} (negative)": (live & (pl.col(column) < 0), "A count or size is negative.")
        for column in _NOT_NEGATIVE
    }
    found |= {
        f"{column} (fractional)": (live & fraction(column), "A count is not a whole number.")
        for column in _COUNTS
    }
    parts = [name for name in checked if profile.statistics[name] in PARTS_OF_N]
    quantiles = [name for name in checked if profile.statistics[name] == "quantile"]
    inside = pl.col("quantile").is_between(0, 1, closed="none")
    return {
        **found,
        "cases (more than n)": (
            live & pl.col("statistic").is_in(parts) & (pl.col("cases") > pl.col("n")),
            "There are more cases than records.",
        ),
        "second_largest (more than largest)": (
            live & (pl.col("second_largest") > pl.col("largest")),
            "The second largest contribution is larger than the largest.",
        ),
        "quantile (0 to 1)": (
            live & pl.col("statistic").is_in(quantiles) & ~inside,
            "A quantile is not between 0 and 1.",
        ),
    }


def _refuse(rows: pl.DataFrame, fault: pl.Expr, column: str, sentence: str) -> None:
    """Raise the error of a fault that some rows have, with where they are and nothing of them."""
    bad = (
        rows.lazy()
        .filter(fault.fill_null(value=False))
        .group_by("topic", "indicator", "statistic")
        .len()
        .sort("topic", "indicator", "statistic")
        .collect()
    )
    topic, indicator, statistic, count = bad.row(0)
    others = bad.height - 1
    raise DisclosureError(
        sentence,
        where=f"topic {topic}, indicator {indicator}, statistic {statistic}, column {column}:"
        f" {count} rows" + (f"; {others} other indicators or statistics too" if others else ""),
        remedy="Correct the indicators of the topic: workflow/resources/disclosure_statistics.yaml"
        " says what each type of statistic needs.",
    )


def check_cell_inputs(cells: pl.DataFrame) -> None:
    """Refuse cells that a rule could not decide on, or that cannot be true.

    Parameters
    ----------
    cells : columns of `lds.disclosure.checks.check_cells`.

    Raises
    ------
    DisclosureError : a missing column, a cell without the number of its records or enterprises (a
        unit without an enterprise's id), an amount without its largest contributions, a negative
        or fractional count, or a structural zero with somebody in it. It names the column and how
        many cells.
    """
    absent = [name for name in _CELL_COLUMNS if name not in cells.columns]
    if absent:
        raise DisclosureError("A table of cells lacks columns.", values=absent)
    faults = list(_faults_of_cells())
    counts = cells.lazy().select(
        fault.fill_null(value=False).sum().alias(str(place))
        for place, (_, _, fault) in enumerate(faults)
    )
    for (column, sentence, _), count in zip(faults, counts.collect().row(0), strict=True):
        if count:
            raise DisclosureError(sentence, where=f"column {column}: {count} cells")


def _faults_of_cells() -> Iterator[tuple[str, str, pl.Expr]]:
    amount = pl.col("kind") == "amount"
    yield (
        "kind",
        "A cell is neither a count nor an amount.",
        ~pl.col("kind").is_in(["count", "amount"]) | pl.col("kind").is_null(),
    )
    for column in ("value", "n", "structural_zero"):
        yield column, "A cell lacks what its rules need.", pl.col(column).is_null()
    for column in ("largest", "second_largest"):
        missing = amount & needed(column) & pl.col(column).is_null()
        yield column, "An amount lacks what its rules need.", missing
    yield "n", "A count is negative.", pl.col("n") < 0
    yield "value", "A count is negative.", ~amount & (pl.col("value") < 0)
    yield "n", "A count is not a whole number.", fraction("n")
    yield "value", "A count is not a whole number.", ~amount & fraction("value")
    for column in ("largest", "second_largest"):
        yield column, "A contribution is negative.", amount & (pl.col(column) < 0)
    crossed = amount & (pl.col("second_largest") > pl.col("largest"))
    yield (
        "second_largest",
        "The second largest contribution is larger than the largest.",
        crossed,
    )
    full = pl.col("structural_zero") & (pl.col("n") > 0)
    yield "structural_zero", "Somebody is in a cell that nobody can be in.", full
