"""Write what a release and its pages were made with."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.io import write_json
from lds.reports.provenance import provenance


def main() -> None:
    """Read the command line; write the provenance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="release.json")
    parser.add_argument("--checksums", type=Path, required=True, help="SHA256SUMS of the release")
    parser.add_argument("--lock", type=Path, required=True, help="requirements.lock")
    parser.add_argument("--commit", required=True, help="commit of the project")
    parser.add_argument("--engine", required=True, help="document engine and its version")
    parser.add_argument("--render", required=True, help="report.render")
    parser.add_argument("--provenance", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    write_json(
        given.provenance,
        provenance(
            release=given.release,
            checksums=given.checksums,
            lock=given.lock,
            commit=given.commit,
            engine=given.engine,
            render=given.render,
        ),
    )


if __name__ == "__main__":
    run_command(main)
