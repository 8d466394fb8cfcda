"""``python -m lds.disclosure.evidence.request``: submit, return, approve and release a request.

The request of a release is ``request.json`` in the folder of its evidence. The gate writes it as a
draft; people move it on with this command, on a day that they give.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from lds.disclosure.evidence.state import (
    TRANSITIONS,
    check_request,
    refuse_other_files,
    renew,
    take,
)
from lds.errors import ReleaseError, run_command
from lds.io import read_json, sha256, write_json
from lds.text import join_words, long_date

REQUEST = "request.json"


def checksums(evidence: Path, release: Path) -> dict[str, dict[str, str]]:
    """Return the SHA-256 of every file of the evidence (but the request) and of the release."""
    return {
        "evidence": _sums(evidence, but=evidence / REQUEST),
        "release": _sums(release, but=None),
    }


def _sums(folder: Path, but: Path | None) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != but
    }


def read_request(evidence: Path) -> dict[str, Any]:
    """Read and check the request of the evidence in a folder.

    Raises
    ------
    ReleaseError : there is none, or it is not what its own history makes it.
    """
    path = evidence / REQUEST
    if not path.is_file():
        raise ReleaseError(
            "There is no request to release.",
            where=str(path),
            remedy="`snakemake export_request` writes it.",
        )
    return check_request(read_json(path), str(path))


def write_request(evidence: Path, release: Path, release_id: str) -> dict[str, Any]:
    """Write the request after the gate has written its files: a draft, unless they are the same.

    Raises
    ------
    ReleaseError : the request that is there was edited by hand.
    """
    there = read_request(evidence) if (evidence / REQUEST).is_file() else None
    request = renew(there, release_id, checksums(evidence, release))
    write_json(evidence / REQUEST, request)
    return request


def describe(request: dict[str, Any]) -> str:
    """Return where a request stands and how it came there, a line for each step."""
    lines = [f"Release {request['release_id']}: {request['state']}."]
    if request["may_not_review"]:
        lines.append(f"May not review it: {join_words(request['may_not_review'])}.")
    for entry in request["history"]:
        if entry["by"] is None:
            lines.append("  the gate wrote other files: a draft again")
            continue
        day = long_date(date.fromisoformat(entry["day"]))
        why = f": {entry['reason']}" if entry["reason"] else ""
        lines.append(f"  {TRANSITIONS[entry['action']].after} by {entry['by']}, {day}{why}")
    return "\n".join(lines)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lds.disclosure.evidence.request", description=__doc__
    )
    parser.add_argument("--export", type=Path, default=Path("results/export"), help="its folder")
    commands = parser.add_subparsers(dest="action", required=True)
    commands.add_parser("status", help="say where it stands and whether the files are the same")
    for action, step in TRANSITIONS.items():
        command = commands.add_parser(action, help=f"after it the request is {step.after}")
        command.add_argument("--by", required=True, help="your name")
        command.add_argument("--on", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        command.add_argument("--reason", required=step.reason, help="what the others should know")
        if action == "submit":
            command.add_argument("--with", nargs="*", default=[], dest="authors", help="co-authors")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, take the action, say where the request stands."""
    given = _arguments(arguments)
    evidence, release = given.export / "evidence", given.export / "released"
    request = read_request(evidence)
    found = checksums(evidence, release)
    if given.action == "status":
        print(describe(request))
        refuse_other_files(request["files"], found)
        return
    request = take(
        request,
        given.action,
        by=given.by,
        on=given.on,
        files=found,
        reason=given.reason,
        authors=getattr(given, "authors", ()),
    )
    write_json(evidence / REQUEST, request)
    print(describe(request))


if __name__ == "__main__":
    run_command(main)
