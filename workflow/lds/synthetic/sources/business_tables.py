"""Stand-ins for published tables of businesses and jobs: of the same register, at full size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from lds.io import RESOURCES, read_yaml
from lds.sources.contract import Contract
from lds.synthetic.draws import Floats, stream
from lds.synthetic.england.businesses import Businesses
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import Labour
from lds.synthetic.sources.published_areas import Areas, areas_on
from lds.synthetic.standin import RawFile, Sheet, StandIn, marked, marked_name, recipe_of

LSOA_COLUMN = "2011 super output area - lower layer"


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of a table: the same areas at any `scale`."""
    businesses = Businesses.of(Labour.of(england))
    files, truth = _TABLES[contract.id](businesses, contract)
    return StandIn(files, {"planted": recipe_of(contract) | truth})


def _rounded(values: Floats, base: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(np.rint(values / base).astype(np.int64) * base)


def _year(businesses: Businesses, what: str, year: int) -> Floats:
    return np.asarray(businesses.expected(what)[:, businesses.years.index(year)])


def _jobs_by_lsoa(
    businesses: Businesses, contract: Contract
) -> tuple[list[RawFile], dict[str, Any]]:
    """Return employees of every LSOA by section and by some divisions, in two wide files."""
    labour, recipe = businesses.labour, contract.synthetic
    england, table = labour.england, labour.industries.table
    sections = list(table["section"].unique(maintain_order=True))
    section = np.array([sections.index(each) for each in table["section"]])
    divisions = [table["division"].to_list().index(each) for each in recipe["divisions"]]
    jobs = _year(businesses, "jobs", recipe["year"])
    by_section, by_division = [], []
    for district in range(len(jobs)):
        odds = businesses.site_odds(district)
        shares = (odds / odds.sum(axis=1, keepdims=True))[labour.industries.group_of]
        code = str(england.recipe.districts["code"][district])
        offset = stream(england.seed, "jobs of LSOAs", code).random(shares.shape)
        whole = np.floor(shares * jobs[district][:, None] + offset)
        sums = np.zeros((len(sections), whole.shape[1]))
        np.add.at(sums, section, whole)
        by_section.append(sums.T)
        by_division.append(whole[divisions].T)
    titles = {each["value"]: each["label"] for each in _coding("sic2007_section")}
    named = table["name"].to_list()
    lsoas = england.places.select(pl.format("{} : {}", "code", "name")).to_series()
    base = recipe["rounded_to"]
    files = [
        _wide(
            "BRES_LSOA_SIC1.csv",
            lsoas,
            [f"{each} : {titles[each]}" for each in sections],
            np.concatenate(by_section),
            base,
        ),
        _wide(
            "BRES_LSOA_SIC2.csv",
            lsoas,
            [f"{table['division'][each]} : {named[each]}" for each in divisions],
            np.concatenate(by_division),
            base,
        ),
    ]
    return files, {"employees": int(np.concatenate(by_section).sum())}


def _coding(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = read_yaml(RESOURCES / "codings.yaml")[name]["values"]
    return found


def _wide(
    name: str, lsoas: pl.Series, headings: Sequence[str], values: Floats, base: int
) -> RawFile:
    """Return a table with a column of flags beside every column, and the totals below it."""
    rounded = _rounded(values, base)
    columns: dict[str, Any] = {LSOA_COLUMN: pl.concat([lsoas, pl.Series(["Column Total"])])}
    for place in range(len(headings)):
        columns[f"value {place}"] = np.append(rounded[:, place], rounded[:, place].sum())
        columns[f"flag {place}"] = pl.repeat(None, len(lsoas) + 1, dtype=pl.String, eager=True)
    cells = [f'"{LSOA_COLUMN}"', *(f'"{each}",' for each in headings), '"synthetic"']
    # Headings of the flags are blank: no frame can have them.
    return RawFile(
        marked_name(name), [marked(pl.DataFrame(columns))], header=False, above=[",".join(cells)]
    )


def _local_units(
    businesses: Businesses, contract: Contract
) -> tuple[list[RawFile], dict[str, Any]]:
    """Return the workbook with local units of every area by industry group."""
    recipe, table = contract.synthetic, businesses.labour.industries.table
    areas = areas_on(businesses.labour.england, date.fromisoformat(recipe["codes_on"]))
    sums = areas.sums(_year(businesses, "units", recipe["year"]))
    divisions = table["division"].cast(pl.Int64).to_numpy()
    columns: dict[str, Any] = {
        "": [
            f"{code} : {name if kind == 'Local Authority District' else name.upper()}"
            for code, name, kind in zip(areas.codes, areas.names, areas.kinds, strict=True)
        ]
    }
    for heading in recipe["groups"]:
        first, _, last = heading.split(" : ")[0].partition("-")
        inside = (divisions >= int(first)) & (divisions <= int(last or first))
        columns[heading] = _rounded(sums[:, inside].sum(axis=1), 5)
    columns["Total"] = _rounded(sums.sum(axis=1), 5)
    sheet = Sheet(
        "Table 16",
        marked(pl.DataFrame(columns)),
        above=[
            ["Table 16 - Number of VAT and/or PAYE based local units: SYNTHETIC"],
            ["This worksheet contains one table"],
            ["Units: Counts (control rounded to base 5)"],
        ],
    )
    name = marked_name("ukbusinessworkbook2024.xlsx")
    return [RawFile(name, sheets=[sheet])], {"local_units": float(sums[0].sum())}


def _demography(businesses: Businesses, contract: Contract) -> tuple[list[RawFile], dict[str, Any]]:
    """Return births, deaths, active and high-growth enterprises of every area and year."""
    recipe, england = contract.synthetic, businesses.labour.england
    first, last = recipe["years"]
    units = businesses.expected("units").sum(axis=2)
    growth = units[:, 1:] / units[:, :-1]
    frames = []
    for year in range(first, last + 1):
        areas = areas_on(england, date(year, 4, 1))
        row = businesses.years.index(year)
        stock = units[:, row] * recipe["enterprises_per_unit"]
        deaths = businesses.settings["deaths"]
        values = {
            "Births of new enterprises": stock * (growth[:, row - 1] - 1 + deaths),
            "Deaths of enterprises": stock * deaths,
            "Active enterprises": stock,
            "High growth enterprises": stock * recipe["high_growth"],
        }
        frames += [
            _demography_rows(areas, indicator, year, areas.sums(each))
            for indicator, each in values.items()
        ]
    frame = pl.concat(frames).sort("indicator", "areacd", "period")
    return [RawFile(marked_name("business-demography.csv"), [marked(frame)], newline="\r\n")], {
        "deaths": businesses.settings["deaths"]
    }


def _demography_rows(areas: Areas, indicator: str, year: int, values: Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "indicator": pl.repeat(indicator, len(areas), eager=True),
            "areacd": areas.codes,
            "areanm": areas.names,
            "geography": areas.kinds,
            "observation": _rounded(values, 5),
            "unit": pl.repeat("NUM", len(areas), eager=True),
            "measure": pl.repeat("count-of-companies", len(areas), eager=True),
            "period": pl.repeat(str(year), len(areas), eager=True),
            "lower_confidence_interval_95": pl.repeat(
                None, len(areas), dtype=pl.String, eager=True
            ),
            "upper_confidence_interval_95": pl.repeat(
                None, len(areas), dtype=pl.String, eager=True
            ),
            "observation_status": pl.repeat(None, len(areas), dtype=pl.String, eager=True),
        }
    )


_TABLES: dict[str, Callable[[Businesses, Contract], tuple[list[RawFile], dict[str, Any]]]] = {
    "bres_lsoa": _jobs_by_lsoa,
    "uk_business": _local_units,
    "business_demography": _demography,
}
