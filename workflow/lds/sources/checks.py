"""The checks of a contract as SQL: cleaned texts, typed values, and what rejects a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lds.database import literal, quoted
from lds.sources.contract import Column, Contract

if TYPE_CHECKING:
    from lds.sources.rawtable import RawTable

DUCKDB_TYPES = {
    "text": "varchar",
    "category": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "boolean": "boolean",
    "geometry": "blob",
}
BLANK = 0
"""The fault of a row without any value, which is dropped and counted, not rejected."""
_FEW = 4
_SHORT = 12
"""Bytes of a text that DuckDB compares at once."""
_ISO = "%Y-%m-%d"
_LETTERS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%y": "YY", "%b": "Mon", "%B": "Month"}
_LETTERS |= {"%H": "hh", "%M": "mm", "%S": "ss"}
_DIRECTIVE = re.compile("(%[A-Za-z])")


@dataclass(frozen=True)
class Check:
    """One reason to reject a row.

    Attributes
    ----------
    condition : SQL over the texts and the typed values (``<name>$``) of a row.
    """

    column: Column
    condition: str
    reason: str


def typed_name(column: Column) -> str:
    """Return the quoted name of a column's typed value beside its text."""
    return quoted(f"{column.name}$")


def mark_name(column: Column) -> str:
    """Return the name of the column that says what a publisher's mark meant."""
    return f"{column.name}_mark"


def marked_columns(contract: Contract) -> list[Column]:
    """Return the columns beside which the meaning of the publisher's marks is kept."""
    if not contract.marks:
        return []
    return [
        column
        for column in contract.columns
        if column.name not in contract.key and column.type not in ("text", "geometry")
    ]


def staged_names(contract: Contract) -> list[str]:
    """Return the columns of the accepted rows: those of the contract, then those of marks."""
    return [
        *(column.name for column in contract.columns),
        *(mark_name(column) for column in marked_columns(contract)),
    ]


def _cleaned(column: Column, text: str, thousands: str | None, *, padded: bool) -> str:
    """Return SQL for the trimmed text of a column, missing marks as null."""
    if column.type == "geometry":
        return text
    trimmed = text
    if padded:
        # Trimming every text costs more than reading the file; few begin or end with a blank.
        blank = f"prefix({text}, ' ') or suffix({text}, ' ')"
        trimmed = f"case when {blank} then trim({text}) else {text} end"
    if column.missing:
        marks = ", ".join(literal(mark.strip()) for mark in ("", *column.missing))
        trimmed = f"case when {trimmed} in ({marks}) then null else {trimmed} end"
    else:
        trimmed = f"nullif({trimmed}, '')"
    if thousands and column.type in ("integer", "number"):
        grouped = literal(rf"[+-]?[0-9]{{1,3}}({re.escape(thousands)}[0-9]{{3}})+(\.[0-9]*)?")
        trimmed = (
            f"case when regexp_full_match({trimmed}, {grouped})"
            f" then replace({trimmed}, {literal(thousands)}, '') else {trimmed} end"
        )
    return trimmed


def _mark(column: Column, text: str, marks: Sequence[tuple[str, str]]) -> str:
    """Return SQL for the meaning of a publisher's mark in a column; null where there is none."""
    cases = " ".join(
        f"when {literal(mark.strip())} then {literal(meaning)}" for mark, meaning in marks
    )
    return f"case trim({text}) {cases} end as {quoted(mark_name(column))}"


