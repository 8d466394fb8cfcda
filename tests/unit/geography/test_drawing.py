"""SVG paths: whole numbers, no gaps, every code, and small."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lds.errors import GeographyError
from lds.maps.boundaries import Boundaries
from lds.maps.drawing import (
    MARGIN,
    Extent,
    around,
    coarsen,
    extent_of,
    svg_paths,
)
from lds.maps.neighbours import neighbours
from lds.maps.polygons import frame_of, polygons_of

pytestmark = pytest.mark.xdist_group("lsoas")
DAY = date(2021, 4, 1)
ALL_ENGLAND_BYTES = 120_000
HARBOROUGH = "E07000131"


@pytest.fixture(scope="module")
def lads(boundaries_on: Callable[[date], Boundaries]) -> pl.DataFrame:
    return boundaries_on(DAY).lads


def drawn(path: str) -> Polygon | MultiPolygon:
    """Return the shape that a path draws, read by the rules of SVG rather than by our writer's."""
    x = y = 0
    rings, ring = [], []
    for command, numbers in re.findall(r"([Mlhvz])([^Mlhvz]*)", path):
        values = [int(each) for each in re.findall(r"-?\d+", numbers)]
        if command == "M":
            x, y = values
            ring = [(x, y)]
        elif command == "z":
            rings.append(shapely.make_valid(Polygon(ring)))
        else:
            steps = {
                "l": zip(values[::2], values[1::2], strict=True),
                "h": ((step, 0) for step in values),
                "v": ((0, step) for step in values),
            }[command]
            for right, down in steps:
                x, y = x + right, y + down
                ring.append((x, y))
    shape = rings[0]
    for more in rings[1:]:
        shape = shape.symmetric_difference(more)  # even-odd
    return shape


def test_planted_shapes() -> None:
    """One unit is ten metres; B has a hole which is C; D is smaller than a unit."""
    areas = {
        "A": box(0, 0, 100, 100),
        "B": box(100, 0, 300, 200).difference(box(150, 50, 200, 100)),
        "C": box(150, 50, 200, 100),
        "D": box(2, 150, 4, 152),
    }
    drawing = svg_paths(frame_of(list(areas), np.array(list(areas.values()))), width=30)
    assert (drawing.width, drawing.height, drawing.metres) == (30, 20, 10.0)
    shapes = {code: drawn(path) for code, path in drawing.paths.iter_rows()}
    assert shapes["A"].equals(box(0, 10, 10, 20))
    assert shapes["B"].equals(box(10, 0, 30, 20).difference(box(15, 10, 20, 15)))
    assert shapes["C"].equals(box(15, 10, 20, 15))
    assert shapes["D"].equals(box(0, 5, 1, 6))
    assert drawing.paths["path"][0] in {"M0 10l10 0 0 10-10 0z", "M0 20l0-10 10 0 0 10z"}


def test_an_extent_moves_the_drawing_and_negative_numbers_stay_apart() -> None:
    square = frame_of(["A"], np.array([box(0, 0, 40, 40)]))
    drawing = svg_paths(square, width=10, extent=Extent(20, 20, 120, 220))
    assert (drawing.width, drawing.height) == (10, 20)
    assert drawn(drawing.paths["path"][0]).equals(box(-2, 18, 2, 22))


