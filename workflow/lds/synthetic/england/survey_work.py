"""What people answer the infection survey about their work, and how prevalence goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lds.io import read_yaml
from lds.synthetic.draws import Floats, Ints, pick_by_row, uniform
from lds.synthetic.england.labour import ACTIVITIES, EMPLOYEE, SELF_EMPLOYED, WHERE, Labour
from lds.synthetic.england.work import NONE, WorkingLives

EMPLOYED, LEAVE, OWN, OWN_PAUSE, LOOKING, IDLE, RETIRED, NO_CARE, IN_CARE, EDUCATION = range(10)
"""Expanded employment status, in the order of ``status`` in ``survey.yaml``."""
AT_WORK = (EMPLOYED, OWN)
HOME = WHERE.index("home")
LOCATION_AGES = range(16, 75)
"""Ages for which the place of work is told."""
SCHOOL_AGE = 5
STATUS_OF = {
    "child": EDUCATION,
    "employee": EMPLOYED,
    "self_employed": OWN,
    "unemployed": LOOKING,
    "student": EDUCATION,
    "retired": RETIRED,
    "inactive": IDLE,
}
"""Status of each activity, before children under 5, leave and layoffs are told apart."""


@dataclass(frozen=True)
class Answers:
    """Answers of some people, as places in the lists of `SurveyWork`; `NONE` where not at work.

    Attributes
    ----------
    status : people x months.
    sector, where, distance, contact : of those with work, whenever they are at it; `distance` is
        `NONE` for those at home only.
    ratio : of prevalence, people x months.
    """

    status: Ints
    sector: Ints
    where: Ints
    distance: Ints
    contact: Ints
    ratio: Floats


@dataclass(frozen=True)
class SurveyWork:
    """Work as the survey asks about it.

    Attributes
    ----------
    settings : what ``survey.yaml`` says.
    months : of the survey, as ``2020-05``.
    """

    settings: Mapping[str, Any]
    labour: Labour
    months: Sequence[str]

    @classmethod
    def of(cls, labour: Labour, months: Sequence[str]) -> SurveyWork:
        """Return the survey's work in a labour market, by the recipe of its country."""
        return cls(read_yaml(labour.england.recipe.folder / "survey.yaml"), labour, months)

    @property
    def statuses(self) -> list[str]:
        """Names of expanded statuses."""
        return list(self.settings["status"])

    @cached_property
    def groups(self) -> dict[str, str]:
        """Group of five of each expanded status."""
        return {name: own["group"] for name, own in self.settings["status"].items()}

    @property
    def sectors(self) -> list[str]:
        """Names of sectors."""
        return list(self.settings["sectors"])

    @property
    def places(self) -> list[str]:
        """Answers on the place of work, in the order of `WHERE`."""
        return [self.settings["location"][each]["answer"] for each in WHERE]

    @property
    def distances(self) -> list[str]:
        """Answers on how easily a distance is kept."""
        return list(self.settings["distance"])

    @property
    def contacts(self) -> list[str]:
        """Answers on contact with patients."""
        return list(self.settings["contact"])

    @cached_property
    def sector_shares(self) -> Floats:
        """Share of each sector in each division: divisions x sectors."""
        place = {each: row for row, each in enumerate(self.labour.industries.table["division"])}
        sectors = list(self.settings["sectors"].values())
        found = np.zeros((len(place), len(sectors)))
        for column, own in enumerate(sectors):
            for division in own.get("divisions", ()):
                found[place[division], column] = 1
            for division, share in own.get("shares", {}).items():
                found[place[division], column] = share
        other = [
            not {"divisions", "shares"} & set(own) for own in self.settings["sectors"].values()
        ]
        found[:, other] = 1 - found.sum(axis=1, keepdims=True)
        return found

    def _of_sectors(self, name: str) -> Floats:
        return np.array([own[name] for own in self.settings["sectors"].values()])

    @cached_property
    def distance_shares(self) -> Floats:
        """Share of each answer on distance among those not at home only: sectors x answers."""
        odds = self._of_sectors("distance")
        found: Floats = odds / odds.sum(axis=1, keepdims=True)
        return found

    @cached_property
    def contact_shares(self) -> Floats:
        """Share of each answer on contact among those not at home only: sectors x answers."""
        yes = self._of_sectors("contact")
        own = {"Yes": yes, "No": 1 - yes}
        return np.stack([own[answer] for answer in self.contacts], axis=1)

    @cached_property
    def status_ratios(self) -> Floats:
        """Ratio of prevalence of each status."""
        return np.array([own["ratio"] for own in self.settings["status"].values()])

    @cached_property
    def sector_ratios(self) -> Floats:
        """Ratio of prevalence of each sector."""
        return self._of_sectors("ratio")

    @cached_property
    def where_ratios(self) -> Floats:
        """Ratio of prevalence of each place of work."""
        return np.array([self.settings["location"][each]["ratio"] for each in WHERE])

    @cached_property
    def distance_ratios(self) -> Floats:
        """Ratio of prevalence of each answer on distance."""
        return np.array(list(self.settings["distance"].values()))

    @cached_property
    def contact_ratios(self) -> Floats:
        """Ratio of prevalence of each answer on contact."""
        return np.array(list(self.settings["contact"].values()))

    @cached_property
    def pauses(self) -> Floats:
        """Share of the self-employed who do not work, by month: as many as furlough is high."""
        height = self.labour.settings["furlough"]["by_month"]
        share = float(self.settings["self_employed_not_working"])
        return share * np.array([height.get(month, 0.0) for month in self.months])

    def answers(self, work: WorkingLives) -> Answers:
        """Return what people answer in each month."""
        keys = work.market.people.keys(work.numbers)
        busy = np.flatnonzero(work.working)
        status = self._status(work, keys)
        sector = self._at_work(
            busy,
            pick_by_row(uniform(keys[busy], "sector"), work.division[busy], self.sector_shares),
            len(keys),
        )
        where = work.home_working
        away = np.flatnonzero(work.working & (where != HOME))
        distance = pick_by_row(uniform(keys[away], "distance"), sector[away], self.distance_shares)
        contact = pick_by_row(uniform(keys[away], "contact"), sector[away], self.contact_shares)
        no = self.contacts.index("No")
        # Whoever only works at home meets no patients.
        met = np.where(work.working, no, NONE)
        met[away] = contact
        kept = self._at_work(away, distance, len(keys))
        at_work = np.ones(len(keys))
        at_work[busy] = self.sector_ratios[sector[busy]] * self.where_ratios[where[busy]]
        at_work[away] *= self.distance_ratios[distance] * self.contact_ratios[contact]
        ratio = self.status_ratios[status]
        ratio *= np.where(np.isin(status, AT_WORK), at_work[:, None], 1.0)
        return Answers(status, sector, where, kept, met, ratio)

    @staticmethod
    def _at_work(who: Ints, values: Ints, people: int) -> Ints:
        found = np.full(people, NONE, dtype=np.int64)
        found[who] = values
        return found

    def _status(self, work: WorkingLives, keys: NDArray[np.uint64]) -> Ints:
        """Return the expanded status of each person in each month."""
        plain = np.array([STATUS_OF[each] for each in ACTIVITIES])[work.activity]
        young = np.flatnonzero(work.age < SCHOOL_AGE)
        cared = uniform(keys[young], "child care") < self.settings["child_care"]
        plain[young] = np.where(cared, IN_CARE, NO_CARE)
        employee, own = work.activity == EMPLOYEE, work.activity == SELF_EMPLOYED
        absent = uniform(keys, "leave") < self.settings["on_leave"]
        on_leave = absent[:, None] | work.hits("furlough", self.months)
        pausing = uniform(keys, "pause")[:, None] < self.pauses
        found = np.repeat(plain[:, None], len(self.months), axis=1)
        found[on_leave & employee[:, None]] = LEAVE
        found[work.hits("layoffs", self.months)] = LOOKING
        found[pausing & own[:, None]] = OWN_PAUSE
        return found
