"""Write the English LSOAs of 2011 with their LAD of a vintage."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lds.errors import run_command
from lds.geography import Register
from lds.geography.levels.lsoas import build_lsoas
from lds.io import write_parquet


def main() -> None:
    """Read the command line; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--lsoas", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_parquet(given.lsoas, build_lsoas(Register.load(), given.vintage))


if __name__ == "__main__":
    run_command(main)
