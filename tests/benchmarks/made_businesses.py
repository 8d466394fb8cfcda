"""Businesses of the benchmark: local units, jobs and shares of jobs by industry."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.made_records import Places, labels, made_units
from benchmarks.made_rows import Cut, Maker
from lds.disclosure.vocabulary import load_classifications
from lds.io import RESOURCES

YEARS = 7
TOPIC = "industry_sector_densities"
NUMBERS = ("jobs", "enterprises", "units", "largest", "second_largest")


def add_businesses(maker: Maker, rng: np.random.Generator) -> None:
    """Add local units, jobs and shares of jobs by industry, on a day of each of seven years."""
    parents = load_classifications()["industry"].parents
    divisions = [name for name in labels("industry") if name.startswith("division")]
    groups = [name for name in labels("industry") if not name.startswith("division")]
    above = pl.Series([groups.index(str(parents[name])) for name in divisions], dtype=pl.Int32)
    size = pl.read_csv(RESOURCES / "synthetic" / "industries.csv", infer_schema_length=None)
    number = (size["jobs"] / size["jobs_per_unit"]).to_numpy()
    units = made_units(maker.places, number, YEARS, rng)
    finest = _finest(units)
    finest = finest.with_columns(group=above.gather(finest["division"]))
    cuts: dict[str, dict[str, npt.NDArray[np.float64]]] = {name: {} for name in NUMBERS}
    for level, values in (("division", divisions), ("group", groups), (None, [None])):
        tables = _by_industry(finest, maker.places, level, len(values))
        for code, value in enumerate(values):
            breakdown = "all" if value is None else f"industry={value}"
            for name, table in tables.items():
                cuts[name][breakdown] = table[code]
    windows = [(date(2014 + year, 3, 1), date(2014 + year, 3, 31)) for year in range(YEARS)]
    columns: dict[str, Cut] = {"value": cuts["units"], "cases": cuts["units"]}
    maker.add(TOPIC, "ISD-I1", "count", windows, columns, period="snapshot")
    jobs, tops = cuts["jobs"], {name: cuts[name] for name in ("largest", "second_largest")}
    columns = {"value": jobs, "numerator": jobs, "n": cuts["enterprises"], **tops}
    maker.add(TOPIC, "ISD-I2", "business_sum", windows, columns, period="snapshot")
    parts = [f"industry={name}" for name in groups]
    columns = {
        "value": {part: 100 * jobs[part] / jobs["all"] for part in parts},
        "numerator": {part: jobs[part] for part in parts},
        "denominator": {part: jobs["all"] for part in parts},
        "n": {part: cuts["enterprises"][part] for part in parts},
        **{name: {part: top[part] for part in parts} for name, top in tops.items()},
    }
    maker.add(TOPIC, "ISD-I3", "business_share", windows, columns, period="snapshot")


def _finest(units: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of each district, division and year, with the two largest enterprises."""
    keys = ["district", "division", "year"]
    per_enterprise = units.group_by(*keys, "enterprise").agg(pl.col("jobs").sum(), units=pl.len())
    return (
        per_enterprise.group_by(keys)
        .agg(
            pl.col("jobs").sum(),
            pl.len().alias("enterprises"),
            pl.col("units").sum(),
            pl.col("jobs").top_k(2).alias("top"),
        )
        .sort(keys)
    )


def _memberships(places: Places) -> pl.DataFrame:
    """Return every district with each area that it is in."""
    number = {code: place for place, code in enumerate(places.areas)}
    district = {code: place for place, code in enumerate(places.districts)}
    pairs = [(place, place) for place in range(len(places.districts))]
    for custom, members in places.customs.items():
        pairs += [(district[code], number[custom]) for code in members]
    pairs += [(place, number[places.regions[at]]) for place, at in enumerate(places.region_of)]
    pairs += [(place, len(number) - 1) for place in range(len(places.districts))]
    return pl.DataFrame(pairs, schema={"district": pl.Int32, "area": pl.Int32}, orient="row")


def _by_industry(
    finest: pl.DataFrame, places: Places, level: str | None, codes: int
) -> dict[str, npt.NDArray[np.float64]]:
    """Return each of `NUMBERS` by industry, area and year."""
    industry = pl.lit(0) if level is None else pl.col(level)
    found = (
        finest.with_columns(industry.cast(pl.Int32).alias("industry"))
        .join(_memberships(places), on="district")
        .group_by("industry", "area", "year")
        .agg(
            pl.col("jobs", "enterprises", "units").sum(),
            pl.col("top").explode().top_k(2).sort(descending=True).alias("top"),
        )
        .with_columns(
            largest=pl.col("top").list.get(0, null_on_oob=True).fill_null(0),
            second_largest=pl.col("top").list.get(1, null_on_oob=True).fill_null(0),
        )
    )
    at = tuple(found[name].to_numpy() for name in ("industry", "area", "year"))
    tables = {}
    for name in NUMBERS:
        tables[name] = np.zeros((codes, len(places.areas), YEARS))
        tables[name][at] = found[name].to_numpy()
    return tables
