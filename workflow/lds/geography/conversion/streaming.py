"""Conversions from Parquet file to Parquet file, for tables larger than memory.

Rows stream through DuckDB, which sets aside on disk what does not fit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Unpack

import duckdb
import polars as pl

from lds.database import connect, literal, load_frame, query, quoted, view_file
from lds.errors import GeographyError
from lds.geography.conversion.account import Account, refuse_unmatched, rows_account
from lds.geography.conversion.crosswalk import build_crosswalk
from lds.geography.conversion.engine import Options, conversion
from lds.geography.conversion.given import column_types, refuse_unknown
from lds.geography.conversion.kinds import find_kind, statement
from lds.geography.conversion.weights import population_weights
from lds.geography.register import Register
from lds.io import replacing

MEMORY = "2GiB"
"""What DuckDB may hold in memory; the rest of the process comes on top."""

MARKS = ("exact", "best_fit", "not_convertible")


def convert_file(
    path: Path,
    target: Path,
    register: Register,
    *,
    to: date,
    kind: str,
    memory: str = MEMORY,
    threads: int | None = None,
    **options: Unpack[Options],
) -> Account:
    """Carry the values of a Parquet file to the LADs of day `to`, into another Parquet file.

    Columns, order and errors are those of `lds.geography.conversion.engine.convert`; when it fails,
    `target` is not touched. `memory` is a limit as DuckDB writes it, `threads` one for each core
    unless given; neither changes the result.
    """
    with (
        _parquet(path, target, memory, threads) as con,
        conversion(con, "source", register, to=to, kind=kind, **options) as (select, account),
    ):
        _write(con, select, target)
        return account


def convert_rows(
    path: Path,
    target: Path,
    register: Register,
    *,
    to: date,
    code: str = "from_code",
    maximum_unmatched_share: float | None = None,
    source: str = "The table",
    memory: str = MEMORY,
    threads: int | None = None,
) -> Account:
    """Give every row of a Parquet file the LAD of day `to` that its code leads to.

    Nothing is added up, and rows keep their order. ``area`` and ``match`` (``exact``, ``best_fit``
    or ``not_convertible``) come after the columns of the file, of which `code` is now called
    ``from_code``. A row whose code leads to several LADs, or to none, stays, without ``area``.

    Raises
    ------
    GeographyError : a day outside the register; unknown codes; no column `code`, or columns with
        the names of those that are added; too many rows without a LAD.
    """
    with _parquet(path, target, memory, threads) as con:
        types = column_types(con, "source")
        added = {"area", "match"} | ({"from_code"} if code != "from_code" else set())
        taken = sorted(added & types.keys())
        if code not in types or taken:
            raise GeographyError(
                f"{source} has no column {code!r}."
                if code not in types
                else f"{source} has columns with the names of those that a conversion adds.",
                where=f"its columns: {', '.join(types)}",
                values=taken,
                remedy="Name the column of codes." if code not in types else "Rename them.",
            )
        others = "".join(f", {quoted(name)}" for name in types if name != code)
        con.execute(
            f"create temp view records as select {quoted(code)} as from_code{others} from source"
        )
        counts = query(
            con,
            "select from_code, count(*) as n_rows from records group by from_code order by all",
        )
        refuse_unknown(counts["from_code"].drop_nulls().to_list(), register, source)
        # A label stays with its row: only pairs that lead to one LAD are of use.
        crosswalk = build_crosswalk(
            register, to, find_kind("category"), population_weights(register)
        )
        single = crosswalk.usable.filter(pl.col("from_code").is_unique())
        account = rows_account(register, crosswalk, single, counts, source=source, to=to)
        if maximum_unmatched_share is not None:
            refuse_unmatched(account, maximum_unmatched_share)
        _load_single(con, single)
        # Rows keep their order only as long as the small table is the one that is looked up.
        con.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        _write(con, statement("convert_rows"), target)
        return account


def _load_single(con: duckdb.DuckDBPyConnection, single: pl.DataFrame) -> None:
    """Create table ``single``; enumerated text is written to Parquet at a fraction of the time."""
    load_frame(con, "pairs", single.select("from_code", "to_code", "match"))
    con.execute("create type lad as enum (select distinct to_code from pairs order by to_code)")
    con.execute(f"create type match as enum {MARKS}")
    con.execute(
        "create table single as select from_code, cast(to_code as lad) as to_code,"
        " cast(match as match) as match from pairs"
    )


@contextmanager
def _parquet(
    path: Path, target: Path, memory: str, threads: int | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with the file as view ``source`` and room on the disk of `target`."""
    if not path.is_file():
        raise GeographyError("A file is missing.", where=str(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".spill.") as room, connect() as con:
        con.execute(f"set temp_directory = {literal(room)}")
        con.execute(f"set memory_limit = {literal(memory)}")
        if threads is not None:
            con.execute(f"set threads = {threads}")
        try:
            view_file(con, "source", path)
        except duckdb.Error as error:
            raise GeographyError(
                "A file is not Parquet.", where=f"{path}: {str(error).splitlines()[0]}"
            ) from None
        yield con


def _write(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    with replacing(target) as temporary:
        con.execute(
            f"copy ({select}) to {literal(str(temporary))} (format parquet, compression zstd)"
        )
