"""What each column of a staged table holds: one scan for all, then one per column for its values.

Counts, sums and quartiles are exact: nothing is sampled. Values stay in the database; what comes
back is a few numbers, and the values of columns that have few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from lds.database import quoted
from lds.sources.checks import mark_name
from lds.sources.contract import Column, Contract
from lds.sources.profiles.thresholds import Thresholds

TABLE = "staged"
"""The name of the view on the staged table."""
DIGITS = 10
"""Significant digits of a number that is no count."""
COUNTED_ONLY = ("postcode", "coordinates", "OA", "LSOA")
"""Levels of places whose codes are counted and not listed."""
_KINDS = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "VARCHAR": "text",
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A column of the staged table, as far as its profile depends on the contract.

    Attributes
    ----------
    type : that of the contract; of a column that the contract does not name, that of the table.
    values : the values of a category, each with its label.
    listing : how many distinct values of a text are listed at most; 0 for none.
    with_rows : whether a listed text has its number of rows beside it, or is a code among codes.
    """

    name: str
    type: str
    description: str = ""
    unit: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    listing: int = 0
    with_rows: bool = True


def rounded(value: float | None) -> float | None:
    """Return a number with few enough digits to be the same on every run; None for no number."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")


def share(part: int, whole: int) -> float:
    """Return a share of 1, to six places; 0 of nothing."""
    return round(part / whole, 6) if whole else 0.0


def kinds(con: duckdb.DuckDBPyConnection, contract: Contract, thresholds: Thresholds) -> list[Kind]:
    """Return the columns of the staged table in its order, columns of marks left out.

    Values of text are listed where few are distinct; of columns with personal data never, and of
    places finer than an MSOA neither.
    """
    known = {column.name: column for column in contract.columns}
    marks = {mark_name(column) for column in contract.columns}
    staged = con.table(TABLE)
    return [
        _kind(name, str(of_table), known.get(name), contract, thresholds)
        for name, of_table in zip(staged.columns, staged.types, strict=True)
        if name not in marks
    ]


def _kind(
    name: str, of_table: str, column: Column | None, contract: Contract, thresholds: Thresholds
) -> Kind:
    levels = [place.level for place in contract.places if name in place.columns]
    personal = name in {each for each, _ in contract.personal_data}
    listing = thresholds.listed_codes if levels else thresholds.listed_values
    if personal or set(levels) & set(COUNTED_ONLY):
        listing = 0
    if column is None:
        guess = "integer" if "INT" in of_table else _KINDS.get(of_table, "other")
        return Kind(name=name, type=guess, listing=listing, with_rows=not levels)
    return Kind(
        name=name,
        type=column.type,
        description=column.description,
        unit=column.unit,
        values=column.values,
        listing=listing,
        with_rows=not levels,
    )


def measure(
    con: duckdb.DuckDBPyConnection, columns: Sequence[Kind]
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the rows of the table and, by column, what one scan tells of it.

    By column: ``missing``; of numbers ``minimum``, ``maximum``, ``total``; of dates ``minimum``,
    ``maximum`` (days).
    """
    wanted = [("", "rows", "count(*)")]
    for column in columns:
        name = quoted(column.name)
        wanted.append((column.name, "filled", f"count({name})"))
        if column.type in ("integer", "number", "date"):
            wanted += [(column.name, f"{word}imum", f"{word}({name})") for word in ("min", "max")]
        if column.type in ("integer", "number"):
            # The compensated sum does not depend on which thread read which rows.
            add = "fsum" if column.type == "number" else "sum"
            wanted.append((column.name, "total", f"{add}({name})"))
    sql = f"select {', '.join(expression for _, _, expression in wanted)} from {TABLE}"
    answers = con.execute(sql).fetchall()[0]
    found: dict[str, dict[str, Any]] = {}
    for (name, key, _), value in zip(wanted, answers, strict=True):
        found.setdefault(name, {})[key] = value
    rows = int(found.pop("")["rows"])
    for each in found.values():
        each["missing"] = rows - each.pop("filled")
    return rows, found


def describe(
    con: duckdb.DuckDBPyConnection, column: Kind, rows: int, scanned: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the profile of one column, as values that JSON can hold."""
    missing = int(scanned["missing"])
    found: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        "unit": column.unit,
        "missing": missing,
        "missing_share": share(missing, rows),
    }
    if column.type in ("geometry", "other"):
        return found
    found["distinct"] = _distinct(con, column.name)
    filled = rows - missing
    if column.type in ("integer", "number"):
        found |= _number(con, column, filled, scanned)
    elif column.type == "date":
        first, last = scanned["minimum"], scanned["maximum"]
        found |= {"first": _iso(first), "last": _iso(last)}
    elif column.type == "category":
        found["counts"] = _categories(column, value_rows(con, column.name), filled)
    elif found["distinct"] <= (2 if column.type == "boolean" else column.listing):
        counted = value_rows(con, column.name)
        if column.with_rows:
            found["counts"] = [
                {"value": value, "rows": count, "share": share(count, filled)}
                for value, count in counted
            ]
        else:
            found["codes"] = [value for value, _ in counted]
    return found


def _distinct(con: duckdb.DuckDBPyConnection, name: str) -> int:
    counted = con.execute(f"select count(distinct {quoted(name)}) from {TABLE}").fetchall()
    return int(counted[0][0])


def value_rows(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, int]]:
    """Return the distinct values of a column as text with their rows, in order of the text."""
    column = quoted(name)
    return con.execute(
        f"select cast({column} as varchar) as value, count(*) from {TABLE}"
        f" where {column} is not null group by 1 order by 1"
    ).fetchall()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _number(
    con: duckdb.DuckDBPyConnection, column: Kind, filled: int, scanned: Mapping[str, Any]
) -> dict[str, Any]:
    exact = column.type == "integer"
    quartiles = con.execute(
        f"select quantile_cont({quoted(column.name)}, [0.25, 0.5, 0.75]) from {TABLE}"
    ).fetchall()[0][0] or [None, None, None]
    total = scanned["total"]
    return {
        "minimum": scanned["minimum"] if exact else rounded(scanned["minimum"]),
        "maximum": scanned["maximum"] if exact else rounded(scanned["maximum"]),
        "total": total if total is None else int(total) if exact else rounded(total),
        "mean": None if total is None else rounded(total / filled),
        "lower_quartile": rounded(quartiles[0]),
        "median": rounded(quartiles[1]),
        "upper_quartile": rounded(quartiles[2]),
    }


def _categories(
    column: Kind, counted: Sequence[tuple[str, int]], filled: int
) -> list[dict[str, Any]]:
    """Return every value of the coding with its rows, zeros included, and then any other."""
    rows = dict(counted)
    named = [(value, label, rows.pop(value, 0)) for value, label in column.values]
    return [
        {"value": value, "label": label, "rows": count, "share": share(count, filled)}
        for value, label, count in [*named, *((value, value, rows[value]) for value in rows)]
    ]
