"""Carry one staged source to the LADs of a vintage and to custom areas."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import polars as pl

from lds.contracts import load_table_contract, write_table
from lds.errors import run_command
from lds.geography import Register
from lds.io import write_json
from lds.sources.contract import load_contract
from lds.sources.harmonise import harmonise
from lds.withholding import withholding


def main() -> None:
    """Read the command line; write the table and the account of the conversion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contract", type=Path, required=True, help="contract of the source")
    parser.add_argument("--staged", type=Path, nargs="+", required=True, help="staged tables")
    parser.add_argument("--resources", type=Path, nargs="*", default=[], help="small CSV tables")
    parser.add_argument("--sql", type=Path, required=True, help="folder workflow/sql/harmonised")
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--members", type=Path, required=True, help="LADs of each custom area")
    parser.add_argument("--table", type=Path, required=True, help="file to write")
    parser.add_argument("--summary", type=Path, required=True, help="file to write")
    parser.add_argument(
        "--max-unmatched-share", type=float, help="share of rows that may lead to no district"
    )
    given = parser.parse_args()
    contract = load_contract(given.contract)
    tables: dict[str, pl.DataFrame | Path] = {path.stem: path for path in given.staged}
    tables |= {path.stem: pl.read_csv(path) for path in given.resources}
    with withholding(contract.secure, given.table.with_suffix(".refused.txt")):
        harmonised = harmonise(
            contract,
            tables,
            Register.load(),
            to=given.vintage,
            sql=given.sql,
            maximum_unmatched_share=given.max_unmatched_share,
            custom_areas=pl.read_parquet(given.members),
        )
        layer = f"harmonised_{contract.conversion['kind']}"
        write_table(given.table, harmonised.table, load_table_contract(layer))
        write_json(given.summary, {**harmonised.summary, "source": contract.id})


if __name__ == "__main__":
    run_command(main)
