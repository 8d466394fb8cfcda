"""Boundaries: planted faults are mended, nothing gapes, and vintages nest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.levels.lsoas import lads_of_lsoas
from lds.maps.boundaries import Boundaries, build_boundaries, lsoa_polygons
from lds.maps.polygons import Polygons, dissolve, frame_of, polygons_of, simplify

pytestmark = pytest.mark.xdist_group("lsoas")
DAY = date(2021, 4, 1)
VINTAGES = [date(2009, 4, 1), date(2013, 4, 1), date(2019, 4, 1), DAY, date(2025, 4, 1)]


def features_of(*polygons: shapely.Geometry) -> list[dict[str, Any]]:
    """Return features whose geometry lies a tenth of a degree around 52 north, 1 west."""
    features = []
    for polygon in polygons:
        moved = shapely.transform(polygon, lambda xy: xy / 100 + (-1, 52))
        features.append({"geometry": shapely.geometry.mapping(moved)})
    return features


def holes(polygon: shapely.Geometry) -> list[float]:
    parts = shapely.get_parts(polygon)
    return [Polygon(ring).area for part in parts for ring in shapely.get_rings(part)[1:]]


def test_a_hole_written_as_a_second_polygon_becomes_a_hole() -> None:
    around, inside = box(0, 0, 9, 9), box(3, 3, 6, 6)
    ring, core = lsoa_polygons(features_of(MultiPolygon([around, inside]), inside))
    assert len(holes(ring)) == 1
    assert ring.area / core.area == pytest.approx(8, rel=1e-3)
    assert shapely.coverage_is_valid([ring, core])


def test_borders_through_different_points_become_one() -> None:
    left = box(0, 0, 3, 3)
    # Ten centimetres beside the line, at a point that left lacks.
    right = Polygon([(3, 0), (6, 0), (6, 3), (3, 3), (3.0001, 1.5)])
    polygons = lsoa_polygons(features_of(left, right))
    assert shapely.coverage_is_valid(polygons)
    together = shapely.coverage_union_all(polygons)
    assert together.geom_type == "Polygon"  # two parts would meet in the ends of the line only
    assert holes(together) == []


def test_dissolve_adds_up_and_keeps_a_hole_that_is_another_area() -> None:
    squares = np.array([box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)])
    codes = ["B" if index == 4 else "A" for index in range(9)]
    made = dissolve(squares, codes)
    assert made["code"].to_list() == ["A", "B"]
    ring, core = polygons_of(made)
    assert (ring.area, core.area) == (8, 1)
    assert holes(ring) == [1]


def test_simplifying_moves_a_shared_line_alike_on_both_sides() -> None:
    wiggle = [(500 + 20 * (step % 2), 50.0 * step) for step in range(21)]
    left = Polygon([(0, 0), *wiggle, (0, 1000)])
    right = Polygon([(1000, 0), *wiggle, (1000, 1000)])
    before = frame_of(["L", "R"], np.array([left, right]))
    one, other = polygons_of(simplify(before, 100))
    assert shapely.get_num_coordinates([one, other]).sum() < 20
    assert shapely.coverage_is_valid([one, other])
    assert one.area + other.area == 1_000_000


@pytest.mark.parametrize("day", VINTAGES)
def test_boundaries_of_a_vintage_fit_together(
    register: Register, boundaries_on: Callable[[date], Boundaries], day: date
) -> None:
    lads, regions = boundaries_on(day)
    assert lads["code"].to_list() == register.live_on(day)["code"].to_list()
    assert regions["code"].to_list() == register.regions["code"].to_list()
    for frame in (lads, regions):
        polygons = polygons_of(frame)
        assert shapely.is_valid(polygons).all()
        assert shapely.coverage_is_valid(polygons)
        assert holes(shapely.coverage_union_all(polygons)) == []
    in_regions = shapely.area(polygons_of(regions)).sum()
    assert in_regions == pytest.approx(shapely.area(polygons_of(lads)).sum(), rel=1e-12)


def test_areas_are_those_of_the_lsoas(
    register: Register, lsoas: pl.DataFrame, boundaries_on: Callable[[date], Boundaries]
) -> None:
    by_lad = lsoas.with_columns(lad=lads_of_lsoas(register, lsoas, DAY)["lad_code"])
    expected = by_lad.group_by("lad").agg(pl.col("area").sum()).sort("lad")["area"].to_numpy()
    lads = boundaries_on(DAY).lads
    assert np.abs(shapely.area(polygons_of(lads)) / expected - 1).max() < 0.005


def test_centroids_of_lsoas_lie_in_their_district(
    register: Register, lsoas: pl.DataFrame, boundaries_on: Callable[[date], Boundaries]
) -> None:
    lads = boundaries_on(DAY).lads
    place = {code: index for index, code in enumerate(lads["code"])}
    own = [place[code] for code in lads_of_lsoas(register, lsoas, DAY)["lad_code"]]
    points = shapely.points(lsoas["easting"].to_numpy(), lsoas["northing"].to_numpy())
    inside = shapely.intersects(polygons_of(lads)[own], points)
    # ONS's points are of the detailed boundaries; a few lie outside the generalised ones.
    assert inside.mean() > 0.999


def test_a_merged_district_is_its_parts(boundaries_on: Callable[[date], Boundaries]) -> None:
    parts = ["E07000150", "E07000152", "E07000153", "E07000156"]
    before = boundaries_on(date(2019, 4, 1)).lads.filter(pl.col("code").is_in(parts))
    after = boundaries_on(DAY).lads.filter(code="E06000061")
    (whole,), pieces = polygons_of(after), polygons_of(before)
    assert len(pieces) == 4
    union = shapely.coverage_union_all(pieces)
    assert shapely.symmetric_difference(whole, union).area < 0.001 * whole.area


def test_published_districts_lie_where_ours_do(
    boundaries_on: Callable[[date], Boundaries], published_boundaries: Callable[..., pl.DataFrame]
) -> None:
    ours, theirs = boundaries_on(DAY).lads, published_boundaries("21")
    assert ours["code"].to_list() == theirs["code"].to_list()
    one, other = polygons_of(ours), polygons_of(theirs)
    shared = shapely.area(shapely.intersection(one, other)) / shapely.area(
        shapely.union(one, other)
    )
    # Theirs are generalised to some 500 metres: small and ragged areas agree least.
    assert np.median(shared) > 0.95
    assert np.sort(shared)[5] > 0.85


def test_a_day_before_lsoas_make_districts_is_refused(register: Register) -> None:
    with pytest.raises(GeographyError, match="from 2009-04-01 on"):
        build_boundaries(register, date(2009, 3, 31))


def test_the_same_bytes_each_time(
    register: Register, polygons: Polygons, lsoas: pl.DataFrame
) -> None:
    codes = lads_of_lsoas(register, lsoas, DAY)["lad_code"].to_list()
    one, other = (simplify(dissolve(polygons, codes)) for _ in range(2))
    assert one.equals(other)
