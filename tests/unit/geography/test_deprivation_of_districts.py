"""LSOAs to LADs, held against a published share: LSOAs in the first decile of deprivation."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

from lds.geography import Register, convert_frame
from lds.geography.levels.lsoas import build_lsoas

Y2018, Y2019 = date(2018, 4, 1), date(2019, 4, 1)


@pytest.fixture(scope="module")
def deciles(open_data: Path) -> pl.DataFrame:
    frame = pl.read_csv(open_data / "imd" / "imd2019_england_lsoa11.csv")
    return frame.select("lsoa11_code", first=(pl.col("IMD_decile") == 1).cast(pl.Int64))


@pytest.fixture(scope="module")
def published(open_data: Path) -> dict[str, float]:
    frame = pl.read_csv(open_data / "imd" / "imd2019_england_ltla19.csv")
    return dict(frame.select("ltla19_code", "Proportion").iter_rows())


def by_lad(register: Register, deciles: pl.DataFrame, day: date) -> pl.DataFrame:
    lads = build_lsoas(register, day).select("lad_code", lsoa_code="code")
    joined = deciles.join(lads, left_on="lsoa11_code", right_on="lsoa_code", how="left")
    assert joined.height == 32_844
    assert joined["lad_code"].null_count() == 0
    return joined.group_by("lad_code").agg(
        pl.col("first").sum().alias("numerator"), pl.len().cast(pl.Int64).alias("denominator")
    )


def same(found: dict[str, float], published: dict[str, float]) -> None:
    assert len(published) == 317
    assert found.keys() == published.keys()
    # The publisher rounds halves up: 2 of 64 is 0.0313.
    fourth = Decimal("0.0001")
    rounded = {
        code: Decimal(value).quantize(fourth, ROUND_HALF_UP) for code, value in found.items()
    }
    assert rounded == {code: Decimal(str(value)) for code, value in published.items()}


def test_from_lsoas_to_the_districts_of_the_index(
    register: Register, deciles: pl.DataFrame, published: dict[str, float]
) -> None:
    found = by_lad(register, deciles, Y2019).with_columns(
        value=pl.col("numerator") / pl.col("denominator")
    )
    same(dict(found.select("lad_code", "value").iter_rows()), published)


def test_from_the_districts_of_2018_to_those_of_the_index(
    register: Register, deciles: pl.DataFrame, published: dict[str, float]
) -> None:
    earlier = by_lad(register, deciles, Y2018)
    assert earlier.height == 326
    done = convert_frame(earlier, register, to=Y2019, kind="rate", code="lad_code", keys=[])
    assert set(done.table["match"]) == {"exact"}
    same(dict(done.table.select("area", "value").iter_rows()), published)
