"""The data dictionary: every source, column and coding, written from the contracts.

Written into ``workflow/docs/data_dictionary.md``; a test fails when it is not current.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from lds.docs import markdown_table
from lds.errors import run_command
from lds.io import write_text
from lds.sources.codings import codings
from lds.sources.contract import SURVEY_KEYS, Column, Contract, Part, load_contracts

NAMES_FROM = {
    "file": "the header of a published file",
    "specification": "the code of the first reports",
    "documentation": "the publisher's documentation, not yet held against a file",
    "project": "the project: nothing public gives them, so they must be mapped",
}
ACCESS = {
    "open": "open",
    "secure": "secure, in a trusted research environment",
    "local": "the district's own",
}
PARTS = {
    "heading": "the heading of an unpivoted column",
    "cell": "the cell of an unpivoted column",
    "file": "what the file stands for",
    "sheet": "what the sheet stands for",
    "geometry": "the geometry",
}
INLINE_VALUES = 6
"""Up to how many values a coding stands in the table of columns; longer ones are listed below."""

_HEAD = """# Data dictionary

<!-- Written by `make docs` from workflow/schemas/sources/; do not edit. -->

Every source, from its contract: what its file must be before the workflow reads it. A dataset that
is published in several shapes has one contract for each.

The staged table has the columns listed here, in their order and of their types. Where the publisher
writes marks in place of values, what a mark means stands in a column beside, `<column>_mark`, for
each column that is neither a text nor part of the key.

Where a name in a raw file is known from is said for each source, and beside a column where it
differs: {names_from}.
"""


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(_code(name) for name in names)


def _words(value: str) -> str:
    return value.replace("_", " ")


def _parts(parts: tuple[Part, ...]) -> str:
    each = []
    for part in parts:
        values = ", ".join(f"{column} {value}" for column, value in part.values.items())
        each.append(_code(part.name) + (f" ({values})" if values else ""))
    return ", ".join(each)


def _in_the_file(column: Column, contract: Contract) -> str:
    if column.part != "field":
        return PARTS[column.part]
    text = _code(column.source_name) if column.source_name else "a blank heading"
    if column.other_names:
        text += f", or {_codes(column.other_names)}"
    if column.names_from != contract.names_from:
        text += f" ({column.names_from})"
    return text


def _inline(column: Column) -> bool:
    return column.coding is None and 0 < len(column.values) <= INLINE_VALUES


def _value(value: str, label: str) -> str:
    return _code(value) + (f" {label}" if label != value else "")


def _allowed(column: Column) -> str:
    allowed = []
    if column.coding:
        allowed.append(f"[{column.coding}](#{column.coding})")
    elif _inline(column):
        allowed.append("; ".join(_value(*each) for each in column.values))
    elif column.values:
        allowed.append("listed below")
    if column.other_values == "missing":
        allowed.append("others are missing")
    if column.minimum is not None:
        allowed.append(f"from {column.minimum}")
    if column.maximum is not None:
        allowed.append(f"to {column.maximum}")
    if column.pattern:
        allowed.append(f"like {_code(column.pattern)}")
    if column.type == "date" and column.date_format != "%Y-%m-%d":
        allowed.append(f"written {_code(column.date_format)}")
    return ", ".join(allowed)


def _type(column: Column) -> str:
    words = [column.type]
    if column.required:
        words.append("required")
    if column.optional:
        words.append("may be absent")
    return ", ".join(words)


def _unit(column: Column) -> str:
    if column.scale == 1:
        return column.unit or ""
    return f"{column.unit}; {column.scale:,} are one in the file"


def _columns(contract: Contract) -> str:
    return markdown_table(
        ("Column", "In the file", "Type", "Unit", "Allowed", "What it holds"),
        [
            (
                _code(column.name),
                _in_the_file(column, contract),
                _type(column),
                _unit(column),
                _allowed(column),
                column.description,
            )
            for column in contract.columns
        ],
    )


def _reading(contract: Contract) -> str:
    reader = contract.reader
    facts = [reader.format]
    if reader.files:
        facts.append(f"files {_parts(reader.files)}")
    if reader.sheets:
        facts.append(f"sheets {_parts(reader.sheets)}")
    if reader.skip_rows:
        facts.append(f"header on row {reader.skip_rows + 1}")
    if reader.header_rows == 0:
        facts.append("no header")
    if reader.footer:
        facts.append(f"footer from {_code(reader.footer)}")
    if reader.headings:
        facts.append(f"columns {_code(reader.headings)} become rows")
    if contract.extra_columns == "ignore":
        facts.append("other columns are ignored")
    return "; ".join(facts)


def _geography(contract: Contract) -> Iterator[str]:
    for place in contract.places:
        columns = f"{_codes(place.columns)}: " if place.columns else ""
        note = f". {place.note}" if place.note else ""
        yield f"{columns}{place.level}, vintage {place.vintage}{note}"


def _facts(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield (what, text) for the list above the columns of a source."""
    yield "Access", ACCESS[contract.access]
    yield "Licence", contract.licence
    link = f" <{contract.url}>" if contract.url else ""
    yield "Publisher", f"{contract.publisher}.{link}"
    yield "Attribution", contract.citation
    yield "Stand-in", "synthetic" if contract.has_stand_in else "none yet: configure the raw file"
    yield "Names from", NAMES_FROM[contract.names_from]
    yield "One row is", contract.row_is
    yield "Key", _codes(contract.key) or f"none. {contract.without_key}"
    yield "File", _reading(contract)
    if contract.marks:
        marks = (f"{_code(mark)} {_words(meaning)}" for mark, meaning in contract.marks)
        yield "Publisher's marks", ", ".join(marks)
    for text in _geography(contract):
        yield "Geography", text
    if contract.time:
        columns = _codes(tuple(contract.time.get("columns", ())))
        facts = (columns, contract.time["step"], contract.time.get("period", ""))
        yield "Time", "; ".join(fact for fact in facts if fact)
    if contract.survey:
        names = {key: _codes(tuple(contract.survey.get(key, ()))) for key in SURVEY_KEYS}
        design = [f"{key} {text}" for key, text in names.items() if text]
        yield "Survey", "; ".join([*design, contract.survey.get("note", "")]).rstrip("; ")
    if contract.conversion:
        others = contract.conversion.get("other_kinds", {})
        named = "".join(f"; {_code(name)} {kind}" for name, kind in others.items())
        yield "Between vintages", contract.conversion["kind"] + named
    yield "Disclosure", f"unit {contract.unit}; profile {_code(contract.profile)}"
    for column, reason in contract.personal_data:
        yield "Personal data", f"{_code(column)}. {reason}"
    for note in contract.notes:
        yield "Note", note


