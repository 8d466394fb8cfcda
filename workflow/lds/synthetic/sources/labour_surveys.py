"""Stand-ins for the Labour Force Survey and the Annual Population Survey.

Both interview all members of sampled households, in Stata files; weights add up to the population.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, pick, stream, uniform
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import ACTIVITIES, EMPLOYEE, SELF_EMPLOYED, DistrictLabour, Labour
from lds.synthetic.england.people import Residents
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, SEXES
from lds.synthetic.england.samples import calibrated, spread_by_deprivation
from lds.synthetic.england.work import WorkingLives
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import as_published, by_lad, texts
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of

NO_ANSWER, DOES_NOT_APPLY = -8, -9
WEEKS = 4
"""Weeks of a month with interviews."""
AGE_BANDS = (16, 25, 45, 65)
"""Where the age bands begin to which weights are calibrated."""
SECTIONS = "ABCDEFGHIJKLMNOPQRSTU"
ETHNIC_CODES = {"white": 1, "mixed": 2, "asian": 3, "black": 8, "other": 9}
"""Numbers of ethnic groups in the surveys; the Asian group is the first of five."""
REGION_NUMBERS = {
    "E12000001": 1,
    "E12000002": 2,
    "E12000003": 4,
    "E12000004": 5,
    "E12000005": 6,
    "E12000006": 7,
    "E12000007": 8,
    "E12000008": 9,
    "E12000009": 10,
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a survey; `scale` is the size of its sample."""
    survey = _Survey(england, contract, scale)
    mess = Mess(contract.synthetic["mess"], england.seed, contract.id)
    truth: dict[str, Any] = {
        "planted": {key: value for key, value in recipe_of(contract).items() if key != "mess"}
    }

    def frames() -> Iterator[pl.DataFrame]:
        whole = as_published(survey.weighted(), contract)
        spoilt = mess.spoil(whole)
        # Spoilt numbers are numbers still: a column of the file has one type.
        yield spoilt.cast(whole.schema)
        truth["planted"] |= survey.truth()
        truth["mess"] = mess.account()

    return StandIn([RawFile(marked_name(contract.synthetic["file"]), frames())], truth)


@dataclass(frozen=True)
class _Survey:
    england: England
    contract: Contract
    scale: float

    @cached_property
    def labour(self) -> Labour:
        return Labour.of(self.england)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        return self.contract.synthetic

    @cached_property
    def months(self) -> list[str]:
        """Months of interviews."""
        return list(self.recipe["months"])

    @cached_property
    def codes(self) -> list[list[str]]:
        """Codes of the districts in each month."""
        days = [date.fromisoformat(f"{month}-01") for month in self.months]
        # Codes change in April at most; a look-up takes time.
        terms = {day: date(day.year - (day.month < 4), 4, 1) for day in days}
        known = {term: self.england.codes_on(term) for term in set(terms.values())}
        return [known[terms[day]] for day in days]

    @cached_property
    def wanted(self) -> Floats:
        """How many people of each district are to be interviewed."""
        size = np.array(self.england.population, dtype=np.float64) ** self.recipe["allocation"]
        whole = self.recipe["interviews"] * sum(self.england.population) / 56_286_961
        return np.asarray(size / size.sum() * whole * self.scale)

    @cached_property
    def interviewed(self) -> tuple[pl.DataFrame, Floats, Floats]:
        """Everyone in the sample, the population by stratum, and shares of activities.

        The last: districts x activities in the first and in the last month, expected.
        """
        parts, population, activity = [], [], []
        for people in self.england.districts():
            market = self.labour.of_district(people)
            parts.append(self._district(people, market))
            population.append(_strata(people.by_age.sum(axis=(0, 1))))
            activity.append(market.expected_activity)
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        month, district = columns.pop("month"), columns["district"]
        codes = [code for each in self.codes for code in each]
        sample = pl.DataFrame(columns).with_columns(
            lad_code=texts(codes, month * len(population) + district),
            reference_date=texts(self._sundays, columns["week"]).str.to_date(),
        )
        return sample, np.stack(population), np.stack(activity)

    def _district(self, people: Residents, market: DistrictLabour) -> dict[str, Any]:
        """Return the interviews of one district: all members of some households."""
        england, district = self.england, people.district
        lsoas = england.lsoas_of(district)
        code = str(england.recipe.districts["code"][district])
        draw = stream(england.seed, self.contract.id, code)
        chosen = spread_by_deprivation(lsoas, self.recipe["lsoas_of_a_district"], draw)
        numbers, household = people.of_lsoas(chosen)
        share = min(1.0, self.wanted[district] / max(len(numbers), 1))
        key = (np.uint64(district) << np.uint64(32)) | household.astype(np.uint64)
        salt = f"{england.seed}/{self.contract.id}"
        inside = np.flatnonzero(uniform(key, salt) < share)
        numbers, household, key = numbers[inside], household[inside], key[inside]
        month = (uniform(key, f"{salt}/month") * len(self.months)).astype(np.int64)
        week = (uniform(key, f"{salt}/week") * WEEKS).astype(np.int64)
        work = WorkingLives(market, numbers)
        _, ethnic, age, sex = people.cells_of(numbers)
        asian = np.array(list(england.recipe.settings["ethnic_groups"]["asian_parts"].values()))
        part = pick(uniform(people.keys(numbers), "asian part"), asian)
        group = np.array([ETHNIC_CODES[each] for each in ETHNIC_GROUPS])[ethnic]
        group = np.where(ethnic == ETHNIC_GROUPS.index("asian"), group + part, group)
        region = REGION_NUMBERS[england.regions[district]]
        return {
            "district": np.full(len(numbers), district),
            "month": month,
            "week": month * WEEKS + week,
            "stratum": np.searchsorted(AGE_BANDS, age, side="right") * 2 + sex,
            "design": np.full(len(numbers), lsoas.height / len(chosen) / share),
            "number": numbers,
            "household": household,
            "age": age.astype(np.int16),
            "sex": sex.astype(np.int8) + 1,
            "ethnic_group": group.astype(np.int8),
            "region": np.full(len(numbers), region, dtype=np.int8),
            **_answers(work, month, self.months, self._asked_pay(key, salt)),
        }

    def _asked_pay(self, household: np.ndarray[Any, np.dtype[np.uint64]], salt: str) -> Any:
        """Return whether pay is asked: in the first and the last interview."""
        return uniform(household, f"{salt}/wave") < self.recipe["asked_pay"]

    @cached_property
    def _sundays(self) -> list[str]:
        """First Sundays of each month, `WEEKS` of each."""
        found = []
        for month in self.months:
            first = date.fromisoformat(f"{month}-01")
            sunday = first + timedelta(days=(6 - first.weekday()) % 7)
            found += [(sunday + timedelta(weeks=week)).isoformat() for week in range(WEEKS)]
        return found

    def weighted(self) -> pl.DataFrame:
        """Return the sample with its weights, under the names of the contract."""
        sample, population, _ = self.interviewed
        place = sample["district"].to_numpy()
        if self.recipe["calibrated_by"] == "region":
            regions = sorted(set(self.england.regions))
            place = np.array([regions.index(each) for each in self.england.regions])[place]
            totals = np.zeros((len(regions), population.shape[1]))
            np.add.at(totals, [regions.index(each) for each in self.england.regions], population)
        else:
            totals = population
        cell = place * totals.shape[1] + sample["stratum"].to_numpy()
        weight = calibrated(sample["design"].to_numpy(), cell, totals.ravel())
        paid = sample["gross_weekly_pay"].to_numpy() > 0
        employees = (sample["employment_status"] == 1).to_numpy()
        grossed = weight[employees].sum() / max(weight[paid].sum(), 1e-9)
        digits = 10
        return sample.with_columns(
            case_id=_numbered(sample, "number", digits),
            household_id=_numbered(sample, "household", digits),
            person_weight=pl.Series(weight.round(4)),
            income_weight=pl.Series(np.where(paid, weight * grossed, 0.0).round(4)),
        )

    def truth(self) -> dict[str, Any]:
        """Return what is true of the population that was sampled."""
        _, population, activity = self.interviewed
        sums = by_lad(self.england, activity)
        return {
            "interviews": self.interviewed[0].height,
            "activities": list(ACTIVITIES),
            "people_by_activity_before_the_pandemic": {
                code: each.round().astype(int).tolist() for code, each in sums.items()
            },
            "population": {
                code: int(each.sum()) for code, each in by_lad(self.england, population).items()
            },
        }


