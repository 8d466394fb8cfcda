"""The stand-in of Test and Trace: valid, with what was planted in it, and true to its truth."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lds.io import read_json
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import Staged, stage
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import Epidemic, ages_of, bands_of_ages
from lds.synthetic.england.recipe import ETHNIC_GROUPS
from lds.synthetic.making import write_stand_in
from lds.synthetic.standin import MARK, make_stand_in
from lds.synthetic.traps import PUBLISHED_ON
from stand_ins import part_of_england

SOURCE = "test_and_trace"
CONTRACT = load_contract(contract_path(SOURCE))
TRAPPED = ("E07000067", "E08000001", "E06000016")
MERGED = ("E06000028", "E06000029", "E07000048")
CODES = (*TRAPPED, *MERGED, "E07000242")
"""Those with traps; the parts of a LAD of 2019; East Hertfordshire, recoded since 2011."""
SCALE = 0.1


@pytest.fixture(scope="module")
def england() -> England:
    return part_of_england(CODES)


@dataclasses.dataclass(frozen=True)
class Made:
    """A stand-in: its file, its rows as text, its truth, and what staging makes of it."""

    path: Path
    rows: pl.DataFrame
    truth: dict[str, Any]
    staged: Staged


@pytest.fixture(scope="module")
def made(england: England, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("tests")
    truth, raw = folder / "truth.json", folder / "raw"
    write_stand_in(england, CONTRACT, SCALE, raw, folder / "list.json", truth)
    (path,) = raw.iterdir()
    staged = stage(path, CONTRACT, None, folder / "staged.parquet")
    rows = pl.read_csv(path, infer_schema=False).with_row_index("row", offset=1)
    return Made(path, rows, read_json(truth), staged)


def _drawn(england: England, seed: int) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the rows of another seed's stand-in, in the same places, and its truth."""
    stand_in = make_stand_in(dataclasses.replace(england, seed=seed), CONTRACT, SCALE)
    rows = pl.concat(
        [frame.with_columns(pl.all().cast(pl.String)) for frame in stand_in.files[0].frames]
    )
    return rows, stand_in.truth


def _known(rows: pl.DataFrame, england: England) -> pl.DataFrame:
    """Return rows with a readable day, in their true LAD, with wave and quintile."""
    codes = dict(zip(england.recipe.districts["code"], england.codes_on(PUBLISHED_ON), strict=True))
    places = england.places.select(
        "code", pl.col("lad_code").replace_strict(codes).alias("lad"), "quintile"
    )
    second = Epidemic.load(england).settings["waves"]["second"]
    day = pl.col("appointmentdate").str.to_date("%d/%m/%Y", strict=False)
    return (
        rows.join(places, left_on="LSOA11CD", right_on="code", how="inner")
        .with_columns(day=day)
        .filter(pl.col("day").is_between(date(2020, 5, 28), date(2021, 1, 31)))
        .with_columns(
            wave=pl.when(pl.col("day") < second).then(pl.lit("first")).otherwise(pl.lit("second"))
        )
    )


def test_the_file_is_marked_and_valid(made: Made) -> None:
    assert made.path.name == f"test_and_trace.{MARK}.csv.gz"
    assert set(made.rows[MARK]) == {"SYNTHETIC"}
    assert made.staged.report["rows_in"] == made.rows.height == made.truth["mess"]["rows"]


def test_exactly_the_planted_rows_are_rejected(made: Made) -> None:
    planted = made.truth["mess"]["planted"]
    wrong = sorted(
        row for kind in planted.values() if kind["rejects"] for row in kind["row_numbers"]
    )
    assert all(kind["rows"] == len(kind["row_numbers"]) for kind in planted.values())
    assert wrong
    assert sorted(made.staged.rejected["line"] - 1) == wrong
    assert all(kind["rows"] for kind in planted.values())


def test_the_same_seed_gives_the_same_bytes(england: England, made: Made, tmp_path: Path) -> None:
    for seed, same in ((england.seed, True), (7, False)):
        other = dataclasses.replace(england, seed=seed)
        folder = tmp_path / str(seed)
        write_stand_in(other, CONTRACT, SCALE, folder, tmp_path / "l.json", tmp_path / "t.json")
        assert ((folder / made.path.name).read_bytes() == made.path.read_bytes()) == same


def test_a_person_has_one_home_age_and_sex(made: Made) -> None:
    clean = made.rows.filter(
        pl.col("LSOA11CD").str.starts_with("E01"),
        pl.col("Gender").is_in(["M", "F"]),
        pl.col("Age").str.contains(r"to|\+"),
    )
    people = clean.select("person_id", "LSOA11CD", "Gender", "Age").unique()
    assert people.height == people["person_id"].n_unique()
    tested_again = clean.height - people.height
    assert 0.05 < tested_again / clean.height < 0.5


def test_codes_are_those_of_2011_with_a_few_later_ones(made: Made) -> None:
    counts = dict(made.rows["LA_CODE"].value_counts().iter_rows())
    assert counts["E07000097"] / (counts["E07000097"] + counts["E07000242"]) == pytest.approx(
        0.97, abs=0.01
    )
    later = counts["E06000058"] / sum(counts[code] for code in ("E06000058", *MERGED))
    assert later == pytest.approx(0.03, abs=0.01)
    assert all(counts[code] > 1_000 for code in MERGED)
    assert (
        counts["E06999999"] + counts["E07000999"]
        == (made.truth["mess"]["planted"]["unknown_codes"]["rows"])
    )
    merged = [trap for trap in made.truth["traps"] if trap["kind"] == "merged area"]
    assert [trap["where"] for trap in merged] == ["E06000058"]


