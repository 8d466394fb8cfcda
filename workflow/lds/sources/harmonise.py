"""Harmonisation: a staged source on the target LAD vintage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from lds.contracts import load_table_contract
from lds.database import connect, load_frame, query, select_file
from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.conversion.engine import convert
from lds.geography.conversion.kinds import Kind, find_kind
from lds.sources.contract import Contract

NOT_KEYS = ("place", "status", "from_code")
"""Columns of ``located`` that neither are values nor tell values of one place apart."""


@dataclass(frozen=True)
class Harmonised:
    """A source on the LADs of the vintage, and the account of the way there.

    Attributes
    ----------
    table : columns of ``workflow/schemas/tables/harmonised_<kind>.yaml``; areas that nothing
        converts have no row, the account says why.
    summary : the `Account` of the conversion as JSON has it; with ``places``: number of places
        and of values by status.
    """

    table: pl.DataFrame
    summary: dict[str, object]


def harmonise(
    contract: Contract,
    tables: Mapping[str, pl.DataFrame],
    register: Register,
    *,
    to: date,
    sql: Path,
    maximum_unmatched_share: float | None = None,
) -> Harmonised:
    """Place the rows of a source by its SQL file and carry them to the LADs of day `to`.

    Parameters
    ----------
    tables : the staged table and the look-ups that ``<sql>/<source>.sql`` names. It gives
        ``place, status, from_code``, the keys (``date, measure``) and the value columns of the
        kind; status is lad, national, no_lad, outside_england, other_country or unknown.
    sql : folder ``workflow/sql/harmonised``.
    maximum_unmatched_share : the run stops when a larger share of the rows with a LAD code leads
        to no LAD of that day.

    Raises
    ------
    GeographyError : unknown places, and whatever `lds.geography.conversion.engine.convert` refuses.
    """
    with connect() as con:
        for name, frame in tables.items():
            load_frame(con, name, frame)
        load_frame(con, "located", select_file(con, sql / f"{contract.id}.sql"))
        return convert_located(
            con,
            register,
            contract.conversion,
            source=contract.title,
            to=to,
            maximum_unmatched_share=maximum_unmatched_share,
        )


def convert_located(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    rules: Mapping[str, object],
    *,
    source: str,
    to: date,
    maximum_unmatched_share: float | None = None,
) -> Harmonised:
    """Carry table ``located`` to the LADs of day `to`; see `harmonise`.

    Parameters
    ----------
    rules : the block ``conversion`` of a source's contract.
    """
    kind = find_kind(str(rules["kind"]))
    places = _places(con, kind)
    _refuse_unknown_places(con, source)
    con.execute("create or replace temp view placed as select * from located where status = 'lad'")
    columns = query(con, "describe located")["column_name"].to_list()
    minimum = rules.get("minimum_coverage")
    converted = convert(
        con,
        "placed",
        register,
        to=to,
        kind=kind.name,
        keys=[name for name in columns if name not in (*NOT_KEYS, *kind.values)],
        minimum_coverage=float(str(minimum)) if minimum is not None else None,
        absent="zero" if rules.get("absent") == "zero" else "missing",
        maximum_unmatched_share=maximum_unmatched_share,
        source=source,
        named_by="place",
    )
    layer = load_table_contract(f"harmonised_{kind.name}")
    table = (
        converted.table.filter(pl.col("match") != "not_convertible")
        .select(layer.names)
        .cast(pl.Schema(layer.polars_schema))
    )
    return Harmonised(table, {**converted.account.to_dict(), "places": places})


def _places(con: duckdb.DuckDBPyConnection, kind: Kind) -> dict[str, dict[str, int]]:
    by_status = query(
        con,
        "select status, count(distinct place) as places,"
        f" count({' + '.join(kind.values)}) as n_values"
        " from located group by status order by status",
    )
    return {
        status: {"places": n_places, "values": n_values}
        for status, n_places, n_values in by_status.iter_rows()
    }


def _refuse_unknown_places(con: duckdb.DuckDBPyConnection, source: str) -> None:
    unknown = query(
        con, "select distinct place from located where status = 'unknown' order by place"
    )["place"].to_list()
    if unknown:
        raise GeographyError(
            f"{source} names places that match nothing.",
            values=unknown,
            remedy="Add each to the look-up of the source, or its other name to"
            " workflow/resources/google_place_names.csv.",
        )
