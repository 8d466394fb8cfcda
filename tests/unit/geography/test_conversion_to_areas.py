"""Conversion to areas made of LADs: against their parts, against England, and by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lds.areas import CustomArea, members_frame
from lds.database import connect, load_frame
from lds.errors import GeographyError
from lds.geography import Register, convert_frame
from lds.geography.conversion.engine import Conversion
from lds.geography.conversion.kinds import kinds
from lds.sources.harmonise import convert_located

REGISTER = Register.load()
Y2009, Y2018, Y2020, Y2021 = (date(year, 4, 1) for year in (2009, 2018, 2020, 2021))
BLABY, HARBOROUGH, CHARNWOOD = "E07000129", "E07000131", "E07000130"
NORTH_NORTHAMPTONSHIRE = "E06000061"
CORBY, EAST_NORTHANTS, KETTERING, WELLINGBOROUGH = (
    "E07000150", "E07000152", "E07000153", "E07000156",
)  # fmt: skip
FOUR = [CORBY, EAST_NORTHANTS, KETTERING, WELLINGBOROUGH]
BARNSLEY_OLD, BARNSLEY = "E08000016", "E08000038"


def areas(**members: list[str]) -> pl.DataFrame:
    rows = [(code, area) for area, codes in members.items() for code in codes]
    return pl.DataFrame(rows, schema=["code", "area"], orient="row")


def table(columns: list[str], *rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["from_code", *columns], orient="row")


def run(frame: pl.DataFrame, kind: str, to: date, groups: pl.DataFrame, **more: Any) -> Conversion:
    return convert_frame(frame, REGISTER, to=to, kind=kind, areas=groups, **more)


def people(*codes: str) -> list[int]:
    weights = dict(REGISTER.population.select("code", "population").iter_rows())
    return [weights[code] for code in codes]


def counts_on(day: date) -> pl.DataFrame:
    codes = REGISTER.live_on(day)["code"]
    return pl.DataFrame({"from_code": codes, "value": [7 * n + 1 for n in range(codes.len())]})


def test_counts_are_those_of_the_members_added_up() -> None:
    given = counts_on(Y2018)
    live = REGISTER.live_on(Y2021)
    groups = live.select("code", area="region_code")
    made = run(given, "count", Y2021, groups).table
    by_lad = convert_frame(given, REGISTER, to=Y2021, kind="count").table
    added = (
        by_lad.join(groups, left_on="area", right_on="code", suffix="_region")
        .group_by("area_region")
        .agg(pl.col("value").sum(), pl.col("parts").sum())
        .sort("area_region")
    )
    assert made["area"].to_list() == added["area_region"].to_list()
    assert made["value"].to_list() == added["value"].to_list()
    assert made["parts"].to_list() == added["parts"].to_list()
    assert made.schema["value"] == pl.Int64
    assert made["value"].sum() == given["value"].sum()
    assert set(made["match"]) == {"exact"}


def test_an_area_of_all_lads_has_the_total_of_england() -> None:
    given = counts_on(Y2009)
    everywhere = areas(X=REGISTER.live_on(Y2021)["code"].to_list())
    (row,) = run(given, "count", Y2021, everywhere).table.to_dicts()
    assert row["value"] == given["value"].sum()
    assert row["parts"] == 326
    assert row["from_codes"].split(" ") == sorted(given["from_code"])
    # Land moved between neighbours on the way from 2009.
    assert row["match"] == "best_fit"


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_an_area_of_one_member_is_the_lad(kind: str) -> None:
    columns = list(kinds()[kind].values)
    codes = [NORTH_NORTHAMPTONSHIRE, HARBOROUGH] if kind in ("median", "index", "rank") else [
        *FOUR, HARBOROUGH,
    ]  # fmt: skip
    given = table(
        columns, *[(code, *[float(3 + n)] * len(columns)) for n, code in enumerate(codes)]
    )
    options = {"minimum_coverage": 0.8} if kind == "change" else {}
    by_lad = convert_frame(given, REGISTER, to=Y2021, kind=kind, **options).table
    groups = areas(X1=[NORTH_NORTHAMPTONSHIRE], X2=[HARBOROUGH])
    made = run(given, kind, Y2021, groups, **options).table
    names = {"X1": NORTH_NORTHAMPTONSHIRE, "X2": HARBOROUGH}
    renamed = made.with_columns(pl.col("area").replace_strict(names)).sort("area").drop("path")
    assert by_lad.height == 2
    assert_frame_equal(renamed, by_lad.drop("path"), check_exact=True)
    assert all(path.endswith(">X2") for path in made.filter(pl.col("area") == "X2")["path"])


def test_a_later_code_inside_an_area_is_not_divided() -> None:
    given = table(["value"], (NORTH_NORTHAMPTONSHIRE, 100), (HARBOROUGH, 11))
    (row,) = run(given, "count", Y2020, areas(X=[*FOUR, HARBOROUGH])).table.to_dicts()
    assert (row["value"], row["match"], row["parts"]) == (111, "exact", 2)
    by_lad = convert_frame(given, REGISTER, to=Y2020, kind="count").table
    assert set(by_lad.filter(pl.col("area").is_in(FOUR))["match"]) == {"best_fit"}


def test_a_change_over_a_later_code_is_weighted_by_people() -> None:
    # No LAD of 2020 gets a change from the later code, the area of all its parts does.
    given = table(["value"], (NORTH_NORTHAMPTONSHIRE, -40.0), (HARBOROUGH, -10.0))
    (row,) = run(
        given, "change", Y2020, areas(X=[*FOUR, HARBOROUGH]), minimum_coverage=0.8
    ).table.to_dicts()
    north, (harborough,) = sum(people(*FOUR)), people(HARBOROUGH)
    expected = (-40 * north - 10 * harborough) / (north + harborough)
    assert row["value"] == pytest.approx(expected, abs=1e-6)
    assert (row["coverage"], row["match"]) == (1.0, "best_fit")


def test_a_change_by_hand() -> None:
    # ONS mid-2019: Blaby 101,526, Harborough 93,807, Charnwood 185,851.
    assert people(BLABY, HARBOROUGH, CHARNWOOD) == [101526, 93807, 185851]
    given = table(["value"], (BLABY, -10.0), (HARBOROUGH, 20.0), (CHARNWOOD, None))
    group = areas(X=[BLABY, HARBOROUGH, CHARNWOOD])
    (row,) = run(given, "change", Y2021, group, minimum_coverage=0.5).table.to_dicts()
    # (-10 x 101,526 + 20 x 93,807) / 195,333 = 860,880 / 195,333; 195,333 of 381,184 people.
    assert row["value"] == pytest.approx(4.407243, abs=1e-6)
    assert row["coverage"] == pytest.approx(0.512438, abs=1e-6)
    (thin,) = run(given, "change", Y2021, group, minimum_coverage=0.52).table.to_dicts()
    assert thin["value"] is None


def test_a_rate_is_made_of_sums() -> None:
    given = table(["numerator", "denominator"], (BLABY, 1, 10), (HARBOROUGH, 8, 10))
    (row,) = run(given, "rate", Y2021, areas(X=[BLABY, HARBOROUGH])).table.to_dicts()
    assert (row["numerator"], row["denominator"], row["value"]) == (9, 20, 0.45)


def test_a_code_with_a_part_inside_gives_its_share() -> None:
    corby, *others = people(CORBY, EAST_NORTHANTS, KETTERING, WELLINGBOROUGH)
    share = corby / (corby + sum(others))
    group = areas(X=[CORBY, HARBOROUGH])
    count = table(["value"], (NORTH_NORTHAMPTONSHIRE, 1000), (HARBOROUGH, 50))
    (row,) = run(count, "count", Y2020, group).table.to_dicts()
    assert row["value"] == pytest.approx(1000 * share + 50, abs=1e-6)
    assert row["match"] == "best_fit"
    rates = table(
        ["numerator", "denominator"], (NORTH_NORTHAMPTONSHIRE, 100, 1000), (HARBOROUGH, 90, 100)
    )
    (row,) = run(rates, "rate", Y2020, group).table.to_dicts()
    assert row["value"] == pytest.approx((100 * share + 90) / (1000 * share + 100), abs=1e-8)
    means = table(["value", "n"], (NORTH_NORTHAMPTONSHIRE, 10.0, 1000), (HARBOROUGH, 30.0, 100))
    (row,) = run(means, "mean", Y2020, group).table.to_dicts()
    expected = (10 * 1000 * share + 30 * 100) / (1000 * share + 100)
    assert row["value"] == pytest.approx(expected, abs=1e-6)


def test_parts_of_a_divided_code_add_up_to_it() -> None:
    given = table(["value"], (NORTH_NORTHAMPTONSHIRE, 1001))
    groups = areas(X1=[CORBY, KETTERING], X2=[EAST_NORTHANTS], X3=[WELLINGBOROUGH])
    made = run(given, "count", Y2020, groups).table
    assert made["value"].sum() == pytest.approx(1001, abs=2e-6)
    assert made["value"].min() > 100


def test_areas_may_overlap() -> None:
    given = table(["value"], (BLABY, 1), (HARBOROUGH, 2), (CHARNWOOD, 4))
    groups = areas(X1=[BLABY, HARBOROUGH], X2=[HARBOROUGH, CHARNWOOD])
    assert dict(run(given, "count", Y2021, groups).table.select("area", "value").iter_rows()) == {
        "X1": 3,
        "X2": 6,
    }


def test_the_category_of_most_people() -> None:
    given = table(["value"], (BLABY, 2.0), (HARBOROUGH, 3.0), (CHARNWOOD, 2.0))
    (row,) = run(given, "category", Y2021, areas(X=[BLABY, HARBOROUGH, CHARNWOOD])).table.to_dicts()
    assert (row["value"], row["labels"], row["match"]) == (2.0, "2.0 3.0", "best_fit")
    assert row["coverage"] == pytest.approx((101526 + 185851) / 381184, abs=1e-6)
    (same,) = run(given, "category", Y2021, areas(X=[BLABY, CHARNWOOD])).table.to_dicts()
    assert (same["value"], same["coverage"], same["match"]) == (2.0, 1.0, "exact")


@pytest.mark.parametrize("kind", ["median", "index", "rank"])
def test_what_cannot_be_added_is_not_convertible(kind: str) -> None:
    given = table(["value"], (BLABY, 2.0), (HARBOROUGH, 3.0))
    made = run(given, kind, Y2021, areas(X=[BLABY, HARBOROUGH]))
    (row,) = made.table.to_dicts()
    assert (row["value"], row["match"]) == (None, "not_convertible")
    assert made.account.areas["not_convertible"] == {"X": [BLABY, HARBOROUGH]}


def test_a_missing_part_is_not_taken_for_nothing() -> None:
    given = table(["value"], (BLABY, 5), (HARBOROUGH, None))
    group = areas(X=[BLABY, HARBOROUGH])
    (row,) = run(given, "count", Y2021, group).table.to_dicts()
    assert row["value"] is None
    (one,) = run(given.head(1), "count", Y2021, group).table.to_dicts()
    assert one["value"] is None
    (zero,) = run(given.head(1), "count", Y2021, group, absent="zero").table.to_dicts()
    assert zero["value"] == 5


def test_a_part_that_no_weight_divides_is_not_taken_for_nothing() -> None:
    # Residents of the seven districts that became County Durham in April 2009 are not known.
    durham, sedgefield, before = "E06000047", "E07000060", date(2009, 3, 31)
    given = table(["value"], (durham, 10), (BLABY, 5))
    made = run(given, "count", before, areas(X=[sedgefield, BLABY]), absent="zero").table
    assert made.select("area", "value", "match").rows() == [("X", None, "not_convertible")]


def test_a_moved_boundary_stays_best_fit() -> None:
    given = table(["value"], (BARNSLEY_OLD, 5))
    (row,) = run(given, "count", date(2025, 4, 1), areas(X=[BARNSLEY])).table.to_dicts()
    assert (row["value"], row["match"]) == (5, "best_fit")


def test_the_account_tells_what_each_area_came_from() -> None:
    given = table(["value"], (BLABY, 5), (NORTH_NORTHAMPTONSHIRE, 9), (CHARNWOOD, 1))
    account = run(given, "count", Y2020, areas(X1=[BLABY], X2=[CORBY], X3=[HARBOROUGH])).account
    assert account.codes == {"given": 2, "matched": 2, "lost": 0}
    assert account.areas["best_fit"] == {"X2": [NORTH_NORTHAMPTONSHIRE]}
    assert account.areas["without_source"] == ["X3"]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (areas(X=["E07000205"]), "no LADs of 2021-04-01"),
        (areas(X=[BLABY, BLABY]), "twice in one area"),
        (areas(), "no areas"),
    ],
)
def test_wrong_areas_are_refused(groups: pl.DataFrame, words: str) -> None:
    groups = groups.cast(pl.Schema({"code": pl.String, "area": pl.String}))
    with pytest.raises(GeographyError, match=words):
        run(table(["value"], (BLABY, 5)), "count", Y2021, groups)


def test_a_share_of_unmatched_rows_does_not_go_with_areas() -> None:
    with pytest.raises(GeographyError, match="need not cover England"):
        run(table(["value"], (BLABY, 5)), "count", Y2021, areas(X=[BLABY]),
            maximum_unmatched_share=0.1)  # fmt: skip


def test_people_who_are_counted_twice_are_refused() -> None:
    given = table(["value"], (NORTH_NORTHAMPTONSHIRE, 5), (CORBY, 1))
    with pytest.raises(GeographyError, match="covers the same people twice"):
        run(given, "count", Y2020, areas(X=[BLABY]))


def test_a_source_is_carried_to_lads_and_to_areas_of_several_days() -> None:
    located = pl.DataFrame(
        [(code, "lad", code, Y2021, "m", value) for code, value in
         ((BLABY, 5), (HARBOROUGH, 7), (NORTH_NORTHAMPTONSHIRE, 100))],
        schema=["place", "status", "from_code", "date", "measure", "value"],
        orient="row",
    )  # fmt: skip
    custom = [
        CustomArea(code=code, name=code, vintage=day, lads=lads)
        for code, day, lads in (
            ("X1", Y2021, (BLABY, HARBOROUGH)),
            ("X2", Y2020, (*FOUR,)),
            ("X3", Y2020, (CORBY,)),
            ("X4", Y2021, (CHARNWOOD,)),
        )
    ]
    made = {}
    with connect() as con:
        load_frame(con, "located", located)
        for kind in ("count", "change"):
            rules = {"kind": kind, "minimum_coverage": 0.8} if kind == "change" else {"kind": kind}
            made[kind] = convert_located(
                con, REGISTER, rules, source="A", to=Y2021, custom_areas=members_frame(custom)
            )
    rows = dict(made["count"].table.select("area", "value").iter_rows())
    assert list(rows)[:3] == [NORTH_NORTHAMPTONSHIRE, BLABY, HARBOROUGH]
    assert (rows["X1"], rows["X2"]) == (12, 100)
    assert 0 < rows["X3"] < 100
    assert "X4" not in rows
    matches = {
        kind: {
            area: (told["match"], told["from_codes"])
            for area, told in result.summary["custom_areas"].items()  # type: ignore[attr-defined]
        }
        for kind, result in made.items()
    }
    north = [NORTH_NORTHAMPTONSHIRE]
    assert matches["count"] == {
        "X1": ("exact", [BLABY, HARBOROUGH]),
        "X2": ("exact", north),
        "X3": ("best_fit", north),
        "X4": ("without_source", []),
    }
    assert matches["change"]["X3"] == ("not_convertible", north)
    assert matches["change"]["X1"][0] == "best_fit"
