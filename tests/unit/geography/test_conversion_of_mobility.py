"""Google's real file carried to districts, beside the project's own account of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.areas import CustomArea, members_frame
from lds.geography import Register
from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.harmonise import Harmonised, harmonise
from mobility_files import RawValues, own_values, read_raw_values, staged_files

Y2021 = date(2021, 4, 1)
BUCKINGHAMSHIRE = "E06000060"
COUNTY = CustomArea(
    code="X00000001",
    name="Buckinghamshire of 2019",
    vintage=date(2019, 4, 1),
    lads=("E07000004", "E07000005", "E07000006", "E07000007"),
)


@pytest.fixture(scope="module")
def raw(open_data: Path) -> RawValues:
    return read_raw_values(open_data)


@pytest.fixture(scope="module")
def converted(open_data: Path) -> dict[date, Harmonised]:
    tables = staged_files(open_data, "google_mobility", "google_places")
    made = load_contract(contract_path("google_mobility"))
    return {
        to: harmonise(
            made,
            tables,
            Register.load(),
            to=to,
            sql=SQL / "harmonised",
            custom_areas=members_frame([COUNTY]),
        )
        for to in (date(2019, 4, 1), Y2021)
    }


@pytest.fixture(scope="module")
def result(converted: dict[date, Harmonised]) -> Harmonised:
    return converted[Y2021]


def test_a_county_of_four_districts_is_the_district_made_of_them(result: Harmonised) -> None:
    columns = ["date", "measure", "value", "coverage", "parts", "from_codes", "match"]
    county, merged = (
        result.table.filter(pl.col("area") == area).select(columns).sort("date", "measure")
        for area in (COUNTY.code, BUCKINGHAMSHIRE)
    )
    assert county.height > 1000
    assert county.equals(merged)
    assert result.summary["custom_areas"] == {
        COUNTY.code: {"match": "best_fit", "from_codes": list(COUNTY.lads)}
    }


def test_every_place_and_value_is_accounted_for(result: Harmonised) -> None:
    places = result.summary["places"]
    values = result.summary["values"]
    areas = result.summary["areas"]
    assert isinstance(places, dict)
    assert isinstance(values, dict)
    assert isinstance(areas, dict)
    assert places["lad"] == {"places": 318, "values": 535_873}
    assert {name: each["places"] for name, each in places.items()} == {
        **{"lad": 318, "national": 1, "no_lad": 35, "outside_england": 65}
    }
    assert values["placed"] == 535_873
    assert values["placed"] == values["used"] + values["below_coverage"]
    assert values["not_convertible"] == 0
    assert areas["without_source"] == ["E06000053"]
    assert areas["exact"] == 303
    assert sorted(areas["best_fit"]) == [
        *("E06000060", "E06000061", "E06000062", "E07000244", "E07000246")
    ]


@pytest.mark.parametrize(
    ("area", "first", "second"),
    [
        ("E08000013", "Merseyside", "Metropolitan Borough of St Helens"),
        ("E06000059", "Dorset", "Dorset"),
        ("E06000058", "Dorset", "Bournemouth, Christchurch and Poole"),
        ("E06000051", "Shropshire", ""),
        ("E06000052", "Cornwall", ""),
        ("E09000001", "Greater London", "City of London"),
        ("E07000131", "Leicestershire", "Harborough District"),
    ],
)
@pytest.mark.parametrize("measure", ["retail_and_recreation", "parks"])
def test_a_district_has_exactly_the_values_of_its_place(
    raw: RawValues, result: Harmonised, area: str, first: str, second: str, measure: str
) -> None:
    expected = raw(measure, first, second)
    assert expected
    assert own_values(result, area, measure) == expected


def test_north_northamptonshire_has_no_parks_without_corby(
    raw: RawValues, converted: dict[date, Harmonised]
) -> None:
    corby = raw("parks", "Northamptonshire", "Corby") or raw(
        "parks", "Northamptonshire", "Corby District"
    )
    assert 305 - len(corby) == 294
    assert own_values(converted[date(2019, 4, 1)], "E07000150", "parks") == corby
    merged = own_values(converted[Y2021], "E06000061", "parks")
    assert set(merged) <= set(corby)


def test_a_day_of_east_suffolk_by_hand(raw: RawValues, result: Harmonised) -> None:
    coastal, waveney = (
        raw("workplaces", "Suffolk", name)
        for name in ("Suffolk Coastal District", "Waveney District")
    )
    own = own_values(result, "E07000244", "workplaces")
    both = sorted(set(coastal) & set(waveney))
    assert len(both) > 250
    for day in both:
        mean = (131_028 * coastal[day] + 118_433 * waveney[day]) / 249_461
        assert own[day] == pytest.approx(mean, abs=1e-6)
    assert set(own) == set(both)
