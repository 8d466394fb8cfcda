"""What is true of prevalence in whole populations, by what the infection survey asks about work.

Nobody is drawn for it: people are counted by kind, and their work is in shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.epidemic import Epidemic
from lds.synthetic.england.labour import (
    ACTIVITIES,
    EMPLOYEE,
    KINDS,
    SELF_EMPLOYED,
    WHERE,
    DistrictLabour,
)
from lds.synthetic.england.people import AGE_ORDER
from lds.synthetic.england.recipe import AGES, SEXES
from lds.synthetic.england.survey_work import (
    EMPLOYED,
    HOME,
    IN_CARE,
    LEAVE,
    LOCATION_AGES,
    LOOKING,
    NO_CARE,
    OWN,
    OWN_PAUSE,
    SCHOOL_AGE,
    STATUS_OF,
    SurveyWork,
)

YOUNGEST = 2
"""Age from which people are visited."""
Sums = Mapping[str, Floats]
"""For each variable, people and the infected among them: 2 x months x categories."""


@dataclass(frozen=True)
class ExpectedPrevalence:
    """People and infections to be expected in districts, by month.

    Attributes
    ----------
    days : of the survey; a month of `work` is as prevalent as its days are on the mean.
    """

    epidemic: Epidemic
    work: SurveyWork
    days: Sequence[date]

    @cached_property
    def month_of(self) -> Ints:
        """Place of the month that each day is in."""
        return np.array([self.work.months.index(f"{day:%Y-%m}") for day in self.days])

    @cached_property
    def waves(self) -> Ints:
        """Place of the wave that each month begins in; waves begin with months."""
        first = np.searchsorted(self.month_of, np.arange(len(self.work.months)))
        return self.epidemic.wave_of(self.days)[first]

    @cached_property
    def ratios(self) -> Floats:
        """Ratio of prevalence of each kind of person, work apart: waves x `KINDS`."""
        people = np.empty(KINDS[1:])
        people[:, AGE_ORDER] = self.epidemic.people_ratios("infection")
        quintiles = self.epidemic.quintile_ratios("infection")
        return np.asarray(quintiles[:, :, None, None, None] * people)

    def curves(self, region: str) -> Floats:
        """Return the share of people in a region who are positive, ratios being 1, by month."""
        daily = self.epidemic.curve("prevalence", region, self.days)
        found: Floats = np.bincount(self.month_of, daily) / np.bincount(self.month_of)
        return found

    def of_district(self, market: DistrictLabour, level: float) -> Sums:
        """Return the sums of a district.

        Parameters
        ----------
        level : of the district against its region's curve.
        """
        work = self.work
        curve = level * self.curves(work.labour.england.regions[market.people.district])
        scale = np.stack([np.ones(len(curve)), curve])
        activity = self._activity(market)
        divisions = self._divisions(market, activity)
        status = self._status(activity, divisions) * scale[:, :, None]
        at_work = self._at_work(divisions) * scale[:, :, None, None, None, None]
        ratios = work.status_ratios[[EMPLOYED, OWN], None] * work.sector_ratios
        at_work *= _and_one(ratios)[:, None, :, :, None, None]
        at_work *= _and_one(work.where_ratios)[:, None, None, None, None, :]
        distance = _answers(work.distance_shares, work.distance_ratios)
        contact = _answers(work.contact_shares, work.contact_ratios)
        away = np.arange(len(WHERE)) != HOME
        outdoors = at_work[..., away].sum(axis=(2, 4, 5))
        means = distance.sum(axis=2) * contact.sum(axis=2)
        at_work *= np.where(away, means[:, None, None, :, None, None], 1.0)
        met = np.einsum("kms,ksc->kmc", outdoors, contact * distance.sum(axis=2, keepdims=True))
        met[..., work.contacts.index("No")] += at_work[..., HOME].sum(axis=(2, 3, 4))
        kept = np.einsum("kms,ksd->kmd", outdoors, distance * contact.sum(axis=2, keepdims=True))
        status[..., [EMPLOYED, OWN]] = at_work.sum(axis=(3, 4, 5))
        return {
            "work_status_v1": status,
            "work_sector": at_work.sum(axis=(2, 4, 5)),
            "work_location": at_work[:, :, :, :, 0].sum(axis=(2, 3)),
            "work_social_distancing": kept,
            "patient_contact": met,
        }

    def _activity(self, market: DistrictLabour) -> Floats:
        """Return people aged 2 and over, and those weighted by their ratios, by activity.

        2 x waves x quintiles x ages x sexes x activities.
        """
        weights = np.stack([np.ones_like(self.ratios), self.ratios])
        shares = market.activity.reshape(*market.counts.shape, len(ACTIVITIES))
        people = (market.counts * (np.arange(AGES) >= YOUNGEST)[:, None])[None, None] * weights
        found: Floats = np.einsum("kwqeas,qeasc->kwqasc", people, shares, optimize=True)
        return found

    def _divisions(self, market: DistrictLabour, activity: Floats) -> Floats:
        """Return workers: 2 x waves x quintiles x sexes x (employee, self) x old x divisions.

        For the old (see `LOCATION_AGES`) no place of work is told.
        """
        working = activity[..., [EMPLOYEE, SELF_EMPLOYED]]
        part = market.labour.part_time
        times = np.stack([1 - part, part], axis=-1)
        old = np.arange(AGES) >= LOCATION_AGES.stop
        ages = np.stack([~old, old], axis=-1).astype(np.float64)
        workers = np.einsum("kwqasc,ast,ao->kwqscto", working, times, ages, optimize=True)
        shares = market.divisions_at_home
        groups = shares.reshape(len(SEXES), 2, 2, shares.shape[1])
        found: Floats = np.einsum("kwqscto,sctv->kwqscov", workers, groups, optimize=True)
        return found

    @cached_property
    def _working(self) -> Floats:
        """Share of workers who are at work: months x (employee, self) x divisions."""
        work, labour = self.work, self.work.labour
        here = 1 - labour.hit("furlough", work.months)
        here *= (1 - self._laid_off) * (1 - work.settings["on_leave"])
        own = np.broadcast_to(1 - work.pauses[:, None], here.shape)
        return np.stack([here, own], axis=1)

    @cached_property
    def _laid_off(self) -> Floats:
        return self.work.labour.hit("layoffs", self.work.months)

    @cached_property
    def _where(self) -> Floats:
        """Share of each place in `WHERE`: quintiles x sexes x divisions x places."""
        labour = self.work.labour
        majors = labour.occupations[labour.industries.group_of]
        found: Floats = np.einsum("vqsm,vmh->qsvh", majors, labour.home_working)
        return found

    def _at_work(self, divisions: Floats) -> Floats:
        """Return people at work: 2 x months x (employee, self) x sectors x old x `WHERE`."""
        placed = np.einsum("kwqscov,qsvh->kwcohv", divisions, self._where)[:, self.waves]
        here = placed * self._working[None, :, :, None, None, :]
        return np.asarray(np.moveaxis(here @ self.work.sector_shares, 5, 3))

    def _status(self, activity: Floats, divisions: Floats) -> Floats:
        """Return people by expanded status: 2 x months x statuses; but for those at work."""
        work = self.work
        sums = activity.sum(axis=(2, 4))[:, self.waves]
        found = np.zeros((2, len(work.months), len(work.statuses)))
        for place, name in enumerate(ACTIVITIES):
            if place not in (EMPLOYEE, SELF_EMPLOYED):
                found[..., STATUS_OF[name]] += sums[:, :, SCHOOL_AGE:, place].sum(axis=2)
        young = sums[:, :, :SCHOOL_AGE].sum(axis=(2, 3))
        found[..., IN_CARE] = young * work.settings["child_care"]
        found[..., NO_CARE] = young - found[..., IN_CARE]
        workers = divisions.sum(axis=(2, 3, 5))[:, self.waves]
        employees, own = workers[:, :, 0], workers[:, :, 1]
        found[..., LOOKING] += (employees * self._laid_off).sum(axis=2)
        on_leave = 1 - self._laid_off - self._working[:, 0]
        found[..., LEAVE] = (employees * on_leave).sum(axis=2)
        found[..., OWN_PAUSE] = (own * (1 - self._working[:, 1])).sum(axis=2)
        found[1] *= work.status_ratios
        return found


def _and_one(ratios: Floats) -> Floats:
    """Return ones for people and ratios for the infected among them."""
    return np.stack([np.ones_like(ratios), ratios])


def _answers(shares: Floats, ratios: Floats) -> Floats:
    """Return shares of answers, and those weighted by their ratios: 2 x sectors x answers."""
    return np.stack([shares, shares * ratios])
