"""The synthetic people: counted in whole numbers, and each of them on demand.

A district's people are numbered 0, 1, 2, ... in a fixed order (LSOA, ethnic group, adults before
children, age, sex). Only counts are held; who number 81,204 is follows from them, and everything
else about that person from a hash of the number. So any file may look at any of 56 million people
without another file having to make them first, and all files speak of the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, Keys, mixed, scattered, share_out, stream
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, Recipe

ADULT = 16
AGE_ORDER = np.array([*range(ADULT, AGES), *range(ADULT)])
"""Ages in the order in which people are numbered: adults first, who lead households."""
_PLACE_OF_AGE = np.argsort(AGE_ORDER)
_SCALE = 1 << 20


@dataclass(frozen=True)
class Residents:
    """People of one district, as whole numbers.

    Attributes
    ----------
    district : its place in the recipe.
    seed : of the country.
    counts : LSOAs (in the order of the places) x ethnic groups x ages in `AGE_ORDER` x sexes.
    household_size : mean size of a household.
    """

    district: int
    seed: int
    counts: NDArray[np.int32]
    household_size: float

    @cached_property
    def ends(self) -> Ints:
        """Number of the first person after each cell of `counts`."""
        return np.cumsum(self.counts.ravel(), dtype=np.int64)

    def __len__(self) -> int:
        """How many people there are."""
        return int(self.ends[-1])

    @cached_property
    def by_age(self) -> NDArray[np.int32]:
        """`counts` with the ages in their natural order."""
        return self.counts[:, :, _PLACE_OF_AGE, :]

    def cells_of(self, numbers: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return LSOA, ethnic group, age and sex of people, each as a place in its list."""
        cell = np.searchsorted(self.ends, numbers, side="right")
        lsoa, group, age, sex = np.unravel_index(cell, self.counts.shape)
        return lsoa, group, AGE_ORDER[age], sex

    def keys(self, numbers: Ints) -> Keys:
        """Return the key of each person, which no other person of the country has."""
        return mixed(
            (np.uint64(self.district) << np.uint64(32)) | numbers.astype(np.uint64),
            f"{self.seed}/people",
        )

    @cached_property
    def _groups(self) -> tuple[Ints, Ints, Ints, Ints]:
        """First person, adults, households and first household of each LSOA and ethnic group."""
        people = self.counts.sum(axis=(2, 3), dtype=np.int64).ravel()
        adults = self.counts[:, :, : AGES - ADULT].sum(axis=(2, 3), dtype=np.int64).ravel()
        wanted = np.maximum(1, np.rint(people / self.household_size).astype(np.int64))
        households = np.where(people > 0, np.clip(wanted, 1, np.maximum(adults, 1)), 0)
        return (
            np.cumsum(people) - people,
            adults,
            households,
            np.cumsum(households) - households,
        )

    @property
    def households_by_lsoa(self) -> Ints:
        """How many households there are in each LSOA."""
        found: Ints = self._groups[2].reshape(self.counts.shape[:2]).sum(axis=1)
        return found

    @property
    def households(self) -> int:
        """How many households there are."""
        return int(self._groups[2].sum())

    def households_of(self, numbers: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the household of each person, numbered in the district, and whether they lead it.

        Every household is led by one adult of its LSOA and ethnic group (where there is any); the
        others of the group are spread among its households at random.
        """
        lsoa, ethnic, _, _ = self.cells_of(numbers)
        return self._households_in(numbers, lsoa * len(ETHNIC_GROUPS) + ethnic)

    def of_lsoas(self, lsoas: Ints) -> tuple[Ints, Ints]:
        """Return the people of some LSOAs and the household of each: quicker than one by one."""
        first, *_ = self._groups
        groups = (lsoas[:, None] * len(ETHNIC_GROUPS) + np.arange(len(ETHNIC_GROUPS))).ravel()
        sizes = np.append(first, len(self))[groups + 1] - first[groups]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        numbers = np.repeat(first[groups], sizes) + within
        households, _ = self._households_in(numbers, np.repeat(groups, sizes))
        return numbers, households

    @cached_property
    def _steps(self) -> Ints:
        """Step of each LSOA and ethnic group that visits every one of its adults once."""
        return _coprime_steps(np.maximum(self._groups[1], 1))

    def _households_in(self, numbers: Ints, group: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        first, adults, households, first_household = self._groups
        place, count = numbers - first[group], np.maximum(adults, 1)[group]
        # An affine map shuffles the adults of a group, so that leaders are not all young.
        rank = (place * self._steps[group] + count // 2) % count
        leads = (place < adults[group]) & (rank < households[group])
        chance = mixed(self.keys(numbers), "household") % households[group].astype(np.uint64)
        own = np.where(leads, rank, chance.astype(np.int64))
        return first_household[group] + own, leads


def _coprime_steps(counts: Ints) -> Ints:
    """Return, for each count, a step near 0.618 of it that visits every place once."""
    steps = np.maximum(1, (counts * 0.6180339887).astype(np.int64))
    while (shared := np.gcd(steps, counts) != 1).any():
        steps = np.where(shared, steps + 1, steps)
    return steps


def residents(
    recipe: Recipe,
    district: int,
    population: int,
    weights: Floats,
    scores: Floats,
    seed: int,
) -> Residents:
    """Return the people of a district.

    Parameters
    ----------
    district : its place in the recipe.
    population : how many there are; the counts add up to it.
    weights, scores : of its LSOAs: how many live there, relative to the others, and how deprived
        they are.
    """
    draw = stream(seed, "people", str(recipe.districts["code"][district]))
    ages, male = recipe.age_structure[district], recipe.male_share
    by_sex = np.stack([ages * male, ages * (1 - male)])
    expected = recipe.ethnic_shares(district)[:, None, :] * by_sex
    totals = share_out(population, expected.ravel()).reshape(expected.shape)
    traits, uneven = recipe.settings["lsoas"], recipe.settings["ethnic_groups"]["unevenness"]
    places = len(weights)
    spread = np.array([uneven[group] for group in ETHNIC_GROUPS])
    liking = np.exp(spread[:, None] * draw.normal(0, 1, (len(ETHNIC_GROUPS), places)))
    deprived = np.log(scores / scores.mean())
    bands = np.stack([np.exp(sd * draw.normal(0, 1, places)) for sd in traits["ages"].values()])
    bands[3] *= np.exp(traits["old_by_deprivation"] * deprived)
    band_of_age = np.digitize(np.arange(AGES), [ADULT, 25, 65])
    relative = weights * liking[:, None, :] * bands[None, band_of_age, :]
    whole = np.maximum(1, np.rint(relative / relative.mean() * _SCALE)).astype(np.int64)
    # Both sexes of an age live alike, but are rounded apart.
    rows = np.broadcast_to(whole[:, None], (len(ETHNIC_GROUPS), 2, AGES, places))
    spread_out = scattered(
        totals.ravel(), rows.reshape(-1, places), draw.random(totals.size)
    ).reshape(*totals.shape, places)
    counts = np.ascontiguousarray(spread_out.transpose(3, 0, 2, 1)[:, :, AGE_ORDER, :])
    return Residents(
        district, seed, counts.astype(np.int32), recipe.settings["households"]["mean_size"]
    )
