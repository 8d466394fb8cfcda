"""Positions on the British National Grid against Ordnance Survey's example and the ONS file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from lds.maps.national_grid import project, to_national_grid
from lds.maps.polygons import Polygons

pytestmark = pytest.mark.xdist_group("lsoas")


def degrees(whole: int, minutes: int, seconds: float) -> float:
    return whole + minutes / 60 + seconds / 3600


def test_the_worked_example_of_ordnance_survey() -> None:
    """Annexe C of "A guide to coordinate systems in Great Britain"."""
    phi = np.radians(np.array([degrees(52, 39, 27.2531)]))
    lam = np.radians(np.array([degrees(1, 43, 4.5177)]))
    easting, northing = project(lam, phi)
    assert easting[0] == pytest.approx(651_409.903, abs=0.001)
    assert northing[0] == pytest.approx(313_177.270, abs=0.001)


def test_the_true_origin() -> None:
    easting, northing = project(np.radians(np.array([-2.0])), np.radians(np.array([49.0])))
    assert (easting[0], northing[0]) == (400_000.0, -100_000.0)


def test_positions_of_32844_points_that_ons_gives_both_ways(features: list[dict[str, Any]]) -> None:
    def values(key: str) -> np.ndarray:
        return np.array([each["properties"][key] for each in features], dtype=float)

    easting, northing = to_national_grid(values("LONG"), values("LAT"))
    error = np.hypot(easting - values("BNG_E"), northing - values("BNG_N"))
    # Five decimals of a degree are worth a metre; the transformation is good to some five.
    assert error.max() < 5.5
    assert np.median(error) < 2


def test_areas_and_lengths_that_ons_computed_on_the_grid(
    features: list[dict[str, Any]], polygons: Polygons
) -> None:
    area = np.array([each["properties"]["Shape__Area"] for each in features])
    length = np.array([each["properties"]["Shape__Length"] for each in features])
    assert shapely.area(polygons).sum() == pytest.approx(area.sum(), rel=5e-5)
    # One of 2,385 square metres differs by 17; every other by less than a thousandth.
    assert np.sort(np.abs(shapely.area(polygons) / area - 1))[-2] < 1e-3
    assert np.median(np.abs(shapely.length(polygons) / length - 1)) < 5e-5
