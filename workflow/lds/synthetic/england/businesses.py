"""The businesses of the synthetic England: local units, the enterprises they belong to, their jobs.

Jobs are those of the people: at full size, the units of a district and industry employ its expected
workers, to the rounding. A smaller register has a share of the units, and of the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lds.io import read_yaml
from lds.synthetic.draws import (
    Floats,
    Ints,
    Keys,
    mixed,
    normal,
    pick_by_row,
    stream,
    uniform,
)
from lds.synthetic.england.labour import Labour

CHAIN_NUMBERS = 10_000_000_000
"""References of enterprises with many sites begin here; those of the others at `OWN_NUMBERS`."""
OWN_NUMBERS = 20_000_000_000
UNITS_OF_A_DIVISION = 100_000
NEVER = 9999
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Planted:
    """Whole jobs and local units: districts x snapshots x divisions.

    Attributes
    ----------
    dominant : jobs in each snapshot of the first unit of a district's division.
    """

    jobs: Ints
    units: Ints
    dominant: Mapping[tuple[int, int], Ints]


@dataclass(frozen=True)
class LocalUnits:
    """Local units of some districts over the years, sorted by district and division.

    Attributes
    ----------
    district : place in the recipe.
    division : place among the industries.
    born, died : first snapshot with the unit, and first one without it (`NEVER`).
    unit, enterprise : references.
    chained : whether the enterprise has other sites.
    lsoa : place among the places of the country.
    public : whether it is in the public sector.
    proprietor : whether one of its jobs is its owner's.
    jobs : snapshots x units; 0 where the unit is not there.
    """

    district: Ints
    division: Ints
    born: Ints
    died: Ints
    unit: Ints
    enterprise: Ints
    chained: Flags
    lsoa: Ints
    public: Flags
    proprietor: Flags
    jobs: Ints

    def employees(self, snapshot: int) -> Ints:
        """Return the employees of each unit: its jobs without its proprietor's."""
        jobs = self.jobs[snapshot]
        return np.asarray(jobs - (self.proprietor & (jobs > 0)))


