"""Made-up look-ups are read like the published ones, and are of the real areas."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lds.config import config_schema
from lds.geography import Register
from lds.geography.levels.lookups import cis_areas, lsoas21, msoas11
from lds.geography.levels.lsoas import lsoas11
from lds.synthetic.england.lookups import LOOKUPS
from lds.synthetic.standin import marked
from stand_ins import whole_england


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, england = tmp_path_factory.mktemp("lookups"), whole_england()
    paths = {name: folder / f"{name}.synthetic.csv" for name in LOOKUPS}
    for name, path in paths.items():
        marked(LOOKUPS[name](england)).write_csv(path)
    return paths


def test_there_is_one_for_each_that_can_be_configured() -> None:
    keys = config_schema()["properties"]["geography"]["properties"]["lookups"]["properties"]
    assert set(LOOKUPS) == set(keys)


def test_readers_take_them(files: dict[str, Path]) -> None:
    register = Register.load()
    lsoas = lsoas11(register)
    unchanged = lsoas21(files["lsoa21"], lsoas)
    assert (unchanged["lsoa11_code"] == unchanged["lsoa21_code"]).all()
    assert set(unchanged["change"]) == {"U"}
    assert cis_areas(files["cis_areas"], register).height == 314
    groups = msoas11(files["msoa"], lsoas)
    # ONS: 6,791 MSOAs of 2011 in England; the LSOAs of two of them are all called Shepway 014.
    assert groups["msoa11_code"].n_unique() == 6_790
    assert groups["msoa11_code"].str.contains("^E900[0-9]{5}$").all()


def test_every_row_says_that_it_is_made_up(files: dict[str, Path]) -> None:
    for path in files.values():
        assert set(pl.read_csv(path)["synthetic"]) == {"SYNTHETIC"}
