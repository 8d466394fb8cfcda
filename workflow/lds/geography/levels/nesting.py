"""The levels above LADs: county, combined authority and region."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from lds.errors import GeographyError
from lds.geography.register import Register, is_live
from lds.io import RESOURCES

COMBINED_AUTHORITIES = "combined_authorities.csv"
_COLUMNS = {
    **dict.fromkeys(("code", "name", "lad_code"), pl.String),
    **dict.fromkeys(("start_date", "end_date"), pl.Date),
    "instrument": pl.String,
}


def combined_authorities(register: Register, folder: Path = RESOURCES) -> pl.DataFrame:
    """Return which LADs have been members of which combined authority.

    Columns: ``code`` (E47...), ``name``, ``lad_code``, ``start_date``, ``end_date`` (the last day;
    null while it lasts), ``instrument`` (the order that established the authority). One row per
    member and period under one name; sorted by ``code``, ``start_date``, ``lad_code``. Combined
    county authorities are among them. Source: ``workflow/resources/README.md``.

    Raises
    ------
    GeographyError : when a member was no LAD in all of its period, or was in two authorities at
        once.
    """
    path = folder / COMBINED_AUTHORITIES
    members = pl.read_csv(path, schema=_COLUMNS)
    lives = register.areas.select(lad_code="code", born="start_date", died="end_date")
    ever = date.max
    wrong = members.join(lives, on="lad_code", how="left").filter(
        pl.col("born").is_null()
        | (pl.col("start_date") < pl.col("born"))
        | (pl.col("end_date").fill_null(ever) > pl.col("died").fill_null(ever))
        | (pl.col("end_date") < pl.col("start_date"))
    )
    following = pl.col("start_date").shift(-1).over("lad_code", order_by="start_date")
    overlapping = members.filter(following <= pl.col("end_date").fill_null(ever))
    for rows, what in (
        (wrong, "A member of a combined authority was not a district in all of that time."),
        (overlapping, "A district is in two combined authorities at once."),
    ):
        if not rows.is_empty():
            raise GeographyError(
                what,
                where=f"{path}, column lad_code",
                values=rows["lad_code"].unique().sort().to_list(),
                remedy="Correct the code, start_date or end_date.",
            )
    return members.sort("code", "start_date", "lad_code")


def lad_levels(register: Register, vintage: date, folder: Path = RESOURCES) -> pl.DataFrame:
    """Return the county, combined authority and region of each LAD of `vintage`, sorted by code.

    Columns: ``lad_code``; ``county_code``, ``county_name`` (null for unitary authorities and London
    boroughs; the county that the code was last in, see `Register.areas`);
    ``combined_authority_code``, ``combined_authority_name`` (null for LADs in none on that day);
    ``region_code``, ``region_name``.

    Raises
    ------
    GeographyError : when the register is not complete for `vintage`; see also
        `combined_authorities`.
    """
    members = combined_authorities(register, folder).filter(is_live(vintage))
    return (
        register.live_on(vintage)
        .select(pl.col("code").alias("lad_code"), "county_code", "region_code")
        .join(_named(register.counties, "county"), on="county_code", how="left")
        .join(_named(register.regions, "region"), on="region_code", how="left")
        .join(
            members.select(
                "lad_code", combined_authority_code="code", combined_authority_name="name"
            ),
            on="lad_code",
            how="left",
            validate="1:1",
        )
        .sort("lad_code")
        .select(
            *("lad_code", "county_code", "county_name"),
            *("combined_authority_code", "combined_authority_name"),
            *("region_code", "region_name"),
        )
    )


def _named(areas: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return the codes and names of a level under the names of its columns."""
    return areas.select(
        pl.col("code").alias(f"{level}_code"), pl.col("name").alias(f"{level}_name")
    )
