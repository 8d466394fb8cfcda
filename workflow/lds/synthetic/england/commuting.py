"""Where the people of each district work: gravity between districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England


@dataclass(frozen=True)
class Commuting:
    """Places of work of each district's people.

    Attributes
    ----------
    places : districts x nearest districts, their own first.
    shares : the share of its workers in each of `places`; rows sum to 1.
    """

    places: Ints
    shares: Floats


def commuting(england: England, settings: Mapping[str, Any]) -> Commuting:
    """Return where people work: the odds of a district fall with its distance."""
    codes = england.recipe.districts["code"].to_list()
    centres = np.array([_centre(england, district) for district in range(len(codes))]) / 1000
    between = np.hypot(*(centres[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
    nearest = np.argsort(between, axis=1, kind="stable")[:, : settings["districts"]]
    people = np.array(england.population, dtype=np.float64)
    chance = np.array([stream(england.seed, "attraction", code).normal(0, 1) for code in codes])
    attraction = people * np.exp(settings["attraction_sd"] * chance)
    attraction *= [settings["attraction"].get(code, 1.0) for code in codes]
    distance = np.take_along_axis(between, nearest, axis=1)
    odds = attraction[nearest] * np.exp(-distance / settings["scale_km"])
    odds[:, 0] *= settings["own_district"]
    return Commuting(nearest, odds / odds.sum(axis=1, keepdims=True))


def _centre(england: England, district: int) -> tuple[float, float]:
    """Return the mean easting and northing of a district's residents, in metres."""
    lsoas = england.lsoas_of(district)
    weights = lsoas["residents"].to_numpy()
    east, north = (
        float(np.average(lsoas[name].to_numpy(), weights=weights))
        for name in ("easting", "northing")
    )
    return east, north
