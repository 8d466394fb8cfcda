"""The layout of hexagons: one cell each, near the place, neighbours kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest
import shapely
from shapely import box

from lds.geography import Register
from lds.maps.boundaries import Boundaries
from lds.maps.layout import ROW_HEIGHT, kept_neighbours, layout
from lds.maps.neighbours import neighbours
from lds.maps.polygons import frame_of, polygons_of

pytestmark = pytest.mark.xdist_group("lsoas")
DAY = date(2021, 4, 1)


@pytest.fixture(scope="module")
def lads(boundaries_on: Callable[[date], Boundaries]) -> pl.DataFrame:
    return boundaries_on(DAY).lads


@pytest.fixture(scope="module")
def touching(lads: pl.DataFrame) -> pl.DataFrame:
    return neighbours(lads)


@pytest.fixture(scope="module")
def cells(lads: pl.DataFrame, touching: pl.DataFrame) -> pl.DataFrame:
    return layout(lads, touching)


def gaps(cells: pl.DataFrame) -> np.ndarray:
    """Return the distances between the centres of all cells, in cell widths."""
    x, y = cells["x"].to_numpy(), cells["y"].to_numpy()
    return np.hypot(x[:, None] - x, y[:, None] - y)


def test_one_cell_each_and_no_overlap(lads: pl.DataFrame, cells: pl.DataFrame) -> None:
    assert cells["code"].to_list() == lads["code"].to_list()
    apart = gaps(cells) + 9 * np.eye(cells.height)
    assert apart.min() == pytest.approx(1, abs=1e-5)
    assert cells.select("column", "row").n_unique() == cells.height
    assert cells["column"].min() == 0
    assert cells["row"].min() in (0, 1)
    assert cells.filter(pl.col("y") != (pl.col("row") * ROW_HEIGHT).round(6)).is_empty()


def test_three_in_four_neighbours_stay_neighbours(
    cells: pl.DataFrame, touching: pl.DataFrame
) -> None:
    kept = kept_neighbours(cells, touching)
    assert kept.height / touching.height > 0.75
    # The distance of centres is a second way to say that cells touch.
    place = {code: index for index, code in enumerate(cells["code"])}
    apart = gaps(cells)
    near = [apart[place[one], place[other]] < 1.01 for one, other, _ in touching.iter_rows()]
    assert kept.height == sum(near)


def test_areas_lie_in_their_direction_from_each_other(
    lads: pl.DataFrame, cells: pl.DataFrame
) -> None:
    centres = shapely.get_coordinates(shapely.centroid(polygons_of(lads)))
    assert np.corrcoef(centres[:, 0], cells["x"])[0, 1] > 0.95
    assert np.corrcoef(centres[:, 1], cells["y"])[0, 1] < -0.95


def test_regions_hold_together(
    register: Register, cells: pl.DataFrame, touching: pl.DataFrame
) -> None:
    """Most areas stand beside one of their own region, as most do on the ground."""
    region = dict(register.areas.select("code", "region_code").iter_rows())
    apart = gaps(cells) + 9 * np.eye(cells.height)
    own = np.array([region[code] for code in cells["code"]])
    beside = ((apart < 1.01) & (own[:, None] == own)).any(axis=1)
    assert beside.mean() > 0.95


def test_the_same_layout_each_time(
    lads: pl.DataFrame, touching: pl.DataFrame, cells: pl.DataFrame
) -> None:
    assert layout(lads, touching).equals(cells)


def test_a_planted_row_of_squares_becomes_a_row() -> None:
    squares = frame_of(
        ["A", "B", "C"], np.array([box(100 * i, 0, 100 * i + 100, 100) for i in range(3)])
    )
    touching = neighbours(squares)
    cells = layout(squares, touching)
    assert kept_neighbours(cells, touching).height == touching.height == 4
    x = cells["x"].to_list()
    assert x == sorted(x)


@pytest.mark.parametrize(
    ("column", "row", "beside"),
    [
        (4, 2, {(3, 2), (5, 2), (3, 1), (4, 1), (3, 3), (4, 3)}),
        (4, 3, {(3, 3), (5, 3), (4, 2), (5, 2), (4, 4), (5, 4)}),
    ],
)
def test_cells_that_touch(column: int, row: int, beside: set[tuple[int, int]]) -> None:
    every = [
        (right, down) for right in range(9) for down in range(6) if (right, down) != (column, row)
    ]
    cells = pl.DataFrame(
        [("0", column, row), *((str(n), *cell) for n, cell in enumerate(every, 1))],
        schema=["code", "column", "row"],
        orient="row",
    )
    pairs = pl.DataFrame({"code": "0", "neighbour": cells["code"][1:]})
    kept = kept_neighbours(cells, pairs)["neighbour"].to_list()
    assert {every[int(code) - 1] for code in kept} == beside
