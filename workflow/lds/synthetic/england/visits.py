"""Visits of the infection survey: who is sampled, when they are visited, and who is positive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, Keys, mixed, normal, stream, uniform
from lds.synthetic.england.expected_prevalence import YOUNGEST, Sums
from lds.synthetic.england.labour import DistrictLabour
from lds.synthetic.england.people import Residents
from lds.synthetic.england.recipe import SEXES
from lds.synthetic.england.samples import calibrated, spread_by_deprivation
from lds.synthetic.england.survey_design import Survey
from lds.synthetic.england.work import WorkingLives

MOST = 0.95
"""No one's prevalence is higher."""


@dataclass(frozen=True)
class Visits:
    """Visits of an area of the survey, by participant and then by day; arrays of one length.

    Attributes
    ----------
    person, household : keys.
    number : of the visit among those that the participant could have, from 0.
    district : place in the recipe.
    day, month : places among the days and the months of the survey.
    age, sex, ethnic : of the participant; sex and ethnic group as places in their lists.
    status, sector, where, distance, contact : see `survey_work.Answers`.
    prevalence : planted chance of being positive.
    positive : whether the swab is.
    weight : people of the month whom the visit stands for.
    """

    person: Keys
    household: Keys
    number: Ints
    district: Ints
    day: Ints
    month: Ints
    age: Ints
    sex: Ints
    ethnic: Ints
    status: Ints
    sector: Ints
    where: Ints
    distance: Ints
    contact: Ints
    prevalence: Floats
    positive: NDArray[np.bool_]
    weight: Floats


@dataclass(frozen=True)
class _Participants:
    """Participants of a district or an area; arrays of one length, `status` and `ratio` by month.

    Attributes
    ----------
    start : day of the first visit.
    design : inverse of the chance of being in the sample.
    """

    person: Keys
    household: Keys
    district: Ints
    start: Ints
    design: Floats
    quintile: Ints
    age: Ints
    sex: Ints
    ethnic: Ints
    status: Ints
    sector: Ints
    where: Ints
    distance: Ints
    contact: Ints
    ratio: Floats

    @classmethod
    def joined(cls, parts: Sequence[_Participants]) -> _Participants:
        """Return the participants of several districts."""
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return cls(*map(np.concatenate, columns))


@dataclass(frozen=True)
class Area:
    """An area of the survey, visited.

    Attributes
    ----------
    strata : people by band of age and sex, those of 2 and over.
    sums : people and infections to be expected; see `ExpectedPrevalence.of_district`.
    """

    visits: Visits
    strata: Ints
    sums: Sums


def visited(
    survey: Survey, districts: Sequence[int], wanted: Floats, one_only: Collection[int] = ()
) -> Area:
    """Return the visits to an area.

    Parameters
    ----------
    districts : that the area is made of.
    wanted : households in each wave of recruitment.
    one_only : districts that have one participant at most.
    """
    population = np.array(survey.england.population)[list(districts)]
    shares = population / population.sum()
    parts, strata, sums = [], [], []
    for district, share in zip(districts, shares, strict=True):
        people = survey.england.residents_of(district)
        market = survey.expected.work.labour.of_district(people)
        most = 1 if district in one_only else None
        parts.append(_participants(survey, market, wanted * share, most))
        strata.append(_strata(survey, people))
        level = float(survey.levels[district])
        sums.append(survey.expected.of_district(market, level))
    total = np.sum(strata, axis=0)
    return Area(
        _visits(survey, _Participants.joined(parts), total),
        total,
        {name: np.sum([each[name] for each in sums], axis=0) for name in sums[0]},
    )


