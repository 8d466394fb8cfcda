"""A stand-in for the Business Insights and Conditions Survey: businesses, wave by wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtr

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, normal, pick, pick_by_row, stream, uniform
from lds.synthetic.england.businesses import Businesses
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import Labour
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import VINTAGE, as_published, texts
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of

BAND_EDGES = (10, 50, 100, 250)
WAVE = timedelta(days=14)
PAUSED_SHORTLY, PAUSED, CEASED = 2, 3, 4
"""Places of answers about trading, in the order of the contract."""
NOT_SURE = 7
"""Place of that answer about turnover."""


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the survey; `scale` is the size of its sample."""
    survey = BusinessSurvey(Businesses.of(Labour.of(england)), contract, scale)
    mess = Mess(contract.synthetic["mess"], england.seed, contract.id)
    truth: dict[str, Any] = {
        "planted": {key: value for key, value in recipe_of(contract).items() if key != "mess"}
        | {
            "share_furloughed": survey.labour.settings["furlough"],
            "businesses_by_section": dict(
                zip(survey.sections, survey.businesses_in.sum(axis=(0, 2)).round(1), strict=True)
            ),
        }
    }

    def frames() -> Iterator[pl.DataFrame]:
        for wave in range(1, contract.synthetic["waves"] + 1):
            yield mess.spoil(as_published(survey.wave(wave), contract))
        truth["mess"] = mess.account()

    return StandIn([RawFile(marked_name("bics_waves.csv.gz"), frames())], truth)


