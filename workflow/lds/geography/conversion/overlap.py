"""No one may be counted twice: rows that cover the same land for one key are refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import duckdb

from lds.database import query, quoted
from lds.errors import GeographyError
from lds.geography.conversion.given import Given
from lds.geography.conversion.kinds import statement
from lds.geography.register import Register
from lds.geography.translation import territories


def refuse_overlap(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    relation: str,
    given: Given,
    *,
    code: str,
    named_by: str | None,
    source: str,
) -> None:
    """Raise `GeographyError` when two rows of one key cover the same land.

    Parameters
    ----------
    con : has the tables ``given`` and ``links`` of a conversion.
    relation : the table that ``given`` comes from.
    code, named_by : its columns of codes and, for the message, of names.
    """
    found = query(con, statement("overlaps"))
    if found.is_empty():
        return
    row: dict[str, Any] = found.row(0, named=True)
    bits = territories(register)
    codes = sorted(row["from_codes"], key=lambda code: (bits[code].bit_count(), code))
    first, second = next((a, b) for a, b in combinations(codes, 2) if bits[a] & bits[b])
    key = row["key"]
    keys = list(key.values()) if isinstance(key, dict) else [key] if given.keys else []
    pair = [first, second]
    names = _places(con, relation, given, code, named_by, keys, pair) if named_by else pair
    raise GeographyError(
        f"{source} covers the same people twice: "
        + (
            "two of its rows are for one area."
            if first == second
            else "an area stands beside one of its own predecessors."
        ),
        where=(", ".join(map(str, keys)) + ": " if keys else "") + " and ".join(names),
        remedy="Leave one of the two out of the source or of its look-up."
        if first != second
        else "Leave one of the two out, name all columns that tell them apart as keys, or have"
        " records added up (records).",
    )


def _places(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    given: Given,
    code: str,
    named_by: str,
    keys: Sequence[object],
    codes: list[str],
) -> list[str]:
    """Return the two codes with the names that the source has for them."""
    where = " and ".join(
        [
            f"{quoted(code)} in (?, ?)",
            *(f"{quoted(key)} is not distinct from ?" for key in given.keys),
        ]
    )
    rows = con.execute(
        f"select {quoted(code)}, {quoted(named_by)} from {quoted(relation)} where {where}"
        " order by all",
        [*codes, *keys],
    ).fetchall()
    names: dict[str, list[str]] = {}
    for each, name in rows:
        names.setdefault(each, []).append(str(name))
    if codes[0] == codes[1]:
        return [f"{codes[0]} ({name})" for name in names[codes[0]][:2]]
    return [f"{each} ({names[each][0]})" for each in codes]
