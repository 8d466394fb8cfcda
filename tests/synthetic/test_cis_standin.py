"""The infection survey: a sample of the people whose prevalence is the planted one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lds.synthetic.sources.infection_survey as generator
from lds.geography import Register
from lds.geography.levels.lookups import CIS_VINTAGE
from lds.geography.levels.lookups import cis_areas as read_cis_areas
from lds.io import sha256
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import Staged, stage
from lds.synthetic.england.cis_areas import cis_areas
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import ages_of
from lds.synthetic.england.survey_design import Survey
from lds.synthetic.england.survey_points import Points
from lds.synthetic.england.visits import Area, visited
from lds.synthetic.england.work import WorkingLives
from lds.synthetic.standin import StandIn, make_stand_in, marked
from lds.synthetic.writing import write_raw_file
from stand_ins import part_of_england, whole_england

CONTRACT = load_contract(contract_path("cis"))
CODES = ("E06000016", "E06000017", "E06000022", "E06000023", "E06000024", "E09000001", "E09000030")
"""Leicester, Rutland, around Bristol, City of London, Tower Hamlets."""
SCALE = 0.6
SEEDS = range(1, 8)


@pytest.fixture(scope="module")
def england() -> England:
    return part_of_england(CODES)


@pytest.fixture(scope="module")
def made(england: England, tmp_path_factory: pytest.TempPathFactory) -> tuple[StandIn, list[Path]]:
    stand_in = make_stand_in(england, CONTRACT, SCALE)
    folder = tmp_path_factory.mktemp("cis")
    return stand_in, [write_raw_file(file, folder) for file in stand_in.files]


@pytest.fixture(scope="module")
def staged(
    made: tuple[StandIn, list[Path]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Staged, pl.DataFrame]:
    found = stage(made[1], CONTRACT, None, tmp_path_factory.mktemp("staged") / "cis.parquet")
    return found, found.table


@pytest.fixture(scope="module")
def survey(england: England) -> Survey:
    return Survey(england, CONTRACT.synthetic, SCALE)


def areas_of(survey: Survey) -> Iterator[Area]:
    """Yield every district as an area, without mess or traps."""
    districts = [[place] for place in range(len(survey.england.population))]
    for own, wanted in zip(districts, survey.wanted(districts), strict=True):
        yield visited(survey, own, wanted)


def test_staging_rejects_exactly_what_was_planted(
    made: tuple[StandIn, list[Path]], staged: tuple[Staged, pl.DataFrame]
) -> None:
    mess, (found, table) = made[0].truth["mess"], staged
    assert [path.name for path in made[1]] == ["Extract_20210203.synthetic.dta"]
    assert found.report["rows_in"] == mess["rows"]
    assert found.report["rows_rejected"] == mess["rejected"] > 0
    assert all(kind["rows"] > 0 for kind in mess["planted"].values())
    unknown = table["cis_area_code"].is_in(list(made[0].truth["planted"]["areas"])).not_().sum()
    assert unknown == mess["planted"]["unknown_areas"]["rows"]


def test_results_that_were_not_recorded_are_missing(
    made: tuple[StandIn, list[Path]], staged: tuple[Staged, pl.DataFrame]
) -> None:
    planted = sum(made[0].truth["planted"]["unrecorded_rows"].values())
    missing = staged[1]["result"].null_count()
    # Some are among the rejected rows; those that repeat another are rejected.
    assert 0 <= planted - missing <= made[0].truth["mess"]["rejected"]


def test_the_same_seed_gives_the_same_bytes(england: England, tmp_path: Path) -> None:
    digests = []
    for run, seed in enumerate((2021, 2021, 7)):
        own = replace(england, seed=seed)
        (file,) = make_stand_in(own, CONTRACT, 0.05).files
        digests.append(sha256(write_raw_file(file, tmp_path / str(run))))
    assert digests[0] == digests[1] != digests[2]


def test_a_large_extract_is_several_files(
    england: England, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "LARGEST", 3_000)
    stand_in = make_stand_in(england, CONTRACT, 0.1)
    paths = [write_raw_file(file, tmp_path) for file in stand_in.files]
    assert len(paths) > 1
    assert paths[0].name == "Extract_20210203_1.synthetic.dta"
    found = stage(paths, CONTRACT, None, tmp_path / "cis.parquet")
    assert found.report["rows_rejected"] == stand_in.truth["mess"]["rejected"]
    assert found.report["rows_in"] == stand_in.truth["mess"]["rows"]


def test_answers_about_work_agree(staged: tuple[Staged, pl.DataFrame]) -> None:
    table = staged[1]
    here = pl.col("work_status_v1").str.ends_with("and currently working")
    known = table.with_columns(here=here)
    idle = known.filter(~pl.col("here"))
    assert set(idle["work_sector"]) == {"NA(Not currently working)"}
    assert set(idle["work_social_distancing"]) == {"N/A (not working/in education etc)"}
    assert idle["patient_contact"].null_count() == idle.height
    busy = known.filter("here")
    assert "NA(Not currently working)" not in set(busy["work_sector"])
    assert busy["patient_contact"].null_count() == 0
    assert busy["age"].min() == 16
    at_home = busy.filter(pl.col("work_location") == "Working from home")
    assert set(at_home["work_social_distancing"]) == {"N/A (not working/in education etc)"}
    for answer, ages in (("<=15y", (2, 15)), (">=75y", (75, 90))):
        own = table.filter(pl.col("work_location") == answer)["age"]
        assert (own.min(), own.max()) == ages
    assert not table.filter(
        pl.col("age").is_between(16, 74), pl.col("work_location").is_in(["<=15y", ">=75y"])
    ).height
    young = table.filter(pl.col("work_status_v1").str.starts_with("Child under 5y"))
    assert young["age"].to_list() == young["age"].clip(2, 4).to_list()
    groups = dict(table.select("work_status_v1", "work_status").unique().iter_rows())
    assert groups["Employed and currently not working"].startswith("Furloughed")
    assert groups["Child under 5y attending child care"] == "Student"
    assert groups["Retired"].startswith("Not working")


def test_weights_of_a_month_add_up_to_the_residents(survey: Survey) -> None:
    bands = CONTRACT.synthetic["calibrated_by"]
    for place, area in enumerate(areas_of(survey)):
        if place != 0:  # Leicester; the others have months without a visit in some group.
            continue
        counts = survey.england.residents_of(place).by_age.sum(axis=(0, 1))
        visits = area.visits
        for month in range(len(survey.expected.work.months)):
            for band in bands:
                ages = [age for age in ages_of(band) if age >= 2]
                for sex in range(2):
                    inside = (visits.month == month) & (visits.sex == sex)
                    inside &= np.isin(visits.age, ages)
                    if inside.any():
                        whole = counts[ages, sex].sum()
                        assert visits.weight[inside].sum() == pytest.approx(whole)


def test_households_take_part_as_a_whole(england: England, survey: Survey) -> None:
    visits = next(areas_of(survey)).visits
    people = pl.DataFrame({"person": visits.person, "household": visits.household}).unique()
    assert people["person"].n_unique() == people.height
    members = people["household"].value_counts()["count"].mean()
    size = england.recipe.settings["households"]["mean_size"]
    assert members == pytest.approx(size * CONTRACT.synthetic["taking_part"], rel=0.1)


def test_intervals_hold_the_planted_prevalence(england: England) -> None:
    """Wilson's interval with as many visits as they are worth, by what households share."""
    covered = []
    for seed in SEEDS:
        own = Survey(replace(england, seed=seed), CONTRACT.synthetic, 2 * SCALE)
        for area in areas_of(own):
            visits = area.visits
            frame = pl.DataFrame(
                {
                    "household": visits.household,
                    "cell": visits.month * 100 + visits.status * 10 + visits.sex,
                    "positive": visits.positive.astype(np.float64),
                    "prevalence": visits.prevalence,
                }
            )
            cells = (
                frame.with_columns(p=pl.col("positive").mean().over("cell"))
                .group_by("cell", "household")
                .agg(
                    n=pl.len(),
                    x=pl.col("positive").sum(),
                    rest=(pl.col("positive") - pl.col("p")).sum(),
                    true=pl.col("prevalence").sum(),
                )
                .group_by("cell", maintain_order=True)
                .agg(
                    pl.col("n", "x", "true").sum(),
                    spread=(pl.col("rest") ** 2).sum(),
                    clusters=pl.len(),
                )
                .filter(pl.col("clusters") >= 40, pl.col("x") >= 5)
            )
            n, x = cells["n"].to_numpy(), cells["x"].to_numpy()
            p = x / n
            k = cells["clusters"].to_numpy()
            variance = cells["spread"].to_numpy() / n**2 * k / (k - 1)
            worth = p * (1 - p) / variance
            z = 1.96
            middle = (p + z**2 / worth / 2) / (1 + z**2 / worth)
            half = z * np.sqrt(variance + z**2 / worth**2 / 4) / (1 + z**2 / worth)
            covered += (np.abs(cells["true"].to_numpy() / n - middle) <= half).tolist()
    assert len(covered) >= 2_000
    assert 0.93 <= np.mean(covered) <= 0.97


