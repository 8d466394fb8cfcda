"""Write every code of the area register that leads to a LAD of a vintage."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lds.errors import run_command
from lds.geography import Register
from lds.geography.reference import build_area_codes
from lds.io import write_parquet


def main() -> None:
    """Read the command line; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--area-codes", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_parquet(given.area_codes, build_area_codes(Register.load(), given.vintage))


if __name__ == "__main__":
    run_command(main)
