"""A stand-in for the tests of NHS Test and Trace, drawn from the people of the synthetic England.

A test is drawn by district and wave: a kind of resident as `testing` of the epidemic says, then one
person of that kind, then a day. It is positive with the chance that curve, region, district and
kind of person give. Some people are drawn more often than others, and so tested repeatedly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, Keys, drawn_places, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import Epidemic, bands_of_ages, days_between
from lds.synthetic.england.expected_tests import ExpectedTests
from lds.synthetic.england.people import AGE_ORDER, Residents
from lds.synthetic.england.recipe import ETHNIC_GROUPS, SEXES
from lds.synthetic.mess import Mess
from lds.synthetic.standin import RawFile, StandIn, marked, marked_name, recipe_of
from lds.synthetic.traps import merged_areas

ROWS = 250_000
"""Rows of a part of the file, at least: small parts cost time, large ones memory."""
CODED_LIKE = date(2011, 12, 1)
"""The day whose codes of districts the extract has."""


@dataclass
class Tests:
    """Tests as arrays of one length: places in lists of names, not yet the names.

    Attributes
    ----------
    person : key of the person.
    lsoa : row among the places of the country.
    code : place among `Extract.codes`.
    band, sex, group, result : as recorded; places in the lists of `Extract.names`.
    day : place among the days.
    """

    person: Keys
    lsoa: Ints
    code: Ints
    band: Ints
    sex: Ints
    group: Ints
    day: Ints
    result: Ints

    def only(self, kept: NDArray[np.bool_]) -> Tests:
        """Return some of the tests."""
        return Tests(*(each[kept] for each in vars(self).values()))


def joined(parts: Sequence[Tests]) -> Tests:
    """Return tests one after the other."""
    columns = zip(*(vars(each).values() for each in parts), strict=True)
    return Tests(*(np.concatenate(column) for column in columns))


@dataclass
class Extract:
    """The file of tests of a country, drawn district by district.

    Attributes
    ----------
    scale : tests against those of the recipe.
    """

    england: England
    contract: Contract
    scale: float
    mess: Mess
    epidemic: Epidemic = field(init=False)
    expected: ExpectedTests = field(init=False)
    traps: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.epidemic = Epidemic.load(self.england)
        self.expected = ExpectedTests(self.epidemic, self.bands, self.days)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """What the contract plants."""
        return recipe_of(self.contract)

    @cached_property
    def days(self) -> list[date]:
        """Days of the file."""
        first, last = map(date.fromisoformat, self.recipe["window"])
        return days_between(first, last)

    @cached_property
    def bands(self) -> list[str]:
        """Bands of age, as the file writes them."""
        return self._values("age_band")

    @cached_property
    def names(self) -> dict[str, list[str | None]]:
        """What the file writes for each place: what is known first, then what was not recorded."""
        blank = {"": None}
        found: dict[str, list[str | None]] = {
            "age_band": [*self.bands],
            "sex": [*SEXES],
            "ethnic_group": [*self._values("ethnic_group")[: len(ETHNIC_GROUPS)]],
            "result": [*self._values("result")],
        }
        for column, texts in self.recipe["unrecorded"].items():
            found[column] += [blank.get(text, text) for text in texts]
        return found

    def _values(self, name: str) -> list[str]:
        column = next(each for each in self.contract.columns if each.name == name)
        return [value for value, _ in column.values]

    @cached_property
    def codes(self) -> tuple[list[str], Ints, Floats]:
        """All codes of districts; those of each district (districts x days), and share of days."""
        days = self.recipe["codes_of"]
        by_day = [self.england.codes_on(date.fromisoformat(day)) for day in days]
        known = sorted({code for codes in by_day for code in codes})
        place = {code: number for number, code in enumerate(known)}
        each = np.array([[place[code] for code in codes] for codes in by_day], dtype=np.int64).T
        return known, each, np.array(list(days.values()), dtype=np.float64)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of the file in parts."""
        waiting: list[Tests] = []
        rows = first_row = 0
        levels = (
            self.epidemic.district_levels("testing"),
            self.epidemic.district_levels("infection"),
        )
        for people in self.england.districts():
            district = _District(self, people, first_row, levels)
            first_row += len(district.quintiles)
            drawn, planted = district.tests()
            waiting += drawn
            rows += sum(len(each.person) for each in drawn)
            if planted:
                yield marked(self.mess.leave(self._frame(joined(planted))))
            if rows >= ROWS:
                yield marked(self.mess.spoil(self._frame(joined(waiting))))
                waiting, rows = [], 0
        if rows:
            yield marked(self.mess.spoil(self._frame(joined(waiting))))

    def _frame(self, tests: Tests) -> pl.DataFrame:
        names = self.names
        columns = {
            # Fourteen digits or fewer: enough to tell people apart, and cheap to write.
            "person_id": pl.Series(tests.person >> np.uint64(18)),
            "appointment_date": pl.Series([f"{day:%d/%m/%Y}" for day in self.days]).gather(
                tests.day
            ),
            "lad_code": pl.Series(self.codes[0]).gather(tests.code),
            "lsoa_code": self.england.places["code"].gather(tests.lsoa),
            "sex": pl.Series(names["sex"]).gather(tests.sex),
            "age_band": pl.Series(names["age_band"]).gather(tests.band),
            "ethnic_group": pl.Series(names["ethnic_group"]).gather(tests.group),
            "result": pl.Series(names["result"]).gather(tests.result),
        }
        return pl.DataFrame(
            {each.source_name: columns[each.name] for each in self.contract.columns}
        )


