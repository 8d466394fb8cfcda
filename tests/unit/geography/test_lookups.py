"""Configured look-ups between levels: the published files, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from lds.config import check_config
from lds.errors import ConfigError, GeographyError
from lds.geography import Register
from lds.geography.levels.lookups import CIS_VINTAGE, cis_areas, lsoas21, msoas11

pytestmark = pytest.mark.xdist_group("lsoas")
THREE = pl.DataFrame({"code": ["E01000001", "E01000002", "E01000003"]})
ONS_LSOA21 = """FID,LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND
1,E01000003,c,E01000009,x,M
2,E01000001,a,E01000001,a,U
3,E01000002,b,E01000009,x,M
4,W01000001,w,W01000001,w,U
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "lookup.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_published_lsoas_of_2021(open_data: Path, lsoas: pl.DataFrame) -> None:
    table = lsoas21(open_data / "lsoa_lookups/lookup_lsoa11_lsoa21_ltla22.csv", lsoas)
    # As ONS counts them: 33,755 LSOAs in England in 2021.
    assert table["lsoa21_code"].n_unique() == 33_755
    assert table["lsoa11_code"].n_unique() == 32_844
    unchanged = table.filter(change="U")
    assert (unchanged["lsoa11_code"] == unchanged["lsoa21_code"]).all()
    split = table.filter(change="S").group_by("lsoa11_code").len()
    assert split["len"].min() == 2


def test_published_msoas(open_data: Path, lsoas: pl.DataFrame) -> None:
    table = msoas11(open_data / "lsoa_lookups/lookup_lsoa11_msoa11.csv", lsoas)
    # As ONS counts them: 6,791 MSOAs in England in 2011, of four or five LSOAs each on average.
    assert table["msoa11_code"].n_unique() == 6_791
    assert table["lsoa11_code"].to_list() == lsoas["code"].to_list()
    assert table.filter(pl.col("lsoa11_code") == "E01000001")["msoa11_code"].item() == "E02000001"


def test_ons_columns_and_a_byte_order_mark(tmp_path: Path) -> None:
    table = lsoas21(write(tmp_path, "\ufeff" + ONS_LSOA21), THREE)
    assert table.rows() == [
        ("E01000001", "E01000001", "U"),
        ("E01000002", "E01000009", "M"),
        ("E01000003", "E01000009", "M"),
    ]


def test_cis_areas_of_every_district_of_may_2020(tmp_path: Path, register: Register) -> None:
    lads = register.live_on(CIS_VINTAGE)["code"].to_list()
    lines = [f"{lad},name,J06000{index // 3:03d}" for index, lad in enumerate(lads)]
    path = write(tmp_path, "\n".join(["LAD20CD,LAD20NM,CIS20CD", *lines]) + "\n")
    table = cis_areas(path, register)
    assert table["lad_code"].to_list() == lads
    assert table["cis_code"].n_unique() == 105
    assert table.row(3) == (lads[3], "J06000001")


@pytest.mark.parametrize(
    ("read", "key", "title"),
    [
        (lambda register: lsoas21(None, THREE), "lsoa21", r"LSOA \(2011\) to LSOA \(2021\)"),
        (lambda register: msoas11(None, THREE), "msoa", "LSOA to MSOA"),
        (lambda register: cis_areas(None, register), "cis_areas", "Covid Infection Survey"),
    ],
)
def test_a_look_up_that_is_not_configured_is_named(
    register: Register, read: Callable[[Register], pl.DataFrame], key: str, title: str
) -> None:
    message = rf"not configured: .*{title}.*\n.*geography\.lookups\.{key}\n.*remedy: Download"
    with pytest.raises(GeographyError, match=message):
        read(register)


def without(line: int) -> str:
    lines = ONS_LSOA21.splitlines(keepends=True)
    return "".join(lines[: line - 1] + lines[line:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (without(3), r"lacks some lsoa11_codes.*\n.*lookup\.csv.*\n.*E01000001"),
        (ONS_LSOA21 + "5,E01000004,d,E01000004,d,U\n", r"do not exist.*\n.*\n.*E01000004"),
        (ONS_LSOA21.replace("LSOA21CD", "LSOA22CD"), r"lacks a column.*\n.*\n.*LSOA21CD"),
        (ONS_LSOA21.replace("E01000009", ""), r"code is missing.*\n.*\n.*line 2, line 4"),
        (ONS_LSOA21.replace(",M\n", ",Q\n"), r"change is unknown.*\n.*\n.*Q.*\n.*U, S, M, X"),
        ("", r"cannot be read.*\n.*lookup\.csv"),
    ],
)
def test_a_faulty_look_up_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GeographyError, match=message):
        lsoas21(write(tmp_path, text), THREE)


def test_an_lsoa_in_two_msoas_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"E0100000{n},E0200000{n}\n" for n in (1, 2, 3))
    path = write(tmp_path, f"LSOA11CD,MSOA11CD\n{rows}E01000002,E02000009\n")
    with pytest.raises(GeographyError, match=r"more than one msoa11_code.*\n.*\n.*E01000002"):
        msoas11(path, THREE)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match=r"cannot be read.*\n.*none\.csv"):
        msoas11(tmp_path / "none.csv", THREE)


def config(root: Path, **lookups: str | None) -> Any:
    raw = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    raw["geography"]["lookups"] = lookups
    return raw


def test_look_ups_are_configured_by_path(root: Path, tmp_path: Path, register: Register) -> None:
    write(tmp_path, ONS_LSOA21)
    checked = check_config(config(root, lsoa21="lookup.csv"), register, tmp_path)
    assert checked.lookups == {"lsoa21": Path("lookup.csv"), "msoa": None, "cis_areas": None}


@pytest.mark.parametrize(
    ("lookups", "message"),
    [
        ({"lsoa21": "gone.csv"}, r"geography\.lookups\.lsoa21 names a file.*\n.*gone\.csv"),
        ({"lsoa22": None}, "geography.lookups: unknown key 'lsoa22'; did you mean 'lsoa21'"),
    ],
)
def test_a_wrong_configuration_of_look_ups_is_refused(
    root: Path, tmp_path: Path, register: Register, lookups: dict[str, str | None], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        check_config(config(root, **lookups), register, tmp_path)
