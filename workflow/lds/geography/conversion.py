"""Values carried from the codes of a source to the LADs of the target vintage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from lds.database import load_frame, query, select_file
from lds.errors import GeographyError
from lds.geography.register import Register
from lds.geography.translation import not_convertible, predecessors, translate


@dataclass(frozen=True)
class Conversion:
    """Converted values and the account of the way there.

    Attributes
    ----------
    table : columns of ``workflow/schemas/tables/harmonised_change.yaml``.
    summary : counts of places, values and areas by what became of them.
    """

    table: pl.DataFrame
    summary: dict[str, object]


def _refuse_unknown(
    con: duckdb.DuckDBPyConnection, source: str, to: date, register: Register
) -> None:
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
    codes = query(
        con,
        "select distinct from_code from located where status = 'lad'"
        " and from_code not in (select from_code from translation) order by from_code",
    )["from_code"].to_list()
    known = set(register.areas["code"])
    strange = [code for code in codes if code not in known]
    if strange:
        raise GeographyError(
            f"{source} has LAD codes that the area register does not know.",
            values=strange,
            remedy="Correct the look-up, or add the codes to workflow/resources/areas.csv.",
        )


_TWICE = """
with given as (
    select from_code, date, measure, count(*) as times, min(place) as place, max(place) as other
    from located where status = 'lad' group by from_code, date, measure
),
later as (
    select from_code, unnest(string_split(path, '>')[2:]) as code from translation
)
select given.date, given.from_code as code, given.place, given.from_code as other_code, given.other
from given where times > 1
union all
select given.date, given.from_code, given.place, made.from_code, made.place
from given
inner join later on given.from_code = later.from_code
inner join given as made
    on later.code = made.from_code and given.date = made.date and given.measure = made.measure
order by all limit 1
"""


def _refuse_overlap(con: duckdb.DuckDBPyConnection, source: str) -> None:
    found = query(con, _TWICE)
    if found.height:
        day, code, place, other_code, other = found.row(0)
        raise GeographyError(
            f"{source} covers the same people twice on one day: "
            + (
                "two of its rows are for one area."
                if code == other_code
                else "an area stands beside one of its own predecessors."
            ),
            where=f"{day}: {code} ({place}) and {other_code} ({other})",
            remedy="Leave one of the two out of the source or of its look-up.",
        )


def convert_change(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    *,
    source: str,
    to: date,
    minimum_coverage: float,
    sql: Path,
) -> Conversion:
    """Carry relative changes (percent, no published denominator) to the LADs of day `to`.

    A merged LAD's value is the mean of its parts that have one, weighted by the proxy population,
    where they hold at least `minimum_coverage` of it; otherwise it is missing. Method: the row
    "relative change" of the specification of geography; always ``best_fit`` over a merger.

    Parameters
    ----------
    con : has table ``located``: ``place, status, from_code, date, measure, value`` (whole numbers);
        status is lad, national, no_lad, outside_england, other_country or unknown.
    sql : ``workflow/sql/harmonised/convert_change.sql``.

    Raises
    ------
    GeographyError : unknown places or codes; an area beside its own predecessor on one day.
    """
    load_frame(con, "translation", translate(register, to))
    load_frame(con, "population", register.population.select("code", "population"))
    _refuse_unknown(con, source, to, register)
    _refuse_overlap(con, source)
    con.execute(f"set variable minimum_coverage = {minimum_coverage}")
    table = select_file(con, sql)
    return Conversion(
        table,
        _account(con, register, table, source=source, to=to, minimum_coverage=minimum_coverage),
    )


def _account(
    con: duckdb.DuckDBPyConnection,
    register: Register,
    table: pl.DataFrame,
    *,
    source: str,
    to: date,
    minimum_coverage: float,
) -> dict[str, object]:
    """Count what became of every place and value; the counts must add up.

    Raises
    ------
    GeographyError : when values went missing without a reason.
    """
    by_status = query(
        con,
        "select status, count(distinct place) as places, count(value) as n_values"
        " from located group by status order by status",
    )
    counts = {row[0]: {"places": row[1], "values": row[2]} for row in by_status.iter_rows()}
    backward = query(
        con,
        "select from_code, count(value) as n_values from located where status = 'lad'"
        " and (from_code not in (select from_code from translation)"
        " or from_code not in (select code from population)) group by from_code order by from_code",
    )
    used = int(table.filter(pl.col("value").is_not_null())["parts"].sum())
    thin = int(table.filter(pl.col("value").is_null())["parts"].sum())
    lost = int(backward["n_values"].sum())
    placed = counts.get("lad", {"values": 0})["values"]
    if placed != used + thin + lost:
        raise GeographyError(
            f"The conversion of {source} lost values:"
            f" {placed} placed, {used} used, {thin} below coverage, {lost} not convertible."
        )
    live = register.live_on(to)["code"].to_list()
    present = set(table["area"].to_list())
    reasons = dict(not_convertible(register, to).iter_rows())
    exact = table.group_by("area").agg((pl.col("match") == "exact").all().alias("exact"))
    best_fit = {
        area: sorted({code for codes in all_codes for code in codes.split(" ")})
        for area, all_codes in table.filter(pl.col("match") == "best_fit")
        .group_by("area")
        .agg(pl.col("from_codes").unique())
        .sort("area")
        .iter_rows()
    }
    return {
        "source": source,
        "vintage": to.isoformat(),
        "kind": "change",
        "minimum_coverage": minimum_coverage,
        "places": counts,
        "values": {
            "placed": int(placed),
            "used": used,
            "below_coverage": thin,
            "not_convertible": lost,
        },
        "not_convertible": {
            code: reasons.get(code, "no population weight is known for it.")
            for code in backward["from_code"].to_list()
        },
        "areas": {
            "exact": int(exact["exact"].sum()),
            "best_fit": best_fit,
            "without_source": [code for code in live if code not in present],
            "made_from_later_codes": _later_codes(register, live, backward["from_code"].to_list()),
        },
    }


def _later_codes(register: Register, live: list[str], backward: list[str]) -> dict[str, list[str]]:
    """Return the areas of the vintage that the source knows only through codes made later."""
    found: dict[str, list[str]] = {}
    for later in backward:
        for code in predecessors(register, later)["code"].to_list():
            if code in live:
                found.setdefault(code, []).append(later)
    return {code: sorted(codes) for code, codes in sorted(found.items())}
