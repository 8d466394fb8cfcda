"""Conversions against figures that the ONS published for both vintages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.geography import Register, convert_frame

REGISTER = Register.load()
Y2020, Y2021 = date(2020, 4, 1), date(2021, 4, 1)


def published(folder: Path, name: str) -> pl.DataFrame:
    """Return residents by single year of age of the English LADs: from_code, age, value."""
    table = pl.read_csv(folder / "population" / f"{name}.csv", infer_schema=False)
    code = table.columns[1] if table.columns[0].endswith("name") else table.columns[0]
    ages = [column for column in table.columns if column.isdigit() or column == "90+"]
    return (
        table.filter(pl.col(code).str.contains("^E0[6-9]"))
        .unpivot(ages, index=code, variable_name="age")
        .select(from_code=code, age="age", value=pl.col("value").cast(pl.Float64).cast(pl.Int64))
        .sort("from_code", "age")
    )


def test_populations_of_2020_districts_become_those_of_2021(open_data: Path) -> None:
    given, expected = (published(open_data, f"population20_ltla{year}") for year in (20, 21))
    made = convert_frame(given, REGISTER, to=Y2021, kind="count")
    assert made.table["match"].unique().to_list() == ["exact"]
    assert made.table.select(from_code="area", age="age", value="value").equals(expected)
    assert made.account.totals["value"]["before"] == made.account.totals["value"]["after"]
    assert expected["value"].sum() == 56_550_138


def test_dividing_2021_districts_by_the_population_of_2019_misses_those_of_2020_by_little(
    open_data: Path,
) -> None:
    given, expected = (published(open_data, f"population20_ltla{year}") for year in (21, 20))
    totals = [
        table.group_by("from_code").agg(pl.col("value").sum()).sort("from_code")
        for table in (given, expected)
    ]
    made = convert_frame(totals[0], REGISTER, to=Y2020, kind="count").table
    divided = made.filter(pl.col("match") == "best_fit").join(
        totals[1], left_on="area", right_on="from_code", suffix="_published"
    )
    assert divided.height == 7  # the districts of Northamptonshire
    error = (divided["value"] / divided["value_published"] - 1).abs()
    assert error.max() < 0.01  # type: ignore[operator]
    assert error.max() > 0  # type: ignore[operator]
    same = made.filter(pl.col("match") == "exact").join(
        totals[1], left_on="area", right_on="from_code", suffix="_published"
    )
    assert same.height == 314 - 7
    assert (same["value"] == same["value_published"]).all()


@pytest.mark.parametrize("year", [2018, 2019, 2020])
def test_codes_lead_where_the_look_ups_of_lsoas_lead(open_data: Path, year: int) -> None:
    # LSOAs counted by LAD of one year, converted, are LSOAs counted by LAD of 2021.
    counts = {}
    for each in (year, 2021):
        path = open_data / "lsoa_lookups" / f"lookup_lsoa11_ltla{each - 2000}.csv"
        counts[each] = (
            pl.read_csv(path, infer_schema=False)
            .filter(pl.col("lsoa11_code").str.starts_with("E"))
            .group_by(from_code=pl.col(f"ltla{each - 2000}_code"))
            .agg(value=pl.col("lsoa11_code").n_unique().cast(pl.Int64))
            .sort("from_code")
        )
    made = convert_frame(counts[year], REGISTER, to=Y2021, kind="count").table
    assert made.select(from_code="area", value="value").equals(counts[2021])
    assert made["value"].sum() == 32_844
