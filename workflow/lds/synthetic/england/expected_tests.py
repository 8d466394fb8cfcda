"""What is true of tests by LAD, wave and group: how many are expected, and how many positive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.epidemic import QUINTILES, Epidemic, bands_of_ages
from lds.synthetic.england.people import AGE_ORDER, Residents
from lds.synthetic.england.recipe import ETHNIC_GROUPS, SEXES
from lds.synthetic.traps import PUBLISHED_ON


@dataclass
class ExpectedTests:
    """Sums over the residents of each LAD of `PUBLISHED_ON`, filled district by district.

    Attributes
    ----------
    bands : of age.
    days : of the file.
    """

    epidemic: Epidemic
    bands: Sequence[str]
    days: Sequence[date]
    _sums: dict[tuple[str, int], dict[str, Floats]] = field(default_factory=dict)

    def add(self, people: Residents, quintiles: Ints, levels: Sequence[float]) -> None:
        """Add a district.

        Parameters
        ----------
        quintiles : of its LSOAs.
        levels : tests for each person whose ratios are 1 in each wave, then the ratio of positive
            results that the district has as a whole.
        """
        counts = people.counts.reshape(len(quintiles), -1).astype(np.float64)
        kinds, groups = self._kinds
        *tests, positive = levels
        for wave, number in enumerate(tests):
            sums = self._sums.setdefault((self._codes[people.district], wave), {})
            by_quintile = self._quintiles[:, wave, quintiles - 1]
            # What a person of a kind in a quintile has is a product: no need for every cell.
            of_kinds = by_quintile @ counts * kinds * number
            of_lsoas = (counts @ kinds.T).T * by_quintile * number
            for values in (of_kinds, of_lsoas):
                values[1] *= positive
            for by, values, places, count in (
                ("sex and age", of_kinds, groups[0], len(self.bands) * len(SEXES)),
                ("ethnic group", of_kinds, groups[1], len(ETHNIC_GROUPS)),
                ("quintile", of_lsoas, quintiles - 1, QUINTILES),
            ):
                added: Floats = np.stack(
                    [np.bincount(places, each, minlength=count) for each in values]
                ).astype(np.float64)
                sums[by] = sums[by] + added if by in sums else added

    @cached_property
    def _kinds(self) -> tuple[Floats, tuple[Ints, Ints]]:
        """Ratios of testing and of positive tests by kind; band and sex, and ethnic group of it."""
        testing = self.epidemic.people_ratios("testing").ravel()
        infection = self.epidemic.people_ratios("infection").ravel()
        shape = (len(ETHNIC_GROUPS), len(AGE_ORDER), len(SEXES))
        group, age, sex = (each.ravel() for each in np.indices(shape))
        band = bands_of_ages(self.bands)[AGE_ORDER][age]
        return np.stack([testing, testing * infection]), (band * len(SEXES) + sex, group)

    @cached_property
    def _quintiles(self) -> Floats:
        testing = self.epidemic.quintile_ratios("testing")
        infection = self.epidemic.quintile_ratios("infection")
        return np.stack([testing, testing * infection])

    @cached_property
    def _codes(self) -> list[str]:
        return self.epidemic.england.codes_on(PUBLISHED_ON)

    def areas(self) -> dict[str, Any]:
        """Return, for each LAD, wave and way to divide people, two numbers for each group.

        The tests that are expected in the wave, and the ratio by which the curve of positivity of
        the region is multiplied among them (none where there are no such people).
        """
        found: dict[str, Any] = {}
        for (code, wave), sums in sorted(self._sums.items()):
            own = found.setdefault(code, {}).setdefault(self.epidemic.waves[wave], {})
            for by, names, values in self._divided(sums):
                own[by] = {
                    name: [round(tests, 2), round(positive / tests, 5)]
                    for name, tests, positive in zip(names, *values.tolist(), strict=True)
                    if tests
                }
        return found

    def _divided(self, sums: dict[str, Floats]) -> Iterator[tuple[str, list[str], Floats]]:
        cells = sums["sex and age"].reshape(2, len(self.bands), len(SEXES))
        yield "all", ["all"], cells.sum(axis=(1, 2))[:, None]
        yield "sex", list(SEXES), cells.sum(axis=1)
        yield "age", list(self.bands), cells.sum(axis=2)
        both = [f"{sex}, {band}" for band in self.bands for sex in SEXES]
        yield "sex and age", both, sums["sex and age"]
        yield "ethnic group", list(ETHNIC_GROUPS), sums["ethnic group"]
        yield "quintile", [str(each + 1) for each in range(QUINTILES)], sums["quintile"]

    def curves(self) -> dict[str, Any]:
        """Return the days, the share of a wave's tests on each, and positivity of each region."""
        england = self.epidemic.england
        per_head, waves = self.epidemic.tests_per_head(self.days), self.epidemic.wave_of(self.days)
        shares = per_head / np.bincount(waves, per_head)[waves]
        return {
            "days": [f"{day}" for day in self.days],
            "wave": [self.epidemic.waves[each] for each in waves],
            "share_of_tests": shares.round(7).tolist(),
            "positivity": {
                region: self.epidemic.curve("positivity", region, self.days).round(6).tolist()
                for region in sorted(set(england.regions))
            },
        }
