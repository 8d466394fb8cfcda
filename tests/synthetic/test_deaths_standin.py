"""The stand-in of the death registrations: valid, with what was planted, and true to its truth."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lds.geography.levels.postcodes import canonical_postcode
from lds.io import read_json
from lds.sources.contract import contract_path, load_contract
from lds.sources.rawfiles import raw_files
from lds.sources.staging import Staged, stage
from lds.synthetic.england.country import England
from lds.synthetic.england.epidemic import days_between
from lds.synthetic.england.mortality import PANDEMIC, Mortality
from lds.synthetic.england.recipe import SEXES
from lds.synthetic.making import write_stand_in
from lds.synthetic.standin import MARK
from lds.synthetic.traps import PUBLISHED_ON
from stand_ins import part_of_england

CONTRACT = load_contract(contract_path("deaths"))
RECIPE = CONTRACT.synthetic
CODES = ("E07000131", "E08000003", "E08000025")
"""Harborough, Manchester, Birmingham: those with traps."""
SCALE = 0.2
LAST = date.fromisoformat(RECIPE["window"][1])


@dataclasses.dataclass(frozen=True)
class Made:
    """A stand-in: its folder, its truth, and what staging makes of it."""

    folder: Path
    truth: dict[str, Any]
    staged: Staged


@pytest.fixture(scope="module")
def england() -> England:
    part = part_of_england(CODES)
    codes = part.places["code"].to_list()
    # Made up: an LSOA's number spelt as a postcode, so that a postcode says where it is.
    spelt = [
        [f"A{each // 1000} {each // 100 % 10}{_letters(each % 100)}"] for each in range(len(codes))
    ]
    return dataclasses.replace(
        part, postcodes=pl.DataFrame({"lsoa_code": codes, "postcodes": spelt})
    )


def _letters(number: int) -> str:
    return "ABCDEFGHJK"[number // 10] + "LMNPQRSTUW"[number % 10]


@pytest.fixture(scope="module")
def made(england: England, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("deaths")
    raw, truth = folder / "raw", folder / "truth.json"
    write_stand_in(england, CONTRACT, SCALE, raw, folder / "list.json", truth)
    staged = stage(raw_files(raw, CONTRACT), CONTRACT, None, folder / "staged.parquet")
    return Made(raw, read_json(truth), staged)


@pytest.fixture(scope="module")
def known(made: Made, england: England) -> pl.DataFrame:
    """Staged deaths whose postcode is known, with district and quintile."""
    homes = england.postcodes.explode("postcodes").join(
        england.places, left_on="lsoa_code", right_on="code"
    )
    return made.staged.table.with_columns(home=canonical_postcode("postcode")).join(
        homes.select("postcodes", "lad_code", "quintile"), left_on="home", right_on="postcodes"
    )


def test_files_are_named_as_the_publisher_names_them(made: Made) -> None:
    names = sorted(path.name for path in made.folder.iterdir())
    assert len(names) == 5 + LAST.month
    assert all(MARK in name for name in names)
    assert {f"mortality_2015.{MARK}.sav", f"Mortality_2016_corrected.{MARK}.sav"} <= set(names)
    assert f"deaths_{PANDEMIC}_11.{MARK}.sav" in names


def test_exactly_the_planted_rows_are_rejected(made: Made) -> None:
    wrong = sorted(
        (name, row)
        for name, account in made.truth["mess"]["files"].items()
        for kind in account["planted"].values()
        if kind["rejects"]
        for row in kind["row_numbers"]
    )
    assert len(wrong) == made.truth["mess"]["rejected"] > 10
    assert made.staged.report["rows_in"] == made.truth["mess"]["rows"]
    assert sorted(made.staged.rejected.select("file", "line").iter_rows()) == wrong


def test_early_files_have_ages_in_units_and_monthly_ones_say_more(made: Made) -> None:
    table = made.staged.table.with_columns(
        registered_in=pl.col("registered").str.head(4).cast(pl.Int64)
    )
    early = pl.col("registered_in").is_in(RECIPE["age_in_units"])
    assert table.filter(early)["age"].is_null().all()
    assert table.filter(early)["age_count"].is_not_null().all()
    assert set(table.filter(early)["age_unit"]) == {"1", "2", "3", "4"}
    assert table.filter(~early)["age"].is_not_null().all()
    monthly = pl.col("registered_in") == PANDEMIC
    assert table.filter(monthly)["age_group"].is_not_null().all()
    assert table.filter(~monthly)["age_group"].is_null().all()
    assert table["age"].max() > 90
    assert table.filter(pl.col("mention_15").is_not_null()).height < table.height / 1000


def test_postcodes_are_blanked_in_several_ways(made: Made) -> None:
    spelt = made.staged.table["postcode"].drop_nulls()
    assert {len(each) for each in spelt.filter(spelt.str.starts_with("A0"))} == {5, 6, 7, 8}
    planted = made.truth["mess"]["files"].values()
    unknown = sum(each["planted"]["unknown_postcodes"]["rows"] for each in planted)
    texts = RECIPE["mess"]["unknown_postcodes"]["text"]
    assert abs(spelt.is_in(texts).sum() - unknown) <= 2  # A repeated row may be one of them.


def test_the_same_seed_gives_the_same_bytes(england: England, made: Made, tmp_path: Path) -> None:
    for seed, same in ((england.seed, True), (7, False)):
        other = dataclasses.replace(england, seed=seed)
        folder = tmp_path / str(seed)
        write_stand_in(other, CONTRACT, SCALE, folder, tmp_path / "l.json", tmp_path / "t.json")
        names = sorted(path.name for path in made.folder.iterdir())
        assert [path.name for path in sorted(folder.iterdir())] == names
        equal = [(folder / n).read_bytes() == (made.folder / n).read_bytes() for n in names]
        assert all(equal) if same else not any(equal)


def test_traps_are_in_the_files(made: Made, known: pl.DataFrame) -> None:
    for trap in RECIPE["traps"]:
        where = trap["where"]
        cell = known.filter(
            pl.col("death_year") == PANDEMIC,
            pl.col("death_month") == trap["month"],
            pl.col("lad_code") == where["district"],
            pl.col("quintile") == where["quintile"],
            pl.col("sex") == str(SEXES.index(where["sex"]) + 1),
        )
        covid = cell["underlying_cause"].is_in(["U071", "U072"]).sum()
        assert (cell.height, covid) == (trap["deaths"], trap["covid"]), trap["kind"]
    assert [each["kind"] for each in made.truth["traps"]] == [t["kind"] for t in RECIPE["traps"]]


def test_late_registrations_are_not_in_the_files_yet(made: Made, known: pl.DataFrame) -> None:
    shares = made.truth["planted"]["share_registered"]
    assert len(shares) == LAST.month
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99 > 0.8 > shares[-1] > 0.5
    expected = _expected(made.truth)
    months = known.filter(pl.col("death_year") == PANDEMIC)["death_month"]
    for month in (2, 6, 9, 11):
        planned = expected.filter(pl.col("month") == month)["pandemic"].sum() * shares[month - 1]
        assert (months == month).sum() == pytest.approx(planned, abs=4 * planned**0.5 + 5)


def _expected(truth: dict[str, Any]) -> pl.DataFrame:
    """Return expected deaths by LAD, month, sex and quintile, from the truth alone."""
    planted = truth["planted"]["expected"]
    return pl.DataFrame(
        [
            (
                lad,
                month,
                sex,
                quintile + 1,
                level * planted["baseline"][month - 1],
                level * planted["pandemic"][sex][quintile][month - 1],
            )
            for lad, sexes in planted["a_year"].items()
            for sex, levels in sexes.items()
            for quintile, level in enumerate(levels)
            for month in range(1, LAST.month + 1)
        ],
        schema=["lad", "month", "sex", "quintile", "baseline", "pandemic"],
        orient="row",
    )


def _counted(mortality: Mortality, england: England, year: int) -> pl.DataFrame:
    days = days_between(date(year, 1, 1), min(LAST, date(year, 12, 31)))
    deaths = mortality.draw(days, str(year))
    lads = pl.Series(england.codes_on(PUBLISHED_ON))
    return (
        pl.DataFrame(
            {
                "lad": lads.gather(mortality.districts[deaths.lsoa]),
                "month": [date.fromordinal(day).month for day in deaths.day.tolist()],
                "sex": pl.Series(SEXES).gather(deaths.sex),
                "quintile": mortality.quintiles[deaths.lsoa] + 1,
            }
        )
        .group_by("lad", "month", "sex", "quintile")
        .len("deaths")
    )


def test_counts_hold_the_truth_as_often_as_they_promise(england: England) -> None:
    held: list[bool] = []
    for seed in range(1, 11):
        own = dataclasses.replace(england, seed=seed)
        mortality = Mortality(own, RECIPE, 1.0)
        truth = {"planted": {"expected": mortality.expected(list(RECIPE["files"]), LAST)}}
        both = _expected(truth).join(
            _counted(mortality, own, PANDEMIC),
            on=["lad", "month", "sex", "quintile"],
            how="left",
        )
        expected = both["pandemic"].to_numpy()
        missed_by = np.abs(both["deaths"].fill_null(0).to_numpy() - expected)
        held += (missed_by < 1.96 * np.sqrt(expected))[expected > 5].tolist()
    assert len(held) >= 2_000
    assert 0.93 < np.mean(held) < 0.97


def test_excess_is_found_again_by_month_and_quintile(england: England) -> None:
    mortality = Mortality(england, RECIPE, 3.0)
    by = ["month", "quintile"]
    before = pl.concat([_counted(mortality, england, year) for year in RECIPE["files"]])
    calm = before.group_by(by).agg(pl.col("deaths").sum() / len(RECIPE["files"]))
    during = _counted(mortality, england, PANDEMIC).group_by(by).agg(pl.col("deaths").sum())
    expected = _expected({"planted": {"expected": mortality.expected(list(RECIPE["files"]), LAST)}})
    ratios = (
        expected.group_by(by)
        .agg(planted=pl.col("pandemic").sum() / pl.col("baseline").sum())
        .join(calm, on=by)
        .join(during, on=by, suffix="_2020")
        .with_columns(
            ratio=pl.col("deaths_2020") / pl.col("deaths"),
            error=(1 / pl.col("deaths_2020") + 1 / (5 * pl.col("deaths"))).sqrt(),
        )
    )
    z = ((ratios["ratio"] / ratios["planted"]).log() / ratios["error"]).to_numpy()
    assert len(z) == 5 * LAST.month
    assert np.abs(z).max() < 4
    assert 0.6 < (z**2).mean() < 1.5
    april = dict(ratios.filter(pl.col("month") == 4).select("quintile", "ratio").iter_rows())
    assert april[1] > april[5] > 1.4
