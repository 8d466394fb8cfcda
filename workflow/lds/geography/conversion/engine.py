"""Values carried from LAD codes of any vintage, mixed ones included, to the LADs of one day.

The conversion itself is SQL (``workflow/sql/harmonised/convert_*.sql``) over two tables: ``given``,
the values, and ``crosswalk``, which says how much of each code goes to which LAD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypedDict, Unpack

import duckdb
import polars as pl

from lds.database import connect, load_frame, query
from lds.errors import GeographyError
from lds.geography.conversion.account import (
    Account,
    areas_account,
    make_account,
    refuse_unmatched,
)
from lds.geography.conversion.crosswalk import Crosswalk, build_crosswalk
from lds.geography.conversion.given import Given, make_given
from lds.geography.conversion.groups import group_crosswalk
from lds.geography.conversion.kinds import Kind, find_kind, statement
from lds.geography.conversion.overlap import refuse_overlap
from lds.geography.conversion.weights import Weights, population_weights
from lds.geography.register import Register
from lds.geography.translation import links

SAME_CELL = "converted.area = lost.area and converted.key is not distinct from lost.key"


class Options(TypedDict, total=False):
    """What a conversion may be told beyond its table, target day and kind.

    Attributes
    ----------
    areas : convert to areas made of LADs of the target day, not to the LADs themselves: one row per
        member, ``code`` (of the LAD) and ``area``. Areas may overlap.
    code : column of the LAD codes; ``from_code`` unless named.
    keys : columns that tell the values of one area apart, such as date and measure; by default
        every column that is neither code nor value. An area may stand once for each key.
    values : the table's own names of the value columns, as ``{"value": "deaths"}``.
    weights : sizes of areas, for what is not exact; residents by the register unless given.
    minimum_coverage : of a change (needed) or a category (1 unless given): the share of an area's
        weight that its parts with a value must hold.
    absent : what a part without a row means for a count or a rate: ``missing`` (the area then has
        no value either) or ``zero``.
    records : whether the rows of one code and key are records to add up (count only).
    maximum_unmatched_share : the conversion stops when a larger share of the rows finds no LAD
        (not with areas, which need not cover England).
    source : what messages and the account call the table.
    named_by : column with names of places, for messages.
    """

    areas: pl.DataFrame | None
    code: str
    keys: Sequence[str] | None
    values: Mapping[str, str]
    weights: Weights | None
    minimum_coverage: float | None
    absent: Literal["missing", "zero"]
    records: bool
    maximum_unmatched_share: float | None
    source: str
    named_by: str | None


@dataclass(frozen=True)
class Conversion:
    """Converted values and the account of the way there.

    Attributes
    ----------
    table : one row per target LAD or area and key: ``area``; the keys; the value columns of the
        kind (a rate has ``value`` too: numerator by denominator); of a category ``labels`` (all
        labels of the parts, in order, joined by a blank); of a change or a category ``coverage``
        (share of the area's weight in parts with a value; in parts with the commonest label);
        ``parts`` (number of source areas with a value); ``from_codes`` (joined by a blank);
        ``match`` (``exact``, ``best_fit`` or ``not_convertible``, which has no value); ``path`` (of
        each source area, the codes passed through). Sorted by ``area`` and keys.
    """

    table: pl.DataFrame
    account: Account


def convert(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    register: Register,
    *,
    to: date,
    kind: str,
    **options: Unpack[Options],
) -> Conversion:
    """Carry the values of a DuckDB table to the LADs of day `to`.

    Parameters
    ----------
    relation : name of the table or view.
    kind : ``count``, ``rate`` (columns ``numerator, denominator``), ``mean`` (``value, n``),
        ``change``, ``category``, ``median``, ``index`` or ``rank``; see
        ``workflow/resources/conversion_kinds.yaml``.
    options : see `Options`.

    Raises
    ------
    GeographyError : a day outside the register; unknown codes; an area twice, or beside one of its
        own predecessors, for one key; a kind, column or weight that does not fit; too many rows
        without a LAD.
    """
    with conversion(con, relation, register, to=to, kind=kind, **options) as (select, account):
        return Conversion(query(con, select), account)


def convert_frame(
    frame: pl.DataFrame, register: Register, *, to: date, kind: str, **options: Unpack[Options]
) -> Conversion:
    """Carry the values of a Polars frame to the LADs of day `to`; see `convert`."""
    with connect() as con:
        load_frame(con, "source", frame)
        return convert(con, "source", register, to=to, kind=kind, **options)


@contextmanager
def conversion(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    register: Register,
    *,
    to: date,
    kind: str,
    **options: Unpack[Options],
) -> Iterator[tuple[str, Account]]:
    """Convert as `convert` does, and yield the select statement of the table with the account."""
    rules = find_kind(kind)
    source = options.get("source", "The table")
    own_weights = options.get("weights")
    weights = own_weights or population_weights(register)
    minimum = _minimum_coverage(rules, options.get("minimum_coverage"))
    if options.get("records", False) and not rules.records:
        raise GeographyError(
            f"Records of kind {kind} cannot be added up.",
            remedy="Count or sum them first, or convert them row by row (convert_rows).",
        )
    areas = options.get("areas")
    crosswalk = (
        build_crosswalk(register, to, rules, weights)
        if areas is None
        else group_crosswalk(register, to, rules, weights, areas)
    )
    limit = options.get("maximum_unmatched_share")
    if areas is not None and limit is not None:
        raise GeographyError(
            "Areas need not cover England, so no share of unmatched rows can be too large.",
            remedy="Leave maximum_unmatched_share out.",
        )
    _drop(con)
    try:
        given = make_given(
            con,
            relation,
            register,
            kind=rules,
            code=options.get("code", "from_code"),
            keys=options.get("keys"),
            values=options.get("values", {}),
            records=options.get("records", False),
            source=source,
        )
        load_frame(con, "crosswalk", crosswalk.usable.drop("reason"))
        load_frame(con, "refused", crosswalk.refused)
        load_frame(con, "links", links(register, to))
        if areas is not None:
            con.execute("alter table crosswalk alter bit type bit")
        refuse_overlap(
            con,
            register,
            relation,
            given,
            code=options.get("code", "from_code"),
            named_by=options.get("named_by"),
            source=source,
        )
        if own_weights is not None:
            _refuse_uncovered(con, crosswalk, own_weights, source)
        con.execute(statement("share_of"))
        con.execute(f"set variable minimum_coverage = {minimum if minimum is not None else 1.0}")
        con.execute(f"set variable absent_is_zero = {options.get('absent') == 'zero'}")
        con.execute(f"create temp table converted as {rules.statement}")
        if areas is not None and rules.coverage == "none":
            # Values of the other parts must not pass for the whole of an area.
            con.execute(
                f"delete from converted using ({statement('not_convertible')}) as lost"
                f" where {SAME_CELL}"
            )
        con.execute(f"create temp table combinations as {statement('combinations')}")
        account = (make_account if areas is None else areas_account)(
            con,
            register,
            crosswalk,
            kind=rules,
            source=source,
            to=to,
            basis=weights.basis,
            minimum_coverage=minimum,
            without_code=given.without_code,
        )
        if limit is not None:
            refuse_unmatched(account, limit)
        yield _output(con, rules, given, grouped=areas is not None), account
    finally:
        _drop(con)


def _drop(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop view if exists given; drop view if exists records")
    con.execute("drop table if exists added; drop table if exists converted")
    con.execute("drop table if exists crosswalk; drop table if exists refused")
    con.execute("drop table if exists links; drop table if exists combinations")


def _minimum_coverage(kind: Kind, asked: float | None) -> float | None:
    if kind.coverage == "none" and asked is not None:
        raise GeographyError(
            f"A {kind.name} has no minimum coverage: it needs all parts of an area.",
            remedy="Leave minimum_coverage out.",
        )
    if kind.coverage == "needed" and asked is None:
        raise GeographyError(
            f"A {kind.name} needs a minimum coverage.",
            remedy="Declare the share of an area's weight that must have a value: 0.8, say.",
        )
    if asked is not None and not 0 < asked <= 1:
        raise GeographyError("A minimum coverage is a share above 0 and up to 1.", values=[asked])
    return 1.0 if kind.coverage == "allowed" and asked is None else asked


def _output(con: duckdb.DuckDBPyConnection, kind: Kind, given: Given, *, grouped: bool) -> str:
    """Return the select statement of the converted table, refused rows included."""
    found = query(con, "describe converted")["column_name"].to_list()
    divided = query(
        con,
        "select count(*) from given where from_code in"
        " (select from_code from crosswalk where share_before > 0 or share_after < 1)",
    ).item()
    columns = []
    for name in found:
        if name in ("area", "key", "combination", "match") or name.startswith("carried_"):
            continue
        if name in kind.adds:
            made = "bigint" if name in given.whole and not divided else "double"
            columns.append(f"cast({name} as {made}) as {name}")
        else:
            columns.append(name)
    columns += ["from_codes", "match", "path"]
    refused = f"select * from ({statement('not_convertible')}) as lost"
    if grouped:
        # Some parts of an area may be of use where others are refused.
        refused += f" where not exists (select 1 from converted where {SAME_CELL})"
    return (
        f"select {', '.join(['area', *given.key_columns(), *columns])} from"
        " (select * from converted inner join combinations using (area, combination)"
        f" union all by name ({refused})) order by area, key"
    )


def _refuse_uncovered(
    con: duckdb.DuckDBPyConnection, crosswalk: Crosswalk, weights: Weights, source: str
) -> None:
    used = query(con, "select distinct from_code from given order by from_code")["from_code"]
    unweighted = pl.col("weight").is_null() | pl.col("target_weight").is_null()
    split = pl.col("share_after").is_null() | (pl.col("covers") != pl.col("whole"))
    pairs = crosswalk.pairs.filter(pl.col("from_code").is_in(used.to_list()), unweighted & split)
    lacking = pairs["from_code"].unique().sort().to_list()
    if lacking:
        raise GeographyError(
            f"The weights '{weights.basis}' do not cover {source}.",
            values=lacking,
            remedy="Give a weight for each of these codes or for all of their parts, or choose"
            " other weights.",
        )