def test_traps_are_in_the_file(made: Made, england: England) -> None:
    known = _known(made.rows, england)
    for trap in CONTRACT.synthetic["traps"]:
        first, last = map(date.fromisoformat, trap["days"])
        where = [
            pl.col(column).is_null() if not value else pl.col(column) == value
            for name, column in (("sex", "Gender"), ("age_band", "Age"))
            for value in [trap["where"].get(name)]
            if value is not None
        ]
        cell = known.filter(
            pl.col("day").is_between(first, last), pl.col("lad") == trap["district"], *where
        )
        positive = (cell["result"] == "Positive").sum()
        assert (cell.height, positive) == (trap["tests"], trap["positive"]), trap["kind"]
        assert any(
            each["kind"] == trap["kind"] and each["where"]["district"] == trap["district"]
            for each in made.truth["traps"]
        )


def _expected(truth: dict[str, Any], regions: dict[str, str]) -> pl.DataFrame:
    """Return expected tests and positivity of each LAD, wave and group, from the truth alone."""
    curves, found = truth["planted"]["curves"], []
    days = pl.DataFrame({"wave": curves["wave"], "share": curves["share_of_tests"]})
    for lad, waves in truth["planted"]["areas"].items():
        level = (
            days.with_columns(positive=pl.Series(curves["positivity"][regions[lad]]))
            .group_by("wave")
            .agg((pl.col("share") * pl.col("positive")).sum())
        )
        mean = dict(level.iter_rows())
        for wave, ways in waves.items():
            for by, groups in ways.items():
                for group, (tests, ratio) in groups.items():
                    found.append((lad, wave, by, group, tests, ratio * mean[wave]))
    return pl.DataFrame(
        found, schema=["lad", "wave", "by", "group", "expected", "share"], orient="row"
    )


def _found(known: pl.DataFrame) -> pl.DataFrame:
    """Return tests and results of each LAD, wave and group."""
    coded = dict(
        zip(
            [value for value, _ in CONTRACT.columns[6].values][: len(ETHNIC_GROUPS)],
            ETHNIC_GROUPS,
            strict=True,
        )
    )
    ways = {
        "all": pl.lit("all"),
        "sex": pl.col("Gender"),
        "age": pl.col("Age"),
        "sex and age": pl.format("{}, {}", "Gender", "Age"),
        "ethnic group": pl.col("Ethnicity").replace_strict(coded, default=None),
        "quintile": pl.col("quintile").cast(pl.String),
    }
    return pl.concat(
        known.group_by("lad", "wave", group=group)
        .agg(
            tests=pl.len(),
            positive=(pl.col("result") == "Positive").sum(),
            valid=pl.col("result").is_in(["Positive", "Negative"]).sum(),
        )
        .select("lad", "wave", pl.lit(by).alias("by"), "group", "tests", "positive", "valid")
        for by, group in ways.items()
    )


def test_estimates_hold_the_truth_as_often_as_they_promise(england: England) -> None:
    regions = dict(zip(england.codes_on(PUBLISHED_ON), england.regions, strict=True))
    held: list[bool] = []
    scores: list[float] = []
    for seed in range(1, 9):
        rows, truth = _drawn(england, seed)
        both = _found(_known(rows, england)).join(
            _expected(truth, regions), on=["lad", "wave", "by", "group"]
        )
        n, p = both["valid"].to_numpy(), both["share"].to_numpy()
        large = (n * p > 5) & (n * (1 - p) > 5)
        # Wilson's interval holds p exactly when the estimate is within 1.96 standard errors of p.
        missed_by = np.abs(both["positive"].to_numpy() - n * p)
        held += (missed_by < 1.96 * np.sqrt(n * p * (1 - p)))[large].tolist()
        whole = both.filter(pl.col("by") == "all")
        z = (whole["tests"] - whole["expected"]) / whole["expected"].sqrt()
        scores += z.to_list()
    assert len(held) >= 2_000
    assert 0.93 < np.mean(held) < 0.97
    assert max(map(abs, scores)) < 5  # A few rows in a thousand lost day or place.


def test_gaps_between_groups_are_found_again(england: England) -> None:
    rows, _ = _drawn(england, 99)
    epidemic = Epidemic.load(england)
    known = _known(rows, england).filter(pl.col("result").is_in(["Positive", "Negative"]))
    share = {
        key: group["result"].eq("Positive").mean()
        for (*key,), group in known.group_by("wave", "quintile")
        for key in [tuple(key)]
    }
    gaps = {wave: share[wave, 1] / share[wave, 5] for wave in ("first", "second")}
    planted = epidemic.quintile_ratios("infection")
    for place, wave in enumerate(("first", "second")):
        assert gaps[wave] > 1.1, (wave, planted[place])
    assert gaps["first"] > gaps["second"]


def test_bands_cover_every_age_once() -> None:
    bands = [value for value, _ in next(c for c in CONTRACT.columns if c.name == "age_band").values]
    ages = [age for band in bands for age in ages_of(band)]
    assert ages == list(range(91))
    assert bands_of_ages(bands)[[0, 4, 5, 84, 85, 90]].tolist() == [0, 0, 1, 8, 9, 9]
