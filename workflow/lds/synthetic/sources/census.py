"""Stand-ins for the Census of 2021: the same people as in the estimates of mid-2019.

Nobody has moved or aged between the two, and LSOAs are those of 2011: the shape is that of the
files, and their totals are those of all the other stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, scattered, uniform
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import ACTIVITIES, KINDS, DistrictLabour, Labour
from lds.synthetic.england.people import Residents
from lds.synthetic.england.recipe import ETHNIC_GROUPS
from lds.synthetic.england.tables import by_lad, districts_on, parts_of_groups
from lds.synthetic.standin import RawFile, StandIn, as_published, marked, marked_name

VINTAGE = date(2021, 4, 1)
ADULT = 16
_WHOLE = 1_000_000
"""What the shares of an LSOA are rounded to before its people are divided by them."""
_WORKING = ("employee", "self_employed")


def _divided(totals: Ints, shares: Floats, people: Residents, what: str) -> Ints:
    """Return the people of each LSOA divided among categories, in whole numbers."""
    weights = np.rint(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9) * _WHOLE)
    weights = weights.astype(np.int64)
    weights[weights.sum(axis=1) == 0, 0] = 1
    keys = people.keys(np.arange(len(totals)))
    return scattered(totals.astype(np.int64), weights, uniform(keys, what))


def _ethnic_groups(england: England, people: Residents) -> dict[str, Ints]:
    """Return the residents of each LSOA by group and part, under the names of the census."""
    names = england.recipe.settings["ethnic_groups"]["census_names"]
    parts = parts_of_groups(england, people)
    for group in ETHNIC_GROUPS:
        parts[group] = np.sum(
            [n for part, n in parts.items() if part.startswith(f"{group}/")], axis=0
        )
    labels = {
        key: names[key] if "/" not in key else f"{names[key.split('/')[0]]}: {names[key]}"
        for key in names
    }
    return {label: parts[key] for key, label in labels.items()}


def ethnic_groups_by_lsoa(
    england: England, people: Residents, contract: Contract
) -> dict[str, Ints]:
    """Return residents by ethnic group (TS021)."""
    total = people.counts.sum(axis=(1, 2, 3), dtype=np.int64)
    return {"Total: All usual residents": total, **_ethnic_groups(england, people)}


def religions(england: England, people: Residents, contract: Contract) -> dict[str, Ints]:
    """Return residents by religion (TS030), by the planted shares of their ethnic group."""
    planted: dict[str, list[float]] = contract.synthetic["by_ethnic_group"]
    shares = np.array([planted[group] for group in ETHNIC_GROUPS])
    groups = people.counts.sum(axis=(2, 3), dtype=np.int64)
    total = groups.sum(axis=1)
    counts = _divided(total, groups @ shares, people, "religion")
    named = dict(zip(contract.synthetic["religions"], counts.T, strict=True))
    return {"Total: All usual residents": total, **named}


def _activities(labour: Labour, people: Residents) -> tuple[DistrictLabour, Ints]:
    """Return the residents of 16 and over of each LSOA by activity (without children)."""
    market = labour.of_district(people)
    shares = market.activity.reshape(*KINDS, len(ACTIVITIES))[:, :, ADULT:, :, 1:]
    adults = people.by_age[:, :, ADULT:, :]
    expected = np.empty((len(adults), len(ACTIVITIES) - 1))
    for quintile in np.unique(market.quintile_of):
        at = market.quintile_of == quintile
        kinds = shares[quintile].reshape(-1, len(ACTIVITIES) - 1)
        expected[at] = adults[at].reshape(int(at.sum()), -1) @ kinds
    return market, _divided(adults.sum(axis=(1, 2, 3)), expected, people, "activity")


def economic_activity(labour: Labour, people: Residents, contract: Contract) -> dict[str, Ints]:
    """Return residents of 16 and over by economic activity (TS066)."""
    _, counts = _activities(labour, people)
    by_name = dict(zip(ACTIVITIES[1:], counts.T, strict=True))
    return {
        name: np.sum([by_name[each] for each in parts], axis=0)
        for name, parts in contract.synthetic["categories"].items()
    }


def industries(labour: Labour, people: Residents, contract: Contract) -> dict[str, Ints]:
    """Return residents in employment by industry (TS060): groups of sections of SIC 2007."""
    market, counts = _activities(labour, people)
    places = [ACTIVITIES[1:].index(each) for each in _WORKING]
    workers = counts[:, places].sum(axis=1)
    shares = labour.commuting.shares[people.district]
    by_group = labour.workers_by_home[people.district].sum(axis=0)
    divisions = np.einsum("p,pgv,g->v", shares, market.division_shares, by_group)
    section_of = labour.industries.table["section"]
    categories: dict[str, list[str]] = contract.synthetic["categories"]
    of_district = np.array(
        [divisions[section_of.is_in(sections).to_numpy()].sum() for sections in categories.values()]
    )
    divided = _divided(workers, np.tile(of_district, (len(workers), 1)), people, "industry")
    total = contract.synthetic["total"]
    return {total: workers, **dict(zip(categories, divided.T, strict=True))}


_BY_LSOA: dict[str, tuple[str, Callable[[Any, Residents, Contract], dict[str, Ints]]]] = {
    "census_2021_ethnicity_lsoa": ("census2021-ts021-lsoa.csv", ethnic_groups_by_lsoa),
    "census_2021_religion": ("census2021-ts030-lsoa.csv", religions),
    "census_2021_economic_activity": ("census2021-ts066-lsoa.csv", economic_activity),
    "census_2021_industry": ("census2021-ts060-lsoa.csv", industries),
}
_OF_WORKERS = ("census_2021_economic_activity", "census_2021_industry")


def _lsoa_frames(england: England, contract: Contract) -> Iterator[pl.DataFrame]:
    """Yield the LSOAs of all districts with their counts, in the columns of the raw file."""
    _, maker = _BY_LSOA[contract.id]
    country = Labour.of(england) if contract.id in _OF_WORKERS else england
    yield marked(
        pl.concat(
            england.lsoas_of(people.district)
            .select(pl.lit(2021).alias("date"), geography="name", **{"geography code": "code"})
            .with_columns(
                pl.Series(f"{contract.reader.removed}{name}", counts)
                for name, counts in maker(country, people, contract).items()
            )
            for people in england.districts()
        )
    )


def _ethnic_groups_by_lad(england: England, contract: Contract) -> Iterator[pl.DataFrame]:
    """Yield numbers and percentages of the 19 groups, in one column."""
    lads, place = districts_on(england, VINTAGE)
    tables = [_ethnic_groups(england, people) for people in england.districts()]
    labels = [label for label in tables[0] if ":" in label]
    own = np.array([[table[label].sum() for label in labels] for table in tables])
    counts = by_lad(own, place)
    percent = (100 * counts / counts.sum(axis=1, keepdims=True)).round(1)
    kinds = {"number": counts.astype(np.float64), "percent": percent}
    names = lads.select(lad_code="code", lad_name="name")
    yield as_published(
        pl.concat(
            names.with_columns(
                ethnic_group=pl.lit(f"{label} ({kind})"), value=pl.Series(values[:, number])
            )
            for number, label in enumerate(labels)
            for kind, values in kinds.items()
        ).sort("lad_code", "ethnic_group"),
        contract,
    )


def _households(england: England, contract: Contract) -> Iterator[pl.DataFrame]:
    lads, place = districts_on(england, VINTAGE)
    own = np.array([people.households for people in england.districts()])
    yield as_published(
        lads.select(lad_name="name", lad_code="code", households=pl.Series(by_lad(own, place))),
        contract,
    )


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a table of the census: everyone, at any `scale`."""
    by_lad_files = {
        "census_2021_ethnicity_lad": ("ethnicity21_ltla21.csv", _ethnic_groups_by_lad),
        "census_2021_households": ("households21_ltla21.csv", _households),
    }
    name, frames = by_lad_files.get(contract.id) or (_BY_LSOA[contract.id][0], _lsoa_frames)
    planted = {"residents": sum(england.population), "day": "30 June 2019, and 21 March 2021 alike"}
    return StandIn([RawFile(marked_name(name), frames(england, contract))], {"planted": planted})
