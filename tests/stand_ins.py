"""Stand-ins for tests, without the workflow: of a whole country or of a few districts."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from lds.geography import Register
from lds.sources.contract import contract_path, load_contract
from lds.synthetic.england.country import England
from lds.synthetic.england.places import build_places
from lds.synthetic.england.recipe import Recipe
from lds.synthetic.standin import make_stand_in
from lds.synthetic.writing import write_raw_file


@functools.cache
def places(seed: int = 2021) -> pl.DataFrame:
    """Return every LSOA with its traits."""
    return build_places(Register.load(), Recipe.load(), seed)


def whole_england(seed: int = 2021) -> England:
    """Return the country."""
    return England(Register.load(), Recipe.load(), seed, places(seed))


def part_of_england(codes: Sequence[str], seed: int = 2021) -> England:
    """Return a country of some districts only (codes of April 2018), each as it is in the whole."""
    recipe = Recipe.load()
    kept = recipe.districts.filter(pl.col("code").is_in(list(codes)))
    number = {code: place for place, code in enumerate(kept["code"])}
    own = places(seed).filter(pl.col("lad_code").is_in(list(codes)))
    district = own["lad_code"].replace_strict(number, return_dtype=pl.Int64)
    return England(
        Register.load(),
        Recipe(recipe.settings, kept),
        seed,
        own.with_columns(district=district),
    )


def registered_england(seed: int) -> England:
    """Return a country without places, for sources that need none: it takes no time."""
    empty = pl.DataFrame(schema={"district": pl.Int64})
    return England(Register.load(), Recipe.load(), seed, empty)


def write_stand_ins(england: England, source: str, folder: Path) -> list[Path]:
    """Write the files of a source's stand-in."""
    made = make_stand_in(england, load_contract(contract_path(source)))
    return [write_raw_file(file, folder) for file in made.files]
