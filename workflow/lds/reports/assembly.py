"""The pieces of a page's template: partials, stylesheet, and the rules for slots.

Imports the standard library only: it is loaded by every process that fills a page.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from lds.errors import ContractError

STYLE_MARK = "/* lds:style */"
CONTENTS_MARK = "<!-- lds:contents -->"
TEMPLATE = "template.html"
STYLESHEET = "report.css"

_SLOT = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_UNSAFE_IN_SLOT = re.compile(r"[\"'<>&`$]")
_CODE_CELL = re.compile(r"^\s*(?:`{3,}|~{3,})\s*\{\s*[A-Za-z]", re.MULTILINE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def read_source(path: Path) -> str:
    """Read one file of the reports folder; say which one is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContractError(
            "A source of the reports cannot be read.",
            where=str(path),
            remedy="Restore the file, or correct the path given to the script.",
        ) from error


def read_partials(reports_dir: Path) -> str:
    """Return the macros of all partials, in the order of their names."""
    paths = sorted((reports_dir / "partials").glob("*.html"))
    return "\n".join(read_source(path) for path in paths)


def check_slots(text: str, name: str) -> None:
    """Refuse slots that an engine would alter, and code cells.

    Quarto reads and rewrites the page as a document, so quotes, angle brackets and ampersands
    inside a slot may come back as entities. What needs them belongs in a partial, which the
    engine never sees.
    """
    for match in _SLOT.finditer(text):
        if _UNSAFE_IN_SLOT.search(match.group(1) or match.group(2) or ""):
            line = text.count("\n", 0, match.start()) + 1
            raise ContractError(
                "A slot holds a quote, bracket, ampersand, dollar sign or backtick.",
                where=f"{name}, line {line}",
                values=[match.group(0)],
                remedy="Address values by attribute (area.name); move logic into a partial.",
            )
    cell = _CODE_CELL.search(text)
    if cell:
        raise ContractError(
            "A report source holds a code cell.",
            where=f"{name}, line {text.count(chr(10), 0, cell.end()) + 1}",
            remedy="Compute it in the topic's module and pass it by the slice.",
        )


def insert_style(html: str, reports_dir: Path) -> str:
    """Put the stylesheet into the place that the template keeps for it."""
    if html.count(STYLE_MARK) != 1 or html.count(CONTENTS_MARK) != 1:
        raise ContractError(
            "The engine's page lacks the place of the stylesheet or of the contents list.",
            where=str(reports_dir / TEMPLATE),
            values=[STYLE_MARK, CONTENTS_MARK],
            remedy="Keep both marks, once each, in the template.",
        )
    css = _CSS_COMMENT.sub("", read_source(reports_dir / STYLESHEET))
    lines = (line.strip() for line in css.splitlines())
    return html.replace(STYLE_MARK, "\n".join(line for line in lines if line))


def write_whole(path: Path, text: str) -> None:
    """Write `text` to a temporary name beside `path`, then move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