@dataclass(frozen=True)
class BusinessSurvey:
    """The businesses that are asked, and what they answer in each wave."""

    register: Businesses
    contract: Contract
    scale: float

    @property
    def labour(self) -> Labour:
        """The labour of the country."""
        return self.register.labour

    @property
    def recipe(self) -> dict[str, Any]:
        """What the contract plants."""
        return self.contract.synthetic

    @cached_property
    def sections(self) -> list[str]:
        """Sections of SIC 2007 in the survey: not agriculture, finance or the public sector."""
        found = self.labour.industries.table["section"].unique(maintain_order=True)
        return [each for each in found if each not in self.recipe["left_out"]]

    @cached_property
    def businesses_in(self) -> Floats:
        """Businesses that are expected: districts x sections x employment bands."""
        industries, table = self.labour.industries, self.labour.industries.table
        units = self.register.expected("units")[:, -1]
        # Sizes are log-normal about the mean of the division: those of the register.
        spread = self.register.settings["size_spread"]
        middle = np.log(industries.column("jobs_per_unit")) - spread**2 / 2
        edges = np.log(np.array(BAND_EDGES, dtype=np.float64) - 0.5)
        below = ndtr((edges - middle[:, None]) / spread)
        shares = np.diff(below, axis=1, prepend=0, append=1)
        found = np.zeros((len(units), len(self.sections), shares.shape[1]))
        for place, section in enumerate(self.sections):
            own = (table["section"] == section).to_numpy()
            found[:, place] = units[:, own] @ shares[own]
        return found

    @cached_property
    def panel(self) -> dict[str, Any]:
        """Businesses that are asked in every wave, with their weights."""
        known = self.businesses_in
        england = self.labour.england
        regions = sorted(set(england.regions))
        region = np.array([regions.index(each) for each in england.regions])
        by_region = np.zeros((len(regions), *known.shape[1:]))
        np.add.at(by_region, region, known)
        bands = np.array(self.recipe["sample_by_band"])
        odds = bands * by_region.sum(axis=0, keepdims=True) ** 0.5
        odds = odds * by_region / np.maximum(by_region.sum(axis=0, keepdims=True), 1e-9)
        wanted = odds / odds.sum() * self.recipe["businesses"] * self.scale
        draw = stream(england.seed, self.contract.id)
        count = np.floor(np.minimum(wanted, by_region) + draw.random(wanted.shape)).astype(np.int64)
        cell = np.repeat(np.arange(count.size), count.ravel())
        place, section, band = np.unravel_index(cell, count.shape)
        keys = np.arange(len(cell)).astype(np.uint64)
        districts = np.empty(len(cell), dtype=np.int64)
        for each in range(len(regions)):
            own, inside = np.flatnonzero(place == each), np.flatnonzero(region == each)
            weights = known[inside].sum(axis=2).T
            districts[own] = inside[pick_by_row(draw.random(len(own)), section[own], weights)]
        return {
            "keys": keys,
            "section": section,
            "band": band,
            "district": districts,
            "weight": (by_region / np.maximum(count, 1)).ravel()[cell],
            "group": self._groups[section],
        }

    @cached_property
    def _groups(self) -> Ints:
        """Place of each section's first Broad Industry Group."""
        table, industries = self.labour.industries.table, self.labour.industries
        sections = table["section"].to_list()
        return np.array([industries.group_of[sections.index(each)] for each in self.sections])

    def wave(self, wave: int) -> pl.DataFrame:
        """Return the answers of a wave, under the names of the contract."""
        panel, recipe, england = self.panel, self.recipe, self.labour.england
        salt = f"{england.seed}/bics/{wave}"
        day = date.fromisoformat(recipe["first_wave"]) + (wave - 1) * WAVE
        answered = uniform(panel["keys"], f"{salt}/response") < recipe["response"]
        at = np.flatnonzero(answered)
        keys, group, weight = panel["keys"][at], panel["group"][at], panel["weight"][at]
        leave = self.furloughed(day)[group]
        status = self._trading(keys, leave, salt)
        shut = np.isin(status, [PAUSED_SHORTLY, PAUSED])
        away = np.clip(leave + 0.15 * normal(keys, f"{salt}/leave"), 0, 1)
        away = np.where(shut, np.maximum(away, 0.8), np.where(status == CEASED, 0, away))
        home = self._at_home(group) + 0.12 * normal(keys, f"{salt}/home")
        answers = {
            column.name: [value for value, _ in column.values] for column in self.contract.columns
        }
        effect = self._turnover(keys, leave, shut, salt)
        sizes = np.array(recipe["jobs_by_band"])[panel["band"][at]]
        grossed = weight / recipe["response"]
        return pl.DataFrame(
            {
                "wave": np.full(len(at), wave, dtype=np.int32),
                "business_id": pl.select(
                    pl.format("SYNTHETIC-{}", pl.Series(at).cast(pl.String).str.zfill(8))
                ).to_series(),
                "trading_status": texts(answers["trading_status"], status),
                "turnover_effect": texts(answers["turnover_effect"], effect),
                "share_furloughed": (100 * away).round(1),
                "share_working_from_home": (100 * np.clip(home, 0, 1 - away)).round(1),
                "industry_section": texts(self.sections, panel["section"][at]),
                "employment_band": texts(answers["employment_band"], panel["band"][at]),
                "region_code": texts(england.regions, panel["district"][at]),
                "lad_code": texts(self._codes, panel["district"][at]),
                "count_weight": grossed.round(4),
                "turnover_weight": (grossed * sizes * recipe["turnover_of_a_job"]).round(2),
                "employment_weight": (grossed * sizes).round(2),
            }
        )

    @cached_property
    def _codes(self) -> list[str]:
        return self.labour.england.codes_on(VINTAGE)

    def furloughed(self, day: date) -> Floats:
        """Return the planted share of the workforce on leave, by Broad Industry Group."""
        planted = self.labour.settings["furlough"]
        height = planted["by_month"].get(day.isoformat()[:7], 0.0)
        return np.array(
            [planted["by_industry"][each] * height for each in self.labour.industries.groups]
        )

    def _at_home(self, group: Ints) -> Floats:
        """Return the expected share working from home, of each business."""
        industries = self.labour.industries
        jobs = industries.column("jobs")
        whole = np.bincount(industries.group_of, jobs)
        remote = np.bincount(industries.group_of, industries.column("remote") * jobs) / whole
        share = remote / (remote + self.recipe["odds_of_home"])
        return np.asarray(share[group])

    def _trading(self, keys: Any, leave: Floats, salt: str) -> Ints:
        planted = self.recipe["trading"]
        paused = leave * planted["paused_for_leave"]
        partly = np.minimum(leave * planted["partly_for_leave"], 1 - paused - planted["ceased"])
        shares = np.column_stack(
            [
                1 - paused - partly - planted["ceased"],
                partly,
                paused * planted["restart_soon"],
                paused * (1 - planted["restart_soon"]),
                np.full(len(leave), planted["ceased"]),
            ]
        )
        rows = np.arange(len(leave))
        # Most businesses answer from wave to wave as their own luck has it, some by a new draw.
        new = uniform(keys, f"{salt}/new") < planted["new_draws"]
        chance = np.where(new, uniform(keys, f"{salt}/trading"), uniform(keys, "trading"))
        return pick_by_row(chance, rows, shares)

    def _turnover(self, keys: Any, leave: Floats, shut: Any, salt: str) -> Ints:
        planted = self.recipe["turnover"]
        change = -planted["fall_for_leave"] * leave - planted["fall_where_shut"] * shut
        change = change + planted["spread"] * normal(keys, f"{salt}/turnover")
        # In the order of the answers: from the largest rise to the largest fall.
        edges = np.array([-0.5, -0.2, -planted["not_affected"], planted["not_affected"], 0.2, 0.5])
        effect = len(edges) - np.searchsorted(edges, change)
        unsure = pick(uniform(keys, f"{salt}/sure"), [1 - planted["not_sure"], planted["not_sure"]])
        return np.asarray(np.where(unsure == 1, NOT_SURE, effect))
