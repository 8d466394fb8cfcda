"""From an approved release on: the same pages, and no way to remake the release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from snakefolder import (
    TOPIC,
    UPSTREAM,
    Folder,
    digests,
    planned,
    refused_readably,
    sha256,
    succeeded,
)

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
APPROVED = "approved"


@pytest.fixture
def outside(embedded: Folder, fresh: Callable[..., Folder]) -> Folder:
    """A folder outside the secure zone, that has an approved release and nothing else."""
    folder = fresh(release__path=APPROVED)
    shutil.copytree(embedded.release, folder.path / APPROVED)
    return folder


def rewrite_sums(release: Path) -> None:
    """Write the checksums of a release again, as a forger would."""
    names = [line.split("  ")[1] for line in (release / "SHA256SUMS").read_text().splitlines()]
    lines = [f"{sha256(release / name)}  {name}\n" for name in names]
    (release / "SHA256SUMS").write_text("".join(lines))


def test_publishing_a_release_gives_the_same_bytes(embedded: Folder, outside: Folder) -> None:
    release = digests(outside.path / APPROVED)
    succeeded(outside.make_reports())
    assert digests(outside.public) == digests(embedded.public)
    assert digests(outside.path / APPROVED) == release
    assert not (outside.path / "results/secure").exists()
    assert not (outside.path / "results/export").exists()
    assert planned(outside.plan("publish")) == {}


def test_no_rule_can_remake_the_release(outside: Folder) -> None:
    listed = succeeded(outside.snakemake("--list-rules"))
    assert "slice_topic" in listed
    assert not [rule for rule in UPSTREAM if rule in listed]
    everything = planned(outside.plan("--forceall", "publish"))
    assert everything["render_report"] == 4
    assert not set(UPSTREAM) & set(everything)
    for target in (
        f"results/export/released/{TOPIC}.parquet",
        "results/secure/staging/google_mobility.parquet",
        "release_tables",
    ):
        refused = outside.snakemake("--dry-run", target)
        assert refused.returncode != 0
        assert "MissingRuleException" in refused.stdout
    again = outside.snakemake("--dry-run", "--forceall", f"{APPROVED}/{TOPIC}.parquet")
    assert "Nothing to be done" in again.stdout or again.returncode != 0


def test_the_upstream_rules_exist_without_a_release(embedded: Folder) -> None:
    listed = succeeded(embedded.snakemake("--list-rules"))
    assert [rule for rule in UPSTREAM if rule in listed] == list(UPSTREAM)


def alter_table(release: Path) -> None:
    table = release / f"{TOPIC}.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"\0")


def drop_topic(release: Path) -> None:
    info = json.loads((release / "release.json").read_text())
    (release / "release.json").write_text(json.dumps(info | {"topics": []}))
    rewrite_sums(release)


def other_vintage(release: Path) -> None:
    info = json.loads((release / "release.json").read_text())
    (release / "release.json").write_text(json.dumps(info | {"vintage": "2020-04-01"}))
    rewrite_sums(release)


def unlisted_table(release: Path) -> None:
    lines = (release / "SHA256SUMS").read_text().splitlines(keepends=True)
    (release / "SHA256SUMS").write_text("".join(line for line in lines if TOPIC not in line))


REFUSED: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "altered": (alter_table, ("missing or was altered", f"{TOPIC}.parquet", "Copy the approved")),
    "missing topic": (drop_topic, ("does not hold every topic", TOPIC)),
    "other vintage": (other_vintage, ("another vintage", "2020-04-01", "geography.vintage")),
    "unlisted": (unlisted_table, ("has no checksum", f"{TOPIC}.parquet")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_release_that_is_not_whole_is_refused(case: str, outside: Folder) -> None:
    plant, words = REFUSED[case]
    plant(outside.path / APPROVED)
    refused = outside.snakemake("--dry-run")
    refused_readably(refused, words)
