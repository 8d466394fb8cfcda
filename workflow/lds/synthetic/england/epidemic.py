"""The epidemic of the synthetic England: when, where and among whom there are tests and infections.

Tests, the infection survey and published cases are drawn around the same curves and ratios, so that
what one of them says of a group or a district is true of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lds.io import read_yaml
from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.people import AGE_ORDER
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, FOLDER, SEXES

QUINTILES = 5
Curve = Literal["positivity", "prevalence"]
Kind = Literal["testing", "infection"]


def ages_of(band: str) -> range:
    """Return the single years of age of a band such as ``5 to 14`` or ``85+``."""
    if band.endswith("+"):
        return range(int(band[:-1]), AGES)
    first, last = band.split(" to ")
    return range(int(first), int(last) + 1)


def bands_of_ages(bands: Sequence[str]) -> Ints:
    """Return the place of the band that each single year of age is in; the last ones where none."""
    found = np.full(AGES, len(bands) - 1, dtype=np.int64)
    for place, band in enumerate(bands):
        found[list(ages_of(band))] = place
    return found


def days_between(first: date, last: date) -> list[date]:
    """Return every day from the first to the last, both included."""
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def _on_days(points: Mapping[date, float], days: Sequence[date], behind: int = 0) -> Floats:
    """Return a curve on days: straight lines between its points, level before and after them."""
    at = [each.toordinal() - behind for each in days]
    values: Floats = np.interp(at, [day.toordinal() for day in points], list(points.values()))
    return values


@dataclass(frozen=True)
class Epidemic:
    """The curves and ratios of one country.

    Attributes
    ----------
    settings : what ``epidemic.yaml`` says.
    england : the country; its seed draws the levels of the districts.
    """

    settings: Mapping[str, Any]
    england: England

    @classmethod
    def load(cls, england: England, folder: Path = FOLDER) -> Epidemic:
        """Read the epidemic of a country from the folder of its recipe."""
        return cls(read_yaml(folder / "epidemic.yaml"), england)

    @property
    def waves(self) -> tuple[str, ...]:
        """Names of the waves, in their order."""
        return tuple(self.settings["waves"])

    @property
    def age_bands(self) -> tuple[str, ...]:
        """Bands of age that ratios are given for."""
        return tuple(self.settings["infection"]["age"])

    def wave_of(self, days: Sequence[date]) -> Ints:
        """Return the place of the wave that each day is in."""
        starts = [day.toordinal() for day in self.settings["waves"].values()]
        found = np.searchsorted(starts, [day.toordinal() for day in days], side="right") - 1
        places: Ints = np.maximum(found, 0).astype(np.int64)
        return places

    def tests_per_head(self, days: Sequence[date]) -> Floats:
        """Return tests on each day for each person whose ratios are all 1."""
        settings = self.settings["tests"]
        weekly = np.array(settings["days_of_week"])[[day.weekday() for day in days]]
        found: Floats = _on_days(settings["per_100000"], days) / 100_000 * weekly
        return found

    def curve(self, kind: Curve, region: str, days: Sequence[date]) -> Floats:
        """Return the share of tests or people in a region that are positive, ratios all being 1."""
        own = self.settings["regions"][region]
        found: Floats = own["level"] * _on_days(self.settings[kind], days, own["behind"])
        return found

    def district_levels(self, kind: Kind) -> Floats:
        """Return the level of each district against its region's."""
        spread = self.settings[kind]["districts"]
        codes = self.england.recipe.districts["code"]
        drawn = [stream(self.england.seed, "epidemic", kind, each).normal() for each in codes]
        found: Floats = np.exp(spread * np.array(drawn) - spread**2 / 2)
        return found

    def people_ratios(self, kind: Kind) -> Floats:
        """Return the ratio of each kind of person: ethnic groups x ages in `AGE_ORDER` x sexes."""
        own = self.settings[kind]
        bands = bands_of_ages(list(own["age"]))
        age = np.array(list(own["age"].values()))[bands][AGE_ORDER]
        group = np.array([own["ethnic_group"][each] for each in ETHNIC_GROUPS])
        sex = np.array([own["sex"][each] for each in SEXES])
        found: Floats = group[:, None, None] * age[:, None] * sex
        return found

    def quintile_ratios(self, kind: Kind) -> Floats:
        """Return the ratio of each quintile of deprivation, the most deprived first: waves x 5."""
        quintiles = self.settings[kind]["quintile"]
        return np.array([quintiles[wave] for wave in self.waves], dtype=np.float64)
