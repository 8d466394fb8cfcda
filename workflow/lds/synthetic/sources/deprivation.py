"""Stand-ins for the indices of deprivation: scores, ranks and numbers of people of one story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats
from lds.synthetic.england.country import England
from lds.synthetic.england.measures import Measures, ranked, tenths
from lds.synthetic.england.tables import districts_on, weighted_mean
from lds.synthetic.standin import RawFile, StandIn, as_published, marked_name, recipe_of

VINTAGE = date(2019, 4, 1)
"""The day whose LADs the indices are published by."""
DOMAINS = ("income", "employment", "education", "health", "crime", "housing_and_access")
_BASES = {"income": (0, 91), "employment": (18, 65), "idaci": (0, 16), "idaopi": (60, 91)}
"""Ages whose people are counted in the rate of a domain: from, and up to below."""
_EXTENT = (0.1, 0.3)
"""The share of LSOAs that count in full in the extent, and that from which none counts."""


def _with_ranks(name: str, score: Floats) -> dict[str, Any]:
    ranks = ranked(score, highest_first=True)
    return {f"{name}_score": score, f"{name}_rank": ranks, f"{name}_decile": tenths(ranks)}


def domains(measures: Measures) -> pl.DataFrame:
    """Return every LSOA with its scores, ranks and deciles, and the people they rest on.

    Columns: ``lsoa_code``, ``lad_code`` (of `VINTAGE`), ``place`` (of the LAD), ``imd_*`` (those
    of the places) and ``<domain>_score, _rank, _decile``; ``total_population``, ``children``,
    ``population_16_to_59``, ``population_60_and_over``; ``<domain>_base``, whom a rate is of.
    """
    england, ages = measures.england, measures.by_age
    lads, place = districts_on(england, VINTAGE)
    own = place[england.places["district"].to_numpy()]
    recipes = england.recipe.settings["deprivation_domains"]
    columns: dict[str, Any] = {}
    for name, recipe in recipes.items():
        columns |= _with_ranks(name, measures.value(name, recipe))
    bases = {f"{name}_base": ages[:, low:high].sum(axis=1) for name, (low, high) in _BASES.items()}
    return england.places.select(
        lsoa_code="code", imd_score="score", imd_rank="rank", imd_decile="decile"
    ).with_columns(
        lads["code"].gather(own).alias("lad_code"),
        pl.Series("place", own),
        total_population=ages.sum(axis=1),
        children=ages[:, :16].sum(axis=1),
        population_16_to_59=ages[:, 16:60].sum(axis=1),
        population_60_and_over=ages[:, 60:].sum(axis=1),
        **columns,
        **bases,
    )


def by_lsoa(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the ranks and deciles, with or without scores, as the contract has them."""
    return domains(measures)


def by_subdomain(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the ranks and deciles of the sub-domains, beside those of their domains."""
    frame = domains(measures)
    columns: dict[str, Any] = {}
    for name, on in contract.synthetic["subdomains"].items():
        columns |= _with_ranks(name, measures.make(name, on))
    return frame.with_columns(**columns)


def by_indicator(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the indicators; numbers of people are rounded, and blank where they are small."""
    frame, recipe = domains(measures), contract.synthetic
    step, least = recipe["rounded_to"], recipe["withheld_below"]
    columns: dict[str, Any] = {}
    for column, domain in recipe["numerators"].items():
        people = frame[f"{domain}_score"] * frame[f"{domain}_base"]
        rounded = (people / step).round() * step
        columns[column] = rounded.set(rounded < least, None)
    for name, made in recipe["indicators"].items():
        columns[name] = measures.value(name, made)
    return frame.with_columns(**columns)


def by_lad(measures: Measures, contract: Contract) -> pl.DataFrame:
    """Return the summaries of districts: mean scores, weighted by people, and what is worst."""
    frame = domains(measures)
    place = frame["place"].to_numpy()
    people = frame["total_population"].to_numpy().astype(np.float64)
    count = int(place.max()) + 1

    def proportion(name: str) -> Floats:
        worst = (frame[f"{name}_decile"] == 1).cast(pl.Float64).to_numpy()
        return weighted_mean(worst, np.ones_like(worst), place, count).round(4)

    share = (frame["imd_rank"].to_numpy() - 1) / frame["imd_rank"].max()
    full, none = _EXTENT
    counted = np.clip((none - share) / (none - full), 0.05, 1) * (share < none)
    lads, _ = districts_on(measures.england, VINTAGE)
    columns: dict[str, Any] = {
        "score": weighted_mean(frame["imd_score"].to_numpy(), people, place, count).round(3),
        "proportion": proportion("imd"),
        "extent": weighted_mean(counted, people, place, count).round(4),
    }
    for name in (*DOMAINS, "environment"):
        score = frame[f"{name}_score"].to_numpy()
        columns[f"{name}_score"] = weighted_mean(score, people, place, count).round(3)
        columns[f"{name}_proportion"] = proportion(name)
    return lads.select(lad_code="code").with_columns(**columns)


_MAKERS: dict[str, tuple[str, Callable[[Measures, Contract], pl.DataFrame]]] = {
    "imd": ("imd2019_england_lsoa11.csv", by_lsoa),
    "imd_scores": ("File_7_IoD2019.csv", by_lsoa),
    "imd_subdomains": ("imd2019_england_lsoa11_subdomains.csv", by_subdomain),
    "imd_indicators": ("imd2019_england_lsoa11_indicators.csv", by_indicator),
    "imd_lad": ("imd2019_england_ltla19.csv", by_lad),
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a file of the indices of deprivation: every area, at any `scale`."""
    name, maker = _MAKERS[contract.id]
    frame = maker(Measures(england), contract)
    planted = {
        "deprivation_domains": england.recipe.settings["deprivation_domains"],
        **recipe_of(contract),
    }
    file = RawFile(marked_name(name), [as_published(frame.sort(frame.columns[0]), contract)])
    return StandIn([file], {"planted": planted})
