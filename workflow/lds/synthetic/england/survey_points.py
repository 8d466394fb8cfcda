"""The points that the infection survey is published by: categories of what it asks about work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.expected_prevalence import Sums
from lds.synthetic.england.survey_work import AT_WORK, LOCATION_AGES, SurveyWork
from lds.synthetic.england.visits import Area, Visits
from lds.synthetic.england.work import NONE

STATUS, DISTANCE = "work_status_v1", "work_social_distancing"


@dataclass(frozen=True)
class Points:
    """Variables and their categories.

    Attributes
    ----------
    levels : category of each answer on distance.
    """

    work: SurveyWork
    levels: Mapping[str, str]

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """Categories of each variable, in the order of arrays; ``all`` has one."""
        work = self.work
        return {
            "all": ["all"],
            "work_status": list(dict.fromkeys(work.groups.values())),
            STATUS: work.statuses,
            "work_sector": work.sectors,
            "work_location": work.places,
            DISTANCE: list(dict.fromkeys(self.levels[each] for each in work.distances)),
            "patient_contact": work.contacts,
        }

    @cached_property
    def _group_of(self) -> Ints:
        groups = self.categories["work_status"]
        return np.array([groups.index(self.work.groups[each]) for each in self.work.statuses])

    @cached_property
    def _level_of(self) -> Ints:
        levels = self.categories[DISTANCE]
        return np.array([levels.index(self.levels[each]) for each in self.work.distances])

    def of_visits(self, visits: Visits) -> dict[str, Ints]:
        """Return the category of each visit by each variable; `NONE` where it is in none."""
        here = np.isin(visits.status, AT_WORK)
        told = here & (visits.age >= LOCATION_AGES.start) & (visits.age < LOCATION_AGES.stop)
        kept = here & (visits.distance != NONE)
        return {
            "all": np.zeros(len(here), dtype=np.int64),
            "work_status": self._group_of[visits.status],
            STATUS: visits.status,
            "work_sector": np.where(here, visits.sector, NONE),
            "work_location": np.where(told, visits.where, NONE),
            DISTANCE: np.where(kept, self._level_of[visits.distance], NONE),
            "patient_contact": np.where(here, visits.contact, NONE),
        }

    def of_people(self, sums: Sums) -> Sums:
        """Return people and infections by each variable, from those of the expected prevalence."""
        found = dict(sums)
        found["all"] = sums[STATUS].sum(axis=2, keepdims=True)
        for variable, own, places in (
            ("work_status", STATUS, self._group_of),
            (DISTANCE, DISTANCE, self._level_of),
        ):
            found[variable] = sums[own] @ np.eye(len(self.categories[variable]))[places]
        return found

    def account(self, area: Area, valid: NDArray[np.bool_]) -> dict[str, Any]:
        """Return what is true of an area, for each category of each variable.

        ``people`` of 2 and over (mean of the months) and ``prevalence`` among them, all months
        together and ``by_month``; ``visits`` with a result, and prevalence to be ``expected``
        among them, plain and ``weighted``.

        Parameters
        ----------
        valid : whether the result of a visit is known.
        """
        visits, people = area.visits, self.of_people(area.sums)
        found: dict[str, Any] = {}
        for variable, place in self.of_visits(visits).items():
            inside = valid & (place != NONE)
            names = self.categories[variable]
            at, p, weight = place[inside], visits.prevalence[inside], visits.weight[inside]
            sums = [np.bincount(at, each, len(names)) for each in (None, p, weight, weight * p)]
            found[variable] = {
                name: _told(people[variable][:, :, row], *(float(each[row]) for each in sums))
                for row, name in enumerate(names)
            }
        return found


def _told(people: Floats, visits: float, positive: float, weight: float, weighted: float) -> Any:
    count, infected = people.sum(axis=1)
    return {
        "people": round(count / people.shape[1], 1),
        "prevalence": _share(infected, count),
        "by_month": [_share(*pair) for pair in people[::-1].T.tolist()],
        "visits": int(visits),
        "expected": _share(positive, visits),
        "weighted": _share(weighted, weight),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 5) if whole else None
