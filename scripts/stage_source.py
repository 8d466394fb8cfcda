"""Read the raw files of a source under its contract."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.files.encoding import ENCODINGS
from lds.io import write_json
from lds.sources.contract import load_contract
from lds.sources.rawfiles import listed_files
from lds.sources.staging import stage
from lds.withholding import withholding


def main() -> None:
    """Read the command line; write the table, the rejected rows and the account."""
    parser = argparse.ArgumentParser(description=__doc__)
    raw = parser.add_mutually_exclusive_group(required=True)
    raw.add_argument("--raw", type=Path, nargs="+", help="raw files")
    raw.add_argument("--stand-in", type=Path, help="list of the files of a stand-in")
    parser.add_argument("--contract", type=Path, required=True, help="contract of the source")
    parser.add_argument("--sql", type=Path, help="SQL file of the staged table, where there is one")
    parser.add_argument("--encoding", choices=sorted(ENCODINGS), help="of text files")
    parser.add_argument("--sha256", help="checksum that the file must have")
    parser.add_argument("--table", type=Path, required=True, help="file to write")
    parser.add_argument("--rejected", type=Path, required=True, help="file to write")
    parser.add_argument("--report", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    contract = load_contract(given.contract)
    with withholding(contract.secure, given.table.with_suffix(".refused.txt")):
        staged = stage(
            listed_files(given.stand_in) if given.stand_in else given.raw,
            contract,
            given.sql,
            given.table,
            encoding=given.encoding,
            expected_sha256=given.sha256,
            synthetic=given.stand_in is not None,
            # Snakemake removes the outputs of a failed job; this copy stays for the reader.
            rejected_to=given.rejected.with_suffix(".last.csv"),
        )
        given.rejected.with_suffix(".last.csv").replace(given.rejected)
        write_json(given.report, staged.report)


if __name__ == "__main__":
    run_command(main)
