"""Write the LSOAs of the synthetic England with their traits, and their residents."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lds.errors import run_command
from lds.geography import Register
from lds.io import replacing, write_parquet
from lds.synthetic.england.country import England
from lds.synthetic.england.places import build_places
from lds.synthetic.england.recipe import Recipe


def main() -> None:
    """Read the command line; write the places and the people of each, counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", type=Path, required=True, help="folder of the recipe")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--places", type=Path, required=True, help="file to write")
    parser.add_argument("--counts", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    recipe, register = Recipe.load(given.recipe), Register.load()
    places = build_places(register, recipe, given.seed)
    england = England(register, recipe, given.seed, places)
    with replacing(given.counts) as temporary, temporary.open("wb") as out:
        np.save(out, england.counts)
    write_parquet(given.places, places)


if __name__ == "__main__":
    run_command(main)
