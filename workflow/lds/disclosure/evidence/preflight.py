"""Pre-flight: the five causes for which output checkers return requests, looked for beforehand.

OpenSAFELY's checkers count them (docs.opensafely.org, "Most common problems with output review
requests"): unrounded counts 30 % of returned requests, too little context 25 %, unredacted counts
20 %, no underlying counts 10 %, file types that are not allowed 10 %.

Each check reads the files as they were written, in the folder of the release and in that of the
evidence, and nothing that the gate holds in memory: what it finds is what a checker would find. Of
the gate it knows only the profiles, which are its rules and not its results.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lds.disclosure.checks import exempt
from lds.disclosure.consistency import check_values
from lds.disclosure.evidence.context import CONTEXT
from lds.disclosure.evidence.filechecks import find_wrong_files
from lds.disclosure.evidence.files import CHECKSUMS_FILE, RESULTS
from lds.disclosure.evidence.outputs import profile_of
from lds.disclosure.evidence.rowchecks import Suspicion, not_behind, unredacted, unrounded
from lds.disclosure.evidence.words import some
from lds.disclosure.evidence.written import Finding, Written, where
from lds.disclosure.profiles import Profile
from lds.errors import DisclosureError
from lds.io import sha256
from lds.topics import TopicEntry


@dataclass(frozen=True, kw_only=True)
class Check:
    """One cause of returned requests and what was found of it."""

    cause: str
    title: str
    share: int
    """Of returned requests, in per cent."""
    findings: tuple[Finding, ...]


def _read_rows(
    written: Written, topic: str, table: pl.DataFrame, free: Collection[str]
) -> dict[str, list[Finding]]:
    """Return what the rows of a protected topic show: unrounded, unredacted, nothing behind.

    Parameters
    ----------
    free : indicators of the topic that are open.
    """
    profile = written.profiles[topic]
    guarded = ~pl.col("indicator").is_in(free)
    statistics = sorted(table.filter(guarded)["statistic"].unique())
    looked_for = {
        "unrounded": unrounded(statistics, profile),
        "unredacted": unredacted(statistics, profile, written.contract),
        "underlying": not_behind(statistics),
    }
    rows = written.counted(topic, table).filter(guarded)
    found = {cause: _holding(topic, rows, list(each)) for cause, each in looked_for.items()}
    shown = rows.filter(pl.col("value").is_not_null() & ~exempt(profile))
    try:
        # The numerators and denominators that are shown, and no counts of the gate.
        check_values(shown.with_columns(cases=pl.lit(None, dtype=pl.Int64)))
    except DisclosureError as error:
        found["unrounded"].append(
            Finding(place=f"{topic}.parquet: {error.where}", problem=error.what)
        )
    return found


def _holding(topic: str, rows: pl.DataFrame, suspicions: list[Suspicion]) -> list[Finding]:
    """Return the suspicions that hold of some rows, by output, in one pass over the rows."""
    counted = (
        rows.lazy()
        .group_by("indicator", "statistic")
        .agg(each.rows.sum().alias(str(place)) for place, each in enumerate(suspicions))
        .sort("indicator", "statistic")
        .collect()
    )
    return [
        Finding(
            place=where(topic, line["indicator"], line["statistic"], each.column),
            problem=f"{each.problem} ({some(line[str(place)], 'row')})",
        )
        for place, each in enumerate(suspicions)
        for line in counted.iter_rows(named=True)
        if line[str(place)]
    ]


def find_no_context(written: Written, topic: str, table: pl.DataFrame) -> Iterator[Finding]:
    """Find outputs of a topic that a checker cannot judge by themselves."""
    fixed = ("topic", "indicator", "statistic")
    named = {
        tuple(properties.get(key) for key in fixed): (uid, properties)
        for uid, output in written.outputs.items()
        if (properties := output.get("properties", {}))
    }
    blank = (pl.col("unit").str.strip_chars() == "").sum()
    outputs = table.group_by("indicator", "statistic").agg(blank).sort("indicator", "statistic")
    for indicator, statistic, without_unit in outputs.iter_rows():
        if without_unit:
            yield Finding(
                place=where(topic, indicator, statistic, "unit"),
                problem=f"empty ({some(without_unit, 'row')})",
            )
        if (topic, indicator, statistic) not in named:
            yield Finding(
                place=where(topic, indicator, statistic), problem=f"{RESULTS} does not describe it"
            )
            continue
        uid, properties = named[topic, indicator, statistic]
        lacking = [key for key in CONTEXT if not str(properties.get(key) or "").strip()]
        if lacking:
            yield Finding(place=f"{RESULTS}: {uid}", problem=f"no {', no '.join(lacking)}")


def find_wrong_references(written: Written) -> Iterator[Finding]:
    """Find outputs whose files are not there, or not as their checksums say."""
    for uid, output in sorted(written.outputs.items()):
        for file in output.get("files", []):
            path = written.evidence / file["name"]
            sums = written.evidence / CHECKSUMS_FILE.format(name=file["name"])
            if not path.is_file() or not sums.is_file() or sums.read_text() != sha256(path):
                yield Finding(
                    place=f"{RESULTS}: {uid}", problem=f"{file['name']} is not there as described"
                )


CAUSES: dict[str, tuple[str, int]] = {
    "unrounded": ("Unrounded counts", 30),
    "context": ("Too little context", 25),
    "unredacted": ("Unredacted counts", 20),
    "underlying": ("No underlying counts", 10),
    "files": ("Type or size of files", 10),
}
"""Cause -> its title and its share of returned requests in per cent."""


def run_preflight(
    release: Path,
    evidence: Path,
    profiles: Mapping[str, Profile],
    topics: Mapping[str, TopicEntry],
) -> tuple[Check, ...]:
    """Look for the five causes of returned requests in a release and its evidence as written.

    Parameters
    ----------
    release, evidence : the two folders under ``results/export``.
    profiles : topic -> the profile that governs it.
    topics : the topic register; says which indicators of a protected topic are open.
    """
    written = Written(release=release, evidence=evidence, profiles=profiles)
    found: dict[str, list[Finding]] = {cause: [] for cause in CAUSES}
    for topic, table in written.tables():
        found["context"] += find_no_context(written, topic, table)
        entries = topics[topic].indicators.items()
        free = [name for name, entry in entries if not profile_of(entry, profiles[topic]).protects]
        if profiles[topic].protects:
            for cause, findings in _read_rows(written, topic, table, free).items():
                found[cause] += findings
    found["context"] += find_wrong_references(written)
    found["files"] += find_wrong_files(written)
    return tuple(
        Check(cause=cause, title=title, share=share, findings=tuple(found[cause]))
        for cause, (title, share) in CAUSES.items()
    )


def refuse_failed(checks: tuple[Check, ...]) -> None:
    """Stop the gate where the pre-flight found something.

    Raises
    ------
    DisclosureError : with the cause and place of what was found, and no values.
    """
    failed = [check for check in checks if check.findings]
    if not failed:
        return
    raise DisclosureError(
        f"The request would be returned: {', '.join(check.title.lower() for check in failed)}.",
        where=failed[0].findings[0].place,
        values=[
            f"{finding.place}: {finding.problem}" for check in failed for finding in check.findings
        ],
        remedy="Mend the indicators, the registers or the profile that the places name.",
    )
