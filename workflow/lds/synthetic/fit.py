"""Fitting the recipe of the synthetic England to published open files.

``python -m lds.synthetic fit`` writes a recipe folder: ``districts.csv`` from the files, and the
other files of the recipe as they are, but for the numbers of ``england.yaml`` that the files tell.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from lds.errors import ConfigError, SourceError
from lds.geography import Register
from lds.geography.translation import translate
from lds.io import SQL, replacing, write_text
from lds.sources.contract import contract_path, load_contract
from lds.sources.rawfiles import raw_files
from lds.sources.staging import stage
from lds.synthetic.england.places import BASE
from lds.synthetic.england.recipe import AGE_SHARES, AGES, FOLDER, MINORITIES

SOURCES = (
    "population_lad",
    "census_2021_ethnicity_lad",
    "imd_lad",
    "median_house_prices",
    "median_weekly_pay",
    "economic_activity",
)
"""Contracts of the files that a fit needs."""
YEAR = 2019
"""The year that the country is like."""
VINTAGES = tuple(date(year, 4, 1) for year in range(2018, 2024))
"""Days whose LADs a file may be by: those that districts of `BASE` lead to whole."""
ENGLAND = "E92000001"
_MARGIN = 100


def fit(files: Mapping[str, Path], to: Path, start: Path = FOLDER) -> None:
    """Write a recipe that is like the published files.

    Parameters
    ----------
    files : a raw file for each of `SOURCES`, read under its contract.
    to : folder of the recipe to write.
    start : folder of the recipe whose other numbers are kept.

    Raises
    ------
    ConfigError : a source is lacking, or is not one that a fit uses.
    SourceError : a file does not keep its contract, or lacks districts.
    """
    wrong = sorted(set(files) ^ set(SOURCES))
    if wrong:
        raise ConfigError(
            "A fit needs one file for each of its sources, and uses no other.",
            values=wrong,
            remedy=f"Give: {', '.join(f'{each}=FILE' for each in SOURCES)}.",
        )
    tables = {source: staged(source, path) for source, path in files.items()}
    districts = fit_districts(Register.load(), tables)
    settings = fit_settings((start / "england.yaml").read_text(encoding="utf-8"), tables)
    to.mkdir(parents=True, exist_ok=True)
    for path in sorted(start.iterdir()):
        if path.name not in ("districts.csv", "england.yaml"):
            with replacing(to / path.name) as temporary:
                shutil.copyfile(path, temporary)
    write_text(to / "england.yaml", settings)
    with replacing(to / "districts.csv") as temporary:
        districts.write_csv(temporary)


def staged(source: str, path: Path) -> pl.DataFrame:
    """Return the rows of a raw file, read under the contract of its source."""
    contract, sql = load_contract(contract_path(source)), SQL / "staging" / f"{source}.sql"
    with tempfile.TemporaryDirectory(prefix="lds-fit-") as folder:
        statement = sql if sql.is_file() else None
        return stage(
            raw_files(path, contract), contract, statement, Path(folder) / "t.parquet"
        ).table


def fit_districts(register: Register, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ``districts.csv``: one row per LAD of `BASE`, sorted by code.

    A district that a file has only merged with others has the value of the whole; one without pay
    or employment rate has the median of its region.
    """
    columns = {
        "population_lad": _ages(tables["population_lad"]),
        "census_2021_ethnicity_lad": _ethnic_groups(tables["census_2021_ethnicity_lad"]),
        "imd_lad": tables["imd_lad"].select("lad_code", deprivation=pl.col("score").round(1)),
        "median_house_prices": _prices(tables["median_house_prices"]),
        "median_weekly_pay": _of_year(tables["median_weekly_pay"]).select(
            lad_code="area_code", weekly_pay=pl.col("value").round(0).cast(pl.Int64)
        ),
        "economic_activity": _of_year(tables["economic_activity"])
        .filter(pl.col("indicator") == "Employment Rate")
        .select(lad_code="area_code", employment_rate=pl.col("value").round(1)),
    }
    base = register.live_on(BASE).select("code", "region_code")
    for source, frame in columns.items():
        base = base.join(_to_base(register, source, frame), on="code", how="left")
    gaps = ("weekly_pay", "employment_rate")
    base = base.with_columns(
        pl.col("weekly_pay").fill_null(_regional("weekly_pay").round(0).cast(pl.Int64)),
        pl.col("employment_rate").fill_null(_regional("employment_rate").round(1)),
    )
    lacking = base.filter(pl.any_horizontal(pl.all().is_null()))
    if lacking.height:
        raise SourceError(
            "The files lack values of districts.",
            values=lacking["code"].to_list(),
            remedy=f"Only {' and '.join(gaps)} may be missing, and not in a whole region.",
        )
    return base.drop("region_code").sort("code")


