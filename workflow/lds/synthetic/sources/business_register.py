"""Stand-ins for the Business Structure Database and the Business Register and Employment Survey.

Both are of the same local units: at the same size, the second is a sample of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, Ints, uniform
from lds.synthetic.england.businesses import Businesses, LocalUnits
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import class_of
from lds.synthetic.england.labour import Labour
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import VINTAGE, as_published, by_lad, texts
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of

FIRST_OA = 200_000
"""Made-up Output Areas are numbered from here; the real ones of 2011 end below."""
OAS_OF_AN_LSOA = 5


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the register or of the survey; `scale` is the share of its units."""
    businesses = Businesses.of(Labour.of(england), scale)
    survey = contract.id == "bres"
    mess = Mess(contract.synthetic["mess"], england.seed, contract.id)
    truth = _truth(businesses, contract)
    rows = _survey_rows if survey else _register_rows
    years = [year for _, year in _snapshots(businesses, contract)]
    codes = {year: england.codes_on(date(year, 4, 1)) for year in years}
    files = _Files(businesses, contract, codes)
    name = "bres_2015_2019.csv.gz" if survey else "bsd_2014_2020.csv.gz"

    def frames() -> Iterator[pl.DataFrame]:
        for units in businesses.units():
            frame = pl.concat(list(rows(files, units)))
            yield mess.spoil(as_published(frame, contract))
        truth["mess"] = mess.account()

    return StandIn([RawFile(marked_name(name), frames())], truth)


def _snapshots(businesses: Businesses, contract: Contract) -> Iterator[tuple[int, int]]:
    first, last = contract.synthetic["years"]
    for row, year in enumerate(businesses.years):
        if first <= year <= last:
            yield row, year


@dataclass(frozen=True)
class _Files:
    """What the rows of both sources are made from; `codes`: those of the districts by year."""

    businesses: Businesses
    contract: Contract
    codes: Mapping[int, list[str]]

    def snapshots(self) -> Iterator[tuple[int, int]]:
        """Yield the place and the year of each snapshot that the source has."""
        yield from _snapshots(self.businesses, self.contract)


def _placed(files: _Files, units: LocalUnits, at: Ints, year: int) -> dict[str, pl.Series]:
    """Return the columns that both sources have, of some units in a year."""
    england, industries = files.businesses.labour.england, files.businesses.labour.industries
    return {
        "snapshot": pl.repeat(year, len(at), dtype=pl.Int32, eager=True),
        "enterprise_id": pl.Series(units.enterprise[at]),
        "local_unit_id": pl.Series(units.unit[at]),
        "broad_industry_group": texts(industries.groups, industries.group_of[units.division[at]]),
        "lad_code": texts(files.codes[year], units.district[at]),
        "region_code": texts(england.regions, units.district[at]),
    }


def _register_rows(files: _Files, units: LocalUnits) -> Iterator[pl.DataFrame]:
    """Yield the local units of each snapshot."""
    businesses = files.businesses
    divisions = businesses.labour.industries.table["division"].to_list()
    oa = (uniform(units.unit.astype(np.uint64), "output area") * OAS_OF_AN_LSOA).astype(np.int64)
    oa += FIRST_OA + units.lsoa * OAS_OF_AN_LSOA
    for row, year in files.snapshots():
        at = np.flatnonzero(units.jobs[row])
        turnover = businesses.turnover(units, row)[at]
        yield pl.DataFrame(
            {
                **_placed(files, units, at, year),
                "sic_division": texts(divisions, units.division[at]),
                "employment": units.jobs[row][at],
                "employees": units.employees(row)[at],
                "turnover": turnover.astype(np.int64),
                "oa_code": pl.select(pl.format("E00{}", pl.Series(oa[at]))).to_series(),
            }
        )


