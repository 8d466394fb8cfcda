from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lds.database import connect, load_frame
from lds.errors import GeographyError
from lds.geography import Register
from lds.sources.harmonise import Harmonised, convert_located

REGISTER = Register.load()
DAY = date(2020, 4, 1)
Y2018, Y2019, Y2020 = date(2018, 4, 1), date(2019, 4, 1), date(2020, 4, 1)
Y2021, Y2023, Y2025 = date(2021, 4, 1), date(2023, 4, 1), date(2025, 4, 1)

# Corby, East Northamptonshire, Kettering and Wellingborough; ONS mid-2019 residents
# 72,218 + 94,527 + 101,776 + 79,707 = 348,228.
CORBY, EAST, KETTERING, WELLINGBOROUGH = "E07000150", "E07000152", "E07000153", "E07000156"
NORTH_NORTHAMPTONSHIRE = "E06000061"


def convert(rows: list[tuple[object, ...]], to: date = Y2021, minimum: float = 0.8) -> Harmonised:
    """Convert rows of (code, value) or (code, value, day), or (place, status, code, value)."""
    full = []
    for row in rows:
        if len(row) == 4:
            place, status, code, value = row
            full.append((place, status, code, DAY, "parks", value))
        else:
            code, value = row[:2]
            full.append((code, "lad", code, row[2] if len(row) > 2 else DAY, "parks", value))
    schema = {
        **dict.fromkeys(["place", "status", "from_code"], pl.String),
        "date": pl.Date,
        "measure": pl.String,
        "value": pl.Int64,
    }
    with connect() as con:
        load_frame(con, "located", pl.DataFrame(full, schema=schema, orient="row"))
        rules = {"kind": "change", "minimum_coverage": minimum}
        return convert_located(con, REGISTER, rules, source="A source", to=to)


def only(conversion: Harmonised) -> dict[str, Any]:
    assert conversion.table.height == 1
    return conversion.table.row(0, named=True)


def test_a_merger_is_the_population_weighted_mean_of_its_parts() -> None:
    row = only(convert([(CORBY, -10), (EAST, -20), (KETTERING, -30), (WELLINGBOROUGH, -40)]))
    # 722,180 + 1,890,540 + 3,053,280 + 3,188,280 = 8,854,280; / 348,228 = 25.42667...
    assert row == {
        "area": NORTH_NORTHAMPTONSHIRE,
        "date": DAY,
        "measure": "parks",
        "value": -25.426674,
        "coverage": 1.0,
        "parts": 4,
        "from_codes": "E07000150 E07000152 E07000153 E07000156",
        "match": "best_fit",
        "path": " ".join(
            f"{code}>{NORTH_NORTHAMPTONSHIRE}" for code in (CORBY, EAST, KETTERING, WELLINGBOROUGH)
        ),
    }


@pytest.mark.parametrize("gap", ["absent", None])
def test_without_corby_the_others_hold_less_than_the_minimum(gap: str | None) -> None:
    corby = [] if gap else [(CORBY, None)]
    row = only(convert([*corby, (EAST, -20), (KETTERING, -30), (WELLINGBOROUGH, -40)]))
    # 276,010 of 348,228 people are 79.2613 %.
    assert (row["value"], row["coverage"], row["parts"]) == (None, 0.792613, 3)
    assert row["match"] == "best_fit"


def test_without_wellingborough_too_but_not_with_a_lower_minimum() -> None:
    row = only(convert([(CORBY, -10), (EAST, -20), (KETTERING, -30)], minimum=0.77))
    # 268,521 of 348,228 are 77.1107 %; 5,666,000 / 268,521 = 21.10077...
    assert (row["value"], row["coverage"]) == (-21.100771, 0.771107)


@pytest.mark.parametrize(("minimum", "has_value"), [(0.25, True), (0.2500001, False)])
def test_exactly_the_minimum_is_enough(minimum: float, has_value: bool) -> None:
    # Taunton Deane 120,040 and West Somerset 35,075 make 155,115; none is a round share,
    # so the register is given round numbers here.
    people = pl.DataFrame(
        {"code": ["E07000190", "E07000191", "E07000246"], "population": [1, 3, 4]},
    ).with_columns(year=pl.lit(2019, dtype=pl.Int64))
    register = Register(
        **{
            **{name: getattr(REGISTER, name) for name in Register.__dataclass_fields__},
            "population": people,
        }
    )
    schema = ["place", "status", "from_code", "date", "measure", "value"]
    rows = [("Taunton Deane", "lad", "E07000190", DAY, "parks", 6)]
    with connect() as con:
        load_frame(con, "located", pl.DataFrame(rows, schema=schema, orient="row"))
        rules = {"kind": "change", "minimum_coverage": minimum}
        table = convert_located(con, register, rules, source="A", to=Y2021).table
    assert table["value"].to_list() == [6.0 if has_value else None]


