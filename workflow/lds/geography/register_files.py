"""Read the files of the area register, and refuse those that do not hold together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from lds.errors import GeographyError, LdsError
from lds.io import read_yaml

SUCCESSION = ("merge", "recode")
"""The kinds of change that give an ended code its successor."""

KINDS = (*SUCCESSION, "partial_transfer", "rename")
EXACTNESS = ("best_fit", "exact")

AREAS = "areas.csv"
CHANGES = "area_changes.csv"
POPULATION = "area_population.csv"
REGIONS = "regions.csv"
COUNTIES = "counties.csv"
PERIOD = "area_register.yaml"

_COLUMNS = {
    AREAS: ("code", "name", "old_names", "region_code", "county_code", "start_date", "end_date"),
    CHANGES: (
        *("date", "instrument", "instrument_title"),
        *("kind", "from_code", "to_code", "exactness"),
    ),
    POPULATION: ("code", "year", "population"),
    REGIONS: ("code", "name"),
    COUNTIES: ("code", "name", "start_date", "end_date"),
}
_MAY_BE_EMPTY = ("old_names", "county_code", "end_date", "instrument")
_DATES = ("date", "start_date", "end_date")
_DAY = pl.duration(days=1)


class RegisterFiles(NamedTuple):
    """The checked content of a register folder."""

    areas: pl.DataFrame
    changes: pl.DataFrame
    population: pl.DataFrame
    regions: pl.DataFrame
    counties: pl.DataFrame
    complete_from: date
    complete_to: date


class _Table(NamedTuple):
    """A file as read, with the line that each row stands on."""

    path: Path
    rows: pl.DataFrame

    def refuse(self, bad: pl.Expr, column: str, what: str, remedy: str) -> None:
        """Raise `GeographyError` for the rows where `bad` holds."""
        found = self.rows.filter(bad)
        if found.is_empty():
            return
        lines = ", ".join(str(line) for line in found["line"].head(5))
        raise GeographyError(
            what,
            where=f"{self.path}, column {column}, line {lines}",
            values=found[column].to_list(),
            remedy=remedy,
        )

    def refuse_repeats(self, *columns: str) -> None:
        """Raise `GeographyError` when two rows have the same values in `columns`."""
        key = ", ".join(columns)
        repeated = pl.struct(columns).is_duplicated()
        self.refuse(repeated, columns[0], f"The same {key} stands twice.", "Keep one of the rows.")


def read_register_files(folder: Path) -> RegisterFiles:
    """Read and check the six files of a register folder.

    Raises
    ------
    GeographyError : naming the file, column, line and remedy, when a file is missing or malformed,
        when a code is repeated or unknown, or when the dates of areas and changes disagree.
    """
    complete_from, complete_to = _period(folder / PERIOD)
    tables = {name: _read(folder / name, columns) for name, columns in _COLUMNS.items()}
    areas, changes, population = tables[AREAS], tables[CHANGES], tables[POPULATION]
    for name in (AREAS, REGIONS, COUNTIES):
        tables[name].refuse_repeats("code")
    for name in (AREAS, COUNTIES):
        _check_lifetimes(tables[name], complete_from)
    _check_parents(areas, tables[REGIONS], tables[COUNTIES])
    _check_changes(changes, areas)
    _check_succession(areas, changes, complete_from)
    _check_names(areas, changes)
    return RegisterFiles(
        areas=_finish(areas, "code"),
        changes=_finish(changes, "date", "to_code", "from_code"),
        population=_finish(_check_population(population, areas), "code", "year"),
        regions=_finish(tables[REGIONS], "code"),
        counties=_finish(tables[COUNTIES], "code"),
        complete_from=complete_from,
        complete_to=complete_to,
    )


def _period(path: Path) -> tuple[date, date]:
    """Return the first and the last day for which the register is complete."""
    try:
        content = read_yaml(path)
    except OSError:
        raise _missing(path) from None
    except LdsError as error:
        raise GeographyError(error.what, where=error.where) from None
    days = [content.get(key) for key in ("complete_from", "complete_to")] if content else []
    if len(days) != 2 or not all(type(day) is date for day in days) or days[0] > days[1]:
        raise GeographyError(
            "The period of the register cannot be read.",
            where=f"{path}, keys complete_from and complete_to",
            values=days,
            remedy="Give two dates as YYYY-MM-DD, the earlier first.",
        )
    return days[0], days[1]


def _read(path: Path, columns: Sequence[str]) -> _Table:
    """Read a CSV file as text, then its dates; an empty field is null."""
    try:
        rows = pl.read_csv(path, infer_schema=False, row_index_name="line", row_index_offset=2)
    except OSError:
        raise _missing(path) from None
    except pl.exceptions.PolarsError as error:
        raise GeographyError(
            "A file of the area register cannot be read.",
            where=f"{path}: {str(error).splitlines()[0]}",
            remedy="Save it as UTF-8 text with commas and as many fields in each row as columns.",
        ) from None
    if rows.columns[1:] != list(columns):
        raise GeographyError(
            "A file of the area register has other columns than expected.",
            where=f"{path}, line 1",
            values=rows.columns[1:],
            remedy=f"Give the columns {','.join(columns)}.",
        )
    table = _Table(path, rows)
    for column in columns:
        if column not in _MAY_BE_EMPTY:
            table.refuse(pl.col(column).is_null(), column, "A value is missing.", "Fill it in.")
    for column in (name for name in columns if name in _DATES):
        parsed = pl.col(column).str.to_date("%Y-%m-%d", strict=False)
        table.refuse(
            parsed.is_null() & pl.col(column).is_not_null(),
            column,
            "A date cannot be read.",
            "Write it as YYYY-MM-DD.",
        )
        table = table._replace(rows=table.rows.with_columns(parsed))
    return table


def _check_lifetimes(table: _Table, complete_from: date) -> None:
    table.refuse(
        pl.col("end_date") < pl.col("start_date"),
        "code",
        "A code ends before it starts.",
        "end_date is the last day on which the code was live.",
    )
    table.refuse(
        pl.col("start_date") < complete_from,
        "code",
        f"A code starts before the register does ({complete_from}).",
        f"Correct start_date, or complete_from in {PERIOD}.",
    )


def _check_parents(areas: _Table, regions: _Table, counties: _Table) -> None:
    for column, parents in (("region_code", regions), ("county_code", counties)):
        known = parents.rows["code"].to_list()
        areas.refuse(
            ~pl.col(column).is_in(known),
            column,
            f"A {column} is unknown.",
            f"Correct it, or add it to {parents.path.name}.",
        )


def _check_changes(changes: _Table, areas: _Table) -> None:
    codes = areas.rows["code"].to_list()
    for column, allowed in (("kind", KINDS), ("exactness", EXACTNESS)):
        remedy = f"Use one of {', '.join(allowed)}."
        changes.refuse(~pl.col(column).is_in(allowed), column, f"A {column} is unknown.", remedy)
    for column in ("from_code", "to_code"):
        changes.refuse(
            ~pl.col(column).is_in(codes),
            column,
            "A change names a code that the register does not have.",
            f"Correct it, or add the code to {AREAS}.",
        )
    changes.refuse_repeats("from_code", "to_code", "date")
    changes.refuse(
        (pl.col("from_code") == pl.col("to_code")) != (pl.col("kind") == "rename"),
        "from_code",
        "A rename must keep its code, and every other change must give a new one.",
        "Correct the kind or one of the codes.",
    )
    lives = areas.rows.select("code", "start_date", "end_date")
    dated = (
        changes.rows.filter(pl.col("kind") != "rename")
        .join(lives.select(from_code="code", from_end="end_date"), on="from_code", how="left")
        .join(lives.select(to_code="code", to_start="start_date"), on="to_code", how="left")
        .sort("line")
    )
    table = changes._replace(rows=dated)
    table.refuse(
        (pl.col("from_end") + _DAY).ne_missing(pl.col("date")),
        "from_code",
        "A code does not end on the day before its change.",
        f"Correct the date of the change, or end_date in {AREAS}.",
    )
    table.refuse(
        pl.col("to_start") != pl.col("date"),
        "to_code",
        "A code does not start on the day of its change.",
        f"Correct the date of the change, or start_date in {AREAS}.",
    )


def _check_succession(areas: _Table, changes: _Table, complete_from: date) -> None:
    main = changes.rows.filter(pl.col("kind").is_in(SUCCESSION))
    areas.refuse(
        pl.col("end_date").is_not_null() & ~pl.col("code").is_in(main["from_code"].to_list()),
        "code",
        "A code ends, but no change says what it became.",
        f"Add a merge or recode to {CHANGES}.",
    )
    areas.refuse(
        (pl.col("start_date") > complete_from) & ~pl.col("code").is_in(main["to_code"].to_list()),
        "code",
        "A code starts, but no change says what it was made from.",
        f"Add a merge or recode to {CHANGES}.",
    )


def _check_names(areas: _Table, changes: _Table) -> None:
    # name_on() finds the name of a day by counting renames, so each must have its old name.
    renames = changes.rows.filter(pl.col("kind") == "rename").group_by("from_code").len("renames")
    rows = (
        areas.rows.join(renames, left_on="code", right_on="from_code", how="left")
        .with_columns(pl.col("renames").fill_null(0))
        .with_columns(pl.col("old_names").str.split("|").fill_null([]).alias("listed"))
        .sort("line")
    )
    areas._replace(rows=rows).refuse(
        pl.col("listed").list.len() != pl.col("renames"),
        "code",
        "The old names of a code do not fit its renames.",
        f"List one old name, oldest first, for each rename in {CHANGES}.",
    )


def _check_population(population: _Table, areas: _Table) -> _Table:
    population.refuse_repeats("code", "year")
    population.refuse(
        ~pl.col("code").is_in(areas.rows["code"].to_list()),
        "code",
        "A population is given for a code that the register does not have.",
        f"Correct it, or add the code to {AREAS}.",
    )
    for column in ("year", "population"):
        population.refuse(
            ~pl.col(column).str.contains(r"^[1-9]\d*$"),
            column,
            f"A {column} is not a whole number above zero.",
            "Write digits only.",
        )
    numbers = pl.col("year", "population").cast(pl.Int64)
    return population._replace(rows=population.rows.with_columns(numbers))


def _finish(table: _Table, *order: str) -> pl.DataFrame:
    """Return the rows in their order, without line numbers and with lists of old names."""
    rows = table.rows.drop("line").sort(order)
    if "old_names" in rows.columns:
        rows = rows.with_columns(pl.col("old_names").str.split("|").fill_null([]))
    return rows


def _missing(path: Path) -> GeographyError:
    return GeographyError(
        "A file of the area register is missing.",
        where=str(path),
        remedy="Restore it from the project's repository, or name the folder that has it.",
    )
