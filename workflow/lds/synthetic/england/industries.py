"""The industries of the synthetic England: divisions of SIC 2007 and how districts mix them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lds.io import RESOURCES
from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.recipe import FOLDER

DIVISIONS_FILE = RESOURCES / "sic2007_divisions.csv"
WORKER_GROUPS = tuple(
    f"{sex}/{status}/{time}"
    for sex in ("M", "F")
    for status in ("employee", "self")
    for time in ("full", "part")
)
"""Groups of workers with odds of their own, in the order in which arrays hold them."""


@dataclass(frozen=True)
class Industries:
    """Divisions of SIC 2007 and what is planted about each.

    Attributes
    ----------
    table : one row per division, in the order in which arrays hold them: ``division, name, section,
        broad_industry_group`` (published), ``jobs`` (thousands in England), ``jobs_per_unit``,
        ``public`` (share of the jobs), ``self_employed, women, part_time, remote`` (odds),
        ``unevenness`` (standard deviation between districts of the log of the share).
    """

    table: pl.DataFrame

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Industries:
        """Read the divisions and the industries of a recipe."""
        text = {"division": pl.String}
        named = pl.read_csv(DIVISIONS_FILE, schema_overrides=text)
        planted = pl.read_csv(folder / "industries.csv", schema_overrides=text)
        return cls(named.join(planted, on="division", validate="1:1", maintain_order="left"))

    def __len__(self) -> int:
        """How many divisions there are."""
        return self.table.height

    def column(self, name: str) -> Floats:
        """Return a column of numbers."""
        found: Floats = self.table[name].cast(pl.Float64).to_numpy()
        return found

    @cached_property
    def groups(self) -> list[str]:
        """Broad Industry Groups, in the order in which arrays hold them."""
        return self.table["broad_industry_group"].unique(maintain_order=True).to_list()

    @cached_property
    def group_of(self) -> Ints:
        """Place of each division's Broad Industry Group among `groups`."""
        number = {group: place for place, group in enumerate(self.groups)}
        return np.array([number[each] for each in self.table["broad_industry_group"]])

    def by_group(self, values: Mapping[str, float], default: float) -> Floats:
        """Return the value of each division's group, or the default."""
        return np.array(
            [values.get(group, default) for group in self.table["broad_industry_group"]]
        )

    def odds_by_group_of_workers(self, shares: Mapping[str, float]) -> Floats:
        """Return how much more common each division is in each of `WORKER_GROUPS`.

        Over all workers, whose `shares` by group are given, a division has its share of the jobs.

        Returns
        -------
        Groups x divisions; 1 is the division's share.
        """
        tilt = np.ones((len(WORKER_GROUPS), len(self)))
        for row, group in enumerate(WORKER_GROUPS):
            sex, status, time = group.split("/")
            for column, applies in (
                ("women", sex == "F"),
                ("self_employed", status == "self"),
                ("part_time", time == "part"),
            ):
                if applies:
                    tilt[row] *= self.column(column)
        weights = np.array([shares[group] for group in WORKER_GROUPS])
        jobs = self.column("jobs") / self.column("jobs").sum()
        for _ in range(100):  # Iterative proportional fitting: to the groups, then to the jobs.
            tilt /= (tilt @ jobs)[:, None]
            tilt /= weights @ tilt / weights.sum()
        return tilt


def class_of(division: str) -> str:
    """Return a class of SIC 2007 in a division, without a leading zero, as files have it."""
    return str(int(f"{division}900"))


def mixes(england: England, industries: Industries, settings: Mapping[str, Any]) -> Floats:
    """Return the planted mix of the jobs of each district: districts x divisions, rows sum to 1.

    England's shares, tilted by density, by what is concentrated on purpose, and at random.
    """
    codes = england.recipe.districts["code"].to_list()
    density = np.array(
        [np.log(float(england.lsoas_of(each)["density"].median())) for each in range(len(codes))]  # type: ignore[arg-type]
    )
    tilt = industries.by_group(settings["by_density"], 0.0)
    expected = industries.column("jobs") * np.exp(
        (density - np.log(settings["usual_density"]))[:, None] * tilt
    )
    for row, code in enumerate(codes):
        draw = stream(england.seed, "industries", code)
        spread = industries.column("unevenness")
        expected[row] *= np.exp(spread * draw.normal(0, 1, len(industries)) - spread**2 / 2)
        expected[row] *= industries.by_group(settings["concentration"].get(code, {}), 1.0)
    found: Floats = expected / expected.sum(axis=1, keepdims=True)
    return found
