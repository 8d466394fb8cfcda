"""A stand-in for Google's mobility file and its look-up, on real district codes and names.

The truth that is planted stands in the contract of the source, under `synthetic`: a level per
measure and policy period, a weekend effect, and the spread between districts and days.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import date, timedelta

import polars as pl

from lds.geography import Register
from lds.io import RESOURCES
from lds.sources.contract import Contract
from lds.synthetic.england.country import England
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of, text_table

PLACES_VINTAGE = date(2019, 4, 1)
RETIRED_2018 = {"E07000244": ("E07000205", "E07000206"), "E07000246": ("E07000190", "E07000191")}
"""Districts of 2019 that Google still gives by their parts of 2018."""
ABSENT = ("E06000053",)
"""Isles of Scilly: too few users, so Google has never given it."""


def _places(register: Register) -> list[tuple[str, str, str | None]]:
    """Return (LAD code, sub_region_1, sub_region_2); districts of counties stand under these."""
    live = register.live_on(PLACES_VINTAGE)
    counties = dict(register.counties.select("code", "name").iter_rows())
    names = dict(register.areas.select("code", "name").iter_rows())
    places: list[tuple[str, str, str | None]] = []
    for row in live.iter_rows(named=True):
        if row["code"] in ABSENT:
            continue
        county = counties.get(row["county_code"])
        for code in RETIRED_2018.get(row["code"], (row["code"],)):
            if county is None and not row["code"].startswith("E09"):
                places.append((code, names[code], None))
            else:
                places.append((code, county or "Greater London", f"{names[code]} District"))
    return sorted(places, key=lambda place: (place[1], place[2] or ""))


def _county_rows(places: list[tuple[str, str, str | None]]) -> list[str]:
    return sorted({first for _, first, second in places if second is not None})


def lookup_rows(register: Register, contract: Contract) -> Iterator[list[object]]:
    """Yield the look-up's header and rows in the publisher's shape; counties have no LAD."""
    names = dict(register.areas.select("code", "name").iter_rows())
    retired = {code for codes in RETIRED_2018.values() for code in codes}
    yield [column.source_name for column in contract.columns]
    places = _places(register)
    for code, first, second in places:
        flag = "TRUE" if code in retired else "FALSE"
        yield ["GB", first, second or "NA", names[code], code, flag]
    for county in _county_rows(places):
        yield ["GB", county, "NA", "NA", "NA", "NA"]


def _period_of(
    periods: pl.DataFrame, named: Collection[str], first: date, last: date
) -> dict[date, str]:
    """Return the period that sets the level of each day (the longest, where periods are nested)."""
    spans = sorted(
        periods.select("id", "start", "end").iter_rows(), key=lambda row: row[2] - row[1]
    )
    days = {}
    for name, start, end in spans:
        if name in named:
            for offset in range((end - start).days):
                day = start + timedelta(days=offset)
                if first <= day <= last:
                    days[day] = name
    return days


def mobility_rows(
    register: Register, contract: Contract, periods: pl.DataFrame, seed: int
) -> Iterator[list[object]]:
    """Yield the mobility file's header and rows in the publisher's shape.

    Places: the United Kingdom, counties, and every place of the look-up; days: the window of the
    contract's recipe. The same seed gives the same rows.
    """
    first, last = (date.fromisoformat(day) for day in contract.synthetic["window"])
    recipe = contract.synthetic
    levels: dict[str, dict[str, float]] = recipe["levels"]
    named = {name for by_period in levels.values() for name in by_period}
    period_of = _period_of(periods, named, first, last)
    days = sorted(period_of)
    population = dict(register.population.select("code", "population").iter_rows())
    yield [column.source_name for column in contract.columns]
    places: list[tuple[str | None, str, str | None]] = [(None, "", None)]
    located = _places(register)
    places += [(None, county, None) for county in _county_rows(located)]
    places += list(located)
    for code, first_name, second_name in places:
        # One stream per place: adding a place must not change the others.
        draw = random.Random(f"{seed}/{first_name}/{second_name}")
        level = {measure: draw.gauss(0, recipe["district_sd"]) for measure in levels}
        small = code is not None and population.get(code, 0) < recipe["small_population"]
        for day in days:
            weekend = day.isoweekday() > 5
            values: list[object] = []
            for measure, by_period in levels.items():
                value = (
                    by_period[period_of[day]] + level[measure] + draw.gauss(0, recipe["noise_sd"])
                )
                value += recipe["weekend"][measure] if weekend else 0
                hidden = small and (
                    (measure == "parks" and not weekend) or (measure == "residential" and weekend)
                )
                values.append("" if hidden else round(value))
            yield ["GB", first_name, second_name or "", "", day.isoformat(), *values]


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the contract's source: the mobility file or its look-up.

    Places and days are those of the real file at any `scale`.
    """
    if contract.id == "google_places":
        rows, name = lookup_rows(england.register, contract), "google_mobility_lad_lookup.csv"
    else:
        periods = pl.read_csv(RESOURCES / "policy_periods.csv", try_parse_dates=True)
        rows = mobility_rows(england.register, contract, periods, england.seed)
        name = "2020_GB_Region_Mobility_Report.csv"
    file = RawFile(marked_name(name), [text_table(rows)])
    return StandIn([file], {"planted": recipe_of(contract)})
