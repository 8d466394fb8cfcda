"""DuckDB in memory, and the two ways between its tables and Polars frames.

Both go through the Arrow C stream interface, which neither library needs pyarrow for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl


class _ArrowStream:
    """A frame as nothing but an Arrow stream: DuckDB asks for pyarrow when it sees Polars."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that keeps the order of rows and asks no network for anything."""
    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = true")
        con.execute("set autoinstall_known_extensions = false")
        yield con


def load_frame(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Create table `name` with the rows of `frame`."""
    stream = _ArrowStream(frame)
    con.register("lds_incoming", stream)
    con.execute(f'create table "{name}" as select * from lds_incoming')
    con.unregister("lds_incoming")


def query(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """Return the result of one select statement."""
    return pl.DataFrame(con.sql(sql))


def select_file(con: duckdb.DuckDBPyConnection, path: Path) -> pl.DataFrame:
    """Return the table that one SQL file of the project describes (one file is one table)."""
    return query(con, path.read_text(encoding="utf-8"))
