"""Which profile governs which rows: that of the sources that they are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lds.disclosure.profiles import Profile
from lds.errors import DisclosureError
from lds.topics import IndicatorEntry


@dataclass(frozen=True, kw_only=True)
class SourceRules:
    """What the gate knows of a source: how it is accessed and which profile protects it."""

    source: str
    access: str
    profile: Profile


def governing_profile(topic: str, sources: Sequence[SourceRules]) -> Profile:
    """Return the profile that governs a topic: that of its sources which are not open.

    Raises
    ------
    DisclosureError : a source that may not use its profile, or two profiles that protect.
    """
    for rules in sources:
        if rules.access not in rules.profile.access:
            raise DisclosureError(
                f"The {rules.access} source '{rules.source}' may not be released under the profile"
                f" '{rules.profile.id}'.",
                where=f"topic {topic}",
                remedy="Name a profile for secure data in the contract of the source.",
            )
    profiles = {rules.profile.id: rules.profile for rules in sources}
    protecting = {name: each for name, each in profiles.items() if each.protects}
    if len(protecting) > 1 or (not protecting and len(profiles) != 1):
        raise DisclosureError(
            "A topic needs exactly one disclosure profile for all its sources that need it.",
            where=f"topic {topic}",
            values=sorted(profiles),
        )
    return next(iter((protecting or profiles).values()))


def open_indicators(
    topic: str,
    indicators: Mapping[str, IndicatorEntry],
    present: Sequence[str],
    sources: Sequence[SourceRules],
) -> set[str]:
    """Return the indicators of a protected topic that are made from open sources alone.

    Raises
    ------
    DisclosureError : an indicator that says neither what it counts nor what it rests on nor that
        its sources are open: it would pass without a check.
    """
    protects = {rules.source: rules.profile.protects for rules in sources}
    unclear, unprotected = [], set()
    for name in present:
        entry = indicators.get(name, IndicatorEntry(title=name))
        if entry.quantity is not None or entry.rests_on:
            continue
        if entry.sources and not any(protects.get(source, True) for source in entry.sources):
            unprotected.add(name)
        else:
            unclear.append(name)
    if unclear:
        raise DisclosureError(
            "An indicator of a topic with secure sources does not say what it counts.",
            where=f"topic {topic}",
            values=unclear,
            remedy="Give it a quantity, what it rests on, or its open sources in"
            " workflow/resources/topics.yaml.",
        )
    return unprotected
