"""Codes carried forward through the changes of the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lds.errors import GeographyError
from lds.geography import Register, history, links, not_convertible, predecessors, translate

RESOURCES = Path(__file__).resolve().parents[3] / "workflow" / "resources"
REGISTER = Register.load(RESOURCES)
DAYS = st.dates(REGISTER.complete_from, REGISTER.complete_to)


def found(to: date, code: str) -> tuple[str, str, str]:
    row = translate(REGISTER, to).row(by_predicate=pl.col("from_code") == code)
    return row[1], row[2], row[3]


def test_columns_and_order() -> None:
    table = translate(REGISTER, date(2021, 4, 1))
    assert table.columns == ["from_code", "to_code", "match", "path"]
    assert table["from_code"].is_sorted()
    assert table["from_code"].n_unique() == table.height


def test_identity() -> None:
    assert found(date(2021, 4, 1), "E07000131") == ("E07000131", "exact", "E07000131")


def test_rename_is_an_identity() -> None:
    assert found(date(2021, 4, 1), "E07000112") == ("E07000112", "exact", "E07000112")


@pytest.mark.parametrize(
    ("code", "to", "new", "match", "path"),
    [
        ("E07000002", date(2009, 4, 1), "E06000055", "exact", "E07000002>E06000055"),
        ("E07000025", date(2021, 4, 1), "E06000053", "exact", "E07000025>E06000053"),
        ("E07000190", date(2019, 4, 1), "E07000246", "exact", "E07000190>E07000246"),
        ("E07000190", date(2023, 4, 1), "E06000066", "exact", "E07000190>E07000246>E06000066"),
        ("E07000187", date(2023, 4, 1), "E06000066", "exact", "E07000187>E06000066"),
        ("E06000028", date(2021, 4, 1), "E06000058", "exact", "E06000028>E06000058"),
        ("E07000157", date(2012, 4, 1), "E06000048", "exact", "E07000157>E06000048"),
        ("E07000157", date(2013, 4, 1), "E06000057", "best_fit", "E07000157>E06000048>E06000057"),
        ("E07000100", date(2012, 4, 1), "E07000240", "best_fit", "E07000100>E07000240"),
        ("E07000104", date(2012, 4, 1), "E07000241", "best_fit", "E07000104>E07000241"),
        ("E08000020", date(2013, 4, 1), "E08000037", "best_fit", "E08000020>E08000037"),
        ("E07000097", date(2013, 4, 1), "E07000242", "best_fit", "E07000097>E07000242"),
        ("E07000101", date(2013, 4, 1), "E07000243", "best_fit", "E07000101>E07000243"),
        ("E08000016", date(2025, 4, 1), "E08000038", "best_fit", "E08000016>E08000038"),
        ("E08000019", date(2025, 4, 1), "E08000039", "best_fit", "E08000019>E08000039"),
        ("E08000019", date(2025, 3, 31), "E08000019", "exact", "E08000019"),
    ],
)
def test_known_translations(code: str, to: date, new: str, match: str, path: str) -> None:
    assert found(to, code) == (new, match, path)


def test_2018_to_2021_is_exact_and_complete() -> None:
    start = REGISTER.live_on(date(2018, 4, 1)).select(from_code="code")
    carried = start.join(translate(REGISTER, date(2021, 4, 1)), on="from_code")
    assert carried.height == 326
    assert carried["match"].unique().to_list() == ["exact"]
    assert set(carried["to_code"]) == set(REGISTER.live_on(date(2021, 4, 1))["code"])
    assert carried.filter(pl.col("from_code") != pl.col("to_code")).height == 25


def test_day_before_and_day_of_a_change() -> None:
    assert found(date(2020, 3, 31), "E07000004")[0] == "E07000004"
    assert found(date(2020, 4, 1), "E07000004")[0] == "E06000060"
    assert "E06000060" not in translate(REGISTER, date(2020, 3, 31))["from_code"]


@pytest.mark.parametrize(
    ("code", "to", "reason"),
    [
        ("E06000060", date(2020, 3, 31), "made on 2020-04-01 from E07000004 Aylesbury Vale"),
        ("E08000039", date(2025, 3, 31), "made on 2025-04-01 from E08000019 Sheffield"),
        ("E06000055", date(2009, 3, 31), "made on 2009-04-01 from E07000002 Bedford."),
    ],
)
def test_vintage_before_creation_is_not_convertible(code: str, to: date, reason: str) -> None:
    row = not_convertible(REGISTER, to).row(by_predicate=pl.col("from_code") == code)
    assert reason in row[1]


def test_nothing_is_left_over_at_the_last_day() -> None:
    rest = not_convertible(REGISTER, REGISTER.complete_to)
    assert rest.is_empty()
    assert rest.columns == ["from_code", "reason"]


def test_vintage_outside_the_register_is_refused() -> None:
    with pytest.raises(GeographyError, match="does not cover"):
        translate(REGISTER, date(2026, 1, 1))
    with pytest.raises(GeographyError, match="does not cover"):
        not_convertible(REGISTER, date(2008, 1, 1))


def test_partial_transfer_alone_makes_both_sides_best_fit() -> None:
    recodes = pl.when(pl.col("kind") == "recode").then(pl.lit("exact")).otherwise("exactness")
    register = replace(REGISTER, changes=REGISTER.changes.with_columns(exactness=recodes))
    table = translate(register, date(2025, 4, 1))
    for code in ("E08000016", "E08000019", "E07000104", "E07000100", "E06000048", "E08000020"):
        assert table.row(by_predicate=pl.col("from_code") == code)[2] == "best_fit"
    assert table.row(by_predicate=pl.col("from_code") == "E07000025")[2] == "exact"


def test_a_split_has_no_single_successor() -> None:
    split = REGISTER.changes.filter(from_code="E07000004").with_columns(
        to_code=pl.lit("E06000061"), kind=pl.lit("merge")
    )
    register = replace(REGISTER, changes=pl.concat([REGISTER.changes, split]))
    assert "E07000004" not in translate(register, date(2023, 4, 1))["from_code"]
    rest = not_convertible(register, date(2023, 4, 1))
    reason = rest.row(by_predicate=pl.col("from_code") == "E07000004")[1]
    assert "became E06000060 Buckinghamshire and E06000061 North Northamptonshire" in reason


def linked(to: date, code: str) -> list[tuple[str, ...]]:
    table = links(REGISTER, to).filter(pl.col("from_code") == code)
    return table.select("to_code", "direction", "match", "path").rows()


def test_links_go_back_to_every_part_by_the_way_it_came() -> None:
    parts = [f"E070001{n}" for n in (87, 88, 89)]
    assert linked(date(2019, 3, 31), "E06000066") == [
        *((code, "backward", "exact", f"E06000066>{code}") for code in parts),
        *(
            (code, "backward", "exact", f"E06000066>E07000246>{code}")
            for code in ("E07000190", "E07000191")
        ),
    ]
    assert linked(date(2019, 4, 1), "E06000066")[-1] == (
        *("E07000246", "backward", "exact", "E06000066>E07000246"),
    )
    assert linked(date(2023, 4, 1), "E06000066") == [("E06000066", "same", "exact", "E06000066")]
    assert linked(date(2012, 4, 1), "E06000057") == [
        ("E06000048", "backward", "best_fit", "E06000057>E06000048")
    ]


def test_links_forward_are_the_translation() -> None:
    for day in (date(2009, 1, 1), date(2021, 4, 1), date(2025, 4, 1)):
        forward = links(REGISTER, day).filter(pl.col("direction") != "backward")
        columns = ["from_code", "to_code", "match", "path"]
        assert forward.select(columns).equals(translate(REGISTER, day))


def test_links_tell_how_much_of_the_land_is_covered() -> None:
    forward = links(REGISTER, date(2021, 4, 1)).filter(pl.col("to_code") == "E07000246")
    rows = {row[0]: row[1:] for row in forward.select("from_code", "covers", "whole").rows()}
    assert rows["E07000190"][0] + rows["E07000191"][0] == rows["E07000246"][0]
    assert {whole for _, whole in rows.values()} == {rows["E07000246"][0]}
    # Back from Somerset each part is covered in full.
    back = links(REGISTER, date(2021, 4, 1)).filter(pl.col("from_code") == "E06000066")
    assert back.height == 4
    assert (back["covers"] == back["whole"]).all()


def test_predecessors_at_any_number_of_steps() -> None:
    table = predecessors(REGISTER, "E06000066")
    assert table["code"].to_list() == [
        *("E07000190", "E07000191"),
        *("E07000187", "E07000188", "E07000189", "E07000246"),
    ]
    assert table.row(0, named=True) == {
        "code": "E07000190",
        "name": "Taunton Deane",
        "start_date": date(2009, 1, 1),
        "end_date": date(2019, 3, 31),
        "became": "E07000246",
        "date": date(2019, 4, 1),
        "kind": "merge",
        "exactness": "exact",
    }


def test_predecessors_since_a_vintage() -> None:
    since = predecessors(REGISTER, "E06000066", date(2019, 4, 1))
    assert since["code"].to_list() == ["E07000187", "E07000188", "E07000189", "E07000246"]
    before = predecessors(REGISTER, "E06000066", date(2019, 3, 31))
    assert before.height == 6
    assert predecessors(REGISTER, "E07000131").is_empty()


def test_a_giver_of_land_is_no_predecessor() -> None:
    assert predecessors(REGISTER, "E08000039")["code"].to_list() == ["E08000019"]


def test_history_names_the_order_and_the_predecessors() -> None:
    table = history(REGISTER, "E06000066")
    assert table.columns == [
        *("date", "instrument", "instrument_title", "kind"),
        *("from_code", "from_name", "to_code", "to_name", "exactness"),
    ]
    assert table.height == 6
    last = table.filter(from_code="E07000246").row(0, named=True)
    assert last["instrument"] == "SI 2022/329"
    assert last["instrument_title"] == "The Somerset (Structural Changes) Order 2022"
    assert (last["from_name"], last["to_name"]) == ("Somerset West and Taunton", "Somerset")


def test_history_has_renames_transfers_and_the_end_of_a_code() -> None:
    rename = history(REGISTER, "E07000112").row(0, named=True)
    assert (rename["kind"], rename["from_name"]) == ("rename", "Shepway")
    assert rename["to_name"] == "Folkestone and Hythe"
    assert rename["instrument"] is None
    assert history(REGISTER, "E07000242")["kind"].to_list() == ["recode", "partial_transfer"]
    assert history(REGISTER, "E07000004")["to_code"].to_list() == ["E06000060"]
    assert history(REGISTER, "E07000131").is_empty()


def test_history_of_northumberland_goes_back_to_2009() -> None:
    table = history(REGISTER, "E06000057")
    assert table["date"].unique().sort().to_list() == [date(2009, 4, 1), date(2013, 4, 1)]
    assert table.height == 8


@pytest.mark.parametrize("ask", [predecessors, history])
def test_unknown_code_is_refused(ask) -> None:
    with pytest.raises(GeographyError, match="E07999999"):
        ask(REGISTER, "E07999999")


@given(st.tuples(DAYS, DAYS).map(sorted))
@settings(max_examples=60, deadline=None)
def test_every_live_code_translates_to_exactly_one_later_code(days: list[date]) -> None:
    first, last = days
    start, end = REGISTER.live_on(first), REGISTER.live_on(last)
    carried = start.select(from_code="code").join(translate(REGISTER, last), on="from_code")
    assert carried["from_code"].to_list() == start["code"].to_list()
    assert set(carried["to_code"]) == set(end["code"])
    steps = carried["path"].str.split(">")
    assert (steps.list.first() == carried["from_code"]).all()
    assert (steps.list.last() == carried["to_code"]).all()


@given(st.tuples(DAYS, DAYS).map(sorted))
@settings(max_examples=60, deadline=None)
def test_population_is_conserved_since_2018(days: list[date]) -> None:
    first, last = (max(day, date(2018, 4, 1)) for day in days)
    people = REGISTER.population.select("code", "population")
    carried = (
        REGISTER.live_on(first)
        .join(people, on="code")
        .join(translate(REGISTER, last), left_on="code", right_on="from_code")
        .group_by("to_code")
        .agg(pl.col("population").sum())
        .sort("to_code")
    )
    expected = (
        REGISTER.live_on(last)
        .select(to_code="code")
        .join(people, left_on="to_code", right_on="code")
    )
    assert carried.rows() == expected.sort("to_code").rows()


@given(DAYS)
@settings(max_examples=40, deadline=None)
def test_every_code_is_either_convertible_or_explained(to: date) -> None:
    there = translate(REGISTER, to)["from_code"].to_list()
    rest = not_convertible(REGISTER, to)
    assert sorted([*there, *rest["from_code"]]) == REGISTER.areas["code"].to_list()
    assert (rest["reason"].str.len_chars() > 20).all()


@given(DAYS)
@settings(max_examples=40, deadline=None)
def test_predecessors_agree_with_the_translation(day: date) -> None:
    later = date(2025, 4, 1)
    table = translate(REGISTER, later).join(
        REGISTER.live_on(day).select(from_code="code"), on="from_code", how="semi"
    )
    for code, sources in table.group_by("to_code").agg("from_code").head(30).iter_rows():
        ancestors = predecessors(REGISTER, code, since=day)
        live = ancestors.filter(pl.col("start_date") <= day)["code"].to_list()
        assert sorted(live or [code]) == sorted(sources)


def test_translation_of_yesterday_changes_only_on_the_days_of_changes() -> None:
    for day in REGISTER.changes["date"].unique():
        week_before = translate(REGISTER, day - timedelta(days=7))
        assert week_before.equals(translate(REGISTER, day - timedelta(days=1)))
