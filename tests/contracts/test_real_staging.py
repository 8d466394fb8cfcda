"""Every real open file that belongs to a source, staged as its publisher ships it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import polars as pl
import pytest
from real_files import CASES, of_one_file, read_again, staged_file

from lds.sources.contract import contract_path, load_contract
from lds.sources.rawfiles import raw_files
from lds.sources.staging import stage
from staged import staged_table

LSOAS = "population/population20_lsoa11.csv"
WORKBOOK = "population/ukmidyearestimates20182019ladcodes.xls"
ROWS = {
    "google_mobility/2020_GB_Region_Mobility_Report.csv": 126_690,
    "cases/ukc19_ltla_cases.csv": 512_050,
    "housing/pricepaid_RG30_1995-2023.csv": 24_077,
    "imd/imd2019_england_lsoa11.csv": 32_844,
    LSOAS: 34_753 * 91,
}
"""Rows that are known from elsewhere: from publishers and from the description of the files."""
NOTES = {WORKBOOK: [1, 1, 0]}
"""Footnotes of the sheets, counted by eye."""
ENGLAND_2020 = 56_550_138
"""Mid-2020 population of England (ONS, mid-year estimates, June 2021)."""
UNITED_KINGDOM_2018 = 66_435_550
"""Mid-2018 population of the United Kingdom (ONS, mid-year estimates, June 2019)."""


@pytest.mark.parametrize(("source", "path"), CASES)
def test_a_real_file_is_staged_whole(source: str, path: str, open_data: Path) -> None:
    staged = staged_file(open_data, source, path)
    # Another reader counts the same rows.
    expected = sum(table.height for table in read_again(open_data, source, path).tables)
    counts = (staged.report["rows_in"], staged.report["rows_kept"], staged.report["rows_rejected"])
    assert counts == (expected, expected, 0)
    assert staged.table.height == ROWS.get(path, expected) == expected
    files = cast("list[dict[str, dict[str, int]]]", staged.report["files"])
    notes = [each["dropped"]["footnote"] for each in files]
    assert notes == NOTES.get(path, [0])
    assert staged.left == [f"{source}.parquet"]


@pytest.mark.parametrize("path", ["population20_ltla20.csv", "population20_ltla21.csv"])
def test_the_population_of_england_by_lad(path: str, open_data: Path) -> None:
    table = staged_table(open_data / "population" / path, "population_lad")
    english = table.filter(pl.col("lad_code").str.starts_with("E"))
    assert english["population"].sum() == ENGLAND_2020
    assert english.unique("lad_code")["total_population"].sum() == ENGLAND_2020


@of_one_file(LSOAS)
def test_the_population_of_england_by_lsoa(open_data: Path) -> None:
    table = staged_file(open_data, "population_lsoa", LSOAS).table
    assert table.height >= load_contract(contract_path("population_lsoa")).minimum_rows
    english = table.filter(pl.col("lsoa_code").str.starts_with("E"))
    assert english["population"].sum() == ENGLAND_2020
    assert english["lsoa_code"].n_unique() == 32_844
    assert set(english["age"]) == {*map(str, range(90)), "90+"}


@of_one_file(WORKBOOK)
def test_the_workbook_of_populations(open_data: Path) -> None:
    table = staged_file(open_data, "population_lad_workbook", WORKBOOK).table
    assert table.height >= load_contract(contract_path("population_lad_workbook")).minimum_rows
    kingdom = table.filter(pl.col("area_code") == "K02000001")
    by_sex = dict(kingdom.group_by("sex").agg(pl.col("population").sum()).iter_rows())
    assert by_sex["T"] == by_sex["M"] + by_sex["F"] == UNITED_KINGDOM_2018
    # The districts of the four countries make up the kingdom, in every age and sex.
    lads = table.filter(pl.col("area_code").str.contains("^(E0[6-9]|W06|S12|N09)"))
    keys = ["sex", "age"]
    added = lads.group_by(keys).agg(pl.col("population").sum()).sort(keys)
    assert added.equals(kingdom.select(*keys, "population").sort(keys))


def test_the_ranks_of_deprivation(open_data: Path) -> None:
    table = staged_table(open_data / "imd/imd2019_england_lsoa11.csv", "imd")
    # Two areas share rank 2,852; the next has 2,854.
    assert table["imd_rank"].rank("min").cast(pl.Int64).equals(table["imd_rank"])
    assert (table["imd_rank"].min(), table["imd_rank"].max()) == (1, 32_844)
    assert table["lsoa_code"].n_unique() == 32_844
    deciles = table.group_by("imd_decile").len()["len"]
    assert deciles.min() >= 3_284
    assert deciles.max() <= 3_285


def test_the_sales_of_reading(open_data: Path) -> None:
    table = staged_table(open_data / "housing/pricepaid_RG30_1995-2023.csv", "price_paid")
    assert table["transaction_id"].n_unique() == 24_077
    assert set(table["postcode"].drop_nulls().str.slice(0, 4)) == {"RG30"}
    assert (table["date"].min().year, table["date"].max().year) == (1995, 2023)
    assert {"READING", "WEST BERKSHIRE", "NEWBURY"} <= set(table["district"])


def test_sales_that_stand_in_two_files_are_kept_once(open_data: Path, tmp_path: Path) -> None:
    contract = load_contract(contract_path("price_paid"))
    folder = tmp_path / "raw"
    folder.mkdir()
    raw = (open_data / "housing/pricepaid_RG31_2023.csv").read_bytes()
    (folder / "pp-2022.csv").write_bytes(raw)
    (folder / "pp-2023.csv").write_bytes(raw)
    contract = replace(contract, maximum_rejected_share=0.5, minimum_rows=1)
    files = raw_files(folder, contract)
    staged = stage(files, contract, None, tmp_path / "made.parquet")
    rows = len(raw.splitlines())
    assert (staged.report["rows_kept"], staged.report["rows_rejected"]) == (rows, rows)
    assert staged.rejected["file"].unique().to_list() == ["pp-2023.csv"]
    assert staged.rejected["line"].to_list() == list(range(1, rows + 1))
    assert staged.report["reasons"] == {"the same row again": rows}
