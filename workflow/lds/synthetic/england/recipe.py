"""What the synthetic England is like: the numbers that it is drawn around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lds.errors import SourceError
from lds.io import RESOURCES, read_yaml
from lds.synthetic.draws import Floats

FOLDER = RESOURCES / "synthetic"
ETHNIC_GROUPS = ("white", "mixed", "asian", "black", "other")
"""Broad ethnic groups, in the order in which arrays hold them."""
SEXES = ("M", "F")
"""Sexes, in the order in which arrays hold them."""
AGES = 91
"""Single years of age; the last is 90 and over."""
AGE_SHARES = {
    "share_0_15": (0, 15),
    "share_16_24": (16, 24),
    "share_25_44": (25, 44),
    "share_45_64": (45, 64),
    "share_65_84": (65, 84),
    "share_85_over": (85, 90),
}
"""Columns of ``districts.csv`` with a share of the residents, and the ages of each."""
MINORITIES = ETHNIC_GROUPS[1:]
OTHER_COLUMNS = ("white_british", "deprivation", "median_price", "weekly_pay", "employment_rate")


@dataclass(frozen=True)
class Recipe:
    """The recipe of the country: ``england.yaml`` and ``districts.csv`` of a folder.

    Attributes
    ----------
    settings : what the YAML says.
    districts : one row per LAD of April 2018, sorted by ``code``: `AGE_SHARES`, `MINORITIES`
        (shares of the residents), ``white_british`` (share of the residents, part of White),
        ``deprivation`` (mean score of its LSOAs), ``median_price`` (pounds), ``weekly_pay``
        (pounds, median), ``employment_rate`` (of those of 16 to 64, per cent).
    """

    settings: Mapping[str, Any]
    districts: pl.DataFrame
    folder: Path = FOLDER

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Recipe:
        """Read a recipe.

        Raises
        ------
        SourceError : a column or a value is missing, or the shares of a district are impossible.
        """
        settings = read_yaml(folder / "england.yaml")
        path = folder / "districts.csv"
        districts = pl.read_csv(path, schema_overrides={"code": pl.String})
        wanted = ["code", *AGE_SHARES, *MINORITIES, *OTHER_COLUMNS]
        lacking = [name for name in wanted if name not in districts.columns]
        if lacking:
            raise SourceError("The recipe lacks columns.", where=str(path), values=lacking)
        districts = districts.select(wanted).sort("code")
        ages = pl.sum_horizontal(*AGE_SHARES)
        wrong = districts.filter(
            pl.any_horizontal(pl.all().is_null())
            | ((ages - 1).abs() > 0.001)
            | (pl.sum_horizontal(*MINORITIES, "white_british") > 1)
        )
        if wrong.height:
            raise SourceError(
                "The recipe has districts with missing values or impossible shares.",
                where=str(path),
                values=wrong["code"].to_list(),
                remedy="Shares of ages add up to 1, those of ethnic groups to 1 at most.",
            )
        return cls(settings, districts, folder)

    @cached_property
    def age_structure(self) -> Floats:
        """Share of each single year of age in each district: districts x ages."""
        ages = np.array(self.settings["ages"], dtype=np.float64)
        found = np.empty((self.districts.height, AGES))
        for name, (first, last) in AGE_SHARES.items():
            within = ages[first : last + 1] / ages[first : last + 1].sum()
            found[:, first : last + 1] = self.districts[name].to_numpy()[:, None] * within
        structure: Floats = found / found.sum(axis=1, keepdims=True)
        return structure

    @cached_property
    def male_share(self) -> Floats:
        """Share of men and boys at each single year of age."""
        points = self.settings["male_share"]
        share: Floats = np.interp(np.arange(AGES), list(points), list(points.values()))
        return share

    def ethnic_shares(self, district: int) -> Floats:
        """Return the share of each ethnic group at each age of a district: groups x ages.

        Over all ages the shares are those of the district, because the young of a group are
        balanced by its old.
        """
        found: Floats = self._ethnic_shares[district]
        return found

    @cached_property
    def _ethnic_shares(self) -> Floats:
        minorities = self.districts.select(MINORITIES).to_numpy()
        overall = np.column_stack([1 - minorities.sum(axis=1), minorities])
        younger = self.settings["ethnic_groups"]["younger"]
        decline = np.log([younger[group] for group in ETHNIC_GROUPS]) / 40
        odds = np.exp(-decline[:, None] * (np.arange(AGES) - 40))
        people = self.age_structure[:, None, :]
        shares = overall[:, :, None] * odds
        for _ in range(50):  # Iterative proportional fitting: to the ages, then to the district.
            shares /= shares.sum(axis=1, keepdims=True)
            shares *= (overall / (shares * people).sum(axis=2))[:, :, None]
        found: Floats = shares / shares.sum(axis=1, keepdims=True)
        return found
