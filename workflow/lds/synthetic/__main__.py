"""``python -m lds.synthetic``: stand-ins for work outside, and what the country is like."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import ConfigError, run_command
from lds.synthetic.fit import SOURCES, fit
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
    fitted = commands.add_parser("fit", help="write a recipe that is like published open files")
    fitted.add_argument("files", nargs="+", help=f"id=path of {', '.join(SOURCES)}")
    fitted.add_argument("--to", type=Path, required=True, help="folder of the recipe to write")
    given = parser.parse_args()
    if given.command == "fit":
        fit(_named(given.files), given.to)
        print(f"Done. The recipe is in {given.to}.")
        return
    write_folder(given.sources, given.scale, given.to, given.cores)
    print(f"Done. {given.to / 'README.md'} says what is there.")


def _named(files: list[str]) -> dict[str, Path]:
    """Return the path of each source, from ``id=path``."""
    wrong = [each for each in files if "=" not in each]
    if wrong:
        raise ConfigError(
            "A file is given without its source.", values=wrong, remedy="Write id=path."
        )
    return {source: Path(path) for source, path in (each.split("=", 1) for each in files)}


if __name__ == "__main__":
    run_command(main)
