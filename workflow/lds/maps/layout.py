"""A layout of equal hexagons, one per area, for an index of areas and for maps that need no shapes.

Each area gets one cell of a grid whose cells are as large as an area is on average. The areas first
take the cells that lie nearest their centroids in all (an optimal assignment); then pairs of them
swap places, or one moves to a free cell, so that touching areas get touching cells (simulated
annealing with a fixed seed). The same input gives the same layout.
"""

from __future__ import annotations

from math import exp, sqrt
from random import Random

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from lds.maps.polygons import polygons_of

ROW_HEIGHT = sqrt(3) / 2
"""From one row of cells to the next, as a share of the width of a cell."""
_SEED = 2021
_TRIALS_PER_AREA = 2_000
_HOT, _COLD = 0.6, 0.05
"""First and last temperature, in neighbours lost that a trial may cost."""
_DISTANCE_WEIGHT = 0.15
"""Neighbours that one squared cell width nearer to the centroid is worth."""
_REACH = 2.01
"""How far an area moves in one trial, in cell widths."""
_EVEN = ((-1, 0), (1, 0), (-1, -1), (0, -1), (-1, 1), (0, 1))
_ODD = ((-1, 0), (1, 0), (0, -1), (1, -1), (0, 1), (1, 1))
"""Steps in columns and rows to the six cells around one, by the parity of its row."""


def layout(boundaries: pl.DataFrame, neighbours: pl.DataFrame) -> pl.DataFrame:
    """Return the cell of each area, sorted by code.

    Parameters
    ----------
    boundaries : see `lds.maps.boundaries`.
    neighbours : see `lds.maps.neighbours`; of the same areas.

    Returns
    -------
    Columns: ``code``; ``column`` and ``row`` from 0, west to east and north to south; ``x`` and
    ``y``, the cell's centre in cell widths from the north-west. Cells have a corner at the top, and
    odd rows stand half a cell to the east.
    """
    polygons = polygons_of(boundaries)
    codes = boundaries["code"].to_list()
    grid, distances = _grid(polygons)
    _, first = linear_sum_assignment(distances)
    touching = _touching(codes, neighbours)
    cells = _anneal(first.tolist(), touching, grid, distances)
    placed = grid[cells]
    # Two rows at a time: odd rows must stay odd.
    columns, rows = placed[:, 0], placed[:, 1]
    columns, rows = columns - columns.min(), rows - rows.min() // 2 * 2
    return pl.DataFrame({"code": codes, "column": columns, "row": rows}).select(
        "code",
        "column",
        "row",
        x=pl.col("column") + 0.5 * (pl.col("row") % 2),
        y=(pl.col("row") * ROW_HEIGHT).round(6),
    )


def kept_neighbours(cells: pl.DataFrame, neighbours: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of `neighbours` (``code``, ``neighbour``) that have touching cells."""
    at = dict(zip(cells["code"], cells.select("column", "row").iter_rows(), strict=True))
    kept = [
        at[other] in _around(*at[code])
        for code, other in neighbours.select("code", "neighbour").iter_rows()
    ]
    return neighbours.filter(pl.Series(kept, dtype=pl.Boolean)).select("code", "neighbour")


def _around(column: int, row: int) -> set[tuple[int, int]]:
    """Return the six cells around one."""
    return {(column + right, row + down) for right, down in (_ODD if row % 2 else _EVEN)}


def _grid(polygons: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the column and row of each cell, and each area's squared distance to each cell.

    Distances are in cell widths.
    """
    west, south, east, north = shapely.total_bounds(polygons)
    width = sqrt(shapely.area(polygons).mean() / ROW_HEIGHT)
    # A margin of a cell on every side, since crowded areas have to move outwards.
    rows = int((north - south) / (width * ROW_HEIGHT)) + 3
    columns = int((east - west) / width) + 3
    grid = np.array([(column, row) for row in range(rows) for column in range(columns)])
    x = west + (grid[:, 0] + 0.5 * (grid[:, 1] % 2) - 1) * width
    y = north - (grid[:, 1] - 1) * ROW_HEIGHT * width
    centres = shapely.get_coordinates(shapely.centroid(polygons))
    squares = (centres[:, :1] - x) ** 2 + (centres[:, 1:] - y) ** 2
    return grid, squares / width**2


def _touching(codes: list[str], neighbours: pl.DataFrame) -> list[list[int]]:
    """Return the places in `codes` of the neighbours of each area."""
    place = {code: index for index, code in enumerate(codes)}
    touching: list[list[int]] = [[] for _ in codes]
    for code, other in neighbours.select("code", "neighbour").iter_rows():
        touching[place[code]].append(place[other])
    return touching


def _anneal(
    cells: list[int],
    touching: list[list[int]],
    grid: NDArray[np.int64],
    distances: NDArray[np.float64],
) -> list[int]:
    """Return the cell of each area after many trials of moving one area at a time."""
    cells = list(cells)
    tenant = {cell: area for area, cell in enumerate(cells)}
    index = {(column, row): cell for cell, (column, row) in enumerate(grid.tolist())}
    beside = [
        {index[each] for each in _around(column, row) if each in index}
        for column, row in grid.tolist()
    ]
    reachable = _reachable(grid)
    away = (_DISTANCE_WEIGHT * distances).tolist()
    trials = _TRIALS_PER_AREA * len(cells)
    draw = Random(_SEED).random

    def gain(area: int, old: int, new: int, other: int | None) -> float:
        here, there = beside[old], beside[new]
        won: float = away[area][old] - away[area][new]
        for one in touching[area]:
            if one != other:  # two that swap places stay as near as they were
                cell = cells[one]
                won += (cell in there) - (cell in here)
        return won

    for trial in range(trials):
        area = int(draw() * len(cells))
        old = cells[area]
        choice = reachable[old]
        new = choice[int(draw() * len(choice))]
        other = tenant.get(new)
        won = gain(area, old, new, other)
        if other is not None:
            won += gain(other, new, old, area)
        if won < 0 and draw() >= exp(won / (_HOT * (_COLD / _HOT) ** (trial / trials))):
            continue
        cells[area], tenant[new] = new, area
        if other is None:
            del tenant[old]
        else:
            cells[other], tenant[old] = old, other
    return cells


def _reachable(grid: NDArray[np.int64]) -> list[list[int]]:
    """Return the cells within `_REACH` of each cell."""
    x, y = grid[:, 0] + 0.5 * (grid[:, 1] % 2), grid[:, 1] * ROW_HEIGHT
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= _REACH**2
    np.fill_diagonal(near, val=False)
    return [np.flatnonzero(row).tolist() for row in near]
