"""Write the LSOAs of the synthetic England with their traits."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.geography import Register
from lds.io import write_parquet
from lds.synthetic.england.places import build_places
from lds.synthetic.england.recipe import Recipe


def main() -> None:
    """Read the command line; write the places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", type=Path, required=True, help="folder of the recipe")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--places", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    recipe = Recipe.load(given.recipe)
    write_parquet(given.places, build_places(Register.load(), recipe, given.seed))


if __name__ == "__main__":
    run_command(main)
