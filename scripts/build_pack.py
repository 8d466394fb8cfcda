"""Put one district's pages, their data and a manifest into one archive."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.reports.packs import write_pack


def main() -> None:
    """Read the command line; write the pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, nargs="+", required=True, help="pages, by topic")
    parser.add_argument("--slices", type=Path, nargs="+", required=True, help="in the same order")
    parser.add_argument("--pack", type=Path, required=True, help="archive to write")
    given = parser.parse_args()
    write_pack(given.pages, given.slices, given.pack)


if __name__ == "__main__":
    run_command(main)
