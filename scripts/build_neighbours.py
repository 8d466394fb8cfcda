"""Write which LADs share a line of their boundaries."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from lds.errors import run_command
from lds.io import write_parquet
from lds.maps.neighbours import neighbours


def main() -> None:
    """Read the command line; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boundaries", type=Path, required=True, help="boundaries of the LADs")
    parser.add_argument("--neighbours", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_parquet(given.neighbours, neighbours(pl.read_parquet(given.boundaries)))


if __name__ == "__main__":
    run_command(main)