class _District:
    """Tests of one district."""

    def __init__(
        self, file: Extract, people: Residents, first_row: int, levels: tuple[Floats, Floats]
    ) -> None:
        self.file, self.people, self.first_row = file, people, first_row
        self.testing, self.infection = (float(each[people.district]) for each in levels)
        self.base_code = str(file.england.recipe.districts["code"][people.district])
        self.quintiles = file.england.lsoas_of(people.district)["quintile"].to_numpy()
        group, age, sex = (each.ravel() for each in np.indices(people.counts.shape[1:]))
        self.group, self.sex, self.band = group, sex, bands_of_ages(file.bands)[AGE_ORDER][age]
        self.starts = people.ends - people.counts.ravel()
        kinds = file.epidemic.people_ratios("testing").ravel()
        self.weights = people.counts.reshape(len(self.quintiles), -1) * kinds

    def tests(self) -> tuple[list[Tests], list[Tests]]:
        """Return the tests of each wave, and those that are planted as traps."""
        file, epidemic = self.file, self.file.epidemic
        waves = epidemic.wave_of(file.days)
        a_day = file.scale * self.testing * epidemic.tests_per_head(file.days)
        in_waves = np.bincount(waves, a_day, minlength=len(epidemic.waves))
        file.expected.add(self.people, self.quintiles, [*in_waves.tolist(), self.infection])
        drawn, planted = [], []
        for wave, name in enumerate(epidemic.waves):
            draw = stream(file.england.seed, "test_and_trace", self.base_code, wave)
            quintiles = epidemic.quintile_ratios("testing")[wave, self.quintiles - 1]
            edges = np.cumsum(self.weights * quintiles[:, None])
            tests = self._wave(draw, wave, np.flatnonzero(waves == wave), edges, a_day)
            for trap in file.recipe.get("traps", ()):
                if trap["district"] == self.base_code and trap["wave"] == name:
                    tests, rows = self._plant(draw, trap, tests, edges)
                    planted.append(rows)
            drawn.append(tests)
        return drawn, planted

    def _wave(
        self, draw: np.random.Generator, wave: int, days: Ints, edges: Floats, a_day: Floats
    ) -> Tests:
        """Return the tests of the days of a wave."""
        epidemic, district = self.file.epidemic, self.people.district
        curve = epidemic.curve("positivity", self.file.england.regions[district], self.file.days)
        number = int(draw.poisson(a_day[days].sum() * edges[-1]))
        on_days = draw.multinomial(number, a_day[days] / a_day[days].sum())
        day = draw.permutation(np.repeat(days, on_days))
        cells = drawn_places(draw, number, edges)
        lsoa, kind = np.divmod(cells, len(self.group))
        by_quintile = epidemic.quintile_ratios("infection")[wave, self.quintiles - 1]
        by_kind = self.infection * epidemic.people_ratios("infection").ravel()
        positive = draw.random(number) < by_quintile[lsoa] * by_kind[kind] * curve[day]
        tests = self._tests(draw, cells, day, positive)
        self._leave_unrecorded(draw, tests)
        return tests

    def _tests(
        self, draw: np.random.Generator, cells: Ints, day: Ints, positive: NDArray[np.bool_]
    ) -> Tests:
        """Return tests of people of some kinds, everything about them recorded."""
        lsoa, kind = np.divmod(cells, len(self.group))
        # Low numbers are drawn more often than high ones: those people are tested repeatedly.
        chance = draw.random(len(cells)) ** self.file.recipe["repeated"]
        number = self.starts[cells] + (chance * self.people.counts.ravel()[cells]).astype(np.int64)
        _, each, shares = self.file.codes
        code = each[self.people.district]
        if (code == code[0]).all():
            chosen = np.full(len(cells), code[0])
        else:
            chosen = code[draw.choice(len(code), len(cells), p=shares / shares.sum())]
        return Tests(
            self.people.keys(number),
            self.first_row + lsoa,
            chosen,
            self.band[kind],
            self.sex[kind],
            self.group[kind],
            day,
            np.where(positive, 0, 1),
        )

    def _leave_unrecorded(self, draw: np.random.Generator, tests: Tests) -> None:
        """Replace a share of what is recorded by what stands for nothing known."""
        known = {"sex": tests.sex, "ethnic_group": tests.group, "result": tests.result}
        for column, texts in self.file.recipe["unrecorded"].items():
            values, names = known[column], self.file.names[column]
            chance = draw.random(len(values))
            below = 0.0
            for place, share in enumerate(texts.values(), len(names) - len(texts)):
                values[(chance >= below) & (chance < below + share)] = place
                below += share

    def _plant(
        self,
        draw: np.random.Generator,
        trap: Mapping[str, Any],
        tests: Tests,
        edges: Floats,
    ) -> tuple[Tests, Tests]:
        """Return the tests without those of a cell, and the tests that the cell has instead."""
        file = self.file
        first, last = (file.days.index(date.fromisoformat(day)) for day in trap["days"])
        where = trap["where"]
        inside = (tests.day >= first) & (tests.day <= last)
        kinds = np.ones(len(self.group), dtype=bool)
        recorded: dict[str, int] = {}
        for column, own, values in (
            ("sex", self.sex, tests.sex),
            ("age_band", self.band, tests.band),
            ("ethnic_group", self.group, tests.group),
        ):
            if column in where:
                place = file.names[column].index(where[column] or None)
                known = place < own.max() + 1
                inside &= values == place if known else values > own.max()
                if known:
                    kinds &= own == place
                recorded[column] = place
        wanted, positive = trap["tests"], trap["positive"]
        some = np.diff(edges, prepend=0).reshape(-1, len(kinds)) * kinds
        cells = drawn_places(draw, wanted, np.cumsum(some))
        day = draw.integers(first, last + 1, wanted)
        planted = self._tests(draw, cells, day, np.arange(wanted) < positive)
        if "sex" in recorded:
            planted.sex[:] = recorded["sex"]
        file.traps.append(
            {
                "kind": trap["kind"],
                "where": {**where, "district": self.base_code, "days": trap["days"]},
                "what": f"{wanted} tests, {positive} of them positive: {trap['what']}",
            }
        )
        return tests.only(~inside), planted


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the tests: one file, tests of one district after the other."""
    file = Extract(
        england, contract, scale, Mess(recipe_of(contract)["mess"], england.seed, contract.id)
    )
    truth: dict[str, Any] = {}

    def frames() -> Iterator[pl.DataFrame]:
        yield from file.frames()
        truth["planted"] = {
            **{key: file.recipe[key] for key in ("window", "unrecorded", "codes_of")},
            "curves": file.expected.curves(),
            "areas": file.expected.areas(),
        }
        truth["mess"] = file.mess.account()
        truth["traps"] = [*file.traps, *merged_areas(england, CODED_LIKE)]

    return StandIn([RawFile(marked_name("test_and_trace.csv.gz"), frames())], truth)