@dataclass(frozen=True)
class Businesses:
    """The register of businesses.

    Attributes
    ----------
    settings : what ``businesses.yaml`` says.
    scale : share of the units.
    """

    labour: Labour
    settings: Mapping[str, Any]
    scale: float = 1

    @classmethod
    def of(cls, labour: Labour, scale: float = 1) -> Businesses:
        """Return the businesses of a country, by its recipe."""
        folder = labour.england.recipe.folder
        return cls(labour, read_yaml(folder / "businesses.yaml"), scale)

    @cached_property
    def years(self) -> range:
        """Years of the snapshots."""
        first, last = self.settings["years"]
        return range(first, last + 1)

    def expected(self, what: str) -> Floats:
        """Return planted ``jobs`` or ``units``, at full size: districts x snapshots x divisions."""
        industries, growth = self.labour.industries, self.settings["growth"]
        regional = [growth["regions"].get(each, 0.0) for each in self.labour.england.regions]
        yearly = np.array(regional)[:, None, None] + industries.by_group(growth[what], 0.0)
        since = np.array(self.years)[:, None] - self.settings["base_year"]
        base = self.labour.workers
        if what == "units":
            base = base / industries.column("jobs_per_unit")
        return np.asarray(base[:, None, :] * (1 + yearly) ** since)

    @cached_property
    def planted(self) -> Planted:
        """Whole jobs and units of each district, snapshot and division, traps included."""
        codes = self.labour.england.recipe.districts["code"].to_list()
        offset = np.stack(
            [
                stream(self.labour.england.seed, "businesses", code).random(
                    len(self.labour.industries)
                )
                for code in codes
            ]
        )[:, None, :]
        jobs, units = (
            np.floor(self.expected(what) * self.scale + offset).astype(np.int64)
            for what in ("jobs", "units")
        )
        units = np.minimum(np.maximum(units, jobs > 0), jobs)
        dominant = {}
        for kind, traps in self.settings["traps"].items():
            for trap in traps:
                if trap["district"] in codes:
                    place = codes.index(trap["district"])
                    division, first = self._plant(kind, trap, jobs[place], units[place])
                    dominant[place, division] = first
        return Planted(jobs, units, dominant)

    def _plant(
        self, kind: str, trap: Mapping[str, Any], jobs: Ints, units: Ints
    ) -> tuple[int, Ints]:
        """Change a district's jobs and units (snapshots x divisions) for a trap.

        Returns
        -------
        Its division, and in each snapshot the jobs of an employer that dominates it (or 0).
        """
        industries = self.labour.industries
        own = np.flatnonzero(industries.group_of == industries.groups.index(trap["group"]))
        place = int(own[jobs[:, own].sum(axis=0).argmax()])
        if kind == "few_enterprises":
            jobs[:, own], units[:, own] = 0, 0
            jobs[:, place], units[:, place] = trap["jobs"], trap["enterprises"]
            return place, np.zeros(len(jobs), dtype=np.int64)
        total = jobs[:, own].sum(axis=1)
        first = np.ceil(total * trap["share"]).astype(np.int64)
        jobs[:, own] = jobs[:, own] * (total - first)[:, None] // np.maximum(total, 1)[:, None]
        jobs[:, place] += total - jobs[:, own].sum(axis=1)
        units[:, own] = np.minimum(np.maximum(units[:, own], jobs[:, own] > 0), jobs[:, own])
        units[:, place] = np.minimum(units[:, place], jobs[:, place] - first + 1)
        return place, first

    def units(self, districts: int = 40) -> Iterator[LocalUnits]:
        """Yield the local units of the country, some districts at a time."""
        whole = self.labour.england.recipe.districts.height
        for first in range(0, whole, districts):
            yield self.units_of(range(first, min(first + districts, whole)))

    def units_of(self, districts: range) -> LocalUnits:
        """Return the local units of some districts: the same, whichever they are asked with."""
        planted, divisions = self.planted, len(self.labour.industries)
        jobs = planted.jobs[districts].transpose(1, 0, 2).reshape(len(self.years), -1)
        units = planted.units[districts].transpose(1, 0, 2).reshape(len(self.years), -1)
        cell, serial, born, died = self._lives(units, districts.start * divisions)
        district, division = districts.start + cell // divisions, cell % divisions
        keys = self._keys(cell + districts.start * divisions, serial)
        weight = np.exp(self.settings["size_spread"] * normal(keys, "size"))
        sizes = np.stack(
            [
                shared_by_weight(jobs[row], cell, (born <= year) & (died > year), weight)
                for row, year in enumerate(self.years)
            ]
        )
        for (place, own), first in planted.dominant.items():
            if place in districts and first.any():
                _make_dominant(
                    sizes, np.flatnonzero((district == place) & (division == own)), first
                )
        return self._described(district, division, serial, keys, born, died, sizes)

    def _keys(self, cell: Ints, serial: Ints) -> Keys:
        joined = (cell.astype(np.uint64) << np.uint64(32)) | serial.astype(np.uint64)
        return mixed(joined, f"{self.labour.england.seed}/units")

    def _lives(self, units: Ints, offset: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Return cell, number in the cell, first and last snapshot of each unit, sorted.

        Parameters
        ----------
        units : how many there are: snapshots x cells (a district's division).
        offset : number of the first cell.
        """
        cells = np.arange(units.shape[1])
        cell = np.repeat(cells, units[0])
        serial = _places_in_runs(units[0])
        born = np.full(len(cell), self.years[0])
        died = np.full(len(cell), NEVER)
        known = units[0].copy()
        for row, year in enumerate(self.years[1:], 1):
            alive = np.flatnonzero(died == NEVER)
            there = cell[alive]
            count = np.bincount(there, minlength=len(cells))
            keys = self._keys(there + offset, serial[alive])
            chance = uniform(keys, f"{year}")
            survive = np.bincount(there, chance > self.settings["deaths"], len(cells))
            # The first unit of all stays: an employer that dominates others has to.
            first = serial[alive] == 0
            chance[first] = 2.0
            stay = np.minimum(np.maximum(survive.astype(np.int64), 1), units[row])
            stay = np.minimum(stay, count)
            order = np.lexsort((-chance, there))
            gone = alive[order[_places_in_runs(count) >= np.repeat(stay, count)]]
            died[gone] = year
            births = units[row] - stay
            cell = np.concatenate([cell, np.repeat(cells, births)])
            serial = np.concatenate([serial, np.repeat(known, births) + _places_in_runs(births)])
            known += births
            born = np.concatenate([born, np.full(births.sum(), year)])
            died = np.concatenate([died, np.full(births.sum(), NEVER)])
        order = np.argsort(cell, kind="stable")
        return cell[order], serial[order], born[order], died[order]

    def _described(
        self,
        district: Ints,
        division: Ints,
        serial: Ints,
        keys: Keys,
        born: Ints,
        died: Ints,
        jobs: Ints,
    ) -> LocalUnits:
        industries, planted = self.labour.industries, self.settings
        places = (district * len(industries) + division) * UNITS_OF_A_DIVISION
        own = OWN_NUMBERS + places + serial
        share = industries.by_group(planted["chains"]["share"], 0.0)[division]
        chained = uniform(keys, "chained") < share
        chained &= ~self._without_chains[district, division]
        # A few enterprises have many of the sites: the chain's number is a square of a chance.
        number = (uniform(keys, "chain") ** 2 * self.chains[division]).astype(np.int64)
        chain = CHAIN_NUMBERS + division * UNITS_OF_A_DIVISION + number
        few = jobs.max(axis=0) <= planted["proprietors"]["up_to_jobs"]
        public = uniform(keys, "public") < industries.column("public")[division]
        owner = few & ~chained & ~public
        owner &= uniform(keys, "owner") < planted["proprietors"]["share"]
        chance = uniform(keys, "site")
        lsoa = np.empty(len(district), dtype=np.int64)
        for place in np.unique(district).tolist():
            at = slice(*np.searchsorted(district, [place, place + 1]))
            group = industries.group_of[division[at]]
            lsoa[at] = self.first_lsoa[place] + pick_by_row(
                chance[at], group, self.site_odds(place)
            )
        enterprise = np.where(chained, chain, own)
        return LocalUnits(
            district, division, born, died, own, enterprise, chained, lsoa, public, owner, jobs
        )

    @cached_property
    def first_lsoa(self) -> Ints:
        """Place of the first LSOA of each district among the places of the country."""
        england = self.labour.england
        found = np.searchsorted(
            england.places["district"].to_numpy(), np.arange(england.recipe.districts.height)
        )
        return np.asarray(found, dtype=np.int64)

    @cached_property
    def _without_chains(self) -> Flags:
        """Where units are enterprises of their own, because of a trap: districts x divisions."""
        industries, codes = self.labour.industries, self.labour.england.recipe.districts["code"]
        found = np.zeros((len(codes), len(industries)), dtype=np.bool_)
        for trap in [each for traps in self.settings["traps"].values() for each in traps]:
            rows = (codes == trap["district"]).to_numpy()
            found |= np.outer(rows, industries.group_of == industries.groups.index(trap["group"]))
        return found

    @cached_property
    def _units(self) -> Floats:
        """Local units of England by division, at this size."""
        per_unit = self.labour.industries.column("jobs_per_unit")
        return np.asarray(self.labour.workers.sum(axis=0) / per_unit * self.scale)

    @cached_property
    def chains(self) -> Ints:
        """How many enterprises with many sites each division has."""
        planted = self.settings["chains"]
        chained = self.labour.industries.by_group(planted["share"], 0.0) * self._units
        return np.asarray(
            np.maximum(np.rint(chained * planted["enterprises_per_unit"]).astype(np.int64), 3)
        )

    def site_odds(self, district: int) -> Floats:
        """Return the odds of each LSOA of a district as a site: Broad Industry Groups x LSOAs."""
        lsoas, sites = self.labour.england.lsoas_of(district), self.settings["sites"]
        groups = len(self.labour.industries.groups)
        draw = stream(self.labour.england.seed, "sites", str(lsoas["lad_code"][0]))
        shared = sites["shared"] * draw.normal(0, 1, lsoas.height)
        own = sites["own"] * draw.normal(0, 1, (groups, lsoas.height))
        return np.asarray(lsoas["weight"].to_numpy() * np.exp(shared + own))

    def turnover(self, units: LocalUnits, snapshot: int) -> Floats:
        """Return the turnover of each unit's enterprise in a snapshot, in thousand pounds."""
        industries, planted = self.labour.industries, self.settings["turnover"]
        per_job = industries.by_group(planted["per_job"], 100.0)[units.division]
        chance = normal(units.enterprise.astype(np.uint64), f"{self.labour.england.seed}/turnover")
        sites = self._sites_of_chain(units)
        jobs = np.where(
            units.chained,
            sites * industries.column("jobs_per_unit")[units.division],
            units.jobs[snapshot],
        )
        return np.asarray(np.rint(jobs * per_job * np.exp(planted["spread"] * chance)))

    def _sites_of_chain(self, units: LocalUnits) -> Floats:
        """Return the expected sites of each unit's enterprise, where it has many."""
        number = (units.enterprise - CHAIN_NUMBERS) % UNITS_OF_A_DIVISION
        count = self.chains[units.division]
        share = self.labour.industries.by_group(self.settings["chains"]["share"], 0.0)
        part = np.sqrt(np.minimum((number + 1) / count, 1)) - np.sqrt(np.minimum(number / count, 1))
        return np.asarray(np.maximum(part * (share * self._units)[units.division], 1))


def _places_in_runs(lengths: Ints) -> Ints:
    """Return 0, 1, 2, ... for each run of the given lengths."""
    return np.asarray(np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths))


def shared_by_weight(totals: Ints, cell: Ints, alive: Flags, weight: Floats) -> Ints:
    """Share the total of each cell among its living units: one each, the rest by weight.

    Parameters
    ----------
    totals : one a cell, at least as many as its living units.
    cell : of each unit, sorted.
    """
    living = np.flatnonzero(alive)
    there, own = cell[living], weight[living]
    count = np.bincount(there, minlength=len(totals))
    total = np.bincount(there, own, len(totals))
    spare = totals - count
    begin = (np.cumsum(total) - total)[there]
    edges = np.floor((np.cumsum(own) - begin) / total[there] * spare[there] + 0.5).astype(np.int64)
    # The last unit of a cell takes what is left, whatever rounding says.
    last = np.flatnonzero(np.diff(there, append=-1))
    edges[last] = spare[there[last]]
    edges = np.clip(edges, 0, spare[there])
    given = np.diff(edges, prepend=0)
    first = np.flatnonzero(np.diff(there, prepend=-1))
    given[first] = edges[first]
    found = np.zeros(len(cell), dtype=np.int64)
    found[living] = given + 1
    return found


def _make_dominant(sizes: Ints, own: Ints, jobs: Ints) -> None:
    """Give the first of some units its planted jobs, and the others the rest, in proportion."""
    for row, wanted in enumerate(jobs.tolist()):
        living = own[sizes[row, own] > 0]
        rest, others = sizes[row, living].sum() - wanted, living[1:]
        edges = np.cumsum(sizes[row, others] - 1)
        whole = max(int(edges[-1]), 1) if len(edges) else 1
        sizes[row, others] = np.diff(edges * (rest - len(others)) // whole, prepend=0) + 1
        sizes[row, living[0]] += rest + wanted - sizes[row, living].sum()
