"""A stand-in for the file of tiers, on the real districts of 2020.

The truth that is planted stands in the contract of the source, under `synthetic`: the tiers of each
region on the four dates, and the share of districts that stay a tier below on the first three.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from lds.geography import Register
from lds.sources.contract import Contract
from lds.synthetic.england.country import England
from lds.synthetic.standin import RawFile, StandIn, marked_name, recipe_of, text_table

LOCKDOWN = "National Lockdown (synthetic)"
FIRST_COLUMNS = ("id", "code", "local_area", "adminlevel", "country", "gor")


def tier_rows(register: Register, contract: Contract, seed: int) -> Iterator[list[object]]:
    """Yield the header and one row per district in the publisher's shape.

    The same seed gives the same rows.
    """
    recipe = contract.synthetic
    names = [column.source_name for column in contract.columns]
    dated = [name for name in names if name not in FIRST_COLUMNS]
    yield [*FIRST_COLUMNS, *dated]
    regions = dict(register.regions.iter_rows())
    live = register.live_on(date.fromisoformat(recipe["vintage"]))
    for number, row in enumerate(live.iter_rows(named=True), 1):
        draw = random.Random(f"{seed}/{row['code']}")
        spared = draw.random() < recipe["spared_share"]
        levels = [
            level - 1 if spared and 1 < level < 5 else level
            for level in recipe["tiers"][row["region_code"]]
        ]
        yield [
            f"synthetic-{number}",
            *(row["code"], row["name"], "LAD", "England", regions[row["region_code"]]),
            *(LOCKDOWN if level == 5 else level for level in levels),
        ]


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in of the file of tiers: every district at any `scale`."""
    table = text_table(tier_rows(england.register, contract, england.seed))
    file = RawFile(marked_name("OpenCovid19Lockdown_UK.csv"), [table])
    return StandIn([file], {"planted": recipe_of(contract)})
