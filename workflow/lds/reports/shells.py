"""Compile a topic's source into its shell: everything but the data, in one file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import jinja2

from lds.errors import ContractError
from lds.reports.assembly import (
    TEMPLATE,
    check_slots,
    insert_style,
    read_partials,
    read_source,
    write_whole,
)
from lds.reports.engines import Engine
from lds.reports.pages import environment


def compile_shell(topic_qmd: Path, reports_dir: Path, engine: Engine, output: Path) -> None:
    """Write the shell of one topic, whole or not at all.

    `topic_qmd` is its source, `reports_dir` the folder of template, stylesheet and partials.
    """
    for path in (topic_qmd, reports_dir / TEMPLATE):
        check_slots(read_source(path), path.name)
    with tempfile.TemporaryDirectory(prefix="lds-shell-") as folder:
        page = Path(folder) / f"{topic_qmd.stem}.html"
        engine.convert(topic_qmd, page, reports_dir)
        html = page.read_text(encoding="utf-8")
    shell = read_partials(reports_dir) + "\n" + _protect_style(insert_style(html, reports_dir))
    try:
        environment().parse(shell)
    except jinja2.TemplateSyntaxError as error:
        raise ContractError(
            f"The shell has a broken slot: {error.message}.",
            where=f"{topic_qmd.name}, a partial or {TEMPLATE}; line {error.lineno} of the shell",
            remedy="Every {% if %} and {% for %} needs its end, in the same order of blocks.",
        ) from error
    write_whole(output, shell)


def _protect_style(html: str) -> str:
    """Keep Jinja from reading the braces of the stylesheet."""
    return html.replace("<style>", "<style>{% raw %}", 1).replace(
        "</style>", "{% endraw %}</style>", 1
    )
