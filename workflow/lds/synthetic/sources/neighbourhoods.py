"""Stand-ins for open classifications of neighbourhoods: assets and hazards, internet use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, pick_by_row, uniform
from lds.synthetic.england.country import England
from lds.synthetic.england.measures import Measures, ranked, tenths
from lds.synthetic.standin import RawFile, StandIn, as_published, marked_name, recipe_of

_EXPONENT = 23.0
"""Constant of the exponential transformation of ranks (Indices of Deprivation, AHAH)."""


def _exponential(ranks: Ints) -> Floats:
    """Return a score from 0 to 100 for each rank that grows towards the last ones."""
    share = ranks / len(ranks)
    found: Floats = -_EXPONENT * np.log(1 - share * (1 - np.exp(-100 / _EXPONENT)))
    return found


def assets_and_hazards(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the domains (1 is the best), the index and the measures below them."""
    recipe = contract.synthetic
    columns: dict[str, Any] = {}
    scores = []
    for letter, domain in recipe["domains"].items():
        ranks = ranked(measures.make(domain["name"], domain["with"]), highest_first=False)
        scores.append(_exponential(ranks))
        columns[f"{letter}_rank"] = ranks
        columns[f"{letter}_exp"] = scores[-1]
        columns[f"{letter}_dec"] = tenths(ranks)
    index: Floats = np.mean(scores, axis=0)
    ranks = ranked(index, highest_first=False)
    columns |= {"ahah": index, "r_ahah": ranks, "d_ahah": tenths(ranks)}
    for name, made in recipe["measures"].items():
        value = measures.value(name, made)
        columns[name] = value
        columns[f"d_{name}"] = tenths(ranked(value, highest_first=False))
    columns["urban_rural"] = np.where(measures.trait("density") > recipe["urban_above"], 1, 2)
    frame = measures.england.places.select(lsoa_code="code", lsoa_name="name")
    return frame.with_columns(**columns)


def internet_users(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the group of users of each LSOA, drawn with odds by what lives there."""
    groups: list[dict[str, float]] = list(contract.synthetic["groups"].values())
    odds = np.stack(
        [
            np.exp(sum(part * measures.trait(trait) for trait, part in group.items()))
            for group in groups
        ],
        axis=1,
    )
    places = measures.england.places
    draw = uniform(measures.keys, "internet users")
    group = pick_by_row(draw, np.arange(places.height), odds) + 1
    column = next(each for each in contract.columns if each.name == "group_code")
    return places.select(lsoa_code="code", lsoa_name="name").with_columns(
        group_code=pl.Series(group).cast(pl.String),
        group_name=pl.Series(group).cast(pl.String).replace_strict(dict(column.values)),
    )


def digital_vulnerability(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the score of each LSOA; higher is more vulnerable and has the later rank."""
    score = measures.value("digital_vulnerability", contract.synthetic["score"])
    ranks = ranked(score, highest_first=False)
    return measures.england.places.select(lsoa_code="code").with_columns(
        score=score, rank=ranks, decile=tenths(ranks)
    )


_MAKERS: dict[str, tuple[str, Callable[[Measures, Contract], pl.DataFrame]]] = {
    "ahah": ("AHAH_2019.csv", assets_and_hazards),
    "iuc": ("iuc2018.csv", internet_users),
    "iuc_digital_vulnerability": ("digital-exclusion-lsoa.csv", digital_vulnerability),
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a classification: every LSOA, at any `scale`."""
    name, maker = _MAKERS[contract.id]
    frame = maker(Measures(england), contract).sort("lsoa_code")
    file = RawFile(marked_name(name), [as_published(frame, contract)])
    return StandIn([file], {"planted": recipe_of(contract)})
