"""A raw file, staged by the contract and the SQL file of its source, as a frame."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import stage


def staged_table(raw: Path, source: str) -> pl.DataFrame:
    """Return the staged table of one raw file."""
    sql = SQL / "staging" / f"{source}.sql"
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"{source}.parquet"
        return stage(
            raw, load_contract(contract_path(source)), sql if sql.is_file() else None, to
        ).table
