"""Made-up areas of the COVID-19 Infection Survey: groups of real districts.

The real look-up is published, but no package carries it; this one has its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from lds.geography.levels.lookups import CIS_VINTAGE
from lds.io import read_yaml
from lds.synthetic.england.country import England

_NAMED = 2
"""LADs that the name of an area has: Stata keeps room for the longest in every row."""
_FIRST = 900_001
"""Number of the first area; no real one has a number this high."""


@dataclass
class _Group:
    """LADs that may become an area: how many live there, and where on the mean (metres)."""

    codes: set[str]
    county: str
    region: str
    residents: int
    easting: float
    northing: float

    def distance(self, other: _Group) -> float:
        return float(np.hypot(self.easting - other.easting, self.northing - other.northing))

    def join(self, other: _Group) -> None:
        whole = self.residents + other.residents
        own = self.residents / whole
        self.easting = own * self.easting + (1 - own) * other.easting
        self.northing = own * self.northing + (1 - own) * other.northing
        self.codes |= other.codes
        self.residents = whole
        if other.county != self.county:
            self.county = ""


def cis_areas(england: England) -> pl.DataFrame:
    """Return the area of the survey that each LAD of May 2020 belongs to, sorted by LAD.

    The smallest area is joined with the nearest one of its county, else of its region, until each
    has the residents that ``survey.yaml`` asks for.

    Columns: ``LAD20CD, LAD20NM`` (real), ``CIS20CD, CIS20NM`` (made up).
    """
    least = read_yaml(england.recipe.folder / "survey.yaml")["areas"]["residents"]
    groups = _joined(_lads(england), least)
    names = dict(england.register.live_on(CIS_VINTAGE).select("code", "name").iter_rows())
    rows = [
        (code, names[code], f"J06{number:06d}", _name([names[each] for each in group]))
        for number, group in enumerate(groups, _FIRST)
        for code in group
    ]
    return pl.DataFrame(
        rows, schema=["LAD20CD", "LAD20NM", "CIS20CD", "CIS20NM"], orient="row"
    ).sort("LAD20CD")


def _name(names: Sequence[str]) -> str:
    """Return the name of an area: its LADs, the later of many only counted."""
    named, others = names[:_NAMED], len(names) - _NAMED
    return " | ".join([*named, f"{others} more"] if others > 0 else named)


def _lads(england: England) -> list[_Group]:
    """Return the LADs of May 2020, each as a group."""
    areas = england.register.areas.select("code", pl.col("county_code").fill_null(""))
    counties = dict(areas.iter_rows())
    centres = (
        england.places.group_by("district", maintain_order=True)
        .agg(pl.col("easting").mean(), pl.col("northing").mean())
        .sort("district")
    )
    found: dict[str, _Group] = {}
    for code, region, residents, (_, easting, northing) in zip(
        england.codes_on(CIS_VINTAGE),
        england.regions,
        england.population,
        centres.iter_rows(),
        strict=True,
    ):
        own = _Group({code}, counties[code], region, residents, easting, northing)
        if code in found:
            found[code].join(own)
        else:
            found[code] = own
    return [found[code] for code in sorted(found)]


def _joined(groups: list[_Group], least: int) -> list[list[str]]:
    """Return groups of codes with enough residents each, as far as a region has so many."""
    alone = []
    while groups:
        small = min(groups, key=lambda each: (each.residents, min(each.codes)))
        if small.residents >= least:
            break
        groups.remove(small)
        near = [each for each in groups if small.county and each.county == small.county]
        near = near or [each for each in groups if each.region == small.region]
        if near:
            min(near, key=lambda each: (small.distance(each), min(each.codes))).join(small)
        else:
            alone.append(small)
    whole = sorted([*groups, *alone], key=lambda each: (each.region, min(each.codes)))
    return [sorted(each.codes) for each in whole]
