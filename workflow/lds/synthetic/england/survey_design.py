"""The design of the infection survey: when it recruits, whom it visits and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import Epidemic, ages_of, bands_of_ages, days_between
from lds.synthetic.england.expected_prevalence import ExpectedPrevalence
from lds.synthetic.england.labour import Labour
from lds.synthetic.england.recipe import AGES, SEXES
from lds.synthetic.england.survey_work import SurveyWork


@dataclass(frozen=True)
class Survey:
    """The design of a survey of a country.

    Attributes
    ----------
    recipe : what the contract plants: ``window, recruitment, lsoas_of_a_district, taking_part,
        visits, spells, calibrated_by``.
    scale : households against those of the recipe.
    """

    england: England
    recipe: Mapping[str, Any]
    scale: float

    @cached_property
    def days(self) -> list[date]:
        """Days of the survey."""
        first, last = map(date.fromisoformat, self.recipe["window"])
        return days_between(first, last)

    @cached_property
    def expected(self) -> ExpectedPrevalence:
        """What is true of prevalence, and the work that the survey asks about."""
        months = list(dict.fromkeys(f"{day:%Y-%m}" for day in self.days))
        work = SurveyWork.of(Labour.of(self.england), months)
        return ExpectedPrevalence(Epidemic.load(self.england), work, self.days)

    @cached_property
    def levels(self) -> Floats:
        """Level of each district against its region's prevalence."""
        return self.expected.epidemic.district_levels("infection")

    @cached_property
    def curves(self) -> dict[str, Floats]:
        """Prevalence on each day, of each region, where ratios are 1."""
        curve = self.expected.epidemic.curve
        regions = set(self.england.regions)
        return {region: curve("prevalence", region, self.days) for region in regions}

    @cached_property
    def waves(self) -> Ints:
        """Wave of the epidemic that each day is in."""
        return self.expected.epidemic.wave_of(self.days)

    @property
    def strata(self) -> int:
        """How many groups of people weights are calibrated to."""
        return len(self.recipe["calibrated_by"]) * len(SEXES)

    @cached_property
    def band_of(self) -> Ints:
        """Band that weights are calibrated to, by age."""
        return bands_of_ages(self.recipe["calibrated_by"])

    @cached_property
    def attended(self) -> Floats:
        """Share of the visits that take place, by age."""
        found = np.empty(AGES)
        for band, share in self.recipe["visits"]["attended"].items():
            found[list(ages_of(band))] = share
        return found

    @cached_property
    def steps(self) -> Ints:
        """Days from the first visit to each that may follow, itself included."""
        visits = self.recipe["visits"]
        weekly = np.arange(visits["weekly"]) * 7
        later = np.arange(weekly[-1] + visits["then_every"], len(self.days), visits["then_every"])
        return np.concatenate([weekly, later])

    def wanted(self, areas: Sequence[Sequence[int]]) -> Floats:
        """Return how many households each area is to have: areas x waves of recruitment.

        Parameters
        ----------
        areas : districts of each.
        """
        people = np.array(self.england.population, dtype=np.float64)
        size = np.array([people[list(each)].sum() for each in areas])
        found = []
        for wave in self.recipe["recruitment"]:
            share = size ** wave["allocation"]
            whole = self.scale * wave["households_per_million"] * people.sum() / 1e6
            found.append(whole * share / share.sum())
        return np.stack(found, axis=1)

    @cached_property
    def starts(self) -> tuple[Ints, Ints]:
        """Return the first day of each wave of recruitment, and how many days it has."""
        ends = [
            [self.days.index(date.fromisoformat(each)) for each in wave["days"]]
            for wave in self.recipe["recruitment"]
        ]
        first, last = np.array(ends, dtype=np.int64).T
        return first, last - first + 1

    def visits_of(self, wanted: Floats) -> Floats:
        """Return about how many visits some households will have.

        Parameters
        ----------
        wanted : households, areas x waves of recruitment.
        """
        first, length = self.starts
        each = []
        for begin, count in zip(first, length, strict=True):
            day = begin + np.arange(count)[:, None] + self.steps
            each.append((day < len(self.days)).sum(axis=1).mean())
        members = self.england.recipe.settings["households"]["mean_size"]
        found: Floats = wanted @ np.array(each) * members * self.recipe["taking_part"]
        return found
