"""Download one registered open file."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.downloads import Wanted, fetch_file
from lds.errors import run_command


def main() -> None:
    """Read the command line; fetch the file, or what is missing of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="address, http or https")
    parser.add_argument("--sha256", required=True, help="checksum that the file must have")
    parser.add_argument("--bytes", type=int, required=True, help="length that it must have")
    parser.add_argument("--file", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    fetch_file(Wanted(url=given.url, sha256=given.sha256, size=given.bytes), given.file)


if __name__ == "__main__":
    run_command(main)
