"""Harmonisation: a staged source on the target LAD vintage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from lds.contracts import load_table_contract
from lds.database import connect, load_frame, query, view_file
from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.conversion.engine import Options, convert
from lds.geography.conversion.kinds import Kind, find_kind
from lds.sources.contract import Contract

NOT_KEYS = ("place", "status", "from_code")
"""Columns of ``located`` that neither are values nor tell values of one place apart."""


@dataclass(frozen=True)
class Harmonised:
    """A source on the LADs of the vintage and the custom areas, and the account of the way there.

    Attributes
    ----------
    table : columns of ``workflow/schemas/tables/harmonised_<kind>.yaml``; areas that nothing
        converts have no row, the account says why. Rows of LADs come first.
    summary : the `Account` of the conversion to the LADs as JSON has it; with ``places``: number of
        places and of values by status; and ``custom_areas``: by code ``match`` (``exact``,
        ``best_fit``, ``not_convertible`` or ``without_source``) and ``from_codes``.
    """

    table: pl.DataFrame
    summary: dict[str, object]


def harmonise(
    contract: Contract,
    tables: Mapping[str, pl.DataFrame | Path],
    register: Register,
    *,
    to: date,
    sql: Path,
    maximum_unmatched_share: float | None = None,
    custom_areas: pl.DataFrame | None = None,
) -> Harmonised:
    """Place the rows of a source by its SQL file and carry them to the LADs of day `to`.

    Custom areas are converted to from the source itself, each on its own day.

    Parameters
    ----------
    tables : the staged table and the look-ups that ``<sql>/<source>.sql`` names: frames, or Parquet
        files, which are read as they are needed and may be larger than memory. The query gives
        ``place, status, from_code``, the keys (``date, measure``) and the value columns of the
        kind; status is lad, national, no_lad, outside_england, other_country or unknown.
    sql : folder ``workflow/sql/harmonised``.
    maximum_unmatched_share : the run stops when a larger share of the rows with a LAD code leads
        to no LAD of that day.
    custom_areas : ``area``, ``vintage`` (a day), ``code`` (of a LAD of that day).

    Raises
    ------
    GeographyError : unknown places, and whatever `lds.geography.conversion.engine.convert` refuses.
    """
    with connect() as con:
        for name, table in tables.items():
            if isinstance(table, Path):
                view_file(con, name, table)
            else:
                load_frame(con, name, table)
        query_text = (sql / f"{contract.id}.sql").read_text(encoding="utf-8")
        con.execute(f"create table located as {query_text}")
        return convert_located(
            con,
            register,
            contract.conversion,
            source=contract.title,
            to=to,
            maximum_unmatched_share=maximum_unmatched_share,
            custom_areas=custom_areas,
        )


def convert_located(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    rules: Mapping[str, object],
    *,
    source: str,
    to: date,
    maximum_unmatched_share: float | None = None,
    custom_areas: pl.DataFrame | None = None,
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
    options: Options = {
        "keys": [name for name in columns if name not in (*NOT_KEYS, *kind.values)],
        "minimum_coverage": float(str(minimum)) if minimum is not None else None,
        "absent": "zero" if rules.get("absent") == "zero" else "missing",
        "source": source,
        "named_by": "place",
    }
    for_lads: Options = {**options, "maximum_unmatched_share": maximum_unmatched_share}
    converted = convert(con, "placed", register, to=to, kind=kind.name, **for_lads)
    tables = [converted.table]
    custom: dict[str, dict[str, object]] = {}
    by_day = {} if custom_areas is None else custom_areas.partition_by("vintage", as_dict=True)
    for (day,), members in sorted(by_day.items()):
        for_areas: Options = {**options, "areas": members}
        made = convert(con, "placed", register, to=day, kind=kind.name, **for_areas).table
        tables.append(made)
        custom |= _made_from(made, members["area"].unique().sort().to_list())
    layer = load_table_contract(f"harmonised_{kind.name}")
    table = pl.concat(
        each.filter(pl.col("match") != "not_convertible")
        .select(layer.names)
        .cast(pl.Schema(layer.polars_schema))
        for each in tables
    )
    summary = {**converted.account.to_dict(), "places": places, "custom_areas": custom}
    return Harmonised(table, summary)


def _made_from(table: pl.DataFrame, areas: list[str]) -> dict[str, dict[str, object]]:
    """Return how each custom area was reached, and the codes behind it."""
    made: dict[str, dict[str, object]] = {}
    for area in areas:
        rows = table.filter(pl.col("area") == area)
        used = rows.filter(pl.col("match") != "not_convertible")
        matches = set((used if used.height else rows)["match"])
        worst = [each for each in ("not_convertible", "best_fit", "exact") if each in matches]
        codes = {code for listed in rows["from_codes"].unique() for code in listed.split(" ")}
        made[area] = {"match": (worst or ["without_source"])[0], "from_codes": sorted(codes)}
    return made


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
