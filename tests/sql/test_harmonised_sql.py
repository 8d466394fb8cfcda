from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lds.database import connect, load_frame, select_file
from lds.io import SQL

DAY = date(2020, 4, 1)
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
        table = select_file(con, SQL / "harmonised" / "google_mobility.sql")
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


def changed(
    values: list[tuple[str, int | None]],
    steps: list[tuple[str, str, str]],
    people: dict[str, int],
    minimum: float = 0.8,
) -> list[tuple[object, ...]]:
    """Return the converted rows of one day and measure, without these two columns."""
    with connect() as con:
        load_frame(
            con,
            "located",
            pl.DataFrame(
                [(code, "lad", code, DAY, "parks", value) for code, value in values],
                schema={
                    **dict.fromkeys(["place", "status", "from_code"], pl.String),
                    "date": pl.Date,
                    "measure": pl.String,
                    "value": pl.Int64,
                },
                orient="row",
            ),
        )
        names = ["from_code", "to_code", "match"]
        load_frame(con, "translation", pl.DataFrame(steps, schema=names, orient="row"))
        load_frame(
            con,
            "population",
            pl.DataFrame(list(people.items()), schema=["code", "population"], orient="row"),
        )
        con.execute(f"set variable minimum_coverage = {minimum}")
        table = select_file(con, SQL / "harmonised" / "convert_change.sql")
    assert table.columns == [
        *("area", "date", "measure", "value", "coverage", "parts", "from_codes", "match")
    ]
    return table.drop("date", "measure").rows()


MERGER = [("A", "M", "exact"), ("B", "M", "exact"), ("M", "M", "exact"), ("Z", "Z", "exact")]
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
    steps = [("Z", "Y", "best_fit"), ("Y", "Y", "exact")]
    (row,) = changed([("Z", 4)], steps, {"Z": 7, "Y": 7})
    assert row == ("Y", 4.0, 1.0, 1, "Z", "best_fit")
