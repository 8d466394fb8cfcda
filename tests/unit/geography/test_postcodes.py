"""Postcodes: spellings, public buildings whose place is known, and LSOAs by point in polygon."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import brotli
import msgpack
import numpy as np
import polars as pl
import pytest
from shapely import box

import lds.geography.levels.postcodes as module
from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.levels.lsoas import lads_of_lsoas
from lds.geography.levels.postcodes import (
    LADS_OF,
    canonical_postcode,
    find_postcodes,
    read_postcodes,
)
from lds.maps import postcode_lsoas
from lds.maps.polygons import Polygons
from lds.maps.postcode_lsoas import build_postcodes, lsoas_of_points

pytestmark = pytest.mark.xdist_group("lsoas")
LANDMARKS = [
    # Postal address and National Grid reference (to 100 metres) as printed on Ordnance Survey maps.
    ("SW1A 1AA", "Buckingham Palace", 529_000, 179_600, "E09000033"),
    ("SW1A 2AA", "10 Downing Street", 530_000, 179_900, "E09000033"),
    ("EC3N 4AB", "Tower of London", 533_600, 180_500, "E09000030"),
    ("YO1 7HH", "York Minster", 460_300, 452_100, "E06000014"),
    ("CV37 6QW", "Shakespeare's Birthplace", 420_100, 255_200, "E07000221"),
    ("DH1 3EH", "Durham Cathedral", 427_300, 542_100, "E06000047"),
    ("BN1 1EE", "Royal Pavilion", 531_200, 104_200, "E06000043"),
    ("LE16 7AG", "Harborough council offices", 473_400, 287_200, "E07000131"),
    ("TR21 0LW", "Isles of Scilly council offices", 90_300, 10_500, "E06000053"),
]


def spelt(*given: str | None) -> list[str | None]:
    frame = pl.DataFrame({"given": given}, schema={"given": pl.String})
    return frame.select(canonical_postcode("given")).to_series().to_list()


@pytest.mark.parametrize(
    "given", ["LE16 7AA", "le16 7aa", " LE167AA ", "LE16  7 AA", "LE16-7AA", "Le16.7aA"]
)
def test_spellings_of_one_postcode(given: str) -> None:
    assert spelt(given) == ["LE16 7AA"]


def test_every_form_of_postcode() -> None:
    given = ["M11AE", "B338TH", "CR26XH", "DN551PT", "W1A1HQ", "EC1A1BB", "GIR0AA"]
    assert spelt(*given) == [
        *("M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "GIR 0AA")
    ]


@pytest.mark.parametrize(
    "given", ["", "LE16", "LE16 7A0", "LEI6 7AA", "16LE 7AA", "ABC1 1AA", "LE16 7AAA", "n/a"]
)
def test_what_is_no_postcode_is_not_corrected(given: str) -> None:
    assert spelt(given) == [None]


def test_public_buildings_are_where_maps_have_them() -> None:
    found = find_postcodes(pl.Series([each[0] for each in LANDMARKS]))
    assert set(found["status"]) == {"found"}
    for row, (_, name, easting, northing, lad) in zip(
        found.iter_rows(named=True), LANDMARKS, strict=True
    ):
        assert row["lad_code"] == lad, name
        assert abs(row["easting"] - easting) < 300, name
        assert abs(row["northing"] - northing) < 300, name


def test_each_row_says_what_became_of_it() -> None:
    given = ["ZE1 0AA", "AB11 3AG", "ZZ9 9ZZ", "QQ1 1AA", "postcode", None, "ZE1 0AA"]
    found = find_postcodes(pl.Series(given))
    assert found["given"].to_list() == given
    assert found["status"].to_list() == [
        *("found", "no_place", "unknown", "unknown", "malformed", None, "found")
    ]
    assert found["lad_code"].to_list() == ["S12000027", None, None, None, None, None, "S12000027"]
    assert found.filter(pl.col("status") != "found")["easting"].null_count() == 4


def test_only_files_that_are_needed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = module.read_postcodes

    def spy(letters: list[str]) -> pl.DataFrame:
        read.extend(letters)
        return original(letters)

    monkeypatch.setattr(module, "read_postcodes", spy)
    find_postcodes(pl.Series(["ZE1 0AA", "JE2 3XP", "ZE1 0AB", "?"]))
    assert sorted(read) == ["J", "Z"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not brotli", r"cannot be read.*\n.*postcodes_Z\.msgpack\.br: error"),
        (brotli.compress(msgpack.packb({"rows": []})), r"KeyError 'data'.*\n.*requirements\.lock"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    (tmp_path / "postcodes_Z.msgpack.br").write_bytes(content)
    monkeypatch.setattr(module, "packaged_file", lambda *_: tmp_path / "__init__.py")
    with pytest.raises(GeographyError, match=message):
        read_postcodes("Z")


def test_planted_points() -> None:
    """Two LADs of two squares each; L has A and B, M has C and D, from west to east."""
    squares: Polygons = np.array([box(100 * i, 0, 100 * i + 100, 100) for i in range(4)])
    points = pl.DataFrame(
        [
            (50, 50, "L", "A", "inside"),
            (100, 50, "L", "A", "inside"),  # on the border of A and B: the first
            (199, 50, "L", "B", "inside"),
            (201, 50, "L", "B", "nearest"),  # in C, but the directory says L
            (350, 50, "L", "B", "nearest"),
            (-30, 50, "L", "A", "nearest"),  # at sea
            (200, 50, "M", "C", "inside"),  # on the border of the LADs
            (250, 130, "M", "C", "nearest"),
            (300, 130, "M", "C", "nearest"),  # as near C as D: the first
            (50, 50, "W", None, None),
        ],
        schema=["easting", "northing", "lad_code", "lsoa", "match"],
        orient="row",
    )
    found = lsoas_of_points(points, list("ABCD"), list("LLMM"), squares)
    assert found["lsoa_code"].to_list() == points["lsoa"].to_list()
    assert found["lsoa_match"].to_list() == points["match"].to_list()


def test_postcodes_of_one_letter_fall_into_lsoas_of_their_district(
    register: Register, lsoas: pl.DataFrame, polygons: Polygons
) -> None:
    points = read_postcodes("Y").filter(pl.col("lad_code").str.starts_with("E"))
    lads = lads_of_lsoas(register, lsoas, LADS_OF)["lad_code"].to_list()
    found = lsoas_of_points(points, lsoas["code"].to_list(), lads, polygons)
    assert found.height == points.height > 30_000
    assert (found["lsoa_match"] == "inside").mean() > 0.99
    lad_of = dict(zip(lsoas["code"], lads, strict=True))
    assert [lad_of[code] for code in found["lsoa_code"]] == found["lad_code"].to_list()
    # A second way to York's 120 LSOAs: nine in ten postcodes are in one of the three whose
    # centroids, as ONS gives them, lie nearest; by chance it would be 1 in 40.
    york = found.filter(lad_code="E06000014")
    assert york["lsoa_code"].n_unique() == 120
    near = lsoas.filter(pl.col("code").is_in(york["lsoa_code"].unique().to_list()))
    apart = np.hypot(
        york["easting"].to_numpy()[:, None] - near["easting"].to_numpy(),
        york["northing"].to_numpy()[:, None] - near["northing"].to_numpy(),
    )
    three = near["code"].to_numpy()[np.argsort(apart, axis=1)[:, :3]]
    assert (three == york["lsoa_code"].to_numpy()[:, None]).any(axis=1).mean() > 0.9


def test_postcodes_with_the_district_of_an_earlier_day(register: Register) -> None:
    day = date(2021, 4, 1)
    table = build_postcodes(register, day, letters="YI")
    assert table["postcode"].is_sorted()
    assert table["postcode"].n_unique() == table.height
    assert table.null_count().row(0) == (0,) * table.width
    assert set(table["postcode"].str.head(1)) == {"I", "Y"}
    assert set(table["lad_code"]) <= set(register.live_on(day)["code"])
    # Malton was in Ryedale, which became part of North Yorkshire in 2023; Ipswich did not change.
    lads = dict(table.select("postcode", "lad_code").iter_rows())
    assert (lads["YO17 7EG"], lads["IP1 2DE"]) == ("E07000167", "E07000202")


def test_postcodes_with_the_district_of_today_are_as_the_directory_has_them(
    register: Register,
    features: list[dict[str, Any]],
    polygons: Polygons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The test above lets the function read and mend the boundaries of LSOAs itself.
    monkeypatch.setattr(postcode_lsoas, "read_lsoa_features", lambda: features)
    monkeypatch.setattr(postcode_lsoas, "lsoa_polygons", lambda _: polygons)
    table = build_postcodes(register, LADS_OF, letters="Y").select("postcode", "lad_code")
    english = read_postcodes("Y").filter(pl.col("lad_code").str.starts_with("E"))
    assert table.equals(english.select("postcode", "lad_code"))
