"""Attacks with two releases: what a reader can tell who kept the first one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from disclosure.attack_tables import (
    ENGLAND,
    NORTH,
    SRS,
    TESTS,
    Attack,
    People,
    count_row,
    days,
    everywhere,
    gate,
    lad,
    people_at_random,
    percentage_row,
    tree,
    unprotected,
    week,
    world_of,
)
from disclosure.attacker import Target, pinned
from lds.disclosure.earlier import Earlier
from lds.disclosure.profiles import load_profile
from lds.disclosure.protection import AreaTree

WEEK = week(0)
START = WEEK[0]
PERCENTAGES = ("result", "positive"), ("result", "negative")


def people(areas: AreaTree, **counts: int) -> People:
    """Return so many people in each district, by its number: ``d1=20``."""
    return People(
        world=world_of(areas),
        counts={(lad(int(name[1:])), START): number for name, number in counts.items()},
    )


def by_result(positive: int, negative: int) -> People:
    """Return the tests of the first district by their result."""
    return People(
        world=world_of(tree()),
        counts={(lad(1), START, "positive"): positive, (lad(1), START, "negative"): negative},
        names=("result",),
    )


def district(number: int, **of: str) -> Target:
    return Target("tests", lad(number), *WEEK, of)


def test_the_same_data_are_released_alike_twice() -> None:
    areas = tree(4, 3)
    made = people_at_random(np.random.default_rng(4), areas, [WEEK], {"sex": ("female", "male")})
    rows = [
        count_row(made, area, WEEK, **of)
        for area in everywhere(areas)
        for of in ({}, {"sex": "female"}, {"sex": "male"})
    ]
    first = gate(rows, areas=areas)
    again = gate(rows, areas=areas, earlier=[Earlier(tables=first.tables)])
    assert again.tables["t"].equals(first.tables["t"])
    assert "c" in first.tables["t"]["mark"].to_list()


def test_the_same_rounded_data_are_released_alike_twice() -> None:
    made = people(tree(3), d1=14, d2=303, d3=411)
    rows = [count_row(made, area, WEEK) for area in (lad(1), lad(2), lad(3))]
    rounds = load_profile("opensafely")
    first = gate(rows, profile=rounds)
    again = gate(rows, profile=rounds, earlier=[Earlier(tables=first.tables)])
    assert first.tables["t"]["value"].to_list() == [15, 305, 410]
    assert again.tables["t"].equals(first.tables["t"])


def test_another_pattern_of_withheld_cells_tells_nothing() -> None:
    """The first release withheld district 3 with district 1; alone, the second would take 2."""
    areas = tree(4)
    made = people(areas, d1=4, d2=30, d3=400, d4=500)
    attack = Attack(areas=areas, target=district(1))
    rows = [count_row(made, area, WEEK) for area in everywhere(areas)]
    first = unprotected([row for row in rows if row["area"] not in (lad(1), lad(3))])
    assert not pinned(*attack.range_in(first))
    naive = gate(rows, areas=areas).tables["t"]
    assert not pinned(*attack.range_in(naive))
    assert attack.range_in(first, naive) == (4, 4)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert not pinned(*attack.range_in(first, second))


@pytest.mark.parametrize("more", [1, 9])
def test_a_count_that_grew_by_few_is_withheld(more: int) -> None:
    areas = tree(3)
    before, after = people(areas, d1=40, d2=50, d3=60), people(areas, d1=40 + more, d2=50, d3=60)
    shown = [lad(1), lad(2), lad(3), NORTH]
    first = unprotected([count_row(before, area, WEEK) for area in shown])
    rows = [count_row(after, area, WEEK) for area in shown]
    grown = unprotected(rows)["value"] - first["value"]
    assert grown.to_list() == [more, 0, 0, more]
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert second.filter(area=lad(1))["mark"].to_list() == ["c"]
    assert second.filter(area=NORTH)["mark"].to_list() == ["c"]
    low, high = Attack(areas=areas, target=district(1)).range_in(second)
    assert not pinned(low - 40, high - 40, reach=10)


def test_a_count_that_grew_by_ten_is_released() -> None:
    areas = tree(3)
    before, after = people(areas, d1=40, d2=50, d3=60), people(areas, d1=50, d2=50, d3=60)
    first = unprotected([count_row(before, area, WEEK) for area in (lad(1), NORTH)])
    rows = [count_row(after, area, WEEK) for area in (lad(1), NORTH)]
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert second["mark"].to_list() == [None, None]


def test_one_negative_test_more_is_not_told() -> None:
    """Both counts that are shown grew by more than ten, what is left of them by one."""
    first = unprotected([percentage_row(by_result(20, 80), lad(1), WEEK)])
    row = percentage_row(by_result(35, 81), lad(1), WEEK)
    released = gate([row], earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert released["mark"].to_list() == ["c"]
    enough = percentage_row(by_result(35, 95), lad(1), WEEK)
    released = gate([enough], earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert released["mark"].to_list() == [None]


def test_what_is_left_of_a_region_may_not_change_by_few() -> None:
    areas = tree(2)
    before, after = people(areas, d1=50, d2=100), people(areas, d1=65, d2=103)
    first = unprotected([count_row(before, area, WEEK) for area in (lad(1), NORTH)])
    rows = [count_row(after, area, WEEK) for area in (lad(1), NORTH)]
    attack = Attack(areas=areas, target=district(2))
    assert attack.range_in(first) == (100, 100)
    assert attack.range_in(unprotected(rows)) == (103, 103)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    low, high = attack.range_in(second)
    assert not pinned(low - 100, high - 100)


def test_a_custom_area_of_the_second_release_is_held_against_the_first() -> None:
    areas = tree(3, groups={"X1": (lad(1), lad(3))})
    made = people(areas, d1=4, d2=100, d3=200)
    attack = Attack(areas=areas, target=district(1))
    plain = [lad(1), lad(2), lad(3), NORTH, ENGLAND]
    first = gate([count_row(made, area, WEEK) for area in plain], areas=areas).tables["t"]
    assert first.filter(area=lad(3))["mark"].to_list() == [None]
    rows = [count_row(made, area, WEEK) for area in [*plain, "X1"]]
    assert attack.range_in(first, unprotected([rows[-1]])) == (4, 4)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert not pinned(*attack.range_in(first, second))


def test_a_custom_area_of_the_first_release_is_remembered() -> None:
    old, areas = tree(3, groups={"X1": (lad(1), lad(2))}), tree(3)
    made = people(old, d1=4, d2=100, d3=200)
    first = unprotected([count_row(made, "X1", WEEK)])
    rows = [count_row(made, area, WEEK) for area in everywhere(areas)]
    attack = Attack(areas=old, target=district(1))
    # District 2 is the smallest to go with district 1, unless it is known that they are 104.
    earlier = Earlier(tables={"t": first}, groups={"X1": (lad(1), lad(2))})
    second = gate(rows, areas=areas, earlier=[earlier]).tables["t"]
    assert not pinned(*attack.range_in(first, second))


def test_a_custom_area_with_other_members_is_another_area() -> None:
    then, now = (lad(1), lad(2)), (lad(1), lad(2), lad(3))
    old, areas = tree(4, groups={"X1": then}), tree(4, groups={"X1": now})
    first = unprotected([count_row(people(old, d1=50, d2=60, d3=4, d4=200), "X1", WEEK)])
    made = people(areas, d1=50, d2=60, d3=4, d4=200)
    rows = [count_row(made, area, WEEK) for area in everywhere(areas)]
    naive = gate(rows, areas=areas).tables["t"].filter(pl.col("area") == "X1")["value"].to_list()
    assert naive == [114], "X1 grew by the four of district 3"
    earlier = Earlier(tables={"t": first}, groups={"X1": then})
    second = gate(rows, areas=areas, earlier=[earlier]).tables["t"]
    both = tree(4, groups={"X1": now, "X1 of release 0": then})
    attack = Attack(areas=both, target=district(3))
    renamed = first.with_columns(area=pl.lit("X1 of release 0"))
    assert attack.range_in(renamed, unprotected(rows).filter(pl.col("area") == "X1")) == (4, 4)
    assert not pinned(*attack.range_in(renamed, second))


def test_the_days_between_an_old_week_and_a_new_one_are_not_told() -> None:
    areas = tree(1)
    counts = {(lad(1), days(day, day)[0]): 20 for day in range(28)}
    counts[lad(1), days(7, 7)[0]] = 3
    made = People(world=world_of(areas), counts=counts)
    attack = Attack(areas=areas, target=Target("tests", lad(1), *days(7, 7)))
    first = unprotected([count_row(made, lad(1), days(8, 13))])
    rows = [count_row(made, lad(1), days(7 * number, 7 * number + 6)) for number in range(4)]
    assert attack.range_in(first, unprotected(rows)) == (3, 3)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert second["mark"].to_list() == [None, "c", None, None]
    assert not pinned(*attack.range_in(first, second))


def test_weeks_that_begin_on_another_day_than_before_are_not_released() -> None:
    areas = tree(1)
    counts = {(lad(1), days(day, day)[0]): 20 for day in range(21)}
    counts[lad(1), days(0, 0)[0]] = 3
    made = People(world=world_of(areas), counts=counts)
    attack = Attack(areas=areas, target=Target("tests", lad(1), *days(0, 0)))
    first = unprotected([count_row(made, lad(1), days(*w)) for w in ((1, 7), (8, 14), (15, 20))])
    rows = [count_row(made, lad(1), days(*w)) for w in ((0, 6), (7, 13), (14, 20), (0, 20))]
    assert attack.range_in(first, unprotected(rows)) == (3, 3)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert set(second["mark"]) == {"c"}
    assert not pinned(*attack.range_in(first, second))


def test_a_revision_elsewhere_does_not_make_the_first_release_forgotten() -> None:
    """District 1 was revised. Of district 2 the first release showed the total."""
    areas = tree(2)
    ages = {"age_0_9": 5, "age_10_19": 100, "age_20_29": 110, "age_30_39": 120}
    counts = {(lad(2), START, age): number for age, number in ages.items()}
    before, after = (
        People(
            world=world_of(areas), counts={**counts, (lad(1), START, "age_0_9"): n}, names=("age",)
        )
        for n in (200, 250)
    )
    first = unprotected([count_row(before, area, WEEK) for area in (lad(1), lad(2))])
    rows = [count_row(after, lad(2), WEEK, age=age) for age in ages]
    rows.append(count_row(after, lad(1), WEEK))
    attack = Attack(areas=areas, target=district(2, age="age_0_9"))
    there = pl.col("area") == lad(2)
    naive = gate(rows, areas=areas).tables["t"]
    assert pinned(*attack.range_in(first.filter(there), naive.filter(there)))
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert not pinned(*attack.range_in(first.filter(there), second.filter(there)))


def test_what_an_earlier_release_shows_is_not_said_to_be_hidden() -> None:
    """An unsafe count was released once: the gate withholds it, and says that it is known."""
    areas = tree(3)
    made = people(areas, d1=8, d2=300, d3=400)
    first = unprotected([count_row(made, lad(1), WEEK)])
    rows = [count_row(made, area, WEEK) for area in everywhere(areas)]
    result = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})])
    released = result.tables["t"]
    assert released.filter(area=lad(1))["mark"].to_list() == ["c"]
    assert released["mark"].to_list().count("c") == 1, "nothing else is lost for it"
    (cell,) = result.cells.filter(area=lad(1)).iter_rows(named=True)
    assert (cell["rule"], cell["lower"], cell["upper"]) == ("told", 8, 8)
    assert cell["needed"] == SRS.protection.span


def test_a_known_cell_hides_no_other() -> None:
    """District 2 was released before, so that it cannot hide district 1."""
    areas = tree(3)
    made = people(areas, d1=4, d2=30, d3=400)
    first = unprotected([count_row(made, lad(2), WEEK)])
    rows = [count_row(made, area, WEEK) for area in everywhere(areas)]
    attack = Attack(areas=areas, target=district(1))
    naive = gate(rows, areas=areas).tables["t"]
    assert attack.range_in(first, naive) == (4, 4)
    second = gate(rows, areas=areas, earlier=[Earlier(tables={"t": first})]).tables["t"]
    assert second.filter(area=lad(3))["mark"].to_list() == ["c"]
    assert not pinned(*attack.range_in(first, second))


def test_an_indicator_that_is_new_does_not_open_what_was_withheld() -> None:
    """The first release withheld two ages; the second asks for one of them under another name."""
    areas = tree(1)
    counts = {(lad(1), START, f"age_{a}_{a + 9}"): n for a, n in ((0, 4), (10, 30), (20, 200))}
    made = People(world=world_of(areas), counts=counts, names=("age",))
    ages = [{}, *({"age": f"age_{a}_{a + 9}"} for a in (0, 10, 20))]
    attack = Attack(
        areas=areas, target=district(1, age="age_0_9"), entries={"I2": TESTS, "I6": TESTS}
    )
    rows = [count_row(made, lad(1), WEEK, **of) for of in ages]
    first = gate(rows, areas=areas).tables["t"]
    assert first["mark"].to_list().count("c") == 2
    other = [count_row(made, lad(1), WEEK, indicator="I6", age="age_10_19")]
    assert pinned(*attack.range_in(first, unprotected(other)))
    second = gate(other, {"I2": TESTS, "I6": TESTS}, areas, earlier=[Earlier(tables={"t": first})])
    assert not pinned(*attack.range_in(first, *second.tables.values()))
