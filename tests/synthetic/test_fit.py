"""The recipe is what the command makes of the published files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lds.errors import ConfigError, SourceError
from lds.synthetic.england.recipe import FOLDER, Recipe
from lds.synthetic.fit import SOURCES, fit, fit_settings

FILES = {
    "population_lad": "population/population19_ltla19.csv",
    "census_2021_ethnicity_lad": "place/ethnicity21_ltla21.csv",
    "imd_lad": "imd/imd2019_england_ltla19.csv",
    "median_house_prices": "housing/median_house_prices.csv",
    "median_weekly_pay": "labour/ESS_gross-median-weekly-pay.csv",
    "economic_activity": "labour/ESS_employment-rate.csv",
}


def test_the_recipe_is_that_of_the_published_files(open_data: Path, tmp_path: Path) -> None:
    fit({source: open_data / name for source, name in FILES.items()}, tmp_path / "recipe")
    for path in FOLDER.iterdir():
        assert (tmp_path / "recipe" / path.name).read_bytes() == path.read_bytes(), path.name
    assert Recipe.load(tmp_path / "recipe").districts.height == 326


def test_a_file_that_is_lacking_is_named(tmp_path: Path) -> None:
    files = {source: tmp_path / "none.csv" for source in SOURCES if source != "imd_lad"}
    with pytest.raises(ConfigError, match="imd_lad"):
        fit(files, tmp_path / "recipe")
    assert not (tmp_path / "recipe").exists()


def test_settings_that_are_not_fitted_stay_as_they_are() -> None:
    text = (FOLDER / "england.yaml").read_text(encoding="utf-8")
    found = fit_settings(text, tables(young=3, old=1))
    before, after = (
        [line for line in each.splitlines() if "0." not in line] for each in (text, found)
    )
    assert [line for line in before if line.startswith("#")] == [
        line for line in after if line.startswith("#")
    ]
    assert "ages: [0.75, 0.0," in found
    assert "  pay_index: {2018: 0.5, 2019: 1.0}" in found
    assert "  price_index: {2018: 0.8, 2019: 1.0}" in found


def test_a_recipe_without_the_setting_is_refused() -> None:
    with pytest.raises(SourceError, match="ages"):
        fit_settings("households: {mean_size: 2}\n", tables(1, 1))


def tables(young: int, old: int) -> dict[str, pl.DataFrame]:
    ages = [*map(str, range(90)), "90+"]
    people = [young, *[0] * 89, old]
    return {
        "population_lad": pl.DataFrame(
            {"lad_code": ["E07000131"] * 91, "age": ages, "population": people}
        ),
        "median_house_prices": pl.DataFrame(
            {
                "lad_code": ["E07000131", "E07000131"],
                "period": ["Dec 2018", "Dec 2019"],
                "median_price": [200_000.0, 250_000.0],
            }
        ),
        "median_weekly_pay": pl.DataFrame(
            {"area_code": ["E92000001"] * 2, "period": ["2018", "2019"], "value": [250.0, 500.0]}
        ),
    }
