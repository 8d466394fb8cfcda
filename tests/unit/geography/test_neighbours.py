"""Neighbours: planted squares, known districts, and the published boundaries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest
from shapely import MultiPolygon, box

from lds.geography import Register
from lds.maps.boundaries import Boundaries
from lds.maps.neighbours import neighbours
from lds.maps.polygons import frame_of

pytestmark = pytest.mark.xdist_group("lsoas")
ACROSS_TIDAL_WATER = {
    ("Babergh", "East Suffolk"),
    ("Bexley", "Havering"),
    ("City of London", "Lambeth"),
    ("City of London", "Southwark"),
    ("Eastleigh", "Fareham"),
    ("Forest of Dean", "Stroud"),
    ("Fylde", "South Ribble"),
    ("Gateshead", "Newcastle upon Tyne"),
    ("Gosport", "Portsmouth"),
    ("Greenwich", "Newham"),
    ("Greenwich", "Tower Hamlets"),
    ("Hammersmith and Fulham", "Richmond upon Thames"),
    ("Hammersmith and Fulham", "Wandsworth"),
    ("Kensington and Chelsea", "Wandsworth"),
    ("Lambeth", "Westminster"),
    ("Maldon", "Rochford"),
    ("Newcastle upon Tyne", "South Tyneside"),
    ("North Tyneside", "South Tyneside"),
    ("Redcar and Cleveland", "Stockton-on-Tees"),
    ("Castle Point", "Thurrock"),
    ("South Gloucestershire", "Forest of Dean"),
    ("South Ribble", "West Lancashire"),
    ("Southwark", "Tower Hamlets"),
    ("Southwark", "Westminster"),
    ("Wandsworth", "Westminster"),
}
"""Pairs that generalising the published boundaries to 500 metres joins across a tidal river.

Thames, Severn, Tyne, Tees, Ribble, Hamble, Blackwater and Crouch, Stour, Benfleet Creek, Portsmouth
Harbour.
"""


def pairs(frame: pl.DataFrame) -> set[tuple[str, str]]:
    return set(frame.select("code", "neighbour").iter_rows())


def test_planted_squares() -> None:
    """A and B share a line, C meets B in a corner only, D is an island, E touches A twice."""
    areas = {
        "A": box(0, 0, 100, 100),
        "B": box(100, 0, 200, 100),
        "C": box(200, 100, 300, 200),
        "D": box(500, 500, 600, 600),
        "E": MultiPolygon([box(0, 100, 30, 200), box(60, 100, 100, 200)]),
    }
    found = neighbours(frame_of(list(areas), np.array(list(areas.values()))))
    assert found.rows() == [("A", "B", 100), ("A", "E", 70), ("B", "A", 100), ("E", "A", 70)]


def test_neighbours_of_harborough(
    register: Register, boundaries_on: Callable[[date], Boundaries]
) -> None:
    """The ten that the report about Harborough, as first built, names on its maps."""
    found = neighbours(boundaries_on(date(2019, 12, 31)).lads).filter(code="E07000131")
    names = sorted(register.name_on(code, date(2019, 12, 31)) for code in found["neighbour"])
    assert names == [
        *("Blaby", "Charnwood", "Corby", "Daventry", "Kettering", "Leicester", "Melton"),
        *("Oadby and Wigston", "Rugby", "Rutland"),
    ]


def test_every_pair_stands_twice_with_one_length(
    boundaries_on: Callable[[date], Boundaries],
) -> None:
    found = neighbours(boundaries_on(date(2021, 4, 1)).lads)
    turned = found.select(code="neighbour", neighbour="code", shared_boundary="shared_boundary")
    assert found.equals(turned.sort("code", "neighbour"))
    assert found["shared_boundary"].min() > 0
    assert found.filter(pl.col("code") == pl.col("neighbour")).is_empty()


def test_islands_have_no_neighbours(boundaries_on: Callable[[date], Boundaries]) -> None:
    lads = boundaries_on(date(2021, 4, 1)).lads
    alone = set(lads["code"]) - set(neighbours(lads)["code"])
    assert alone == {"E06000046", "E06000053"}  # Isle of Wight, Isles of Scilly


@pytest.mark.parametrize(
    ("year", "day", "ours_only"),
    [
        # Their boundaries of 2019 leave out Southampton's shore beside the New Forest at Redbridge.
        ("19", date(2019, 12, 31), {("New Forest", "Southampton")}),
        ("20", date(2020, 12, 31), set()),
        ("21", date(2021, 12, 31), set()),
        ("24", date(2024, 4, 1), set()),
    ],
)
def test_only_tidal_water_parts_what_the_published_boundaries_join(
    register: Register,
    boundaries_on: Callable[[date], Boundaries],
    published_boundaries: Callable[..., pl.DataFrame],
    year: str,
    day: date,
    ours_only: set[tuple[str, str]],
) -> None:
    def named(found: set[tuple[str, str]]) -> set[tuple[str, ...]]:
        return {tuple(sorted(register.name_on(code, day) for code in pair)) for pair in found}

    ours = pairs(neighbours(boundaries_on(day).lads))
    theirs = pairs(neighbours(published_boundaries(year)))
    assert named(ours - theirs) == ours_only
    across = {tuple(sorted(pair)) for pair in ACROSS_TIDAL_WATER}
    assert named(theirs - ours) <= across
    assert len(ours & theirs) > 0.96 * len(theirs)