def _regional(column: str) -> pl.Expr:
    return pl.col(column).median().over("region_code")


def _to_base(register: Register, source: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the values of LADs for the districts of `BASE` that they were made from."""
    codes = set(frame["lad_code"])
    matched = {day: len(codes & set(register.live_on(day)["code"])) for day in VINTAGES}
    day = max(VINTAGES, key=lambda each: matched[each])
    steps = translate(register, day).select(code="from_code", lad_code="to_code")
    return (
        steps.join(frame.unique("lad_code", keep="first", maintain_order=True), on="lad_code")
        .drop("lad_code")
        .unique("code", maintain_order=True)
    )


def _ages(table: pl.DataFrame) -> pl.DataFrame:
    age = pl.col("age").str.strip_suffix("+").cast(pl.Int64)
    people = pl.col("population")
    return table.group_by("lad_code", maintain_order=True).agg(
        (people.filter(age.is_between(low, high)).sum() / people.sum()).round(4).alias(name)
        for name, (low, high) in AGE_SHARES.items()
    )


def _ethnic_groups(table: pl.DataFrame) -> pl.DataFrame:
    counts = table.filter(pl.col("ethnic_group").str.ends_with("(number)"))
    group, people = pl.col("ethnic_group"), pl.col("value")
    parts = {name: group.str.starts_with(name.title()) for name in MINORITIES}
    parts["white_british"] = group.str.starts_with("White: English")
    return counts.group_by("lad_code", maintain_order=True).agg(
        (people.filter(part).sum() / people.sum()).round(4).alias(name)
        for name, part in parts.items()
    )


def _prices(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("period") == f"Dec {YEAR}").select(
        "lad_code", median_price=pl.col("median_price").cast(pl.Int64)
    )


def _of_year(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `YEAR`: periods are years, or begin with one."""
    return table.filter(pl.col("period").str.starts_with(str(YEAR)))


def fit_settings(text: str, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return the text of ``england.yaml`` with the numbers that the files tell.

    These are the share of each year of age, and prices and pay of other years next to `YEAR`.
    """
    english = tables["population_lad"].filter(pl.col("lad_code").str.starts_with("E"))
    by_age = english.group_by("age").agg(pl.col("population").sum())
    people = dict(by_age.iter_rows())
    total = sum(people.values())
    names = [*map(str, range(AGES - 1)), f"{AGES - 1}+"]
    ages = [f"{round(people[name] / total, 5)}" for name in names]
    text = _with(text, "ages", "[", ages, "]")
    text = _with(
        text, "  price_index", "{", _pairs(_price_index(tables["median_house_prices"])), "}"
    )
    return _with(text, "  pay_index", "{", _pairs(_pay_index(tables["median_weekly_pay"])), "}")


def _pairs(index: Mapping[int, float]) -> list[str]:
    return [f"{year}: {value}" for year, value in index.items()]


def _price_index(table: pl.DataFrame) -> dict[int, float]:
    """Return the median over LADs of the price of each year next to that of `YEAR`."""
    december = table.filter(pl.col("period").str.starts_with("Dec ")).with_columns(
        year=pl.col("period").str.slice(4).cast(pl.Int64)
    )
    base = december.filter(pl.col("year") == YEAR).select("lad_code", base="median_price")
    ratio = (pl.col("median_price") / pl.col("base")).median().round(3)
    found = december.join(base, on="lad_code").group_by("year").agg(ratio.alias("index"))
    return dict(found.filter(pl.col("year") <= YEAR + 2).sort("year").iter_rows())


def _pay_index(table: pl.DataFrame) -> dict[int, float]:
    """Return the median pay of England in each year next to that of `YEAR`."""
    pay = table.filter(pl.col("area_code") == ENGLAND).select(
        pl.col("period").str.slice(0, 4).cast(pl.Int64), "value"
    )
    by_year = dict(pay.sort("period").iter_rows())
    return {
        year: round(value / by_year[YEAR], 3) for year, value in by_year.items() if year <= YEAR + 2
    }


def _with(text: str, key: str, opening: str, items: Sequence[str], closing: str) -> str:
    """Return YAML with other items under a key, in lines as long as the others."""
    start = f"{key}: {opening}"
    unbroken = ", ".join(items).replace(": ", ":\N{NO-BREAK SPACE}")
    body = textwrap.fill(
        unbroken, _MARGIN, initial_indent=start, subsequent_indent=" " * len(start)
    ).replace("\N{NO-BREAK SPACE}", " ")
    pattern = re.compile(
        rf"^{re.escape(start)}[^{re.escape(closing)}]*{re.escape(closing)}", re.MULTILINE
    )
    if not pattern.search(text):
        raise SourceError(
            "A recipe lacks a setting that is fitted.", where="england.yaml", values=[key.strip()]
        )
    return pattern.sub(f"{body}{closing}", text, count=1)
