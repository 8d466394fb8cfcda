"""The topics: one module each, named as in ``workflow/resources/topics.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lds.io import RESOURCES, read_yaml

ENGLAND = "E92000001"


@dataclass(frozen=True, kw_only=True)
class IndicatorEntry:
    """One indicator of a topic, and what the gate must know of it.

    Attributes
    ----------
    title : what it is, for tables of indicators.
    quantity : what is counted, an id of ``workflow/resources/quantities.yaml``; None where every
        source is open.
    outcome : ``dimension=value``: the numerator is that part of the quantity.
    share_of : dimension that the denominator adds up, as the industry in the share of an industry.
    sources : the open sources that it is made from alone, in a topic that has secure ones too.
    rests_on : indicators that must be released for the same area, period and breakdown; with
        ``@england`` for England instead of the area.
    widening : values of ``period``, narrowest first: of each area and breakdown only the narrowest
        that loses little is released.
    """

    title: str
    quantity: str | None = None
    outcome: str | None = None
    share_of: str | None = None
    sources: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    widening: tuple[str, ...] = ()


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
    indicators: dict[str, IndicatorEntry]


def load_topics(resources: Path = RESOURCES) -> dict[str, TopicEntry]:
    """Read the topic register; the order is the order of the reports."""
    entries: list[dict[str, Any]] = read_yaml(resources / "topics.yaml")
    return {
        entry["id"]: TopicEntry(
            **{
                **{key: _fixed(value) for key, value in entry.items()},
                "indicators": {
                    name: _indicator(indicator) for name, indicator in entry["indicators"].items()
                },
            }
        )
        for entry in entries
    }


def _indicator(entry: str | dict[str, Any]) -> IndicatorEntry:
    if isinstance(entry, str):
        return IndicatorEntry(title=entry)
    return IndicatorEntry(**{key: _fixed(value) for key, value in entry.items()})


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