def _strata(people: np.ndarray[Any, np.dtype[np.int64]]) -> Floats:
    """Return people (ages x sexes) by age band and sex, in one list."""
    band = np.searchsorted(AGE_BANDS, np.arange(AGES), side="right")
    found = np.zeros((len(AGE_BANDS) + 1, len(SEXES)))
    np.add.at(found, band, people)
    return found.ravel()


def _numbered(sample: pl.DataFrame, column: str, digits: int) -> pl.Expr:
    """Return a reference of fixed width: the district and a number in it."""
    return pl.format(
        "{}{}",
        pl.col("district").cast(pl.String).str.zfill(3),
        pl.col(column).cast(pl.String).str.zfill(digits),
    )


def _answers(
    work: WorkingLives, month: Ints, months: list[str], asked: np.ndarray[Any, np.dtype[np.bool_]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Return the answers about work: numbers of the codings, and marks where none apply."""
    labour = work.market.labour
    laid_off = work.hit("layoffs", months, month)
    working = work.working & ~laid_off
    status = np.where(work.activity == SELF_EMPLOYED, 2, 1)
    unemployed = laid_off | (work.activity == ACTIVITIES.index("unemployed"))
    ilo = np.select([work.age < 16, working, unemployed], [4, 1, 2], 3)
    section = np.array([SECTIONS.index(each) + 1 for each in labour.industries.table["section"]])
    paid = working & asked & (work.activity == EMPLOYEE)
    refused = uniform(work.market.people.keys(work.numbers), "pay refused") < 0.1
    paid_or = np.where(paid, NO_ANSWER, DOES_NOT_APPLY)

    def only(values: Any, where: Any = working) -> np.ndarray[Any, Any]:
        return np.where(where, values, DOES_NOT_APPLY).astype(np.int16)

    return {
        "economic_activity": ilo.astype(np.int8),
        "employment_status": only(status),
        "full_or_part_time": only(np.where(work.part_time, 2, 1)),
        "industry_section": only(section[work.division]),
        "occupation_major_group": only(work.major_group),
        "occupation": only(work.unit_group),
        "sector": only(np.where(work.public, 2, 1)),
        "usual_hours": np.where(working, work.hours, DOES_NOT_APPLY),
        "gross_weekly_pay": np.where(paid & ~refused, work.weekly_pay, paid_or),
        "hourly_pay": np.where(paid & ~refused, work.hourly_pay, paid_or),
    }
