"""Made-up measures of small areas that hang together: deprivation, density and age behind them.

A measure is a normal number for each LSOA, part of it from measures made before (`with`), the rest
its own; a recipe turns it into a value: ``{with, form, centre, spread, decimals}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, Keys, mixed, normal
from lds.synthetic.england.country import England
from lds.synthetic.england.places import class_of

_AGES = {"young": (16, 35), "old": (65, 91)}
"""Ages of residents whose share is a trait: from, and up to below."""
_LEAST_OWN = 0.05
"""The least share of a measure's variance that is its own."""


@dataclass
class Measures:
    """Measures of the places of a country, each a standard normal number.

    Attributes
    ----------
    made : those made so far, by name.
    """

    england: England
    made: dict[str, Floats] = field(default_factory=dict)

    @cached_property
    def by_age(self) -> NDArray[np.int64]:
        """Residents of each place by single year of age."""
        ages: NDArray[np.int64] = self.england.residents_by_age.sum(axis=2, dtype=np.int64)
        return ages

    @cached_property
    def keys(self) -> Keys:
        """Return the key of each place."""
        numbers = self.england.places["code"].str.slice(1).cast(pl.UInt64).to_numpy()
        return mixed(numbers, f"{self.england.seed}/places")

    def trait(self, name: str) -> Floats:
        """Return a measure made before, or ``deprivation``, ``density``, ``young`` or ``old``."""
        if name in ("deprivation", "density"):
            column = "score" if name == "deprivation" else name
            return _standard(np.log(self.england.places[column].to_numpy()))
        if name in _AGES:
            low, high = _AGES[name]
            return _standard(self.by_age[:, low:high].sum(axis=1) / self.by_age.sum(axis=1))
        return self.made[name]

    def make(self, name: str, others: Mapping[str, float]) -> Floats:
        """Make a measure, and keep it under its name: its correlations with others are given."""
        if name not in self.made:
            own = max(_LEAST_OWN, 1 - sum(part**2 for part in others.values()))
            found = np.sqrt(own) * normal(self.keys, name)
            for other, part in others.items():
                found += part * self.trait(other)
            self.made[name] = _standard(found)
        return self.made[name]

    def value(self, name: str, recipe: Mapping[str, Any]) -> Floats:
        """Return the value of a measure in each place, made by its recipe."""
        return valued(self.make(name, recipe["with"]), recipe)


def valued(z: Floats, recipe: Mapping[str, Any]) -> Floats:
    """Return the value for each standard normal number.

    ``form`` is ``normal`` (`centre` is the mean, `spread` the standard deviation), ``log`` or
    ``share`` (`centre` is the median, `spread` the standard deviation of the logarithm, of the log
    odds).
    """
    centre, spread = float(recipe["centre"]), float(recipe["spread"])
    if recipe["form"] == "normal":
        found = centre + spread * z
    elif recipe["form"] == "log":
        found = centre * np.exp(spread * z)
    else:
        found = 1 / (1 + (1 / centre - 1) * np.exp(-spread * z))
    return np.round(found, recipe["decimals"])


def ranked(values: Floats, *, highest_first: bool) -> Ints:
    """Return the rank of each value, from 1; equal values in the order of the places."""
    ranks = pl.Series(values).rank("ordinal", descending=highest_first)
    return ranks.cast(pl.Int64).to_numpy()


def tenths(ranks: Ints) -> Ints:
    """Return the tenth that each rank is in: 1 has the first ranks."""
    return class_of(pl.Series(ranks), 10).to_numpy()


def _standard(values: Floats) -> Floats:
    spread = values.std()
    found: Floats = (values - values.mean()) / (spread if spread > 0 else 1)
    return found
