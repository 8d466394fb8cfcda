"""Profile one staged source and compare it with the profile before."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from lds.errors import run_command
from lds.io import read_json, write_json
from lds.sources.contract import load_contract
from lds.sources.profiles.difference import difference
from lds.sources.profiles.kept import remember
from lds.sources.profiles.profile import profile


def main() -> None:
    """Read the command line; write the profile and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="staged table")
    parser.add_argument("--report", type=Path, required=True, help="report of staging")
    parser.add_argument("--contract", type=Path, required=True, help="contract of the source")
    parser.add_argument("--kept", type=Path, required=True, help="the last profiles, kept")
    parser.add_argument("--profile", type=Path, required=True, help="file to write")
    parser.add_argument("--difference", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    # What does not fit into memory stays beside the profile, inside the secure zone.
    with tempfile.TemporaryDirectory(dir=given.profile.parent, prefix=".spill-") as spill:
        found = profile(
            given.table,
            load_contract(given.contract),
            read_json(given.report),
            spill=Path(spill),
        )
    before = remember(given.kept, found)
    write_json(given.difference, difference(before, found))
    write_json(given.profile, found)


if __name__ == "__main__":
    run_command(main)
