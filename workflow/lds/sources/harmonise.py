"""Harmonisation: a staged source on the target LAD vintage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from lds.database import connect, load_frame, select_file
from lds.geography import Register
from lds.geography.conversion import Conversion, convert_change
from lds.sources.contract import Contract


def harmonise(
    contract: Contract,
    tables: Mapping[str, pl.DataFrame],
    register: Register,
    *,
    to: date,
    sql: Path,
) -> Conversion:
    """Place the rows of a source by its SQL file and carry them to the LADs of day `to`.

    Parameters
    ----------
    tables : the staged table and the look-ups that ``<sql>/<source>.sql`` names.
    sql : folder ``workflow/sql/harmonised``.
    """
    with connect() as con:
        for name, frame in tables.items():
            load_frame(con, name, frame)
        load_frame(con, "located", select_file(con, sql / f"{contract.id}.sql"))
        return convert_change(
            con,
            register,
            source=contract.title,
            to=to,
            minimum_coverage=contract.conversion["minimum_coverage"],
            sql=sql / f"convert_{contract.conversion['kind']}.sql",
        )
