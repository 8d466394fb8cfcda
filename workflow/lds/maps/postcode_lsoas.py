"""The LSOA of 2011 that a point is in: by its polygon, among those of the LAD where that is known.

The polygons are generalised, so a point near a border can lie in the polygon next to its own. The
directory's LAD corrects what it can: a point outside all polygons of its LAD gets the nearest of
them (4 postcodes in 1,000). LSOAs of one LAD are told apart by their polygons alone, and some 7 in
100 postcodes get one beside their own, if a border between LSOAs misleads as often as one between
LADs does at the same distance. For LADs, and for counts of many postcodes, that is little; for the
LSOA of one address it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from string import ascii_uppercase

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from lds.geography.levels.lsoas import lads_of_lsoas, lsoas11, read_lsoa_features
from lds.geography.levels.postcodes import LADS_OF, read_postcodes
from lds.geography.register import Register
from lds.maps.boundaries import lsoa_polygons
from lds.maps.polygons import Polygons


def lsoas_of_points(
    points: pl.DataFrame, lsoa_codes: Sequence[str], lads: Sequence[str], polygons: Polygons
) -> pl.DataFrame:
    """Return the LSOA of each point, in the order of `points`.

    Parameters
    ----------
    points : ``easting``, ``northing`` (metres), ``lad_code``; others are kept.
    lsoa_codes, lads, polygons : of each LSOA, sorted by code: its code, its LAD of the vintage of
        `points` and its polygon.

    Returns
    -------
    The columns of `points` and ``lsoa_code``; ``lsoa_match``, ``inside`` or ``nearest`` (the point
    lies in no polygon of its LAD); both null where no LSOA is in the LAD (outside England).
    """
    places = shapely.points(points["easting"].to_numpy(), points["northing"].to_numpy())
    number = {lad: index for index, lad in enumerate(sorted(set(lads)))}
    lad_of_lsoa = np.array([number[lad] for lad in lads])
    lad_of_point = np.array([number.get(lad, -1) for lad in points["lad_code"]])
    found = np.full(len(places), -1)
    point, lsoa = shapely.STRtree(polygons).query(places, predicate="intersects")
    own = lad_of_lsoa[lsoa] == lad_of_point[point]
    # On a border between two the first code counts: backwards, so that it is written last.
    order = np.lexsort((-lsoa[own], point[own]))
    found[point[own][order]] = lsoa[own][order]
    inside = found >= 0
    for lad in np.unique(lad_of_point[~inside]):
        if lad >= 0:
            lost = np.flatnonzero(~inside & (lad_of_point == lad))
            found[lost] = _nearest(places[lost], np.flatnonzero(lad_of_lsoa == lad), polygons)
    codes = [lsoa_codes[each] if each >= 0 else None for each in found]
    match = ["inside" if is_in else "nearest" for is_in in inside]
    return points.with_columns(
        lsoa_code=pl.Series(codes, dtype=pl.String), lsoa_match=pl.Series(match, dtype=pl.String)
    ).with_columns(lsoa_match=pl.when(pl.col("lsoa_code").is_not_null()).then("lsoa_match"))


def build_postcodes(
    register: Register, vintage: date, letters: Iterable[str] = ascii_uppercase
) -> pl.DataFrame:
    """Return the postcodes of England with their LSOA of 2011 and their LAD of `vintage`.

    Columns: ``postcode``, ``easting``, ``northing``, ``lsoa_code``, ``lsoa_match`` (see
    `lsoas_of_points`), ``lad_code``; sorted by ``postcode``. The LAD is that of the directory
    where `vintage` is the directory's, and that of the LSOA otherwise.

    Parameters
    ----------
    letters : first letters of the postcodes wanted.

    Raises
    ------
    GeographyError : when LADs of `vintage` are not made of whole LSOAs (before 1 April 2009), or
        the register is not complete for it.
    """
    features = read_lsoa_features()
    lsoas = lsoas11(register, features)
    polygons = lsoa_polygons(features)
    del features
    today = lads_of_lsoas(register, lsoas, LADS_OF)["lad_code"].to_list()
    then = lads_of_lsoas(register, lsoas, vintage).select("lsoa_code", then="lad_code")
    codes = lsoas["code"].to_list()
    tables = []
    for letter in sorted(letters):  # one file at a time, to save memory
        points = read_postcodes(letter).filter(
            pl.col("lad_code").str.starts_with("E"), pl.col("easting").is_not_null()
        )
        tables.append(
            lsoas_of_points(points, codes, today, polygons).join(
                then, on="lsoa_code", how="left", maintain_order="left"
            )
        )
    lad = "lad_code" if vintage >= LADS_OF else "then"
    return pl.concat(tables).select(
        "postcode", "easting", "northing", "lsoa_code", "lsoa_match", pl.col(lad).alias("lad_code")
    )


def _nearest(
    places: NDArray[np.object_], candidates: NDArray[np.int64], polygons: Polygons
) -> NDArray[np.int64]:
    """Return the candidate that lies nearest each place; of equals the first."""
    point, candidate = shapely.STRtree(polygons[candidates]).query_nearest(places)
    order = np.lexsort((-candidate, point))
    nearest = np.empty(len(places), dtype=np.int64)
    nearest[point[order]] = candidates[candidate[order]]
    return nearest
