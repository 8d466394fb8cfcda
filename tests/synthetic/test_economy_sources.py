"""Stand-ins of work and businesses: valid, with the planted rejects, the same for the same seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lds.sources.contract import contract_path, load_contract
from lds.sources.rawfiles import MARK, raw_files
from lds.sources.staging import Staged, stage
from lds.synthetic.england.businesses import Businesses
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import Labour
from lds.synthetic.england.work import WorkingLives
from lds.synthetic.sources.business_survey import BusinessSurvey
from lds.synthetic.standin import make_stand_in
from lds.synthetic.writing import write_raw_file
from stand_ins import part_of_england

CODES = ("E06000017", "E07000131", "E07000137", "E07000166", "E09000012")
"""Rutland, Harborough, East Lindsey, Richmondshire, Hackney: three have traps."""
SCALES: dict[str, float | None] = {
    "bsd": 0.1,
    "bres": 0.1,
    "lfs": 4,
    "aps": 2,
    "ashe": 1,
    "bics": 0.3,
    "business_census": 0.05,
    **dict.fromkeys(
        (
            *("bres_lsoa", "uk_business", "business_demography", "claimant_count"),
            *("modelled_unemployment", "economic_activity", "median_weekly_pay"),
            *("household_income", "gigabit_broadband", "job_adverts", "company_changes"),
            *("vat_returns", "shipping", "card_spending"),
            *("retail_sales_index", "index_of_services"),
        )
    ),
}


@dataclass(frozen=True)
class Made:
    """A stand-in, written and staged."""

    staged: Staged
    truth: dict[str, Any]
    files: list[Path]


@cache
def england(seed: int = 2021) -> England:
    """Return the few districts of these tests."""
    return part_of_england(CODES, seed)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the function that makes a source once for all tests."""

    @cache
    def made(source: str) -> Made:
        folder = tmp_path_factory.mktemp(source)
        contract = load_contract(contract_path(source))
        stand_in = make_stand_in(england(), contract, SCALES[source])
        for file in stand_in.files:
            write_raw_file(file, folder)
        files = raw_files(folder, contract)
        staged = stage(files, contract, None, folder / "table.parquet", synthetic=True)
        return Made(staged, stand_in.truth, files)

    return made


def _checksums(source: str, seed: int, folder: Path) -> list[str]:
    stand_in = make_stand_in(england(seed), load_contract(contract_path(source)), SCALES[source])
    paths = [write_raw_file(file, folder) for file in stand_in.files]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.mark.parametrize("source", SCALES)
def test_a_stand_in_is_valid_and_has_the_planted_rejects(source: str, make: Any) -> None:
    made = make(source)
    expected = made.truth.get("mess", {}).get("rejected", 0)
    assert made.staged.rejected.height == expected
    assert made.staged.report["rows_kept"] > 0
    assert all(f".{MARK}." in path.name for path in made.files)
    assert MARK in made.staged.report["columns_ignored"]


@pytest.mark.parametrize("source", ["bsd", "bres", "bics", "business_census"])
def test_the_rows_that_are_planted_are_the_ones_rejected(source: str, make: Any) -> None:
    made = make(source)
    kinds = made.truth["mess"]["planted"].values()
    planted = {row for kind in kinds if kind["rejects"] for row in kind["row_numbers"]}
    # The header is line 1.
    assert set(made.staged.rejected["line"].to_list()) == {row + 1 for row in planted}


@pytest.mark.parametrize("source", SCALES)
def test_a_seed_gives_the_same_bytes(source: str, make: Any, tmp_path: Path) -> None:
    again = _checksums(source, 2021, tmp_path)
    first = [hashlib.sha256(path.read_bytes()).hexdigest() for path in make(source).files]
    assert sorted(again) == sorted(first)


@pytest.mark.parametrize("source", ["bsd", "lfs", "ashe", "bres_lsoa", "card_spending"])
def test_another_seed_gives_others(source: str, make: Any, tmp_path: Path) -> None:
    first = [hashlib.sha256(path.read_bytes()).hexdigest() for path in make(source).files]
    assert not {*_checksums(source, 2022, tmp_path)} & {*first}