def _typed(column: Column, *, typed_file: bool) -> str:
    """Return SQL for the typed value of a cleaned text; null where it is none."""
    name = quoted(column.name)
    if column.type == "category":
        values = [literal(value) for value, _ in column.values]
        if len(values) <= _FEW or all(len(value.encode()) <= _SHORT for value, _ in column.values):
            return f"case when {name} in ({', '.join(values)}) then {name} end"
        # Twice as fast as a long list. An enum is faster still, but not where values are wrong.
        return f"map {{{', '.join(f'{value}: {value}' for value in values)}}}[{name}]"
    if column.type == "date":
        if column.date_format == _ISO:
            return f"try_cast({name} as date)"  # The check holds it against the form once.
        form = literal(_date_pattern(column.date_format))
        own = (
            f"case when regexp_full_match({name}, {form})"
            f" then try_strptime({name}, {literal(column.date_format)})::date end"
        )
        timed = "%H" in column.date_format
        iso = f"case when {_is_iso(name, timed=timed)} then try_cast({name} as date) end"
        return f"coalesce({own}, {iso})" if typed_file else own
    kind = DUCKDB_TYPES[column.type]
    if column.scale != 1:
        return f"try_cast(try_cast({name} as double) * {column.scale} as {kind})"
    return f"try_cast({name} as {kind})"


def _is_iso(name: str, *, timed: bool = False) -> str:
    """Return SQL for whether a text is a day of ISO 8601, `timed` if a time may stand behind it.

    A cast alone would read "2020-3-1", "2020/03/01" and any time behind the day.
    """
    form = "[0-9]{4}-[0-9]{2}-[0-9]{2}" + ("( [0-9:.]+)?" if timed else "")
    return f"regexp_full_match({name}, '{form}')"


def _date_pattern(date_format: str) -> str:
    """Return the regular expression of a date's text, which DuckDB is less strict about.

    It would take the year of "1/3/20" for the year 20, and "2020031" for 1 March. One digit is
    enough for a day or a month that has a mark on either side.
    """
    pieces = _DIRECTIVE.split(date_format)
    pattern = ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            pattern += re.escape(piece)
        elif piece == "%Y":
            pattern += "[0-9]{4}"
        elif piece in ("%d", "%m", "%H", "%M", "%S"):
            run = (place > 1 and not pieces[place - 1]) or (
                place + 2 < len(pieces) and not pieces[place + 1]
            )
            pattern += "[0-9]{2}" if run else "[0-9]{1,2}"
        else:
            pattern += "[0-9]{2}" if piece == "%y" else ".+"
    return pattern


def _type_checks(column: Column) -> list[Check]:
    name, typed = quoted(column.name), typed_name(column)
    there = f"{name} is not null"
    if column.type == "integer":
        # DuckDB would round "1.5" and read "1e3" where the publisher promised whole numbers.
        whole = f"({typed}::varchar = {name} or regexp_full_match({name}, '[+-]?[0-9]+'))"
        condition = f"{there} and ({typed} is null or not {whole})"
        return [Check(column, condition, "not a whole number")]
    if column.type == "number":
        # DuckDB reads "1_000", "nan" and "inf".
        condition = f"{there} and ({typed} is null or not isfinite({typed}) or {name} like '%\\_%'"
        return [Check(column, condition + " escape '\\')", "not a number")]
    if column.type == "date":
        form = column.date_format
        for letters, word in _LETTERS.items():
            form = form.replace(letters, word)
        fits = f" or not {_is_iso(name)}" if column.date_format == _ISO else ""
        condition = f"{there} and ({typed} is null{fits})"
        return [Check(column, condition, f"not a date ({form})")]
    if column.type == "boolean":
        return [Check(column, f"{there} and {typed} is null", "not TRUE or FALSE")]
    if column.type == "category" and column.other_values == "reject":
        return [Check(column, f"{there} and {typed} is null", "not one of the values allowed")]
    return []


def column_checks(column: Column) -> list[Check]:
    """Return what rejects a row for one column, in the order in which reasons are given."""
    name = quoted(column.name)
    checks = []
    if column.required:
        empty = f" or octet_length({name}) = 0" if column.type == "geometry" else ""
        checks.append(Check(column, f"{name} is null{empty}", "a value is required"))
    checks += _type_checks(column)
    if column.pattern:
        fits = f"regexp_full_match({name}, {literal(column.pattern)})"
        checks.append(
            Check(column, f"{name} is not null and not {fits}", f"does not match {column.pattern}")
        )
    value = typed_name(column) if has_typed(column) else name
    for bound, sign, word in ((column.minimum, "<", "below"), (column.maximum, ">", "above")):
        if bound is not None:
            limit = f"date {literal(str(bound))}" if column.type == "date" else str(bound)
            checks.append(Check(column, f"{value} {sign} {limit}", f"{word} {bound}"))
    return checks


