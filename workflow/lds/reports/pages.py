"""Fill a topic's shell with one slice.

A run fills thousands of pages, one process each: this module imports jinja2 and the standard
library only. The document engine is named here for type checkers and never imported.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from lds.errors import ContractError
from lds.reports.assembly import (
    CONTENTS_MARK,
    TEMPLATE,
    check_slots,
    insert_style,
    read_partials,
    read_source,
)
from lds.reports.svg import check_svg
from lds.text import MARKS, date_range, long_date

if TYPE_CHECKING:
    from lds.reports.engines import Engine

_MARK_IN_CSV = re.compile(r"(?:^|,)([cxu])(?=,|\r?$)", re.MULTILINE)
_HEADING = re.compile(r"<h2\b[^>]*?\bid=\"([^\"]+)\"[^>]*>(.*?)</h2>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


class _Percent(dict[int, str]):
    """Percent-encode for `str.translate`, each character once: a third of the time of `quote`."""

    def __missing__(self, code: int) -> str:
        self[code] = quote(chr(code), safe=",:;/?@!*()+=")
        return self[code]


_PERCENT = _Percent()


def read_slice(path: Path) -> dict[str, Any]:
    """Read a slice and add `provenance.slice_sha256`, the hash of the file's bytes."""
    try:
        return parse_slice(path.read_bytes(), path)
    except (OSError, ValueError) as error:
        raise ContractError(
            "A slice cannot be read.", where=f"{path}: {error}", remedy="Run `snakemake slices`."
        ) from error


def parse_slice(content: bytes, path: Path) -> dict[str, Any]:
    """Return the slice of a file's bytes, as `read_slice` does; `path` is for messages."""
    result = json.loads(content)
    if not isinstance(result, dict):
        raise ContractError("A slice must be a JSON object.", where=str(path))
    result["provenance"] = {"slice_sha256": hashlib.sha256(content).hexdigest()}
    return result


def render_page(slice: Mapping[str, Any], shell: str) -> str:
    """Return the page of one slice (see `read_slice`) in a compiled shell."""
    return _finish(_fill(shell, slice), slice)


