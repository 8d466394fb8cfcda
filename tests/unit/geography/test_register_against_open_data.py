"""The area register against the public files, wherever they lie beside the project."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.geography import Register

ROOT = Path(__file__).resolve().parents[3]
OPEN = ROOT / ".." / "shared/data/open"
AREA_CODES = OPEN / "area_codes"
ENGLISH_LAD = "^E0[6-9]"

pytestmark = pytest.mark.skipif(
    not AREA_CODES.is_dir(), reason="the open data are not in ../shared/data/open"
)
REGISTER = Register.load(ROOT / "workflow" / "resources")
BARNSLEY_SHEFFIELD_2025 = {"E08000038", "E08000039"}


def read(path: Path, **columns: str) -> pl.DataFrame:
    """Read the given columns of a list of areas, its English districts only, as text."""
    frame = pl.read_csv(path, infer_schema=False).select(**columns).unique()
    return frame.filter(pl.col("code").str.contains(ENGLISH_LAD)).sort("code")


def code_history() -> dict[str, list[dict]]:
    entries: dict[str, list[dict]] = {}
    for entity in ("E06", "E07", "E08", "E09"):
        path = AREA_CODES / f"CHD_Jul2024_{entity}.json"
        entries |= json.loads(path.read_text(encoding="utf-8"))["areas"]
    return entries


NAME_LISTS = [
    ("LAD_to_Region_Dec2015.csv", "LAD15", date(2015, 12, 31)),
    ("LAD_to_Region_Dec2018.csv", "LAD18", date(2018, 12, 31)),
    ("LAD_Dec2019_Names_and_Codes_UK.csv", "LAD19", date(2019, 12, 31)),
    ("LAD_(Dec_2020)_Names_and_Codes_in_the_United_Kingdom.csv", "LAD20", date(2020, 12, 31)),
    (
        "Local_Authority_Districts_(December_2022)_Names_and_Codes_in_the_United_Kingdom.csv",
        "LAD22",
        date(2022, 12, 31),
    ),
    (
        "Local_Authority_Districts_(April_2023)_Names_and_Codes_in_the_United_Kingdom.csv",
        "LAD23",
        date(2023, 4, 1),
    ),
]


@pytest.mark.parametrize(("file", "column", "day"), NAME_LISTS)
def test_codes_and_names_of_a_day(file: str, column: str, day: date) -> None:
    published = read(AREA_CODES / file, code=f"{column}CD", name=f"{column}NM")
    assert REGISTER.live_on(day).select("code", "name").rows() == published.rows()


def test_codes_and_names_of_2011() -> None:
    path = OPEN / "lsoa_lookups" / "LSOA01_LSOA11_LAD11.csv"
    published = read(path, code="LAD11CD", name="LAD11NM")
    assert REGISTER.live_on(date(2011, 12, 31)).select("code", "name").rows() == published.rows()


@pytest.mark.parametrize(
    ("file", "code", "region", "day"),
    [
        ("LAD_to_Region_Dec2015.csv", "LAD15CD", "RGN15CD", date(2015, 12, 31)),
        ("LAD_to_Region_Dec2018.csv", "LAD18CD", "RGN18CD", date(2018, 12, 31)),
        ("lookup_ltla20_region20.csv", "ltla20_code", "region20_code", date(2020, 12, 31)),
        ("lookup_ltla21_region21.csv", "ltla21_code", "region21_code", date(2021, 12, 31)),
        ("lookup_ltla23_region23.csv", "ltla23_code", "region23_code", date(2023, 12, 31)),
    ],
)
def test_regions_of_a_day(file: str, code: str, region: str, day: date) -> None:
    published = read(AREA_CODES / file, code=code, region_code=region)
    assert REGISTER.live_on(day).select("code", "region_code").rows() == published.rows()


def test_region_of_every_code_against_drkane() -> None:
    table = read(AREA_CODES / "drkane_la_all_codes.csv", code="LADCD", region_code="RGNCD")
    both = REGISTER.areas.join(table, on="code", suffix="_theirs")
    assert both.height == table.height == 346
    assert both.filter(pl.col("region_code") != pl.col("region_code_theirs")).is_empty()


def test_every_region_is_confirmed_by_some_file() -> None:
    confirmed = set(read(AREA_CODES / "drkane_la_all_codes.csv", code="LADCD")["code"])
    history = code_history()
    regions = dict(REGISTER.areas.select("code", "region_code").iter_rows())
    for code, entries in history.items():
        parent = entries[-1]["parent"]
        if parent.startswith("E12"):
            assert regions[code] == parent
            confirmed.add(code)
    # The rest are districts of the counties that ended in 2009: their successors are unitary
    # authorities, whose region the code history gives.
    main = REGISTER.changes.filter(pl.col("kind").is_in(["merge", "recode"]))
    successors = dict(main.select("from_code", "to_code").iter_rows())
    for code in set(regions) - confirmed:
        assert regions[code] == history[successors[code]][-1]["parent"]


def test_codes_dates_names_and_counties_against_the_code_history() -> None:
    history = code_history()
    areas = {row["code"]: row for row in REGISTER.areas.iter_rows(named=True)}
    assert set(areas) - set(history) == BARNSLEY_SHEFFIELD_2025
    assert set(history) <= set(areas)
    for code, unsorted in history.items():
        entries = sorted(unsorted, key=lambda entry: entry["date"]["s"])
        area, last = areas[code], entries[-1]
        assert str(area["start_date"]) == entries[0]["date"]["s"]
        assert [*area["old_names"], area["name"]] == [entry["nm"] for entry in entries]
        if code.startswith("E07"):
            assert area["county_code"] == last["parent"]
        if code in ("E08000016", "E08000019"):  # ended after this edition of the code history
            assert "e" not in last["date"]
            assert area["end_date"] == date(2025, 3, 31)
        else:
            assert area["end_date"] == (
                date.fromisoformat(last["date"]["e"]) if "e" in last["date"] else None
            )


def test_region_names() -> None:
    published = json.loads((AREA_CODES / "CHD_Jul2024_E12.json").read_text(encoding="utf-8"))
    names = {code: entries[0]["nm"] for code, entries in published["areas"].items()}
    assert dict(REGISTER.regions.iter_rows()) == names


def test_counties_of_april_2019() -> None:
    # E13 is Inner and Outer London in this file, which are not counties.
    published = read(
        AREA_CODES / "LAD_to_County_Apr2019.csv", code="LAD19CD", county="CTY19CD", name="CTY19NM"
    ).filter(~pl.col("county").str.starts_with("E13"))
    ours = (
        REGISTER.live_on(date(2019, 4, 1))
        .filter(pl.col("county_code").is_not_null())
        .join(REGISTER.counties, left_on="county_code", right_on="code", suffix="_county")
        .select("code", county="county_code", name="name_county")
        .sort("code")
    )
    assert ours.rows() == published.rows()


def test_changes_against_gsscoder() -> None:
    theirs = (
        pl.read_csv(AREA_CODES / "gsscoder_sysdata__lad_code_changes.csv", infer_schema=False)
        .filter(pl.col("changed_to_code").str.starts_with("E"))
        .select(
            "date",
            from_code="changed_from_code",
            to_code="changed_to_code",
            title="desc",
            merge=pl.col("merge") == "TRUE",
            split=pl.col("split") == "TRUE",
        )
    )
    assert not theirs["split"].any()
    # They end in 2023, and have no rows for land that moved; "Name Change" is their title of one.
    ours = REGISTER.changes.filter(
        pl.col("date") < date(2025, 4, 1), pl.col("kind") != "partial_transfer"
    ).select(
        pl.col("date").cast(pl.String),
        "from_code",
        "to_code",
        title=pl.col("instrument_title").replace("Name change", "Name Change"),
        merge=pl.col("kind") == "merge",
    )
    order = ["date", "to_code", "from_code"]
    assert ours.sort(order).rows() == theirs.drop("split").sort(order).rows()
    assert ours.height == 87


def test_current_code_of_every_code_against_drkane() -> None:
    table = read(AREA_CODES / "drkane_la_all_codes.csv", code="LADCD", active="LADCD_ACTIVE")
    known = dict(table.iter_rows())
    main = REGISTER.changes.filter(pl.col("kind").is_in(["merge", "recode"]))
    for old, new in main.select("from_code", "to_code").iter_rows():
        if old in known:
            assert known[old] == known.get(new, new)


def test_population_of_2019_districts() -> None:
    path = OPEN / "population" / "population19_ltla19.csv"
    published = read(path, code="ltla19_code", population="total_population").with_columns(
        pl.col("population").cast(pl.Int64)
    )
    ours = REGISTER.live_on(date(2019, 12, 31)).join(REGISTER.population, on="code")
    assert ours.select("code", "population").rows() == published.rows()
    assert published["population"].sum() == 56_286_961


def test_population_of_2018_districts() -> None:
    lookup = pl.read_csv(OPEN / "lsoa_lookups" / "lookup_lsoa11_ltla18.csv")
    people = pl.read_csv(
        OPEN / "population" / "population19_lsoa11.csv", columns=["lsoa11_code", "total_population"]
    )
    published = (
        lookup.join(people, on="lsoa11_code", how="left", validate="1:1")
        .group_by("ltla18_code")
        .agg(pl.col("total_population").sum())
        .sort("ltla18_code")
    )
    ours = REGISTER.live_on(date(2018, 4, 1)).join(REGISTER.population, on="code")
    assert ours.select("code", "population").rows() == published.rows()
