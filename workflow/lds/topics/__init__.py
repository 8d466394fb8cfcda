"""The topics: one module each, named as in ``workflow/resources/topics.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lds.io import RESOURCES, read_yaml

ENGLAND = "E92000001"


@dataclass(frozen=True, kw_only=True)
class TopicEntry:
    """One row of the topic register, as its header explains the keys."""

    id: str
    title: str
    series: str
    sources: tuple[str, ...]
    resources: tuple[str, ...]
    reference: tuple[str, ...]
    essential: str
    indicators: dict[str, str]


def load_topics(resources: Path = RESOURCES) -> dict[str, TopicEntry]:
    """Read the topic register; the order is the order of the reports."""
    entries: list[dict[str, Any]] = read_yaml(resources / "topics.yaml")
    return {
        entry["id"]: TopicEntry(**{key: _fixed(value) for key, value in entry.items()})
        for entry in entries
    }


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
