"""The id map: where every indicator, figure, table and defect of the first reports went.

Written from ``workflow/resources/id_maps/<topic>.yaml`` into ``workflow/docs/id_map.md``; tests
check that each row is whole, and that its function, its test and its place exist.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

from lds.docs import markdown_table
from lds.errors import ConfigError, run_command
from lds.io import RESOURCES, read_yaml, write_text
from lds.topics import load_topics

KINDS = {"indicator": "I", "figure": "F", "table": "T", "defect": "D"}
"""Kinds of rows and the letter that their ids carry."""
PLACE = {
    "summary": "Summary",
    "what-changed": "What changed here",
    "methods": "How it was made",
    "sources": "Data, sources and licence",
}
"""Parts that every page has, by their anchor; other places are figures or sections of the topic."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row: what the first report had, and where it is now.

    Attributes
    ----------
    function : dotted name of what makes or corrects it.
    test : ``file::function`` of the test that shows it.
    place : id of a figure or section of the page, or an anchor of `PLACE`.
    change : how it differs from the first report.
    """

    id: str
    kind: str
    what: str
    function: str
    test: str
    place: str
    change: str


def read_id_map(topic: str, resources: Path = RESOURCES) -> tuple[Entry, ...]:
    """Return the rows of a topic's id map.

    Raises
    ------
    ConfigError : a row with an empty or unknown field, an id that is repeated or out of its row's
        kind, or another number of rows than the first report had.
    """
    path = resources / "id_maps" / f"{topic}.yaml"
    raw = read_yaml(path)
    names = [field.name for field in fields(Entry)]
    entries = []
    for number, row in enumerate(raw["rows"], 1):
        wrong = sorted(set(row) ^ set(names)) + [name for name in names if not row.get(name)]
        if wrong:
            raise ConfigError(
                "A row of an id map has fields that are missing, empty or unknown.",
                where=f"{path}, row {number} ({row.get('id', 'no id')})",
                values=sorted(set(wrong)),
            )
        entries.append(Entry(**row))
    for kind, letter in KINDS.items():
        numbers = [entry.id.rpartition(letter)[2] for entry in entries if entry.kind == kind]
        if numbers != [str(each) for each in range(1, raw["first_report"][f"{kind}s"] + 1)]:
            raise ConfigError(
                f"The ids of the {kind}s do not run from 1 to their number in the first report.",
                where=str(path),
                values=numbers,
            )
    return tuple(entries)


def _table(entries: list[Entry]) -> str:
    rows: list[tuple[object, ...]] = [
        (
            entry.id,
            entry.what,
            f"`{entry.function.removeprefix('lds.')}`",
            f"`{entry.test}`",
            PLACE.get(entry.place, f"`#{entry.place}`"),
            entry.change,
        )
        for entry in entries
    ]
    return markdown_table(
        ("id", "in the first report", "now made by", "shown by", "on the page", "what changed"),
        rows,
    ).rstrip("\n")


def id_map_page(maps: list[tuple[str, tuple[Entry, ...]]]) -> str:
    """Return the page as Markdown, from (title of the topic, the rows of its map)."""
    lines = [
        "# Id map",
        "",
        "<!-- Written by `make docs` from workflow/resources/id_maps/; do not edit. -->",
        "",
        "What became of every indicator (I), figure (F), table (T) and defect (D) of the first"
        " reports: the function that makes or corrects it, the test that shows it, its place on the"
        " page, and what changed.",
    ]
    for title, rows in maps:
        lines += ["", f"## {title}"]
        for kind in KINDS:
            entries = [entry for entry in rows if entry.kind == kind]
            lines += ["", f"### {kind.title()}s", ""]
            lines.append(_table(entries) if entries else "The first report had none.")
    return "\n".join(lines) + "\n"


def build_id_map(resources: Path = RESOURCES) -> str:
    """Return the page of all topics, in the order of the register."""
    topics = load_topics(resources).values()
    return id_map_page([(topic.title, read_id_map(topic.id, resources)) for topic in topics])


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="file to write")
    write_text(parser.parse_args().page, build_id_map())


if __name__ == "__main__":
    run_command(main)
