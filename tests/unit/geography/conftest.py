"""Tables that several tests of geography need, made once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from lds.geography import Register
from lds.geography.levels.lsoas import lads_of_lsoas, lsoas11, read_lsoa_features
from lds.maps.boundaries import Boundaries, dissolve_vintage, lsoa_polygons
from lds.maps.national_grid import to_national_grid
from lds.maps.polygons import Polygons, frame_of


@pytest.fixture(scope="session")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="session")
def features() -> list[dict[str, Any]]:
    return read_lsoa_features()


@pytest.fixture(scope="session")
def lsoas(register: Register, features: list[dict[str, Any]]) -> pl.DataFrame:
    return lsoas11(register, features)


@pytest.fixture(scope="session")
def polygons(features: list[dict[str, Any]]) -> Polygons:
    return lsoa_polygons(features)


@pytest.fixture(scope="session")
def boundaries_on(
    register: Register, lsoas: pl.DataFrame, polygons: Polygons
) -> Callable[[date], Boundaries]:
    """Return boundaries of a day, dissolved from the same polygons."""

    @cache
    def boundaries(day: date) -> Boundaries:
        return dissolve_vintage(register, lads_of_lsoas(register, lsoas, day), polygons)

    return boundaries


@pytest.fixture(scope="session")
def published_boundaries(open_data: Path) -> Callable[[str], pl.DataFrame]:
    """Return published LAD boundaries of a year, as our own frames are."""

    @cache
    def boundaries(year: str) -> pl.DataFrame:
        path = open_data / f"boundaries/boundaries_ltla{year}.geojson"
        features = json.loads(path.read_bytes())["features"]
        codes = {each["properties"][f"ltla{year}_code"]: each["geometry"] for each in features}
        english = sorted(code for code in codes if code.startswith("E"))
        degrees = shapely.from_geojson([json.dumps(codes[code]) for code in english])
        metres = shapely.transform(
            degrees, lambda xy: np.column_stack(to_national_grid(xy[:, 0], xy[:, 1])).round(1)
        )
        valid = shapely.make_valid(metres, method="structure", keep_collapsed=False)
        return frame_of(english, valid)

    return boundaries
