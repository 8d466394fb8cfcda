"""Write the boundaries of the LADs of a vintage and of the regions."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lds.errors import run_command
from lds.geography import Register
from lds.io import write_parquet
from lds.maps.boundaries import build_boundaries


def main() -> None:
    """Read the command line; write the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--lads", type=Path, required=True, help="file to write")
    parser.add_argument("--regions", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    boundaries = build_boundaries(Register.load(), given.vintage)
    write_parquet(given.lads, boundaries.lads)
    write_parquet(given.regions, boundaries.regions)


if __name__ == "__main__":
    run_command(main)
