"""The two last profiles of a source that are of different raw files, kept from run to run.

Snakemake removes the outputs of a job before it runs, so that a job cannot compare its profile with
the one before; the kept file is no output of any job.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lds.io import read_json, write_json


def identity(profile: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what makes a profile one of other data: the raw files and the contract's version."""
    files = [(each["file"], each["sheet"], each["sha256"]) for each in profile["files"]]
    return (profile["contract_version"], *files)


def remember(path: Path, profile: dict[str, Any]) -> dict[str, Any] | None:
    """Keep `profile` as the current one; return the earlier one, None where there is none.

    One that an earlier version of the project wrote in another form counts as none. A profile of
    the same raw files and contract takes the place of the current one, so that a job that runs
    again finds the same earlier profile.
    """
    kept = read_json(path) if path.is_file() else {}
    current, previous = (
        each if each is not None and each.get("format") == profile["format"] else None
        for each in (kept.get("current"), kept.get("previous"))
    )
    if current is not None and identity(current) != identity(profile):
        previous = current
    write_json(path, {"previous": previous, "current": profile})
    return previous