def test_codes_of_2018_among_codes_of_2019() -> None:
    result = convert(
        [
            ("E07000205", 10),
            ("E07000206", 20),
            ("E07000190", 1),
            ("E07000191", -1),
            ("E07000131", 5),
        ]
    )
    rows = {row[0]: row[1:] for row in result.table.select("area", "value", "match").rows()}
    assert rows == {
        # (131,028 x 10 + 118,433 x 20) / 249,461
        "E07000244": (14.747556, "best_fit"),
        # (120,040 - 35,075) / 155,115
        "E07000246": (0.547755, "best_fit"),
        "E07000131": (5.0, "exact"),
    }
    areas = result.summary["areas"]
    assert isinstance(areas, dict)
    assert areas["exact"] == 1
    assert areas["best_fit"] == {
        "E07000244": ["E07000205", "E07000206"],
        "E07000246": ["E07000190", "E07000191"],
    }
    assert len(areas["without_source"]) == 309 - 3


def test_two_steps_to_somerset_in_2023() -> None:
    rows = [
        ("E07000187", 1),
        ("E07000188", 2),
        ("E07000189", 3),
        ("E07000190", 4),
        ("E07000191", 5),
    ]
    row = only(convert(rows, Y2023))
    # 115,587 + 246,356 + 505,035 + 480,160 + 175,375 = 1,522,513; / 562,225
    assert (row["area"], row["value"], row["parts"]) == ("E06000066", 2.708014, 5)


def test_barnsley_and_sheffield_in_2025_are_best_fit() -> None:
    table = convert([("E08000016", 3), ("E08000019", 4)], Y2025).table
    assert table.select("area", "value", "match").rows() == [
        ("E08000038", 3.0, "best_fit"),
        ("E08000039", 4.0, "best_fit"),
    ]
    same = convert([("E08000016", 3)], Y2023).table
    assert same.select("area", "match").rows() == [("E08000016", "exact")]


def test_a_later_code_is_listed_with_the_reason_why_it_cannot_go_back() -> None:
    result = convert([("E06000060", 7), ("E06000060", None, date(2020, 4, 2)), (CORBY, 1)], Y2019)
    assert result.table["area"].to_list() == [CORBY]
    assert result.summary["values"] == {
        **{"placed": 2, "used": 1, "below_coverage": 0, "not_convertible": 1}
    }
    assert result.summary["not_convertible"] == {
        "E06000060": "E06000060 Buckinghamshire was made on 2020-04-01 from E07000004 Aylesbury"
        " Vale, E07000005 Chiltern, E07000006 South Bucks, E07000007 Wycombe."
    }
    areas = result.summary["areas"]
    assert isinstance(areas, dict)
    assert areas["made_from_later_codes"] == {
        code: ["E06000060"] for code in ("E07000004", "E07000005", "E07000006", "E07000007")
    }


def test_unknown_places_are_all_named() -> None:
    with pytest.raises(GeographyError) as caught:
        convert([("Camelot", "unknown", None, 1), ("Avalon", "unknown", None, None), (CORBY, 1)])
    assert caught.value.values == ["Avalon", "Camelot"]
    assert "google_place_names.csv" in str(caught.value)


@pytest.mark.parametrize("code", ["E07999999", "E06000000"])
def test_a_code_that_the_register_does_not_know_is_named(code: str) -> None:
    with pytest.raises(GeographyError, match=f"does not know(.|\n)*{code}"):
        convert([(code, 1), (CORBY, 1)])


@pytest.mark.parametrize(
    ("rows", "to", "named"),
    [
        ([(NORTH_NORTHAMPTONSHIRE, 1), (CORBY, 1)], Y2021, "E07000150 .* E06000061"),
        ([("E07000244", 1), ("E07000206", None)], Y2021, "E07000206 .* E07000244"),
        # Without Mendip the two overlapping areas still hold fewer people than Somerset.
        ([("E07000246", 1), ("E07000191", 1)], Y2023, "E07000191 .* E07000246"),
        ([("E06000066", 1), ("E07000191", 1)], Y2023, "E07000191 .* E06000066"),
    ],
)
def test_an_area_beside_its_own_predecessor_on_one_day_is_refused(
    rows: list[tuple[object, ...]], to: date, named: str
) -> None:
    with pytest.raises(GeographyError, match=f"own predecessors(.|\n)*2020-04-01, parks: {named}"):
        convert(rows, to)


def test_an_area_beside_its_predecessor_on_another_day_is_allowed() -> None:
    rows = [("E07000205", 1), ("E07000206", 1), ("E07000244", 2, date(2020, 4, 2))]
    table = convert(rows).table
    assert table.select("date", "value", "match").rows() == [
        (DAY, 1.0, "best_fit"),
        (date(2020, 4, 2), 2.0, "exact"),
    ]


@pytest.mark.parametrize("code", ["E07000131", CORBY])
def test_two_places_with_one_code_are_refused(code: str) -> None:
    with pytest.raises(GeographyError, match=r"for one area(.|\n)*Here\) and .*There\)"):
        convert([("Here", "lad", code, 1), ("There", "lad", code, 2)])