def test_visits_of_a_household_are_alike(survey: Survey) -> None:
    area = next(areas_of(survey))
    visits = area.visits
    frame = pl.DataFrame(
        {"household": visits.household, "rest": visits.positive - visits.prevalence}
    )
    clustered = (frame.group_by("household").agg(pl.col("rest").sum())["rest"] ** 2).sum()
    assert clustered / (frame["rest"] ** 2).sum() > 1.3


def test_what_is_expected_of_a_population_is_true_of_its_people(survey: Survey) -> None:
    """Everyone's answers and ratios, one by one, against sums that nobody was drawn for."""
    england, expected = survey.england, survey.expected
    place = england.recipe.districts["code"].to_list().index("E06000017")
    people = england.residents_of(place)
    market = expected.work.labour.of_district(people)
    level = float(survey.levels[place])
    points = Points(expected.work, _levels())
    sums = points.of_people(expected.of_district(market, level))
    lsoas = np.arange(england.lsoas_of(place).height)
    numbers = np.sort(people.of_lsoas(lsoas)[0])
    work = WorkingLives(market, numbers)
    numbers, work = numbers[work.age >= 2], WorkingLives(market, numbers[work.age >= 2])
    answers = expected.work.answers(work)
    _, ethnic, age, sex = people.cells_of(numbers)
    curve = level * expected.curves(england.regions[place])
    statuses = np.arange(len(expected.work.statuses))
    for month, wave in ((0, 0), (8, 1)):
        base = expected.ratios[wave][work.quintile, ethnic, age, sex]
        chance = curve[month] * base * answers.ratio[:, month]
        own = answers.status[:, month]
        count = np.bincount(own, minlength=len(statuses))
        wanted = sums["work_status_v1"][0, month]
        assert (np.abs(count - wanted) <= 4.5 * np.sqrt(wanted) + 1).all()
        assert sums["all"][0, month, 0] == pytest.approx(len(numbers))
        assert sums["all"][1, month, 0] == pytest.approx(chance.sum(), rel=0.01)
        infected = np.bincount(own, chance, minlength=len(statuses)) / count
        told = sums["work_status_v1"][1, month] / wanted
        assert infected == pytest.approx(told, rel=0.06)
        here = np.isin(own, (0, 2))
        for sector in range(len(expected.work.sectors) - 1):
            inside = here & (answers.sector == sector)
            people_there, infected_there = sums["work_sector"][:, month, sector]
            assert abs(inside.sum() - people_there) <= 4.5 * np.sqrt(people_there) + 1
            if people_there > 300:
                found = chance[inside].mean()
                assert found == pytest.approx(infected_there / people_there, rel=0.1)
        for variable in ("work_location", "work_social_distancing", "patient_contact"):
            whole = sums[variable][0, month].sum()
            told_to = age < 75 if variable == "work_location" else np.ones(len(age), dtype=bool)
            if variable == "work_social_distancing":
                told_to = answers.distance >= 0
            assert (here & told_to).sum() == pytest.approx(whole, rel=0.02)


