"""Made-up records of the size of England, counted in every way that the benchmark's topics need.

Nothing here is an estimate: the numbers are of a realistic size (2 to 6 tests a week per 1,000
people, 2 to 15 % of them positive, 500,000 deaths a year), so that about as many cells are small as
in the real data. Records are drawn, and then counted, so that everything adds up by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from lds.disclosure.protection import AreaTree
from lds.disclosure.vocabulary import load_classifications
from lds.geography import Register
from lds.topics import ENGLAND

Numbers = npt.NDArray[np.int64]
DAY = date(2018, 4, 1)
"""A day on which England had 326 districts."""
PEOPLE_PER_LSOA = 1_700
FACTORS = ("imd_quintile", "density_quintile", "healthcare_quintile", "overcrowding_quintile")
AGE_SHARES = (0.12, 0.115, 0.125, 0.135, 0.125, 0.135, 0.105, 0.085, 0.045, 0.01)
ETHNIC_SHARES = (0.085, 0.04, 0.025, 0.74, 0.02, 0.09)
UNKNOWN = 0.012
"""Share of the tests without a sex, and of those without an age."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The areas.

    Attributes
    ----------
    districts, regions : codes; region_of: the place of each district's region.
    people : residents of each district.
    lsoas : made-up codes of neighbourhoods; district_of: the place of each one's district.
    quintiles : per factor the quintile of each neighbourhood, from 0.
    customs : custom areas with their members: inside a region, across regions, across all.
    """

    districts: list[str]
    regions: list[str]
    region_of: Numbers
    people: Numbers
    lsoas: list[str]
    district_of: Numbers
    quintiles: Mapping[str, Numbers]
    customs: dict[str, tuple[str, ...]]

    @property
    def areas(self) -> list[str]:
        """Districts, custom areas, regions and England, in the order of `rolled`."""
        return [*self.districts, *self.customs, *self.regions, ENGLAND]

    def rolled(self, counts: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Return counts by district (first axis) for all of `areas`."""
        number = {code: place for place, code in enumerate(self.districts)}
        customs = [
            counts[[number[code] for code in members]].sum(axis=0, keepdims=True)
            for members in self.customs.values()
        ]
        regions = [
            counts[self.region_of == place].sum(axis=0, keepdims=True)
            for place in range(len(self.regions))
        ]
        return np.concatenate([counts, *customs, *regions, counts.sum(axis=0, keepdims=True)])

    @property
    def tree(self) -> AreaTree:
        """How the areas contain each other."""
        parents = dict.fromkeys(self.regions, ENGLAND)
        for code, region in zip(self.districts, self.region_of, strict=True):
            parents[code] = self.regions[region]
        for code, district in zip(self.lsoas, self.district_of, strict=True):
            parents[code] = self.districts[district]
        return AreaTree(parents=parents, groups=self.customs)


def labels(classification: str) -> list[str]:
    """Return the values of a classification, in the order of the register."""
    return list(load_classifications()[classification].parents)[1:]


