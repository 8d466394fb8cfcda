"""The generated tables of README.md: written from schemas and registers, tested for drift."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lds.config import config_schema
from lds.download_register import load_downloads
from lds.errors import ConfigError, run_command
from lds.io import RESOURCES, write_text
from lds.sources.contract import load_contracts
from lds.topics import load_topics

_BLOCK = re.compile(r"(<!-- table: (?P<name>\w+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def markdown_table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table; a bar in a value is escaped, a line break becomes a blank."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(
            "`null`" if choice is None else f"`{choice}`" for choice in schema["enum"]
        )
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words: dict[str, str] = {
        "string": "text",
        "integer": "whole number",
        "array": "list",
        "null": "`null`",
    }
    return " or ".join(words.get(str(kind), str(kind)) for kind in kinds)


def _keys(
    schema: Mapping[str, Any], defs: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each key of a schema with its own; keys that are free stand as ``<id>``."""
    keys = dict(schema["properties"])
    if isinstance(schema.get("additionalProperties"), Mapping):
        keys["<id>"] = schema["additionalProperties"]
    for key, value in keys.items():
        if "$ref" in value:
            yield f"{prefix}{key}", defs[value["$ref"].rpartition("/")[2]]
        elif value.get("type") == "object":
            yield from _keys(value, defs, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _default(config: Mapping[str, Any], key: str, schema: Mapping[str, Any]) -> str:
    value: Any = config
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            value = schema.get("default", "")
            return f"`{value}`" if value not in ("", None) else ""
        value = value[part]
    if value is None:
        return "`null`"
    return f"`{value}`"


def config_table(config: Mapping[str, Any]) -> str:
    """Return the table of configuration keys, from the schema and the committed defaults."""
    rows: list[tuple[object, ...]] = [
        (f"`{key}`", _kind(schema), _default(config, key, schema), schema["description"])
        for key, schema in _keys(config_schema(), config_schema()["$defs"])
    ]
    return markdown_table(("Key", "Value", "Default", "What it does"), rows)


def topics_table() -> str:
    """Return the table of topics and their indicators."""
    rows: list[tuple[object, ...]] = [
        (topic.title, topic.series, ", ".join(f"`{source}`" for source in topic.sources),
         "; ".join(f"{key} {each.title}" for key, each in topic.indicators.items()))
        for topic in load_topics().values()
    ]  # fmt: skip
    return markdown_table(("Topic", "Series", "Sources", "Indicators"), rows)


def sources_table() -> str:
    """Return the table of the sources that topics use, from their contracts."""
    contracts = [contract for contract in load_contracts() if contract.has_stand_in]
    rows: list[tuple[object, ...]] = [
        (f"`{each.id}`", each.title, each.publisher, each.licence, each.access, each.profile)
        for each in contracts
    ]
    return markdown_table(
        ("Id", "Dataset", "Publisher", "Licence", "Access", "Disclosure profile"), rows
    )


def downloads_table() -> str:
    """Return the table of the open files that can be downloaded, from their register."""
    rows: list[tuple[object, ...]] = [
        (f"`{each.file}`", f"`{each.source}`", f"{each.bytes / 1000:,.0f} kB", each.licence)
        for each in load_downloads().values()
    ]
    return markdown_table(("File", "Source", "Size", "Licence"), rows)


def refresh(text: str, config: Mapping[str, Any]) -> str:
    """Return a document with its generated tables as they should be.

    Raises
    ------
    ConfigError : a marked table that nothing generates.
    """
    makers = {
        "config": lambda: config_table(config),
        "topics": topics_table,
        "sources": sources_table,
        "downloads": downloads_table,
    }

    def fill(match: re.Match[str]) -> str:
        if match["name"] not in makers:
            raise ConfigError(f"No table is called '{match['name']}'.", values=sorted(makers))
        return f"{match[1]}\n{makers[match['name']]()}\n{match[4]}"

    return _BLOCK.sub(fill, text)


def main() -> None:
    """Read the command line; write the tables again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path)
    given = parser.parse_args()
    config = yaml.safe_load((RESOURCES.parents[1] / "config.yaml").read_text(encoding="utf-8"))
    write_text(given.document, refresh(given.document.read_text(encoding="utf-8"), config))


if __name__ == "__main__":
    run_command(main)
