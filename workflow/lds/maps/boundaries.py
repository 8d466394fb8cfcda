"""Boundaries of LADs and regions of any vintage, dissolved from the LSOAs of 2011.

Areas made of the same LSOAs fit together: no gap, no overlap, regions of whole LADs. Coordinates
are metres of the British National Grid; a frame of boundaries has the columns ``code`` and
``geometry`` (well-known binary, polygon or multipolygon), sorted by code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import shapely

from lds.geography.levels.lsoas import lads_of_lsoas, lsoas11, read_lsoa_features
from lds.geography.register import Register
from lds.maps.national_grid import to_national_grid
from lds.maps.polygons import Polygons, dissolve, polygons_of, simplify

_DECIMALS = 1
"""Decimals of a coordinate in metres; the LSOAs are generalised to some 200 metres."""
_SLIVER = 5.0
"""Gaps up to this width in metres are mistakes of the file, not land between two areas."""


class Boundaries(NamedTuple):
    """Boundaries of one vintage; see the module for the columns."""

    lads: pl.DataFrame
    regions: pl.DataFrame


def build_boundaries(register: Register, vintage: date) -> Boundaries:
    """Return the boundaries of the LADs of `vintage` and of the regions, simplified to `TOLERANCE`.

    Raises
    ------
    GeographyError : when LADs of `vintage` are not made of whole LSOAs (before 1 April 2009), or
        the register is not complete for it.
    """
    features = read_lsoa_features()
    lads = lads_of_lsoas(register, lsoas11(register, features), vintage)
    return dissolve_vintage(register, lads, lsoa_polygons(features))


def dissolve_vintage(register: Register, lads_of: pl.DataFrame, polygons: Polygons) -> Boundaries:
    """Return the boundaries of LADs and of their regions, simplified to `TOLERANCE`.

    Parameters
    ----------
    lads_of : ``lad_code``, the LAD of each LSOA; see `lds.geography.levels.lsoas.lads_of_lsoas`.
    polygons : of the same LSOAs in the same order; see `lsoa_polygons`.
    """
    lads = simplify(dissolve(polygons, lads_of["lad_code"].to_list()))
    region_of = dict(register.areas.select("code", "region_code").iter_rows())
    regions = dissolve(polygons_of(lads), [region_of[code] for code in lads["code"]])
    return Boundaries(lads, regions)


def lsoa_polygons(features: Sequence[dict[str, Any]]) -> Polygons:
    """Return the polygons of GeoJSON features in longitude and latitude as a coverage in metres.

    The file has a few faults: three LSOAs have a hole written as a second polygon inside the first,
    and the borders of five pairs do not run through the same points. Both are mended.
    """
    polygons = shapely.from_geojson([json.dumps(each["geometry"]) for each in features])
    polygons = shapely.transform(
        polygons, lambda xy: np.column_stack(to_national_grid(xy[:, 0], xy[:, 1])).round(_DECIMALS)
    )
    faulty = ~shapely.is_valid(polygons)
    # "linework" counts a polygon inside a polygon as a hole.
    polygons[faulty] = shapely.make_valid(polygons[faulty], method="linework")
    cleaned: Polygons = shapely.coverage_clean(polygons, snapping_distance=0, gap_width=_SLIVER)
    return cleaned