def made_places(districts: int, rng: np.random.Generator) -> Places:
    """Return so many districts of `DAY`: all of some regions, but for the last of these."""
    register = Register.load()
    latest = register.population.sort("year").unique("code", keep="last")
    live = (
        register.live_on(DAY)
        .join(latest.select("code", "population"), on="code")
        .sort("region_code", "code")
        .head(districts)
    )
    codes, people = live["code"].to_list(), live["population"].to_numpy()
    regions = sorted(live["region_code"].unique())
    number = {code: place for place, code in enumerate(regions)}
    region_of = np.array([number[code] for code in live["region_code"]])
    inside = [code for code, region in zip(codes, region_of, strict=True) if region == 0]
    each = [codes[int(np.flatnonzero(region_of == place)[0])] for place in range(len(regions))]
    size = np.maximum(people // PEOPLE_PER_LSOA, 5)
    district_of = np.repeat(np.arange(districts), size)
    quintiles = {}
    for factor in FACTORS:
        share = rng.dirichlet(np.full(5, 1.5), districts)
        quintiles[factor] = _drawn(share, district_of, rng)
    return Places(
        districts=codes,
        regions=regions,
        region_of=region_of,
        people=people,
        lsoas=[f"E01{place:06}" for place in range(len(district_of))],
        district_of=district_of,
        quintiles=quintiles,
        customs={
            "X00000001": tuple(inside[: max(2, len(inside) // 2)]),
            "X00000002": tuple(codes[:: max(1, districts // 6)][:5]),
            "X00000003": tuple(each),
        },
    )


def _drawn(shares: npt.NDArray[np.float64], row: Numbers, rng: np.random.Generator) -> Numbers:
    """Return a category for each record, by the shares of its row."""
    total = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    total[:, -1] = 1.0
    flat = (total + np.arange(len(shares))[:, None]).ravel()
    found = np.searchsorted(flat, row + rng.random(len(row)), side="right")
    return np.minimum(found - row * shares.shape[1], shares.shape[1] - 1)


def counted(
    by: Sequence[tuple[Numbers, int]], where: npt.NDArray[np.bool_] | None = None
) -> Numbers:
    """Return the number of records for each combination of codes, as a dense table.

    Parameters
    ----------
    by : (code of each record, number of codes) of each axis.
    where : which records to count; all of them unless given.
    """
    shape = tuple(size for _, size in by)
    key = np.ravel_multi_index([code for code, _ in by], shape)
    if where is not None:
        key = key[where]
    return np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)


@dataclass(frozen=True, kw_only=True)
class Tests:
    """Tests of one district and week after the other; the last code of sex and age is unknown."""

    district: Numbers
    lsoa: Numbers
    day: Numbers
    sex: Numbers
    age: Numbers
    ethnic: Numbers
    positive: npt.NDArray[np.bool_]
    repeated: npt.NDArray[np.bool_]

    @property
    def week(self) -> Numbers:
        """The week of each test, from 0."""
        return self.day // 7


def made_tests(places: Places, weeks: int, rng: np.random.Generator) -> Tests:
    """Draw the tests of so many weeks: two waves, of which the second is larger."""
    at = np.arange(weeks) / max(weeks, 40)
    wave = 0.3 * np.exp(-(((at - 0.05) / 0.08) ** 2)) + np.exp(-(((at - 0.6) / 0.14) ** 2))
    rate = (0.002 + 0.004 * wave) * rng.lognormal(0, 0.15, (len(places.districts), 1))
    number = rng.poisson(places.people[:, None] * rate)
    district = np.repeat(np.repeat(np.arange(len(places.districts)), weeks), number.ravel())
    week = np.repeat(np.tile(np.arange(weeks), len(places.districts)), number.ravel())
    size = np.bincount(places.district_of)
    first = np.cumsum(size) - size
    lsoa = first[district] + (rng.random(len(district)) * size[district]).astype(np.int64)
    groups = [rng.dirichlet(18 * np.array(ETHNIC_SHARES)) for _ in places.districts]
    ages = [rng.dirichlet(400 * np.array(AGE_SHARES)) for _ in places.districts]
    known = np.array([0.54 * (1 - UNKNOWN), 0.46 * (1 - UNKNOWN), UNKNOWN])
    aged = np.column_stack([np.array(ages) * (1 - UNKNOWN), np.full(len(ages), UNKNOWN)])
    level = rng.lognormal(0, 0.2, len(places.districts))
    chance = np.clip((0.02 + 0.11 * wave)[week] * level[district], 0.005, 0.4)
    return Tests(
        district=district,
        lsoa=lsoa,
        day=week * 7 + rng.integers(0, 7, len(week)),
        sex=_drawn(np.tile(known, (len(ages), 1)), district, rng),
        age=_drawn(aged, district, rng),
        ethnic=_drawn(np.array(groups), district, rng),
        positive=rng.random(len(week)) < chance,
        repeated=rng.random(len(week)) < 0.1 + 0.4 * week / weeks,
    )


def made_deaths(places: Places, months: int, rng: np.random.Generator) -> Numbers:
    """Return deaths by district, month, sex and quintile of deprivation."""
    share = (
        np.stack(
            [
                np.bincount(
                    places.district_of,
                    weights=places.quintiles["imd_quintile"] == quintile,
                    minlength=len(places.districts),
                )
                for quintile in range(5)
            ],
            axis=1,
        )
        / np.bincount(places.district_of)[:, None]
    )
    season = 1 + 0.15 * np.cos(2 * np.pi * np.arange(months) / 12)
    expected = (places.people * 0.0093 / 12)[:, None] * season
    by_group = (
        expected[:, :, None, None] * np.array([0.51, 0.49])[:, None] * share[:, None, None, :]
    )
    return rng.poisson(by_group)


def made_units(
    places: Places, units: npt.NDArray[np.float64], years: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the local units of businesses, one line per unit and year.

    Parameters
    ----------
    units : how many each division has next to the others.

    Returns
    -------
    ``district, division, year`` (places), ``enterprise`` (within district and division), ``jobs``.
    """
    common = units / units.sum()
    share = rng.dirichlet(400 * common, len(places.districts))
    divisions = len(units)
    number = rng.poisson(places.people[:, None] * 0.045 * share)
    district = np.repeat(np.repeat(np.arange(len(places.districts)), divisions), number.ravel())
    division = np.repeat(np.tile(np.arange(divisions), len(places.districts)), number.ravel())
    size = np.ceil(rng.lognormal(0.9, 1.3, len(district)))
    # One in eight units belongs to the enterprise of the unit before it.
    own = rng.random(len(district)) > 0.125
    enterprise = np.cumsum(own | np.r_[True, np.diff(district * divisions + division) != 0])
    born = rng.integers(-20, years, len(district))
    gone = born + rng.integers(1, 30, len(district))
    there = [np.flatnonzero((born <= year) & (year < gone)) for year in range(years)]
    return pl.concat(
        pl.DataFrame(
            {
                "district": district[at].astype(np.int32),
                "division": division[at].astype(np.int32),
                "year": np.full(len(at), year, dtype=np.int32),
                "enterprise": enterprise[at],
                "jobs": np.ceil(size[at] * rng.uniform(0.85, 1.15, len(at))),
            }
        )
        for year, at in enumerate(there)
    )
