"""The evidence that is public: what was withheld, without a word on why.

**It is made from the released tables and nothing else that is inside.** Whoever holds the release
can count its rows and marks, so a copy that counts them adds nothing to what is already out; that
holds whatever the copy shows, and is why no rule, interval, cell, audit count or row that is not in
a table can get into it: they are not read. A test changes all of them and gets the same bytes.

Still, the copy travels without the tables, so it is written as if it were read alone:

- No rule and no split into primary and secondary. One rule on one mark says on which side of the
  threshold the value is.
- A count of withheld rows from 1 to T - 1 (T the threshold of the profile) is shown as "fewer than
  T". One withheld row in an indicator cannot be a secondary one that protects another there, so
  that a count of 1 is nearly a rule; and a request that shows small counts is one that is returned.
- No totals over indicators, statistics or topics, and no number of rows in all: with one of them a
  hidden count could be worked out from the others.
- No number of audited cells, by tier or in all: few cells in the last tier are few hard cases. That
  the audit passed is said, and the protection level is in the profile, which is public.

What remains: a reader who knows which areas and periods an indicator should have can subtract the
released rows from them. The tables tell that reader the same, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from lds.disclosure.derive import WITHHELD
from lds.disclosure.evidence.outputs import place, profile_of
from lds.disclosure.profiles import Profile
from lds.disclosure.result import GateResult
from lds.text import MARKS
from lds.topics import TopicEntry

PUBLIC_FORMAT = 1


def public_evidence(result: GateResult, topics: Mapping[str, TopicEntry]) -> dict[str, object]:
    """Return the content of ``evidence-public/results.json``.

    Of `result` only the released tables and the profiles are read.

    Returns
    -------
    By topic its profile and sources, and by indicator and statistic the number of rows that have a
    value (``released``), are ``withheld``, and have none for another reason (``no_value``); the
    last two are numbers, or "fewer than T".
    """
    return {
        "format": PUBLIC_FORMAT,
        "audit": "Every withheld cell was audited against everything that is released, and stays as"
        " uncertain as its profile asks for. The evidence stays with the output checkers.",
        "marks": MARKS,
        "topics": {
            topic: {
                "title": topics[topic].title,
                "sources": list(topics[topic].sources),
                "profile": _profile(result.profiles[topic]),
                "indicators": _indicators(table, topics[topic], result.profiles[topic]),
            }
            for topic, table in sorted(result.tables.items())
        },
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "version": profile.version,
        "title": profile.title,
        "source": profile.source,
    }


def _indicators(table: pl.DataFrame, topic: TopicEntry, profile: Profile) -> list[dict[str, Any]]:
    shown = pl.col("value").is_not_null()
    withheld = (pl.col("mark") == WITHHELD).fill_null(value=False)
    counted = table.group_by("indicator", "statistic").agg(
        shown.sum().alias("released"),
        (~shown & withheld).sum().alias("withheld"),
        (~shown & ~withheld).sum().alias("no_value"),
    )
    registered = {topic.id: topic}
    threshold = {
        name: profile_of(entry, profile).threshold for name, entry in topic.indicators.items()
    }
    return [
        {
            **row,
            "title": topic.indicators[row["indicator"]].title,
            "withheld": at_least(row["withheld"], threshold[row["indicator"]]),
            "no_value": at_least(row["no_value"], threshold[row["indicator"]]),
        }
        for row in sorted(
            counted.iter_rows(named=True),
            key=lambda row: place(registered, topic.id, row["indicator"], row["statistic"]),
        )
    ]


def at_least(count: int, threshold: int) -> int | str:
    """Return a count; one from 1 to below the threshold as "fewer than" it."""
    return f"fewer than {threshold}" if 0 < count < threshold else count
