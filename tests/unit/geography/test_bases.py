"""Weights that the command line takes by name, and what differs between them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography.command import bases
from lds.geography.command.bases import find_weights
from lds.geography.command.cli import main
from lds.geography.register import Register

pytestmark = pytest.mark.xdist_group("lsoas")
# The four districts of North Northamptonshire, mid-2019.
PARTS = ("E07000150", "E07000152", "E07000153", "E07000156")


@pytest.fixture
def read_before(lsoas: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give commands the table of LSOAs that is there; without this they read the file."""
    monkeypatch.setattr(bases, "lsoas11", lambda _: lsoas)


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    path = tmp_path / "deaths.csv"
    path.write_text("code,deaths\nE06000061,1000\nE07000131,7\n", encoding="utf-8")
    return path


@pytest.fixture
def lsoa_file(tmp_path: Path, lsoas: pl.DataFrame) -> Path:
    """A number for each LSOA: 3 in Corby, 1 elsewhere."""
    path = tmp_path / "lsoas.csv"
    lsoas.select(
        "name", "code", homes=pl.when(pl.col("lad_code") == "E07000150").then(3).otherwise(1)
    ).write_csv(path)
    return path


def convert(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[dict[str, float], str]:
    main(["convert", *map(str, arguments), "--to", "2019-04-01", "--kind", "deaths=count"])
    said = capsys.readouterr()
    table = pl.read_csv(said.out.encode())
    return dict(table.select("area", "deaths").iter_rows()), said.err


@pytest.mark.usefixtures("read_before")
def test_a_merged_district_is_divided_by_the_weights_that_are_named(
    deaths: Path, register: Register, lsoas: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    people = dict(register.population.select("code", "population").iter_rows())
    for name, size in (
        ("population", {code: people[code] for code in PARTS}),
        ("lsoas", {code: lsoas.filter(pl.col("lad_code") == code).height for code in PARTS}),
        ("area", {code: lsoas.filter(pl.col("lad_code") == code)["area"].sum() for code in PARTS}),
    ):
        found, _ = convert(capsys, deaths, "--weights", name)
        for code in PARTS:
            share = 1000 * size[code] / sum(size.values())
            assert found[code] == pytest.approx(share, abs=1e-5)
        assert found["E07000131"] == 7


def test_weights_from_a_file_of_lsoas(
    deaths: Path, lsoa_file: Path, lsoas: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = convert(capsys, deaths, "--weights", f"{lsoa_file}:homes")
    counts = {code: lsoas.filter(pl.col("lad_code") == code).height for code in PARTS}
    total = sum(counts.values()) + 2 * counts["E07000150"]
    assert found["E07000150"] == pytest.approx(3000 * counts["E07000150"] / total, abs=1e-5)


@pytest.mark.usefixtures("read_before")
def test_the_difference_between_weights_is_told(
    deaths: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, said = convert(capsys, deaths, "--weights", "population", "--weights", "area")
    second, _ = convert(capsys, deaths, "--weights", "area")
    apart = sorted(abs(second[code] - first[code]) / first[code] for code in PARTS)
    median = (apart[1] + apart[2]) / 2
    assert (
        "deaths by area of LSOAs of 2011 instead of population mid-2019: at most"
        f" {apart[-1]:.1%} apart, in the median {median:.1%}, over 4 best-fit areas."
    ) in said


@pytest.mark.parametrize("name", ["people", "Population"])
def test_weights_that_there_are_not(register: Register, name: str) -> None:
    with pytest.raises(GeographyError, match="no weights called"):
        find_weights(register, name)


def test_a_file_without_lsoas_or_without_the_column(
    register: Register, deaths: Path, lsoa_file: Path
) -> None:
    for name in (f"{deaths}:deaths", f"{lsoa_file}:people"):
        with pytest.raises(GeographyError, match="needs a column of LSOA codes"):
            find_weights(register, name)