def render_document(slice: Mapping[str, Any], reports_dir: Path, qmd: Path, engine: Engine) -> str:
    """Return the same page, the engine run for it alone (``report.render: document``).

    The slots of source and template are filled first; the engine sees no slot at all.
    """
    partials = read_partials(reports_dir)
    with tempfile.TemporaryDirectory(prefix="lds-document-") as folder:
        private = Path(folder) / "reports"
        shutil.copytree(reports_dir, private)
        for name in (qmd.name, TEMPLATE):
            source = read_source(qmd if name == qmd.name else reports_dir / name)
            check_slots(source, name)
            filled = _fill(f"{partials}\n{source}", slice).lstrip()
            (private / name).write_text(filled, encoding="utf-8")
        output = Path(folder) / "page.html"
        engine.convert(private / qmd.name, output, private)
        return _finish(insert_style(output.read_text(encoding="utf-8"), reports_dir), slice)


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the one Jinja environment of all pages and shells."""
    env = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
        # Markdown writes the id of a heading as {#id}, which is Jinja's usual comment.
        comment_start_string="<!--#",
        comment_end_string="#-->",
    )
    env.filters.update(
        uk_date=uk_date,
        uk_period=uk_period,
        csv_uri=csv_uri,
        file_size=_file_size,
        own_svg=_own_svg,
        svg_width=lambda svg: check_svg(svg).width,
    )
    env.tests["web_address"] = lambda url: url.startswith(("https://", "http://"))
    return env


def _day(iso: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError as error:
        raise ContractError(
            "Not a date.", values=[iso], remedy="Write it as 2021-01-05."
        ) from error


def uk_date(iso: str) -> str:
    """Return an ISO date as "5 January 2021"."""
    return long_date(_day(iso))


def uk_period(period: Mapping[str, str]) -> str:
    """Return a period as "15 February to 15 December 2020"."""
    return date_range(_day(period["start"]), _day(period["end"]))


def csv_uri(text: str) -> str:
    """Return a CSV as a `data:` address, which a browser can save without a network."""
    return "data:text/csv;charset=utf-8," + text.translate(_PERCENT)


def _file_size(text: str) -> str:
    return f"{max(1, round(len(text.encode()) / 1000))} KB"


def _own_svg(svg: str) -> Markup:
    check_svg(svg)
    return Markup(svg.strip())


def _finalize(value: object) -> Markup:
    """Escape every value; refuse None; leave nothing that markdown or pandoc would read."""
    if value is None:
        raise ContractError(
            "A slot of the page has no value (null).",
            remedy="Test for it in the partial, or give it in the slice.",
        )
    text = escape(value)
    if "`" in text or "$" in text:
        # Values stand in raw markdown and in a pandoc template when a document is rendered.
        text = Markup(str(text).replace("`", "&#96;").replace("$", "&#36;"))
    return text


def _place(slice: Mapping[str, Any]) -> str:
    """Name the page in a message: topic and area code, as far as the slice knows them."""
    names = []
    for part, key in (("topic", "id"), ("area", "code")):
        value = slice.get(part)
        names.append(str(value.get(key, "?")) if isinstance(value, Mapping) else "?")
    return "slice " + "/".join(names)


def _fill(template: str, slice: Mapping[str, Any]) -> str:
    """Fill the slots of a shell or of a source."""
    try:
        return _compiled(template).render({**slice, "page": _page_facts(slice)})
    except (jinja2.UndefinedError, KeyError) as error:
        raise ContractError(
            f"The slice lacks something that the page shows: {error}.",
            where=_place(slice),
            remedy="Compare the slice with workflow/schemas/slice.schema.yaml.",
        ) from error
    except jinja2.TemplateSyntaxError as error:
        raise ContractError(
            f"A slot cannot be read: {error.message}.",
            where=f"line {error.lineno} of the shell, which begins with the partials",
            remedy="Correct the source or the partial, and compile the shell again.",
        ) from error


def _compiled(template: str) -> jinja2.Template:
    """Compile a template, or take what an earlier process compiled.

    Compiling a shell takes longer than filling it, and each page is a process of its own. Jinja
    keeps the result in the user's private cache folder and checks it against the template.
    """
    # The options of the environment are part of the result, but not of Jinja's own check.
    options = Path(__file__).read_bytes()
    name = hashlib.sha256(options + template.encode()).hexdigest()
    env = environment().overlay(loader=jinja2.DictLoader({name: template}))
    with suppress(RuntimeError):  # no private cache folder can be had: compile every time
        env.bytecode_cache = jinja2.FileSystemBytecodeCache()
    return env.get_template(name)


def _page_facts(slice: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates ask about the slice as a whole."""
    synthetic = bool(slice["release"]["synthetic"]) or any(
        source["synthetic"] for source in slice["sources"]
    )
    used = {item["value"] for item in slice["key_figures"]} & MARKS.keys()
    marked_figures = set()
    for figure in slice["figures"].values():
        numeric = [column["numeric"] for column in figure["table"]["columns"]]
        for row in figure["table"]["rows"]:
            if len(row) != len(numeric):
                raise ContractError(
                    "A row of a table has another length than its header.",
                    where=f"{_place(slice)}, figure {figure['id']}",
                    values=row,
                )
            found = {cell for cell, is_number in zip(row, numeric, strict=True) if is_number}
            found &= MARKS.keys()
            if found:
                used |= found
                marked_figures.add(figure["id"])
        used.update(_MARK_IN_CSV.findall(figure["csv"]["text"]))
    kinds = ["report", "gap-page" if slice["gap"] else "", "synthetic" if synthetic else ""]
    return {
        "synthetic": synthetic,
        "body_class": " ".join(kind for kind in kinds if kind),
        "marks": [mark for mark in MARKS if mark in used],
        "mark_meanings": MARKS,
        "marked_figures": marked_figures,
    }


def _finish(html: str, slice: Mapping[str, Any]) -> str:
    """Add the contents list; check that ids are unique and that no figure is left out."""
    headings = _HEADING.findall(html)
    ids = [anchor for anchor, _ in headings]
    for name, figure in slice["figures"].items():
        if name != figure["id"] or html.count(f'<div class="figure" id="{escape(name)}">') != 1:
            raise ContractError(
                "A figure of the slice is not on the page exactly once under its own id.",
                where=_place(slice),
                values=[name],
                remedy="List it in one section of the slice, or place it in the .qmd.",
            )
        ids += [name, f"{name}-heading", *check_svg(figure["svg"]).ids]
    repeated = [anchor for anchor, times in Counter(ids).items() if times > 1]
    if repeated:
        raise ContractError(
            "Ids are used twice on one page.",
            where=_place(slice),
            values=repeated,
            remedy="Prefix the ids of an SVG by the id of its figure; rename the section.",
        )
    links = "\n".join(
        f'<li><a href="#{anchor}">{_TAG.sub("", words).strip()}</a></li>'
        for anchor, words in headings
    )
    contents = (
        '<nav class="contents" aria-label="Contents">\n<p>On this page</p>\n'
        f"<ul>\n{links}\n</ul>\n</nav>"
    )
    return html.replace(CONTENTS_MARK, contents, 1).lstrip()
