from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from lds.database import connect, load_frame, query
from lds.geography import Register
from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.harmonise import harmonise

DAY = date(2020, 4, 1)
VINTAGE = date(2021, 4, 1)
HARMONISED = SQL / "harmonised"
HELENS = "Metropolitan Borough of St Helens"
MEASURES = (
    *("retail_and_recreation", "grocery_and_pharmacy", "parks"),
    *("transit_stations", "workplaces", "residential"),
)


def located(
    places: list[tuple[str | None, str | None, int | None]],
    lookup: list[tuple[str, str | None, str | None]],
    names: list[tuple[str, str | None, str, str | None]],
    country: str = "GB",
) -> list[tuple[object, ...]]:
    """Return (place, status, from_code, date, value) of the measure parks."""
    mobility = pl.DataFrame(
        [
            (country, first, second, DAY, *(10, 20, value, 40, 50, 60))
            for first, second, value in places
        ],
        schema={
            "country_region_code": pl.String,
            "sub_region_1": pl.String,
            "sub_region_2": pl.String,
            "date": pl.Date,
            **dict.fromkeys(MEASURES, pl.Int16),
        },
        orient="row",
    )
    keys = ["sub_region_1", "sub_region_2"]
    text = dict.fromkeys([*keys, "lad_code"], pl.String)
    renamed = dict.fromkeys([*keys, *(f"lookup_{key}" for key in keys)], pl.String)
    with connect() as con:
        load_frame(con, "google_mobility", mobility)
        look_up = pl.DataFrame(lookup, schema=text, orient="row")
        look_up = look_up.with_columns(pl.lit("GB").alias("country_region_code"))
        load_frame(con, "google_places", look_up)
        load_frame(con, "google_place_names", pl.DataFrame(names, schema=renamed, orient="row"))
        statement = (HARMONISED / "google_mobility.sql").read_text(encoding="utf-8")
        table = query(con, statement)
    assert table.height == 6 * len(places)
    assert set(table["measure"]) == set(MEASURES)
    home = table.filter(pl.col("measure") == "residential")
    assert home["value"].to_list() == [60] * len(places)
    return table.filter(pl.col("measure") == "parks").drop("measure").rows()


def test_places_of_other_countries_are_set_aside() -> None:
    rows = located([(None, None, 1), ("Dorset", None, 2)], [("Dorset", None, "E1")], [], "US")
    assert [row[1] for row in rows] == ["other_country", "other_country"]
    assert [row[2] for row in rows] == [None, None]


def test_places_find_their_codes_and_the_others_their_reason() -> None:
    rows = located(
        [
            (None, None, 1),
            ("Rutland", None, 2),
            ("Merseyside", None, 3),
            ("Merseyside", "Metropolitan Borough of St Helens", None),
            ("Dorset", None, 5),
            ("Dorset", "Dorset", 6),
            ("Shropshire", None, 7),
            ("Cornwall", "Penryn", 8),
            ("Cardiff", None, 9),
            ("Rutland", "Elsewhere", 10),
        ],
        [
            ("Rutland", None, "E06000017"),
            ("Merseyside", None, None),
            ("Merseyside", "Saint Helens District", "E08000013"),
            ("Dorset", None, None),
            ("Dorset", "Dorset", "E06000059"),
            ("Shropshire", None, "E06000051"),
            ("Cornwall", "Penryn", None),
            ("Cardiff", None, "W06000015"),
        ],
        [
            (
                "Merseyside",
                "Metropolitan Borough of St Helens",
                "Merseyside",
                "Saint Helens District",
            )
        ],
    )
    assert sorted(rows) == sorted(
        [
            ("", "national", None, DAY, 1),
            ("Rutland", "lad", "E06000017", DAY, 2),
            ("Merseyside", "no_lad", None, DAY, 3),
            ("Merseyside / Metropolitan Borough of St Helens", "lad", "E08000013", DAY, None),
            ("Dorset", "no_lad", None, DAY, 5),
            ("Dorset / Dorset", "lad", "E06000059", DAY, 6),
            ("Shropshire", "lad", "E06000051", DAY, 7),
            ("Cornwall / Penryn", "no_lad", None, DAY, 8),
            ("Cardiff", "outside_england", "W06000015", DAY, 9),
            ("Rutland / Elsewhere", "unknown", None, DAY, 10),
        ],
        key=lambda row: row[0],
    )


def test_a_renamed_place_gives_its_code_to_no_other() -> None:
    # The original gave the code of St Helens to every place that it could not match.
    rows = located(
        [("Merseyside", "Metropolitan Borough of St Helens", 1), ("Merseyside", "Elsewhere", 2)],
        [("Merseyside", "Saint Helens District", "E08000013")],
        [
            (
                "Merseyside",
                "Metropolitan Borough of St Helens",
                "Merseyside",
                "Saint Helens District",
            )
        ],
    )
    assert {row[0].split(" / ")[1]: row[1] for row in rows} == {  # type: ignore[attr-defined]
        "Metropolitan Borough of St Helens": "lad",
        "Elsewhere": "unknown",
    }


