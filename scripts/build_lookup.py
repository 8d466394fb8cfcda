"""Write a made-up look-up between areas, in the shape of the published one."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.io import write_text
from lds.synthetic.england.country import England
from lds.synthetic.england.lookups import LOOKUPS
from lds.synthetic.england.recipe import Recipe
from lds.synthetic.standin import marked


def main() -> None:
    """Read the command line; write the look-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookup", choices=sorted(LOOKUPS), required=True)
    parser.add_argument("--places", type=Path, required=True, help="LSOAs with their traits")
    parser.add_argument("--recipe", type=Path, required=True, help="folder of the recipe")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--table", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    england = England.load(given.places, given.seed, Recipe.load(given.recipe))
    write_text(given.table, marked(LOOKUPS[given.lookup](england)).write_csv())


if __name__ == "__main__":
    run_command(main)
