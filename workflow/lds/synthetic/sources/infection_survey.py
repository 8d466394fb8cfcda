"""A stand-in for the COVID-19 Infection Survey: visits to the members of sampled households.

A visit is positive with the chance that curve, region, district, kind of person and work give,
exactly; but visits near in time to one person, and to one household, tend to agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from lds.geography.levels.lookups import CIS_VINTAGE
from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, Keys, stream, uniform
from lds.synthetic.england.cis_areas import cis_areas
from lds.synthetic.england.country import England
from lds.synthetic.england.survey_design import Survey
from lds.synthetic.england.survey_points import DISTANCE, Points
from lds.synthetic.england.survey_work import AT_WORK, LOCATION_AGES
from lds.synthetic.england.visits import MOST, Visits, visited
from lds.synthetic.england.work import NONE
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import lads, texts
from lds.synthetic.standin import RawFile, StandIn, as_published, marked_name, recipe_of

ROWS = 100_000
"""Rows of a part of a file, at least."""
LARGEST = 900_000
"""Visits to be expected in a file at most: Stata files are written whole."""
POSITIVE, NEGATIVE = range(2)
"""Places of the results in the contract's list."""


@dataclass
class Extract:
    """The extract of a country, drawn area by area.

    Attributes
    ----------
    areas, traps, capped, unrecorded : what was planted in the areas that were drawn: the truth of
        each by code, traps, visits whose prevalence was cut to `MOST`, and results not recorded.
    """

    england: England
    contract: Contract
    survey: Survey
    mess: Mess
    areas: dict[str, Any] = field(default_factory=dict)
    traps: list[dict[str, Any]] = field(default_factory=list)
    capped: int = 0
    unrecorded: Counter[str] = field(default_factory=Counter)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """What the contract plants."""
        return recipe_of(self.contract)

    @cached_property
    def lookup(self) -> list[tuple[str, str, list[int]]]:
        """Areas: code, name, districts that each is made of."""
        codes = pl.DataFrame({"LAD20CD": self.england.codes_on(CIS_VINTAGE)})
        areas = codes.join(cis_areas(self.england), on="LAD20CD", validate="m:1")
        own = areas.with_row_index("district").group_by("CIS20CD", "CIS20NM").agg("district")
        return list(own.sort("CIS20CD").iter_rows())

    @cached_property
    def wanted(self) -> Floats:
        """Households of each area in each wave of recruitment."""
        return self.survey.wanted([districts for *_, districts in self.lookup])

    @cached_property
    def _lads(self) -> tuple[list[str], Ints]:
        return lads(self.england)

    @cached_property
    def points(self) -> Points:
        """What the truth is told by."""
        return Points(self.survey.expected.work, self._values(DISTANCE))

    def _values(self, name: str) -> dict[str, str]:
        column = next(each for each in self.contract.columns if each.name == name)
        return dict(column.values)

    def files(self) -> list[range]:
        """Return the areas of each file: as few files as are small enough."""
        visits = self.survey.visits_of(self.wanted)
        number = int(-(-visits.sum() // LARGEST))
        at = (np.cumsum(visits) - visits / 2) * number // visits.sum()
        edges = np.searchsorted(at, np.arange(number + 1))
        return [range(*pair) for pair in pairwise(edges.tolist()) if pair[0] < pair[1]]

    def frames(self, areas: Sequence[int]) -> Iterator[pl.DataFrame]:
        """Yield the rows of a file in parts."""
        waiting: list[pl.DataFrame] = []
        for place in areas:
            waiting.append(self._area(place))
            if sum(each.height for each in waiting) >= ROWS or place == areas[-1]:
                whole = pl.concat(waiting)
                yield _typed(self.mess.spoil(whole), whole)
                waiting = []

    def _area(self, place: int) -> pl.DataFrame:
        """Return the visits of an area, under the publisher's names; add to the account."""
        code, name, districts = self.lookup[place]
        base = self.england.recipe.districts["code"].gather(districts).to_list()
        traps = [each for each in self.recipe["traps"] if each["district"] in base]
        one_only = [
            districts[base.index(each["district"])] for each in traps if "participants" in each
        ]
        area = visited(self.survey, districts, self.wanted[place], one_only)
        visits = area.visits
        self.capped += int((visits.prevalence >= MOST).sum())
        unknown = self._unknown(visits)
        for trap in traps:
            visits = self._plant(trap, code, visits, unknown == NONE)
        area = replace(area, visits=visits)
        order, lad = self._lads
        self.areas[code] = {
            "name": name,
            "lads": sorted({order[each] for each in lad[districts]}),
            "points": self.points.account(area, unknown == NONE),
        }
        return as_published(self._frame(visits, unknown, code, name), self.contract)

    def _unknown(self, visits: Visits) -> Ints:
        """Return which text of ``unrecorded`` stands for each result; `NONE` where it is known."""
        chance = uniform(visits.person + visits.number.astype(np.uint64), "unrecorded")
        found = np.full(len(chance), NONE)
        below = 0.0
        for place, (text, share) in enumerate(self.recipe["unrecorded"].items()):
            inside = (chance >= below) & (chance < below + share)
            found[inside] = place
            self.unrecorded[text] += int(inside.sum())
            below += share
        return found

    def _plant(
        self, trap: Mapping[str, Any], code: str, visits: Visits, valid: np.ndarray[Any, Any]
    ) -> Visits:
        """Return the visits with the results that a trap asks for."""
        where: dict[str, Any] = {"district": trap["district"], "cis_area_code": code}
        own = visits.district == self._place(trap["district"])
        if "participants" in trap:
            number = len(np.unique(visits.person[own]))
            what = f"{number} participant of the area: {trap['what']}"
            self.traps.append({"kind": trap["kind"], "where": where, "what": what})
            return visits
        ((column, category),) = trap["where"].items()
        places = self.points.of_visits(visits)[column]
        inside = valid & (places == self.points.categories[column].index(category))
        at = np.flatnonzero(inside)
        count = int(trap.get("positive", np.floor(trap.get("share", 0) * len(at))))
        draw = stream(self.england.seed, "infection survey", "trap", code, column)
        positive, prevalence = visits.positive.copy(), visits.prevalence.copy()
        positive[at] = draw.permutation(np.arange(len(at)) < count)
        prevalence[at] = min(count, len(at)) / max(len(at), 1)
        what = f"{len(at)} visits, {int(positive[at].sum())} of them positive: {trap['what']}"
        where |= {column: category}
        self.traps.append({"kind": trap["kind"], "where": where, "what": what})
        return replace(visits, positive=positive, prevalence=prevalence)

    def _place(self, district: str) -> int:
        return self.england.recipe.districts["code"].to_list().index(district)

    def _frame(self, visits: Visits, unknown: Ints, code: str, name: str) -> pl.DataFrame:
        """Return visits under the names of the contract."""
        work = self.survey.expected.work
        settings, outside = work.settings, work.settings["outside"]
        here = np.isin(visits.status, AT_WORK)
        young, old = visits.age < LOCATION_AGES.start, visits.age >= LOCATION_AGES.stop
        answers = [*work.places, outside["location"], outside["young"], outside["old"]]
        none, child, aged = range(len(work.places), len(answers))
        location = np.select([young, old, here], [child, aged, visits.where], none)
        kept = np.where(here & (visits.distance != NONE), visits.distance, len(work.distances))
        result = np.where(visits.positive, POSITIVE, NEGATIVE)
        results: list[Any] = [*self._values("result"), *self.recipe["unrecorded"]]
        result = np.where(unknown == NONE, result, unknown + len(self._values("result")))
        person = _names("P", visits.person)
        frame = pl.DataFrame(
            {
                "participant_id": person,
                "household_id": _names("H", visits.household),
                "visit_date": pl.Series(self.survey.days).gather(visits.day),
                "result": texts([each or None for each in results], result),
                "work_status": texts([work.groups[each] for each in work.statuses], visits.status),
                "work_status_v1": texts(work.statuses, visits.status),
                "work_sector": texts(
                    [*work.sectors, outside["sector"]],
                    np.where(here, visits.sector, len(work.sectors)),
                ),
                "work_location": texts(answers, location),
                "work_social_distancing": texts([*work.distances, outside["distance"]], kept),
                "patient_contact": texts(
                    [*work.contacts, None], np.where(here, visits.contact, len(work.contacts))
                ),
                "age": pl.Series(visits.age, dtype=pl.Int16),
                "sex": texts(settings["sexes"], visits.sex),
                "ethnic_group": texts(settings["ethnic_groups"], visits.ethnic),
                "weight": pl.Series(visits.weight.round(2)),
            }
        )
        return frame.with_columns(
            visit_id=person + "-" + pl.Series(visits.number).cast(pl.String).str.zfill(2),
            cis_area_code=pl.lit(code),
            cis_area_name=pl.lit(name),
        )


def _typed(spoilt: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their types: spoilt days are days still in a Stata file."""
    days = [name for name, dtype in whole.schema.items() if dtype == pl.Date]
    texts = [name for name in days if spoilt.schema[name] == pl.String]
    dated = spoilt.with_columns(pl.col(texts).str.to_date())
    return dated.cast(whole.schema)


def _names(letter: str, keys: Keys) -> pl.Series:
    """Return a pseudonym of each key: fourteen digits or fewer tell all people apart."""
    return letter + pl.Series(keys >> np.uint64(18)).cast(pl.String).str.zfill(14)


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the survey: one file, or several of areas that follow each other."""
    recipe = recipe_of(contract)
    mess = Mess(recipe["mess"], england.seed, contract.id)
    extract = Extract(england, contract, Survey(england, recipe, scale), mess)
    truth: dict[str, Any] = {}
    told = ("window", "recruitment", "visits", "spells", "unrecorded", "calibrated_by")

    def frames(areas: Sequence[int]) -> Iterator[pl.DataFrame]:
        yield from extract.frames(areas)
        truth["planted"] = {
            **{key: recipe[key] for key in told},
            "months": extract.survey.expected.work.months,
            "unrecorded_rows": dict(extract.unrecorded),
            "cut_prevalence": extract.capped,
            "areas": extract.areas,
        }
        truth["mess"] = mess.account()
        truth["traps"] = extract.traps

    parts = extract.files()
    stem, ending = recipe["file"].split(".")
    names = [recipe["file"]]
    if len(parts) > 1:
        names = [f"{stem}_{number}.{ending}" for number in range(1, len(parts) + 1)]
    files = zip(names, parts, strict=True)
    return StandIn([RawFile(marked_name(name), frames(areas)) for name, areas in files], truth)
