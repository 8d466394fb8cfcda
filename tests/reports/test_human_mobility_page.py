"""What the page of Human mobility holds, made from stand-ins without the workflow around it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from lds.areas import CustomArea, members_frame
from lds.geography import Register
from lds.geography.reference import build_areas
from lds.id_map import PLACE, read_id_map
from lds.io import RESOURCES, SQL, read_yaml
from lds.maps.boundaries import build_boundaries
from lds.maps.neighbours import neighbours
from lds.reports.content import Content, Figure
from lds.sources.contract import contract_path, load_contract
from lds.sources.harmonise import harmonise
from lds.topics.human_mobility.indicators import indicators
from lds.topics.human_mobility.page import Pages
from staged import staged_table
from stand_ins import registered_england, write_stand_ins

VINTAGE = date(2021, 4, 1)
HARBOROUGH, WIGHT, NORTH_NORTHAMPTONSHIRE = "E07000131", "E06000046", "E06000061"
CUSTOM = [
    CustomArea(code=code, name=name, vintage=date.fromisoformat(day), lads=lads)
    for code, name, day, lads in (
        ("X00000001", "South Leicestershire", "2021-04-01", ("E07000129", HARBOROUGH)),
        ("X00000002", "Across the border", "2021-04-01", (HARBOROUGH, "E07000220")),
        ("X00000003", "Suffolk coast", "2018-04-01", ("E07000205", "E07000206")),
    )
]
SOUTH, BORDER, COAST = (area.code for area in CUSTOM)
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def resources() -> dict[str, pl.DataFrame]:
    return {
        name: pl.read_csv(RESOURCES / f"{name}.csv", try_parse_dates=True)
        for name in ("policy_periods", "bank_holidays")
    }


@pytest.fixture(scope="module")
def table(
    tmp_path_factory: pytest.TempPathFactory, resources: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    register, folder = Register.load(), tmp_path_factory.mktemp("raw")
    tables = {"google_place_names": pl.read_csv(RESOURCES / "google_place_names.csv")}
    for source in ("google_mobility", "google_places", "lockdown_tiers"):
        (raw,) = write_stand_ins(registered_england(seed=3), source, folder)
        tables[source] = staged_table(raw, source)
    harmonised = {
        source: harmonise(
            load_contract(contract_path(source)), tables, register, to=VINTAGE,
            sql=SQL / "harmonised", custom_areas=members_frame(CUSTOM),
        ).table
        for source in ("google_mobility", "lockdown_tiers")
    }  # fmt: skip
    return indicators(harmonised, build_areas(register, VINTAGE, CUSTOM), resources)


@pytest.fixture(scope="module")
def reference() -> dict[str, pl.DataFrame]:
    lads = build_boundaries(Register.load(), VINTAGE).lads
    return {"boundaries_lads": lads, "neighbours": neighbours(lads)}


@pytest.fixture(scope="module")
def content(
    table: pl.DataFrame,
    resources: dict[str, pl.DataFrame],
    reference: dict[str, pl.DataFrame],
) -> Callable[[str], Content]:
    pages = Pages(
        table=table.lazy(),
        areas=build_areas(Register.load(), VINTAGE, CUSTOM),
        resources=resources,
        reference=reference,
        release_id="test",
        synthetic=True,
    )
    return cache(pages.content)


def figure(content: Content, name: str) -> Figure:
    return next(figure for figure in content.figures if figure.id == name)


def rows_of(figure: Figure) -> Rows:
    return list(csv.DictReader(io.StringIO(figure.csv)))


def test_the_figures_of_the_page_in_order(content) -> None:
    measures = [
        measure["id"] for measure in read_yaml(RESOURCES / "human_mobility.yaml")["measures"]
    ]
    assert [figure.id for figure in content(HARBOROUGH).figures] == [
        "standing",
        *(f"trend_{measure}" for measure in measures),
        *("periods", "weekdays", "holidays", "tiers", "tier_maps"),
    ]


def test_every_trend_has_three_lines_and_every_day(content, table: pl.DataFrame) -> None:
    days = table.filter(pl.col("indicator") == "HM-I2")["start"].unique()
    trends = [each for each in content(HARBOROUGH).figures if each.id.startswith("trend_")]
    assert len(trends) == 6
    for each in trends:
        rows = rows_of(each)
        assert [row["date"] for row in rows] == [day.isoformat() for day in days.sort()]
        for column in ("district_percent", "region_percent", "england_percent"):
            assert any(row[column] for row in rows)
        assert all(bool(row["district_percent"]) != bool(row["mark"]) for row in rows)
        for band in ("First lockdown", "Hospitality open", "Second lockdown"):
            assert band in each.svg


def test_values_of_a_trend_are_the_released_ones(content, table: pl.DataFrame) -> None:
    rows = rows_of(figure(content(HARBOROUGH), "trend_parks"))
    released = table.filter(
        (pl.col("indicator") == "HM-I1")
        & (pl.col("area") == HARBOROUGH)
        & (pl.col("measure") == "parks")
    ).sort("start")
    shown = [float(row["district_percent"]) if row["district_percent"] else None for row in rows]
    assert shown == released["value"].to_list()


def test_one_chart_of_all_categories_and_periods(content, table: pl.DataFrame) -> None:
    chart = figure(content(HARBOROUGH), "periods")
    rows = rows_of(chart)
    periods = table.filter(pl.col("statistic") == "median_change")["period"].n_unique()
    assert len(rows) == 6 * periods
    assert len(chart.table.rows) == periods
    assert chart.svg.count("<svg") == 1
    own = table.filter(
        (pl.col("area") == HARBOROUGH)
        & (pl.col("statistic") == "median_change")
        & (pl.col("comparator") == "region")
    )
    released = {(row["measure"], row["period"]): row["value"] for row in own.to_dicts()}
    for row in rows:
        value = released.get((row["measure"], row["period"]))
        assert (float(row["region_percent"]) if row["region_percent"] else None) == value


def test_as_first_published_stands_beside_the_new_value(content, table: pl.DataFrame) -> None:
    chart = figure(content(HARBOROUGH), "trend_parks")
    column = [label for label, _ in chart.table.columns].index("As first published, %")
    plain = table.filter(
        (pl.col("area") == HARBOROUGH)
        & (pl.col("statistic") == "plain_median_change")
        & (pl.col("measure") == "parks")
    ).sort("start", pl.col("end"), descending=[False, True])
    shown = [
        row[column].replace("\N{MINUS SIGN}", "-").replace("+", "") for row in chart.table.rows
    ]
    assert shown == [f"{value:.0f}" for value in plain["value"]]


def test_dates_of_the_page_are_right(content) -> None:
    page = content(HARBOROUGH)
    dates = {row[0]: row[1] for row in figure(page, "periods").table.rows}
    assert dates["Before the first national lockdown"] == "15 February to 22 March 2020"
    assert dates["First national lockdown"] == "23 March to 12 May 2020"
    assert dates["Eat Out to Help Out"] == "3 to 31 August 2020"
    said = "; ".join(text for _, rows in page.methods for _, text in rows)
    assert "3 January to 6 February 2020" in said


def test_bank_holidays_of_the_window(content) -> None:
    rows = rows_of(figure(content(HARBOROUGH), "holidays"))
    days = sorted({row["date"] for row in rows})
    assert days[:5] == ["2020-04-10", "2020-04-13", "2020-05-08", "2020-05-25", "2020-08-31"]
    assert len(rows) == 6 * len(days)


def test_weekdays_of_every_period(content, table: pl.DataFrame) -> None:
    chart = figure(content(HARBOROUGH), "weekdays")
    assert [label for label, _ in chart.table.columns[1:]] == [
        *("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    ]
    released = table.filter(
        (pl.col("area") == HARBOROUGH)
        & (pl.col("statistic") == "weekday_median_change")
        & (pl.col("comparator") == "england")
    )
    rows = rows_of(chart)
    found = {
        (row["measure"], row["period"], row["weekday"]): float(row["england_percent"])
        for row in rows
        if row["england_percent"]
    }
    assert found == {
        (row["measure"], row["period"], row["breakdown"]): row["value"]
        for row in released.filter(pl.col("value").is_not_null()).to_dicts()
    }


def test_tiers_of_a_district_and_its_neighbours(content, table: pl.DataFrame) -> None:
    tiles = figure(content(HARBOROUGH), "tiers")
    assert [row[0] for row in tiles.table.rows] == [
        *("Harborough", "Blaby", "Charnwood", "Leicester", "Melton", "North Northamptonshire"),
        *("Oadby and Wigston", "Rugby", "Rutland", "West Northamptonshire"),
    ]
    released = {
        (row["area"], row["start"].isoformat()): row["value"]
        for row in table.filter(pl.col("statistic") == "tier").to_dicts()
    }
    rows = rows_of(tiles)
    assert len(rows) == 40
    assert all(released[row["area_code"], row["date"]] == float(row["tier"]) for row in rows)
    assert {row[-1] for row in tiles.table.rows} == {"L"}
    maps = figure(content(HARBOROUGH), "tier_maps").svg
    assert maps.count("<use") >= 40
    assert "Oadby" in maps


def test_an_island_has_its_own_tier_alone(content) -> None:
    tiles = figure(content(WIGHT), "tiers")
    assert [row[0] for row in tiles.table.rows] == ["Isle of Wight"]
    assert "touches no other district" in tiles.guide


def test_the_fills_of_a_tier_are_the_same_for_every_district(content) -> None:
    palette = read_yaml(RESOURCES / "palette.yaml")["tiers"]
    for code in (HARBOROUGH, WIGHT, NORTH_NORTHAMPTONSHIRE):
        svg = figure(content(code), "tiers").svg
        levels = {row["tier"] for row in rows_of(figure(content(code), "tiers"))}
        for level in levels:
            assert palette["lockdown" if level == "5" else level]["color"].lower() in svg.lower()


def test_a_district_made_of_parts_says_when_they_differed(content, table: pl.DataFrame) -> None:
    own = table.filter((pl.col("statistic") == "tier") & (pl.col("area") == NORTH_NORTHAMPTONSHIRE))
    note = figure(content(NORTH_NORTHAMPTONSHIRE), "tiers").note or ""
    assert ("parts of North Northamptonshire" in note) == (own["note"].null_count() < own.height)


def words_of(content: Content) -> str:
    """Return all that a page says, tables and descriptions included."""
    told = [*content.summary, *(text for pair in content.key_figures for text in pair)]
    for section in content.sections:
        told += [section.title, section.note or ""]
    for each in content.figures:
        told += [each.title, each.guide, each.note or "", each.svg, each.table.caption]
        told += [label for label, _ in each.table.columns]
        told += [text for row in each.table.rows for text in row]
    return "\n".join(told)


def test_an_area_of_two_districts_is_their_mean_by_population(content, table: pl.DataFrame) -> None:
    own = rows_of(figure(content(SOUTH), "trend_workplaces"))
    # ONS mid-2019: Blaby 101,526, Harborough 93,807.
    weights = {"E07000129": 101_526, HARBOROUGH: 93_807}
    parts = table.filter(
        pl.col("area").is_in(list(weights)),
        pl.col("indicator") == "HM-I1",
        pl.col("measure") == "workplaces",
    )
    by_day: dict[str, dict[str, float | None]] = {}
    for code, day, value in parts.select("area", "start", "value").iter_rows():
        by_day.setdefault(day.isoformat(), {})[code] = value
    both = 0
    for row in own:
        values = by_day[row["date"]]
        if None in values.values():
            # Either of the two holds less than 80% of the people.
            assert row["district_percent"] == ""
            continue
        both += 1
        mean = sum(weights[code] * value for code, value in values.items()) / sum(weights.values())
        assert float(row["district_percent"]) == pytest.approx(mean, abs=6e-4)
    assert both > 200


def test_custom_areas_are_not_ranked(content) -> None:
    districts = rows_of(figure(content(HARBOROUGH), "standing"))
    assert not [row for row in districts if row["area_code"].startswith("X")]
    for code in (SOUTH, BORDER, COAST):
        strip = figure(content(code), "standing")
        first, *others = rows_of(strip)
        assert others == districts
        assert (first["area_code"], first["rank"]) == (code, "")
        deeper = sum(
            float(row["change_percent"]) > float(first["change_percent"]) for row in districts
        )
        assert (
            strip.title == f"{first['area_name']} fell further than {deeper} of {len(districts)}"
            " districts"
        )
        assert [label for label, _ in strip.table.columns] == ["Area", "Change, %"]
        assert first["area_name"] in [row[0] for row in strip.table.rows]
        assert not re.search(r"\brank(ed)?\b", words_of(content(code)), re.IGNORECASE)
    assert "rank among districts" in words_of(content(HARBOROUGH))


def test_an_area_in_one_region_has_its_comparators(content, table: pl.DataFrame) -> None:
    rows = rows_of(figure(content(SOUTH), "periods"))
    released = {
        (row["measure"], row["period"]): row["value"]
        for row in table.filter(pl.col("area") == SOUTH, pl.col("indicator") == "HM-I5").to_dicts()
    }
    shown = {
        (row["measure"], row["period"]): float(row["region_percent"])
        for row in rows
        if row["region_percent"]
    }
    assert shown == {key: value for key, value in released.items() if value is not None}
    assert len(shown) > 20
    assert "the East Midlands" in words_of(content(SOUTH))


def test_an_area_in_two_regions_has_england_alone(content) -> None:
    page = content(BORDER)
    said = words_of(page)
    for absent in ("East Midlands", "West Midlands", "None", "the region", "The region"):
        assert absent not in said
    assert "England is given for the days on which Across the border has a figure." in said
    for name in ("trend_parks", "periods", "weekdays", "holidays"):
        assert "england_percent" in figure(page, name).csv
        assert "region_percent" not in figure(page, name).csv
    assert {row["comparator"] for row in csv.DictReader(io.StringIO(page.data))} == {
        "self",
        "england",
    }


def test_tiers_of_an_area_stand_with_those_of_its_districts(content) -> None:
    page = content(BORDER)
    tiles = figure(page, "tiers")
    assert [row[0] for row in tiles.table.rows] == ["Across the border", "Harborough", "Rugby"]
    assert "Across the border and its two districts" in tiles.guide
    assert {row["area_code"] for row in rows_of(figure(page, "tier_maps"))} == {
        HARBOROUGH,
        "E07000220",
    }


def test_an_area_of_another_day_has_its_own_tier_alone(content) -> None:
    page = content(COAST)
    assert [row[0] for row in figure(page, "tiers").table.rows] == ["Suffolk coast"]
    assert "tier_maps" not in [each.id for each in page.figures]
    assert page.sections[-1].figures == ["tiers"]


def test_an_area_is_not_called_a_district(content) -> None:
    for code, area in zip((SOUTH, BORDER, COAST), CUSTOM, strict=True):
        said = words_of(content(code))
        assert "the district " not in said
        assert f"{area.name}, which touches" not in said


def test_sources_stand_in_place_of_logos(root: Path) -> None:
    partial = (root / "reports/partials/page.html").read_text(encoding="utf-8")
    assert "{{ source.licence }}" in partial
    assert "{{ source.citation }}" in partial
    assert "<img" not in partial


def test_every_row_of_a_csv_says_that_it_is_made_up(content) -> None:
    for each in content(HARBOROUGH).figures:
        assert {(row["release"], row["synthetic"]) for row in rows_of(each)} == {("test", "true")}


def test_a_page_never_reads_another_district(content, table: pl.DataFrame) -> None:
    rows = list(csv.DictReader(io.StringIO(content(HARBOROUGH).data)))
    assert {row["area"] for row in rows} == {HARBOROUGH}
    assert len(rows) == table.filter(pl.col("area") == HARBOROUGH).height


def test_tables_are_short(content) -> None:
    for code in (HARBOROUGH, NORTH_NORTHAMPTONSHIRE):
        assert all(len(each.table.rows) <= 200 for each in content(code).figures)


def test_the_id_map_points_to_places_that_the_page_has(content, shell: str) -> None:
    page = content(HARBOROUGH)
    figures = {each.id for each in page.figures}
    sections = {section.id for section in page.sections}
    entries = read_id_map("human_mobility")
    for entry in entries:
        assert entry.place in figures | sections | set(PLACE), entry.id
    for anchor in PLACE:
        assert f'id="{anchor}"' in shell
    # Every figure of the page either replaces one of the first report or is new and known as such.
    assert figures - {entry.place for entry in entries} == {"standing"}
