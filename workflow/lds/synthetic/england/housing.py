"""The housing market: what dwellings cost in each district and month, and how many are sold.

Prices of a district, type and month are log-normal about a median, so that the median of any
mixture of them is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr

from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England

FIRST_YEAR = 1995
BASE_YEAR = 2019
"""The year whose median price of a district stands in the recipe."""
RESIDENTIAL = ("D", "S", "T", "F")
TYPES = (*RESIDENTIAL, "O")
"""Types of dwelling, in the order in which arrays hold them; O is no dwelling and counts apart."""
_STEPS = 28
"""Halvings of the interval in which the log of a quantile lies: to 1 in 10 million."""


def month_number(year: int, month: int) -> int:
    """Return the place of a month in arrays: January of `FIRST_YEAR` is 0."""
    return (year - FIRST_YEAR) * 12 + month - 1


@dataclass(frozen=True)
class Market:
    """The housing market of a country.

    Kinds of dwelling are types x (established, newly built), as one axis of twice `TYPES`.
    """

    england: England

    @property
    def recipe(self) -> dict[str, Any]:
        """Return what the country's recipe says of housing."""
        found: dict[str, Any] = self.england.recipe.settings["housing"]
        return found

    def _of_types(self, name: str) -> Floats:
        return np.array([self.recipe["types"][each][name] for each in TYPES])

    @cached_property
    def spreads(self) -> Floats:
        """Standard deviation of the log of the price of each kind."""
        return np.repeat(self._of_types("spread"), 2)

    @cached_property
    def types_of_districts(self) -> Floats:
        """Share of each type in the sales of each district: districts x types."""
        density = np.log(np.maximum(self._density, 0.1))
        z = (density - density.mean()) / max(float(density.std()), 0.1)
        odds = self._of_types("share") * np.exp(self._of_types("density") * z[:, None])
        found: Floats = odds / odds.sum(axis=1, keepdims=True)
        return found

    @property
    def _density(self) -> Floats:
        """Return the residents per hectare of each district; 1 where there are no places."""
        places, count = self.england.places, self.england.recipe.districts.height
        if places.is_empty():
            return np.ones(count)
        district = places["district"].to_numpy()
        hectares = np.bincount(district, places["hectares"].to_numpy(), count)
        found: Floats = np.array(self.england.population) / hectares
        return found

    @cached_property
    def mix(self) -> Floats:
        """Share of each kind in the sales of each district: districts x kinds."""
        new = self._of_types("new")
        split = np.stack([1 - new, new], axis=1)
        found: Floats = self.types_of_districts[:, :, None] * split
        return found.reshape(len(found), -1)

    @cached_property
    def growth(self) -> Floats:
        """Planted drift of the prices of each district: change of the log a year."""
        spread = float(self.recipe["growth"])
        return np.array([spread * self._own(code, "growth") for code in self._codes])

    def _own(self, code: str, what: str) -> float:
        return float(stream(self.england.seed, "housing", what, code).normal())

    @property
    def _codes(self) -> list[str]:
        return self.england.recipe.districts["code"].to_list()

    def log_index(self, months: Ints) -> Floats:
        """Return the log of England's prices in some months, next to those of `BASE_YEAR`."""
        index = self.recipe["price_index"]
        middles = [month_number(year, 7) for year in index]
        found: Floats = np.interp(months, middles, np.log(list(index.values())))
        return found

    def _drift(self, months: Ints) -> Floats:
        """Return the log of the price of each kind next to its district's in `BASE_YEAR`."""
        years = (months - month_number(BASE_YEAR, 7)) / 12
        types = np.log(self._of_types("price"))[:, None] + self._of_types("growth")[:, None] * years
        new = np.log([1.0, self.recipe["new_price"]])
        kinds: Floats = (types[:, None, :] + new[None, :, None]).reshape(-1, len(months))
        found: Floats = kinds + self.log_index(months)
        return found

    def log_prices(self, months: Ints) -> Floats:
        """Return the log of the median price: districts x kinds x months."""
        years = (months - month_number(BASE_YEAR, 7)) / 12
        own = self._base[:, None] + self.growth[:, None] * years
        return own[:, None, :] + self._drift(months)

    @cached_property
    def _base(self) -> Floats:
        """Log of the level of each district: its median of `BASE_YEAR` is that of the recipe."""
        months = months_of(BASE_YEAR)
        wanted = np.log(self.england.recipe.districts["median_price"].to_numpy())
        years = (months - month_number(BASE_YEAR, 7)) / 12
        logs = (self.growth[:, None] * years)[:, None, :] + self._drift(months)
        own = np.arange(len(wanted))
        found: Floats = wanted - self._quantile(0.5, logs, months, own, RESIDENTIAL, (0, 1))
        return found

    def expected_sales(self, months: Ints) -> Floats:
        """Return the expected sales of everything: districts x months."""
        recipe = self.recipe
        unusual = {
            month_number(*map(int, name.split("-"))): factor
            for name, factor in recipe["unusual_months"].items()
        }
        season = np.array([unusual.get(each, recipe["months"][each % 12]) for each in months])
        found: Floats = self._yearly_sales[:, None] / 12 * season
        return found

    @cached_property
    def _yearly_sales(self) -> Floats:
        recipe = self.recipe
        own = np.array([self._own(code, "sales") for code in self._codes])
        people = np.array(self.england.population)
        found: Floats = recipe["sales"] / 1000 * people * np.exp(recipe["sales_spread"] * own)
        return found

    def _quantile(
        self,
        q: float,
        logs: Floats,
        months: Ints,
        groups: Ints,
        types: Sequence[str],
        age: Sequence[int],
    ) -> Floats:
        kinds = [TYPES.index(each) * 2 + new for each in types for new in age]
        weights = self.mix[:, kinds, None] * self.expected_sales(months)[:, None, :]
        means, spreads = logs[:, kinds], self.spreads[kinds][None, :, None]
        count = int(groups.max()) + 1
        whole = np.bincount(groups, weights.sum(axis=(1, 2)), count)
        low, high = np.full(count, means.min() - 3), np.full(count, means.max() + 3)
        for _ in range(_STEPS):  # Bisection, for all groups at once.
            middle = (low + high) / 2
            below = weights * ndtr((middle[groups][:, None, None] - means) / spreads)
            reached = np.bincount(groups, below.sum(axis=(1, 2)), count) >= q * whole
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        found: Floats = (low + high) / 2
        return found

    def quantile(
        self,
        q: float,
        months: Ints,
        groups: Ints,
        types: Sequence[str] = RESIDENTIAL,
        age: Sequence[int] = (0, 1),
    ) -> Floats:
        """Return the quantile of the prices that are paid in some months, in pounds.

        Parameters
        ----------
        groups : which area each district is in, as by `lds.synthetic.england.tables.districts_on`.
        types : of `TYPES`.
        age : 0 for established dwellings, 1 for new ones.
        """
        logs = self.log_prices(months)
        found: Floats = np.exp(self._quantile(q, logs, months, groups, types, age))
        return found

    def pay(self, year: int, groups: Ints) -> Floats:
        """Return the median gross pay of the residents of areas, in pounds a year."""
        weekly = self.england.recipe.districts["weekly_pay"].to_numpy()
        people = np.array(self.england.population, dtype=np.float64)
        mean = np.bincount(groups, weekly * people) / np.bincount(groups, people)
        found: Floats = mean * 52 * self.recipe["pay_index"][year]
        return found


def months_of(year: int) -> Ints:
    """Return the months of a year as places in arrays."""
    return np.arange(12) + month_number(year, 1)


def day_in(month: int) -> date:
    """Return the first day of a month."""
    return date(FIRST_YEAR + month // 12, month % 12 + 1, 1)
