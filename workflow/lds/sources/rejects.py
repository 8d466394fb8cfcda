"""Rows that a table does not take: found, each with its reason, and on the line it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from lds.database import query, quoted
from lds.errors import SourceError
from lds.files.records import Record
from lds.sources.checks import BLANK, Check, staged_names
from lds.sources.contract import Contract
from lds.sources.csvfile import find_lines
from lds.sources.rawfiles import Opened
from lds.sources.rawtable import RawTable

SWALLOWED = "read as part of the broken row on line {line}"
SAME_ROW = "the same row again"
OTHER_VALUES = "the same key again with other values"
REJECTED = {
    "file": pl.String,
    "line": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
}
"""Columns of the table of rejected rows; a sheet's name stands behind the file's."""


@dataclass
class Part:
    """One raw table on its way: where its checked rows are, and what is known of its lines."""

    opened: Opened
    checked: Path
    rows: int = 0
    broken: dict[int, str] = field(default_factory=dict)
    records: Sequence[Record] = ()
    blank: int = 0

    @property
    def raw(self) -> RawTable:
        """What the reader gave."""
        return self.opened.table

    @property
    def name(self) -> str:
        """The name of the file, and of the sheet."""
        return self.raw.file + (f", sheet {self.raw.sheet}" if self.raw.sheet else "")

    @property
    def lost(self) -> int:
        """Lines of broken records: an open quotation mark swallows those up to the next one."""
        return sum(record.last - record.first + 1 for record in self.records)


def _find_repeated(con: duckdb.DuckDBPyConnection, contract: Contract) -> pl.DataFrame:
    """Return ``part, ordinal, line, value, versions`` of repeats.

    All but the first when they agree, every one when they contradict each other. Keys are compared
    by a hash first: most files have no repeat, and ten million keys are large.
    """
    key = ", ".join(map(quoted, contract.key))
    rest = [quoted(name) for name in staged_names(contract) if name not in contract.key]
    con.execute(
        f"create temp table hot as select hash({key}) as h from checked where fault is null"
        " group by h having count(*) > 1"
    )
    versions = (
        f"count(distinct ({', '.join(rest)}, ordinal < 0)) over (partition by {key})"
        if rest
        else "1"
    )
    texts = ", ".join(f"{name}::varchar" for name in map(quoted, contract.key))
    return query(
        con,
        f"""
        with same_hash as (
            select * from checked where fault is null and hash({key}) in (select h from hot)
        ),
        repeated as (
            select *, count(*) over (partition by {key}) as copies,
                row_number() over (partition by {key} order by part, ordinal) as copy
            from same_hash
            qualify copies > 1
        ),
        judged as (select *, {versions} as versions from repeated)
        select part, ordinal, line, concat_ws(' / ', {texts}) as value, versions
        from judged where versions > 1 or copy > 1 order by part, ordinal
        """,
    )


def find_faults(
    con: duckdb.DuckDBPyConnection, contract: Contract, checks: Sequence[Check]
) -> pl.DataFrame:
    """Return ``part, ordinal, line, column, value, reason`` of the rows that are rejected."""
    reasons = pl.DataFrame(
        {
            "fault": pl.Series(range(1, len(checks) + 1), dtype=pl.Int16),
            "column": [_shown(check) for check in checks],
            "reason": [check.reason for check in checks],
        },
        schema_overrides={"column": pl.String, "reason": pl.String},
    )
    found = query(
        con,
        f"select part, ordinal, line, fault, fault_value as value from checked"
        f" where fault > {BLANK}",
    ).join(reasons, on="fault", how="left", maintain_order="left")
    columns = ["part", "ordinal", "line", "column", "value", "reason"]
    found = found.select(columns)
    if contract.key:
        named = ", ".join(contract.key)
        repeated = _find_repeated(con, contract).with_columns(
            pl.lit(named).alias("column"),
            pl.when(pl.col("versions") > 1)
            .then(pl.lit(OTHER_VALUES))
            .otherwise(pl.lit(SAME_ROW))
            .alias("reason"),
        )
        found = pl.concat([found, repeated.select(columns)], how="vertical_relaxed")
    return found.sort("part", "ordinal")


def _shown(check: Check) -> str:
    return check.column.source_name or check.column.name


def rejected_rows(parts: Sequence[Part], faults: pl.DataFrame) -> pl.DataFrame:
    """Return the table of rejected rows: faults on their lines, and broken records."""
    tables = []
    for place, part in enumerate(parts):
        own = faults.filter(pl.col("part") == place)
        text = part.opened.text
        if text is not None:
            ordinals = own["ordinal"].to_list()
            located, part.records = find_lines(text, part.broken, ordinals, part.rows)
            part.blank += located.blank
            lines = [located.rows[ordinal] for ordinal in ordinals]
            own = own.with_columns(pl.Series("line", lines, dtype=pl.Int64))
        elif part.raw.line is None:
            own = own.with_columns(line="ordinal")
        broken = [
            (line, record.fault if line == record.first else SWALLOWED.format(line=record.first))
            for record in part.records
            for line in range(record.first, record.last + 1)
        ]
        lost = pl.DataFrame(
            {"line": [line for line, _ in broken], "reason": [reason for _, reason in broken]},
            schema={"line": pl.Int64, "reason": pl.String},
        )
        tables.append(
            pl.concat([own, lost], how="diagonal_relaxed")
            .with_columns(pl.lit(part.name).alias("file"))
            .sort("line", maintain_order=True)
        )
    return pl.concat(tables).select(pl.col(name).cast(dtype) for name, dtype in REJECTED.items())


def refuse(where: str, contract: Contract, rejected: pl.DataFrame, rows_in: int) -> None:
    """Stop the run where too much is wrong."""
    if rows_in < contract.minimum_rows:
        raise SourceError(
            f"A raw file has {rows_in} rows;"
            f" {contract.title} has at least {contract.minimum_rows}.",
            where=where,
            remedy="The file may be cut short: get it from its publisher again.",
        )
    share = rejected.height / rows_in
    if share <= contract.maximum_rejected_share:
        return
    several = rejected["file"].n_unique() > 1
    worst = [
        (f"{row['file']}, " if several else "")
        + f"line {row['line']}: {row['reason']}"
        + (f" ({row['column']})" if row["column"] else "")
        + (f": {row['value']!r}" if row["value"] and not contract.secure else "")
        for row in rejected.head(5).iter_rows(named=True)
    ]
    raise SourceError(
        f"{rejected.height:,} of {rows_in:,} rows break the contract of {contract.title}; at most"
        f" {contract.maximum_rejected_share:.1%} may.",
        where=where,
        values=worst,
        remedy="The table of rejected rows lists each line with its reason; correct the file.",
    )
