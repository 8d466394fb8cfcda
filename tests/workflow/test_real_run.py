"""The real mobility files: one run, checked against the raw file itself.

Indicators and release are of all districts. Pages are of some, unless ``LDS_FUZZ=deep`` asks for
all: of those whose values are put together from several places, of the one without any, and of one
in twelve others.
"""

from __future__ import annotations

import csv
import json
import re
import statistics
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from snakefolder import (
    HARBOROUGH,
    ISLES_OF_SCILLY,
    LADS,
    NORTH_NORTHAMPTONSHIRE,
    TOPIC,
    Folder,
    Maker,
    read_rows,
    shown,
    succeeded,
)

from fuzz.effort import DEEP
from lds.geography import Register

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_real")]
ALL = Register.load().live_on(date(2021, 4, 1))["code"].to_list()
MERGED = (NORTH_NORTHAMPTONSHIRE, "E06000060", "E06000062", "E07000244", "E07000246")
"""Districts that Google names by their parts; see test_conversion_of_mobility."""
CITY_OF_LONDON = "E09000001"
PAGES = ALL if DEEP else sorted({*LADS, *MERGED, CITY_OF_LONDON, *ALL[::12]})
RETAIL = "retail_and_recreation_percent_change_from_baseline"


@pytest.fixture(scope="session")
def raw(open_data: Path) -> Path:
    found = open_data / "google_mobility/2020_GB_Region_Mobility_Report.csv"
    if not found.is_file():
        pytest.skip("the real mobility file is not among the open data")
    return found


@pytest.fixture(scope="session")
def run(raw: Path, shared: Maker) -> Folder:
    """One full run for all workers of a test run."""

    def fill(path: Path) -> None:
        folder = Folder.fresh(
            path,
            geography__lads=[] if DEEP else PAGES,
            sources__google_mobility__path=str(raw),
            sources__lockdown_tiers__path=str(
                raw.with_name("LDS_GEOLYTIX_OpenCovid19Lockdown_UK.zip.csv")
            ),
        )
        succeeded(folder.make_reports())

    return shared("real", fill)


def test_every_district_has_values_and_those_asked_for_a_page_and_a_pack(run: Folder) -> None:
    table = pl.read_parquet(run.release / f"{TOPIC}.parquet")
    assert len(ALL) == 309
    own = table.filter((pl.col("indicator") == "HM-I1") & pl.col("value").is_not_null())
    assert set(own["area"]) == set(ALL) - {ISLES_OF_SCILLY}
    pages = sorted(run.public.glob("site/*/*.html"))
    assert [page.parent.name for page in pages] == PAGES
    assert sorted(path.stem for path in run.public.glob("packs/*.zip")) == PAGES
    assert statistics.median(page.stat().st_size for page in pages) < 400_000
    assert not [page for page in pages if "Synthetic data" in shown(page)]
    gaps = read_rows(run.public / "gaps.csv")[1:]
    assert [row[0] for row in gaps] == [ISLES_OF_SCILLY]


def test_every_value_is_accounted_for(run: Folder) -> None:
    release = json.loads((run.release / "release.json").read_text())
    accounts = {account["source"]: account for account in release["conversions"]}
    account = accounts["google_mobility"]
    assert account["places"]["lad"] == {"places": 318, "values": 535_873}
    values = account["values"]
    assert values["placed"] == 535_873
    assert sum(values[key] for key in ("used", "below_coverage", "not_convertible")) == 535_873
    assert release["synthetic"] is False
    # 314 districts of 2020 on four days; those of Wales, Scotland and Northern Ireland have none.
    assert accounts["lockdown_tiers"]["places"]["lad"] == {"places": 314, "values": 4 * 314}


def test_a_value_on_a_page_is_that_of_the_raw_file(run: Folder, raw: Path) -> None:
    first, end = date(2020, 3, 23), date(2020, 5, 13)
    by_weekday = defaultdict(list)
    with raw.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            day = date.fromisoformat(row["date"])
            if row["sub_region_2"] == "Harborough District" and first <= day < end and row[RETAIL]:
                by_weekday[day.isoweekday()].append(int(row[RETAIL]))
    days = [first + timedelta(days=offset) for offset in range((end - first).days)]
    weights = {weekday: 0 for weekday in by_weekday}
    for day in days:
        if day.isoweekday() in weights:
            weights[day.isoweekday()] += 1
    value = sum(
        statistics.median(by_weekday[weekday]) * weight for weekday, weight in weights.items()
    ) / sum(weights.values())
    assert value < -50
    words = rf"−{abs(value):.0f}%\s*visits to shops and leisure, first lockdown"
    assert re.search(words, shown(run.page(HARBOROUGH)))
