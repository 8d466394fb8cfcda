"""What a topic says about one district: the part of a slice that the topic's module makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Table:
    """The numbers behind a figure, as a reader sees them: at most 200 rows of text."""

    caption: str
    columns: Sequence[tuple[str, bool]]
    """(label, whether the column holds numbers)."""
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure: its words, its picture, its numbers."""

    id: str
    kind: str
    title: str
    guide: str
    svg: str
    note: str | None
    table: Table
    csv: str
    """The full series as CSV text."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with the figures under it."""

    id: str
    title: str
    note: str | None
    figures: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that a topic's page says, apart from what all pages have."""

    period: tuple[date, date]
    summary: Sequence[str]
    key_figures: Sequence[tuple[str, str]]
    """(value, label)."""
    sections: Sequence[Section]
    figures: Sequence[Figure]
    methods: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    """(title, rows of term and definition)."""
    data: str
    """All released rows of the page, tidy, as CSV text."""


class TopicPages(Protocol):
    """A topic's page maker: made once per process from released tables, then asked per district."""

    def content(self, code: str) -> Content:
        """Return the content of one district that has data."""
        ...
