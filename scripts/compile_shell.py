"""Compile one topic's source into its shell."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.reports.engines import resolve_engine
from lds.reports.shells import compile_shell


def main() -> None:
    """Read the command line; write the shell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="reports/<topic>.qmd")
    parser.add_argument("--reports", type=Path, required=True, help="folder of the template")
    parser.add_argument("--engine", required=True, help="quarto, pandoc or auto")
    parser.add_argument("--shell", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    compile_shell(given.source, given.reports, resolve_engine(given.engine), given.shell)


if __name__ == "__main__":
    run_command(main)