def converted(
    kind: str,
    given: pl.DataFrame,
    pairs: list[tuple[str, str, str, int, int]],
    weights: dict[str, int],
    minimum: float = 0.8,
) -> pl.DataFrame:
    """Run one conversion: `pairs` are from_code, to_code, match, covers, whole."""
    crosswalk = pl.DataFrame(
        [
            (
                *pair,
                f"{pair[0]}>{pair[1]}",
                weights.get(pair[0]),
                weights.get(pair[1]),
                0.0,
                1.0,
                2**n,
            )
            for n, pair in enumerate(pairs)
        ],
        schema={
            **dict.fromkeys(["from_code", "to_code", "match"], pl.String),
            **dict.fromkeys(["covers", "whole"], pl.Int64),
            "path": pl.String,
            **dict.fromkeys(["weight", "target_weight"], pl.Int64),
            **dict.fromkeys(["share_before", "share_after"], pl.Float64),
            "bit": pl.Int64,
        },
        orient="row",
    )
    with connect() as con:
        load_frame(con, "given", given.with_columns(key=pl.lit(DAY), n_rows=pl.lit(1)))
        load_frame(con, "crosswalk", crosswalk)
        con.execute(f"set variable minimum_coverage = {minimum}")
        con.execute("set variable absent_is_zero = false")
        con.execute((SQL / "harmonised" / "share_of.sql").read_text(encoding="utf-8"))
        statement = (SQL / "harmonised" / f"convert_{kind}.sql").read_text(encoding="utf-8")
        con.execute(f"create table converted as {statement}")
        behind = query(con, (HARMONISED / "combinations.sql").read_text(encoding="utf-8"))
        table = query(con, "select * from converted")
    assert behind.select("area", "combination").is_duplicated().sum() == 0
    joined = table.join(behind, on=["area", "combination"])
    assert joined.height == table.height
    return joined.drop("key", "combination").sort("area")


def changed(
    values: list[tuple[str, int | None]],
    pairs: list[tuple[str, str, str, int, int]],
    people: dict[str, int],
    minimum: float = 0.8,
) -> list[tuple[object, ...]]:
    """Return area, value, coverage, parts, from_codes and match of relative changes."""
    schema = {"from_code": pl.String, "value": pl.Int64}
    given = pl.DataFrame(values, schema=schema, orient="row")
    table = converted("change", given, pairs, people, minimum)
    return table.select("area", "value", "coverage", "parts", "from_codes", "match").rows()


MERGER = [
    *(("A", "M", "exact", 1, 3), ("B", "M", "exact", 2, 3)),
    *(("M", "M", "exact", 3, 3), ("Z", "Z", "exact", 1, 1)),
]
PEOPLE = {"A": 80, "B": 20, "M": 100, "Z": 7}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # (80 x -10 + 20 x -20) / 100 = -12
        ([("A", -10), ("B", -20)], ("M", -12.0, 1.0, 2, "A B", "best_fit")),
        ([("B", -20), ("A", -10)], ("M", -12.0, 1.0, 2, "A B", "best_fit")),
        ([("A", -10), ("B", None)], ("M", -10.0, 0.8, 1, "A B", "best_fit")),
        ([("A", -10)], ("M", -10.0, 0.8, 1, "A", "best_fit")),
        ([("B", -20)], ("M", None, 0.2, 1, "B", "best_fit")),
        ([("A", None), ("B", None)], ("M", None, 0.0, 0, "A B", "best_fit")),
        ([("A", 0), ("B", 0)], ("M", 0.0, 1.0, 2, "A B", "best_fit")),
        ([("M", -3)], ("M", -3.0, 1.0, 1, "M", "exact")),
        ([("Z", 4)], ("Z", 4.0, 1.0, 1, "Z", "exact")),
        ([("Z", None)], ("Z", None, 0.0, 0, "Z", "exact")),
        # (80 x 1 + 20 x 2) / 100
        ([("A", 1), ("B", 2)], ("M", 1.2, 1.0, 2, "A B", "best_fit")),
    ],
)
def test_convert_change(values: list[tuple[str, int | None]], expected: tuple[object, ...]) -> None:
    assert changed(values, MERGER, PEOPLE) == [expected]


def test_a_share_just_below_the_minimum_gives_no_value() -> None:
    people = {"A": 799_999, "B": 200_001, "M": 1_000_000, "Z": 1}
    (row,) = changed([("A", -10)], MERGER, people)
    assert row[1:3] == (None, 0.799999)


def test_thirds_are_rounded_to_six_decimals() -> None:
    (row,) = changed([("A", 1), ("B", 2)], MERGER, {"A": 1, "B": 2, "M": 3, "Z": 1})
    assert row[1] == 1.666667


def test_a_recode_over_a_moved_boundary_is_best_fit() -> None:
    steps = [("Z", "Y", "best_fit", 1, 1), ("Y", "Y", "exact", 1, 1)]
    (row,) = changed([("Z", 4)], steps, {"Z": 7, "Y": 7})
    assert row == ("Y", 4.0, 1.0, 1, "Z", "best_fit")