def _levels() -> dict[str, str]:
    column = next(each for each in CONTRACT.columns if each.name == "work_social_distancing")
    return dict(column.values)


def test_estimates_are_near_the_truth_of_the_population(
    made: tuple[StandIn, list[Path]], staged: tuple[Staged, pl.DataFrame]
) -> None:
    known = staged[1].filter(pl.col("result").is_not_null())
    positive = (pl.col("result") == "Positive").cast(pl.Float64)
    estimates = known.group_by("cis_area_code").agg(
        p=(positive * pl.col("weight")).sum() / pl.col("weight").sum(), n=pl.len()
    )
    found = {code: (p, n) for code, p, n in estimates.iter_rows()}
    for code, area in made[0].truth["planted"]["areas"].items():
        own = area["points"]["all"]["all"]
        p, n = found[code]
        spread = np.sqrt(p * (1 - p) / n * 4)
        assert abs(p - own["weighted"]) < 4 * spread
        assert abs(p - own["prevalence"]) < 4 * spread
        # Few households are in a sample of some thousand visits, and they differ.
        assert own["weighted"] == pytest.approx(own["prevalence"], rel=0.15)
        assert area["lads"]


def test_traps_are_in_the_extract(
    made: tuple[StandIn, list[Path]], staged: tuple[Staged, pl.DataFrame]
) -> None:
    traps = {trap["kind"]: trap for trap in made[0].truth["traps"]}
    assert len(traps) == 3

    def cell(kind: str) -> pl.DataFrame:
        where = dict(traps[kind]["where"])
        where.pop("district")
        return staged[1].filter(
            pl.col("result").is_not_null(), *(pl.col(name) == each for name, each in where.items())
        )

    whole = cell("class of 95 per cent")
    assert whole.height >= 20
    assert 0.9 <= (whole["result"] == "Positive").mean() <= 0.97  # type: ignore[operator]
    few = cell("cell of 1 to 9")
    assert 1 <= (few["result"] == "Positive").sum() <= 4
    assert traps["areas that differ by one participant"]["what"].startswith("1 participant")


