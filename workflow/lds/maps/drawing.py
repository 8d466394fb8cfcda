"""Boundaries as SVG paths: whole numbers in one shared viewBox, small enough to repeat in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from lds.errors import GeographyError
from lds.maps.polygons import frame_of, polygons_of, simplify

COARSE_TOLERANCE = 500.0
"""Metres to simplify to for a map of all England; see `lds.maps.boundaries.simplify`."""
COARSE_ISLAND = 2_000_000.0
"""Square metres below which a map of all England leaves an island out."""
MARGIN = 0.08
"""Land shown around an area on its own map, as a share of the area's longer side."""


class Extent(NamedTuple):
    """A rectangle in metres of the British National Grid."""

    west: float
    south: float
    east: float
    north: float


class Drawing(NamedTuple):
    """Paths in a shared viewBox ``0 0 width height``.

    Attributes
    ----------
    paths : ``code``, ``path`` (the ``d`` of an SVG path; fill it by ``evenodd`` or ``nonzero``
        alike), sorted by code.
    metres : the length of one unit on the ground.
    """

    width: int
    height: int
    metres: float
    paths: pl.DataFrame


def extent_of(boundaries: pl.DataFrame, margin: float = 0.0) -> Extent:
    """Return the rectangle around all areas, wider on each side by a share of its longer side."""
    west, south, east, north = shapely.total_bounds(polygons_of(boundaries)).tolist()
    more = margin * max(east - west, north - south)
    return Extent(west - more, south - more, east + more, north + more)


def coarsen(
    boundaries: pl.DataFrame,
    tolerance: float = COARSE_TOLERANCE,
    smallest_island: float = COARSE_ISLAND,
) -> pl.DataFrame:
    """Return `boundaries` for a map of all areas: fewer points and no small islands.

    A part is an island when it touches no other area; an area keeps its largest part in any case.

    Parameters
    ----------
    tolerance : metres; see `lds.maps.boundaries.simplify`.
    smallest_island : square metres.
    """
    polygons = polygons_of(boundaries)
    parts, of = shapely.get_parts(polygons, return_index=True)
    areas = shapely.area(parts)
    part, other = shapely.STRtree(polygons).query(parts, predicate="intersects")
    kept = np.zeros(len(parts), dtype=bool)
    kept[part[of[part] != other]] = True
    kept |= areas >= smallest_island
    kept |= areas == np.array([areas[of == index].max() for index in of])
    whole = [shapely.multipolygons(parts[kept & (of == index)]) for index in range(len(polygons))]
    return simplify(frame_of(boundaries["code"], np.array(whole)), tolerance)


def around(boundaries: pl.DataFrame, code: str, margin: float = MARGIN) -> pl.DataFrame:
    """Return what a map of one area shows: the area and, cut at the map's edge, all others there.

    The rectangle is `extent_of` the area with `margin`; give it to `svg_paths` too.

    Raises
    ------
    GeographyError : when `code` is not among the boundaries.
    """
    area = boundaries.filter(pl.col("code") == code)
    if area.is_empty():
        raise GeographyError(
            "There is no boundary of this area.",
            values=[code],
            remedy="Give a code of the vintage that the boundaries were made for.",
        )
    polygons = shapely.clip_by_rect(polygons_of(boundaries), *extent_of(area, margin))
    shown = (shapely.area(polygons) > 0) & (shapely.get_dimensions(polygons) == 2)
    return frame_of(boundaries["code"].filter(pl.Series(shown)), polygons[shown])


def svg_paths(boundaries: pl.DataFrame, width: int, extent: Extent | None = None) -> Drawing:
    """Return one SVG path per area, north up, in whole units of one shared viewBox.

    Points that areas share stay shared, so no gap opens. Each code has a path: what is smaller
    than a unit becomes a square of one unit.

    Parameters
    ----------
    width : units from west to east.
    extent : the rectangle that the viewBox shows; that around all areas if None.
    """
    west, south, east, north = extent or extent_of(boundaries)
    metres = (east - west) / width
    codes, polygons = boundaries["code"], polygons_of(boundaries)

    def units(points: NDArray[np.float64]) -> NDArray[np.int64]:
        scaled = np.column_stack([points[:, 0] - west, north - points[:, 1]]) / metres
        return np.rint(scaled).astype(np.int64)

    paths = []
    for polygon in polygons:
        rings = [_ring(units(points)) for points in _rings(polygon)]
        point = shapely.get_coordinates(shapely.point_on_surface(polygon))
        paths.append("".join(rings) or _unit_square(units(point)[0].tolist()))
    return Drawing(
        width,
        round((north - south) / metres),
        metres,
        pl.DataFrame({"code": codes, "path": paths}, schema={"code": pl.String, "path": pl.String}),
    )


def _rings(polygon: shapely.Geometry) -> Iterator[NDArray[np.float64]]:
    """Yield the points of each ring of a polygon or multipolygon, without the repeated last one."""
    for part in shapely.get_parts(polygon):
        for ring in shapely.get_rings(part):
            yield shapely.get_coordinates(ring)[:-1]


def _ring(points: NDArray[np.int64]) -> str:
    """Return a ring as a closed subpath of relative steps; empty where it has shrunk to a line."""
    moved = (points != np.roll(points, 1, axis=0)).any(axis=1)
    points = points[moved]
    if len(points) < 3 or _double_area(points) == 0:
        return ""
    steps = np.diff(points, axis=0)
    return f"M{_pairs(points[:1])}l{_pairs(steps)}z"


def _double_area(points: NDArray[np.int64]) -> int:
    following = np.roll(points, -1, axis=0)
    return int((points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum())


def _pairs(points: NDArray[np.int64]) -> str:
    """Return numbers as a path writes them shortest: a minus sign separates as a blank does."""
    return " ".join(map(str, points.ravel().tolist())).replace(" -", "-")


def _unit_square(point: Sequence[int]) -> str:
    return f"M{point[0]} {point[1]}h1v1h-1z".replace(" -", "-")
