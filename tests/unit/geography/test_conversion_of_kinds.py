"""Every kind of value, forward and backward, against hand calculations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from lds.database import connect, load_frame
from lds.errors import GeographyError
from lds.geography import Register, Weights, area_weights, convert, convert_frame
from lds.geography.conversion.engine import Conversion
from lds.geography.conversion.kinds import kinds
from lds.geography.conversion.sensitivity import compare_weights
from lds.io import SQL, read_yaml
from lds.schema import problems

REGISTER = Register.load()
Y2009, BEFORE_2009 = date(2009, 4, 1), date(2009, 3, 31)
Y2018, Y2021, Y2023 = date(2018, 4, 1), date(2021, 4, 1), date(2023, 4, 1)
DAY = date(2020, 4, 1)

# ONS mid-2019 residents: Suffolk Coastal 131,028, Waveney 118,433, East Suffolk 249,461.
COASTAL, WAVENEY, EAST_SUFFOLK = "E07000205", "E07000206", "E07000244"
HARBOROUGH = "E07000131"
BARNSLEY_OLD, BARNSLEY = "E08000016", "E08000038"
BUCKS, BUCKS_PARTS = "E06000060", ["E07000004", "E07000005", "E07000006", "E07000007"]


def table(columns: Sequence[str], *rows: Sequence[object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["from_code", *columns], orient="row")


def run(frame: pl.DataFrame, kind: str, to: date = Y2021, **options: Any) -> Conversion:
    return convert_frame(frame, REGISTER, to=to, kind=kind, **options)


def rows(conversion: Conversion, *columns: str) -> list[tuple[object, ...]]:
    return conversion.table.select(*columns).rows()


def test_counts_add_up_forward() -> None:
    given = table(["value"], (COASTAL, 3), (WAVENEY, 4), (HARBOROUGH, 5))
    made = run(given, "count")
    assert made.table.columns == ["area", "value", "parts", "from_codes", "match", "path"]
    assert made.table.rows() == [
        (HARBOROUGH, 5, 1, HARBOROUGH, "exact", HARBOROUGH),
        *[
            (
                *(EAST_SUFFOLK, 7, 2, f"{COASTAL} {WAVENEY}", "exact"),
                f"{COASTAL}>{EAST_SUFFOLK} {WAVENEY}>{EAST_SUFFOLK}",
            )
        ],
    ]
    assert made.table.schema["value"] == pl.Int64
    assert made.account.totals == {
        "value": {
            **{"before": "12", "after": "12", "incomplete": "0"},
            **{"not_convertible": "0", "without_code": "0"},
        }
    }
    assert made.account.people == {"matched": 131_028 + 118_433 + 93_807, "lost": 0}
    assert made.account.paths == {
        COASTAL: [f"{COASTAL}>{EAST_SUFFOLK}"],
        WAVENEY: [f"{WAVENEY}>{EAST_SUFFOLK}"],
    }


@pytest.mark.parametrize("part", [(), ((WAVENEY, None),)], ids=["no row", "no value"])
def test_a_count_with_a_part_missing_is_missing(part: tuple[tuple[str, None], ...]) -> None:
    made = run(table(["value"], (COASTAL, 3), *part, (HARBOROUGH, 5)), "count")
    assert rows(made, "area", "value", "match") == [
        (HARBOROUGH, 5, "exact"),
        (EAST_SUFFOLK, None, "exact"),
    ]
    totals = made.account.totals["value"]
    assert (totals["before"], totals["after"], totals["incomplete"]) == ("8", "5", "3")
    assert made.account.values == {
        **{"placed": 2, "used": 1, "below_coverage": 1, "not_convertible": 0}
    }


def test_a_part_without_a_row_may_be_declared_zero_but_a_missing_value_stays_missing() -> None:
    assert rows(run(table(["value"], (COASTAL, 3)), "count", absent="zero"), "value") == [(3,)]
    given = table(["value"], (COASTAL, 3), (WAVENEY, None))
    assert rows(run(given, "count", absent="zero"), "value") == [(None,)]


def test_a_count_is_divided_backward_by_population() -> None:
    made = run(table(["value"], (EAST_SUFFOLK, 1000)), "count", Y2018)
    # 1000 x 131,028 / 249,461 = 525.24442...
    assert rows(made, "area", "value", "match", "path") == [
        (COASTAL, 525.244427, "best_fit", f"{EAST_SUFFOLK}>{COASTAL}"),
        (WAVENEY, 474.755573, "best_fit", f"{EAST_SUFFOLK}>{WAVENEY}"),
    ]
    assert made.account.basis == "population mid-2019"
    assert made.account.totals["value"]["after"] == "1000"


def test_records_of_one_code_and_key_add_up_only_when_asked() -> None:
    given = table(["day", "value"], (COASTAL, DAY, 1), (COASTAL, DAY, 2), (WAVENEY, DAY, 4))
    with pytest.raises(GeographyError, match=r"two of its rows(.|\n)*2020-04-01: E07000205"):
        run(given, "count")
    made = run(given, "count", records=True)
    assert rows(made, "area", "day", "value") == [(EAST_SUFFOLK, DAY, 7)]
    assert made.account.rows == {"given": 3, "matched": 3, "lost": 0}
    with pytest.raises(GeographyError, match="Records of kind rate"):
        run(given, "rate", records=True)


def test_a_rate_is_made_anew_and_never_averaged() -> None:
    given = table(["numerator", "denominator"], (COASTAL, 1, 10), (WAVENEY, 9, 30))
    made = run(given, "rate")
    # (1 + 9) / (10 + 30), not the mean of 0.1 and 0.3.
    assert rows(made, "value", "numerator", "denominator") == [(0.25, 10, 40)]
    back = run(table(["numerator", "denominator"], (EAST_SUFFOLK, 1, 3)), "rate", Y2018)
    assert rows(back, "area", "value", "match") == [
        (COASTAL, 1 / 3, "best_fit"),
        (WAVENEY, 1 / 3, "best_fit"),
    ]
    assert back.table["numerator"].sum() == 1
    assert back.table["denominator"].sum() == 3


def test_a_rate_without_denominator_is_missing() -> None:
    made = run(table(["numerator", "denominator"], (HARBOROUGH, 0, 0)), "rate")
    assert rows(made, "value", "numerator", "denominator") == [(None, 0, 0)]
    with pytest.raises(GeographyError, match="denominator that are below zero"):
        run(table(["numerator", "denominator"], (HARBOROUGH, 1, -1)), "rate")


def test_a_mean_is_weighted_by_its_n() -> None:
    made = run(table(["value", "n"], (COASTAL, 2.5, 10), (WAVENEY, 4.0, 30)), "mean")
    # (25 + 120) / 40
    assert rows(made, "value", "n", "match") == [(3.625, 40, "exact")]
    back = run(table(["value", "n"], (EAST_SUFFOLK, 3.625, 40)), "mean", Y2018)
    assert rows(back, "value", "match") == [(3.625, "best_fit"), (3.625, "best_fit")]
    assert back.table["n"].sum() == 40


def test_a_change_goes_forward_only() -> None:
    forward = run(table(["value"], (COASTAL, 10), (WAVENEY, 20)), "change", minimum_coverage=0.8)
    # (131,028 x 10 + 118,433 x 20) / 249,461
    assert rows(forward, "value", "match") == [(14.747556, "best_fit")]
    back = run(table(["value"], (EAST_SUFFOLK, 10)), "change", Y2018, minimum_coverage=0.8)
    assert rows(back, "area", "value", "match") == [
        (COASTAL, None, "not_convertible"),
        (WAVENEY, None, "not_convertible"),
    ]


def test_a_label_holds_for_every_part_backward() -> None:
    back = run(table(["value"], (EAST_SUFFOLK, "tier 2")), "category", Y2018)
    assert rows(back, "area", "value", "labels", "coverage", "match") == [
        (COASTAL, "tier 2", "tier 2", 1.0, "exact"),
        (WAVENEY, "tier 2", "tier 2", 1.0, "exact"),
    ]


def test_parts_with_different_labels_give_that_of_most_people() -> None:
    given = table(["value"], (COASTAL, 2), (WAVENEY, 3))
    made = run(given, "category")
    assert rows(made, "value", "labels", "coverage", "match") == [
        (2, "2 3", round(131_028 / 249_461, 6), "best_fit")
    ]
    assert rows(run(given.head(1), "category"), "value", "labels", "match") == [
        (None, "2", "best_fit")
    ]


@pytest.mark.parametrize("kind", ["median", "index", "rank"])
def test_what_cannot_be_made_from_areas_stays_only_where_an_area_is_unchanged(kind: str) -> None:
    given = table(["value"], (COASTAL, 1.123456789), (WAVENEY, 2), (HARBOROUGH, 3.123456789))
    made = run(given, kind)
    assert rows(made, "area", "value", "from_codes", "match") == [
        (HARBOROUGH, 3.123456789, HARBOROUGH, "exact"),
        (EAST_SUFFOLK, None, f"{COASTAL} {WAVENEY}", "not_convertible"),
    ]
    assert made.account.codes == {"given": 3, "matched": 1, "lost": 2}
    assert made.account.areas["not_convertible"] == {EAST_SUFFOLK: [COASTAL, WAVENEY]}
    assert f"a {kind} of E07000244 cannot" in made.account.not_convertible[COASTAL]
    recoded = run(table(["value"], ("E07000025", 7.0)), kind)
    assert rows(recoded, "area", "value", "match") == [("E06000053", 7.0, "exact")]
    moved = run(table(["value"], (BARNSLEY_OLD, 7.0)), kind, date(2025, 4, 1))
    assert rows(moved, "area", "value", "match") == [(BARNSLEY, None, "not_convertible")]


@pytest.mark.parametrize("kind", ["count", "change", "category"])
def test_the_day_of_a_change_is_exact(kind: str) -> None:
    given = table(["value"], *((code, 1) for code in BUCKS_PARTS))
    options = {"minimum_coverage": 0.8} if kind == "change" else {}
    before = run(given, kind, date(2020, 3, 31), **options)
    assert before.table["area"].to_list() == BUCKS_PARTS
    after = run(given, kind, date(2020, 4, 1), **options)
    assert after.table["area"].to_list() == [BUCKS]


def test_mixed_vintages_of_different_days_each_go_their_own_way() -> None:
    later = date(2020, 4, 2)
    given = table(["day", "value"], (COASTAL, DAY, 1), (WAVENEY, DAY, 2), (EAST_SUFFOLK, later, 4))
    assert rows(run(given, "count"), "day", "value", "match") == [
        (DAY, 3, "exact"),
        (later, 4, "exact"),
    ]
    back = run(given, "count", Y2018)
    assert rows(back, "area", "day", "match") == [
        (COASTAL, DAY, "exact"),
        (COASTAL, later, "best_fit"),
        (WAVENEY, DAY, "exact"),
        (WAVENEY, later, "best_fit"),
    ]


def test_before_april_2009_there_are_no_weights() -> None:
    durham = table(["value"], ("E06000047", 7), (HARBOROUGH, 1), ("E06000055", 5))
    made = run(durham, "count", BEFORE_2009)
    lost = made.table.filter(pl.col("match") == "not_convertible")
    assert lost["value"].null_count() == lost.height == 7
    assert made.account.totals["value"]["not_convertible"] == "7"
    assert made.account.not_convertible == {
        "E06000047": "no weight is known for it (population mid-2019)."
    }
    # Bedford only changed its code.
    kept = made.table.filter(pl.col("match") == "exact")
    assert kept.select("area", "value").rows() == [("E07000002", 5.0), (HARBOROUGH, 1.0)]
    with pytest.raises(GeographyError, match=r"33\.33% of the rows") as caught:
        run(durham, "count", BEFORE_2009, maximum_unmatched_share=0.1)
    assert caught.value.values == ["E06000047"]
    assert run(durham, "count", BEFORE_2009, maximum_unmatched_share=0.34).table.height == 9


def test_own_weights_that_do_not_cover_are_refused() -> None:
    weights = area_weights(
        REGISTER, pl.DataFrame({"code": [COASTAL], "weight": [1]}), basis="my weights"
    )
    with pytest.raises(GeographyError, match="'my weights' do not cover") as caught:
        run(table(["value"], (EAST_SUFFOLK, 1)), "count", Y2018, weights=weights)
    assert caught.value.values == [EAST_SUFFOLK]
    same = run(table(["value"], (HARBOROUGH, 1)), "count", Y2018, weights=weights)
    assert rows(same, "value") == [(1,)]


def test_own_weights_before_2009() -> None:
    households = pl.DataFrame({"code": ["E07000001", "E07000003"], "weight": [1, 3]})
    weights = area_weights(REGISTER, households, basis="households")
    made = run(table(["value"], ("E06000056", 100)), "count", BEFORE_2009, weights=weights)
    assert rows(made, "area", "value") == [("E07000001", 25.0), ("E07000003", 75.0)]
    assert made.account.basis == "households"


def test_the_difference_between_weights_is_shown() -> None:
    equal = area_weights(
        REGISTER,
        pl.DataFrame({"code": [COASTAL, WAVENEY, HARBOROUGH], "weight": [1, 1, 1]}),
        basis="equal",
    )
    skewed = area_weights(
        REGISTER,
        pl.DataFrame({"code": [COASTAL, WAVENEY, HARBOROUGH], "weight": [3, 1, 1]}),
        basis="skewed",
    )
    given = table(
        ["day", "value"], (EAST_SUFFOLK, 1, 100), (EAST_SUFFOLK, 2, 0), (HARBOROUGH, 1, 5)
    )
    with connect() as con:
        load_frame(con, "given_table", given)
        found = compare_weights(
            con, "given_table", REGISTER, bases=[equal, skewed], to=Y2018, kind="count"
        )
        with pytest.raises(GeographyError, match="two or more weights"):
            compare_weights(con, "given_table", REGISTER, bases=[equal], to=Y2018, kind="count")
    # 75 and 25 in place of 50 and 50; nothing in place of nothing.
    assert found.rows() == [
        (COASTAL, "value", "skewed", "equal", 2, 0.5, 0.5, 0.5),
        (WAVENEY, "value", "skewed", "equal", 2, 0.5, 0.5, 0.5),
    ]


def test_rows_without_a_code_are_lost_and_counted() -> None:
    given = pl.DataFrame({"from_code": [HARBOROUGH, None], "day": [1, 1], "value": [2, 5]})
    made = run(given, "count")
    assert made.account.rows == {"given": 2, "matched": 1, "lost": 1}
    assert made.account.totals["value"]["without_code"] == "5"
    assert made.account.totals["value"]["before"] == "7"
    with pytest.raises(GeographyError, match=r"50\.00%(.|\n)*rows without a code"):
        run(given, "count", maximum_unmatched_share=0.2)


def test_several_keys_of_any_name_and_type_with_missing_ones() -> None:
    given = pl.DataFrame(
        {
            "code": [COASTAL, WAVENEY, COASTAL, WAVENEY],
            "weight": ["a", "a", None, None],
            "sum of": [1.5, 1.5, 1.5, 1.5],
            "deaths": [1, 2, 3, 4],
        }
    )
    made = run(given, "count", code="code", values={"value": "deaths"})
    assert made.table.columns[:4] == ["area", "weight", "sum of", "value"]
    assert sorted(made.table["value"].to_list()) == [3, 7]
    assert made.table["weight"].null_count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"to": date(2026, 1, 1)}, "does not cover 2026-01-01"),
        ({"to": date(2008, 12, 31)}, "does not cover 2008-12-31"),
        ({"kind": "average"}, "no kind of value called 'average'(.|\n)*count, rate, mean"),
        ({"kind": "change"}, "change needs a minimum coverage"),
        ({"minimum_coverage": 0.5}, "count has no minimum coverage"),
        ({"kind": "category", "minimum_coverage": 1.5}, "share above 0(.|\n)*1.5"),
        ({"code": "lad"}, "lacks columns(.|\n)*lad"),
        ({"kind": "rate"}, "lacks columns(.|\n)*numerator, denominator"),
        ({"keys": ["area"]}, "lacks columns(.|\n)*area"),
        ({"values": {"value": "word"}, "keys": []}, r"no numbers(.|\n)*word \(VARCHAR\)"),
        ({"values": {"value": "huge"}, "keys": []}, r"infinite, or 1e\+12 or more(.|\n)*inf"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(change: dict[str, Any], message: str) -> None:
    given = table(["value", "word", "huge"], (HARBOROUGH, 1, "one", float("inf")))
    options = {"to": Y2021, "kind": "count", **change}
    with pytest.raises(GeographyError, match=message):
        convert_frame(given, REGISTER, **options)


def test_unknown_codes_are_named() -> None:
    given = table(["value"], (HARBOROUGH, 1), ("E07999999", 2), ("W06000015", 3))
    with pytest.raises(GeographyError, match="does not know") as caught:
        run(given, "count")
    assert caught.value.values == ["E07999999", "W06000015"]


@pytest.mark.parametrize(
    ("to", "codes"),
    [
        (Y2021, (WAVENEY, EAST_SUFFOLK)),
        (Y2018, (WAVENEY, EAST_SUFFOLK)),
        (Y2018, ("E07000187", "E06000066")),
    ],
)
def test_an_area_beside_its_own_predecessor_is_refused_in_both_directions(
    to: date, codes: tuple[str, str]
) -> None:
    given = table(["value"], *((code, 1) for code in codes))
    with pytest.raises(GeographyError, match=f"own predecessors(.|\n)*{codes[0]} and {codes[1]}"):
        run(given, "count", to)


def test_a_connection_can_be_used_again() -> None:
    given = table(["value"], (COASTAL, 3), (WAVENEY, 4))
    with connect() as con:
        load_frame(con, "mine", given)
        first = convert(con, "mine", REGISTER, to=Y2021, kind="count").table
        assert convert(con, "mine", REGISTER, to=Y2021, kind="count").table.equals(first)
        with pytest.raises(GeographyError, match="no table called 'other'"):
            convert(con, "other", REGISTER, to=Y2021, kind="count")
        names = con.execute("select table_name from information_schema.tables").fetchall()
        assert names == [("mine",)]


def test_every_kind_has_its_statement_its_table_and_a_place_in_contracts() -> None:
    schema = read_yaml(SQL.parent / "schemas" / "source.schema.yaml")
    block = {**schema["properties"]["conversion"], "$defs": schema["$defs"]}
    assert schema["$defs"]["kind"]["enum"] == list(kinds())
    for name, kind in kinds().items():
        assert kind.statement.startswith("--")
        assert (SQL.parent / "schemas" / "tables" / f"harmonised_{name}.yaml").is_file()
        wanting = list(problems({"kind": name}, block))
        assert bool(wanting) == (kind.coverage == "needed")


def test_weights_are_frozen_with_their_name() -> None:
    assert Weights("a basis", pl.DataFrame({"code": ["x"], "weight": [2]})).of() == {"x": 2}
