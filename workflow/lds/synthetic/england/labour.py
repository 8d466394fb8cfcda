"""The labour market of the synthetic England: odds of every kind of work, by district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lds.io import read_yaml
from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.commuting import Commuting, commuting
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import WORKER_GROUPS, Industries, mixes
from lds.synthetic.england.people import AGE_ORDER, Residents
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, SEXES

ACTIVITIES = ("child", "employee", "self_employed", "unemployed", "student", "retired", "inactive")
"""Economic activity, in the order in which arrays hold it."""
EMPLOYEE, SELF_EMPLOYED = ACTIVITIES.index("employee"), ACTIVITIES.index("self_employed")
WORKING_AGES = slice(16, 65)
ADULTS = slice(16, None)
QUINTILES = 5
KINDS = (QUINTILES, len(ETHNIC_GROUPS), AGES, len(SEXES))
"""People of a kind have the same odds: quintile of deprivation, ethnic group, age, sex."""
MAJOR_GROUPS = 9
WHERE = ("elsewhere", "both", "home")
"""Where people work in the pandemic: somewhere else, there and at home, at home only."""


@dataclass(frozen=True)
class Labour:
    """The labour market of the country.

    Attributes
    ----------
    settings : what ``work.yaml`` says.
    """

    england: England
    settings: Mapping[str, Any]
    industries: Industries

    @classmethod
    def of(cls, england: England) -> Labour:
        """Return the labour market of a country, by its recipe."""
        folder = england.recipe.folder
        return cls(england, read_yaml(folder / "work.yaml"), Industries.load(folder))

    @cached_property
    def commuting(self) -> Commuting:
        """Where the people of each district work."""
        return commuting(self.england, self.settings["places_of_work"])

    @cached_property
    def mixes(self) -> Floats:
        """Planted mix of the jobs of each district: districts x divisions."""
        return mixes(self.england, self.industries, self.settings["industries"])

    @cached_property
    def _odds(self) -> Floats:
        return self.industries.odds_by_group_of_workers(self.settings["industries"]["groups"])

    def division_shares(self, workplaces: Ints) -> Floats:
        """Return the share of each division: workplaces x `WORKER_GROUPS` x divisions."""
        shares = self.mixes[workplaces][:, None, :] * self._odds
        found: Floats = shares / shares.sum(axis=2, keepdims=True)
        return found

    @cached_property
    def employed_before_shift(self) -> Floats:
        """Log odds of being in work of people of 16 and over, by `KINDS`."""
        activity = self.settings["activity"]
        by_age = np.stack([_by_age(activity["employed"][sex]) for sex in SEXES], axis=-1)
        share = np.clip(by_age, 1e-6, 1 - 1e-6)
        ethnic = _by_ethnic_group(activity["employed_by_ethnic_group"])
        found: Floats = (
            np.log(share / (1 - share))
            + np.array(activity["employed_by_quintile"])[:, None, None, None]
            + ethnic[:, None, None]
        )
        return found

    @cached_property
    def not_working(self) -> Floats:
        """Shares of unemployed, students, retired and inactive among those not in work, by kind."""
        activity = self.settings["activity"]
        odds = np.ones((*KINDS, 4))
        for place, name in enumerate(("unemployed", "student", "retired")):
            odds[..., place] = _by_age(activity[name])[:, None]
        odds[..., 0] *= np.exp(
            np.array(activity["unemployed_by_quintile"])[:, None, None, None]
            + _by_ethnic_group(activity["unemployed_by_ethnic_group"])[:, None, None]
        )
        found: Floats = odds / odds.sum(axis=-1, keepdims=True)
        return found

    @cached_property
    def self_employed(self) -> Floats:
        """Share of the self-employed among those in work: ages x sexes."""
        return self._of_workers("self_employed")

    @cached_property
    def part_time(self) -> Floats:
        """Share of those who work part time among those in work: ages x sexes."""
        return self._of_workers("part_time")

    def _of_workers(self, name: str) -> Floats:
        points = self.settings["activity"][name]
        return np.stack([_by_age(points[sex]) for sex in SEXES], axis=-1)

    @cached_property
    def occupations(self) -> Floats:
        """Share of each major group: Broad Industry Groups x quintiles x sexes x major groups."""
        planted = self.settings["occupations"]
        base = np.array([planted["by_industry"][group] for group in self.industries.groups])
        steps = (QUINTILES - 1) / 2 - np.arange(QUINTILES)
        tilt = steps[:, None, None] * np.array(planted["by_deprivation"]) + np.stack(
            [np.zeros(MAJOR_GROUPS), np.array(planted["women"])]
        )
        shares = base[:, None, None, :] * np.exp(tilt)
        found: Floats = shares / shares.sum(axis=-1, keepdims=True)
        return found

    @cached_property
    def unit_groups(self) -> tuple[Ints, Floats]:
        """Codes of unit groups, and their odds: (Broad Industry Group, major group) x codes."""
        planted = self.settings["occupations"]
        lists = [
            planted["unit_groups_by_industry"].get(group, {}).get(major)
            or dict.fromkeys(planted["unit_groups"][major], 1)
            for group in self.industries.groups
            for major in range(1, MAJOR_GROUPS + 1)
        ]
        codes = sorted({code for each in lists for code in each})
        place = {code: number for number, code in enumerate(codes)}
        odds = np.zeros((len(lists), len(codes)))
        for row, each in enumerate(lists):
            for code, weight in each.items():
                odds[row, place[code]] = weight
        return np.array(codes), odds

    @cached_property
    def home_working(self) -> Floats:
        """Share of each place in `WHERE`: divisions x major groups x `WHERE`."""
        planted = self.settings["home_working"]
        odds = np.ones((len(self.industries), MAJOR_GROUPS, len(WHERE)))
        remote = self.industries.column("remote")[:, None]
        for name in ("both", "home"):
            odds[..., WHERE.index(name)] = remote * np.array(planted[name])
        found: Floats = odds / odds.sum(axis=-1, keepdims=True)
        return found

    def hit(self, shock: str, months: Sequence[str]) -> Floats:
        """Return the share of employees whom a shock of the pandemic hits: months x divisions.

        Parameters
        ----------
        shock : ``furlough``, or ``layoffs``: employees of 2019 who are unemployed then.
        months : as ``2020-05``.
        """
        by_month = self.settings[shock]["by_month"]
        height = np.array([by_month.get(each, 0.0) for each in months])
        found: Floats = height[:, None] * self._hit_at_height[shock]
        return found

    @cached_property
    def _hit_at_height(self) -> dict[str, Floats]:
        return {
            shock: self.industries.by_group(self.settings[shock]["by_industry"], 0.0)
            for shock in ("furlough", "layoffs")
        }

    def of_district(self, people: Residents) -> DistrictLabour:
        """Return the odds for the people of a district."""
        quintile = self.england.lsoas_of(people.district)["quintile"].to_numpy() - 1
        counts = np.zeros((QUINTILES, *people.counts.shape[1:]))
        for each in range(QUINTILES):
            counts[each] = people.counts[quintile == each].sum(axis=0)
        by_age = np.empty_like(counts)
        by_age[:, :, AGE_ORDER, :] = counts
        rate = self.england.recipe.districts["employment_rate"][people.district] / 100
        shift = _shifts_to(
            np.array([rate]),
            self.employed_before_shift[:, :, WORKING_AGES, :],
            by_age[None, :, :, WORKING_AGES, :],
        )
        return DistrictLabour(self, people, quintile.astype(np.int64), by_age, float(shift[0]))

    @cached_property
    def workers_by_home(self) -> Floats:
        """Expected workers who live in each district: districts x quintiles x `WORKER_GROUPS`.

        In the middle of 2019, as if all LSOAs of a district had the same ages and ethnic groups: no
        one has to be counted for it.
        """
        working = self._working.sum(axis=2)
        own, part = self.self_employed[ADULTS], self.part_time[ADULTS]
        parts = [
            (working * status * time).sum(axis=2)
            for status in (1 - own, own)
            for time in (1 - part, part)
        ]
        found = np.stack(parts, axis=2).transpose(0, 1, 3, 2)
        return found.reshape(len(found), QUINTILES, len(WORKER_GROUPS))

    @cached_property
    def _working(self) -> Floats:
        """Expected workers: districts x `KINDS`, of 16 and over."""
        counts = self._expected_kinds
        wanted = self.england.recipe.districts["employment_rate"].to_numpy() / 100
        log_odds = self.employed_before_shift
        shifts = _shifts_to(
            wanted, log_odds[:, :, WORKING_AGES, :], counts[:, :, :, WORKING_AGES, :]
        )
        shares = _share(log_odds[:, :, ADULTS, :] + shifts[:, None, None, None, None])
        return np.asarray(counts[:, :, :, ADULTS, :] * shares)

    @cached_property
    def people_by_activity(self) -> Floats:
        """Expected people: districts x (16 to 64, 65 and over) x `ACTIVITIES`, in mid-2019."""
        working = self._working
        own = self.self_employed[ADULTS]
        others = self._expected_kinds[:, :, :, ADULTS, :] - working
        by_age = np.zeros((len(working), AGES - WORKING_AGES.start, len(ACTIVITIES)))
        by_age[..., EMPLOYEE] = (working * (1 - own)).sum(axis=(1, 2, 4))
        by_age[..., SELF_EMPLOYED] = (working * own).sum(axis=(1, 2, 4))
        by_age[..., 3:] = np.einsum("dqeas,qeasn->dan", others, self.not_working[:, :, ADULTS])
        old = WORKING_AGES.stop - WORKING_AGES.start
        return np.stack([by_age[:, :old].sum(axis=1), by_age[:, old:].sum(axis=1)], axis=1)

    @cached_property
    def _expected_kinds(self) -> Floats:
        """Return the expected people of each district by `KINDS`."""
        recipe = self.england.recipe
        found = np.empty((recipe.districts.height, *KINDS))
        sexes = np.stack([recipe.male_share, 1 - recipe.male_share], axis=-1)
        for district, people in enumerate(self.england.population):
            lsoas = self.england.lsoas_of(district)
            quintiles = np.bincount(
                lsoas["quintile"].to_numpy() - 1, lsoas["residents"].to_numpy(), QUINTILES
            )
            ages = recipe.ethnic_shares(district) * recipe.age_structure[district]
            shares = (quintiles / quintiles.sum())[:, None, None] * ages
            found[district] = people * shares[..., None] * sexes
        return found

    @cached_property
    def _workers_by_group(self) -> Floats:
        """Expected workers by place of work: districts x `WORKER_GROUPS` x divisions."""
        at_home = self.workers_by_home.sum(axis=1)
        by_group = np.zeros_like(at_home)
        for home, groups in enumerate(at_home):
            by_group[self.commuting.places[home]] += self.commuting.shares[home][:, None] * groups
        shares = self.division_shares(np.arange(len(by_group)))
        return np.asarray(by_group[:, :, None] * shares)

    @cached_property
    def workers(self) -> Floats:
        """Expected workers by place of work: districts x divisions.

        Residents of the country at work in the middle of 2019; what businesses employ.
        """
        return np.asarray(self._workers_by_group.sum(axis=1))

    @cached_property
    def part_time_shares(self) -> Floats:
        """Expected share of part-time jobs among those of employees: workplaces x divisions."""
        groups = [group.split("/") for group in WORKER_GROUPS]
        employees = np.array([status == "employee" for _, status, _ in groups])
        part = np.array([time == "part" for *_, time in groups])
        workers = self._workers_by_group
        whole = workers[:, employees].sum(axis=1)
        return np.asarray(workers[:, employees & part].sum(axis=1) / whole)


@dataclass(frozen=True)
class DistrictLabour:
    """Odds of work for the people of one district.

    Attributes
    ----------
    quintile_of : quintile of deprivation of each LSOA, from 0.
    counts : how many people there are, by `KINDS`.
    shift : of the log odds of being in work.
    """

    labour: Labour
    people: Residents
    quintile_of: Ints
    counts: Floats
    shift: float

    @cached_property
    def employed(self) -> Floats:
        """Share of people in work, by `KINDS`."""
        share = _share(self.labour.employed_before_shift + self.shift)
        share[:, :, : WORKING_AGES.start, :] = 0
        return share

    @cached_property
    def activity(self) -> Floats:
        """Share of each of `ACTIVITIES`: kinds in one list x activities."""
        labour, working = self.labour, self.employed
        found = np.empty((*KINDS, len(ACTIVITIES)))
        found[..., 0] = 0
        found[..., EMPLOYEE] = working * (1 - labour.self_employed)
        found[..., SELF_EMPLOYED] = working * labour.self_employed
        found[..., 3:] = (1 - working)[..., None] * labour.not_working
        found[:, :, : WORKING_AGES.start] = np.eye(len(ACTIVITIES))[0]
        return found.reshape(-1, len(ACTIVITIES))

    @cached_property
    def expected_activity(self) -> Floats:
        """Expected people by `ACTIVITIES`."""
        return np.asarray(self.counts.ravel() @ self.activity)

    @cached_property
    def division_shares(self) -> Floats:
        """Share of each division among workers: places of work x `WORKER_GROUPS` x divisions."""
        return self.labour.division_shares(self.labour.commuting.places[self.people.district])

    @cached_property
    def divisions_at_home(self) -> Floats:
        """Share of each division among workers who live here: `WORKER_GROUPS` x divisions."""
        shares = self.labour.commuting.shares[self.people.district]
        found: Floats = np.einsum("p,pgv->gv", shares, self.division_shares)
        return found

    @cached_property
    def pay_level(self) -> float:
        """Mean log of hourly pay before the effects of ``pay``: gives the planted median pay."""
        labour, pay = self.labour, self.labour.settings["pay"]
        workers = labour.workers_by_home[self.people.district]
        in_group = np.zeros((len(WORKER_GROUPS), len(labour.industries.groups)))
        np.add.at(in_group.T, labour.industries.group_of, self.divisions_at_home.T)
        middle, spread, weights = [], [], []
        for row, name in enumerate(WORKER_GROUPS):
            sex, status, time = name.split("/")
            if status != "employee":
                continue
            woman, part = int(sex == "F"), int(time == "part")
            mean, sd, *_ = labour.settings["hours"]["part_time" if part else "full_time"]
            effect = np.array(pay["by_occupation"]) + woman * pay["women"] + part * pay["part_time"]
            middle.append(effect + np.log(mean) - sd**2 / mean**2 / 2)
            spread.append(np.full(MAJOR_GROUPS, np.hypot(pay["spread"], sd / mean)))
            occupations = np.einsum("b,bqm->qm", in_group[row], labour.occupations[:, :, woman])
            weights.append(workers[:, row] @ occupations)
        wanted = float(labour.england.recipe.districts["weekly_pay"][self.people.district])
        found = _mixture_median(
            np.concatenate(middle), np.concatenate(spread), np.concatenate(weights)
        )
        return float(np.log(wanted) - found)


def _by_age(points: Mapping[int, float]) -> Floats:
    """Return a value for each single year of age, by straight lines between points."""
    ages = list(points)
    return np.interp(np.arange(AGES), ages, [points[age] for age in ages])


def _by_ethnic_group(values: Mapping[str, float]) -> Floats:
    return np.array([values[group] for group in ETHNIC_GROUPS])


def _share(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _shifts_to(shares: Floats, log_odds: Floats, counts: Floats) -> Floats:
    """Return what to add to log odds so that each district's expected share is that of `shares`.

    Parameters
    ----------
    counts : districts x what `log_odds` has.
    """
    people = counts.reshape(len(counts), -1)
    wanted = shares * people.sum(axis=1)
    shifts = np.zeros(len(people))
    for _ in range(6):  # Newton's method.
        odds = _share(log_odds.ravel() + shifts[:, None])
        found = (people * odds).sum(axis=1)
        shifts += (wanted - found) / (people * odds * (1 - odds)).sum(axis=1)
    return shifts


def _mixture_median(middle: Floats, spread: Floats, weights: Floats) -> float:
    """Return the median of a mixture of normal distributions."""
    from scipy.special import ndtr

    low, high = float(middle.min()), float(middle.max())
    for _ in range(40):
        at = (low + high) / 2
        below = float(weights @ ndtr((at - middle) / spread)) / weights.sum()
        low, high = (at, high) if below < 0.5 else (low, at)
    return low
