"""Write the LADs of a vintage and the custom areas with all that a page says about them."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from lds.areas import areas_from_text, members_frame
from lds.errors import run_command
from lds.geography import Register
from lds.geography.reference import build_areas
from lds.io import write_parquet


def main() -> None:
    """Read the command line; write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--custom", type=areas_from_text, default=(), help="custom areas, JSON")
    parser.add_argument("--areas", type=Path, required=True, help="file to write")
    parser.add_argument("--members", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_parquet(given.areas, build_areas(Register.load(), given.vintage, given.custom))
    write_parquet(given.members, members_frame(given.custom))


if __name__ == "__main__":
    run_command(main)
