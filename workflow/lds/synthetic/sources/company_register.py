"""A stand-in for the Business Census: companies at real postcodes, with made-up numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from lds.sources.contract import Contract
from lds.synthetic.draws import Ints, pick, pick_by_row, stream
from lds.synthetic.england.businesses import Businesses
from lds.synthetic.england.country import England
from lds.synthetic.england.industries import class_of
from lds.synthetic.england.labour import Labour
from lds.synthetic.mess import Mess
from lds.synthetic.sources.shapes import as_published, by_lad, texts
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of

DISTRICTS_OF_A_FRAME = 60


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the file; `scale` is the share of the companies."""
    recipe = contract.synthetic
    register = Businesses.of(Labour.of(england))
    units = register.expected("units")[:, -1]
    expected = units * recipe["companies_per_unit"] * scale
    offset = stream(england.seed, contract.id).random(len(units))
    counts = np.floor(expected.sum(axis=1) + offset).astype(np.int64)
    mess = Mess(recipe["mess"], england.seed, contract.id)
    companies = by_lad(england, counts)
    truth: dict[str, Any] = {
        "planted": {key: value for key, value in recipe_of(contract).items() if key != "mess"}
        | {"companies": {code: int(each) for code, each in companies.items()}}
    }
    addresses = _Addresses(england)

    def frames() -> Iterator[pl.DataFrame]:
        first = 0
        for start in range(0, len(units), DISTRICTS_OF_A_FRAME):
            chosen = range(start, min(start + DISTRICTS_OF_A_FRAME, len(units)))
            parts = [_district(register, each, int(counts[each]), units[each]) for each in chosen]
            whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            yield mess.spoil(
                as_published(_rows(register, whole, first, recipe, addresses), contract)
            )
            first += int(counts[chosen].sum())
        truth["mess"] = mess.account()

    return StandIn([RawFile(marked_name("business_census2020.csv.gz"), frames())], truth)


class _Addresses:
    """Postcodes of every LSOA, as one list with the place of each LSOA's first."""

    def __init__(self, england: England) -> None:
        found = england.places.select("code").join(
            england.postcodes,
            left_on="code",
            right_on="lsoa_code",
            how="left",
            maintain_order="left",
        )["postcodes"]
        self.count = found.list.len().fill_null(0).to_numpy().astype(np.int64)
        self.first = np.cumsum(self.count) - self.count
        self.all = found.explode(empty_as_null=False, keep_nulls=False)

    def of(self, lsoa: Ints, chance: np.ndarray[Any, np.dtype[np.float64]]) -> pl.Series:
        """Return a postcode of each LSOA; none where it has none."""
        at = self.first[lsoa] + (chance * self.count[lsoa]).astype(np.int64)
        there = (
            pl.Series(at)
            .to_frame("at")
            .select(pl.when(pl.Series(self.count[lsoa] > 0)).then(pl.col("at")))
        )
        return self.all.gather(there.to_series())


def _district(
    register: Businesses, district: int, count: int, units: np.ndarray[Any, np.dtype[np.float64]]
) -> dict[str, Any]:
    """Return the companies of a district: the industry and the place of each."""
    england, industries = register.labour.england, register.labour.industries
    code = str(england.recipe.districts["code"][district])
    draw = stream(england.seed, "companies", code)
    division = pick(draw.random(count), units)
    group = industries.group_of[division]
    lsoa = pick_by_row(draw.random(count), group, register.site_odds(district))
    return {
        "division": division,
        "lsoa": register.first_lsoa[district] + lsoa,
        "status": draw.random(count),
        "postcode": draw.random(count),
        "form": draw.random(count),
    }


def _rows(
    register: Businesses,
    whole: dict[str, Any],
    first: int,
    recipe: dict[str, Any],
    addresses: _Addresses,
) -> pl.DataFrame:
    classes = [class_of(each) for each in register.labour.industries.table["division"]]
    statuses = list(recipe["statuses"])
    postcode = addresses.of(whole["lsoa"], whole["postcode"])
    number = pl.Series(np.arange(first, first + len(whole["lsoa"])))
    without_blank = pl.Series(whole["form"] < recipe["postcodes_without_blank"])
    return pl.DataFrame(
        {
            # No register of companies has numbers with an X.
            "company_number": pl.select(
                pl.format("X{}", number.cast(pl.String).str.zfill(7))
            ).to_series(),
            "status": texts(statuses, pick(whole["status"], list(recipe["statuses"].values()))),
            "sic_2007": texts(classes, whole["division"]),
            "postcode": postcode,
        }
    ).with_columns(
        postcode=pl.when(without_blank)
        .then(pl.col("postcode").str.replace_all(" ", "", literal=True))
        .otherwise(pl.col("postcode"))
    )
