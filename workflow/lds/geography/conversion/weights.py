"""Weights of areas: what stands for the size of each code where values must be shared or averaged.

LADs of all vintages nest (boundaries that moved apart), so the weight of a merged area is the sum
of those of its parts, and weights known for one vintage are known for every later one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from lds.errors import GeographyError
from lds.geography.register import Register
from lds.geography.translation import REMEMBERED, forward_paths, territories

_SCHEMA = {"code": pl.String, "weight": pl.Int64}


@dataclass(frozen=True, eq=False)
class Weights:
    """Sizes of LAD codes by one measure.

    Attributes
    ----------
    basis : what is measured, as pages and accounts name it: ``population mid-2019``.
    table : ``code``, ``weight`` (whole, zero or more), sorted by code; codes without one are left
        out.
    """

    basis: str
    table: pl.DataFrame

    def of(self) -> dict[str, int]:
        """Return the weight of each code."""
        return dict(self.table.select("code", "weight").iter_rows())


@lru_cache(maxsize=REMEMBERED)
def population_weights(register: Register, year: int | None = None) -> Weights:
    """Return the register's mid-year residents as weights; of the latest year unless one is given.

    Raises
    ------
    GeographyError : when the register has no populations of that year.
    """
    years = register.population["year"].unique().sort().to_list()
    chosen = years[-1] if year is None and years else year
    if chosen not in years:
        raise GeographyError(
            f"The register has no populations of {chosen}.",
            where=f"years: {', '.join(map(str, years)) or 'none'}",
            remedy="Choose a year that it has, or give weights of your own (area_weights).",
        )
    known = register.population.filter(pl.col("year") == chosen)
    return area_weights(
        register, known.select("code", weight="population"), basis=f"population mid-{chosen}"
    )


def area_weights(register: Register, known: pl.DataFrame, *, basis: str) -> Weights:
    """Return weights for every code whose size follows from the sizes in `known`.

    A recoded area has the size of the code before and after; a merged one that of its parts, where
    all of them are known. Where land was moved between neighbours the size stays that of `known`.

    Parameters
    ----------
    known : ``code``, ``weight``: whole numbers of LADs of one vintage, or of several.

    Raises
    ------
    GeographyError : codes that the register does not know, or twice; weights that are missing,
        negative or not whole.
    """
    sizes = _checked(register, known, basis)
    paths = forward_paths(register)
    bits = territories(register)
    family: dict[str, list[str]] = {}
    for code in sizes:
        family.setdefault(paths[code][-1], []).append(code)
    rows = []
    for code in sorted(paths):
        relatives = family.get(paths[code][-1], [])
        size = sizes.get(code, _size(bits[code], {each: bits[each] for each in relatives}, sizes))
        if size is not None:
            rows.append((code, size))
    return Weights(basis, pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _size(land: int, relatives: Mapping[str, int], sizes: Mapping[str, int]) -> int | None:
    """Return the size of some land from those of known codes that tile it, if any do."""
    for code, bits in relatives.items():
        if bits == land:
            return sizes[code]
    inside = [code for code, bits in relatives.items() if bits & ~land == 0]
    if not inside or sum(relatives[code] for code in inside) != land:
        return None  # parts are missing, or areas of two vintages overlap
    return sum(sizes[code] for code in inside)


def lsoa_weights(
    register: Register,
    lsoas: pl.DataFrame,
    values: pl.DataFrame | None = None,
    *,
    basis: str,
) -> Weights:
    """Return weights added up from LSOAs: their number, or a value of each.

    Parameters
    ----------
    lsoas : ``code``, ``lad_code``, as `lds.geography.levels.lsoas.lsoas11` gives them.
    values : ``code`` (of the LSOA), ``weight`` (whole): residents of a year, households, hectares;
        without it each LSOA counts as one.

    Raises
    ------
    GeographyError : when `values` lacks some of the LSOAs, or has some twice.
    """
    if values is None:
        values = lsoas.select("code", weight=pl.lit(1, dtype=pl.Int64))
    twice = values.filter(pl.col("code").is_duplicated())["code"].unique().sort().to_list()
    joined = lsoas.select("code", "lad_code").join(
        values.select("code", "weight").unique("code"), on="code", how="left"
    )
    lost = joined.filter(pl.col("weight").is_null())["code"].sort().to_list()
    if twice or lost:
        raise GeographyError(
            f"The weights '{basis}' {'give LSOAs twice' if twice else 'do not cover all LSOAs'}.",
            values=twice or lost,
            remedy="Give one whole number for each LSOA of 2011 in England.",
        )
    known = joined.group_by(pl.col("lad_code").alias("code")).agg(pl.col("weight").sum())
    return area_weights(register, known, basis=basis)


def _checked(register: Register, known: pl.DataFrame, basis: str) -> dict[str, int]:
    codes = known["code"]
    unknown = sorted(set(codes) - set(register.areas["code"]))
    twice = codes.filter(codes.is_duplicated()).unique().sort().to_list()
    weight = known["weight"]
    bad = known.filter(
        weight.is_null() | (weight < 0) | (weight != weight.cast(pl.Int64, strict=False))
    )["code"].to_list()
    for what, values in (
        ("name codes that the area register does not know", unknown),
        ("give codes twice", twice),
        ("are not whole numbers of zero or more", bad),
    ):
        if values:
            raise GeographyError(
                f"The weights '{basis}' {what}.",
                values=values,
                remedy="Correct the table of weights.",
            )
    return dict(zip(codes, weight.cast(pl.Int64), strict=True))