def test_a_district_may_have_one_participant(survey: Survey) -> None:
    districts = list(range(5, 7))
    (wanted,) = survey.wanted([districts])
    area = visited(survey, districts, wanted, one_only=[5])
    assert len(np.unique(area.visits.person[area.visits.district == 5])) == 1
    assert len(np.unique(area.visits.person[area.visits.district == 6])) > 100


def test_areas_are_whole_groups_of_lads(tmp_path: Path) -> None:
    england = whole_england()
    table = marked(cis_areas(england))
    assert table.equals(marked(cis_areas(england)))
    path = tmp_path / "cis_areas.synthetic.csv"
    table.write_csv(path)
    read = read_cis_areas(path, Register.load())
    assert read["cis_code"].str.contains("^J069[0-9]{5}$").all()
    regions = dict(zip(england.codes_on(CIS_VINTAGE), england.regions, strict=True))
    people = pl.DataFrame({"lad_code": england.codes_on(CIS_VINTAGE), "people": england.population})
    own = (
        read.join(people.group_by("lad_code").agg(pl.col("people").sum()), on="lad_code")
        .with_columns(region=pl.col("lad_code").replace_strict(regions))
        .group_by("cis_code")
        .agg(pl.col("people").sum(), regions=pl.col("region").n_unique())
    )
    assert 100 <= own.height <= 125
    assert own["people"].min() >= 250_000  # type: ignore[operator]
    assert set(own["regions"]) == {1}
