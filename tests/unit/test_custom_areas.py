"""Custom areas: as the configuration declares them, and what is written of them."""

from __future__ import annotations

import copy
import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lds.areas import (
    CustomArea,
    areas_as_text,
    areas_from_frame,
    areas_from_text,
    custom_code,
    lads_only,
    members_frame,
)
from lds.config import check_config
from lds.errors import ConfigError
from lds.geography import Register
from lds.geography.reference import build_areas

REGISTER = Register.load()
VINTAGE = date(2021, 4, 1)
CONFIG: dict[str, Any] = {
    "release": {"id": "2026.1", "path": None},
    "geography": {"vintage": VINTAGE, "lads": ["Harborough"]},
    "sources": {},
    "synthetic": {"seed": 2021},
    "report": {"engine": "auto", "render": "shell"},
}
LEICESTERSHIRE = tuple(f"E07000{number}" for number in range(129, 136))


def areas(*given: dict[str, Any]) -> tuple[CustomArea, ...]:
    raw = copy.deepcopy(CONFIG)
    raw["geography"]["areas"] = list(given)
    checked = check_config(raw, REGISTER, Path())
    assert checked.lads == ("E07000131",)
    return checked.areas


def test_none_unless_declared() -> None:
    assert check_config(CONFIG, REGISTER, Path()).areas == ()


@pytest.mark.parametrize("county", ["Leicestershire", " leicestershire ", "E10000018"])
def test_a_county_by_name_or_code(county: str) -> None:
    (area,) = areas({"county": county})
    assert area == CustomArea(
        code=custom_code("Leicestershire"),
        name="Leicestershire",
        vintage=VINTAGE,
        lads=LEICESTERSHIRE,
    )


def test_a_county_has_the_districts_of_the_day() -> None:
    # Suffolk had seven districts until two pairs of them merged in April 2019.
    before, after = (
        next(iter(areas({"county": "Suffolk", "vintage": day}))) for day in ("2018-04-01", VINTAGE)
    )
    assert len(before.lads) == 7
    assert len(after.lads) == 5
    assert {"E07000205", "E07000206"} <= {*before.lads} - {*after.lads}


def test_a_combined_authority_has_the_members_of_the_day() -> None:
    # Ten members since 1 April 2011 (SI 2011/908).
    (area,) = areas({"combined_authority": "Greater Manchester", "name": "GM"})
    assert (area.name, area.code, len(area.lads)) == ("GM", custom_code("GM"), 10)
    (early,) = areas({"combined_authority": "E47000001", "vintage": "2011-04-01"})
    assert early.lads == area.lads


def test_a_list_takes_names_codes_and_former_names_of_the_day() -> None:
    (area,) = areas({"name": "Both", "lads": ["Shepway", "E07000131"]})
    assert area.lads == ("E07000112", "E07000131")
    (old,) = areas({"name": "Coast", "lads": ["Waveney"], "vintage": date(2018, 4, 1)})
    assert (old.lads, old.vintage) == (("E07000206",), date(2018, 4, 1))


def test_areas_may_overlap_and_are_in_the_order_of_their_codes() -> None:
    found = areas(
        {"county": "Leicestershire"},
        {"name": "One", "lads": ["Blaby"]},
        {"name": "Two", "lads": ["Blaby", "Harborough"]},
    )
    assert [area.code for area in found] == sorted(area.code for area in found)
    assert len(found) == 3


def test_a_code_is_made_of_the_name_alone() -> None:
    assert custom_code("Leicestershire") == "X06FCF870"
    digest = hashlib.sha256("Ynys Môn".encode()).hexdigest()
    assert custom_code("Ynys Môn") == f"X{digest[:8].upper()}"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{"county": "Leicesterhire"}], r"no county .*(.|\n)*E10000018 Leicestershire"),
        ([{"county": "Xyz"}], r"no county (.|\n)*list its districts"),
        ([{"county": "Cumbria", "vintage": "2023-05-01"}], r"no county on 2023-05-01(.|\n)*2023-"),
        ([{"combined_authority": "Greater Manchster"}], r"no combined auth(.|\n)*Greater Man"),
        ([{"combined_authority": "West Midlands", "vintage": "2012-01-01"}], "no combined auth"),
        ([{"lads": ["Blaby"]}], "needs a name"),
        ([{"name": " ", "lads": ["Blaby"]}], "needs a name"),
        ([{"name": "a", "lads": []}], r"geography\.areas\[0\]\.lads: \[\] should be non-empty"),
        ([{"name": "a", "lads": ["Blabby"]}], r"'Blabby' is not an English(.|\n)*areas\[0\]\.lads"),
        ([{"name": "a", "lads": ["Corby"]}], "'Corby' was not an area on 2021-04-01"),
        ([{"name": "a", "lads": ["Blaby", "E07000129"]}], "names a district twice"),
        ([{"name": "a", "lads": ["Blaby"]}, {"name": "A", "lads": ["Melton"]}], r"areas\[0\]"),
        ([{"name": "Melton", "lads": ["Blaby"]}], "'Melton' is already the name of a district"),
        ([{"name": "Corby", "lads": ["Blaby"], "vintage": "2020-04-01"}], "name of a district"),
        ([{"name": "a"}], "exactly one of lads, county and combined_authority"),
        ([{"county": "Kent", "combined_authority": "x"}], "exactly one of"),
        ([{"county": "Kent", "vintage": "2021-02-30"}], r"areas\[0\]\.vintage is not a day"),
        ([{"county": "Kent", "vintage": "2031-02-20"}], "does not cover 2031-02-20"),
        ([{"county": "Kent", "vinta": "2021-04-01"}], "did you mean 'vintage'"),
    ],
)  # fmt: skip
def test_wrong_areas_are_refused(given: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        areas(*given)


def test_areas_go_through_text_and_table_unchanged() -> None:
    found = areas({"county": "Kent"}, {"name": 'O\'Ne "ä" $x', "lads": ["Blaby"]})
    assert areas_from_text(areas_as_text(found)) == found
    assert tuple(areas_from_frame(members_frame(found))) == found
    assert areas_from_frame(members_frame(())) == []


def test_what_is_said_of_an_area() -> None:
    found = areas(
        {"county": "Leicestershire"},
        {"name": "Two regions", "lads": ["Rugby", "Harborough"]},
        {"name": "Coast", "lads": ["Waveney", "Suffolk Coastal"], "vintage": "2018-04-01"},
    )
    table = build_areas(REGISTER, VINTAGE, found)
    assert lads_only(table).equals(build_areas(REGISTER, VINTAGE))
    rows = {row["name"]: row for row in table.filter(pl.col("kind") == "custom").to_dicts()}
    county = rows["Leicestershire"]
    # ONS mid-2019: 706,155 people in the county of Leicestershire, without the city.
    assert county["population"] == 706_155
    assert (county["region_name"], county["changes"]) == ("East Midlands", [])
    assert [member["name"] for member in county["members"]][:2] == ["Blaby", "Charnwood"]
    assert (rows["Two regions"]["region_code"], rows["Two regions"]["region_name"]) == (None, None)
    # ONS mid-2019: East Suffolk 249,461.
    assert rows["Coast"]["population"] == 249_461
    assert rows["Coast"]["start_date"] == date(2018, 4, 1)