def _survey_rows(files: _Files, units: LocalUnits) -> Iterator[pl.DataFrame]:
    """Yield the local units of each year's sample, with weights.

    All large units are in it, and a part of the small ones; whoever is in it in a year is so in the
    next.
    """
    labour, planted = files.businesses.labour, files.contract.synthetic["sample"]
    classes = [class_of(each) for each in labour.industries.table["division"]]
    part_time = labour.part_time_shares[units.district, units.division]
    keys = units.unit.astype(np.uint64)
    chance, rounding = uniform(keys, "sampled"), uniform(keys, "part-time jobs")
    for row, year in files.snapshots():
        large = units.jobs[row] >= planted["all_from_jobs"]
        chosen = large | (chance < planted["share"])
        at = np.flatnonzero((units.jobs[row] > 0) & chosen)
        weight = np.where(large[at], 1.0, 1 / planted["share"])
        employees = units.employees(row)[at]
        part = np.floor(employees * part_time[at] + rounding[at])
        yield pl.DataFrame(
            {
                **_placed(files, units, at, year),
                "sic_2007": texts(classes, units.division[at]),
                "full_time_employees": _grossed(employees - part, weight),
                "part_time_employees": _grossed(part, weight),
                "employees": _grossed(employees, weight),
                "private": np.where(units.public[at], 0, 1),
                "weight": weight.round(4),
            }
        )


def _grossed(jobs: Floats | Ints, weight: Floats) -> Floats:
    return np.asarray((jobs * weight).round(4), dtype=np.float64)


def _truth(businesses: Businesses, contract: Contract) -> dict[str, Any]:
    england, industries = businesses.labour.england, businesses.labour.industries
    rows = [row for row, _ in _snapshots(businesses, contract)]
    planted = businesses.planted
    by_group = np.zeros((len(planted.jobs), len(rows), len(industries.groups), 2), dtype=np.int64)
    for place, values in enumerate((planted.jobs, planted.units)):
        np.add.at(
            by_group[..., place].transpose(2, 0, 1),
            industries.group_of,
            values[:, rows].transpose(2, 0, 1),
        )
    sums = by_lad(england, by_group)
    whole = by_group.sum(axis=0)[-1, :, 0]
    latest = {code: each[-1, :, 0] for code, each in sums.items()}
    quotients = {
        code: (jobs / max(jobs.sum(), 1) / (whole / whole.sum())).round(3).tolist()
        for code, jobs in latest.items()
    }
    return {
        "planted": {
            **{key: value for key, value in recipe_of(contract).items() if key != "mess"},
            "growth": businesses.settings["growth"],
            "broad_industry_groups": industries.groups,
            "years": [year for _, year in _snapshots(businesses, contract)],
            "jobs": {code: each[..., 0].astype(int).tolist() for code, each in sums.items()},
            "local_units": {code: each[..., 1].astype(int).tolist() for code, each in sums.items()},
            "location_quotients_of_last_year": quotients,
        },
        "traps": _traps(businesses),
    }


def _traps(businesses: Businesses) -> list[dict[str, Any]]:
    england, industries = businesses.labour.england, businesses.labour.industries
    codes = england.recipe.districts["code"].to_list()
    now = dict(zip(codes, england.codes_on(VINTAGE), strict=True))
    found = [
        {
            "kind": kind,
            "where": f"{now[trap['district']]}, {trap['group']}",
            "what": {key: value for key, value in trap.items() if key not in ("district", "group")},
        }
        for kind, traps in businesses.settings["traps"].items()
        for trap in traps
        if trap["district"] in now
    ]
    alone = industries.table.filter(pl.len().over("broad_industry_group") == 1)
    found += [
        {
            "kind": "repeated_quantity",
            "where": f"every area, {row['broad_industry_group']} and division {row['division']}",
            "what": "a group of one division: the same number in both tables",
        }
        for row in alone.iter_rows(named=True)
    ]
    found.append(
        {
            "kind": "same_quantity_in_two_sources",
            "where": "every area and group, 2015 to 2019",
            "what": "jobs of the same local units in bsd and bres",
        }
    )
    return found
