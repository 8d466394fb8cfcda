"""The indicators of all topics with secure sources, made up, in the size of England.

What each topic publishes follows its specification in kind and number; see `made_records` for what
is counted. Topics of open data alone are left out: the gate passes their rows as they are.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from benchmarks.made_businesses import add_businesses
from benchmarks.made_records import (
    FACTORS,
    Numbers,
    Places,
    Tests,
    counted,
    made_deaths,
    made_places,
    made_tests,
)
from benchmarks.made_rows import MONDAY, Cut, Maker, margins_of, weekly_windows
from lds.disclosure.protection import AreaTree
from lds.topics import IndicatorEntry

SEED = 326
SECOND_WAVE = 13
"""Weeks of the first wave."""
YEARS = 6
"""Years of deaths and surveys: 2015 to 2020."""


@dataclass(frozen=True, kw_only=True)
class System:
    """What the gate is given.

    Attributes
    ----------
    tables : topic -> table of indicators.
    entries : topic -> its indicators, as the topic register would have them.
    areas : how the areas contain each other.
    """

    tables: dict[str, pl.DataFrame]
    entries: dict[str, dict[str, IndicatorEntry]]
    areas: AreaTree


ENTRIES: dict[str, dict[str, IndicatorEntry]] = {
    "demographic_inequalities": {
        "DEM-I3": IndicatorEntry(title="Testing rate", quantity="tests"),
        "DEM-I7": IndicatorEntry(title="Positivity", quantity="tests", outcome="result=positive"),
        "DEM-I8": IndicatorEntry(
            title="Positivity over seven days", quantity="tests", outcome="result=positive"
        ),
    },
    "economic_vulnerability": {
        "ECV-I1": IndicatorEntry(title="Mean hours worked", quantity="respondents"),
    },
    "ethnic_inequalities": {
        "ETH-I3": IndicatorEntry(title="First tests", quantity="tests", outcome="repeat=first"),
        "ETH-I4": IndicatorEntry(
            title="Repeated tests", quantity="tests", outcome="repeat=repeated"
        ),
        "ETH-I5": IndicatorEntry(title="Positivity", quantity="tests", outcome="result=positive"),
    },
    "excess_mortality": {
        "EXM-I1": IndicatorEntry(title="Deaths", quantity="deaths"),
    },
    "geospatial_inequalities": {
        "GEO-I1": IndicatorEntry(
            title="Positivity of neighbourhoods", quantity="tests", outcome="result=positive"
        ),
        "GEO-I7": IndicatorEntry(
            title="Positivity by quintile", quantity="tests", outcome="result=positive"
        ),
    },
    "industry_sector_densities": {
        "ISD-I1": IndicatorEntry(title="Local units", quantity="local_units"),
        "ISD-I2": IndicatorEntry(title="Jobs", quantity="jobs"),
        "ISD-I3": IndicatorEntry(title="Share of the jobs", quantity="jobs", share_of="industry"),
    },
    "occupational_inequalities": {
        "OCC-I1": IndicatorEntry(title="Positivity", quantity="visits", outcome="result=positive"),
    },
    "social_economy": {
        "SOC-I1": IndicatorEntry(title="Median pay", quantity="jobs_sampled"),
    },
}


def made_system(districts: int, weeks: int) -> System:
    """Return the system of so many districts and weeks; the same every time."""
    rng = np.random.default_rng(SEED)
    places = made_places(districts, rng)
    tests = made_tests(places, weeks, rng)
    maker = Maker(places)
    for add in (_weekly, _daily, _four_weekly, _neighbourhoods):
        add(maker, tests, weeks)
    _deaths(maker, made_deaths(places, 12 * YEARS, rng))
    _survey(maker, weeks, rng)
    add_businesses(maker, rng)
    _labour(maker, rng)
    return System(
        tables={topic: pl.concat(parts) for topic, parts in sorted(maker.made.items())},
        entries=ENTRIES,
        areas=places.tree,
    )


def _cubes(
    tests: Tests, places: Places, period: tuple[Numbers, int], by: list[tuple[Numbers, int]]
) -> tuple[Numbers, Numbers]:
    """Return all tests and the positive ones, by district, period and further codes."""
    axes = [(tests.district, len(places.districts)), period, *by]
    return counted(axes), counted(axes, tests.positive)


def _weekly(maker: Maker, tests: Tests, weeks: int) -> None:
    places, week = maker.places, (tests.week, weeks)
    windows = weekly_windows(weeks)
    by_age = {"sex": True, "age": True}
    whole, part = (
        margins_of(places, cube, by_age)
        for cube in _cubes(tests, places, week, [(tests.sex, 3), (tests.age, 11)])
    )
    maker.percentages("demographic_inequalities", "DEM-I7", windows, whole, part)
    people = places.rolled(places.people[:, None])
    shares = {name: whole[name].sum() / whole["all"].sum() for name in whole}
    residents = {
        name: np.broadcast_to(np.ceil(people * share).astype(np.int64), cut.shape)
        for (name, cut), share in zip(whole.items(), shares.values(), strict=True)
    }
    rate = {name: 1e5 * whole[name] / residents[name] for name in whole}
    maker.add(
        "demographic_inequalities",
        "DEM-I3",
        "rate",
        windows,
        {"value": rate, "numerator": whole, "denominator": residents, "cases": whole},
    )
    whole, part = (
        margins_of(places, cube, {"ethnic_group": False, "sex": True})
        for cube in _cubes(tests, places, week, [(tests.ethnic, 6), (tests.sex, 3)])
    )
    maker.percentages("ethnic_inequalities", "ETH-I5", windows, whole, part)
    axes = [(tests.district, len(places.districts)), week, (tests.ethnic, 6)]
    every = margins_of(places, counted(axes), {"ethnic_group": False})
    for indicator, which in (("ETH-I3", ~tests.repeated), ("ETH-I4", tests.repeated)):
        part = margins_of(places, counted(axes, which), {"ethnic_group": False})
        maker.percentages("ethnic_inequalities", indicator, windows, every, part)
    for factor in FACTORS:
        quintile = places.quintiles[factor][tests.lsoa]
        whole, part = (
            margins_of(places, cube, {factor: False})
            for cube in _cubes(tests, places, week, [(quintile, 5)])
        )
        del whole["all"], part["all"]
        maker.percentages("geospatial_inequalities", "GEO-I7", windows, whole, part)


def _daily(maker: Maker, tests: Tests, weeks: int) -> None:
    """Add percentages over seven days, for every day that ends seven days."""
    days = 7 * weeks
    whole, part = (
        maker.places.rolled(cube) for cube in _cubes(tests, maker.places, (tests.day, days), [])
    )

    def over_seven(counts: Numbers) -> Numbers:
        total = np.cumsum(counts, axis=1)
        total[:, 7:] -= total[:, :-7].copy()
        return total[:, 6:]

    least = np.minimum(part, whole - part)
    lowest = np.lib.stride_tricks.sliding_window_view(least, 7, axis=1).min(axis=2)
    n, cases = over_seven(whole), over_seven(part)
    windows = [
        (MONDAY + timedelta(days=day), MONDAY + timedelta(days=day + 6)) for day in range(days - 6)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 100 * cases / n
    columns = {
        "value": value,
        "numerator": cases,
        "denominator": n,
        "cases": cases,
        "n": n,
        "least": lowest,
    }
    maker.add(
        "demographic_inequalities",
        "DEM-I8",
        "rolling_percentage",
        windows,
        {name: {"all": numbers} for name, numbers in columns.items()},
        period="day",
    )


def _four_weekly(maker: Maker, tests: Tests, weeks: int) -> None:
    keep = tests.week < weeks // 4 * 4
    axes = [
        (tests.district[keep], len(maker.places.districts)),
        (tests.week[keep] // 4, weeks // 4),
        (tests.ethnic[keep], 6),
        (tests.age[keep], 11),
    ]
    whole, part = (
        margins_of(maker.places, cube, {"ethnic_group": False, "age": True})
        for cube in (counted(axes), counted(axes, tests.positive[keep]))
    )
    maker.percentages(
        "ethnic_inequalities", "ETH-I5", weekly_windows(weeks, 4), whole, part, period="four_weeks"
    )


def _neighbourhoods(maker: Maker, tests: Tests, weeks: int) -> None:
    """Add the positivity of every neighbourhood and district in two waves."""
    places, wave = maker.places, (tests.week >= SECOND_WAVE).astype(np.int64)
    turn = MONDAY + timedelta(days=7 * SECOND_WAVE)
    windows = [
        (MONDAY, turn - timedelta(days=1)),
        (turn, MONDAY + timedelta(days=7 * weeks - 1)),
    ]
    axes = [(tests.lsoa, len(places.lsoas)), (wave, 2)]
    whole, part = counted(axes), counted(axes, tests.positive)
    districts = [
        np.stack(
            [np.bincount(places.district_of, weights=each[:, at]) for at in range(2)], axis=1
        ).astype(np.int64)
        for each in (whole, part)
    ]
    for areas, n, cases in (
        (places.lsoas, whole, part),
        (places.areas, places.rolled(districts[0]), places.rolled(districts[1])),
    ):
        maker.percentages(
            "geospatial_inequalities",
            "GEO-I1",
            windows,
            {"all": n},
            {"all": cases},
            areas=areas,
            period="wave",
        )


def _deaths(maker: Maker, deaths: Numbers) -> None:
    cut = margins_of(maker.places, deaths, {"sex": False, "imd_quintile": False})
    firsts = [date(2015 + month // 12, 1 + month % 12, 1) for month in range(12 * YEARS + 1)]
    windows = [(start, after - timedelta(days=1)) for start, after in itertools.pairwise(firsts)]
    maker.add(
        "excess_mortality",
        "EXM-I1",
        "count",
        windows,
        {"value": cut, "cases": cut},
        period="month",
    )


def _survey(maker: Maker, weeks: int, rng: np.random.Generator) -> None:
    """Add the infection survey: 400,000 visits in four weeks, by sex and by age."""
    places = maker.places
    expected = places.people / 56e6 * 400_000
    shape = (len(places.districts), weeks // 4, 2, 10)
    visits = rng.poisson(np.broadcast_to(expected[:, None, None, None] / 20, shape))
    found = rng.binomial(visits, 0.03)
    whole, part = (
        margins_of(places, cube, {"sex": False, "age": False}) for cube in (visits, found)
    )
    alone = [name for name in whole if "|" not in name]
    maker.percentages(
        "occupational_inequalities",
        "OCC-I1",
        weekly_windows(weeks, 4),
        {name: whole[name] for name in alone},
        {name: part[name] for name in alone},
        period="four_weeks",
    )


def _labour(maker: Maker, rng: np.random.Generator) -> None:
    """Add two surveys by year: means of 320,000 respondents, medians of 180,000 jobs, by sex."""
    places = maker.places
    windows = [(date(2015 + year, 1, 1), date(2015 + year, 12, 31)) for year in range(YEARS)]
    for topic, indicator, statistic, size in (
        ("economic_vulnerability", "ECV-I1", "mean", 320_000),
        ("social_economy", "SOC-I1", "median", 180_000),
    ):
        expected = places.people / 56e6 * size
        sample = rng.poisson(
            np.broadcast_to(expected[:, None, None] / 2, (len(places.districts), YEARS, 2))
        )
        n = margins_of(places, sample, {"sex": False})
        columns: dict[str, Cut] = {
            "value": {
                name: np.where(counts > 0, np.round(rng.normal(400, 40, counts.shape)), np.nan)
                for name, counts in n.items()
            },
            "n": n,
        }
        if statistic == "median":
            columns["quantile"] = {name: np.full(counts.shape, 0.5) for name, counts in n.items()}
        maker.add(topic, indicator, statistic, windows, columns, period="year")
