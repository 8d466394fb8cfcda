"""Stand-ins for what districts keep themselves: counts by area and period, and a survey.

They are of a handful of districts, and secure: some of their cells are traps for disclosure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, pick_by_row, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.people import Residents
from lds.synthetic.mess import Mess
from lds.synthetic.standin import MARKED, RawFile, StandIn, as_published, marked_name, recipe_of

Traps = list[dict[str, Any]]
ADULT = 18
"""Age from which people vote and are asked in surveys."""


@dataclass(frozen=True)
class Local:
    """The districts that a file is of, and what the recipe of its source says."""

    england: England
    contract: Contract

    @property
    def recipe(self) -> dict[str, Any]:
        """Return the recipe of the source."""
        return self.contract.synthetic

    @cached_property
    def districts(self) -> list[int]:
        """Places in the recipe of the districts that the file is of; none of them means all."""
        codes = self.england.recipe.districts["code"].to_list()
        found = [codes.index(code) for code in self.recipe["districts"] if code in codes]
        return found or list(range(len(codes)))

    @cached_property
    def people(self) -> list[Residents]:
        """The people of each district."""
        return [self.england.residents_of(district) for district in self.districts]

    @cached_property
    def deprivation(self) -> Floats:
        """How deprived each LSOA of the districts is: log of the score, next to England's mean."""
        score = pl.concat([self.england.lsoas_of(each)["score"] for each in self.districts])
        found: Floats = np.log(score.to_numpy() / self.recipe.get("mean_score", 20))
        return found

    @cached_property
    def areas(self) -> list[str]:
        """LSOAs of the districts, or the districts by their code of each period."""
        return [code for each in self.districts for code in self.england.lsoas_of(each)["code"]]

    def counted(self, base: str) -> Ints:
        """Return how many ``residents``, ``adults`` or ``households`` there are in each LSOA."""
        if base == "households":
            return np.concatenate([each.households_by_lsoa for each in self.people])
        low = ADULT if base == "adults" else 0
        counts = [each.by_age[:, :, low:].sum(axis=(1, 2, 3)) for each in self.people]
        return np.concatenate(counts).astype(np.int64)

    def draw(self, *names: str) -> np.random.Generator:
        """Return a stream of random numbers of the source."""
        return stream(self.england.seed, self.contract.id, *names)

    @property
    def count_name(self) -> str:
        """Return the name of the column with the count."""
        return next(each.name for each in self.contract.columns if each.type == "integer")

    def long(
        self, period: str, category: str | None, counts: Ints, areas: list[str]
    ) -> pl.DataFrame:
        """Return one row for each area, in the columns of the contract."""
        columns: dict[str, Any] = {"area_code": areas, "period": [period] * len(areas)}
        if category is not None:
            columns[self.contract.key[2]] = [category] * len(areas)
        return pl.DataFrame({**columns, self.count_name: counts})


def by_rate(local: Local, traps: Traps) -> pl.DataFrame:
    """Return counts drawn at a rate for each category, by LSOA and period."""
    recipe = local.recipe
    expected = local.counted(recipe["base"]) * np.exp(recipe["by_deprivation"] * local.deprivation)
    frames = []
    for period in recipe["periods"]:
        for category, rate in recipe["rates"].items():
            counts = local.draw(period, category).poisson(expected * rate / 1000)
            frames.append(local.long(period, category, counts, local.areas))
    table = pl.concat(frames)
    small = table.filter(pl.col(local.count_name).is_between(1, 9))
    traps.append(
        {
            "kind": "small_cells",
            "where": local.count_name,
            "what": "counts of 1 to 9",
            "cells": small.height,
        }
    )
    if pair := recipe.get("differ_by_one"):
        table = _differ_by_one(local, table, pair, traps)
    return table


def _differ_by_one(
    local: Local, table: pl.DataFrame, pair: list[str], traps: Traps
) -> pl.DataFrame:
    """Return the rows of one category with another beside, less by one record in one area."""
    whole, part = pair
    category = local.contract.key[2]
    count = pl.col(local.count_name)
    rows = table.filter(pl.col(category) == whole)
    place = rows.filter(count > 0)["area_code"][0]
    one = (pl.col("area_code") == place).cast(pl.Int64)
    less = rows.with_columns((count - one).alias(local.count_name), pl.lit(part).alias(category))
    traps.append(
        {
            "kind": "differs_by_one",
            "where": [whole, part],
            "what": f"in {place} by one, else not at all",
        }
    )
    return pl.concat([table, less])


def by_share(local: Local, traps: Traps) -> pl.DataFrame:
    """Return counts that add up to all households of each LSOA, divided by its deprivation."""
    recipe = local.recipe
    total = local.counted(recipe["base"])
    odds = np.array([each["share"] for each in recipe["parts"].values()])
    slope = np.array([each["by_deprivation"] for each in recipe["parts"].values()])
    shares = odds * np.exp(slope * local.deprivation[:, None])
    shares /= shares.sum(axis=1, keepdims=True)
    counts = local.draw("parts").multinomial(total, shares)
    counts[0] = 0
    counts[0, 0] = np.ceil(recipe["dominant"] * total[0])
    counts[0, 1] = total[0] - counts[0, 0]
    traps.append(
        {
            "kind": "dominant_class",
            "where": {
                "area_code": local.areas[0],
                local.contract.key[2]: next(iter(recipe["parts"])),
            },
            "what": round(float(counts[0, 0] / total[0]), 4),
        }
    )
    return pl.concat(
        local.long(period, part, counts[:, number], local.areas)
        for period in recipe["periods"]
        for number, part in enumerate(recipe["parts"])
    )


