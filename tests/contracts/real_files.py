"""Which real open files are of which contract, and their content as both readers see it.

The tests of one file are of one group: they come one after the other, and read it once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from raw_files import long_table, read_raw

from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import stage

FILES = {
    "ahah": ["ahah/AHAH_2019_E08000012_Liverpool.csv"],
    "boundaries_google_mobility": ["google_mobility/google_mobility_lad_boundary_200903.geojson"],
    "boundaries_lad": [f"boundaries/boundaries_ltla{year}.geojson" for year in (19, 20, 21, 24)],
    "boundaries_lsoa": ["boundaries/lsoa11_england_wales.geojson"],
    "business_demography": ["labour/ESS_business-demography.csv"],
    "cases_age": ["cases/ukc19_england_cases_by_5yr_age.csv"],
    "cases_lad": ["cases/ukc19_ltla_cases.csv"],
    "census_2021_ethnicity_lad": ["place/ethnicity21_ltla21.csv"],
    "census_2021_ethnicity_lsoa": ["place/census2021-ts021-lsoa.csv"],
    "census_2021_households": ["place/households21_ltla21.csv"],
    "cis_published": ["cases/ukc19_ons_infection_survey.csv"],
    "claimant_count": ["labour/ESS_claimant-count.csv"],
    "deaths_weekly": ["deaths/LAHB_deaths-2021-registrations_first19LADs_week1.csv"],
    "deaths_weekly_2020": ["deaths/engdeaths.csv"],
    "education": ["place/ESS_aged-16-to-64-years-level-3-or-above-qualifications.csv"],
    "economic_activity": ["labour/ESS_employment-rate.csv"],
    "gigabit_broadband": ["place/ESS_gigabit-capable-broadband.csv"],
    "google_mobility": ["google_mobility/2020_GB_Region_Mobility_Report.csv"],
    "google_places": ["google_mobility/google_mobility_lad_lookup_200903.csv"],
    "household_income": ["place/ESS_gross-disposable-household-income-per-head.csv"],
    "housing_affordability_ratio": ["housing/hp_to_wage_ratio.parquet"],
    "imd": ["imd/imd2019_england_lsoa11.csv"],
    "imd_indicators": ["imd/imd2019_england_lsoa11_indicators.csv"],
    "imd_lad": ["imd/imd2019_england_ltla19.csv"],
    "imd_subdomains": ["imd/imd2019_england_lsoa11_subdomains.csv"],
    "iuc_digital_vulnerability": ["iuc/BRC_digital-exclusion-lsoa.csv"],
    "journey_time": ["place/ESS_average-travel-time.csv"],
    "lockdown_tiers": ["google_mobility/LDS_GEOLYTIX_OpenCovid19Lockdown_UK.zip.csv"],
    "lockdown_tiers_england": ["google_mobility/england_ltla_covid_tiers_2020_12_20.csv"],
    "median_house_prices": ["housing/median_house_prices.csv"],
    "median_weekly_pay": ["labour/ESS_gross-median-weekly-pay.csv"],
    "modelled_unemployment": ["labour/ESS_aged-16-years-and-over-modelled-unemployment.csv"],
    "policy_events": ["google_mobility/LDS_COVID-19_important_dates.csv"],
    "population_age_bands": ["population/ukc19_uk_population_2019_by_5yr_age.csv"],
    "population_lad": [f"population/population{each}.csv" for each in
                       ("19_ltla19", "20_ltla20", "20_ltla21")],
    "population_lad_workbook": ["population/ukmidyearestimates20182019ladcodes.xls"],
    "population_lsoa": [f"population/population{year}_lsoa11.csv" for year in (19, 20)],
    "price_paid": [f"housing/{each}" for each in ("example_pp_15_rows.csv",
                   "pricepaid_RG30_1995-2023.csv", "pricepaid_RG31_2023.csv")],
    "test_positivity": ["cases/ukc19_england_covid_positivity.csv"],
    "uk_business": ["business/ukbusinessworkbook2024.xlsx"],
}  # fmt: skip
"""Which real files are of which contract."""


def of_one_file(path: str) -> pytest.MarkDecorator:
    """Return the mark of tests that read a file, so that they share what was read."""
    return pytest.mark.xdist_group(f"real_{Path(path).name}")


CASES = [
    pytest.param(source, path, marks=of_one_file(path))
    for source, paths in FILES.items()
    for path in paths
]


class SecondReading(NamedTuple):
    """What the second reader finds in a file: the headings and the rows of each sheet."""

    headings: list[list[str]]
    tables: list[pl.DataFrame]


@lru_cache(maxsize=1)
def read_again(open_data: Path, source: str, path: str) -> SecondReading:
    """Return what the second reader finds in a file, the rows under the names of the contract."""
    contract = load_contract(contract_path(source))
    sheets = {each.name: each.values for each in contract.reader.sheets}
    raw = read_raw(open_data / path, contract)
    return SecondReading(
        [frame.columns for frame in raw.values()],
        [long_table(frame, contract, sheets.get(sheet, {})) for sheet, frame in raw.items()],
    )


class StagedFile(NamedTuple):
    """What staging made of a file, and the names of the files that it left."""

    table: pl.DataFrame
    report: dict[str, object]
    left: Iterable[str]


@lru_cache(maxsize=1)
def staged_file(open_data: Path, source: str, path: str) -> StagedFile:
    """Return what the workflow's own staging makes of a file."""
    # Some real files are a small part of what the publisher ships.
    contract = replace(load_contract(contract_path(source)), minimum_rows=1)
    sql = SQL / "staging" / f"{source}.sql"
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"{source}.parquet"
        staged = stage(open_data / path, contract, sql if sql.is_file() else None, to)
        left = sorted(each.name for each in to.parent.iterdir())
        return StagedFile(staged.table, staged.report, left)
