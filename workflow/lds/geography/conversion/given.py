"""The values that a conversion is given, as the one shape that its SQL reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from lds.database import query, quoted
from lds.errors import GeographyError
from lds.geography.conversion.kinds import Kind, statement
from lds.geography.register import Register

LARGEST = 1e12
"""Floating numbers are carried with six decimals; from here on they would lose some."""
MADE = (
    *("area", "from_code", "labels", "coverage", "parts", "from_codes", "match", "path"),
    *("key", "n_rows"),
)
"""Columns that a conversion makes; no key may have their names."""
_INTEGERS = frozenset(
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE", "")
) | {"INTEGER", "UINTEGER"}
_FLOATS = frozenset({"FLOAT", "DOUBLE"})


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is in table ``given``: ``from_code, key``, the value columns of the kind, ``n_rows``.

    Attributes
    ----------
    keys : columns behind ``key``: the column itself, or a struct of several.
    whole : value columns that hold whole numbers.
    without_code : one row: ``n_rows`` and the sum of each column that adds up, without a code.
    """

    keys: tuple[str, ...]
    whole: frozenset[str]
    without_code: pl.DataFrame

    def key_columns(self) -> list[str]:
        """Return select expressions that take ``key`` apart again."""
        if len(self.keys) == 1:
            return [f"key as {quoted(self.keys[0])}"]
        return [f"key.key_{n} as {quoted(key)}" for n, key in enumerate(self.keys)]


def column_types(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return the columns of a table and their types as DuckDB names them.

    Raises
    ------
    GeographyError : there is no such table.
    """
    try:
        table = query(con, f"describe {quoted(relation)}")
    except duckdb.CatalogException:
        raise GeographyError(f"There is no table called {relation!r}.") from None
    return dict(table.select("column_name", "column_type").iter_rows())


def make_given(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    register: Register,
    *,
    kind: Kind,
    code: str,
    keys: Sequence[str] | None,
    values: Mapping[str, str],
    records: bool,
    source: str,
) -> Given:
    """Create ``given`` from a table: a view, or where records are added up a table.

    Parameters
    ----------
    code : column of the LAD codes.
    keys : columns that tell the values of one area apart; by default all others.
    values : the table's own name of each value column of the kind, where it is another.
    records : add up the rows of one code and key.

    Raises
    ------
    GeographyError : columns that are not there or have another type; codes that the register does
        not know; numbers that are infinite, too large or, where they may not be, below zero.
    """
    types = column_types(con, relation)
    names = {name: values.get(name, name) for name in kind.values}
    others = [name for name in types if name != code and name not in names.values()]
    chosen = tuple(others if keys is None else keys)
    _refuse_columns(types, code, names, chosen, kind, source)
    _refuse_numbers(con, relation, types, names, kind, source)
    if len(chosen) == 1:
        key = quoted(chosen[0])
    else:
        packed = ", ".join(f"key_{n} := {quoted(each)}" for n, each in enumerate(chosen))
        key = f"struct_pack({packed})" if chosen else "0"
    selected = ", ".join(
        f"{_carried(quoted(name), types[name], column in kind.rounded)} as {column}"
        for column, name in names.items()
    )
    con.execute(
        "create or replace temp view records as"
        f" select {quoted(code)} as from_code, {key} as key, {selected}, 1 as n_rows"
        f" from {quoted(relation)}"
    )
    sums = "".join(f", sum(cast({name} as decimal(38, 6))) as {name}" for name in kind.adds)
    without = query(con, f"select count(*) as n_rows{sums} from records where from_code is null")
    if records:
        con.execute(f"create temp table added as {statement('add_records')}")
        con.execute("create temp view given as select * from added where from_code is not null")
    else:
        con.execute("create temp view given as select * from records where from_code is not null")
    codes = query(con, "select distinct from_code from given order by from_code")["from_code"]
    refuse_unknown(codes.to_list(), register, source)
    whole = frozenset(column for column, name in names.items() if types[name] in _INTEGERS)
    return Given(keys=chosen, whole=whole, without_code=without)


def _carried(name: str, kind_of_number: str, rounded: bool) -> str:
    # Sums of floating numbers depend on the order of rows, those of decimals do not; and products
    # of narrow decimals stay narrow in DuckDB.
    whole = kind_of_number in _INTEGERS
    return f"cast({name} as decimal(38, 6))" if rounded and not whole else name


def _refuse_columns(
    types: Mapping[str, str],
    code: str,
    names: Mapping[str, str],
    keys: Sequence[str],
    kind: Kind,
    source: str,
) -> None:
    missing = [name for name in (code, *names.values(), *keys) if name not in types]
    if missing:
        raise GeographyError(
            f"{source} lacks columns that a conversion of kind {kind.name} needs.",
            where=f"its columns: {', '.join(types)}",
            values=missing,
            remedy=f"Name the column of codes, and those of {', '.join(names)}.",
        )
    clashing = [key for key in keys if key in (*MADE, *names)]
    if clashing:
        raise GeographyError(
            f"{source} has key columns with the names of columns that a conversion makes.",
            values=clashing,
            remedy="Rename them.",
        )
    words = {
        name: types[name]
        for name in names.values()
        if kind.name != "category"
        and types[name] not in _INTEGERS | _FLOATS
        and not types[name].startswith("DECIMAL")
    }
    if words:
        raise GeographyError(
            f"{source} has values that are no numbers, as kind {kind.name} needs them.",
            values=[f"{name} ({found})" for name, found in words.items()],
            remedy="Read the columns as numbers, or choose the kind category.",
        )


def _refuse_numbers(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    types: Mapping[str, str],
    names: Mapping[str, str],
    kind: Kind,
    source: str,
) -> None:
    rules = {
        f"infinite, or {LARGEST:.0e} or more": [
            (name, f"not isfinite({quoted(name)}) or abs({quoted(name)}) >= {LARGEST}")
            for name in names.values()
            if types[name] in _FLOATS
        ],
        "below zero": [
            (names[column], f"{quoted(names[column])} < 0") for column in kind.not_negative
        ],
    }
    for what, columns in rules.items():
        for name, rule in columns:
            found = query(
                con, f"select {quoted(name)} as value from {quoted(relation)} where {rule} limit 5"
            )["value"].to_list()
            if found:
                raise GeographyError(
                    f"{source} has numbers in column {name} that are {what}.",
                    values=found,
                    remedy="Correct them, or leave them missing.",
                )


def refuse_unknown(codes: Sequence[str], register: Register, source: str) -> None:
    """Raise `GeographyError` when the register does not know some of the codes."""
    known = set(register.areas["code"])
    strange = [code for code in codes if code not in known]
    if strange:
        raise GeographyError(
            f"{source} has LAD codes that the area register does not know.",
            values=strange,
            remedy="Correct the codes or the look-up that gave them, leave rows of other areas out,"
            " or add the codes to workflow/resources/areas.csv.",
        )
