"""The synthetic people: the register's totals, real places, and the same people for everyone."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from lds.geography import Register
from lds.synthetic.england.country import England
from lds.synthetic.england.people import ADULT, Residents
from lds.synthetic.england.places import codes_on
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, MINORITIES, Recipe
from stand_ins import part_of_england, places, whole_england

CODES = ("E06000053", "E07000131", "E08000025", "E09000012")
"""Isles of Scilly (the smallest), Harborough, Birmingham (the largest), Hackney."""


@pytest.fixture(scope="module")
def england() -> England:
    return part_of_england(CODES)


@pytest.fixture(scope="module")
def people(england: England) -> list[Residents]:
    return list(england.districts())


def test_every_district_has_the_population_of_the_register() -> None:
    england, register = whole_england(), Register.load()
    known = dict(register.population.select("code", "population").iter_rows())
    totals = [len(each) for each in england.districts()]
    assert totals == [known[code] for code in england.recipe.districts["code"]]
    assert sum(totals) == 56_286_961  # ONS mid-2019, England


def test_every_lsoa_is_real_and_has_people() -> None:
    frame = places()
    assert frame.height == 32_844
    assert frame["code"].n_unique() == 32_844
    for district in whole_england().districts():
        assert (district.counts.sum(axis=(1, 2, 3)) > 0).all()


def test_a_part_of_the_country_has_the_same_people(
    england: England, people: list[Residents]
) -> None:
    whole = whole_england()
    for place, code in enumerate(england.recipe.districts["code"]):
        there = whole.recipe.districts["code"].to_list().index(code)
        assert (whole.residents_of(there).counts == people[place].counts).all()


def test_ages_are_those_of_the_recipe(england: England, people: list[Residents]) -> None:
    for place, district in enumerate(people):
        counts = district.by_age.sum(axis=(0, 1, 3))
        expected = england.recipe.age_structure[place] * len(district)
        assert np.abs(counts - expected).max() < 2 * len(ETHNIC_GROUPS)
        young = district.by_age[:, :, :ADULT].sum() / len(district)
        share = england.recipe.districts["share_0_15"][place]
        assert young == pytest.approx(share, abs=0.002)


def test_ethnic_groups_are_those_of_the_recipe(england: England, people: list[Residents]) -> None:
    for place, district in enumerate(people):
        counts = district.counts.sum(axis=(0, 2, 3)) / len(district)
        expected = england.recipe.districts.select(MINORITIES).row(place)
        assert counts[1:] == pytest.approx(expected, abs=0.005)


def test_minorities_are_younger(people: list[Residents]) -> None:
    birmingham = people[2].by_age.sum(axis=(0, 3))
    mean_age = birmingham @ np.arange(AGES) / birmingham.sum(axis=1)
    assert (mean_age[1:] < mean_age[0] - 3).all()


def test_numbers_lead_to_the_cells_that_counts_say(people: list[Residents]) -> None:
    district = people[1]
    lsoa, group, age, sex = district.cells_of(np.arange(len(district)))
    counted = np.zeros_like(district.by_age)
    np.add.at(counted, (lsoa, group, age, sex), 1)
    assert (counted == district.by_age).all()


def test_no_two_people_of_the_country_have_the_same_key(people: list[Residents]) -> None:
    keys = np.concatenate([each.keys(np.arange(len(each))) for each in people])
    assert len(np.unique(keys)) == len(keys)


def test_households_have_one_leader_an_adult_and_one_lsoa(people: list[Residents]) -> None:
    for district in people[:2]:
        numbers = np.arange(len(district))
        household, leads = district.households_of(numbers)
        lsoa, group, age, _ = district.cells_of(numbers)
        frame = pl.DataFrame(
            {"home": household, "leads": leads, "lsoa": lsoa, "group": group, "age": age}
        )
        homes = frame.group_by("home").agg(
            pl.col("leads").sum(),
            pl.col("lsoa").n_unique(),
            pl.col("group").n_unique(),
            pl.len().alias("size"),
            pl.col("age").max().alias("oldest"),
        )
        assert homes.height == district.households == frame["home"].max() + 1
        with_adults = homes.filter(pl.col("oldest") >= ADULT)
        assert (with_adults["leads"] == 1).all()
        assert (homes["lsoa"] == 1).all()
        assert (homes["group"] == 1).all()
        assert homes.height - with_adults.height < 0.02 * homes.height
        assert homes["size"].mean() == pytest.approx(2.4, abs=0.25)
        assert frame.filter("leads")["age"].min() >= ADULT
        # Leaders are not the youngest adults of each group.
        adults = frame.filter(pl.col("age") >= ADULT)
        assert adults.filter("leads")["age"].mean() == pytest.approx(adults["age"].mean(), abs=2)


def test_people_do_not_depend_on_who_else_is_asked_for(people: list[Residents]) -> None:
    district = people[3]
    some = np.array([5, 70_000, 200_001])
    whole, _ = district.households_of(np.arange(len(district)))
    assert (district.households_of(some)[0] == whole[some]).all()
    assert (district.keys(some) == district.keys(np.arange(len(district)))[some]).all()


def test_another_seed_gives_another_country() -> None:
    one, two = part_of_england(CODES[:2], seed=1), part_of_england(CODES[:2], seed=2)
    assert one.places["score"].to_list() != two.places["score"].to_list()
    assert (one.residents_of(1).counts != two.residents_of(1).counts).any()


def test_deprivation_ranks_are_complete_and_follow_the_recipe() -> None:
    frame, recipe = places(), Recipe.load()
    assert sorted(frame["rank"]) == list(range(1, 32_845))
    assert frame.sort("rank")["score"].is_sorted(descending=True)
    sizes = frame.group_by("decile").len().sort("decile")["len"]
    assert sizes.max() - sizes.min() <= 1
    assert frame.filter(pl.col("quintile") == 1)["rank"].max() < 6_570
    means = frame.group_by("district").agg(pl.col("score").mean()).sort("district")["score"]
    assert pl.select(pl.corr(means, recipe.districts["deprivation"])).item() > 0.9


@pytest.mark.parametrize(
    ("day", "count", "some"),
    [
        (date(2011, 12, 1), 326, {"E07000100", "E06000048", "E08000020", "E07000097"}),
        (date(2019, 4, 1), 317, {"E06000058", "E07000244"}),
        (date(2020, 4, 1), 314, {"E06000060"}),
        (date(2021, 4, 1), 309, {"E06000061", "E06000062"}),
    ],
)
def test_districts_have_the_codes_of_any_day(day: date, count: int, some: set[str]) -> None:
    codes = codes_on(Register.load(), Recipe.load(), day)
    assert len(codes) == 326
    assert len(set(codes)) == count
    assert some <= set(codes)


def test_hertfordshire_is_in_the_east_of_england() -> None:
    found = places().filter(pl.col("name").str.starts_with("St Albans"))["region_code"].unique()
    assert found.to_list() == ["E12000006"]


def test_a_recipe_with_impossible_shares_is_refused(tmp_path) -> None:
    from lds.errors import SourceError
    from lds.synthetic.england.recipe import FOLDER

    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rows = pl.read_csv(FOLDER / "districts.csv")
    wrong = rows.with_columns(
        asian=pl.when(pl.col("code") == "E07000131").then(1.5).otherwise(pl.col("asian"))
    )
    wrong.write_csv(tmp_path / "districts.csv")
    with pytest.raises(SourceError, match="E07000131"):
        Recipe.load(tmp_path)
    rows.drop("black").write_csv(tmp_path / "districts.csv")
    with pytest.raises(SourceError, match="black"):
        Recipe.load(tmp_path)
