"""What is true of tests by LAD, wave and group: how many are expected, and how many are positive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.epidemic import QUINTILES, Epidemic, bands_of_ages
from lds.synthetic.england.people import AGE_ORDER
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

    def add(
        self, district: int, wave: int, tests: Floats, ratios: Floats, quintiles: Ints
    ) -> None:
        """Add a district.

        Parameters
        ----------
        tests : expected of each kind of resident in the wave, in the shape of their counts.
        ratios : by which the curve of positivity is multiplied for them.
        quintiles : of the LSOAs.
        """
        code = self._codes[district]
        sums = self._sums.setdefault((code, wave), {})
        place = np.repeat(bands_of_ages(self.bands)[AGE_ORDER], len(SEXES))
        place = place * len(SEXES) + np.tile(np.arange(len(SEXES)), len(AGE_ORDER))
        both = np.stack([tests, tests * ratios])
        kinds = both.sum(axis=(1, 2)).reshape(2, -1)
        for by, values, groups, count in (
            ("sex and age", kinds, place, len(self.bands) * len(SEXES)),
            ("ethnic group", both.sum(axis=(1, 3, 4)), np.arange(5), len(ETHNIC_GROUPS)),
            ("quintile", both.sum(axis=(2, 3, 4)), quintiles - 1, QUINTILES),
        ):
            sums[by] = sums.get(by, 0) + np.stack(
                [np.bincount(groups, each, minlength=count) for each in values]
            )

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
