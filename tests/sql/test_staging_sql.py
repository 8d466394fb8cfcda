from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.errors import SourceError
from staged import staged_table

MOBILITY = """\
country_region_code,country_region,sub_region_1,sub_region_2,metro_area,iso_3166_2_code,date,\
retail_and_recreation_percent_change_from_baseline,\
grocery_and_pharmacy_percent_change_from_baseline,parks_percent_change_from_baseline,\
transit_stations_percent_change_from_baseline,workplaces_percent_change_from_baseline,\
residential_percent_change_from_baseline
GB,United Kingdom,Rutland,,,GB-RUT,2020-02-16,1,2,3,4,5,6
GB,United Kingdom,Rutland,,,GB-RUT,2020-02-15,-1,,,,,
GB,United Kingdom,,,,,2020-02-15,-12,-7,-35,-12,-4,2
GB,United Kingdom,Merseyside,Metropolitan Borough of St Helens,,,2020-02-15,-9,0,,-8,-7,1
GB,United Kingdom,Merseyside,,,,2020-02-15,-100,5000,0,0,0,100
"""
LOOKUP = """\
country_region_code,sub_region_1,sub_region_2,la_name,lad19cd,flag_2018
GB,Rutland,NA,Rutland,E06000017,FALSE
GB,Somerset,West Somerset District,West Somerset,E07000191,TRUE
GB,Merseyside,NA,NA,NA,NA
GB,Merseyside,Saint Helens District,St. Helens,E08000013,FALSE
"""


def staged(folder: Path, source: str, content: str) -> pl.DataFrame:
    raw = folder / "raw.csv"
    raw.write_text(content, encoding="utf-8")
    return staged_table(raw, source)


def test_google_mobility(tmp_path: Path) -> None:
    table = staged(tmp_path, "google_mobility", MOBILITY)
    first, second = date(2020, 2, 15), date(2020, 2, 16)
    helens = "Metropolitan Borough of St Helens"
    assert table.rows() == [
        ("GB", None, None, first, -12, -7, -35, -12, -4, 2),
        ("GB", "Merseyside", None, first, -100, 5000, 0, 0, 0, 100),
        ("GB", "Merseyside", helens, first, -9, 0, None, -8, -7, 1),
        ("GB", "Rutland", None, first, -1, None, None, None, None, None),
        ("GB", "Rutland", None, second, 1, 2, 3, 4, 5, 6),
    ]
    assert table.columns == [
        *("country_region_code", "sub_region_1", "sub_region_2", "date"),
        *("retail_and_recreation", "grocery_and_pharmacy", "parks", "transit_stations"),
        *("workplaces", "residential"),
    ]
    assert set(table.dtypes[4:]) == {pl.Int16}


@pytest.mark.parametrize(
    ("day", "kept"),
    [("2020-02-14", False), ("2020-02-15", True), ("2022-10-15", True), ("2022-10-16", False)],
)
def test_google_mobility_runs_from_february_2020_to_october_2022(
    tmp_path: Path, day: str, kept: bool
) -> None:
    content = MOBILITY.splitlines()[0] + f"\nGB,United Kingdom,Rutland,,,,{day},1,2,3,4,5,6\n"
    if kept:
        assert staged(tmp_path, "google_mobility", content).height == 1
    else:
        with pytest.raises(SourceError, match="line 2"):
            staged(tmp_path, "google_mobility", content)


def test_google_places(tmp_path: Path) -> None:
    assert staged(tmp_path, "google_places", LOOKUP).rows() == [
        ("GB", "Merseyside", None, None, None, False),
        ("GB", "Merseyside", "Saint Helens District", "St. Helens", "E08000013", False),
        ("GB", "Rutland", None, "Rutland", "E06000017", False),
        ("GB", "Somerset", "West Somerset District", "West Somerset", "E07000191", True),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "GB,Rutland,NA,Rutland,E06000017,FALSE",
        "GB,Rutland,,Rutland,E06000018,FALSE",
        "GB,NA,NA,Rutland,E06000018,FALSE",
        "GB,Elsewhere,NA,Elsewhere,E0600001,FALSE",
        "GB,Elsewhere,NA,Elsewhere,95AA,FALSE",
    ],
    ids=["twice", "twice with another code", "no name", "short code", "old code"],
)
def test_one_wrong_row_of_the_look_up_stops_the_run(tmp_path: Path, row: str) -> None:
    with pytest.raises(SourceError, match="may"):
        staged(tmp_path, "google_places", LOOKUP + row + "\n")
