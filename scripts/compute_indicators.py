"""Compute the indicators of one topic."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

import polars as pl

from lds.contracts import load_table_contract, write_table
from lds.errors import run_command
from lds.withholding import withholding


def main() -> None:
    """Read the command line; write the indicators."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topic", required=True, help="topic id")
    parser.add_argument("--harmonised", type=Path, nargs="+", required=True, help="sources")
    parser.add_argument("--areas", type=Path, required=True, help="LADs of the vintage")
    parser.add_argument("--resources", type=Path, nargs="*", default=[], help="small CSV tables")
    parser.add_argument("--indicators", type=Path, required=True, help="file to write")
    parser.add_argument("--secure", action="store_true", help="show nothing of the sources")
    given = parser.parse_args()
    topic = importlib.import_module(f"lds.topics.{given.topic}.indicators")
    with withholding(given.secure, given.indicators.with_suffix(".refused.txt")):
        table = topic.indicators(
            {path.stem: pl.read_parquet(path) for path in given.harmonised},
            pl.read_parquet(given.areas),
            {path.stem: pl.read_csv(path, try_parse_dates=True) for path in given.resources},
        )
        write_table(given.indicators, table, load_table_contract("indicators"))


if __name__ == "__main__":
    run_command(main)
