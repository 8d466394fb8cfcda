"""The release: one folder that the public side starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from lds.areas import CustomArea
from lds.errors import ReleaseError
from lds.io import read_json, sha256, write_json, write_parquet, write_text
from lds.sources.contract import Contract
from lds.topics import TopicEntry

CHECKSUMS = "SHA256SUMS"
RELEASE_FORMAT = 1


def find_gaps(
    tables: Mapping[str, pl.DataFrame],
    topics: Mapping[str, TopicEntry],
    areas: Iterable[str],
    conversions: Iterable[Mapping[str, Any]],
) -> list[dict[str, str]]:
    """List the areas without a value of a topic's essential indicator, with reasons.

    The reason is read from the conversion of the topic's first source: the area's codes cannot be
    reached from those of the source, or the source has nothing about it.
    """
    accounts = {account["source"]: account for account in conversions}
    found = []
    codes = list(areas)
    for topic, table in sorted(tables.items()):
        essential = pl.col("indicator") == topics[topic].essential
        present = set(table.filter(essential & pl.col("value").is_not_null())["area"].unique())
        account = next(accounts[source] for source in topics[topic].sources if source in accounts)
        found += [
            {"topic": topic, "area": code, "reason": _gap_reason(account, code)}
            for code in codes
            if code not in present
        ]
    return found


def _gap_reason(account: Mapping[str, Any], code: str) -> str:
    """Say why a source has no value for an area, from the account of its conversion."""
    custom = account.get("custom_areas", {}).get(code)
    if custom:
        if custom["match"] == "without_source":
            return "The source publishes no figures for any district of this area."
        if custom["match"] == "not_convertible":
            return (
                "The source gives this area only by other codes"
                f" ({' '.join(custom['from_codes'])}) that cannot be carried over to it."
            )
        return "The source has no usable value for this area."
    areas = account["areas"]
    if code not in areas["without_source"]:
        return "The source has no usable value for this district."
    later = areas.get("made_from_later_codes", {}).get(code)
    if later:
        return (
            "The source gives this district only as part of a larger one that was made"
            f" later ({' '.join(later)}); a relative change cannot be divided."
        )
    refused = areas.get("not_convertible", {}).get(code)
    if refused:
        return (
            f"The source gives this district only by other codes ({' '.join(refused)}):"
            f" {account['not_convertible'][refused[0]]}"
        )
    return "The source publishes no figures for this district."


def source_records(
    contracts: Mapping[str, Contract],
    accounts: Iterable[Mapping[str, Any]],
    topics: Mapping[str, TopicEntry],
) -> list[dict[str, object]]:
    """Return what a page must say of each source: title, publisher, licence, citation, counts.

    ``topics`` of a record are those that use the source, directly or as a look-up.
    """
    records = []
    for account in sorted(accounts, key=lambda each: str(each["source"])):
        contract = contracts[account["source"]]
        users = [
            topic.id
            for topic in topics.values()
            if any(
                contract.id == source or contract.id in contracts[source].lookups
                for source in topic.sources
            )
        ]
        records.append(
            {
                "id": contract.id,
                "topics": users,
                "title": contract.title,
                "publisher": contract.publisher,
                "licence": contract.licence,
                "citation": contract.citation,
                "url": contract.url,
                "access": contract.access,
                "synthetic": account["synthetic"],
                "sha256": account["sha256"],
                "rows_in": account["rows_in"],
                "rows_kept": account["rows_kept"],
                "rows_rejected": account["rows_rejected"],
            }
        )
    return records


def write_release(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    evidence: Mapping[str, object],
    release_id: str,
    vintage: date,
    profiles: Mapping[str, Mapping[str, object]],
    sources: list[dict[str, object]],
    gap_list: list[dict[str, str]],
    custom_areas: Sequence[CustomArea] = (),
    conversions: list[dict[str, object]],
) -> None:
    """Write the released tables, ``release.json``, the public evidence and the checksums.

    Parameters
    ----------
    evidence : what of the evidence is public.
    """
    for topic, table in sorted(tables.items()):
        write_parquet(folder / f"{topic}.parquet", table)
    write_json(
        folder / "release.json",
        {
            "format": RELEASE_FORMAT,
            "id": release_id,
            "vintage": vintage.isoformat(),
            "topics": sorted(tables),
            "profiles": profiles,
            "synthetic": any(bool(source["synthetic"]) for source in sources),
            "sources": sources,
            "gaps": gap_list,
            "custom_areas": [
                {"code": area.code, "vintage": area.vintage.isoformat(), "lads": list(area.lads)}
                for area in custom_areas
            ],
            "conversions": conversions,
        },
    )
    write_json(folder / "evidence-public" / "results.json", evidence)
    names = [
        *(f"{topic}.parquet" for topic in sorted(tables)),
        "evidence-public/results.json",
        "release.json",
    ]
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(names)]
    write_text(folder / CHECKSUMS, "".join(lines))


@dataclass(frozen=True)
class Release:
    """A release that was checked: its folder and its ``release.json``."""

    folder: Path
    info: dict[str, Any]


def open_release(
    folder: Path,
    *,
    vintage: date,
    topics: Iterable[str] = (),
    custom_areas: Sequence[CustomArea] = (),
) -> Release:
    """Check a release folder against its checksums and the configured vintage.

    Raises
    ------
    ReleaseError : files missing or altered, another vintage, or a topic or custom area that it does
        not hold.
    """
    sums = folder / CHECKSUMS
    if not sums.is_file() or not (folder / "release.json").is_file():
        raise ReleaseError(
            "This is not a release folder.",
            where=str(folder),
            remedy=f"It must hold release.json and {CHECKSUMS}: see `snakemake export_request`.",
        )
    wanted = sorted(topics)
    listed = dict(
        line.partition("  ")[::-2] for line in sums.read_text(encoding="utf-8").splitlines()
    )
    for name in ("release.json", *(f"{topic}.parquet" for topic in wanted)):
        if (folder / name).is_file() and name not in listed:
            raise ReleaseError(
                "A file of the release has no checksum.",
                where=f"{sums}: {name}",
                remedy="Copy the approved release again.",
            )
    for name, expected in listed.items():
        path = folder / name
        if not path.is_file() or sha256(path) != expected:
            raise ReleaseError(
                "A file of the release is missing or was altered.",
                where=str(path),
                remedy="Copy the approved release again.",
            )
    info = read_json(folder / "release.json")
    if info["vintage"] != vintage.isoformat():
        raise ReleaseError(
            "The release is of another vintage than the configuration.",
            where=str(folder / "release.json"),
            values=[f"release {info['vintage']}", f"configuration {vintage.isoformat()}"],
            remedy="Set geography.vintage to the release's.",
        )
    absent = [topic for topic in wanted if topic not in info["topics"]]
    if absent:
        raise ReleaseError(
            "The release does not hold every topic.", where=str(folder), values=absent
        )
    held = {(area["code"], area["vintage"], *area["lads"]) for area in info.get("custom_areas", [])}
    unknown = [
        area.name
        for area in custom_areas
        if (area.code, area.vintage.isoformat(), *area.lads) not in held
    ]
    if unknown:
        raise ReleaseError(
            "The release does not hold every custom area of the configuration, made of the same"
            " districts.",
            where=str(folder / "release.json"),
            values=unknown,
            remedy="Take them out of geography.areas, or have a release made with them.",
        )
    return Release(folder, info)
