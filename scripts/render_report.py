"""Fill a topic's shell with one slice; or, with --document, run the engine for this page."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.reports.assembly import read_source, write_whole
from lds.reports.pages import read_slice, render_document, render_page


def main() -> None:
    """Read the command line; write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slice", type=Path, required=True, help="slice of the page")
    parser.add_argument("--page", type=Path, required=True, help="file to write")
    parser.add_argument("--shell", type=Path, help="compiled shell of the topic")
    parser.add_argument("--document", action="store_true", help="run the engine for this page")
    parser.add_argument("--source", type=Path, help="with --document: reports/<topic>.qmd")
    parser.add_argument("--reports", type=Path, help="with --document: folder of the template")
    parser.add_argument("--engine", help="with --document: quarto, pandoc or auto")
    given = parser.parse_args()
    slice_ = read_slice(given.slice)
    if given.document:
        if not (given.source and given.reports and given.engine):
            parser.error("--document needs --source, --reports and --engine")
        from lds.reports.engines import resolve_engine

        engine = resolve_engine(given.engine)
        page = render_document(slice_, given.reports, given.source, engine)
    else:
        if not given.shell:
            parser.error("give --shell, or --document")
        page = render_page(slice_, read_source(given.shell))
    write_whole(given.page, page)


if __name__ == "__main__":
    run_command(main)
