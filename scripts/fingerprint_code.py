"""Write the fingerprint of one part of the package."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.fingerprints import fingerprint, part_modules
from lds.io import write_text


def main() -> None:
    """Read the command line; write the fingerprint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", required=True, help="name in workflow/resources/parts.yaml")
    parser.add_argument("--fingerprint", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_text(given.fingerprint, fingerprint(part_modules(given.part)))


if __name__ == "__main__":
    run_command(main)
