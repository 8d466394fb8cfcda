"""Where the synthetic people live: every real LSOA of England, with made-up traits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from lds.geography import Register
from lds.geography.levels.lsoas import NAMED_ON, lads_of_lsoas, lsoas11
from lds.synthetic.draws import stream
from lds.synthetic.england.recipe import Recipe

BASE = date(2018, 4, 1)
"""The day whose LADs people are drawn by: later ones are made of whole ones of these."""


def build_places(register: Register, recipe: Recipe, seed: int) -> pl.DataFrame:
    """Return every LSOA of 2011 in England with its traits, sorted by district and code.

    Columns: ``code, name`` (real), ``lad_code`` (LAD of `BASE`), ``district`` (its place in the
    recipe), ``region_code``, ``easting, northing`` (metres), ``hectares`` (real); made up:
    ``weight`` (how many live there, next to the others of the district), ``score``
    (deprivation), ``rank`` (1 is the most deprived), ``decile``, ``quintile``; ``residents``
    (expected), ``density`` (residents per hectare).
    """
    lsoas = lsoas11(register)
    lads = lads_of_lsoas(register, lsoas, BASE)["lad_code"]
    number = {code: place for place, code in enumerate(recipe.districts["code"])}
    regions = dict(register.areas.select("code", "region_code").iter_rows())
    people = dict(register.population.select("code", "population").iter_rows())
    frame = lsoas.with_columns(
        lad_code=lads,
        district=lads.replace_strict(number, return_dtype=pl.Int64),
        region_code=lads.replace_strict(regions, return_dtype=pl.String),
        hectares=pl.col("area") / 10_000,
    ).sort("district", "code")
    traits = recipe.settings["lsoas"]
    weight, score = np.empty(frame.height), np.empty(frame.height)
    means = recipe.districts["deprivation"].to_numpy()
    for (place,), rows in frame.with_row_index("row").group_by("district", maintain_order=True):
        at = rows["row"].to_numpy()
        draw = stream(seed, "lsoas", str(rows["lad_code"][0]))
        weight[at] = np.exp(draw.normal(0, traits["population"], len(at)))
        # LSOAs are numbered by small parts of the district: 003A and 003B are neighbours.
        parts = rows["name"].str.extract(r"(\d{3})[A-Z]+$").rle_id().to_numpy()
        shared = draw.normal(0, 1, parts.max() + 1)[parts]
        part = traits["deprivation_shared"]
        spread = np.sqrt(part) * shared + np.sqrt(1 - part) * draw.normal(0, 1, len(at))
        sd = traits["deprivation"]
        score[at] = means[int(str(place))] * np.exp(sd * spread - sd**2 / 2)
    frame = frame.with_columns(weight=pl.Series(weight), score=pl.Series(score).round(3))
    rank = frame["score"].rank("ordinal", descending=True).cast(pl.Int64)
    share = pl.col("weight") / pl.col("weight").sum().over("lad_code")
    return (
        frame.with_columns(
            rank=rank,
            residents=share * pl.col("lad_code").replace_strict(people, return_dtype=pl.Int64),
        )
        .with_columns(
            decile=class_of(rank, 10),
            quintile=class_of(rank, 5),
            density=pl.col("residents") / pl.col("hectares"),
        )
        .drop("area")
    )


def class_of(rank: pl.Series, classes: int) -> pl.Series:
    """Return which of equal classes each rank is in: 1 has the first ranks."""
    return ((rank - 1) * classes // len(rank) + 1).cast(pl.Int64)


def codes_on(register: Register, recipe: Recipe, day: date) -> list[str]:
    """Return the code that each district of the recipe has, or is a part of, on a day.

    Works for days before `BASE` too, back to 1 April 2009.
    """
    codes = recipe.districts["code"]
    # No code of a district changed between the two days.
    assert set(codes) <= set(register.live_on(NAMED_ON)["code"])
    stand_ins = pl.DataFrame({"code": codes, "lad_code": codes})
    return lads_of_lsoas(register, stand_ins, day)["lad_code"].to_list()


def postcodes_of_lsoas(postcodes: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    """Return up to `most` real postcodes of each LSOA: ``lsoa_code, postcodes`` (list), sorted.

    Parameters
    ----------
    postcodes : ``postcode, lsoa_code``; see ``results/public/reference/postcodes.parquet``.
    """
    english = postcodes.filter(pl.col("lsoa_code").str.starts_with("E01")).sort("postcode")
    order = stream(seed, "postcodes").permutation(english.height)
    chosen = english.with_columns(pl.Series("order", order)).filter(
        pl.col("order").rank("ordinal").over("lsoa_code") <= most
    )
    return chosen.group_by("lsoa_code").agg(pl.col("postcode").alias("postcodes")).sort("lsoa_code")


def nearest_districts(places: pl.DataFrame, count: int) -> Sequence[Sequence[int]]:
    """Return the districts nearest to each (by the mean of its LSOAs), itself first."""
    from scipy.spatial import KDTree

    centres = (
        places.group_by("district", maintain_order=True)
        .agg(pl.col("easting").mean(), pl.col("northing").mean())
        .sort("district")
        .select("easting", "northing")
        .to_numpy()
    )
    _, found = KDTree(centres).query(centres, k=count)
    nearest: list[list[int]] = found.tolist()
    return nearest
