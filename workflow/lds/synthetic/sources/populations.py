"""Stand-ins for estimates of the population: the counts themselves, in each publisher's shape.

All agree with each other and with the totals of the area register to the person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl

from lds.sources.codings import coding
from lds.sources.contract import Contract
from lds.synthetic.draws import Ints
from lds.synthetic.england.country import England
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS, SEXES
from lds.synthetic.england.tables import (
    AGE_NAMES,
    by_lad,
    districts_on,
    white_british,
)
from lds.synthetic.standin import RawFile, Sheet, StandIn, marked, marked_name

VINTAGE = date(2019, 4, 1)
"""The day whose LADs the estimates of mid-2019 are published by."""
_BANDS = np.minimum(np.arange(AGES) // 5, 18)


def _ages(counts: Ints) -> pl.DataFrame:
    return pl.DataFrame(dict(zip(AGE_NAMES, counts.T, strict=True)))


def by_lsoa_and_sex(england: England) -> list[RawFile]:
    """Return the three files of LSOAs: women, men and both."""
    counts = england.residents_by_age
    lads, place = districts_on(england, VINTAGE)
    own = lads[place[england.places["district"].to_numpy()]]
    areas = england.places.select(LSOA_CD="code", LSOA_NM="name").hstack(
        own.select(LAD_CD="code", LAD_NM="name")
    )
    tables = {"T": counts.sum(axis=2)} | {sex: counts[..., n] for n, sex in enumerate(SEXES)}
    return [
        RawFile(
            marked_name(f"MYPE_19_{sex}.csv"),
            [marked(pl.concat([areas, _ages(tables[sex])], how="horizontal"))],
        )
        for sex in ("F", "M", "T")
    ]


def by_lsoa(england: England) -> list[RawFile]:
    """Return the file of LSOAs, both sexes together."""
    counts = england.residents_by_age.sum(axis=2)
    areas = england.places.select(lsoa11_name="name", lsoa11_code="code").with_columns(
        total_population=counts.sum(axis=1)
    )
    table = pl.concat([areas, _ages(counts)], how="horizontal").sort("lsoa11_code")
    return [RawFile(marked_name("population19_lsoa11.csv"), [marked(table)])]


def _lad_counts(england: England) -> tuple[pl.DataFrame, Ints]:
    """Return the LADs, and their residents by group, age and sex; the last is White British."""
    lads, place = districts_on(england, VINTAGE)
    counts = np.empty((len(place), len(ETHNIC_GROUPS) + 1, AGES, len(SEXES)), dtype=np.int64)
    for number, residents in enumerate(england.districts()):
        counts[number, :-1] = residents.by_age.sum(axis=0)
        counts[number, -1] = white_british(england, residents).sum(axis=0)
    return lads, by_lad(counts, place)


def by_lad_and_age(england: England) -> list[RawFile]:
    """Return the file of LADs by single year of age."""
    lads, counts = _lad_counts(england)
    people = counts[:, :-1].sum(axis=(1, 3))
    areas = lads.select(ltla19_code="code", ltla19_name="name").with_columns(
        total_population=people.sum(axis=1)
    )
    table = pl.concat([areas, _ages(people)], how="horizontal")
    return [RawFile(marked_name("population19_ltla19.csv"), [marked(table)])]


def by_age_band(england: England) -> list[RawFile]:
    """Return the file of LADs, regions and England by age band of five years."""
    lads, counts = _lad_counts(england)
    ages = counts[:, :-1].sum(axis=(1, 3))
    people = np.stack([ages[:, band == _BANDS].sum(axis=1) for band in range(19)], axis=1)
    names = dict(england.register.regions.iter_rows())
    regions = sorted(set(lads["region_code"]))
    inside = [(lads["region_code"] == code).to_numpy() for code in regions]
    rows = [
        *zip(lads["code"], lads["name"], ["LAD19"] * lads.height, people, strict=True),
        *(
            (code, names[code], "RGN20", people[at].sum(axis=0))
            for code, at in zip(regions, inside, strict=True)
        ),
        ("E92000001", "England", "CTRY20", people.sum(axis=0)),
    ]
    bands = [each["value"] for each in coding("five_year_age_band")]
    table = pl.concat(
        pl.DataFrame({"class": bands, "population": counted}).select(
            pl.lit(code).alias("code"),
            "class",
            "population",
            pl.lit(name).alias("name"),
            pl.lit(kind).alias("codeType"),
            (pl.col("population") / counted.sum()).alias("baseline_proportion"),
        )
        for code, name, kind, counted in rows
    )
    return [RawFile(marked_name("uk_population_2019_by_5yr_age.csv"), [marked(table)])]


def by_ethnic_group(england: England) -> list[RawFile]:
    """Return the workbook of LADs by ethnic group, age and sex."""
    lads, counts = _lad_counts(england)
    cells = counts.shape[2] * counts.shape[3]
    by_row = counts.reshape(lads.height, counts.shape[1], cells).transpose(0, 2, 1).reshape(-1, 6)
    white, mixed, asian, black, other, british = by_row.T
    table = pl.DataFrame(
        {
            "LA_CODE": np.repeat(lads["code"].to_numpy(), cells),
            "LA_NAME": np.repeat(lads["name"].to_numpy(), cells),
            "Age": np.tile(np.repeat(np.arange(AGES), len(SEXES)), lads.height),
            "Sex": np.tile(np.arange(1, len(SEXES) + 1), lads.height * AGES),
            "White": white,
            "White British": british,
            "Mixed/Multiple": mixed,
            "Asian/Asian British": asian,
            "Black/African/Caribbean/Black British": black,
            "Other": other,
        }
    )
    sheet = Sheet("2019", marked(table))
    return [RawFile(marked_name("2019 Ethnicity Breakdowns by LA.xlsx"), sheets=[sheet])]


_MAKERS: dict[str, Callable[[England], list[RawFile]]] = {
    "population_lsoa_sex": by_lsoa_and_sex,
    "population_lsoa": by_lsoa,
    "population_lad": by_lad_and_age,
    "population_age_bands": by_age_band,
    "population_ethnicity": by_ethnic_group,
}


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of an estimate of the population: everyone, at any `scale`."""
    lads, place = districts_on(england, VINTAGE)
    people = by_lad(np.array(england.population, dtype=np.int64), place)
    truth = {"residents": dict(zip(lads["code"], people.tolist(), strict=True))}
    return StandIn(_MAKERS[contract.id](england), {"planted": truth})
