"""``results.json`` in the layout of ACRO, which SACRO-Viewer opens and `acro` itself reads back.

The layout is that of ACRO 1.0 (github.com/AI-SDC/ACRO, ``acro/record.py``): a folder with
``results.json``, the CSVs that it names, ``config.json``, and in ``checksums`` a text file with the
SHA-256 of each of them. What is particular here:

- The viewer packs the files of approved outputs into a ZIP that goes out, so an output names the
  table that is released and no other file. What is behind it stands in ``counts``.
- ACRO writes a verdict for every cell into ``outcome``. Ours are hundreds of thousands, so it holds
  the number of rows by rule; their places are in ``sdc``, where the viewer takes them from.
- ACRO stamps the time. No clock is read here: the field is the day that the caller gives, or empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from lds.disclosure.evidence.account import Account, linked
from lds.disclosure.evidence.verdict import FAIL, PASS, REVIEW, Verdict
from lds.disclosure.evidence.words import explain, some
from lds.disclosure.profiles import Profile

ACRO_VERSION = "1.0.2"
"""The version of ACRO whose layout this is: its reader refuses any other."""
STATBARNS = {
    "count": "Frequencies",
    "percentage": "Frequencies",
    "rate": "Frequencies",
    "mean": "LinearAggregations",
    "quantile": "Position",
    "business": "LinearAggregations",
    "inherits": "CalculatedRatios",
    "events": "LinearAggregations",
    "change": "Frequencies",
    "regression": "CorrelationCoefficients",
    "histogram": "Frequencies",
    "extreme": "Endpoints",
    "rolling_percentage": "Frequencies",
    "rolling_rate": "Frequencies",
}
"""The class of statistic in ACRO's ontology (w3id.org/statbarnsdc), by the gate's check."""


def results(accounts: Sequence[Account], *, dated: date | None) -> dict[str, Any]:
    """Return the content of ``results.json``, the outputs in the order given."""
    return {
        "version": ACRO_VERSION,
        "tool": {
            "@type": "SoftwareApplication",
            "name": "Local Data Spaces, disclosure gate",
            "layout": {
                "name": "ACRO",
                "url": "https://github.com/AI-SDC/ACRO",
                "version": ACRO_VERSION,
            },
        },
        "results": {
            account.uid: _record(account, linked(account, accounts), dated) for account in accounts
        },
    }


def _record(account: Account, others: list[str], dated: date | None) -> dict[str, Any]:
    rules, profile, verdict = account.rules, account.profile, account.verdict
    comments = [f"{explain(rule)} ({rule}: {some(rows, 'row')})" for rule, rows in rules.items()]
    if others:
        comments.append(f"Other outputs show the same quantity: {', '.join(others)}.")
    return {
        "uid": account.uid,
        "status": verdict.status,
        "type": "table",
        "properties": {
            "method": account.type.title,
            "mitigation": _mitigation(profile),
            "topic": account.topic.id,
            "indicator": account.indicator,
            "statistic": account.statistic,
            **account.context,
            "quantity": account.entry.quantity,
            "profile": {"id": profile.id, "version": profile.version},
            "check": account.type.check,
            "rows": account.rows,
            "counts": account.files.counts,
            "linked": others,
        },
        "files": [
            {
                "name": account.files.name,
                "sdc": {"summary": rules, "cells": account.files.positions},
            }
        ],
        "outcome": {"rows": rules} if rules else {},
        "command": f"snakemake release_tables: lds.topics.{account.topic.id}, lds.disclosure"
        f" under the profile {profile.id} {profile.version}",
        "summary": _summary(verdict, rules),
        "timestamp": dated.isoformat() if dated else "",
        "comments": [*verdict.notes, *comments],
        "exception": _exception(profile) if verdict.status == REVIEW else "",
        "fair": {
            "context": "https://w3id.org/statbarnsdc#",
            "statbarn": STATBARNS.get(account.type.by or ""),
            "check_status": {**dict.fromkeys(rules, PASS), **dict.fromkeys(verdict.faults, FAIL)},
        },
    }


def _mitigation(profile: Profile) -> str:
    done = [
        word for word, used in (("suppress", profile.protects), ("round", profile.rounding)) if used
    ]
    return " and ".join(done) or "none"


def _summary(verdict: Verdict, rules: Mapping[str, int]) -> str:
    """Return the summary as the viewer takes it apart: the status, and after each ``; `` a remark.

    It shows the single word "review" as a type that nothing could check, so the status says more.
    """
    first = {PASS: "pass", FAIL: "fail"}.get(verdict.status, "review of withheld rows")
    remarks = [*verdict.faults, *(f"{rule}: {some(rows, 'row')}" for rule, rows in rules.items())]
    return "; ".join([first, *remarks]) + "; "


def _exception(profile: Profile) -> str:
    return (
        "No exception is asked for: unsafe values are withheld, and what is released passed every"
        f" check of the profile {profile.id}, version {profile.version}."
    )


def settings(profiles: Mapping[str, Profile]) -> dict[str, Any]:
    """Return the content of ``config.json``: the values of each profile that is in force."""
    return {profile.id: asdict(profile) for _, profile in sorted(profiles.items())}
