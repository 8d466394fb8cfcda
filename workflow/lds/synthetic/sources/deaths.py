"""A stand-in for the death registrations: files by year of registration, then by month of 2020."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Ints, pick, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import days_between
from lds.synthetic.england.mortality import PANDEMIC, Deaths, Mortality, joined
from lds.synthetic.mess import Mess
from lds.synthetic.standin import RawFile, StandIn, marked, marked_name, recipe_of

NUMBERS = ("SEX", "AGEINYRS", "AGEC", "AGECUNIT", "DODDY", "DODMT", "DODYR", "DOR")
"""Columns that the files hold as numbers."""
COVID = ("U071", "U072")
"""Underlying cause where the virus was found, and where it was not looked for."""
MENTIONS = 15
BELOW_ONE_YEAR = {2: 12, 3: 4, 4: 7}
"""Units of an age below a year (months, weeks, days), and what no count of them reaches."""


@dataclass(frozen=True)
class Period:
    """What one file holds.

    Attributes
    ----------
    name : of the file, without the mark.
    first, last : days of registration.
    units : whether ages are counts of units and not years.
    monthly : whether it is one of the monthly files, which say more.
    """

    name: str
    first: date
    last: date
    units: bool = False
    monthly: bool = False


def periods(recipe: Mapping[str, Any]) -> list[Period]:
    """Return the files: one a year, then one for each month of `PANDEMIC` up to the last day."""
    last = date.fromisoformat(recipe["window"][1])
    found = []
    for year, name in recipe["files"].items():
        days = (date(year, 1, 1), date(year, 12, 31))
        found.append(Period(name, *days, units=year in recipe["age_in_units"]))
    for month in range(1, last.month + 1):
        days = (
            date(PANDEMIC, month, 1),
            date(PANDEMIC, month, calendar.monthrange(PANDEMIC, month)[1]),
        )
        name = recipe["monthly_files"].format(year=PANDEMIC, month=month)
        found.append(Period(name, *days, monthly=True))
    return found


@dataclass(frozen=True)
class Registrations:
    """All registered deaths of a country.

    Attributes
    ----------
    recipe : of the contract; `scale` : deaths against it.
    """

    england: England
    recipe: Mapping[str, Any]
    scale: float

    @cached_property
    def mortality(self) -> Mortality:
        """What deaths are drawn from."""
        return Mortality(self.england, self.recipe, self.scale)

    @cached_property
    def _drawn(self) -> tuple[Deaths, Ints]:
        """Deaths and the day of registration of each, in the order of that day."""
        first, last = map(date.fromisoformat, self.recipe["window"])
        parts = []
        for year in range(first.year, last.year + 1):
            days = days_between(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))
            parts.append(self.mortality.draw(days, str(year)))
        deaths = joined(parts)
        for trap in self.recipe.get("traps", ()):
            deaths = self.mortality.plant(trap, deaths)
        draw = stream(self.england.seed, "deaths", "registration")
        delay = self.recipe["registration"]
        late = draw.random(len(deaths.day)) < delay["late"]
        days_later = draw.geometric(1 / (1 + np.where(late, delay["late_days"], delay["days"]))) - 1
        registered = deaths.day + np.where(deaths.planted, 0, days_later)
        order = np.argsort(registered, kind="stable")
        return deaths.only(order), registered[order]

    def registered(self, period: Period) -> tuple[Deaths, Ints]:
        """Return the deaths registered in a period, and the day of each registration."""
        deaths, days = self._drawn
        ends = [period.first.toordinal(), period.last.toordinal() + 1]
        rows = np.arange(*np.searchsorted(days, ends))
        return deaths.only(rows), days[rows]

    def share_registered(self, last: date) -> list[float]:
        """Return the share of the deaths of each month of `PANDEMIC` that is registered by a day.

        Within a month, deaths are taken to be evenly spread.
        """
        delay, shares = self.recipe["registration"], []
        for month in range(1, last.month + 1):
            end = calendar.monthrange(PANDEMIC, month)[1]
            days = days_between(date(PANDEMIC, month, 1), date(PANDEMIC, month, end))
            left = np.array([(last - day).days for day in days])
            prompt, late = (
                (1 - (1 - 1 / (1 + delay[mean])) ** (left + 1)).mean()
                for mean in ("days", "late_days")
            )
            shares.append(round((1 - delay["late"]) * prompt + delay["late"] * late, 6))
        return shares

    @cached_property
    def _postcodes(self) -> tuple[list[pl.Series], Ints, Ints]:
        """Postcodes in each form, and the first one and the number of them of each LSOA."""
        lists = self.england.places.select(lsoa_code="code").join(
            self.england.postcodes, on="lsoa_code", how="left", maintain_order="left"
        )["postcodes"]
        counts = lists.list.len().fill_null(0).cast(pl.Int64).to_numpy()
        known = lists.drop_nulls().explode()
        parts = pl.DataFrame({"known": known}).with_columns(
            outward=pl.col("known").str.head(-4), inward=pl.col("known").str.tail(3)
        )
        forms = parts.select(
            one_blank=pl.col("known"),
            no_blank=pl.col("outward") + pl.col("inward"),
            seven=pl.col("outward").str.pad_end(4) + pl.col("inward"),
            eight=pl.col("outward").str.pad_end(5) + pl.col("inward"),
        )
        wanted = [forms[name] for name in self.recipe["postcode_forms"]]
        return wanted, np.cumsum(counts) - counts, counts

    def frame(self, period: Period, deaths: Deaths, registered: Ints) -> pl.DataFrame:
        """Return deaths as the rows of a file."""
        draw = stream(self.england.seed, "deaths", period.name, bool(deaths.planted.any()))
        number = len(deaths.day)
        died = pl.Series(deaths.day - date(1970, 1, 1).toordinal()).cast(pl.Date)
        columns: dict[str, pl.Series] = {"SEX": pl.Series(deaths.sex + 1)}
        if period.units:
            columns |= self._ages_in_units(draw, deaths.age)
        else:
            columns["AGEINYRS"] = pl.Series(deaths.age)
        if period.monthly:
            columns["AGEGROUP"] = _age_groups(deaths.age)
            columns["MARSTAT"] = self._picked(draw, "marital_status", number)
        columns |= {"DODDY": died.dt.day(), "DODMT": died.dt.month(), "DODYR": died.dt.year()}
        on = pl.Series(registered - date(1970, 1, 1).toordinal()).cast(pl.Date)
        columns["DOR"] = on.dt.strftime("%Y%m%d").cast(pl.Int64)
        columns["ICD10U"] = self._causes(draw, deaths)
        columns |= self._mentions(draw, number)
        columns["PCDR"] = self._addresses(draw, deaths.lsoa)
        return pl.DataFrame(columns)

    def _ages_in_units(self, draw: np.random.Generator, ages: Ints) -> dict[str, pl.Series]:
        units = np.array(list(BELOW_ONE_YEAR))
        unit = np.where(ages > 0, 1, units[draw.integers(0, len(units), len(ages))])
        most = np.array([1, 1, *BELOW_ONE_YEAR.values()])[unit]
        below = np.minimum(1 + (draw.random(len(ages)) * most).astype(np.int64), most - 1)
        return {
            "AGEC": pl.Series(np.where(ages > 0, ages, below)),
            "AGECUNIT": pl.Series(unit),
        }

    def _picked(self, draw: np.random.Generator, what: str, number: int) -> pl.Series:
        shares = self.recipe[what]
        return pl.Series(list(shares)).gather(pick(draw.random(number), list(shares.values())))

    def _causes(self, draw: np.random.Generator, deaths: Deaths) -> pl.Series:
        shares = self.recipe["causes"]
        cause = pick(draw.random(len(deaths.day)), list(shares.values()))
        not_found = draw.random(len(cause)) < self.recipe["covid_without_test"]
        cause = np.where(deaths.covid, len(shares) + not_found, cause)
        return pl.Series([*shares, *COVID]).gather(cause)

    def _mentions(self, draw: np.random.Generator, number: int) -> dict[str, pl.Series]:
        """Return the columns of causes mentioned: as many as there are, the others empty."""
        shares = self.recipe["mentions"]
        codes = pl.Series([*shares["codes"], None])
        count = draw.geometric(1 / (1 + shares["mean"]), number) - 1
        found = {}
        for place in range(MENTIONS):
            mentioned = np.flatnonzero(count > place)
            chosen = np.full(number, len(codes) - 1)
            odds = list(shares["codes"].values())
            chosen[mentioned] = pick(draw.random(len(mentioned)), odds)
            found[f"ICD10{place + 1:03}"] = codes.gather(chosen)
        return found

    def _addresses(self, draw: np.random.Generator, lsoas: Ints) -> pl.Series:
        forms, first, counts = self._postcodes
        at = first[lsoas] + (draw.random(len(lsoas)) * counts[lsoas]).astype(np.int64)
        form = pick(draw.random(len(lsoas)), list(self.recipe["postcode_forms"].values()))
        size = len(forms[0])
        found = pl.concat([*forms, pl.Series([None], dtype=pl.String)])
        return found.gather(np.where(counts[lsoas] > 0, form * size + at, len(forms) * size))


def _age_groups(ages: Ints) -> pl.Series:
    """Return bands of five years, the first year apart and 90 and over together."""
    names = ["<1", "01-04", *(f"{age:02}-{age + 4:02}" for age in range(5, 90, 5)), "90+"]
    place = np.where(ages == 0, 0, np.minimum(ages // 5 + 1, len(names) - 1))
    return pl.Series(names).gather(place)


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the registrations: a file a year, then a file a month.

    Deaths are drawn when the first file is written, and held until the last one is.
    """
    recipe = recipe_of(contract)
    all_deaths = Registrations(england, recipe, scale)
    accounts: dict[str, Any] = {}
    truth: dict[str, Any] = {"mess": accounts, "traps": []}

    def rows(period: Period, name: str) -> Iterator[pl.DataFrame]:
        mess = Mess(recipe["mess"], england.seed, f"{contract.id}/{period.name}")
        deaths, days = all_deaths.registered(period)
        chance = all_deaths.frame(period, deaths.only(~deaths.planted), days[~deaths.planted])
        yield _typed(mess.spoil(chance))
        if deaths.planted.any():
            kept = all_deaths.frame(period, deaths.only(deaths.planted), days[deaths.planted])
            yield _typed(mess.leave(kept))
        accounts[name] = mess.account()
        if len(accounts) == len(found):
            _complete(truth, all_deaths, recipe)

    found = {marked_name(each.name): each for each in periods(recipe)}
    files = [RawFile(name, rows(period, name)) for name, period in found.items()]
    return StandIn(files, truth)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their numbers as numbers, which mess made texts of."""
    numbers = [name for name in NUMBERS if name in frame.columns]
    return marked(frame.with_columns(pl.col(numbers).cast(pl.Float64)))


def _complete(truth: dict[str, Any], all_deaths: Registrations, recipe: Mapping[str, Any]) -> None:
    """Add what holds for all files together, once they are written."""
    accounts = truth["mess"]
    truth["mess"] = {
        "rows": sum(each["rows"] for each in accounts.values()),
        "rejected": sum(each["rejected"] for each in accounts.values()),
        "files": accounts,
    }
    last = date.fromisoformat(recipe["window"][1])
    known = all_deaths.england.recipe.districts["code"].to_list()
    truth["traps"] = [
        {
            "kind": trap["kind"],
            "where": {**trap["where"], "month": f"{PANDEMIC}-{trap['month']:02}"},
            "what": f"{trap['deaths']} deaths, {trap['covid']} of them of COVID-19: "
            + trap["what"],
        }
        for trap in recipe.get("traps", ())
        if trap["where"]["district"] in known
    ]
    plain = {key: value for key, value in recipe.items() if key not in ("mess", "traps", "files")}
    truth["planted"] = {
        "recipe": plain,
        "expected": all_deaths.mortality.expected(list(recipe["files"]), last),
        "share_registered": all_deaths.share_registered(last),
    }