def _strata(survey: Survey, people: Residents) -> Ints:
    counts = people.by_age.sum(axis=(0, 1), dtype=np.int64)[YOUNGEST:]
    found = np.zeros((survey.strata // len(SEXES), len(SEXES)), dtype=np.int64)
    np.add.at(found, survey.band_of[YOUNGEST:], counts)
    return found.ravel()


def _participants(
    survey: Survey, market: DistrictLabour, wanted: Floats, most: int | None
) -> _Participants:
    """Return those of the sampled households who take part."""
    england, people, recipe = survey.england, market.people, survey.recipe
    lsoas = england.lsoas_of(people.district)
    code = str(england.recipe.districts["code"][people.district])
    draw = stream(england.seed, "infection survey", code)
    chosen = spread_by_deprivation(lsoas, recipe["lsoas_of_a_district"], draw)
    numbers, household = people.of_lsoas(chosen)
    number = (np.uint64(people.district) << np.uint64(32)) | household.astype(np.uint64)
    key = mixed(number, f"{england.seed}/infection survey")
    share = wanted / people.households_by_lsoa[chosen].sum()
    share /= max(1.0, share.sum())
    wave = np.searchsorted(np.cumsum(share), uniform(key, "recruited"), side="right")
    inside = np.flatnonzero(wave < len(share))
    numbers, key, wave = numbers[inside], key[inside], wave[inside]
    person = people.keys(numbers)
    _, ethnic, age, sex = people.cells_of(numbers)
    takes_part = uniform(person, "takes part") < recipe["taking_part"]
    kept = np.flatnonzero(takes_part & (age >= YOUNGEST))[:most]
    numbers, key, wave, person = numbers[kept], key[kept], wave[kept], person[kept]
    first, length = survey.starts
    work = WorkingLives(market, numbers)
    answers = survey.expected.work.answers(work)
    return _Participants(
        person=person,
        household=key,
        district=np.full(len(kept), people.district),
        start=first[wave] + (uniform(key, "first visit") * length[wave]).astype(np.int64),
        design=np.full(len(kept), lsoas.height / len(chosen) / share.sum()),
        quintile=work.quintile,
        age=age[kept],
        sex=sex[kept],
        ethnic=ethnic[kept],
        **vars(answers),
    )


def _visits(survey: Survey, people: _Participants, strata: Ints) -> Visits:
    """Return the visits to participants, with their results and weights."""
    recipe, expected = survey.recipe, survey.expected
    who, number = (
        each.ravel() for each in np.indices((len(people.person), len(survey.steps)), dtype=np.int64)
    )
    key = people.person[who] + number.astype(np.uint64)
    around = 2 * recipe["visits"]["days_around"] + 1
    moved = (uniform(key, "day") * around).astype(np.int64) - around // 2
    day = people.start[who] + survey.steps[number] + np.where(number > 0, moved, 0)
    attended = uniform(key, "attended") < survey.attended[people.age[who]]
    kept = np.flatnonzero(attended & (day < len(survey.days)))
    who, number, key, day = who[kept], number[kept], key[kept], day[kept]
    month = expected.month_of[day]
    district, age, sex = people.district[who], people.age[who], people.sex[who]
    regions = sorted(survey.curves)
    place = np.array([regions.index(each) for each in survey.england.regions])
    kinds = (survey.waves[day], people.quintile[who], people.ethnic[who], age, sex)
    prevalence = (
        np.stack([survey.curves[each] for each in regions])[place[district], day]
        * survey.levels[district]
        * expected.ratios[kinds]
        * people.ratio[who, month]
    )
    prevalence = np.minimum(prevalence, MOST)
    cell = (month * len(strata)) + survey.band_of[age] * len(SEXES) + sex
    totals = np.tile(strata.astype(np.float64), len(expected.work.months))
    return Visits(
        person=people.person[who],
        household=people.household[who],
        number=number,
        district=district,
        day=day,
        month=month,
        age=age,
        sex=sex,
        ethnic=people.ethnic[who],
        status=people.status[who, month],
        sector=people.sector[who],
        where=people.where[who],
        distance=people.distance[who],
        contact=people.contact[who],
        prevalence=prevalence,
        positive=_infected(survey, people, who, key, day) < prevalence,
        weight=calibrated(people.design[who], cell, totals),
    )


def _infected(survey: Survey, people: _Participants, who: Ints, key: Keys, day: Ints) -> Floats:
    """Return a uniform number for each visit, alike within a spell, a person and a household.

    A Gaussian copula: what visits of one spell of the household share, of the person, and own.
    """
    from scipy.special import ndtr

    spells = survey.recipe["spells"]
    shortest, longest = spells["days"]
    household = people.household[who]
    length = shortest + (uniform(household, "spell") * (longest - shortest + 1)).astype(np.int64)
    begin = (uniform(household, "spell begins") * length).astype(np.int64)
    spell = ((day + begin) // length).astype(np.uint64)
    shared, own = spells["household"], spells["person"]
    found: Floats = ndtr(
        np.sqrt(shared) * normal(household + spell, "household's spell")
        + np.sqrt(own) * normal(people.person[who] + spell, "person's spell")
        + np.sqrt(1 - shared - own) * normal(key, "visit")
    )
    return found
