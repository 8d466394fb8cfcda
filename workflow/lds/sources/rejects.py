"""Rows that a table does not take: found, each with its reason, and on the line it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from lds.database import literal, query, quoted
from lds.errors import SourceError
from lds.files.records import Record, among
from lds.sources.checks import BLANK, Check, staged_names
from lds.sources.contract import Contract
from lds.sources.csvfile import find_lines
from lds.sources.opening import Opened
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


NO_FAULTS = pl.DataFrame(schema={"ordinal": pl.Int64, "fault": pl.Int16, "value": pl.String})

NO_REPEATS = pl.DataFrame(
    schema={"part": pl.Int32, "position": pl.Int64, "value": pl.String, "reason": pl.String}
)


@dataclass
class Part:
    """One raw table on its way.

    Attributes
    ----------
    good : Parquet file of its rows without a fault; `kept` is their number.
    bad : ``ordinal, fault, value`` of the other rows, in their order.
    broken : records that DuckDB could not parse, with the reason; `records` are those with lines.
    blank : lines without anything that DuckDB passed over.
    """

    opened: Opened
    good: Path
    kept: int = 0
    bad: pl.DataFrame = field(default_factory=lambda: NO_FAULTS)
    broken: dict[int, str] = field(default_factory=dict)
    records: Sequence[Record] = ()
    blank: int = 0

    @property
    def raw(self) -> RawTable:
        """What the reader gave."""
        return self.opened.table

    @property
    def rows(self) -> int:
        """Rows of the table, blank ones included."""
        return self.kept + self.bad.height

    @property
    def blank_rows(self) -> int:
        """Rows without a value."""
        return self.bad.filter(pl.col("fault") == BLANK).height

    @property
    def rows_in(self) -> int:
        """Rows that are kept or rejected.

        An open quotation mark swallows the lines up to the next one, and each is a row that was
        lost.
        """
        lost = sum(record.last - record.first + 1 for record in self.records)
        return self.rows - self.blank_rows + lost


def find_repeats(con: duckdb.DuckDBPyConnection, contract: Contract) -> pl.DataFrame:
    """Return ``part, position, value, reason`` of rows of ``good`` whose key is there again.

    All but the first when they agree, every one when they contradict each other. Keys are compared
    by a hash first: most files have no repeat, and ten million keys are large.
    """
    key = ", ".join(map(quoted, contract.key))
    con.execute(
        f"create temp table hot as select hash({key}) as h from good group by h having count(*) > 1"
    )
    rest = [quoted(name) for name in staged_names(contract) if name not in contract.key]
    versions = (
        f"count(distinct ({', '.join(rest)}, position < 0)) over (partition by {key})"
        if rest
        else "1"
    )
    texts = ", ".join(f"{name}::varchar" for name in map(quoted, contract.key))
    return query(
        con,
        f"""
        with same_hash as (select * from good where hash({key}) in (select h from hot)),
        repeated as (
            select *, count(*) over (partition by {key}) as copies,
                row_number() over (partition by {key} order by part, position) as copy
            from same_hash
            qualify copies > 1
        ),
        judged as (select *, {versions} as versions from repeated)
        select part, position, concat_ws(' / ', {texts}) as value,
            case when versions > 1 then {literal(OTHER_VALUES)} else {literal(SAME_ROW)} end
                as reason
        from judged where versions > 1 or copy > 1 order by part, position
        """,
    )


def rejected_rows(
    parts: Sequence[Part], repeats: pl.DataFrame, contract: Contract, checks: Sequence[Check]
) -> pl.DataFrame:
    """Return the table of rejected rows: faults, repeats and broken records, on their lines."""
    tables = [
        _rejected_of(part, repeats.filter(pl.col("part") == place), contract, checks)
        for place, part in enumerate(parts)
    ]
    return pl.concat(tables).select(pl.col(name).cast(dtype) for name, dtype in REJECTED.items())


def _rejected_of(
    part: Part, repeats: pl.DataFrame, contract: Contract, checks: Sequence[Check]
) -> pl.DataFrame:
    reasons = pl.DataFrame(
        {
            "fault": pl.Series(range(1, len(checks) + 1), dtype=pl.Int16),
            "column": [check.column.source_name or check.column.name for check in checks],
            "reason": [check.reason for check in checks],
        },
        schema_overrides={"column": pl.String, "reason": pl.String},
    )
    faults = part.bad.filter(pl.col("fault") != BLANK).join(reasons, on="fault", how="left")
    taken = part.bad["ordinal"].to_list()
    again = repeats.with_columns(
        pl.Series("ordinal", among(repeats["position"].to_list(), taken), dtype=pl.Int64),
        pl.lit(", ".join(contract.key)).alias("column"),
    )
    columns = ["ordinal", "column", "value", "reason"]
    own = pl.concat([faults.select(columns), again.select(columns)], how="vertical_relaxed")
    own = own.sort("ordinal")
    own = own.with_columns(pl.Series("line", _lines(part, own["ordinal"].to_list()), pl.Int64))
    broken = [
        (line, record.fault if line == record.first else SWALLOWED.format(line=record.first))
        for record in part.records
        for line in range(record.first, record.last + 1)
    ]
    lost = pl.DataFrame(
        {"line": [line for line, _ in broken], "reason": [reason for _, reason in broken]},
        schema={"line": pl.Int64, "reason": pl.String},
    )
    return (
        pl.concat([own, lost], how="diagonal_relaxed")
        .with_columns(pl.lit(part.raw.name).alias("file"))
        .sort("line", maintain_order=True)
    )


def _lines(part: Part, ordinals: list[int]) -> list[int]:
    """Return the lines of rows; of a plain text file find those of its broken records as well."""
    if part.opened.text is not None:
        lines, part.records, part.blank = find_lines(
            part.opened.text, part.broken, ordinals, part.rows
        )
        return lines
    if part.raw.lines is None:
        return ordinals
    found: list[int] = part.raw.lines.gather([ordinal - 1 for ordinal in ordinals]).to_list()
    return found


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
