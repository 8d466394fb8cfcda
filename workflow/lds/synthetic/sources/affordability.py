"""Stand-ins for published house prices and their ratio to pay: the planted market's own figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.country import England
from lds.synthetic.england.housing import FIRST_YEAR, RESIDENTIAL, Market, day_in, months_of
from lds.synthetic.england.tables import districts_on
from lds.synthetic.standin import RawFile, Sheet, StandIn, as_published, marked, marked_name

WORKBOOKS_ON, SERIES_ON = date(2020, 4, 1), date(2023, 4, 1)
"""The days whose LADs the workbooks and the long series are published by."""
_LAST_MONTH = (2020, 12)
AGES_OF_DWELLINGS = {"all": (0, 1), "existing": (0,), "new": (1,)}
"""Which dwellings a workbook is about: 0 for established ones, 1 for new ones."""
QUARTILES = {"5": 0.5, "6": 0.25}
"""Which quantile the sheets of a number are about."""


def _sheet(name: str, lads: pl.DataFrame, names: dict[str, str], cells: dict[str, Any]) -> Sheet:
    """Return a sheet as published: header on row 7, numbers and marks in one column."""
    table = pl.DataFrame(
        {
            "Region code": lads["region_code"],
            "Region name": [names[code] for code in lads["region_code"]],
            "Local authority code": lads["code"],
            "Local authority name": lads["name"],
        }
    ).with_columns(pl.Series(year, column, dtype=pl.Object) for year, column in cells.items())
    title = f"Table {name}: SYNTHETIC, of no real district"
    above = [[title], [], ["England"], ["Made from a synthetic housing market"], [], []]
    return Sheet(name, marked(table), above=above)


def _with_marks(values: Floats, marks: dict[str, Any], decimals: int) -> list[object]:
    """Return numbers, with a mark where one of `marks` (arrays of flags) says so."""
    found: list[object] = [
        round(each, decimals) if decimals else round(each) for each in values.tolist()
    ]
    for mark, flags in marks.items():
        for place in np.flatnonzero(flags):
            found[place] = mark
    return found


def workbooks(england: England, contract: Contract, truth: dict[str, Any]) -> list[RawFile]:
    """Return the three workbooks, of six sheets each."""
    recipe, market = contract.synthetic, Market(england)
    lads, place = districts_on(england, WORKBOOKS_ON)
    names = dict(england.register.regions.iter_rows())
    years = range(recipe["first"], recipe["last"] + 1)
    people = np.bincount(place, np.array(england.population, dtype=np.float64))
    few_people = people < recipe["unreliable_below"]
    lower = england.recipe.settings["housing"]["lower_quartile_pay"]
    files = []
    for (dwellings, age), part in zip(
        AGES_OF_DWELLINGS.items(), contract.reader.files, strict=True
    ):
        sheets: dict[str, dict[str, Any]] = {f"{n}{x}": {} for n in QUARTILES for x in "abc"}
        for year in years:
            months = months_of(year)
            few = _sales(market, months, place, age) < recipe["withheld_below"]
            for number, q in QUARTILES.items():
                price = market.quantile(q, months, place, RESIDENTIAL, age)
                pay = market.pay(year, place) * (1 if q == 0.5 else lower)
                marks = {":": few, "x": few_people}
                sheets[f"{number}a"][str(year)] = _with_marks(price, {":": few}, 0)
                sheets[f"{number}b"][str(year)] = _with_marks(pay, {"x": few_people}, 0)
                sheets[f"{number}c"][str(year)] = _with_marks(price / pay, marks, 2)
        truth[dwellings] = {
            code: sheets["5c"][str(recipe["last"])][n] for n, code in enumerate(lads["code"])
        }
        pages = [_sheet(name, lads, names, cells) for name, cells in sheets.items()]
        files.append(RawFile(marked_name(part.name), sheets=pages))
    return files


def _sales(market: Market, months: Ints, place: Ints, age: tuple[int, ...]) -> Floats:
    """Return the expected sales of areas in a year, of new or established dwellings."""
    kinds = [2 * kind + new for kind in range(len(RESIDENTIAL)) for new in age]
    share = market.mix[:, kinds].sum(axis=1)
    sales = market.expected_sales(months).sum(axis=1) * share
    return np.asarray(np.bincount(place, sales), dtype=np.float64)


def ratios(england: England, contract: Contract, truth: dict[str, Any]) -> list[RawFile]:
    """Return the long table of ratios, with the mean of the last five years."""
    recipe, market = contract.synthetic, Market(england)
    lads, place = districts_on(england, SERIES_ON)
    parts = {
        str(year): market.quantile(0.5, months_of(year), place) / market.pay(year, place)
        for year in range(recipe["first"], recipe["last"] + 1)
    }
    parts["5-year average"] = np.mean(list(parts.values())[-5:], axis=0)
    frame = pl.concat(
        lads.select(lad_code="code").with_columns(
            period=pl.lit(period), ratio=pl.Series(values).round(2)
        )
        for period, values in parts.items()
    )
    truth |= {
        "ratio": dict(zip(lads["code"], parts[str(recipe["last"])].round(4).tolist(), strict=True))
    }
    return [RawFile(marked_name("hp_to_wage_ratio.parquet"), [as_published(frame, contract)])]


def median_prices(england: England, contract: Contract, truth: dict[str, Any]) -> list[RawFile]:
    """Return the median prices of the years that end with each quarter."""
    market = Market(england)
    lads, place = districts_on(england, SERIES_ON)
    last = months_of(_LAST_MONTH[0])[_LAST_MONTH[1] - 1]
    frames = []
    for month in range(int(months_of(FIRST_YEAR)[-1]), int(last) + 1, 3):
        price = market.quantile(0.5, np.arange(month - 11, month + 1), place)
        frames.append(
            lads.select(lad_code="code", lad_name="name").with_columns(
                period=pl.lit(f"{day_in(month):%b %Y}"),
                median_price=pl.Series(price).round(),
                measure=pl.lit("Median"),
            )
        )
    truth |= {
        "median_price": dict(zip(lads["code"], frames[-1]["median_price"].to_list(), strict=True))
    }
    table = as_published(pl.concat(frames), contract)
    return [RawFile(marked_name("median_house_prices.csv"), [table])]


_MAKERS: dict[str, Callable[[England, Contract, dict[str, Any]], list[RawFile]]] = {
    "housing_affordability": workbooks,
    "housing_affordability_ratio": ratios,
    "median_house_prices": median_prices,
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of published prices or ratios: every district, at any `scale`."""
    truth: dict[str, Any] = {}
    files = _MAKERS[contract.id](england, contract, truth)
    return StandIn(files, {"planted": truth})
