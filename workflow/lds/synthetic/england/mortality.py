"""Deaths of the synthetic people: how many are expected where, among whom and when; and a draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, drawn_places, pick_by_row, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import QUINTILES, days_between
from lds.synthetic.england.recipe import AGES, SEXES
from lds.synthetic.traps import PUBLISHED_ON

MONTHS = 12
PANDEMIC = 2020
"""The year with deaths beyond those of other years."""
_YEAR = 365.25


@dataclass
class Deaths:
    """Deaths as arrays of one length.

    Attributes
    ----------
    lsoa : row among the places of the country.
    sex : place in `SEXES`.
    day : of death, as an ordinal.
    covid : whether COVID-19 is the underlying cause.
    planted : whether it is part of a trap.
    """

    lsoa: Ints
    age: Ints
    sex: Ints
    day: Ints
    covid: NDArray[np.bool_]
    planted: NDArray[np.bool_]

    def only(self, kept: NDArray[np.bool_] | Ints) -> Deaths:
        """Return some of the deaths, or all in another order."""
        return Deaths(*(each[kept] for each in vars(self).values()))


def joined(parts: Sequence[Deaths]) -> Deaths:
    """Return deaths one after the other."""
    columns = zip(*(vars(each).values() for each in parts), strict=True)
    return Deaths(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True)
class Mortality:
    """Who dies, by the recipe of the contract.

    Attributes
    ----------
    planted : the recipe: ``a_year`` (deaths a year per 1,000 people of some ages, straight lines
        of the log between), ratios by ``sex`` and ``quintile``, ``season`` (of each month),
        ``districts`` (standard deviation of the log of their level), ``growth`` (of the population,
        a year), and for `PANDEMIC` ``other_causes`` (ratio of some months) and ``excess`` (share
        of the deaths of other years by month and quintile) with ``excess_by_sex``.
    scale : deaths against those of the recipe.
    """

    england: England
    planted: Mapping[str, Any]
    scale: float

    @cached_property
    def quintiles(self) -> Ints:
        """Quintile of deprivation of each LSOA, from 0."""
        found: Ints = self.england.places["quintile"].to_numpy().astype(np.int64) - 1
        return found

    @cached_property
    def districts(self) -> Ints:
        """District of each LSOA."""
        found: Ints = self.england.places["district"].to_numpy().astype(np.int64)
        return found

    @cached_property
    def a_year(self) -> Floats:
        """Deaths expected in a year like 2019, by LSOA, age and sex."""
        planted = self.planted
        ages = np.array(list(planted["a_year"]))
        rate = np.exp(np.interp(np.arange(AGES), ages, np.log(list(planted["a_year"].values()))))
        by_sex = rate[:, None] / 1000 * np.array([planted["sex"][sex] for sex in SEXES])
        codes = self.england.recipe.districts["code"]
        drawn = np.array([stream(self.england.seed, "deaths", code).normal() for code in codes])
        spread = planted["districts"]
        level = np.exp(spread * drawn - spread**2 / 2)[self.districts]
        level *= np.array(planted["quintile"])[self.quintiles] * self.scale
        found: Floats = self.england.residents_by_age * by_sex * level[:, None, None]
        return found

    def _calm(self, days: Sequence[date]) -> Floats:
        """Return how many years' deaths are expected on each day of years without a pandemic."""
        season = np.array(self.planted["season"])[[day.month - 1 for day in days]]
        grown = (1 + self.planted["growth"]) ** (np.array([day.year for day in days]) - 2019)
        found: Floats = season * grown / _YEAR
        return found

    def _others(self, days: Sequence[date]) -> Floats:
        """Return the same for deaths of other causes than COVID-19 in any year."""
        ratios = self.planted["other_causes"]
        in_pandemic = [ratios.get(day.month, 1.0) if day.year == PANDEMIC else 1 for day in days]
        found: Floats = self._calm(days) * np.array(in_pandemic)
        return found

    @cached_property
    def _excess(self) -> Floats:
        """Excess as a share of the deaths of other years: months x quintiles x sexes."""
        found = np.zeros((MONTHS, QUINTILES, len(SEXES)))
        by_sex = np.array([self.planted["excess_by_sex"][sex] for sex in SEXES])
        for month, shares in self.planted["excess"].items():
            found[month - 1] = np.array(shares)[:, None] * by_sex
        return found

    def draw(self, days: Sequence[date], name: str) -> Deaths:
        """Return deaths on some days of one year, in no order.

        Parameters
        ----------
        name : of the stream of random numbers.
        """
        draw = stream(self.england.seed, "deaths", name)
        on_days = self._others(days)
        edges = np.cumsum(self.a_year)
        number = int(draw.poisson(edges[-1] * on_days.sum()))
        lsoa, age, sex = self._cells(draw, number, edges)
        counts = draw.multinomial(number, on_days / on_days.sum())
        ordinals = np.array([day.toordinal() for day in days])
        day = draw.permutation(np.repeat(ordinals, counts))
        none = np.zeros(number, dtype=bool)
        found = Deaths(lsoa, age, sex, day, none, none)
        return joined([found, self._covid(draw, days)]) if days[0].year == PANDEMIC else found

    def _covid(self, draw: np.random.Generator, days: Sequence[date]) -> Deaths:
        calm = self._calm(days)
        months = np.array([day.month - 1 for day in days])
        in_months = np.bincount(months, calm, minlength=MONTHS)
        rates = self._excess * in_months[:, None, None]
        weights = self.a_year * rates.sum(axis=0)[self.quintiles][:, None, :]
        edges = np.cumsum(weights)
        number = int(draw.poisson(edges[-1]))
        lsoa, age, sex = self._cells(draw, number, edges)
        row = self.quintiles[lsoa] * len(SEXES) + sex
        by_month = rates.reshape(MONTHS, -1).T
        month = pick_by_row(draw.random(number), row, by_month)
        first = np.searchsorted(months, np.arange(MONTHS))
        length = np.bincount(months, minlength=MONTHS)
        chosen = first[month] + (draw.random(number) * length[month]).astype(np.int64)
        day = np.array([each.toordinal() for each in days])[chosen]
        covid = np.ones(number, dtype=bool)
        return Deaths(lsoa, age, sex, day, covid, ~covid)

    def _cells(
        self, draw: np.random.Generator, number: int, edges: Floats
    ) -> tuple[Ints, Ints, Ints]:
        cell = drawn_places(draw, number, edges)
        lsoa, age, sex = np.unravel_index(cell, self.a_year.shape)
        # The last age stands for all that follow.
        over = draw.exponential(self.planted["over_90"], number).astype(np.int64)
        oldest = np.where(age == AGES - 1, np.minimum(age + over, 110), age)
        return lsoa, oldest, sex

    def plant(self, trap: Mapping[str, Any], deaths: Deaths) -> Deaths:
        """Return the deaths with a cell that has a planted number of them, none by chance.

        Parameters
        ----------
        trap : ``where`` (``district``, ``sex``, ``quintile``), ``month`` of `PANDEMIC`, ``deaths``
            and how many of them are of ``covid``.
        """
        where, month = trap["where"], trap["month"]
        codes = self.england.recipe.districts["code"].to_list()
        if where["district"] not in codes:
            return deaths
        lsoas = (self.districts == codes.index(where["district"])) & (
            self.quintiles == where["quintile"] - 1
        )
        sex = SEXES.index(where["sex"])
        first, last = (date(PANDEMIC, month + after, 1).toordinal() for after in (0, 1))
        inside = lsoas[deaths.lsoa] & (deaths.sex == sex)
        inside &= (deaths.day >= first) & (deaths.day < last)
        draw = stream(self.england.seed, "deaths", "trap", trap["kind"])
        weights = np.zeros_like(self.a_year)
        weights[lsoas, :, sex] = self.a_year[lsoas, :, sex]
        number = trap["deaths"]
        own = self._cells(draw, number, np.cumsum(weights))
        covid = np.arange(number) < trap["covid"]
        days = draw.integers(first, last, number)
        return joined([deaths.only(~inside), Deaths(*own, days, covid, np.ones_like(covid))])

    def expected(self, baseline: Sequence[int], last: date) -> dict[str, Any]:
        """Return what is expected of LADs (of `PUBLISHED_ON`), months, sexes and quintiles.

        Deaths of a LAD, sex and quintile in a month are ``a_year`` of these times ``baseline``
        (mean of those years) or ``pandemic`` (up to `last`) of the month.
        """
        sums: dict[str, Floats] = {}
        by_lsoa = self.a_year.sum(axis=1)
        for place, code in enumerate(self.england.codes_on(PUBLISHED_ON)):
            rows = self.districts == place
            own = sums.setdefault(code, np.zeros((len(SEXES), QUINTILES)))
            for sex in range(len(SEXES)):
                own[sex] += np.bincount(
                    self.quintiles[rows], by_lsoa[rows, sex], minlength=QUINTILES
                )
        before = days_between(date(baseline[0], 1, 1), date(baseline[-1], 12, 31))
        during = days_between(date(PANDEMIC, 1, 1), last)
        calm, others = self._in_months(during, self._calm), self._in_months(during, self._others)
        all_causes = others + self._excess.transpose(2, 1, 0) * calm
        mean = self._in_months(before, self._calm) / len(baseline)
        return {
            "a_year": {
                code: {sex: own[place].round(4).tolist() for place, sex in enumerate(SEXES)}
                for code, own in sorted(sums.items())
            },
            "baseline": mean.round(7).tolist(),
            "pandemic": {
                sex: all_causes[place].round(7).tolist() for place, sex in enumerate(SEXES)
            },
        }

    def _in_months(self, days: Sequence[date], of: Callable[[Sequence[date]], Floats]) -> Floats:
        months = [day.month - 1 for day in days]
        return np.bincount(months, of(days), minlength=MONTHS).astype(np.float64)
