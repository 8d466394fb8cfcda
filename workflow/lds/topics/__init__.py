"""The topics: one module each, named as in ``workflow/resources/topics.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
