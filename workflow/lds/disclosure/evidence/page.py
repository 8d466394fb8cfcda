"""The review page: about a hundred decisions on one page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import polars as pl

from lds.disclosure.evidence import words
from lds.disclosure.evidence.account import Account
from lds.disclosure.evidence.preflight import Check
from lds.disclosure.evidence.previous import Difference
from lds.disclosure.evidence.verdict import FAIL, too_certain, worst
from lds.disclosure.evidence.words import ASKED
from lds.disclosure.result import WITHHELD_CELLS

STATUS = {"pass": "Pass", "review": "Review", "fail": "Fail"}
"""What a status is called on the page."""
KINDS = {"primary": "by a rule", "secondary": "to hide another"}


def render_review(
    accounts: Sequence[Account],
    checks: Sequence[Check],
    *,
    audit: Mapping[str, object],
    cells: pl.DataFrame,
    release_id: str,
    sums: Mapping[str, str],
    differences: Sequence[Difference] | None,
    template: str,
    style: str,
) -> str:
    """Return the review page of a release.

    Parameters
    ----------
    checks : what the pre-flight looked for and found.
    audit : what the audit says of itself.
    cells : the withheld cells, as `lds.disclosure.evidence.outputs.withheld_cells` returns them.
    sums : file of the release -> SHA-256.
    differences : against the release before; None where none was given.
    template, style : text of the Jinja2 template and of the style sheet that the page carries.
    """
    profiles = {account.profile.id: account.profile for account in accounts}
    return (
        _environment()
        .from_string(template)
        .render(
            release_id=release_id,
            verdict=_verdict(accounts, checks, audit, cells),
            fit=_fit(accounts, checks, audit, cells),
            checks=checks,
            first=_first(accounts, differences),
            topics=_grouped(accounts),
            totals=_totals(accounts),
            asked=ASKED,
            profiles=[
                (profile, words.profile_in_words(profile))
                for _, profile in sorted(profiles.items())
            ],
            audit=_plain(audit),
            tiers=_tiers(cells),
            kinds=KINDS,
            tier_words=words.TIERS,
            differences=differences,
            sums=sorted(sums.items()),
            statuses=STATUS,
            style=style,
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        each.__name__: each for each in (words.number, words.share, words.explain)
    }
    return environment


def _fit(
    accounts: Sequence[Account],
    checks: Sequence[Check],
    audit: Mapping[str, object],
    cells: pl.DataFrame,
) -> bool:
    """Whether nothing speaks against the release."""
    found = any(check.findings for check in checks)
    failed = worst(account.verdict for account in accounts) == FAIL
    return not (failed or found or too_certain(cells)) and audit.get("passed") is True


def _verdict(
    accounts: Sequence[Account],
    checks: Sequence[Check],
    audit: Mapping[str, object],
    cells: pl.DataFrame,
) -> str:
    """Return the verdict on the whole release in one sentence."""
    if _fit(accounts, checks, audit, cells):
        values = sum(account.values for account in accounts)
        return (
            f"The {values:,} values that would leave stand on at least the counts that their"
            f" profiles ask for, each of the {cells.height:,} withheld cells stays as uncertain as"
            " asked, and none of the five causes of returned requests was found."
        )
    failed = sum(account.verdict.status == FAIL for account in accounts)
    found = sum(bool(check.findings) for check in checks)
    return (
        f"Not fit to be released: {failed:,} of {len(accounts):,} outputs fail,"
        f" {found} of the five causes of returned requests were found,"
        f" {words.some(too_certain(cells), 'withheld cell')} can be narrowed down too far, and the"
        f" audit {'passed' if audit.get('passed') is True else 'did not pass'}."
    )


def _first(
    accounts: Sequence[Account], differences: Sequence[Difference] | None
) -> list[tuple[str, str, str]]:
    """Return what to read first, faults before notes: place on the page, what it is, a sentence."""
    faults = [(each, fault) for each in accounts for fault in each.verdict.faults]
    notes = [(each, note) for each in accounts for note in each.verdict.notes]
    recalled = [each for each in differences or () if each.recalled]
    return [
        *((account.uid, account.name, sentence) for account, sentence in faults + notes),
        *(
            (
                "previous",
                each.indicator,
                f"{words.some(each.recalled, 'row')} released before and withheld now.",
            )
            for each in recalled
        ),
    ]


def _grouped(accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """Return the outputs by topic and indicator: each indicator is one decision."""
    topics: dict[str, dict[str, Any]] = {}
    for account in accounts:
        topic = topics.setdefault(
            account.topic.id,
            {"id": account.topic.id, "title": account.topic.title, "indicators": {}},
        )
        indicator = topic["indicators"].setdefault(
            account.indicator,
            {"id": account.indicator, "title": account.entry.title, "outputs": []},
        )
        indicator["outputs"].append(account)
    for topic in topics.values():
        topic["indicators"] = list(topic["indicators"].values())
        for indicator in topic["indicators"]:
            indicator["status"] = worst(each.verdict for each in indicator["outputs"])
    return list(topics.values())


def _totals(accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """Return one line for each topic: outputs, rows by what became of them, outputs by status."""
    lines: dict[str, dict[str, Any]] = {}
    for account in accounts:
        line = lines.setdefault(
            account.topic.id,
            {
                "topic": account.topic,
                "profile": account.profile,
                "outputs": 0,
                "rows": dict.fromkeys(ASKED, 0),
                "statuses": dict.fromkeys(STATUS, 0),
            },
        )
        line["outputs"] += 1
        line["statuses"][account.verdict.status] += 1
        for status, rows in account.rows.items():
            line["rows"][status] += rows
    return list(lines.values())


def _tiers(cells: pl.DataFrame) -> list[dict[str, Any]]:
    """Return one line for each tier: how many cells it decided, by why they are withheld."""
    counted = cells.group_by("tier", "status").len()
    found = {(tier, status): count for tier, status, count in counted.iter_rows()}
    tiers = [*words.TIERS, *sorted({tier for tier, _ in found if tier} - words.TIERS.keys()), None]
    return [
        {"tier": tier, **{kind: found.get((tier, kind), 0) for kind in WITHHELD_CELLS}}
        for tier in tiers
        if any((tier, kind) in found for kind in WITHHELD_CELLS)
    ]


def _plain(audit: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what the audit says of itself as (what, how much), nested values in one line."""
    return [(_label(key), _value(value)) for key, value in sorted(audit.items())]


def _label(key: str) -> str:
    return key.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{_label(str(key))}: {_value(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return words.number(value)
    return str(value)
