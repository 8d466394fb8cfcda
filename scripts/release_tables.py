"""Decide over all topics at once what may be released, and write the release."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import polars as pl

from lds.areas import areas_from_frame
from lds.contracts import load_table_contract
from lds.disclosure.area_tree import area_tree
from lds.disclosure.earlier import read_earlier
from lds.disclosure.evidence.redaction import public_evidence
from lds.disclosure.evidence.writing import write_evidence
from lds.disclosure.gate import decide
from lds.disclosure.governing import SourceRules
from lds.disclosure.profiles import load_profile
from lds.disclosure.release import find_gaps, source_records, write_release
from lds.errors import run_command
from lds.io import read_json
from lds.sources.contract import load_contract
from lds.topics import load_topics
from lds.withholding import withholding


def main() -> None:
    """Read the command line; write the release and the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indicators", type=Path, nargs="+", required=True, help="all topics")
    parser.add_argument("--staging", type=Path, nargs="+", required=True, help="staging accounts")
    parser.add_argument("--summaries", type=Path, nargs="+", required=True, help="conversions")
    parser.add_argument("--contracts", type=Path, nargs="+", required=True, help="sources")
    parser.add_argument(
        "--profiles", type=Path, nargs="+", required=True, help="one per contract, in their order"
    )
    parser.add_argument("--areas", type=Path, required=True, help="LADs and custom areas")
    parser.add_argument("--members", type=Path, required=True, help="LADs of each custom area")
    parser.add_argument("--area-codes", type=Path, required=True, help="codes of other days")
    parser.add_argument(
        "--earlier", type=Path, nargs="*", default=[], help="folders of earlier releases"
    )
    parser.add_argument("--release-id", required=True)
    parser.add_argument("--vintage", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--release", type=Path, required=True, help="folder to write")
    parser.add_argument("--evidence", type=Path, required=True, help="folder to write")
    parser.add_argument("--template", type=Path, required=True, help="page for the checker")
    parser.add_argument("--style", type=Path, required=True, help="its style sheet")
    given = parser.parse_args()
    contracts = {contract.id: contract for contract in map(load_contract, given.contracts)}
    files = {path: load_profile(path) for path in set(given.profiles)}
    profiles = {source: files[path] for source, path in zip(contracts, given.profiles, strict=True)}
    topics = load_topics()
    tables = {path.stem: pl.read_parquet(path) for path in given.indicators}
    rules = {
        topic: tuple(
            SourceRules(
                source=source,
                access=contracts[source].access,
                profile=profiles[source],
            )
            for source in topics[topic].sources
        )
        for topic in tables
    }
    secure = any(contract.secure for contract in contracts.values())
    with withholding(secure, given.indicators[0].with_name("release.refused.txt")):
        areas = pl.read_parquet(given.areas)
        custom = areas_from_frame(pl.read_parquet(given.members))
        decision = decide(
            tables,
            rules,
            load_table_contract("indicators"),
            topics={topic: topics[topic].indicators for topic in tables},
            areas=area_tree(areas, custom, pl.read_parquet(given.area_codes)),
            earlier=[read_earlier(folder) for folder in given.earlier],
        )
        summaries = [read_json(path) for path in given.summaries]
        write_release(
            given.release,
            decision.tables,
            evidence=public_evidence(decision, topics),
            release_id=given.release_id,
            vintage=given.vintage,
            profiles=dict(sorted((each.id, each.version) for each in files.values())),
            sources=source_records(contracts, [read_json(path) for path in given.staging], topics),
            gap_list=find_gaps(decision.tables, topics, areas["code"].to_list(), summaries),
            conversions=summaries,
            custom_areas=custom,
        )
        write_evidence(
            given.evidence,
            decision,
            topics,
            release_id=given.release_id,
            release=given.release,
            template=given.template,
            style=given.style,
            previous=given.earlier[-1] if given.earlier else None,
            names=dict(areas.select("code", "name").iter_rows()),
        )


if __name__ == "__main__":
    run_command(main)
