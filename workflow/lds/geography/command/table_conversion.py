"""Columns of a file carried to the LADs of another day: what the command line's ``convert`` does.

The conversion itself is `lds.geography.conversion`; here a file's text becomes codes, numbers and
keys, and several columns become one table again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import polars as pl

from lds.errors import GeographyError
from lds.geography.classification.table_vintage import classify_relation, open_table
from lds.geography.classification.verdict import Classification
from lds.geography.conversion.given import MADE
from lds.geography.conversion.kinds import find_kind, kinds
from lds.geography.register import Register

if TYPE_CHECKING:
    from lds.geography.classification.table_vintage import Table
    from lds.geography.conversion.engine import Options
    from lds.geography.conversion.weights import Weights

MISSING = (
    *("", "NA", "N/A", "NaN", "null", "None", "*", ":", ".", "..", "-", "#"),
    *("c", "x", "z", "u", "[c]", "[x]", "[z]", "[u]", "[low]"),
)
"""What publishers write in place of a number that they do not give."""
_CODE = "__lad_code"


@dataclass(frozen=True)
class Column:
    """A value to convert: its name in the result, its kind, and the columns that it is made from.

    As text: ``NAME=KIND`` where the column has that name, or ``NAME=KIND:COLUMN/COLUMN``.
    """

    name: str
    kind: str
    columns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Column:
        """Read ``deaths=count``, ``rate=rate:cases/residents`` or ``age=mean:mean_age/n``.

        Raises
        ------
        GeographyError : no such kind; another number of columns than the kind needs.
        """
        name, _, rest = text.partition("=")
        kind, _, columns = rest.partition(":")
        if not name or not kind:
            raise GeographyError(
                f"{text!r} does not say what to convert.",
                remedy="Write COLUMN=KIND, such as deaths=count; kinds: " + ", ".join(kinds()),
            )
        needed = find_kind(kind).values
        given = tuple(columns.split("/")) if columns else (name,)
        if len(given) != len(needed):
            raise GeographyError(
                f"A {kind} needs {len(needed)} column(s): {' and '.join(needed)}.",
                values=given,
                remedy=f"Write {name}={kind}:{'/'.join(word.upper() for word in needed)}.",
            )
        return cls(name, kind, given)


@dataclass(frozen=True, eq=False)
class Converted:
    """A converted table and what is to be said about it.

    Attributes
    ----------
    table : ``area``, ``area_name``, the keys, each value, and for each value ``match``, ``parts``,
        ``from_codes`` and ``path`` (with ``_NAME`` behind them where there are several values).
        Rows that were kept as they came have ``match`` = ``unmatched`` and stand at the end.
    classification : of the file as it came.
    left_out : columns that say nothing but what the code says (names, regions), and are left out.
    unmatched : rows whose code is no English LAD of the register: kept, or dropped.
    sensitivity : one row per value and further basis of weights: ``value, basis, reference``,
        ``areas`` (best-fit ones that were compared), ``maximum`` and ``median`` of the relative
        differences of their values.
    """

    table: pl.DataFrame
    classification: Classification
    left_out: tuple[str, ...]
    unmatched: int
    sensitivity: pl.DataFrame


def convert_table(
    table: Table,
    register: Register,
    *,
    to: date,
    values: Sequence[Column],
    column: str | None = None,
    keys: Sequence[str] | None = None,
    sheet: str | None = None,
    unmatched: Literal["error", "keep", "drop"] = "error",
    minimum_coverage: float | None = None,
    absent: Literal["missing", "zero"] = "missing",
    weights: Sequence[Weights] = (),
) -> Converted:
    """Carry columns of a table to the LADs of day `to`.

    Parameters
    ----------
    table, column, sheet : as `lds.geography.classify`.
    values : what to convert.
    keys : columns that tell the values of one area apart; by default every other column that is
        not the same for all rows of a code (as the area's name is).
    unmatched : what to do about rows whose code is no English LAD of the register.
    minimum_coverage, absent : as `lds.geography.conversion.engine.Options`.
    weights : the first is used (the register's population without one); the values under each of
        the others are compared with those under the first.

    Raises
    ------
    SourceError : the file cannot be read.
    GeographyError : no such column; values that are no numbers; rows without an English LAD, unless
        told what to do about them; whatever `lds.geography.convert` raises.
    """
    from lds.database import fetch

    with open_table(table, column=column, sheet=sheet) as opened:
        found = classify_relation(opened, register, column, None)
        rows = fetch(opened.rows)
    where = opened.name or "the table"
    used = list(dict.fromkeys(name for value in values for name in value.columns))
    _refuse_absent(rows, [*used, *(keys or ())], where)
    numbers = [name for value in values if value.kind != "category" for name in value.columns]
    rows = rows.with_columns(_numbers(rows[name], where) for name in dict.fromkeys(numbers))
    rows = _with_codes(rows, found)
    strange = rows.filter(pl.col(_CODE).is_null())
    if strange.height and unmatched == "error":
        raise GeographyError(
            f"{strange.height:,} of {rows.height:,} rows have no English LAD code of the register.",
            where=f"{where}, column {found.column!r}",
            values=strange[found.column].unique(maintain_order=True).fill_null("(blank)").to_list(),
            remedy="Correct them, or have such rows kept or dropped (--unmatched keep, drop).",
        )
    good = rows.filter(pl.col(_CODE).is_not_null())
    left_out: list[str] = []
    if keys is None:
        keys, left_out = _keys(good, [found.column, *used])
        _refuse_many_keys(good, keys, where)
    _refuse_clashes(values, keys)
    options: Options = {"code": _CODE, "keys": list(keys), "absent": absent, "source": where}
    if minimum_coverage is not None:
        options["minimum_coverage"] = minimum_coverage
    if weights:
        options["weights"] = weights[0]
    parts = [_convert_one(good, register, to, value, options, len(values) == 1) for value in values]
    result = parts[0]
    for part in parts[1:]:
        # A numerator may have been converted as a count already.
        again = [name for name in part.columns if name in result.columns and name in used]
        part = part.drop(name for name in again if name not in keys)
        result = result.join(
            part, on=["area", *keys], how="full", coalesce=True, nulls_equal=True
        ).sort("area", *keys, nulls_last=True)
    names = dict(register.live_on(to).select("code", "name").iter_rows())
    name = pl.col("area").replace_strict(names, default=None, return_dtype=pl.String)
    result = result.insert_column(1, result.select(area_name=name).to_series())
    if unmatched == "keep":
        result = _with_unmatched(result, strange, found.column, list(keys), values)
    sensitivity = _sensitivity(good, register, to, values, options, weights)
    return Converted(result, found, tuple(left_out), strange.height, sensitivity)


def _with_codes(rows: pl.DataFrame, found: Classification) -> pl.DataFrame:
    """Return the rows with the LAD of each, null where it has none."""
    codes = dict(found.codes.filter(pl.col("known")).select("text", "code").iter_rows())
    text = pl.col(found.column).cast(pl.String)
    code = text.str.strip_chars().replace_strict(codes, default=None, return_dtype=pl.String)
    return rows.with_columns(code.alias(_CODE))


def _numbers(values: pl.Series, where: str) -> pl.Series:
    """Return a column as numbers: whole ones where all are; what stands for none is missing."""
    if values.dtype.is_numeric():
        return values
    text = values.cast(pl.String).str.strip_chars()
    missing = text.is_in(list(MISSING))
    plain = text.str.replace_all(",", "").str.strip_suffix("%")
    number = plain.cast(pl.Float64, strict=False)
    bad = text.filter(number.is_null() & ~missing & text.is_not_null())
    if bad.len():
        raise GeographyError(
            "A column to convert has values that are no numbers.",
            where=f"{where}, column {values.name!r}",
            values=bad.unique(maintain_order=True).to_list(),
            remedy="Correct them or leave the cells blank, or choose the kind category.",
        )
    number = pl.select(pl.when(~missing).then(number)).to_series()
    whole = plain.cast(pl.Int64, strict=False)
    same = (whole.is_null() == number.is_null()).all()
    return (whole if same else number).alias(values.name)


def _keys(rows: pl.DataFrame, taken: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns that tell the values of one code apart, and those that a code settles."""
    others = [name for name in rows.columns if name not in (_CODE, *taken)]
    spread = rows.group_by(_CODE).agg(pl.col(others).n_unique())
    keys = [name for name in others if rows[name].n_unique() == 1 or (spread[name] > 1).any()]
    return keys, [name for name in others if name not in keys]


def _refuse_many_keys(rows: pl.DataFrame, keys: Sequence[str], where: str) -> None:
    """Refuse keys that make nearly every row a case of its own, so that nothing could be added."""
    if not keys or rows[_CODE].n_unique() < 3:
        return
    combinations = rows.select(keys).n_unique()
    if combinations > rows.height / 2:
        raise GeographyError(
            "The columns that are not converted differ in nearly every row, so that no two areas "
            "could be put together.",
            where=where,
            values=keys,
            remedy="Name those that tell the values of an area apart with --keys (such as a date), "
            "or convert the others too.",
        )


def _refuse_clashes(values: Sequence[Column], keys: Sequence[str]) -> None:
    """Refuse two columns of the result with one name."""
    taken = ["area_name", *MADE, *keys, *(value.name for value in values)]
    for value in values:
        needed = find_kind(value.kind).values
        taken += [
            column
            for part, column in zip(needed, value.columns, strict=True)
            if part != "value" and column == value.name
        ]
    if twice := sorted({name for name in taken if taken.count(name) > 1}):
        raise GeographyError(
            "Columns of the result would have the same name.",
            values=twice,
            remedy="Give values other names (NAME=KIND:COLUMN), and rename the columns in the file "
            "or name the keys with --keys.",
        )


def _convert_one(
    rows: pl.DataFrame,
    register: Register,
    to: date,
    value: Column,
    options: Options,
    alone: bool,
) -> pl.DataFrame:
    """Return the area, the keys and the columns of one value under its own name."""
    from lds.geography.conversion.engine import convert_frame

    own, given = _own(rows, value, options)
    needed, keys = find_kind(value.kind).values, list(own.get("keys") or ())
    made = convert_frame(given, register, to=to, kind=value.kind, **own).table
    names = {"value": value.name}
    for part, column in zip(needed, value.columns, strict=True):
        if part != "value":
            names[part] = column
    kept = [name for name in made.columns if name not in ("area", *keys)]
    if not alone:
        names |= {name: f"{name}_{value.name}" for name in kept if name not in (*needed, "value")}
    return made.select("area", *keys, *kept).rename(
        {old: new for old, new in names.items() if old in kept}
    )


def _own(rows: pl.DataFrame, value: Column, options: Options) -> tuple[Options, pl.DataFrame]:
    """Return the options for one value, and the columns that its conversion needs."""
    own: Options = {**options}
    own["values"] = dict(zip(find_kind(value.kind).values, value.columns, strict=True))
    if find_kind(value.kind).coverage == "none":
        own.pop("minimum_coverage", None)
    keys = list(own.get("keys") or ())
    return own, rows.select(_CODE, *keys, *(name for name in value.columns if name not in keys))


def _sensitivity(
    rows: pl.DataFrame,
    register: Register,
    to: date,
    values: Sequence[Column],
    options: Options,
    weights: Sequence[Weights],
) -> pl.DataFrame:
    """Return how far the best-fit values are from those under other weights."""
    from lds.database import connect, load_frame
    from lds.geography.conversion.sensitivity import compare_weights

    schema: dict[str, type[pl.DataType]] = {
        **{"value": pl.String, "basis": pl.String, "reference": pl.String},
        **{"areas": pl.UInt32, "maximum": pl.Float64, "median": pl.Float64},
    }
    found = [pl.DataFrame(schema=schema)]
    for value in values if len(weights) > 1 else ():
        own, given = _own(rows, value, options)
        own.pop("weights", None)
        with connect() as con:
            load_frame(con, "source", given)
            table = compare_weights(
                con, "source", register, bases=weights, to=to, kind=value.kind, **own
            )
        found.append(
            table.group_by("basis", "reference")
            .agg(
                pl.col("area").n_unique().alias("areas"),
                pl.col("maximum").max(),
                pl.col("median").median(),
            )
            .sort("basis")
            .select(pl.lit(value.name).alias("value"), *list(schema)[1:])
            .cast(pl.Schema(schema))
        )
    return pl.concat(found)


def _with_unmatched(
    result: pl.DataFrame,
    rows: pl.DataFrame,
    column: str,
    keys: list[str],
    values: Sequence[Column],
) -> pl.DataFrame:
    """Return the result with rows that were not converted at its end, as they came."""
    marks = [name for name in result.columns if name == "match" or name.startswith("match_")]
    kept = rows.select(
        pl.col(column).alias("area"),
        *keys,
        *dict.fromkeys(
            name for value in values for name in value.columns if name in result.columns
        ),
        *(pl.lit("unmatched").alias(mark) for mark in marks),
    )
    return pl.concat([result, kept], how="diagonal_relaxed")


def _refuse_absent(rows: pl.DataFrame, names: Sequence[str], where: str) -> None:
    if absent := [name for name in names if name not in rows.columns]:
        raise GeographyError(
            "The table lacks columns that are to be converted or used as keys.",
            where=f"{where}, which has: {', '.join(rows.columns)}",
            values=absent,
            remedy="Give the names as they stand in the table.",
        )