def test_all_england_is_small_whole_and_without_gaps(lads: pl.DataFrame) -> None:
    coarse = coarsen(lads)
    drawing = svg_paths(coarse, width=600)
    assert drawing.paths["code"].to_list() == lads["code"].to_list()
    assert drawing.paths["path"].str.len_bytes().sum() < ALL_ENGLAND_BYTES
    assert drawing.paths["path"].str.contains(r"^[Mlhvz0-9 -]+$").all()
    shapes = np.array([drawn(path).buffer(0) for path in drawing.paths["path"]])
    assert (shapely.area(shapes) > 0).all()
    # Rounding folds slivers, so compare by area: nothing lost, hardly anything drawn twice.
    together = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() / together.area == pytest.approx(1, abs=0.005)
    # What is enclosed is water, such as a harbour whose mouth is narrower than a unit.
    west, _, _, north = extent_of(coarse)
    land = shapely.transform(
        shapely.coverage_union_all(polygons_of(coarse)),
        lambda xy: (xy - (west, north)) / (drawing.metres, -drawing.metres),
    )
    enclosed = [Polygon(ring) for part in shapely.get_parts(together) for ring in part.interiors]
    assert sum(each.intersection(land.buffer(-0.5)).area for each in enclosed) < 1
    units = shapely.area(polygons_of(lads)).sum() / drawing.metres**2
    assert together.area == pytest.approx(units, rel=0.01)


def test_coarsening_keeps_every_code_shared_lines_and_large_islands(lads: pl.DataFrame) -> None:
    coarse = coarsen(lads)
    polygons = polygons_of(coarse)
    assert coarse["code"].to_list() == lads["code"].to_list()
    assert shapely.coverage_is_valid(polygons)
    pairs = ("code", "neighbour")
    assert neighbours(coarse).select(pairs).equals(neighbours(lads).select(pairs))
    points = {
        code: shapely.get_num_coordinates(each)
        for code, each in zip(coarse["code"], polygons, strict=True)
    }
    assert sum(points.values()) < shapely.get_num_coordinates(polygons_of(lads)).sum() / 1.5


def test_coarsening_leaves_small_islands_out_but_not_exclaves() -> None:
    """A has an islet and an exclave inside B; C is one islet only."""
    mainland, islet, exclave = box(0, 0, 90, 90), box(200, 0, 209, 9), box(120, 40, 129, 49)
    b = box(90, 0, 180, 90).difference(exclave)
    areas = {"A": MultiPolygon([mainland, islet, exclave]), "B": b, "C": box(300, 0, 305, 5)}
    coarse = coarsen(frame_of(list(areas), np.array(list(areas.values()))), 0, 100)
    shapes = dict(zip(coarse["code"], polygons_of(coarse), strict=True))
    assert shapes["A"].area == pytest.approx(90 * 90 + 81)
    assert shapes["B"].area == pytest.approx(90 * 90 - 81)
    assert shapes["C"].area == pytest.approx(25)


def test_a_map_of_one_area_shows_its_neighbours_and_is_small(lads: pl.DataFrame) -> None:
    area = lads.filter(code=HARBOROUGH)
    extent = extent_of(area, MARGIN)
    shown = around(lads, HARBOROUGH)
    beside = neighbours(lads).filter(code=HARBOROUGH)["neighbour"].to_list()
    assert {HARBOROUGH, *beside} <= set(shown["code"])
    assert shapely.box(*extent).contains(shapely.union_all(polygons_of(shown)).buffer(-0.1))
    assert polygons_of(shown.filter(code=HARBOROUGH))[0].equals(polygons_of(area)[0])
    drawing = svg_paths(shown, width=400, extent=extent)
    assert drawing.paths["path"].str.len_bytes().sum() < 10_000
    # The rectangle lies inland: the paths fill it.
    filled = sum(drawn(path).area for path in drawing.paths["path"])
    assert filled == pytest.approx(drawing.width * drawing.height, rel=0.005)


def test_every_area_has_a_small_map_of_its_own(lads: pl.DataFrame) -> None:
    sizes = {}
    for code in lads["code"].gather_every(7):
        extent = extent_of(lads.filter(code=code), MARGIN)
        drawing = svg_paths(around(lads, code), 400, extent)
        assert code in drawing.paths["code"].to_list()
        sizes[code] = drawing.paths["path"].str.len_bytes().sum()
    assert max(sizes.values()) < 10_000


def test_an_area_without_boundary_is_refused(lads: pl.DataFrame) -> None:
    with pytest.raises(GeographyError, match=r"no boundary.*\n.*E07000190"):
        around(lads, "E07000190")
