"""The areas of published tables: England, its regions and its LADs of a day, in one column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints
from lds.synthetic.england.country import England

ENGLAND = "E92000001"


@dataclass(frozen=True)
class Areas:
    """Areas in the order in which publishers list them.

    Attributes
    ----------
    kinds : ``Nation``, ``Region`` or ``Local Authority District``.
    of_district : places of the LAD and of the region of each district.
    """

    codes: list[str]
    names: list[str]
    kinds: list[str]
    of_district: tuple[Ints, Ints]

    def __len__(self) -> int:
        """How many areas there are."""
        return len(self.codes)

    def sums(self, values: NDArray[np.generic]) -> Floats:
        """Return the sums of districts' values: areas x what a district has."""
        found = np.zeros((len(self), *values.shape[1:]))
        found[0] = values.sum(axis=0)
        for place in self.of_district:
            np.add.at(found, place, values)
        return found

    def means(self, values: Floats, weights: Floats) -> Floats:
        """Return weighted means of districts' values."""
        return np.asarray(self.sums(values * weights) / self.sums(weights))


def areas_on(england: England, day: date) -> Areas:
    """Return England, its regions, and its LADs of a day, those sorted by code."""
    register = england.register
    there = set(england.regions)
    regions = [each for each in register.regions.iter_rows() if each[0] in there]
    known = dict(register.areas.select("code", "name").iter_rows())
    of_district = england.codes_on(day)
    lads = sorted(set(of_district))
    codes = [ENGLAND, *(code for code, _ in regions), *lads]
    place = {code: number for number, code in enumerate(codes)}
    return Areas(
        codes,
        ["England", *(name for _, name in regions), *(known[code] for code in lads)],
        ["Nation", *["Region"] * len(regions), *["Local Authority District"] * len(lads)],
        (
            np.array([place[code] for code in of_district], dtype=np.int64),
            np.array([place[code] for code in england.regions], dtype=np.int64),
        ),
    )