@pytest.mark.parametrize(
    ("labels", "people", "minimum", "expected"),
    [
        # value, labels, coverage, parts, from_codes, match
        ([("A", 2), ("B", 2)], PEOPLE, 0.8, (2, "2", 1.0, 2, "A B", "exact")),
        ([("A", 2), ("B", 3)], PEOPLE, 0.8, (2, "2 3", 0.8, 2, "A B", "best_fit")),
        (
            [("A", 3), ("B", 2)],
            {"A": 20, "B": 80, "M": 100},
            0.8,
            (2, "2 3", 0.8, 2, "A B", "best_fit"),
        ),
        # As many people under each: the smaller label.
        (
            [("A", 3), ("B", 2)],
            {"A": 50, "B": 50, "M": 100},
            0.8,
            (2, "2 3", 0.5, 2, "A B", "best_fit"),
        ),
        ([("A", 2)], PEOPLE, 0.8, (2, "2", 0.8, 1, "A", "best_fit")),
        ([("A", 2)], PEOPLE, 0.81, (None, "2", 0.8, 1, "A", "best_fit")),
        ([("A", 2), ("B", None)], PEOPLE, 0.8, (2, "2", 0.8, 1, "A B", "best_fit")),
        ([("A", None), ("B", None)], PEOPLE, 0.8, (None, None, 0.0, 0, "A B", "best_fit")),
        ([("Z", None)], PEOPLE, 0.8, (None, None, 0.0, 0, "Z", "exact")),
        ([("M", 4)], PEOPLE, 0.8, (4, "4", 1.0, 1, "M", "exact")),
        # Agreement needs no weights; a choice does.
        ([("A", 2), ("B", 2)], {}, 0.8, (2, "2", 1.0, 2, "A B", "exact")),
        ([("A", 2), ("B", 3)], {}, 0.8, (None, "2 3", None, 2, "A B", "not_convertible")),
    ],
)
def test_convert_category(
    labels: list[tuple[str, int | None]],
    people: dict[str, int],
    minimum: float,
    expected: tuple[object, ...],
) -> None:
    schema = {"from_code": pl.String, "value": pl.Int64}
    given = pl.DataFrame(labels, schema=schema, orient="row")
    table = converted("category", given, MERGER, people, minimum)
    columns = ["value", "labels", "coverage", "parts", "from_codes", "match"]
    assert table.select(columns).rows() == [expected]


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        # Thirds of 1 and of 100: the last part takes what rounding left.
        ("1", [1 / 3, 2 / 3, 1.0], ["0.333333", "0.333334", "0.333333"]),
        ("100", [1 / 3, 2 / 3, 1.0], ["33.333333", "33.333334", "33.333333"]),
        ("-7", [0.5, 1.0], ["-3.500000", "-3.500000"]),
        ("0", [0.5, 1.0], ["0.000000", "0.000000"]),
        ("5", [1.0, 1.0], ["5.000000", "0.000000"]),
        ("123456789012345678", [1.0], ["123456789012345678.000000"]),
    ],
)
def test_shares_of_an_amount_add_up_to_it(
    amount: str, shares: list[float], parts: list[str]
) -> None:
    with connect() as con:
        con.execute((SQL / "harmonised" / "share_of.sql").read_text(encoding="utf-8"))
        found = [
            con.execute(f"select share_of({amount}::hugeint, {before!r}, {after!r})").fetchone()
            for before, after in pairwise([0.0, *shares])
        ]
    given = [row[0] for row in found if row]
    assert [str(part) for part in given] == parts
    assert sum(given) == Decimal(amount)


def test_files_are_read_like_frames(tmp_path: Path) -> None:
    tiers = pl.DataFrame(
        {
            "code": ["E07000150", "E07000152", "E07000153", "E07000156", "W06000001"],
            "country": ["England"] * 4 + ["Wales"],
            "tier_2020_12_09": ["2", "2", "2", "3", "Level 3"],
            "tier_2020_12_18": ["2", "2", None, "2", None],
            "tier_2020_12_30": ["4"] * 4 + [None],
            "tier_2021_01_05": ["National Lockdown (5 Jan)"] * 4 + ["Lockdown"],
        }
    )
    path = tmp_path / "with [brackets] and 'quotes'.parquet"
    tiers.write_parquet(path)
    contract = load_contract(contract_path("lockdown_tiers"))
    made = [
        harmonise(contract, {"lockdown_tiers": table}, Register.load(), to=VINTAGE, sql=HARMONISED)
        for table in (tiers, path)
    ]
    assert made[0].table.equals(made[1].table)
    assert made[0].summary == made[1].summary
    values = made[0].table.sort("date").select("value", "labels").rows()
    # On the second day those with a tier hold 71% of the people, under the 80% that are needed.
    assert values == [(2.0, "2 3"), (None, "2"), (4.0, "4"), (5.0, "5")]
