from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lds.geography import Register
from lds.geography.reference import build_area_codes, build_areas, change_sentences

REGISTER = Register.load()
Y2017, Y2021, Y2023 = date(2017, 4, 1), date(2021, 4, 1), date(2023, 4, 1)


@pytest.fixture(scope="module")
def areas() -> pl.DataFrame:
    return build_areas(REGISTER, Y2021)


def test_england_of_april_2021_has_309_districts(areas: pl.DataFrame) -> None:
    assert areas.height == 309
    assert areas["code"].is_sorted()
    assert areas["code"].n_unique() == 309
    assert areas["region_name"].n_unique() == 9
    assert areas.select("name", "region_code", "region_name", "population").null_count().row(0) == (
        *(0, 0, 0, 0),
    )


def test_the_residents_of_2019_are_those_of_england(areas: pl.DataFrame) -> None:
    # ONS mid-2019 estimate for England.
    assert areas["population"].sum() == 56_286_961


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "E07000131",
            ("Harborough", [], "East Midlands", "Leicestershire", date(2009, 1, 1), 93_807),
        ),
        (
            "E06000061",
            ("North Northamptonshire", [], "East Midlands", None, date(2021, 4, 1), 348_228),
        ),
        (
            "E07000112",
            ("Folkestone and Hythe", ["Shepway"], "South East", "Kent", date(2009, 1, 1), 112_996),
        ),
        # The original put the districts of Hertfordshire into the South East.
        (
            "E07000240",
            ("St Albans", [], "East of England", "Hertfordshire", date(2012, 4, 1), 148_452),
        ),
        ("E06000053", ("Isles of Scilly", [], "South West", None, date(2009, 4, 1), 2_224)),
    ],
)
def test_what_a_page_says_of_an_area(
    areas: pl.DataFrame, code: str, expected: tuple[object, ...]
) -> None:
    columns = ["name", "old_names", "region_name", "county_name", "start_date", "population"]
    assert areas.filter(pl.col("code") == code).select(columns).row(0) == expected


def test_a_name_is_the_name_of_the_day() -> None:
    row = build_areas(REGISTER, Y2017).filter(pl.col("code") == "E07000112").row(0, named=True)
    assert (row["name"], row["old_names"]) == ("Shepway", [])


@pytest.mark.parametrize(
    ("code", "vintage", "texts"),
    [
        ("E07000131", Y2021, []),
        (
            "E06000061",
            Y2021,
            [
                "North Northamptonshire was formed on 1 April 2021 from Corby, East"
                " Northamptonshire, Kettering and Wellingborough (SI 2020/156)."
            ],
        ),
        (
            "E06000053",
            Y2021,
            [
                "Isles of Scilly was given a new code on 1 April 2009: E07000025 became E06000053"
                " (SI 2008/491)."
            ],
        ),
        ("E07000112", Y2021, ["Shepway was renamed Folkestone and Hythe on 1 April 2018."]),
        (
            "E08000037",
            Y2021,
            [
                "A little land moved from Gateshead to Northumberland on 1 April 2013 (SI"
                " 2013/595).",
                "Gateshead was given a new code on 1 April 2013: E08000020 became E08000037 (SI"
                " 2013/595).",
            ],
        ),
        ("E07000187", Y2021, ["Mendip became part of Somerset on 1 April 2023 (SI 2022/329)."]),
        (
            "E06000066",
            Y2023,
            [
                "Somerset West and Taunton was formed on 1 April 2019 from Taunton Deane and West"
                " Somerset (SI 2018/649).",
                "Somerset was formed on 1 April 2023 from Mendip, Sedgemoor, South Somerset and"
                " Somerset West and Taunton (SI 2022/329).",
            ],
        ),
    ],
    ids=[*("none", "merge", "recode", "rename", "partial transfer", "later ending", "two steps")],
)
def test_changes_in_words(code: str, vintage: date, texts: list[str]) -> None:
    told = change_sentences(REGISTER, code, vintage)
    assert [each["text"] for each in told] == texts
    assert [each["date"] for each in told] == sorted(each["date"] for each in told)


def test_every_code_that_leads_to_a_district_of_2021() -> None:
    codes = build_area_codes(REGISTER, Y2021)
    assert codes["from_code"].n_unique() == codes.height
    assert codes["to_code"].n_unique() == 309
    # 384 codes since 2009, without those of 2023 (4) and 2025 (2).
    assert codes.height == 378
    row = codes.filter(pl.col("from_code") == "E07000190").row(0)
    assert row == (
        *("E07000190", "Taunton Deane", "E07000246", "exact"),
        "E07000190>E07000246",
    )
