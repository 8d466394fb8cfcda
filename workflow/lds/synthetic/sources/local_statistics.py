"""Stand-ins for the publisher's files of one statistic for every area and period.

All are of the same people at work as the surveys, in the shapes of Explore Local Statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import WORKER_GROUPS
from lds.synthetic.england.labour import ACTIVITIES, EMPLOYEE, SELF_EMPLOYED, Labour
from lds.synthetic.sources.published_areas import Areas, areas_on
from lds.synthetic.standin import RawFile, StandIn, marked, marked_name, recipe_of

UNEMPLOYED = ACTIVITIES.index("unemployed")
Z_95 = 1.959964


@dataclass(frozen=True)
class _Values:
    """Values of one indicator and period, by area; intervals where there are any."""

    period: str
    value: Floats
    half_width: Floats | None = None
    indicator: str | None = None
    numerator: Floats | None = None
    denominator: Floats | None = None


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a file: the same areas and periods at any `scale`."""
    recipe = contract.synthetic
    labour = Labour.of(england)
    areas = areas_on(england, date.fromisoformat(recipe["codes_on"]))
    values = list(_STATISTICS[contract.id](labour, areas, recipe))
    names = {column.name: column.source_name for column in contract.columns}
    frame = pl.concat([_rows(areas, each, names, recipe) for each in values])
    missing = _missing(frame.height, recipe.get("not_available", 0.0), england.seed, contract.id)
    frame = frame.with_columns(
        pl.when(pl.Series(missing))
        .then(None)
        .otherwise(pl.col(names["value"]))
        .alias(names["value"]),
        pl.when(pl.Series(missing)).then(pl.lit("x")).alias(names["status"]),
    )
    marks = "utf-8-sig" if recipe["byte_order_mark"] else "utf-8"
    file = RawFile(marked_name(recipe["file"]), [marked(frame)], encoding=marks, newline="\r\n")
    truth = {
        each.period + (f" {each.indicator}" if each.indicator else ""): _truth(areas, each.value)
        for each in values[-2:]
    }
    truth_of_mess = {"not_available": int(missing.sum())}
    return StandIn(
        [file], {"planted": recipe_of(contract) | {"last": truth}, "missing": truth_of_mess}
    )


def _truth(areas: Areas, value: Floats) -> dict[str, float]:
    return dict(zip(areas.codes, value.round(3).tolist(), strict=True))


