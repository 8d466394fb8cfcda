"""Which columns of a table hold area codes: found by their values, whatever they are called."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from duckdb import ColumnExpression, DuckDBPyRelation

from lds.database import fetch
from lds.errors import GeographyError
from lds.geography.classification.codes import LAD, read_codes

MOSTLY = 0.5
"""The share of a column's values that must be codes before the column counts as one of codes."""

# A first look that costs little on a million rows: a letter and a digit at the start of a text that
# is long enough, or a bracket at its end. What passes is read properly.
_MAY_BE_CODES = """count_if(length({0}) > 8 and (
    (substr({0}, 1, 1) between 'A' and 'z' and substr({0}, 2, 1) between '0' and '9')
    or substr({0}, 1, 1) = ' ' or right({0}, 1) in (')', ']')
))"""
_MAY_BE_RETIRED = r"""count_if(length({0}) < 9 and regexp_full_match(
    {0}, '\s*([0-9]{{2}}[A-Z]{{1,2}}|E[0-9]{{4}})\s*'
))"""


@dataclass(frozen=True, eq=False)
class CodeColumn:
    """A column that holds area codes.

    Attributes
    ----------
    name : the column's name in the table.
    values : one row per distinct text: ``text``, ``rows``, and the columns of `read_codes`;
        most frequent first. Blank texts and nulls are one row with a null ``text``.
    """

    name: str
    values: pl.DataFrame

    def rows(self, kind: str | None = None) -> int:
        """Return the number of rows with a code, or with a code of one kind."""
        wanted = pl.col("kind").is_not_null() if kind is None else pl.col("kind") == kind
        return int(self.values.filter(wanted)["rows"].sum())

    @property
    def distinct_lads(self) -> int:
        """Return the number of distinct codes that look like English LADs."""
        return self.values.filter(pl.col("kind") == LAD)["code"].n_unique()

    @property
    def filled(self) -> int:
        """Return the number of rows that are not blank."""
        return int(self.values.filter(pl.col("text").is_not_null())["rows"].sum())


def read_column(relation: DuckDBPyRelation, column: str) -> CodeColumn:
    """Return a column's distinct values and what kind of code each is."""
    counts = fetch(
        as_text(relation, [column]).aggregate("nullif(trim(c0), '') as text, count(*) as rows", "1")
    ).with_columns(pl.col("rows").cast(pl.Int64))
    counts = counts.sort("rows", "text", descending=[True, False], nulls_last=True)
    kinds = read_codes(counts["text"]).drop("text")
    return CodeColumn(column, pl.concat([counts, kinds], how="horizontal"))


def find_columns(relation: DuckDBPyRelation, *, required: bool = True) -> list[CodeColumn]:
    """Return the columns that hold area codes, the likeliest first.

    First comes the column with the most rows that hold codes of English LADs, then the most rows
    with codes of any kind, then the most distinct LADs, then the leftmost. A column counts where at
    least half of its filled rows hold codes.
    Retired short codes (``41UG``, ``E3331``) are looked for only where nothing else is found.

    Raises
    ------
    GeographyError : when no column holds area codes, unless that is not `required`.
    """
    columns = [
        name for name, kind in zip(relation.columns, relation.types, strict=True) if _is_text(kind)
    ]
    found = _candidates(relation, columns, _MAY_BE_CODES)
    found = [column for column in found if column.rows() >= max(1, MOSTLY * column.filled)]
    if not found:
        found = _candidates(relation, columns, _MAY_BE_RETIRED)
        found = [column for column in found if column.rows() >= max(1, MOSTLY * column.filled)]
    if not found and required:
        raise GeographyError(
            "No column of the table holds area codes.",
            values=relation.columns,
            remedy="Give a table with a column of nine-character codes such as E07000223, or name "
            "the column if few of its values are codes. Where the table names areas instead, find "
            "their codes with lds.geography.match_names.",
        )
    return sorted(
        found,
        key=lambda column: (-column.rows(LAD), -column.rows(), -column.distinct_lads),
    )


def _candidates(relation: DuckDBPyRelation, columns: list[str], test: str) -> list[CodeColumn]:
    """Return the columns in which some value passes a first look, in the table's order."""
    if not columns:
        return []
    tests = ", ".join(f"{test.format(f'c{place}')} as n{place}" for place in range(len(columns)))
    counts = fetch(as_text(relation, columns).aggregate(tests)).row(0)
    return [
        read_column(relation, name) for name, count in zip(columns, counts, strict=True) if count
    ]


def as_text(relation: DuckDBPyRelation, columns: list[str]) -> DuckDBPyRelation:
    """Return columns as text, under names that need no quoting: ``c0``, ``c1``, ..."""
    return relation.select(
        *(
            ColumnExpression(name).cast("VARCHAR").alias(f"c{place}")
            for place, name in enumerate(columns)
        )
    )


def _is_text(kind: object) -> bool:
    return str(kind).startswith(("VARCHAR", "ENUM"))
