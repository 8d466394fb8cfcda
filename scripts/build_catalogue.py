"""Write the index page, the list of gaps and the data package."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from lds.errors import run_command
from lds.io import read_json
from lds.reports.catalogue import write_catalogue
from lds.topics import load_topics


def main() -> None:
    """Read the command line; write the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=Path, required=True, help="folder of the packs")
    parser.add_argument("--release", type=Path, required=True, help="release.json")
    parser.add_argument("--areas", type=Path, required=True, help="LADs of the vintage")
    parser.add_argument("--area-codes", type=Path, required=True, help="codes that lead to them")
    parser.add_argument("--lads", nargs="*", default=None, help="only these (default: all)")
    parser.add_argument("--template", type=Path, required=True, help="template of the index")
    parser.add_argument("--style", type=Path, required=True, help="style sheet")
    parser.add_argument("--folder", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    write_catalogue(
        given.folder,
        packs=given.packs,
        release=read_json(given.release),
        areas=pl.read_parquet(given.areas),
        area_codes=pl.read_parquet(given.area_codes),
        lads=given.lads,
        topics=load_topics(),
        template=given.template,
        style=given.style,
    )


if __name__ == "__main__":
    run_command(main)
