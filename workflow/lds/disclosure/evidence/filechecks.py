"""Files of a release that are not of the kind, shape or size that may leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from lds.disclosure.evidence.written import Finding, Written
from lds.disclosure.profiles import Profile
from lds.disclosure.release import CHECKSUMS
from lds.errors import SHOWN_VALUES, LdsError
from lds.io import read_json

PARQUET = b"PAR1"
"""What a Parquet file begins and ends with."""
EVIDENCE_PUBLIC = "evidence-public/results.json"
OWN_METADATA = {"ARROW:schema"}
"""What a table that the gate writes says of itself; anything more could hide something."""


def find_wrong_files(written: Written) -> Iterator[Finding]:
    """Find files of another kind, with other columns or larger than may leave."""
    release = written.release
    tables = {f"{topic}.parquet": topic for topic in written.profiles}
    expected = {*tables, "release.json", CHECKSUMS, EVIDENCE_PUBLIC}
    there = {
        path.relative_to(release).as_posix(): path
        for path in sorted(release.rglob("*"))
        if not path.is_dir()
    }
    for name in sorted(expected - there.keys()):
        yield Finding(place=name, problem="missing")
    for name, path in there.items():
        if name not in expected:
            yield Finding(place=name, problem="not a file that a release has")
        elif path.is_symlink():
            yield Finding(place=name, problem="a link and no file")
        elif name in tables:
            yield from _table_findings(written, path, written.profiles[tables[name]])
        else:
            yield from _text_findings(path, name, written.profiles)


def _table_findings(written: Written, path: Path, profile: Profile) -> Iterator[Finding]:
    with path.open("rb") as handle:
        start = handle.read(len(PARQUET))
        handle.seek(max(path.stat().st_size - len(PARQUET), 0))
        kind = start == handle.read() == PARQUET
    try:
        columns = pl.read_parquet_schema(path) if kind else None
        rows = pl.scan_parquet(path).select(pl.len()).collect().item() if kind else 0
        more = set(pl.read_parquet_metadata(path)) - OWN_METADATA if kind else set()
    except (OSError, pl.exceptions.PolarsError):
        columns = None
    if columns is None:
        yield Finding(place=path.name, problem="not a Parquet file")
        return
    if dict(columns) != written.contract.polars_schema:
        wrong = sorted(columns.keys() ^ set(written.contract.names)) or ["their types or order"]
        yield Finding(
            place=path.name,
            problem=f"other columns than are released: {', '.join(wrong[:SHOWN_VALUES])}",
        )
    if more:
        yield Finding(place=path.name, problem=f"metadata of its own: {', '.join(sorted(more))}")
    limits = profile.limits
    if limits and rows > limits.rows:
        yield Finding(place=path.name, problem=f"{rows:,} rows, at most {limits.rows:,} may leave")
    if limits and path.stat().st_size > limits.bytes:
        yield Finding(place=path.name, problem=f"larger than {limits.bytes:,} bytes")


def _text_findings(path: Path, name: str, profiles: Mapping[str, Profile]) -> Iterator[Finding]:
    try:
        if path.suffix == ".json":
            read_json(path)
        else:
            path.read_text(encoding="utf-8")
    except (LdsError, UnicodeDecodeError):
        yield Finding(place=name, problem="not a text of its kind")
    limits = [profile.limits.bytes for profile in profiles.values() if profile.limits]
    if limits and path.stat().st_size > min(limits):
        yield Finding(place=name, problem=f"larger than {min(limits):,} bytes")