def by_group(local: Local, traps: Traps) -> pl.DataFrame:
    """Return patients by age band, and again by sex: the same people twice."""
    recipe = local.recipe
    ages = np.concatenate([each.by_age.sum(axis=1) for each in local.people])
    bands = {
        name: ages[:, low : high + 1].sum(axis=(1, 2))
        for name, (low, high) in recipe["bands"].items()
    }
    sexes = {name: ages[:, :, number].sum(axis=1) for number, name in enumerate(recipe["sexes"])}
    traps.append(
        {
            "kind": "repeated_quantity",
            "where": [list(bands), list(sexes)],
            "what": "both add up to the same patients of each area",
        }
    )
    return pl.concat(
        local.long(period, name, counts.astype(np.int64), local.areas)
        for period in recipe["periods"]
        for name, counts in {**bands, **sexes}.items()
    )


def by_district(local: Local, traps: Traps) -> pl.DataFrame:
    """Return electors by district: by the codes of each period, and one part after a merger too."""
    recipe = local.recipe
    adults = local.counted("adults")
    own = np.repeat(np.arange(len(local.districts)), [len(each.counts) for each in local.people])
    electors = np.rint(np.bincount(own, adults) * recipe["registered"]).astype(np.int64)
    codes = local.england.recipe.districts["code"].gather(local.districts).to_list()
    frames = []
    for period in recipe["periods"]:
        now = local.england.codes_on(date.fromisoformat(period))
        named = [now[each] for each in local.districts]
        table = local.long(period, None, electors, named).group_by("area_code", "period").sum()
        frames.append(table.sort("area_code"))
        merged = [n for n, code in enumerate(codes) if code != named[n]]
        if merged:
            part = merged[0]
            frames.append(local.long(period, None, electors[[part]], [codes[part]]))
            traps.append(
                {
                    "kind": "part_of_a_merged_area",
                    "where": {"period": period, "part": codes[part], "whole": named[part]},
                    "what": "the rest of the whole follows by subtraction",
                }
            )
    return pl.concat(frames)


def survey(local: Local, traps: Traps) -> pl.DataFrame:
    """Return answers of sampled adults, one row for each question; the weight is their share."""
    recipe = local.recipe
    first = date.fromisoformat(recipe["first_day"])
    start = np.cumsum([0, *(len(each.counts) for each in local.people)])
    frames = []
    for number, people in enumerate(local.people):
        draw = local.draw("sample", str(number))
        asked = np.sort(draw.choice(len(people), min(len(people), recipe["asked"]), replace=False))
        lsoa, _, age, sex = people.cells_of(asked)
        adult = age >= ADULT
        asked, lsoa, age, sex = asked[adult], lsoa[adult], age[adult], sex[adult]
        adults = int(people.by_age[:, :, ADULT:].sum())
        who = [f"{MARKED}-{key:016x}" for key in people.keys(asked).tolist()]
        days = draw.integers(0, recipe["days"], len(asked)).tolist()
        rows = pl.DataFrame(
            {
                "respondent_id": who,
                "area_code": pl.Series(local.areas).gather(start[number] + lsoa),
                "interviewed": [(first + timedelta(days=day)).isoformat() for day in days],
                "age_band": [_band(each, recipe["age_bands"]) for each in age.tolist()],
                "sex": pl.Series(["Male", "Female"]).gather(sex),
                "weight": np.full(len(asked), round(adults / max(1, len(asked)), 4)),
            }
        )
        for question, made in recipe["questions"].items():
            answers = list(made["answers"])
            slope = np.linspace(made["by_deprivation"], -made["by_deprivation"], len(answers))
            z = local.deprivation[start[number] + lsoa]
            odds = np.array(list(made["answers"].values())) * np.exp(slope * z[:, None])
            given = pick_by_row(draw.random(len(asked)), np.arange(len(asked)), odds)
            frames.append(
                rows.with_columns(
                    question=pl.lit(question), answer=pl.Series(answers).gather(given)
                )
            )
            most = max(made["answers"].values()) / sum(made["answers"].values())
            if number == 0 and most >= recipe["dominant"]:
                traps.append(
                    {"kind": "dominant_class", "where": {"question": question}, "what": most}
                )
    return pl.concat(frames)


def _band(age: int, firsts: list[int]) -> str:
    place = sum(first <= age for first in firsts) - 1
    if place == len(firsts) - 1:
        return f"{firsts[place]} and over"
    return f"{firsts[place]} to {firsts[place + 1] - 1}"


_MAKERS: dict[str, Callable[[Local, Traps], pl.DataFrame]] = {
    "local_council_tax": by_share,
    "local_community_survey": survey,
    "local_electoral_register": by_district,
    "local_gp_registrations": by_group,
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a district's own file: everything of its districts, at any `scale`."""
    traps: Traps = []
    table = _MAKERS.get(contract.id, by_rate)(Local(england, contract), traps)
    truth: dict[str, Any] = {"planted": recipe_of(contract), "traps": traps}
    name = marked_name(f"{contract.id}.csv")

    def frames() -> Iterator[pl.DataFrame]:
        mess = Mess(contract.synthetic.get("mess", {}), england.seed, name)
        yield as_published(mess.spoil(table), contract)
        truth["mess"] = mess.account()

    return StandIn([RawFile(name, frames())], truth)