def test_jobs_of_the_register_are_those_of_the_truth(make: Any) -> None:
    made = make("bsd")
    planted, table = made.truth["planted"], made.staged.table
    lost = made.staged.rejected.height + sum(
        kind["rows"] for kind in made.truth["mess"]["planted"].values()
    )
    assert set(planted["jobs"]) <= set(table.filter(snapshot=2014)["lad_code"])
    for year in (2014, 2020):
        place = planted["years"].index(year)
        whole = sum(sum(each[place]) for each in planted["jobs"].values())
        found = table.filter(snapshot=year)["employment"].sum()
        assert found == pytest.approx(whole, rel=0.01)
        units = sum(sum(each[place]) for each in planted["local_units"].values())
        assert abs(table.filter(snapshot=year).height - units) <= lost


def test_codes_are_those_of_the_day_of_each_snapshot() -> None:
    shown = part_of_england(("E07000004", "E07000005"))  # Aylesbury Vale, Chiltern: merged in 2020.
    stand_in = make_stand_in(shown, load_contract(contract_path("bsd")), 0.05)
    rows = pl.concat([frame for file in stand_in.files for frame in file.frames])
    known = rows.filter(pl.col("LAD_CD").is_not_null(), pl.col("LAD_CD") != "E07000999")
    for year, codes in ((2019, {"E07000004", "E07000005"}), (2020, {"E06000060"})):
        assert set(known.filter(snapshot=year)["LAD_CD"]) == codes


def test_the_survey_of_jobs_estimates_those_of_the_register(make: Any) -> None:
    register, survey = make("bsd").staged.table, make("bres").staged.table
    jobs = register.filter(snapshot=2019)["employees"].sum()
    assert survey.filter(snapshot=2019)["employees"].sum() == pytest.approx(jobs, rel=0.04)
    units = register.filter(snapshot=2019).height
    assert survey.filter(snapshot=2019)["weight"].sum() == pytest.approx(units, rel=0.05)
    # All but those whose every row of the register was rejected.
    unknown = set(survey["local_unit_id"]) - set(register["local_unit_id"])
    assert len(unknown) < 20
    parts = survey["full_time_employees"] + survey["part_time_employees"]
    assert (parts - survey["employees"]).abs().max() < 0.01


def test_traps_stand_in_the_truth(make: Any) -> None:
    kinds = {trap["kind"] for trap in make("bsd").truth["traps"]}
    assert kinds == {
        "dominant_employer",
        "few_enterprises",
        "repeated_quantity",
        "same_quantity_in_two_sources",
    }


@pytest.mark.parametrize("source", ["lfs", "aps"])
def test_weights_add_up_to_the_population(source: str, make: Any) -> None:
    made = make(source)
    total = sum(made.truth["planted"]["population"].values())
    lost = made.staged.report["rows_rejected"] / made.staged.report["rows_in"]
    assert made.staged.table["person_weight"].sum() == pytest.approx(total, rel=3 * lost + 1e-6)
    sizes = made.staged.table.group_by("household_id").len()["len"]
    assert sizes.mean() > 1.5
    assert made.staged.table.filter(pl.col("age") < 16)["economic_activity"].unique().to_list() == [
        "4"
    ]


def test_the_survey_finds_the_planted_employment(make: Any) -> None:
    made = make("aps")
    planted = made.truth["planted"]
    names = planted["activities"]
    table = made.staged.table.filter(pl.col("age") >= 16)
    working = table.filter(economic_activity="1")["person_weight"].sum()
    people = planted["people_by_activity_before_the_pandemic"].values()
    whole = np.array(list(people)).sum(axis=0)
    before = whole[names.index("employee")] + whole[names.index("self_employed")]
    # Some of those at work in 2019 have lost it.
    assert 0.93 * before < working < 1.0 * before