def _missing(
    rows: int, share: float, seed: int, source: str
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(stream(seed, "not available", source).random(rows) < share)


def _rows(
    areas: Areas, values: _Values, names: Mapping[str, str], recipe: Mapping[str, Any]
) -> pl.DataFrame:
    """Return one indicator and period in the publisher's columns."""
    digits = recipe["digits"]
    regions_end_blank = recipe.get("blank_after_regions", False)
    area_names = [
        f"{name} " if kind == "Region" and regions_end_blank else name
        for name, kind in zip(areas.names, areas.kinds, strict=True)
    ]
    columns: dict[str, Any] = {
        "area_code": areas.codes,
        "area_name": area_names,
        "geography": areas.kinds,
        "indicator": [values.indicator] * len(areas),
        "period": [values.period] * len(areas),
        "value": values.value.round(digits),
        "unemployed": values.numerator,
        "numerator": values.numerator,
        "denominator": values.denominator,
        "lower_95": _limit(values, -1, digits),
        "upper_95": _limit(values, 1, digits),
        "status": pl.repeat(None, len(areas), dtype=pl.String, eager=True),
    }
    there = {key: columns[key] for key in columns if key in names and columns[key] is not None}
    return pl.DataFrame(there).rename({key: names[key] for key in there})


def _limit(values: _Values, side: int, digits: int) -> pl.Series:
    if values.half_width is None:
        return pl.repeat(None, len(values.value), dtype=pl.Float64, eager=True)
    return pl.Series((values.value + side * values.half_width).round(digits))


def _years(recipe: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    first, last = recipe["years"]
    for year in range(first, last + 1):
        yield year, f"{year}-01-01T00:00:00/P1Y" if recipe["long_periods"] else str(year)


def _laid_off(labour: Labour, year: int) -> Floats:
    """Return the expected share of each district's employees that lost work, mean of a year."""
    planted = labour.settings["layoffs"]
    months = [planted["by_month"].get(f"{year}-{month:02d}", 0.0) for month in range(1, 13)]
    by_division = labour.industries.by_group(planted["by_industry"], 0.0)
    shares = labour.workers / labour.workers.sum(axis=1, keepdims=True)
    at_work = shares @ by_division * float(np.mean(months))
    places, odds = labour.commuting.places, labour.commuting.shares
    return np.asarray((at_work[places] * odds).sum(axis=1))


def _unemployed(labour: Labour, year: int, ages: slice = slice(None)) -> tuple[Floats, Floats]:
    """Return the expected unemployed and employed of each district in a year."""
    people = labour.people_by_activity[:, ages].sum(axis=1)
    lost = people[:, EMPLOYEE] * _laid_off(labour, year)
    working = people[:, EMPLOYEE] + people[:, SELF_EMPLOYED]
    return people[:, UNEMPLOYED] + lost, working - lost


def _half_width(share: Floats, people: Floats, interviewed: float) -> Floats:
    return np.asarray(Z_95 * np.sqrt(share * (1 - share) / (people * interviewed)))


def _claimants(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    people = labour.people_by_activity[:, 0].sum(axis=1)
    for year, period in _years(recipe):
        # Of the newly unemployed nearly all claim; of the others a part.
        unemployed, _ = _unemployed(labour, year, slice(0, 1))
        usual, _ = _unemployed(labour, 2019, slice(0, 1))
        claim = usual * recipe["of_the_unemployed"] + (unemployed - usual) * recipe["of_the_new"]
        yield _Values(period, 100 * areas.means(claim / people, people))


def _unemployment(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    for year, period in _years(recipe):
        unemployed, working = (areas.sums(each) for each in _unemployed(labour, year))
        share = unemployed / (unemployed + working)
        width = _half_width(share, unemployed + working, recipe["interviewed"])
        yield _Values(period, 100 * share, 100 * width, numerator=np.rint(unemployed / 100) * 100)


def _activity(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    people = areas.sums(labour.people_by_activity[:, 0].sum(axis=1))
    for year, period in _years(recipe):
        unemployed, working = (areas.sums(each) for each in _unemployed(labour, year, slice(0, 1)))
        for indicator, count in (
            ("Employment Rate", working),
            ("Economic Inactivity Rate", people - working - unemployed),
        ):
            share = count / people
            width = _half_width(share, people, recipe["interviewed"])
            yield _Values(
                period,
                100 * share,
                100 * width,
                indicator,
                np.rint(count / 100) * 100,
                np.rint(people / 100) * 100,
            )


def _pay(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    pay = labour.england.recipe.districts["weekly_pay"].to_numpy().astype(np.float64)
    paid = [place for place, group in enumerate(WORKER_GROUPS) if "/employee/" in group]
    employees = labour.workers_by_home[:, :, paid].sum(axis=(1, 2))
    median = areas.means(pay, employees)
    width = Z_95 * recipe["standard_error"] * median
    width[areas.kinds.index("Local Authority District") :] *= recipe["of_a_district"]
    for year, period in _years(recipe):
        growth = (1 + recipe["growth"]) ** (year - 2019)
        yield _Values(period, median * growth, width * growth)


def _income(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    england = labour.england
    districts = england.recipe.districts
    pay = districts["weekly_pay"].to_numpy().astype(np.float64)
    deprivation = districts["deprivation"].to_numpy()
    people = np.array(england.population, dtype=np.float64)
    level = recipe["pounds"] * (pay / np.median(pay)) ** recipe["by_pay"]
    level *= np.exp(recipe["by_deprivation"] * (deprivation - deprivation.mean()))
    for year, period in _years(recipe):
        growth = (1 + recipe["growth"]) ** (year - 2019)
        yield _Values(period, areas.means(level * growth, people))


def _broadband(labour: Labour, areas: Areas, recipe: Mapping[str, Any]) -> Iterator[_Values]:
    england = labour.england
    people = np.array(england.population, dtype=np.float64)
    density = np.array(
        [float(england.lsoas_of(each)["density"].mean()) for each in range(len(people))]  # type: ignore[arg-type]
    )
    codes = england.recipe.districts["code"].to_list()
    chance = np.array([stream(england.seed, "broadband", code).normal(0, 1) for code in codes])
    log_odds = recipe["log_odds"] + recipe["by_density"] * np.log(density / recipe["usual_density"])
    share = 1 / (1 + np.exp(-log_odds - recipe["spread"] * chance))
    yield _Values(recipe["period"], 100 * areas.means(share, people))


_STATISTICS: dict[str, Callable[[Labour, Areas, Mapping[str, Any]], Iterator[_Values]]] = {
    "claimant_count": _claimants,
    "modelled_unemployment": _unemployment,
    "economic_activity": _activity,
    "median_weekly_pay": _pay,
    "household_income": _income,
    "gigabit_broadband": _broadband,
}
