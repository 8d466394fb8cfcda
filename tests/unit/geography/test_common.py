"""The lowest common geography."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register, coarser_areas, common_areas, common_areas_of_codes, links

REGISTER = Register.load()
Y2011, Y2013 = date(2011, 4, 1), date(2013, 4, 1)
Y2019, Y2021, Y2023, Y2025 = (date(year, 4, 1) for year in (2019, 2021, 2023, 2025))


def of(table: pl.DataFrame, code: str) -> tuple[object, ...]:
    return table.row(by_predicate=pl.col("code") == code)


def test_one_vintage_is_its_own_geography() -> None:
    table = common_areas(REGISTER, [Y2021])
    assert table.height == 309
    assert (table["code"] == table["area"]).all()
    assert table["match"].unique().to_list() == ["exact"]


def test_columns_and_members() -> None:
    table = common_areas(REGISTER, [Y2019, Y2023])
    assert table.columns == ["code", "area", "label", "members", "match"]
    assert table["code"].is_sorted()
    members = ["E06000066", "E07000187", "E07000188", "E07000189", "E07000246"]
    for code in members:
        assert of(table, code) == (code, "E06000066", "Somerset", members, "exact")


@pytest.mark.parametrize(
    ("vintages", "areas"),
    [
        # As many as the LADs of the last vintage: areas have only merged.
        ([Y2011, Y2021], 309),
        ([date(2009, 1, 1), Y2013, Y2025], 296),
        ([Y2025, date(2009, 1, 1)], 296),
        ([Y2019, Y2021], 309),
    ],
)
def test_number_of_areas(vintages: list[date], areas: int) -> None:
    table = common_areas(REGISTER, vintages)
    assert table["area"].n_unique() == areas
    assert set(table["area"]) == set(REGISTER.live_on(max(vintages))["code"])


def test_moved_land_joins_neighbours_or_is_best_fit() -> None:
    table = common_areas(REGISTER, [Y2023, Y2025])
    moved = table.filter(match="best_fit")
    assert sorted(moved["area"].unique()) == ["E08000038", "E08000039"]
    joined = common_areas(REGISTER, [Y2023, Y2025], join_moved=True)
    assert joined["area"].n_unique() == 295
    assert of(joined, "E08000016")[1:3] == ("E08000038+E08000039", "Barnsley and Sheffield")
    assert joined["match"].unique().to_list() == ["exact"]
    # Four orders moved land, each between two LADs.
    everything = common_areas(REGISTER, [date(2009, 1, 1), Y2025], join_moved=True)
    assert everything["area"].n_unique() == 296 - 4
    # Both days on the same side of the change: nothing to join.
    assert common_areas(REGISTER, [Y2021, Y2023], join_moved=True)["area"].n_unique() == 296


@pytest.mark.parametrize(("first", "last"), [(Y2011, Y2021), (Y2019, Y2025), (Y2025, Y2019)])
def test_areas_are_the_components_of_the_links_between_two_vintages(
    first: date, last: date
) -> None:
    # The second way: spread the smallest code along the links until nothing moves.
    start = REGISTER.live_on(first)["code"].to_list()
    pairs = links(REGISTER, last).filter(pl.col("from_code").is_in(start))
    edges = list(pairs.select("from_code", "to_code").iter_rows())
    label = {code: code for edge in edges for code in edge}
    moving = True
    while moving:
        moving = False
        for a, b in edges:
            low = min(label[a], label[b])
            if (label[a], label[b]) != (low, low):
                label[a] = label[b] = low
                moving = True
    expected: dict[str, set[str]] = {}
    for code, low in label.items():
        expected.setdefault(low, set()).add(code)
    table = common_areas(REGISTER, [first, last])
    found = {tuple(members) for members in table["members"]}
    assert {frozenset(each) for each in found} == {frozenset(each) for each in expected.values()}


def test_sources_of_any_codes_and_what_they_lack() -> None:
    sources = {
        "districts": ["E07000205", "E07000206", "E07000131", "E07000150"],
        "later": ["E07000244", "E07000131", "E06000061"],
    }
    table = common_areas_of_codes(REGISTER, sources)
    assert of(table, "E07000205")[1:] == (
        *("E07000244", "East Suffolk", ["E07000205", "E07000206", "E07000244"]),
        *("exact", []),
    )
    assert of(table, "E07000131")[-1] == []
    # Corby alone is not all of North Northamptonshire.
    assert of(table, "E07000150")[-1] == ["districts"]
    assert table["area"].n_unique() == 3


def test_parts_without_their_whole_stay_apart() -> None:
    table = common_areas_of_codes(REGISTER, {"a": ["E07000205"], "b": ["E07000206"]})
    assert table["area"].to_list() == ["E07000205", "E07000206"]
    assert table["incomplete"].to_list() == [["b"], ["a"]]


def test_what_a_source_cannot_tell_apart_is_given_the_coarser_area() -> None:
    table = coarser_areas(REGISTER, ["E06000060", "E07000131", "E07000205"], Y2019)
    parts = ["E07000004", "E07000005", "E07000006", "E07000007"]
    assert table.rows() == [
        (code, "E06000060", "Buckinghamshire", parts, ["E06000060"]) for code in parts
    ]
    assert coarser_areas(REGISTER, ["E06000060", "E07000131"], Y2021).is_empty()


def test_refusals() -> None:
    with pytest.raises(GeographyError, match="at least one vintage"):
        common_areas(REGISTER, [])
    with pytest.raises(GeographyError, match="does not cover"):
        common_areas(REGISTER, [date(2030, 1, 1)])
    with pytest.raises(GeographyError, match=r"unknown codes(.|\n)*E07999999"):
        common_areas_of_codes(REGISTER, {"a": ["E07999999"]})
