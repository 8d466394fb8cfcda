"""Frames of boundaries, and what can be done with any: dissolve, simplify.

A frame of boundaries has the columns ``code`` and ``geometry`` (well-known binary, polygon or
multipolygon in metres of the British National Grid), sorted by code.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

Polygons = NDArray[np.object_]

TOLERANCE = 100.0
"""How coarsely boundaries are simplified, metres: the root of the area of a dropped triangle."""


def dissolve(polygons: Polygons, codes: Sequence[str]) -> pl.DataFrame:
    """Return the boundaries of areas made of the `polygons` of a coverage.

    Parameters
    ----------
    codes : the code of the area that each polygon belongs to.
    """
    of = np.asarray(codes)
    areas = sorted(set(codes))
    return frame_of(
        areas, np.array([shapely.coverage_union_all(polygons[of == code]) for code in areas])
    )


def simplify(boundaries: pl.DataFrame, tolerance: float = TOLERANCE) -> pl.DataFrame:
    """Return `boundaries` with fewer points, lines that two areas share alike in both.

    Parameters
    ----------
    tolerance : the root of the area, in metres, of the triangles that may be dropped.
    """
    return frame_of(
        boundaries["code"], shapely.coverage_simplify(polygons_of(boundaries), tolerance)
    )


def polygons_of(boundaries: pl.DataFrame) -> Polygons:
    """Return the polygons of a frame of boundaries, in its order."""
    polygons: Polygons = shapely.from_wkb(boundaries["geometry"].to_list())
    return polygons


def frame_of(codes: Sequence[str] | pl.Series, polygons: Polygons) -> pl.DataFrame:
    """Return a frame of boundaries."""
    return pl.DataFrame(
        {"code": codes, "geometry": shapely.to_wkb(shapely.normalize(polygons)).tolist()},
        schema={"code": pl.String, "geometry": pl.Binary},
    ).sort("code")
