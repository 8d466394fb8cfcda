"""Write a few postcodes of every LSOA, for the addresses of the synthetic England."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from lds.errors import run_command
from lds.io import write_parquet
from lds.synthetic.england.places import postcodes_of_lsoas
from lds.synthetic.england.recipe import Recipe


def main() -> None:
    """Read the command line; write the postcodes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postcodes", type=Path, required=True, help="postcodes and their LSOA")
    parser.add_argument("--recipe", type=Path, required=True, help="folder of the recipe")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--addresses", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    most = Recipe.load(given.recipe).settings["postcodes_of_an_lsoa"]
    postcodes = pl.read_parquet(given.postcodes, columns=["postcode", "lsoa_code"])
    write_parquet(given.addresses, postcodes_of_lsoas(postcodes, most, given.seed))


if __name__ == "__main__":
    run_command(main)
