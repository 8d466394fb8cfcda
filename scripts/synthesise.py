"""Make the synthetic stand-in of one source."""

from __future__ import annotations

import argparse
import csv
import importlib
from pathlib import Path

import polars as pl

from lds.errors import run_command
from lds.geography import Register
from lds.io import replacing
from lds.sources.contract import load_contract


def main() -> None:
    """Read the command line; write the stand-in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contract", type=Path, required=True, help="contract of the source")
    parser.add_argument("--periods", type=Path, required=True, help="policy periods")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--raw", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    contract = load_contract(given.contract)
    generator = importlib.import_module(f"lds.sources.synthetic.{contract.synthetic['generator']}")
    periods = pl.read_csv(given.periods, try_parse_dates=True)
    rows = generator.source_rows(Register.load(), contract, periods, given.seed)
    with (
        replacing(given.raw) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as raw,
    ):
        csv.writer(raw, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    run_command(main)
