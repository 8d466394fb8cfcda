"""The provenance: what a release and its pages were made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lds.io import read_json, sha256


def provenance(
    *, release: Path, checksums: Path, lock: Path, commit: str, engine: str, render: str
) -> dict[str, Any]:
    """Return the content of ``provenance.json``.

    Parameters
    ----------
    release, checksums, lock : ``release.json``, ``SHA256SUMS`` of the release, requirements.lock.
    commit : of the project.
    engine : document engine and its version.
    render : ``report.render`` of the configuration.
    """
    about = read_json(release)
    return {
        "release": about["id"],
        "release_checksums_sha256": sha256(checksums),
        "inputs": {
            source["id"]: {"sha256": source["sha256"], "synthetic": source["synthetic"]}
            for source in about["sources"]
        },
        "commit": commit,
        "lock_sha256": sha256(lock),
        "engine": engine,
        "render": render,
    }
