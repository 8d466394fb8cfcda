"""Make a topic's shell, slices and pages again from the release alone, and scan what is there."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.io import read_json, write_json
from lds.proof.accounts import PROOF, is_open
from lds.proof.apart import put_out_of_reach
from lds.proof.findings import refuse
from lds.proof.topic import TopicProof, prove_topic
from lds.reports.slices import SliceJob


def main() -> None:
    """Read the command line; write the account; fail where it has a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topic", required=True, help="topic id")
    parser.add_argument("--table", type=Path, required=True, help="released table")
    parser.add_argument("--release", type=Path, required=True, help="release.json")
    parser.add_argument("--areas", type=Path, required=True, help="LADs of the vintage")
    parser.add_argument("--area-codes", type=Path, required=True, help="codes that lead to them")
    parser.add_argument("--resources", type=Path, nargs="*", default=[], help="small CSV tables")
    parser.add_argument("--reference", type=Path, nargs="*", default=[], help="reference tables")
    parser.add_argument("--declared", type=Path, required=True, help="declarations for the proof")
    parser.add_argument("--source", type=Path, required=True, help="reports/<topic>.qmd")
    parser.add_argument("--reports", type=Path, required=True, help="folder of the template")
    parser.add_argument("--engine", required=True, help="quarto, pandoc or auto")
    parser.add_argument("--document", action="store_true", help="the engine wrote every page")
    parser.add_argument("--contact", help="where readers can turn to")
    parser.add_argument("--lads", nargs="+", required=True, help="areas with pages")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--public", type=Path, required=True, help="folder of what is published")
    parser.add_argument("--account", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    put_out_of_reach(given.public.parent / "secure")
    proof = TopicProof(
        slices=SliceJob(
            topic=given.topic,
            table=given.table,
            release=given.release,
            areas=given.areas,
            area_codes=given.area_codes,
            resources=tuple(given.resources),
            reference=tuple(given.reference),
            contact=given.contact,
            folder=given.public / "slices" / given.topic,
        ),
        public=given.public,
        declared=given.declared,
        source=given.source,
        reports=given.reports,
        engine=given.engine,
        document=given.document,
    )
    account = prove_topic(proof, given.lads, processes=given.processes).plain(
        show=is_open(read_json(given.release), [given.topic])
    )
    write_json(given.account, account)
    if account["findings"]:
        # An earlier proof does not hold any longer, and nothing else would take it away.
        (given.public / PROOF).unlink(missing_ok=True)
    refuse(account["findings"], str(given.account))


if __name__ == "__main__":
    run_command(main)
