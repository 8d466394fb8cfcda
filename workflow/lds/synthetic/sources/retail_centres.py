"""A stand-in for the boundaries of retail centres: hexagons about the middles of dense LSOAs."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import shapely

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England
from lds.synthetic.standin import MARKED, RawFile, StandIn, marked, marked_name, recipe_of

_CORNERS = 6


def _hexagons(x: Floats, y: Floats, radius: Floats, turn: Floats) -> Any:
    angles = turn[:, None] + 2 * np.pi * np.arange(_CORNERS) / _CORNERS
    points = np.stack(
        [
            x[:, None] + radius[:, None] * np.cos(angles),
            y[:, None] + radius[:, None] * np.sin(angles),
        ],
        axis=-1,
    )
    return shapely.polygons(points.round(1))


def _chosen(
    england: England, district: int, residents_each: float, draw: np.random.Generator
) -> Ints:
    """Return the places of a district that have a centre: the dense ones more often than others."""
    lsoas = england.lsoas_of(district)
    count = max(1, round(england.population[district] / residents_each))
    odds = lsoas["density"].to_numpy()
    return np.sort(
        draw.choice(lsoas.height, min(count, lsoas.height), replace=False, p=odds / odds.sum())
    )


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in: a few centres in every district, at any `scale`.

    The largest class that is free goes to the densest LSOA, so that the shares of classes hold in
    the country as a whole.
    """
    recipe = contract.synthetic
    classes: dict[str, dict[str, float]] = recipe["classes"]
    frames = []
    for district, code in enumerate(england.recipe.districts["code"]):
        draw = stream(england.seed, "retail centres", code)
        chosen = _chosen(england, district, recipe["residents_each"], draw)
        lsoas = england.lsoas_of(district)[chosen]
        count = len(chosen)
        middle = np.sqrt(lsoas["hectares"].to_numpy() * 10_000) * recipe["off_centre"]
        frames.append(
            lsoas.select("code", "easting", "northing", "density", "lad_code").with_columns(
                east=pl.col("easting") + pl.Series(draw.normal(size=count) * middle),
                north=pl.col("northing") + pl.Series(draw.normal(size=count) * middle),
                size=pl.Series(np.exp(recipe["size_spread"] * draw.normal(size=count))),
                turn=pl.Series(draw.random(count)),
                luck=pl.Series(draw.random(count)),
            )
        )
    centres = pl.concat(frames)
    order = (centres["luck"] + centres["density"].rank() / centres.height).rank(
        "ordinal", descending=True
    )
    edges = np.cumsum([each["share"] for each in classes.values()])
    place = np.searchsorted(edges / edges[-1], (order.to_numpy() - 0.5) / centres.height)
    radius = (
        np.array([each["radius"] for each in classes.values()])[place] * centres["size"].to_numpy()
    )
    shapes = _hexagons(
        centres["east"].to_numpy(), centres["north"].to_numpy(), radius, centres["turn"].to_numpy()
    )
    table = centres.select(
        pl.concat_str(pl.lit(f"{MARKED}-RC-"), "code").alias("RC_ID"),
        pl.Series(list(classes)).gather(place).alias("Classification"),
        pl.Series("geometry", shapely.to_wkb(shapes)),
    )
    file = RawFile(
        marked_name("Retail_Centres_UKv3.gpkg"),
        [marked(table)],
        geometry="geometry",
        crs="EPSG:27700",
    )
    counts = table["Classification"].value_counts().sort("Classification")
    planted = {**recipe_of(contract), "centres": dict(counts.iter_rows())}
    return StandIn([file], {"planted": planted})
