"""Made-up look-ups in the shape of published ones that no installed package carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from lds.synthetic.england.cis_areas import cis_areas
from lds.synthetic.england.country import England

_FIRST_MSOA = 90_000_001
"""Number of the first MSOA; no real one has a number this high."""


def lsoa21(england: England) -> pl.DataFrame:
    """Return the LSOA of 2021 of each LSOA of 2011: none changes in the synthetic England.

    Columns: ``LSOA11CD, LSOA11NM, LSOA21CD, LSOA21NM, CHGIND`` (``U``, unchanged).
    """
    code, name = england.places["code"], england.places["name"]
    table = pl.DataFrame({"LSOA11CD": code, "LSOA11NM": name, "LSOA21CD": code, "LSOA21NM": name})
    return table.with_columns(CHGIND=pl.lit("U")).sort("LSOA11CD")


def msoas(england: England) -> pl.DataFrame:
    """Return the MSOA of each LSOA of 2011: the real groups, by name, under made-up codes.

    An LSOA is called after its MSOA, with a letter: ``Harborough 003B`` is in ``Harborough 003``.
    Two real ones, whose LSOAs have one name (Shepway 014), are one here.
    Columns: ``LSOA11CD, LSOA11NM, MSOA11CD, MSOA11NM``.
    """
    named = england.places.select(
        LSOA11CD="code", LSOA11NM="name", MSOA11NM=pl.col("name").str.replace(r"[A-Z]+$", "")
    )
    number = pl.col("MSOA11NM").rank("dense").cast(pl.Int64) + (_FIRST_MSOA - 1)
    coded = named.with_columns(MSOA11CD=pl.format("E{}", number))
    return coded.select("LSOA11CD", "LSOA11NM", "MSOA11CD", "MSOA11NM").sort("LSOA11CD")


LOOKUPS: Mapping[str, Callable[[England], pl.DataFrame]] = {
    "cis_areas": cis_areas,
    "lsoa21": lsoa21,
    "msoa": msoas,
}
"""The look-ups, by their keys under ``geography.lookups`` of the configuration."""
