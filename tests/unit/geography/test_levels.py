"""Levels above LADs, against published look-ups."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.levels.nesting import COMBINED_AUTHORITIES, combined_authorities, lad_levels
from lds.io import RESOURCES


def authorities_on(register: Register, day: date) -> dict[str, str]:
    """Return the members of each combined authority of a day, by name of the authority."""
    levels = lad_levels(register, day).drop_nulls("combined_authority_code")
    return dict(
        levels.select(
            "lad_code",
            pl.concat_str("combined_authority_code", pl.lit(" "), "combined_authority_name"),
        ).iter_rows()
    )


def test_combined_authorities_published_for_december_2019(
    register: Register, open_data: Path
) -> None:
    published = pl.read_csv(open_data / "area_codes/LAD_to_CAUTH_Dec2019.csv", infer_schema=False)
    expected = {
        row["LAD19CD"]: f"{row['CAUTH19CD']} {row['CAUTH19NM']}"
        for row in published.iter_rows(named=True)
    }
    assert authorities_on(register, date(2019, 12, 31)) == expected


def test_combined_authorities_in_a_list_of_2023_to_2025(
    register: Register, open_data: Path
) -> None:
    """A list that somebody keeps by hand; authorities of 2024 and later are not in it."""
    published = pl.read_csv(
        open_data / "area_codes/drkane_la_all_codes.csv", infer_schema=False
    ).filter(pl.col("CAUTHCD").str.starts_with("E47"), pl.col("LADCD").str.starts_with("E0"))
    expected = dict(published.select("LADCD", "CAUTHCD").iter_rows())
    ours = combined_authorities(register).filter(pl.col("code") <= "E47000011")
    found = dict(ours.sort("start_date").select("lad_code", "code").iter_rows())
    # It gives ended codes the authority of their successor, ours only had the codes that it had.
    assert set(expected) - set(found) == {"E06000048", "E08000020"}
    assert {code: expected[code] for code in found if code in expected} == found


@pytest.mark.parametrize(
    ("day", "authorities", "members"),
    [
        (date(2011, 3, 31), 0, 0),
        (date(2011, 4, 1), 1, 10),
        (date(2014, 4, 1), 4, 25),
        (date(2014, 4, 15), 5, 32),
        (date(2016, 6, 17), 7, 44),
        (date(2017, 5, 1), 9, 53),
        (date(2018, 11, 2), 10, 53),
        (date(2024, 5, 7), 11, 72),
        (date(2025, 4, 1), 15, 106),
    ],
)
def test_number_of_authorities_and_members(
    register: Register, day: date, authorities: int, members: int
) -> None:
    found = authorities_on(register, day)
    assert (len(set(found.values())), len(found)) == (authorities, members)


def test_the_north_east_changed_hands_from_one_day_to_the_next(register: Register) -> None:
    day = date(2024, 5, 7)
    before = authorities_on(register, day - timedelta(days=1))
    after = authorities_on(register, day)
    moved = {lad: (before[lad], after[lad]) for lad in before if before[lad] != after[lad]}
    assert {old for old, _ in moved.values()} == {"E47000010 North East", "E47000011 North of Tyne"}
    assert {new for _, new in moved.values()} == {"E47000014 North East"}
    assert len(moved) == 7


def test_counties_and_regions_of_2019(register: Register, open_data: Path) -> None:
    levels = lad_levels(register, date(2019, 4, 1))
    counties = pl.read_csv(
        open_data / "area_codes/LAD_to_County_Apr2019.csv", infer_schema=False
    ).filter(pl.col("CTY19CD").str.contains("^E1[01]"))
    found = levels.filter(pl.col("county_code").str.contains("^E1[01]"))
    assert found.select("lad_code", "county_code", "county_name").rows() == (
        counties.select("LAD19CD", "CTY19CD", "CTY19NM").sort("LAD19CD").rows()
    )
    regions = pl.read_csv(open_data / "area_codes/lookup_ltla20_region20.csv", infer_schema=False)
    levels = lad_levels(register, date(2020, 12, 31))
    assert levels.select("lad_code", "region_code", "region_name").rows() == (
        regions.select("ltla20_code", "region20_code", "region20_name").sort("ltla20_code").rows()
    )


def test_every_district_once(register: Register) -> None:
    levels = lad_levels(register, date(2021, 4, 1))
    assert levels["lad_code"].to_list() == register.live_on(date(2021, 4, 1))["code"].to_list()
    assert levels["region_name"].null_count() == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("E08000001,2011-04-01", "E08000099,2011-04-01", r"not a district.*\n.*csv.*\n.*E08000099"),
        ("E06000065,2023-12-20", "E06000065,2023-03-31", r"not a district.*\n.*\n.*E06000065"),
        ("E08000038,2025-04-01", "E08000038,2025-03-31", r"not a district.*\n.*\n.*E08000038"),
        ("E08000016,2021-09-17,2025-03-31", "E08000016,2021-09-17,", r"not a district"),
        ("E08000021,2014-04-15,2018-11-01", "E08000021,2014-04-15,2018-11-02", r"two combined"),
    ],
)
def test_faulty_members_are_refused(
    register: Register, tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = (RESOURCES / COMBINED_AUTHORITIES).read_text(encoding="utf-8")
    assert old in text
    shutil.copy(RESOURCES / COMBINED_AUTHORITIES, tmp_path)
    (tmp_path / COMBINED_AUTHORITIES).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GeographyError, match=message):
        combined_authorities(register, tmp_path)