def test_the_survey_of_earnings_finds_the_planted_median(make: Any) -> None:
    made = make("ashe")
    table = made.staged.table.filter(year=2019)
    for code, median in made.truth["planted"]["median_weekly_pay_of_residents_2019"].items():
        own = table.filter(residence_lad_code=code)
        assert own["gross_weekly_pay"].median() == pytest.approx(median, rel=0.12)
    labour = Labour.of(england())
    employees = labour.workers_by_home[:, :, [0, 1, 4, 5]].sum()
    lost = made.staged.report["rows_rejected"] / made.staged.report["rows_in"]
    assert table["weight"].sum() == pytest.approx(employees, rel=3 * lost)


def test_the_survey_of_businesses_finds_the_planted_leave() -> None:
    contract = load_contract(contract_path("bics"))
    survey = BusinessSurvey(Businesses.of(Labour.of(england())), contract, 1)
    wave = survey.wave(5)  # 18 May 2020
    leave = survey.furloughed(date(2020, 5, 18))
    assert wave["count_weight"].sum() == pytest.approx(survey.businesses_in.sum(), rel=0.1)
    for section, group in (("I", 8), ("C", 2), ("M", 12)):
        own = wave.filter(industry_section=section, trading_status="Currently fully trading")
        share = float(own["share_furloughed"].mean()) / 100  # type: ignore[arg-type]
        assert share == pytest.approx(leave[group], abs=0.06)


def test_lsoas_add_up_to_the_column_total_and_to_the_jobs(make: Any) -> None:
    made = make("bres_lsoa")
    table = made.staged.table
    businesses = Businesses.of(Labour.of(england()))
    jobs = businesses.expected("jobs")[:, businesses.years.index(2019)].sum()
    by_section = table.filter(pl.col("industry").str.contains(r"^[A-U] :"))
    assert by_section["employees"].sum() == pytest.approx(jobs, rel=0.02)
    assert made.truth["planted"]["employees"] == pytest.approx(jobs, rel=0.001)


def test_published_areas_add_up(make: Any) -> None:
    table = make("uk_business").staged.table.filter(industry_group="Total")
    kinds = dict(table.select("area", "local_units").iter_rows())
    lads = sum(value for area, value in kinds.items() if area[:3] in ("E06", "E07", "E08", "E09"))
    assert kinds["E92000001 : ENGLAND"] == pytest.approx(lads, abs=5 * len(CODES))
    claimants = make("claimant_count").staged.table.filter(area_code="E92000001").sort("period")
    shares = dict(claimants.select("period", "value").iter_rows())
    assert shares["2020"] > shares["2019"] + 1  # The shock of the pandemic.
    assert shares["2021"] > shares["2019"]


def test_intervals_of_sampled_people_cover_the_planted_employment_rate() -> None:
    size, samples = 400, 420
    covered = []
    country = england()
    labour = Labour.of(country)
    for people in country.districts():
        rate = country.recipe.districts["employment_rate"][people.district] / 100
        draw = np.random.default_rng(people.district)
        numbers = draw.integers(0, len(people), 2 * size * samples)
        work = WorkingLives(labour.of_district(people), numbers)
        own = work.working[(work.age >= 16) & (work.age < 65)][: size * samples]
        found = own.reshape(samples, size).mean(axis=1)
        z = 1.959964
        middle = (found + z**2 / (2 * size)) / (1 + z**2 / size)
        half = z / (1 + z**2 / size) * np.sqrt(found * (1 - found) / size + z**2 / (4 * size**2))
        covered.append(np.abs(rate - middle) <= half)
    assert np.size(covered) >= 2_000
    assert 0.93 <= np.mean(covered) <= 0.97


def test_national_series_follow_their_planted_levels(make: Any) -> None:
    social = make("card_spending").staged.table.filter(kind="Social")
    april = social.filter(pl.col("date").is_between(pl.date(2020, 4, 6), pl.date(2020, 4, 12)))
    planted = make("card_spending").truth["planted"]["levels"]["Social"]["2020-04-10"]
    assert april["index"].mean() == pytest.approx(planted, rel=0.25)
    ports = make("shipping").staged.table
    whole = ports.filter(port="UK")["visits"].sum()
    assert ports.filter(pl.col("port") != "UK")["visits"].sum() == whole
