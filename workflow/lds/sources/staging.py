"""Staging: one raw file becomes one typed table, and no row is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from lds.database import connect, literal, one_file, select_file
from lds.errors import SourceError
from lds.io import sha256
from lds.sources.contract import Column, Contract
from lds.sources.csvfile import check_encoding, locate, read_header

DUCKDB_TYPES = {"text": "varchar", "integer": "bigint", "date": "date", "boolean": "boolean"}
TYPE_WORDS = {
    "integer": "a whole number",
    "date": "a date (YYYY-MM-DD)",
    "boolean": "TRUE or FALSE",
}
_BROKEN_ROW = {
    "MISSING COLUMNS": "too few fields: the line is cut short",
    "TOO MANY COLUMNS": "too many fields",
    "UNQUOTED VALUE": "a quotation mark is not closed",
}


@dataclass(frozen=True)
class Staged:
    """What staging made of one raw file.

    Attributes
    ----------
    table : the typed rows, columns as the SQL file of the source gives them.
    rejected : one row per rejected line: ``line, column, value, reason``. Values of a secure
        source are not left out here: the table stays under ``results/secure/``.
    report : ``rows_in, rows_kept, rows_rejected, reasons, sha256, synthetic`` and the contract's
        version; the first is always the sum of the next two.
    """

    table: pl.DataFrame
    rejected: pl.DataFrame
    report: dict[str, object]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _check_columns(path: Path, contract: Contract, names: tuple[str, ...]) -> None:
    expected = [column.source_name for column in contract.columns]
    missing = [
        column.source_name
        for column in contract.columns
        if not column.optional and column.source_name not in names
    ]
    extra = [name for name in names if name and name not in expected]
    if missing:
        raise SourceError(
            f"A raw file lacks columns that {contract.title} has.",
            where=f"{path}, line 1",
            values=missing,
            remedy="Check that this is the right file"
            + (f"; it has: {', '.join(extra[:6])}." if extra and not contract.secure else "."),
        )
    if extra and contract.extra_columns == "refuse":
        raise SourceError(
            "A raw file has columns that its contract does not know.",
            where=f"{path}, line 1",
            values=() if contract.secure else extra,
            remedy="Remove them, or add them to the contract of the source.",
        )


def _read_raw(
    con: duckdb.DuckDBPyConnection, path: Path, contract: Contract, encoding: str
) -> dict[int, str]:
    """Create table ``raw`` (all text, `ordinal`); return the reasons of records not parsed."""
    header = read_header(path, encoding, contract.delimiter, secure=contract.secure)
    _check_columns(path, contract, header.names)
    spec = ", ".join(
        f"{literal(name or f'unnamed_{i}')}: 'varchar'" for i, name in enumerate(header.names)
    )
    wanted = ", ".join(
        f"{_quoted(column.source_name) if column.source_name in header.names else 'null'}"
        f" as {column.name}"
        for column in contract.columns
    )
    try:
        con.execute(
            f"create table raw as select row_number() over () as ordinal, {wanted} from read_csv("
            f"{literal(one_file(path))}, columns={{{spec}}}, auto_detect=false, header=true,"
            f" delim={literal(contract.delimiter)}, quote='\"', escape='\"',"
            f" encoding={literal(encoding)}, ignore_errors=true, store_rejects=true,"
            " rejects_limit=0)"
        )
    except duckdb.Error as error:
        raise SourceError(
            "A raw file is not a readable table: " + str(error).splitlines()[0],
            where=str(path),
            remedy="Line ends must be all LF or all CRLF, and every quotation mark closed.",
        ) from None
    broken = con.execute(
        "select line, min(error_type::varchar) from reject_errors group by line order by line"
    ).fetchall()
    return {record: _BROKEN_ROW.get(kind, kind.lower()) for record, kind in broken}


def _cleaned(column: Column) -> str:
    """Return SQL for the trimmed text of a column, missing marks as null."""
    marks = ", ".join(literal(mark) for mark in ("", *column.missing))
    return f"case when trim({column.name}) in ({marks}) then null else trim({column.name}) end"


def _checks(column: Column) -> list[tuple[str, str]]:
    """Return (condition that rejects, reason) pairs for the cleaned text of one column."""
    name = column.name
    typed = f"try_cast({name} as {DUCKDB_TYPES[column.type]})"
    checks = []
    if column.required:
        checks.append((f"{name} is null", "a value is required"))
    if column.type == "integer":
        # DuckDB would round "1.5" and read "1e3" where the publisher promised whole numbers.
        checks.append(
            (
                f"{name} is not null and"
                f" (not regexp_full_match({name}, '[+-]?[0-9]+') or {typed} is null)",
                f"not {TYPE_WORDS['integer']}",
            )
        )
    elif column.type == "date":
        checks.append(
            (
                f"{name} is not null and"
                f" (not regexp_full_match({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
                f" or {typed} is null)",
                f"not {TYPE_WORDS['date']}",
            )
        )
    elif column.type == "boolean":
        checks.append((f"{name} is not null and {typed} is null", f"not {TYPE_WORDS['boolean']}"))
    if column.pattern:
        checks.append(
            (
                f"{name} is not null and not regexp_full_match({name}, {literal(column.pattern)})",
                f"does not match {column.pattern}",
            )
        )
    for bound, sign, word in ((column.minimum, "<", "below"), (column.maximum, ">", "above")):
        if bound is not None:
            value = f"date {literal(str(bound))}" if column.type == "date" else str(bound)
            checks.append((f"{typed} {sign} {value}", f"{word} {bound}"))
    return checks


def _find_rejected(
    con: duckdb.DuckDBPyConnection, contract: Contract
) -> list[tuple[int, str, str, str]]:
    """Create table ``cleaned``; return (ordinal, column, value, reason), the first per row."""
    columns = ", ".join(f"{_cleaned(column)} as {column.name}" for column in contract.columns)
    con.execute(f"create table cleaned as select ordinal, {columns} from raw")
    found = []
    for position, column in enumerate(contract.columns):
        for condition, reason in _checks(column):
            rows = con.execute(
                f"select ordinal, {column.name} from cleaned where {condition}"
            ).fetchall()
            found += [
                (ordinal, position, column.source_name, value, reason) for ordinal, value in rows
            ]
    first: dict[int, tuple[int, str, str, str]] = {}
    for ordinal, _, name, value, reason in sorted(found, key=lambda row: row[:2]):
        first.setdefault(ordinal, (ordinal, name, value, reason))
    con.execute("create table bad (ordinal bigint)")
    if first:
        con.executemany("insert into bad values (?)", [[ordinal] for ordinal in first])
    rejected = list(first.values())
    rejected += _find_duplicates(con, contract)
    return sorted(rejected, key=lambda row: row[0])


def _find_duplicates(
    con: duckdb.DuckDBPyConnection, contract: Contract
) -> list[tuple[int, str, str, str]]:
    """Reject repeats: all but the first when they agree, every one when they contradict."""
    key = ", ".join(contract.key)
    rest = [column.name for column in contract.columns if column.name not in contract.key]
    same = (
        f"count(distinct ({', '.join(rest)}, ordinal < 0)) over (partition by {key})"
        if rest
        else "1"
    )
    rows = con.execute(
        f"""
        with good as (select * from cleaned where ordinal not in (select ordinal from bad)),
        repeated as (
            select *, count(*) over (partition by {key}) as copies,
                row_number() over (partition by {key} order by ordinal) as copy
            from good
            qualify copies > 1
        ),
        judged as (select *, {same} as versions from repeated)
        select ordinal, concat_ws(' / ', {key}), versions from judged
        where versions > 1 or copy > 1 order by ordinal
        """
    ).fetchall()
    if rows:
        con.executemany("insert into bad values (?)", [[row[0]] for row in rows])
    name = ", ".join(contract.key)
    return [
        (
            ordinal,
            name,
            value,
            "the same key again with other values" if versions > 1 else "the same row again",
        )
        for ordinal, value, versions in rows
    ]


def _rejected(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    encoding: str,
    *,
    broken: Mapping[int, str],
    bad: Sequence[tuple[int, str, str, str]],
) -> pl.DataFrame:
    """Return one row per rejected line.

    Every line of a broken record counts: an open quotation mark swallows the lines up to the next
    one, and each of them is a row that was lost.

    Raises
    ------
    SourceError : when two readers do not find the same rows in the file.
    """
    schema = {"line": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}
    if not broken and not bad:
        return pl.DataFrame(schema=schema)
    located = locate(
        path, encoding, contract.delimiter, broken=broken, rows=[ordinal for ordinal, *_ in bad]
    )
    accepted = con.execute("select count(*) from raw").fetchall()[0][0]
    if located.readable != accepted or len(located.broken) != len(broken):
        raise SourceError(
            "A raw file is not a readable table: its quotation marks do not pair.",
            where=str(path),
            remedy="Close every quotation mark, and double those inside a quoted field.",
        )
    rows: list[tuple[int, str | None, str | None, str]] = []
    for record, reason in broken.items():
        first, last = located.broken[record]
        rows.append((first, None, None, reason))
        rows += [
            (line, None, None, f"read as part of the broken row on line {first}")
            for line in range(first + 1, last + 1)
        ]
    rows += [
        (located.rows[ordinal], column, value, reason) for ordinal, column, value, reason in bad
    ]
    return pl.DataFrame(sorted(rows, key=lambda row: row[0]), schema=schema, orient="row")


def _refuse(path: Path, contract: Contract, rejected: pl.DataFrame, rows_in: int) -> None:
    """Stop the run where too much is wrong."""
    if rows_in < contract.minimum_rows:
        raise SourceError(
            f"A raw file has {rows_in} rows;"
            f" {contract.title} has at least {contract.minimum_rows}.",
            where=str(path),
            remedy="The file may be cut short: get it from its publisher again.",
        )
    share = rejected.height / rows_in
    if share <= contract.maximum_rejected_share:
        return
    worst = [
        f"line {row['line']}: "
        + row["reason"]
        + (f" ({row['column']})" if row["column"] else "")
        + (f": {row['value']!r}" if row["value"] and not contract.secure else "")
        for row in rejected.head(5).iter_rows(named=True)
    ]
    raise SourceError(
        f"{rejected.height:,} of {rows_in:,} rows break the contract of {contract.title}; at most"
        f" {contract.maximum_rejected_share:.1%} may.",
        where=str(path),
        values=worst,
        remedy="The table of rejected rows lists each line with its reason; correct the file.",
    )


def stage(
    path: Path,
    contract: Contract,
    sql: Path,
    *,
    encoding: str = "utf-8",
    expected_sha256: str | None = None,
    synthetic: bool = False,
    rejected_to: Path | None = None,
) -> Staged:
    """Read a raw file under its contract.

    Parameters
    ----------
    path : the raw file.
    sql : a file with a select over the view ``accepted`` (typed columns) that gives the table.
    expected_sha256 : when given, the file must have this checksum.
    rejected_to : where to leave the rejected rows as CSV even when the run stops over them.

    Raises
    ------
    SourceError : missing, empty or undecodable file, wrong columns, a wrong checksum, or more
        rejected rows than the contract allows.
    """
    if not path.is_file():
        raise SourceError(
            "A raw file is missing.",
            where=str(path),
            remedy=f"Correct sources.{contract.id} in config.yaml.",
        )
    checksum = sha256(path)
    if expected_sha256 and checksum != expected_sha256.lower():
        raise SourceError(
            "A raw file is not the one that was registered: its SHA-256 differs.",
            where=str(path),
            values=[f"expected {expected_sha256}", f"found {checksum}"],
            remedy="The file was changed or cut short; get it again, or register the new checksum.",
        )
    check_encoding(path, encoding)
    with connect() as con:
        broken = _read_raw(con, path, contract, encoding)
        bad = _find_rejected(con, contract)
        rejected = _rejected(con, path, contract, encoding, broken=broken, bad=bad)
        kept = con.execute(
            "select count(*) from cleaned where ordinal not in (select ordinal from bad)"
        ).fetchall()[0][0]
        rows_in = kept + rejected.height
        if rejected_to is not None:
            rejected_to.parent.mkdir(parents=True, exist_ok=True)
            rejected.write_csv(rejected_to)
        _refuse(path, contract, rejected, rows_in)
        typed = ", ".join(
            f"cast({column.name} as {DUCKDB_TYPES[column.type]}) as {column.name}"
            for column in contract.columns
        )
        con.execute(
            f"create view accepted as select {typed} from cleaned"
            " where ordinal not in (select ordinal from bad)"
        )
        table = select_file(con, sql)
    if table.height != kept:
        raise SourceError(
            f"Staging lost rows: {kept} accepted, {table.height} in the table.",
            where=str(sql),
        )
    reasons = rejected.group_by("reason").len().sort("reason")
    report: dict[str, object] = {
        "source": contract.id,
        "contract_version": contract.version,
        "sha256": checksum,
        "synthetic": synthetic,
        "rows_in": rows_in,
        "rows_kept": kept,
        "rows_rejected": rejected.height,
        "reasons": dict(reasons.iter_rows()),
    }
    return Staged(table, rejected, report)