def test_places_without_a_district_are_counted_and_left_out() -> None:
    result = convert(
        [
            ("", "national", None, 1),
            ("Dorset", "no_lad", None, 2),
            ("Penryn", "no_lad", None, None),
            ("Cardiff", "outside_england", "W06000015", 3),
            ("Corby", "lad", CORBY, 4),
        ],
        Y2019,
    )
    assert result.table["area"].to_list() == [CORBY]
    assert result.summary["places"] == {
        "lad": {"places": 1, "values": 1},
        "national": {"places": 1, "values": 1},
        "no_lad": {"places": 2, "values": 1},
        "outside_england": {"places": 1, "values": 1},
    }


CODES_2019 = sorted(REGISTER.live_on(Y2019)["code"])
NAMES = sorted(
    set(CODES_2019) - {"E07000244", "E07000246"}
    | {"E07000190", "E07000191", "E07000205", "E07000206"}
)


@settings(max_examples=25, deadline=None)
@given(
    values=st.dictionaries(
        st.sampled_from(NAMES), st.one_of(st.none(), st.integers(-100, 500)), min_size=1
    ),
    to=st.sampled_from([Y2018, Y2019, Y2020, Y2021, Y2023, Y2025]),
)
def test_no_value_is_lost(values: dict[str, int | None], to: date) -> None:
    result = convert(list(values.items()), to)
    account = result.summary["values"]
    assert isinstance(account, dict)
    assert account["placed"] == sum(value is not None for value in values.values())
    assert account["placed"] == (
        account["used"] + account["below_coverage"] + account["not_convertible"]
    )
    live = set(REGISTER.live_on(to)["code"])
    assert set(result.table["area"]) <= live
    known = [value for value in values.values() if value is not None]
    for value in result.table["value"].drop_nulls():
        assert min(known) <= value <= max(known)


def test_the_run_stops_when_too_much_leads_nowhere() -> None:
    rows = [
        (code, "lad", code, DAY, "parks", value)
        for code, value in (("E06000060", 7), (CORBY, 1), (EAST, 2))
    ]
    located = pl.DataFrame(
        rows, schema=["place", "status", "from_code", "date", "measure", "value"], orient="row"
    )
    rules = {"kind": "change", "minimum_coverage": 0.8}
    with connect() as con:
        load_frame(con, "located", located)
        with pytest.raises(GeographyError, match=r"33\.33%(.|\n)*at most 33\.00%") as caught:
            convert_located(
                con, REGISTER, rules, source="A", to=Y2019, maximum_unmatched_share=0.33
            )
        assert caught.value.values == ["E06000060"]
        assert "max_unmatched_share" in str(caught.value)
        made = convert_located(
            con, REGISTER, rules, source="A", to=Y2019, maximum_unmatched_share=0.34
        )
    assert made.summary["rows"] == {"given": 3, "matched": 2, "lost": 1}
    assert made.summary["people"] == {"matched": 72_218 + 94_527, "lost": 543_973}


@pytest.mark.parametrize(
    ("kind", "columns", "first", "second", "expected"),
    [
        ("count", ["value"], (3,), (4,), {"value": 7.0}),
        ("rate", ["numerator", "denominator"], (1, 10), (9, 30), {"value": 0.25}),
        ("mean", ["value", "n"], (2, 10), (4, 30), {"value": 3.5, "n": 40.0}),
        ("category", ["value"], (2,), (2,), {"value": 2.0, "labels": "2", "coverage": 1.0}),
    ],
)
def test_every_kind_in_the_form_of_the_workflow(
    kind: str,
    columns: list[str],
    first: tuple[int, ...],
    second: tuple[int, ...],
    expected: dict[str, object],
) -> None:
    # Suffolk Coastal and Waveney.
    located = pl.DataFrame(
        [
            ("One", "lad", "E07000205", DAY, "a", *first),
            ("Two", "lad", "E07000206", DAY, "a", *second),
        ],
        schema=["place", "status", "from_code", "date", "measure", *columns],
        orient="row",
    )
    with connect() as con:
        load_frame(con, "located", located)
        row = only(convert_located(con, REGISTER, {"kind": kind}, source="A", to=Y2021))
    assert row["area"] == "E07000244"
    assert row["match"] == "exact"
    assert {name: row[name] for name in expected} == expected


def test_a_median_of_a_merged_area_has_no_row_and_its_reason() -> None:
    located = pl.DataFrame(
        [
            ("One", "lad", "E07000205", DAY, "a", 3),
            ("Two", "lad", "E07000206", DAY, "a", 4),
            ("Three", "lad", "E07000131", DAY, "a", 5),
        ],
        schema=["place", "status", "from_code", "date", "measure", "value"],
        orient="row",
    )
    with connect() as con:
        load_frame(con, "located", located)
        made = convert_located(con, REGISTER, {"kind": "median"}, source="A", to=Y2021)
    assert made.table["area"].to_list() == ["E07000131"]
    areas = made.summary["areas"]
    assert isinstance(areas, dict)
    assert areas["not_convertible"] == {"E07000244": ["E07000205", "E07000206"]}
