"""Look-ups between levels that no package carries: configured files, checked whole.

Each is a table that ONS publishes on its Open Geography portal, as CSV. Columns are found by the
names that ONS gives them, in large or small letters, or by those of the R package geographr.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from lds.errors import GeographyError
from lds.geography.register import Register


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One kind of look-up.

    Attributes
    ----------
    key : its key in the configuration, below ``geography.lookups``.
    title : what ONS calls the table.
    columns : our name of each column, and the names under which files have it.
    one_each : each code of the first column leads to one code of the second.
    """

    key: str
    title: str
    columns: dict[str, tuple[str, ...]]
    one_each: bool


LSOA21 = Lookup(
    key="lsoa21",
    title="LSOA (2011) to LSOA (2021) to Local Authority District (2022) Exact Fit Lookup for "
    "England and Wales",
    columns={
        "lsoa11_code": ("lsoa11cd", "lsoa11_code"),
        "lsoa21_code": ("lsoa21cd", "lsoa21_code"),
        "change": ("chgind", "change_code"),
    },
    one_each=False,
)
MSOA11 = Lookup(
    key="msoa",
    title="Output Area (2011) to LSOA to MSOA to Local Authority District Lookup in England and "
    "Wales",
    columns={
        "lsoa11_code": ("lsoa11cd", "lsoa11_code"),
        "msoa11_code": ("msoa11cd", "msoa11_code"),
    },
    one_each=True,
)
CIS20 = Lookup(
    key="cis_areas",
    title="Local Authority District (May 2020) to Covid Infection Survey (October 2020) Lookup in "
    "England",
    columns={"lad_code": ("lad20cd",), "cis_code": ("cis20cd",)},
    one_each=True,
)
_CHANGES = ("U", "S", "M", "X")
"""LSOA unchanged, split, merged, or changed otherwise (a boundary that moved)."""
CIS_VINTAGE = date(2020, 5, 1)
"""The LADs that areas of the COVID-19 Infection Survey are made of."""


def read_lookup(lookup: Lookup, path: Path | None) -> pl.DataFrame:
    """Return the English rows of a configured look-up, sorted, each once.

    Columns: those of `lookup`, as text.

    Raises
    ------
    GeographyError : when no file is configured (with the table to get and the key to set), when it
        cannot be read, lacks a column, has an empty code, or gives one code two codes that it may
        not have.
    """
    if path is None:
        raise GeographyError(
            f"This needs a look-up that is not configured: {lookup.title}.",
            where=f"config.yaml, geography.lookups.{lookup.key}",
            remedy="Download the table from the ONS Open Geography portal as CSV, and set the key "
            "to its path.",
        )
    try:
        rows = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise GeographyError(
            "A look-up cannot be read.",
            where=f"{path}: {str(error).splitlines()[0]}",
            remedy=f"Save it as CSV in UTF-8; it is: {lookup.title}.",
        ) from None
    found = {name.strip().lower(): name for name in rows.columns}
    columns = {
        ours: next((found[name] for name in names if name in found), None)
        for ours, names in lookup.columns.items()
    }
    missing = [lookup.columns[ours][0].upper() for ours, name in columns.items() if name is None]
    if missing:
        raise GeographyError(
            "A look-up lacks a column.",
            where=f"{path}, line 1: {', '.join(rows.columns)}",
            values=missing,
            remedy=f"Give the table: {lookup.title}.",
        )
    first, second = list(lookup.columns)[:2]
    table = (
        rows.select(
            pl.col(str(name)).str.strip_chars().alias(ours) for ours, name in columns.items()
        )
        .with_row_index("line", offset=2)
        .filter(pl.col(first).str.starts_with("E").fill_null(value=True))
    )
    empty = table.filter(pl.any_horizontal(pl.col(list(lookup.columns)).fill_null("") == ""))
    _refuse(path, empty, "A code is missing.", "line", "Fill it in, or leave the row out.")
    table = table.drop("line").unique().sort(list(lookup.columns))
    if lookup.one_each:
        twice = table.filter(pl.col(first).is_duplicated())
        _refuse(path, twice, f"A {first} has more than one {second}.", first, "Give it one.")
    return table


def lsoas21(path: Path | None, lsoas: pl.DataFrame) -> pl.DataFrame:
    """Return the LSOAs of 2021 that each English LSOA of 2011 has land in.

    Columns: ``lsoa11_code``; ``lsoa21_code``; ``change``, ``U`` (unchanged), ``S`` (split), ``M``
    (merged) or ``X`` (changed otherwise). Sorted.

    Parameters
    ----------
    path : the file configured as ``geography.lookups.lsoa21``.
    lsoas : the LSOAs of 2011; see `lds.geography.levels.lsoas.lsoas11`.

    Raises
    ------
    GeographyError : see `read_lookup`; or when the file lacks an LSOA or has one that is unknown.
    """
    table = read_lookup(LSOA21, path)
    _check_codes(path, table, lsoas["code"].to_list())
    other = table.filter(~pl.col("change").is_in(_CHANGES))
    _refuse(path, other, "A kind of change is unknown.", "change", f"Use {', '.join(_CHANGES)}.")
    return table


def msoas11(path: Path | None, lsoas: pl.DataFrame) -> pl.DataFrame:
    """Return the MSOA of 2011 of each English LSOA of 2011.

    Columns: ``lsoa11_code``, ``msoa11_code``; sorted. Parameters and errors as of `lsoas21`.
    """
    table = read_lookup(MSOA11, path)
    _check_codes(path, table, lsoas["code"].to_list())
    return table


def cis_areas(path: Path | None, register: Register) -> pl.DataFrame:
    """Return the area of the COVID-19 Infection Survey that each LAD of May 2020 belongs to.

    Columns: ``lad_code``, ``cis_code`` (J06...); sorted.

    Parameters
    ----------
    path : the file configured as ``geography.lookups.cis_areas``.

    Raises
    ------
    GeographyError : see `read_lookup`; or when the file lacks a LAD of that day or has another.
    """
    table = read_lookup(CIS20, path)
    _check_codes(path, table, register.live_on(CIS_VINTAGE)["code"].to_list())
    return table


def _check_codes(path: Path | None, table: pl.DataFrame, expected: Collection[str]) -> None:
    """Refuse a table whose first column does not hold exactly the codes that exist."""
    first = table.columns[0]
    codes = set(table[first])
    for values, what in (
        (set(expected) - codes, f"A look-up lacks some {first}s."),
        (codes - set(expected), f"A look-up has {first}s that do not exist."),
    ):
        if values:
            raise GeographyError(
                what,
                where=f"{path}, column {first}",
                values=sorted(values),
                remedy="Give the whole table of that edition, with all of England.",
            )


def _refuse(path: Path | None, rows: pl.DataFrame, what: str, column: str, remedy: str) -> None:
    if not rows.is_empty():
        raise GeographyError(
            what,
            where=f"{path}",
            values=[f"{column} {value}" for value in rows[column].unique().sort()],
            remedy=remedy,
        )
