"""Write the pages of the source profiles and the page that lists them."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.io import read_json
from lds.sources.profiles.page import write_pages


def main() -> None:
    """Read the command line; write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=Path, nargs="+", required=True, help="profiles")
    parser.add_argument(
        "--differences", type=Path, nargs="+", required=True, help="their differences, in order"
    )
    parser.add_argument("--template", type=Path, required=True, help="template of a page")
    parser.add_argument("--list-template", type=Path, required=True, help="template of the list")
    parser.add_argument("--style", type=Path, required=True, help="style sheet")
    parser.add_argument("--folder", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    write_pages(
        given.folder,
        [read_json(path) for path in given.profiles],
        [read_json(path) for path in given.differences],
        template=given.template,
        list_template=given.list_template,
        style=given.style,
    )


if __name__ == "__main__":
    run_command(main)
