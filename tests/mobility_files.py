"""The real files of Human mobility: staged by their contracts, and read by Python's own reader."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from lds.io import RESOURCES
from lds.sources.harmonise import Harmonised
from staged import staged_table

FILES = {
    "google_mobility": "2020_GB_Region_Mobility_Report.csv",
    "google_places": "google_mobility_lad_lookup_200903.csv",
    "lockdown_tiers": "LDS_GEOLYTIX_OpenCovid19Lockdown_UK.zip.csv",
}
Values = dict[date, float]
RawValues = Callable[..., Values]
"""Returns the values of a measure in a place: measure, first sub-region, second (blank: none)."""


def staged_files(open_data: Path, *sources: str) -> dict[str, pl.DataFrame]:
    """Return what harmonisation needs of some sources, the names of Google's places included."""
    tables = {
        source: staged_table(open_data / "google_mobility" / FILES[source], source)
        for source in sources
    }
    return {**tables, "google_place_names": pl.read_csv(RESOURCES / "google_place_names.csv")}


def read_raw_values(open_data: Path) -> RawValues:
    """Read Google's file once, for the values of its places as they stand there."""
    path = open_data / "google_mobility" / FILES["google_mobility"]
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))

    def raw_values(measure: str, first: str, second: str = "") -> Values:
        column = f"{measure}_percent_change_from_baseline"
        return {
            date.fromisoformat(row["date"]): float(row[column])
            for row in rows
            if (row["sub_region_1"], row["sub_region_2"]) == (first, second) and row[column]
        }

    return raw_values


def own_values(harmonised: Harmonised, area: str, measure: str) -> Values:
    """Return the values of a measure in a district."""
    rows = harmonised.table.filter(
        (pl.col("area") == area) & (pl.col("measure") == measure) & pl.col("value").is_not_null()
    )
    return dict(rows.select("date", "value").iter_rows())
