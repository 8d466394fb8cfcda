"""Cut one topic's release into a slice per district."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.reports.slices import SliceJob, write_slices


def main() -> None:
    """Read the command line; write the slices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topic", required=True, help="topic id")
    parser.add_argument("--table", type=Path, required=True, help="released table")
    parser.add_argument("--release", type=Path, required=True, help="release.json")
    parser.add_argument("--areas", type=Path, required=True, help="LADs of the vintage")
    parser.add_argument("--area-codes", type=Path, required=True, help="codes that lead to them")
    parser.add_argument("--resources", type=Path, nargs="*", default=[], help="small CSV tables")
    parser.add_argument("--reference", type=Path, nargs="*", default=[], help="reference tables")
    parser.add_argument("--lads", nargs="*", default=None, help="only these (default: all)")
    parser.add_argument("--contact", help="where readers can turn to")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--slices", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    job = SliceJob(
        topic=given.topic,
        table=given.table,
        release=given.release,
        areas=given.areas,
        area_codes=given.area_codes,
        resources=tuple(given.resources),
        reference=tuple(given.reference),
        contact=given.contact,
        folder=given.slices,
    )
    write_slices(job, lads=given.lads, processes=given.processes)


if __name__ == "__main__":
    run_command(main)