def section(contract: Contract) -> str:
    """Return the section of one source: its facts, its columns, its long codings."""
    lines = [f"## {contract.id}", "", f"{contract.title}.", ""]
    lines += [f"- {what}: {text.rstrip('.')}." for what, text in _facts(contract)]
    lines += ["", _columns(contract)]
    for column in contract.columns:
        if column.values and not column.coding and not _inline(column):
            values = "; ".join(_value(*each) for each in column.values)
            lines += [f"Values of `{column.name}`: {values}.", ""]
    return "\n".join(lines)


def _index(contracts: Sequence[Contract]) -> str:
    datasets: dict[str, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda each: (each.dataset, each.id)):
        datasets.setdefault(contract.dataset, []).append(contract)
    rows: list[tuple[object, ...]] = [
        (
            _code(dataset),
            ", ".join(f"[{each.id}](#{each.id})" for each in shapes),
            ", ".join(sorted({each.access for each in shapes})),
            ", ".join(each.id for each in shapes if each.has_stand_in) or "none",
        )
        for dataset, shapes in datasets.items()
    ]
    return markdown_table(("Dataset", "Contracts", "Access", "With a stand-in"), rows)


def _shared_codings() -> Iterator[str]:
    yield "# Codings that sources share\n"
    for name, each in sorted(codings().items()):
        rows: list[tuple[object, ...]] = [
            (_code(value["value"]), value["label"]) for value in each["values"]
        ]
        yield f"## {name}\n\n{each['title']}. Source: {each['source']}.\n"
        yield markdown_table(("Value", "Label"), rows)


def data_dictionary(contracts: Sequence[Contract]) -> str:
    """Return the page as Markdown, sources in the order of their ids."""
    names = "; ".join(f"*{name}*, {text}" for name, text in NAMES_FROM.items())
    blocks = [_HEAD.format(names_from=names), _index(contracts)]
    blocks += [section(contract) for contract in sorted(contracts, key=lambda each: each.id)]
    return "\n".join([*blocks, *_shared_codings()]).rstrip("\n") + "\n"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="file to write")
    write_text(parser.parse_args().page, data_dictionary(load_contracts()))


if __name__ == "__main__":
    run_command(main)
