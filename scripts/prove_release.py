"""Make packs and catalogue again, look for other files, and put all proofs together."""

from __future__ import annotations

import argparse
from pathlib import Path

from lds.errors import run_command
from lds.io import read_json, write_json
from lds.proof.accounts import is_open
from lds.proof.apart import put_out_of_reach
from lds.proof.findings import refuse
from lds.proof.release import ReleaseProof, proof_record, prove_release


def main() -> None:
    """Read the command line; write the proof; fail where it has a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=Path, nargs="+", required=True, help="of the topics")
    parser.add_argument("--release", type=Path, required=True, help="release.json")
    parser.add_argument("--areas", type=Path, required=True, help="LADs of the vintage")
    parser.add_argument("--area-codes", type=Path, required=True, help="codes that lead to them")
    parser.add_argument("--template", type=Path, required=True, help="template of the index")
    parser.add_argument("--style", type=Path, required=True, help="style sheet")
    parser.add_argument("--lock", type=Path, required=True, help="requirements.lock")
    parser.add_argument("--commit", required=True, help="commit of the project")
    parser.add_argument("--engine", required=True, help="document engine and its version")
    parser.add_argument("--render", required=True, help="report.render")
    parser.add_argument("--lads", nargs="+", required=True, help="areas with pages")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--public", type=Path, required=True, help="folder of what is published")
    parser.add_argument("--proof", type=Path, required=True, help="file to write")
    given = parser.parse_args()
    put_out_of_reach(given.public.parent / "secure")
    proof = ReleaseProof(
        public=given.public,
        release=given.release.parent,
        areas=given.areas,
        area_codes=given.area_codes,
        template=given.template,
        style=given.style,
        lock=given.lock,
        commit=given.commit,
        engine=given.engine,
        render=given.render,
    )
    topics = {path.stem: read_json(path) for path in given.accounts}
    own = prove_release(proof, given.lads, threads=given.threads)
    record = proof_record(proof, own, topics, show=is_open(proof.about, topics))
    write_json(given.proof, record)
    refuse(record["findings"], str(given.proof))


if __name__ == "__main__":
    run_command(main)
