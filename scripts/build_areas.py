"""Write the LADs of a vintage with all that a page says about them."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lds.errors import run_command
from lds.geography import Register
from lds.geography.reference import build_areas
from lds.io import write_parquet


def main() -> None:
    """Read the command line; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--areas", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_parquet(given.areas, build_areas(Register.load(), given.vintage))


if __name__ == "__main__":
    run_command(main)
