"""The work of the synthetic people: planted rates, one answer for whoever asks, jobs for all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lds.synthetic.england.businesses import NEVER, Businesses, shared_by_weight
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import Industries
from lds.synthetic.england.labour import ACTIVITIES, Labour
from lds.synthetic.england.people import Residents
from lds.synthetic.england.work import NONE, WorkingLives
from stand_ins import part_of_england, whole_england

CODES = ("E06000053", "E07000131", "E07000166", "E07000224", "E09000012")
"""Isles of Scilly, Harborough, Richmondshire and Arun (with traps), Hackney."""
HACKNEY = 4


@pytest.fixture(scope="module")
def england() -> England:
    return part_of_england(CODES)


@pytest.fixture(scope="module")
def labour(england: England) -> Labour:
    return Labour.of(england)


@pytest.fixture(scope="module")
def people(england: England) -> Residents:
    return england.residents_of(HACKNEY)


@pytest.fixture(scope="module")
def everyone(labour: Labour, people: Residents) -> WorkingLives:
    return WorkingLives(labour.of_district(people), np.arange(len(people)))


def test_the_employment_rate_and_the_median_pay_are_planted(
    england: England, everyone: WorkingLives
) -> None:
    district = england.recipe.districts.row(HACKNEY, named=True)
    of_working_age = (everyone.age >= 16) & (everyone.age < 65)
    assert everyone.working[of_working_age].mean() * 100 == pytest.approx(
        district["employment_rate"], abs=0.4
    )
    assert np.nanmedian(everyone.weekly_pay) == pytest.approx(district["weekly_pay"], rel=0.015)


def test_whoever_is_asked_for_alone_gives_the_same_answers(
    everyone: WorkingLives, people: Residents
) -> None:
    numbers = np.array([7, 1_234, 100_000, len(people) - 1])
    alone = WorkingLives(everyone.market, numbers)
    for name in ("activity", "workplace", "division", "unit_group", "weekly_pay", "home_working"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(everyone, name)[numbers])


def test_children_and_others_without_work_have_none_of_its_attributes(
    everyone: WorkingLives,
) -> None:
    idle = ~everyone.working
    assert everyone.age[everyone.activity == ACTIVITIES.index("child")].max() == 15
    assert (everyone.division[idle] == NONE).all()
    assert (everyone.major_group[idle] == NONE).all()
    assert np.isnan(everyone.hours[idle]).all()
    assert not everyone.public[idle].any()
    assert (everyone.unit_group // 1000 == everyone.major_group)[everyone.working].all()


def test_the_deprived_have_less_work_and_more_elementary_occupations(
    everyone: WorkingLives,
) -> None:
    of_age = (everyone.age >= 25) & (everyone.age < 55)
    most, least = everyone.quintile == 0, everyone.quintile >= 3
    assert everyone.working[of_age & most].mean() < everyone.working[of_age & least].mean() - 0.05
    elementary = everyone.major_group[everyone.working] == 9
    assert (
        elementary[most[everyone.working]].mean() > 1.2 * elementary[least[everyone.working]].mean()
    )


def test_leave_is_that_of_the_industry_and_the_same_people_stay_on_it(
    labour: Labour, everyone: WorkingLives
) -> None:
    height, later = everyone.furloughed("2020-05"), everyone.furloughed("2020-10")
    assert not everyone.furloughed("2019-05").any()
    assert (height | ~later).all()
    planted = labour.settings["furlough"]["by_industry"]
    group = labour.industries.group_of[everyone.division]
    employees = everyone.activity == ACTIVITIES.index("employee")
    for name in ("BIG 7", "BIG 9", "BIG 16"):
        inside = employees & (group == labour.industries.groups.index(name))
        error = np.sqrt(planted[name] * (1 - planted[name]) / inside.sum())
        assert height[inside].mean() == pytest.approx(planted[name], abs=4 * error)


def test_workers_are_expected_as_they_are_made(
    labour: Labour, people: Residents, everyone: WorkingLives
) -> None:
    expected = labour.workers_by_home[people.district].sum()
    assert everyone.working.sum() == pytest.approx(expected, rel=0.005)
    own, place = labour.commuting.shares[people.district], labour.commuting.places[people.district]
    assert place[0] == people.district
    found = np.bincount(everyone.workplace[everyone.working], minlength=len(CODES))
    np.testing.assert_allclose(found[place] / found.sum(), own, atol=0.005)
    by_activity = labour.people_by_activity[people.district].sum(axis=0)
    made = np.bincount(everyone.activity, minlength=len(ACTIVITIES))
    np.testing.assert_allclose(by_activity[1:], made[1:], rtol=0.06)


def test_every_worker_of_england_has_a_place_of_work() -> None:
    labour = Labour.of(whole_england())
    assert labour.workers.sum() == pytest.approx(labour.workers_by_home.sum(), rel=1e-9)
    jobs = labour.workers.sum(axis=0) / labour.workers.sum()
    planted = labour.industries.column("jobs") / labour.industries.column("jobs").sum()
    assert np.abs(jobs - planted).max() < 0.012
    codes = labour.england.recipe.districts["code"].to_list()
    finance = labour.industries.group_of == labour.industries.groups.index("BIG 11")
    shares = labour.workers[:, finance].sum(axis=1) / labour.workers.sum(axis=1)
    assert shares[codes.index("E09000001")] > 5 * shares.mean()


def test_tilts_of_industries_keep_their_jobs() -> None:
    industries = Industries.load()
    shares = Labour.of(part_of_england(CODES[:1])).settings["industries"]["groups"]
    odds = industries.odds_by_group_of_workers(shares)
    weights = np.array(list(shares.values()))
    np.testing.assert_allclose(weights @ odds / weights.sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(
        odds @ industries.column("jobs") / industries.column("jobs").sum(), 1, rtol=1e-3
    )


def test_units_employ_the_workers_to_the_rounding(labour: Labour) -> None:
    businesses = Businesses.of(labour)
    units = businesses.units_of(range(len(CODES)))
    row = businesses.years.index(businesses.settings["base_year"])
    traps = {trap["district"] for each in businesses.settings["traps"].values() for trap in each}
    for place, code in enumerate(CODES):
        own = units.district == place
        jobs = np.bincount(units.division[own], units.jobs[row, own], len(labour.industries))
        if code not in traps:
            assert np.abs(jobs - labour.workers[place]).max() <= 1
        np.testing.assert_array_equal(jobs, businesses.planted.jobs[place, row])
    assert len(np.unique(units.unit)) == len(units.unit)


def test_a_unit_has_jobs_while_it_is_there_and_never_else(labour: Labour) -> None:
    businesses = Businesses.of(labour, 0.2)
    units = businesses.units_of(range(len(CODES)))
    years = np.array(businesses.years)[:, None]
    there = (units.born <= years) & (units.died > years)
    np.testing.assert_array_equal(units.jobs > 0, there)
    gone = (units.died != NEVER).sum() / there[:-1].sum()
    assert gone == pytest.approx(businesses.settings["deaths"], abs=0.03)


def test_districts_have_the_same_units_alone_and_together(labour: Labour) -> None:
    businesses = Businesses.of(labour, 0.2)
    whole, alone = businesses.units_of(range(len(CODES))), businesses.units_of(range(1, 2))
    own = whole.district == 1
    for name in ("division", "born", "unit", "enterprise", "lsoa", "public"):
        np.testing.assert_array_equal(getattr(whole, name)[own], getattr(alone, name))
    np.testing.assert_array_equal(whole.jobs[:, own], alone.jobs)


def test_growth_is_planted(labour: Labour) -> None:
    businesses = Businesses.of(labour)
    jobs = businesses.expected("jobs")
    growth = businesses.settings["growth"]
    group = labour.industries.table["broad_industry_group"].to_list()
    region = labour.england.regions[HACKNEY]
    yearly = growth["jobs"][group[60]] + growth["regions"][region]
    for before, after in pairwise(jobs[HACKNEY, :, 60]):
        assert after / before - 1 == pytest.approx(yearly)


def test_dominant_employers_and_groups_of_few_are_planted(labour: Labour) -> None:
    businesses = Businesses.of(labour, 0.1)
    traps, industries = businesses.settings["traps"], labour.industries
    found = 0
    for kind, each in [(name, trap) for name, planted in traps.items() for trap in planted]:
        if each["district"] not in CODES:
            continue
        found += 1
        place = sorted(CODES).index(each["district"])
        units = businesses.units_of(range(place, place + 1))
        inside = industries.group_of[units.division] == industries.groups.index(each["group"])
        for jobs in units.jobs[:, inside]:
            names, number = np.unique(units.enterprise[inside][jobs > 0], return_inverse=True)
            by_enterprise = np.bincount(number, jobs[jobs > 0])
            if kind == "few_enterprises":
                assert (len(names), by_enterprise.sum()) == (each["enterprises"], each["jobs"])
            else:
                assert by_enterprise.max() / by_enterprise.sum() >= each["share"]
                assert len(names) > 1
    assert found == 2


def test_totals_are_shared_out_whole() -> None:
    cell = np.repeat(np.arange(3), [4, 1, 3])
    alive = np.array([True, True, False, True, True, True, True, True])
    sizes = shared_by_weight(np.array([100, 7, 3]), cell, alive, np.arange(1.0, 9.0))
    assert np.bincount(cell, sizes).tolist() == [100, 7, 3]
    assert (sizes > 0).tolist() == alive.tolist()