def has_typed(column: Column) -> bool:
    """Whether the value of a column is another thing than its text."""
    return column.type not in ("text", "geometry")


def all_checks(contract: Contract) -> list[Check]:
    """Return every check of a contract; the fault of a row is the place of its first, from 1."""
    return [check for column in contract.columns for check in column_checks(column)]


def checked_query(raw: RawTable, contract: Contract, checks: Sequence[Check]) -> str:
    """Return the query that cleans, types and checks the rows of one raw table, in their order.

    It gives the columns of `staged_names`, then ``fault`` (null, `BLANK` or the place of a check,
    from 1) and ``fault_value`` (the text that broke it).
    """
    columns = contract.columns
    texts = {column.name: raw.columns.get(column.name, "null::varchar") for column in columns}
    cleaned = [
        f"{_cleaned(column, texts[column.name], contract.reader.thousands, padded=raw.padded)}"
        f" as {quoted(column.name)}"
        for column in columns
    ]
    marks = [
        _mark(column, texts[column.name], contract.marks) for column in marked_columns(contract)
    ]
    typed = [
        f"{_typed(column, typed_file=raw.typed)} as {typed_name(column)}"
        for column in columns
        if has_typed(column)
    ]
    final = [
        f"{typed_name(column)} as {quoted(column.name)}"
        if has_typed(column)
        else quoted(column.name)
        for column in columns
    ]
    final += [quoted(mark_name(column)) for column in marked_columns(contract)]
    return f"""
        select {", ".join(final)}, fault, {_fault_value(contract, checks)} as fault_value
        from (
            select *, {_fault(raw, contract, checks)} as fault
            from (
                select {", ".join(["*", *typed])}
                from (select {", ".join([*cleaned, *marks])} from {raw.relation})
            )
        )"""


def _fault(raw: RawTable, contract: Contract, checks: Sequence[Check]) -> str:
    """Return SQL for the fault of a row: `BLANK`, the place of its first broken check, or null."""
    filled = [
        quoted(column.name)
        for column in contract.columns
        if column.part in ("field", "cell") and column.name in raw.columns
    ]
    # A mark is no value, but a row of marks says something.
    filled += [quoted(mark_name(each)) for each in marked_columns(contract) if filled]
    blank = f"coalesce({', '.join(filled)}) is null" if filled else "false"
    faults = " ".join(
        f"when {check.condition} then {place}" for place, check in enumerate(checks, 1)
    )
    return f"(case when {blank} then {BLANK} {faults} end)::smallint"


def _fault_value(contract: Contract, checks: Sequence[Check]) -> str:
    """Return SQL for the text of the column whose check a row broke."""
    broken = {
        column.name: [str(i) for i, check in enumerate(checks, 1) if check.column is column]
        for column in contract.columns
        if column.type != "geometry"
    }
    values = " ".join(
        f"when fault in ({', '.join(places)}) then {quoted(name)}"
        for name, places in broken.items()
        if places
    )
    return f"case {values} end" if values else "null::varchar"


def good_rows(raw: RawTable, contract: Contract, checks: Sequence[Check]) -> str:
    """Return the query for the rows without a fault, with the columns of `staged_names`."""
    names = ", ".join(map(quoted, staged_names(contract)))
    return f"select {names} from ({checked_query(raw, contract, checks)}) where fault is null"


def faults_of_rows(raw: RawTable, contract: Contract, checks: Sequence[Check]) -> str:
    """Return the query for ``fault, value`` of every row, in the order of the file."""
    checked = checked_query(raw, contract, checks)
    return f"select fault, fault_value as value from ({checked})"
