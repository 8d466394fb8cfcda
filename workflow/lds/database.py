"""DuckDB in memory, and the two ways between its tables and Polars frames.

Both go through the Arrow C stream interface, which neither library needs pyarrow for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb
import polars as pl


class _HasStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class _ArrowStream:
    """Rows as nothing but an Arrow stream, which is all that either library shall see.

    DuckDB asks for pyarrow when it is given a Polars frame. Polars keeps a reference to the class
    of a DuckDB relation, which DuckDB then reports as leaked when the interpreter ends.
    """

    def __init__(self, rows: _HasStream) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


@contextmanager
def connect(spill: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that keeps the order of rows and asks no network for anything.

    `spill` is the folder for what does not fit into memory; secure data must not lie elsewhere.
    """
    with duckdb.connect() as con:
        if spill is not None:
            con.execute(f"set temp_directory = {literal(str(spill))}")
        con.execute("set preserve_insertion_order = true")
        con.execute("set autoinstall_known_extensions = false")
        # An address as the name of a file would otherwise load httpfs, where it is installed.
        con.execute("set autoload_known_extensions = false")
        # A long query would draw its progress over what a command prints.
        con.execute("set enable_progress_bar = false")
        yield con


def literal(text: str) -> str:
    """Return text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return the name of a column or a table as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def one_file(path: Path) -> str:
    """Return a path in which DuckDB finds no pattern for the names of other files."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def load_frame(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Create table `name` with the rows of `frame`."""
    stream = _ArrowStream(frame)
    con.register("lds_incoming", stream)
    con.execute(f"create table {quoted(name)} as select * from lds_incoming")
    con.unregister("lds_incoming")


def view_file(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Create view `name` of one Parquet file, which is read as it is needed."""
    file = literal(one_file(path))
    con.execute(f"create view {quoted(name)} as select * from read_parquet({file})")


def fetch(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """Return the rows of a relation."""
    return pl.DataFrame(_ArrowStream(relation))


def query(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """Return the result of one select statement."""
    return fetch(con.sql(sql))
