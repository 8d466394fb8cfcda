"""Stand-ins for statistics of places: journey times, qualifications and attainment at school.

Each is a measure of small areas, averaged over their people; what a survey or a school year shows
is drawn about it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.measures import Measures
from lds.synthetic.england.tables import districts_on, weighted_mean
from lds.synthetic.standin import RawFile, StandIn, as_published, marked_name

Truth = dict[str, Any]
_UNITARY, _LAD = "County or Unitary Authority", "Local Authority District"


def _areas(england: England, day: date) -> tuple[pl.DataFrame, list[Ints]]:
    """Return England, its regions and the LADs of a day, and the area of each place at each level.

    Columns of the areas: ``area_code``, ``area_name``, ``geography``; the list has one array for
    each level: places in the frame.
    """
    lads, place = districts_on(england, day)
    names = dict(england.register.regions.iter_rows())
    regions = sorted(set(lads["region_code"]))
    frame = pl.DataFrame(
        {
            "area_code": ["E92000001", *regions, *lads["code"]],
            "area_name": ["England", *(names[code] for code in regions), *lads["name"]],
            "geography": [
                "Nation",
                *["Region"] * len(regions),
                *(_UNITARY if code.startswith("E06") else _LAD for code in lads["code"]),
            ],
        }
    )
    own = place[england.places["district"].to_numpy()]
    at = {code: 1 + number for number, code in enumerate(regions)}
    region_of = np.array([at[code] for code in lads["region_code"]])
    return frame, [np.zeros_like(own), region_of[own], 1 + len(regions) + own]


def _means(values: Floats, people: NDArray[np.int64], levels: list[Ints], count: int) -> Floats:
    """Return the mean of places in each area of each level, weighted by people."""
    group = np.concatenate(levels)
    weights = np.tile(np.maximum(people, 1).astype(np.float64), len(levels))
    return weighted_mean(np.tile(values, len(levels)), weights, group, count)


def _education(measures: Measures) -> None:
    """Make the domains of deprivation, on which attainment rests."""
    for name, recipe in measures.england.recipe.settings["deprivation_domains"].items():
        measures.make(name, recipe["with"])


def journey_times(measures: Measures, contract: Contract, truth: Truth) -> pl.DataFrame:
    """Return mean minutes to key services by area, year and mode, on the LAD codes of 2011."""
    recipe, england = contract.synthetic, measures.england
    areas, levels = _areas(england, date.fromisoformat(recipe["vintage"]))
    people = measures.by_age.sum(axis=1)
    frames = []
    for mode, made in recipe["modes"].items():
        minutes = measures.value(mode, made)
        means = _means(minutes, people, levels, areas.height)
        truth[mode] = dict(zip(areas["area_code"], means.round(4).tolist(), strict=True))
        frames += [
            areas.with_columns(
                mode=pl.lit(mode),
                period=pl.lit(str(year)),
                value=pl.Series(means * factor).round(8),
            )
            for year, factor in recipe["years"].items()
        ]
    nothing = pl.lit(None, pl.String)
    return pl.concat(frames).with_columns(lower_95=nothing, upper_95=nothing, status=nothing)


def qualifications(measures: Measures, contract: Contract, truth: Truth) -> pl.DataFrame:
    """Return the share of adults at level 3 or above by area and year, as a survey finds it."""
    recipe, england = contract.synthetic, measures.england
    _education(measures)
    areas, levels = _areas(england, date.fromisoformat(recipe["vintage"]))
    people = measures.by_age[:, 16:65].sum(axis=1)
    z = measures.make("level_3", recipe["with"])
    adults = np.bincount(np.concatenate(levels), np.tile(people, len(levels)), areas.height)
    sample = np.maximum(adults * recipe["sampled"], recipe["least_sample"])
    frames = []
    for year, centre in recipe["years"].items():
        odds = centre / (100 - centre) * np.exp(recipe["spread"] * z)
        share = _means(odds / (1 + odds), people, levels, areas.height)
        truth[str(year)] = dict(
            zip(areas["area_code"], (100 * share).round(4).tolist(), strict=True)
        )
        error = np.sqrt(recipe["design_effect"] * share * (1 - share) / sample)
        draw = stream(england.seed, "qualifications", int(year))
        found = np.clip(share + error * draw.normal(size=len(share)), 0.001, 0.999)
        half = 1.96 * np.sqrt(recipe["design_effect"] * found * (1 - found) / sample)
        small = adults < recipe["withheld_below"]
        columns = {"value": found, "lower_95": found - half, "upper_95": found + half}
        rounded = {
            name: pl.Series(np.clip(100 * each, 0, 100).round(1)).set(pl.Series(small), None)
            for name, each in columns.items()
        }
        status = pl.Series([None, "x"], dtype=pl.String).gather(small.astype(np.int64))
        frames.append(areas.with_columns(period=pl.lit(str(year)), status=status, **rounded))
    return pl.concat(frames)


def attainment(measures: Measures, contract: Contract, truth: Truth) -> pl.DataFrame:
    """Return the pupils of each district at the end of a key stage, and how many reach its mark."""
    recipe, england = contract.synthetic, measures.england
    _education(measures)
    lads, place = districts_on(england, date.fromisoformat(recipe["vintage"]))
    own = place[england.places["district"].to_numpy()]
    pupils = measures.by_age[:, recipe["age"]]
    z = measures.make(contract.id, recipe["with"])
    total = np.bincount(own, pupils, lads.height).astype(np.int64)
    frames = []
    for period, centre in recipe["years"].items():
        odds = centre / (100 - centre) * np.exp(recipe["spread"] * z)
        share = weighted_mean(odds / (1 + odds), pupils.astype(np.float64), own, lads.height)
        truth[str(period)] = dict(zip(lads["code"], (100 * share).round(4).tolist(), strict=True))
        draw = stream(england.seed, contract.id, int(period))
        reached = 100 * draw.binomial(total, share) / np.maximum(total, 1)
        small = pl.Series(total < recipe["withheld_below"])
        frames.append(
            lads.select(lad_code="code").with_columns(
                pl.Series(recipe["column"], [f"{each:.1f}" for each in reached]).set(small, "c"),
                time_period=pl.lit(str(period)),
                geographic_level=pl.lit("Local authority district"),
                pupils=pl.Series(total),
            )
        )
    return pl.concat(frames)


_MAKERS: dict[str, tuple[str, Callable[[Measures, Contract, Truth], pl.DataFrame]]] = {
    "journey_time": ("average-travel-time.csv", journey_times),
    "education": ("aged-16-to-64-years-level-3-or-above-qualifications.csv", qualifications),
    "education_key_stage_2": ("key_stage_2_lad.csv", attainment),
    "education_key_stage_4": ("key_stage_4_lad.csv", attainment),
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a statistic of places: every area, at any `scale`."""
    name, maker = _MAKERS[contract.id]
    truth: Truth = {}
    table = as_published(maker(Measures(england), contract, truth), contract)
    return StandIn([RawFile(marked_name(name), [table])], {"planted": truth})
