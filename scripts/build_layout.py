"""Write the layout of hexagons, one per LAD."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from lds.errors import run_command
from lds.io import write_parquet
from lds.maps.layout import layout


def main() -> None:
    """Read the command line; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boundaries", type=Path, required=True, help="boundaries of the LADs")
    parser.add_argument("--neighbours", type=Path, required=True, help="neighbours of the LADs")
    parser.add_argument("--layout", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    cells = layout(pl.read_parquet(given.boundaries), pl.read_parquet(given.neighbours))
    write_parquet(given.layout, cells)


if __name__ == "__main__":
    run_command(main)
