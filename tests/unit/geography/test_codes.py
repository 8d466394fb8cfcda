"""What kind of code a text is."""

from __future__ import annotations

import polars as pl
import pytest

from lds.geography import Register
from lds.geography.classification.codes import (
    code_kinds,
    describe_codes,
    read_codes,
    small_area_edition,
)

REGISTER = Register.load()


def kind_of(text: str | None) -> tuple[str | None, str | None]:
    row = read_codes(pl.Series([text], dtype=pl.String)).row(0, named=True)
    return row["code"], row["kind"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("E06000001", "lad"),
        ("E07000026", "lad"),
        ("E08000039", "lad"),
        ("E09000033", "lad"),
        ("W06000015", "wales_lad"),
        ("S12000033", "scotland_lad"),
        ("N09000003", "northern_ireland_lad"),
        ("E41000052", "census_merged_lad"),
        ("E10000018", "county"),
        ("E11000007", "county"),
        ("E12000004", "region"),
        ("E13000001", "part_of_london"),
        ("E47000001", "combined_authority"),
        ("E92000001", "country"),
        ("W92000004", "country"),
        ("K02000001", "group_of_countries"),
        ("E01011949", "lsoa"),
        ("W01001958", "wales_lsoa"),
        ("E02002488", "msoa"),
        ("S01006506", "scotland_zone"),
        ("E00000001", "output_area"),
        ("E05009861", "ward"),
        ("E14000639", "constituency"),
        ("J06000101", "cis_area"),
        ("E54000007", "other_gss"),
        ("41UG", "old_ons_lad"),
        ("00AA", "old_ons_lad"),
        ("95A", "old_ons_district"),
        ("E3331", "finance_code"),
    ],
)
def test_kind(code: str, kind: str) -> None:
    assert kind_of(code) == (code, kind)


@pytest.mark.parametrize(
    "text",
    [
        "E06000001 ",
        "\te06000001",
        "E06000001 : Hartlepool",
        "E06000001: Hartlepool",
        "E06000001 - Hartlepool",
        "E06000001 Hartlepool",
        "Hartlepool (E06000001)",
        "Hartlepool [E06000001] ",
    ],
)
def test_code_within_a_text(text: str) -> None:
    assert kind_of(text) == ("E06000001", "lad")


@pytest.mark.parametrize(
    "text",
    [
        *("Hartlepool", "", " ", "NA", "Unknown", "E0600001", "E060000011", "E06-000001"),
        *("06000001", "E06000001, E06000002", "E06000001E06000002", "2020-03-01", None),
    ],
)
def test_no_code(text: str | None) -> None:
    assert kind_of(text) == (None, None)


def test_every_code_of_the_register_is_an_english_lad() -> None:
    found = describe_codes(REGISTER.areas["code"], REGISTER)
    assert found["kind"].unique().to_list() == ["lad"]
    assert found["known"].all()


def test_codes_of_the_register_s_regions_and_counties() -> None:
    assert read_codes(REGISTER.regions["code"])["kind"].unique().to_list() == ["region"]
    assert read_codes(REGISTER.counties["code"])["kind"].unique().to_list() == ["county"]


def test_a_code_that_the_register_does_not_have() -> None:
    found = describe_codes(pl.Series(["E07000012", "E06000999", "W06000001", "x"]), REGISTER)
    assert found["known"].to_list() == [True, False, None, None]
    assert found["name"].to_list() == ["South Cambridgeshire", None, None, None]


def test_first_kind_that_fits_is_the_most_special() -> None:
    kinds = code_kinds()
    order = kinds["kind"].to_list()
    assert len(set(order)) == len(order)
    specials = kinds.filter(pl.col("pattern").str.contains(r"\[0-9\]\{6\}"))["kind"].to_list()
    assert all(order.index(kind) < order.index("other_gss") for kind in specials)


def lsoas(first: int, count: int) -> pl.Series:
    return pl.Series([f"E01{number:06d}" for number in range(first, first + count)])


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (lsoas(1, 32_482), "the census of 2001, all 32,482"),
        (lsoas(1, 100), "the census of 2001 or later, 100 codes"),
        (lsoas(32_483, 5), "the census of 2011 or later, 5 codes"),
        (lsoas(33_769, 5), "the census of 2021, 5 of 33,755"),
        (lsoas(1, 33_768), "more than one census edition (up to 2011)"),
    ],
)
def test_edition_of_lsoas(codes: pl.Series, words: str) -> None:
    assert small_area_edition("lsoa", codes) == words


def test_no_edition_is_kept_of_other_kinds() -> None:
    assert small_area_edition("ward", pl.Series(["E05009861"])) is None
    assert small_area_edition("lsoa", pl.Series([], dtype=pl.String)) is None
