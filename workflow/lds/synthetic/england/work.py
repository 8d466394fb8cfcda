"""The work of the synthetic people: anybody's, on demand, the same whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, normal, pick, pick_by_row, uniform
from lds.synthetic.england.labour import (
    EMPLOYEE,
    KINDS,
    MAJOR_GROUPS,
    QUINTILES,
    SELF_EMPLOYED,
    WHERE,
    DistrictLabour,
)
from lds.synthetic.england.recipe import SEXES

Flags = NDArray[np.bool_]
NONE = -1
"""Stands where a person has no such attribute: the industry of a child."""


@dataclass(frozen=True)
class WorkingLives:
    """The work of some people of a district, in the middle of 2019 unless said otherwise.

    Every attribute is an array with one value per person, found when it is first asked for. Places
    in lists stand for categories, `NONE` for no value, and NaN for no number.

    Attributes
    ----------
    numbers : who, as `Residents` numbers them.
    """

    market: DistrictLabour
    numbers: Ints

    @cached_property
    def _cells(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.market.people.cells_of(self.numbers)

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return self.market.people.keys(self.numbers)

    def _spread(self, values: NDArray[np.generic], of: Ints, none: float) -> NDArray[np.generic]:
        """Return the values of some of the people as those of all."""
        found = np.full(len(self.numbers), none, dtype=values.dtype)
        found[of] = values
        return found

    @cached_property
    def age(self) -> Ints:
        """Age in years; 90 is 90 and over."""
        return self._cells[2]

    @cached_property
    def sex(self) -> Ints:
        """Place in `SEXES`."""
        return self._cells[3]

    @cached_property
    def quintile(self) -> Ints:
        """Quintile of deprivation of the LSOA where they live: 0 is the most deprived."""
        return self.market.quintile_of[self._cells[0]]

    @cached_property
    def activity(self) -> Ints:
        """Place in `ACTIVITIES`."""
        _, ethnic, age, sex = self._cells
        kind = np.ravel_multi_index((self.quintile, ethnic, age, sex), KINDS)
        return pick_by_row(uniform(self._keys, "activity"), kind, self.market.activity)

    @cached_property
    def working(self) -> Flags:
        """Whether they have a job or work for themselves."""
        return np.isin(self.activity, [EMPLOYEE, SELF_EMPLOYED])

    @cached_property
    def _workers(self) -> Ints:
        return np.flatnonzero(self.working)

    @cached_property
    def _worker_keys(self) -> NDArray[np.uint64]:
        return self._keys[self._workers]

    @cached_property
    def part_time(self) -> Flags:
        """Whether they work part time."""
        share = self.market.labour.part_time[self.age, self.sex]
        return np.asarray(self.working & (uniform(self._keys, "part time") < share))

    @cached_property
    def _place(self) -> Ints:
        """Place of work of the workers, as a place among those of their district."""
        shares = self.market.labour.commuting.shares[self.market.people.district]
        return pick(uniform(self._worker_keys, "place of work"), shares)

    @cached_property
    def workplace(self) -> Ints:
        """District where they work."""
        places = self.market.labour.commuting.places[self.market.people.district]
        return np.asarray(self._spread(places[self._place], self._workers, NONE), dtype=np.int64)

    @cached_property
    def _division(self) -> Ints:
        workers = self._workers
        group = (
            self.sex[workers] * 4
            + (self.activity[workers] == SELF_EMPLOYED) * 2
            + self.part_time[workers]
        )
        shares = self.market.division_shares
        row = self._place * shares.shape[1] + group
        return pick_by_row(
            uniform(self._worker_keys, "division"), row, shares.reshape(-1, shares.shape[2])
        )

    @cached_property
    def division(self) -> Ints:
        """Division of SIC 2007, as a place among the industries."""
        return np.asarray(self._spread(self._division, self._workers, NONE), dtype=np.int64)

    @cached_property
    def _major(self) -> Ints:
        workers, labour = self._workers, self.market.labour
        group = labour.industries.group_of[self._division]
        row = (group * QUINTILES + self.quintile[workers]) * len(SEXES) + self.sex[workers]
        odds = labour.occupations.reshape(-1, MAJOR_GROUPS)
        return pick_by_row(uniform(self._worker_keys, "major group"), row, odds)

    @cached_property
    def major_group(self) -> Ints:
        """Major group of SOC 2010, 1 to 9."""
        return np.asarray(self._spread(self._major + 1, self._workers, NONE), dtype=np.int64)

    @cached_property
    def unit_group(self) -> Ints:
        """Unit group of SOC 2010, four digits."""
        labour = self.market.labour
        codes, odds = labour.unit_groups
        row = labour.industries.group_of[self._division] * MAJOR_GROUPS + self._major
        found = codes[pick_by_row(uniform(self._worker_keys, "unit group"), row, odds)]
        return np.asarray(self._spread(found, self._workers, NONE), dtype=np.int64)

    @cached_property
    def public(self) -> Flags:
        """Whether they are employees of the public sector."""
        share = self.market.labour.industries.column("public")[self._division]
        chance = uniform(self._worker_keys, "public") < share
        chance &= self.activity[self._workers] == EMPLOYEE
        return np.asarray(self._spread(chance, self._workers, 0), dtype=np.bool_)

    @cached_property
    def hours(self) -> Floats:
        """Usual hours a week, whole."""
        workers, planted = self._workers, self.market.labour.settings["hours"]
        part = self.part_time[workers].astype(np.int64)
        mean, spread, least, most = np.array([planted["full_time"], planted["part_time"]]).T
        found = mean[part] + spread[part] * normal(self._worker_keys, "hours")
        whole = np.clip(np.rint(found), least[part], most[part])
        return np.asarray(self._spread(whole, workers, np.nan), dtype=np.float64)

    @cached_property
    def hourly_pay(self) -> Floats:
        """Pounds an hour of employees, in whole pence."""
        pay = self.market.labour.settings["pay"]
        workers, employed = self._workers, self.activity[self._workers] == EMPLOYEE
        woman = np.array([sex == "F" for sex in SEXES])[self.sex[workers]]
        level = (
            self.market.pay_level
            + np.array(pay["by_occupation"])[self._major]
            + woman * pay["women"]
            + self.part_time[workers] * pay["part_time"]
            + pay["spread"] * normal(self._worker_keys, "pay")
        )
        pounds = np.maximum(np.round(np.exp(level), 2), pay["least"])
        pounds = np.where(employed, pounds, np.nan)
        return np.asarray(self._spread(pounds, workers, np.nan), dtype=np.float64)

    @cached_property
    def weekly_pay(self) -> Floats:
        """Pounds a week of employees."""
        return np.round(self.hourly_pay * self.hours)

    @cached_property
    def home_working(self) -> Ints:
        """Where they work in the pandemic, as a place in `WHERE`."""
        shares = self.market.labour.home_working.reshape(-1, len(WHERE))
        row = self._division * MAJOR_GROUPS + self._major
        found = pick_by_row(uniform(self._worker_keys, "home"), row, shares)
        return np.asarray(self._spread(found, self._workers, NONE), dtype=np.int64)

    def furloughed(self, month: str) -> Flags:
        """Return whether they are on furlough leave in a month, as ``2020-05``.

        Employees only; whoever is on leave in a month is so in every month with more on leave.
        """
        return self.hits("furlough", [month])[:, 0]

    def hit(self, shock: str, months: Sequence[str], month: Ints) -> Flags:
        """Return whether a shock hits them, each in a month of their own; see `hits`.

        Parameters
        ----------
        month : place of each person's month among `months`.
        """
        return self.hits(shock, months)[np.arange(len(month)), month]

    def hits(self, shock: str, months: Sequence[str]) -> Flags:
        """Return whether a shock of the pandemic hits them: people x months; only employees are.

        Parameters
        ----------
        shock : ``furlough``, or ``layoffs``: employees of 2019 who are unemployed then.
        months : as ``2020-05``.
        """
        workers = self._workers
        share = self.market.labour.hit(shock, months)[:, self._division]
        chance = uniform(self._worker_keys, shock) < share
        chance &= self.activity[workers] == EMPLOYEE
        found = np.zeros((len(self.numbers), len(months)), dtype=np.bool_)
        found[workers] = chance.T
        return found
