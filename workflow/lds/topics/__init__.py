"""The topics: one module each, named as in ``workflow/resources/topics.yaml``."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lds.errors import ConfigError
from lds.io import RESOURCES, read_yaml

ENGLAND = "E92000001"


@dataclass(frozen=True, kw_only=True)
class TopicEntry:
    """One row of the topic register."""

    id: str
    title: str
    series: str
    sources: tuple[str, ...]
    indicators: dict[str, str]


def load_topics(resources: Path = RESOURCES) -> dict[str, TopicEntry]:
    """Read the topic register; the order is the order of the reports."""
    entries = read_yaml(resources / "topics.yaml")
    return {
        entry["id"]: TopicEntry(**{**entry, "sources": tuple(entry["sources"])})
        for entry in entries
    }


def topic_module(topic: str) -> Any:
    """Import the module of a topic.

    Raises
    ------
    ConfigError : when no module of that name exists.
    """
    try:
        return importlib.import_module(f"lds.topics.{topic}")
    except ModuleNotFoundError as error:
        if error.name != f"lds.topics.{topic}":
            raise
        raise ConfigError(
            "A topic of the register has no module.", where=f"workflow/lds/topics/{topic}.py"
        ) from None
