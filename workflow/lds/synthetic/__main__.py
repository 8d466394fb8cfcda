"""``python -m lds.synthetic``: stand-ins for work outside the secure environment."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.synthetic.outside import write_folder


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m lds.synthetic", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    folder = commands.add_parser("write", help="write stand-ins into a folder, with dictionaries")
    folder.add_argument("--sources", nargs="*", default=[], help="ids; none means all")
    folder.add_argument("--scale", type=float, help="size; 1 is that of the real files")
    folder.add_argument("--to", type=Path, required=True, help="folder to write")
    folder.add_argument("--cores", type=int, default=1)
    given = parser.parse_args()
    write_folder(given.sources, given.scale, given.to, given.cores)
    print(f"Done. {given.to / 'README.md'} says what is there.")


if __name__ == "__main__":
    run_command(main)
