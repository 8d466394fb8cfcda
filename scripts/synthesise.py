"""Make the synthetic stand-in of one source."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.sources.contract import load_contract
from lds.synthetic.england.country import England
from lds.synthetic.england.recipe import Recipe
from lds.synthetic.making import write_stand_in


def main() -> None:
    """Read the command line; write the files, the list of them and what is true of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contract", type=Path, required=True, help="contract of the source")
    parser.add_argument("--places", type=Path, required=True, help="LSOAs with their traits")
    parser.add_argument("--counts", type=Path, required=True, help="their people, counted")
    parser.add_argument("--postcodes", type=Path, help="postcodes of LSOAs, where they are needed")
    parser.add_argument("--recipe", type=Path, required=True, help="folder of the recipe")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--scale", type=float, help="size; 1 is that of the real file")
    parser.add_argument("--folder", type=Path, required=True, help="folder to write files into")
    parser.add_argument("--list", type=Path, required=True, help="list of the files to write")
    parser.add_argument("--truth", type=Path, required=True, help="account to write")
    given = parser.parse_args()
    recipe = Recipe.load(given.recipe)
    england = England.load(
        given.places,
        given.seed,
        recipe,
        postcodes=given.postcodes,
        counts=given.counts,
    )
    contract = load_contract(given.contract)
    write_stand_in(england, contract, given.scale, given.folder, given.list, given.truth)


if __name__ == "__main__":
    run_command(main)
