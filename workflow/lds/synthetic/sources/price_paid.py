"""A stand-in for Price Paid Data: sales drawn around the planted housing market.

No property is real: a sale has a real postcode of its LSOA and nothing else of an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, pick, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.housing import TYPES, Market, day_in, month_number, months_of
from lds.synthetic.england.tables import districts_on
from lds.synthetic.mess import Mess
from lds.synthetic.standin import MARKED, RawFile, StandIn, marked_name

REPORTED = date(2021, 4, 1)
"""The day whose LADs the truth is given for."""
PART = 250_000
"""Rows, or a few more, that are handed on at once."""
_DAYS = 28
"""Days of a month on which sales are completed."""


@dataclass(frozen=True)
class Sales:
    """The sales of a country in some months.

    Attributes
    ----------
    recipe : of the source.
    months : as `lds.synthetic.england.housing.month_number` counts them.
    statuses : record statuses, and their share of the rows.
    """

    market: Market
    recipe: dict[str, Any]
    months: Ints
    scale: float
    statuses: dict[str, float]

    @property
    def england(self) -> England:
        """Return the country."""
        return self.market.england

    @cached_property
    def expected(self) -> Floats:
        """Expected sales: districts x kinds x months."""
        totals = self.market.expected_sales(self.months) * self.scale
        found: Floats = self.market.mix[:, :, None] * totals[:, None, :]
        return found

    @cached_property
    def _logs(self) -> Floats:
        return self.market.log_prices(self.months)

    @cached_property
    def _names(self) -> tuple[list[list[str]], Ints]:
        """Names of all districts in each year from April, and the year of each month."""
        years = [day.year - (day.month < 4) for day in map(day_in, self.months.tolist())]
        found = []
        for year in sorted(set(years)):
            lads, place = districts_on(self.england, date(year, 4, 1))
            found.append([registry_name(name) for name in lads["name"].gather(place)])
        return found, np.array(years) - min(years)

    @cached_property
    def _dates(self) -> pl.Series:
        """Days on which sales are completed, those of each month in a row."""
        firsts = [f"{day_in(each):%Y-%m}" for each in self.months.tolist()]
        return pl.Series(
            [f"{first}-{day:02} 00:00" for first in firsts for day in range(1, _DAYS + 1)]
        )

    @cached_property
    def _counties(self) -> list[str | None]:
        register = self.england.register
        names = dict(register.counties.select("code", "name").iter_rows())
        county_of = dict(register.areas.select("code", "county_code").iter_rows())
        found: list[str | None] = []
        for code in self.england.recipe.districts["code"]:
            name = "Greater London" if code.startswith("E09") else names.get(county_of[code])
            found.append(name.upper() if name else None)
        return found

    @cached_property
    def _postcodes(self) -> tuple[pl.Series, Ints, Ints]:
        """All postcodes, and for each place where its own begin and how many there are."""
        own = self.england.places.select("code").join(
            self.england.postcodes,
            left_on="code",
            right_on="lsoa_code",
            how="left",
            maintain_order="left",
        )["postcodes"]
        counts = own.list.len().fill_null(0).to_numpy().astype(np.int64)
        return own.drop_nulls().explode(), np.cumsum(counts) - counts, counts

    @cached_property
    def _lsoa_weights(self) -> Floats:
        """Odds of each place among those of its district, by type: types x places."""
        places, types = self.england.places, self.market.recipe["types"]
        density = np.log(places["density"].to_numpy())
        likes = np.array([types[each]["density"] for each in TYPES])
        spread = max(float(density.std()), 0.1)
        found: Floats = places["weight"].to_numpy() * np.exp(likes[:, None] * density / spread)
        return found

    def _postcodes_of(self, district: int, types: Ints, draw: np.random.Generator) -> pl.Series:
        flat, starts, counts = self._postcodes
        inside = (self.england.places["district"] == district).arg_true().to_numpy()
        place = np.zeros(len(types), dtype=np.int64)
        for number in range(len(TYPES)):
            at = np.flatnonzero(types == number)
            place[at] = inside[pick(draw.random(len(at)), self._lsoa_weights[number, inside])]
        chosen = starts[place] + (draw.random(len(types)) * counts[place]).astype(np.int64)
        known = pl.Series(counts[place] > 0)
        found = flat.gather(np.minimum(chosen, len(flat) - 1))
        return found.set(~known, None)

    def of_district(self, district: int) -> pl.DataFrame:
        """Return the sales of a district, by the names of the contract."""
        code = str(self.england.recipe.districts["code"][district])
        draw = stream(self.england.seed, "sales", code, int(self.months[0]))
        counts = draw.poisson(self.expected[district])
        kind, month = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices(counts.shape))
        order = draw.permutation(len(kind))
        kind, month = kind[order], month[order]
        types, rows, recipe = kind // 2, len(kind), self.market.recipe
        spread = self.market.spreads[kind] * draw.normal(size=rows)
        step = self.recipe["rounded_to"]
        price = np.rint(np.exp(self._logs[district, kind, month] + spread) / step) * step
        names, years = self._names
        leasehold = np.array([recipe["leasehold"][each] for each in TYPES])[types]
        additional = np.where(types == TYPES.index("O"), 1.0, recipe["additional"])
        postcode = self._postcodes_of(district, types, draw)
        place = f"{MARKED}-{code}-{int(self.months[0])}"
        status = pick(draw.random(rows), list(self.statuses.values()))
        nothing = pl.lit(None, pl.String)
        return pl.DataFrame(
            {
                "number": np.arange(rows),
                "price": np.maximum(price, step).astype(np.int64),
                "date": self._dates.gather(month * _DAYS + draw.integers(0, _DAYS, rows)),
                "postcode": postcode,
                "property_type": pl.Series(TYPES).gather(types),
                "new_build": _either("NY", kind % 2 == 1),
                "tenure": _either("FL", draw.random(rows) < leasehold),
                "district": pl.Series([each[district] for each in names]).gather(years[month]),
                "category": _either("AB", draw.random(rows) < additional),
                "record_status": pl.Series(list(self.statuses)).gather(status),
            }
        ).with_columns(
            pl.concat_str(pl.lit(f"{{{place}-"), "number", pl.lit("}")).alias("transaction_id"),
            pl.lit(self._counties[district] or names[-1][district]).alias("county"),
            pl.lit(MARKED).alias("town"),
            paon=nothing,
            saon=nothing,
            street=nothing,
            locality=nothing,
        )

    def frames(
        self, contract: Contract, mess: Mess, accounts: dict[str, Any]
    ) -> Iterator[pl.DataFrame]:
        """Yield the sales of all districts in the columns of the raw file, spoilt as planned.

        What was spoilt is in `accounts` under the name of the mess in the end.
        """
        columns = [pl.col(each.name).alias(each.source_name) for each in contract.columns]
        waiting: list[pl.DataFrame] = []
        for district in range(self.england.recipe.districts.height):
            waiting.append(self.of_district(district))
            if sum(each.height for each in waiting) >= PART:
                yield mess.spoil(pl.concat(waiting)).select(columns)
                waiting = []
        if waiting:
            yield mess.spoil(pl.concat(waiting)).select(columns)
        accounts[mess.name] = mess.account()


def _either(letters: str, second: NDArray[np.bool_]) -> pl.Series:
    return pl.Series(list(letters)).gather(second.astype(np.int64))


def registry_name(name: str) -> str:
    """Return the name of a district as the Land Registry writes it."""
    first, _, rest = name.partition(", ")
    swapped = f"{rest} {first}" if rest.endswith(" of") else name
    return swapped.replace(".", "").upper()


def _median_prices(market: Market) -> dict[str, dict[str, dict[str, float]]]:
    """Return the planted median of each LAD of `REPORTED`, kind of dwelling and year."""
    lads, place = districts_on(market.england, REPORTED)
    wanted = {**{each: (each,) for each in TYPES}, "standard": TYPES[:-1], "all": TYPES}
    medians = {
        (name, year): market.quantile(0.5, months_of(year), place, types).round(1).tolist()
        for name, types in wanted.items()
        for year in range(2015, 2021)
    }
    return {
        code: {
            name: {str(year): medians[name, year][n] for year in range(2015, 2021)}
            for name in wanted
        }
        for n, code in enumerate(lads["code"])
    }


def _sales(market: Market, months: Ints, scale: float) -> dict[str, Any]:
    lads, place = districts_on(market.england, REPORTED)
    sales = market.expected_sales(months) * scale
    by_month = zip(months.tolist(), sales.sum(axis=0).tolist(), strict=True)
    year = sales[:, np.isin(months, months_of(2019))].sum(axis=1)
    own = np.bincount(place, year).round(2).tolist()
    types = market.types_of_districts.T
    mix = np.stack([np.bincount(place, year * each) for each in types], axis=1)
    shares = (mix / mix.sum(axis=1, keepdims=True)).round(5).tolist()
    mixes = [dict(zip(TYPES, row, strict=True)) for row in shares]
    return {
        "expected_by_month": {f"{day_in(each):%Y-%m}": round(n, 1) for each, n in by_month},
        "expected_2019": dict(zip(lads["code"], own, strict=True)),
        "type_shares": dict(zip(lads["code"], mixes, strict=True)),
    }


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in: sales of 2015 to 2020, and the update of the first months of 2021.

    Parameters
    ----------
    scale : of the number of sales.
    """
    recipe, market = contract.synthetic, Market(england)
    first, last, update = (
        month_number(*map(int, recipe[name].split("-"))) for name in ("first", "last", "update")
    )
    parts = {
        "pp-complete.csv": (np.arange(first, last + 1), {"A": 1.0}),
        "pp-monthly-update-new-version.csv": (np.arange(last + 1, update + 1), recipe["statuses"]),
    }
    files: list[RawFile] = []
    accounts: dict[str, Any] = {}
    for name, (months, statuses) in parts.items():
        given = marked_name(name)
        mess = Mess(recipe["mess"], england.seed, given)
        frames = Sales(market, recipe, months, scale, statuses).frames(contract, mess, accounts)
        files.append(RawFile(given, frames, header=False, quoted=True))
    growth = market.growth.round(6).tolist()
    planted = {
        **{key: recipe[key] for key in ("statuses", "rounded_to")},
        "housing": england.recipe.settings["housing"],
        "growth": dict(zip(england.recipe.districts["code"], growth, strict=True)),
        "median_prices": _median_prices(market),
        "sales": _sales(market, np.arange(first, update + 1), scale),
    }
    return StandIn(files, {"planted": planted, "mess": accounts})
