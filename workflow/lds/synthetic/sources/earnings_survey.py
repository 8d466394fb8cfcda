"""A stand-in for the Annual Survey of Hours and Earnings: one job in a hundred, year by year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, stream, uniform
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import WORKER_GROUPS, class_of
from lds.synthetic.england.labour import EMPLOYEE, Labour
from lds.synthetic.england.people import Residents
from lds.synthetic.england.work import WorkingLives
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import as_published, lads, texts
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of

WEEKS_OF_A_YEAR = 52


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the survey; `scale` is the size of its sample."""
    labour = Labour.of(england)
    recipe = contract.synthetic
    mess = Mess(recipe["mess"], england.seed, contract.id)
    years = {int(year): growth for year, growth in recipe["pay_of_year"].items()}
    codes = {year: england.codes_on(date(year, 4, 1)) for year in years}
    truth: dict[str, Any] = {
        "planted": {
            **{key: value for key, value in recipe_of(contract).items() if key != "mess"},
            "median_weekly_pay_of_residents_2019": _median_pay(england),
            "pay": labour.settings["pay"],
        }
    }

    def frames() -> Iterator[pl.DataFrame]:
        sample = _sample(england, labour, recipe, scale, list(years))
        for place, (year, growth) in enumerate(years.items()):
            rows = _rows(labour, sample, codes[year], place, year, growth)
            whole = as_published(_weighted(labour, rows), contract)
            # Spoilt numbers are numbers still: a column of the file has one type.
            yield mess.spoil(whole).cast(whole.schema)
        truth["mess"] = mess.account()

    return StandIn([RawFile(marked_name("ashe_2019_2021.dta"), frames())], truth)


def _median_pay(england: England) -> dict[str, float]:
    """Return the planted median pay of LADs that are one district each."""
    order, place = lads(england)
    alone = np.bincount(place) == 1
    pay = england.recipe.districts["weekly_pay"].to_list()
    return {order[lad]: pay[each] for each, lad in enumerate(place) if alone[lad]}


def _sample(
    england: England, labour: Labour, recipe: dict[str, Any], scale: float, years: list[int]
) -> dict[str, Any]:
    """Return the employees whose number is drawn, in 2019, and who is on leave in each April."""
    parts = [
        _district(people, labour, recipe["share_of_people"] * scale, recipe, years)
        for people in england.districts()
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _district(
    people: Residents, labour: Labour, share: float, recipe: dict[str, Any], years: list[int]
) -> dict[str, Any]:
    code = str(labour.england.recipe.districts["code"][people.district])
    draw = stream(labour.england.seed, "national insurance numbers", code)
    drawn = np.unique(draw.integers(0, len(people), draw.binomial(len(people), share)))
    every = WorkingLives(labour.of_district(people), drawn)
    numbers = drawn[every.activity == EMPLOYEE]
    work = WorkingLives(every.market, numbers)
    keys = people.keys(numbers)
    answered = np.stack([uniform(keys, f"ashe/{year}") < recipe["response"] for year in years], 1)
    return {
        "home": np.full(len(numbers), people.district),
        "number": numbers,
        "workplace": work.workplace,
        "sex": work.sex,
        "age": work.age,
        "part_time": work.part_time,
        "division": work.division,
        "occupation": work.unit_group,
        "hours": work.hours,
        "hourly_pay": work.hourly_pay,
        "trainee": (uniform(keys, "trainee") < recipe["trainees"]) & (work.age < 25),
        "moved": uniform(keys, "new job") < recipe["new_jobs"],
        "several": uniform(keys, "several jobs") < recipe["several_jobs"],
        "answered": answered,
        "furloughed": np.stack([work.furloughed(f"{year}-04") for year in years], 1),
    }


def _rows(
    labour: Labour,
    sample: dict[str, Any],
    codes: list[str],
    place: int,
    year: int,
    growth: float,
) -> pl.DataFrame:
    """Return the jobs of a year, under the names of the contract."""
    at = np.flatnonzero(sample["answered"][:, place])
    own = {name: values[at] for name, values in sample.items()}
    away = own["furloughed"][:, place]
    # Leave in the scheme is paid at four fifths.
    hourly = (own["hourly_pay"] * growth * np.where(away, 0.8, 1.0)).round(2)
    weekly = (hourly * own["hours"]).round(2)
    classes = [class_of(each) for each in labour.industries.table["division"]]
    numbered = pl.DataFrame({"home": own["home"], "number": own["number"]})
    person = numbered.select(
        pl.format(
            "{}{}",
            pl.col("home").cast(pl.String).str.zfill(3),
            pl.col("number").cast(pl.String).str.zfill(8),
        )
    ).to_series()
    return pl.DataFrame(
        {
            "year": np.full(len(at), year, dtype=np.int16),
            "serial_number": person,
            "person_id": person,
            "sex": own["sex"].astype(np.int8) + 1,
            "age": (own["age"] + place).astype(np.int16),
            "full_or_part_time": own["part_time"].astype(np.int8) + 1,
            "adult_rate": own["trainee"].astype(np.int8) + 1,
            "loss_of_pay": np.where(away, 1, 2).astype(np.int8),
            "same_job": own["moved"].astype(np.int8) + 1,
            "several_jobs": own["several"].astype(np.int8),
            "gross_weekly_pay": weekly,
            "total_hours": own["hours"],
            "hourly_pay_without_overtime": hourly,
            "annual_gross_pay": (weekly * WEEKS_OF_A_YEAR).round(0),
            "occupation": own["occupation"].astype(np.int16),
            "sic_2007": texts(classes, own["division"]),
            "workplace_lad_code": texts(codes, own["workplace"]),
            "residence_lad_code": texts(codes, own["home"]),
        }
    )


def _weighted(labour: Labour, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the jobs with weights that add up to the employees, by sex and full or part time."""
    cell = (rows["sex"].to_numpy() - 1) * 2 + rows["full_or_part_time"].to_numpy() - 1
    employees = [place for place, name in enumerate(WORKER_GROUPS) if "/employee/" in name]
    totals: Floats = labour.workers_by_home.sum(axis=(0, 1))[employees]
    found = np.bincount(cell, minlength=len(employees))
    weight = (totals / np.maximum(found, 1))[cell]
    return rows.with_columns(weight=pl.Series(weight.round(4)))
