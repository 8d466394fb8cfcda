"""The synthetic England as one object, from which every source is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.geography import Register
from lds.synthetic.england.people import Residents, residents
from lds.synthetic.england.places import codes_on
from lds.synthetic.england.recipe import Recipe


@dataclass(frozen=True)
class England:
    """The country that a seed and a recipe give.

    Attributes
    ----------
    places : its LSOAs; see `lds.synthetic.england.places.build_places`.
    postcodes : ``lsoa_code, postcodes`` (list); empty where a source needs none.
    """

    register: Register
    recipe: Recipe
    seed: int
    places: pl.DataFrame
    postcodes: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"lsoa_code": pl.String, "postcodes": pl.List(pl.String)}
        )
    )

    @classmethod
    def load(
        cls,
        places: Path,
        seed: int,
        recipe: Recipe,
        *,
        postcodes: Path | None = None,
        counts: Path | None = None,
    ) -> England:
        """Return the country of a seed, whose places were written before.

        Parameters
        ----------
        postcodes : those of LSOAs; see `lds.synthetic.england.places.postcodes_of_lsoas`.
        counts : `counts`, written before by ``numpy.save``; counted when needed unless given.
        """
        frame = pl.read_parquet(places)
        found = {"postcodes": pl.read_parquet(postcodes)} if postcodes else {}
        england = cls(Register.load(), recipe, seed, frame, **found)
        if counts:
            vars(england)["counts"] = np.load(counts, mmap_mode="r")
        return england

    @cached_property
    def population(self) -> list[int]:
        """Residents of each district in mid-2019, as in the register."""
        known = dict(self.register.population.select("code", "population").iter_rows())
        return [known[code] for code in self.recipe.districts["code"]]

    @cached_property
    def regions(self) -> list[str]:
        """Region code of each district."""
        known = dict(self.register.areas.select("code", "region_code").iter_rows())
        return [known[code] for code in self.recipe.districts["code"]]

    @cached_property
    def _rows(self) -> list[tuple[int, int]]:
        """First and last row (not included) of each district among the places."""
        found = self.places["district"].to_numpy()
        edges = np.searchsorted(found, np.arange(self.recipe.districts.height + 1))
        return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))

    def lsoas_of(self, district: int) -> pl.DataFrame:
        """Return the places of a district, in the order in which its people's LSOAs are counted."""
        first, last = self._rows[district]
        return self.places.slice(first, last - first)

    @cached_property
    def counts(self) -> NDArray[np.uint16]:
        """People of every place: places x ethnic groups x ages in `AGE_ORDER` x sexes."""
        drawn = [self._drawn(each).counts for each in range(self.recipe.districts.height)]
        return np.concatenate(drawn).astype(np.uint16)

    def residents_of(self, district: int) -> Residents:
        """Return the people of a district."""
        if "counts" not in vars(self):
            return self._drawn(district)
        first, last = self._rows[district]
        size = self.recipe.settings["households"]["mean_size"]
        return Residents(district, self.seed, self.counts[first:last].astype(np.int32), size)

    def _drawn(self, district: int) -> Residents:
        lsoas = self.lsoas_of(district)
        return residents(
            self.recipe,
            district,
            self.population[district],
            lsoas["weight"].to_numpy(),
            lsoas["score"].to_numpy(),
            self.seed,
        )

    def districts(self) -> Iterator[Residents]:
        """Yield the people of each district, in the order of the recipe."""
        for district in range(self.recipe.districts.height):
            yield self.residents_of(district)

    @cached_property
    def residents_by_age(self) -> NDArray[np.int32]:
        """Residents of every place, in the order of the places: places x ages x `SEXES`."""
        counts = [each.by_age.sum(axis=1, dtype=np.int32) for each in self.districts()]
        return np.concatenate(counts)

    def codes_on(self, day: date) -> list[str]:
        """Return the code that each district has, or is a part of, on a day."""
        return codes_on(self.register, self.recipe, day)
