"""Source profiles in a run: there before a release, and true to what changed in a raw file."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from snakefolder import RAW, Folder, Job, digests, planned, read_rows, succeeded, write_rows

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_configured")]
SOURCES = ("google_mobility", "google_places", "lockdown_tiers")
PROFILES = "results/secure/profiles"


def read(folder: Folder, source: str, kind: str) -> dict[str, Any]:
    path = folder.path / PROFILES / f"{source}.{kind}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("source", SOURCES)
def test_every_staged_source_has_a_profile(configured: Folder, source: str) -> None:
    profile = read(configured, source, "profile")
    report = configured.path / f"results/secure/staging/{source}.report.json"
    assert profile["rows"] == json.loads(report.read_text())["rows_kept"]
    assert read(configured, source, "difference")["earlier"] is False
    index = (configured.path / PROFILES / "index.html").read_text(encoding="utf-8")
    assert f'href="{source}.html"' in index
    page = (configured.path / PROFILES / f"{source}.html").read_text(encoding="utf-8")
    assert "There is no earlier run to compare with." in page


def test_what_is_published_does_not_wait_for_profiles(fresh: Callable[..., Folder]) -> None:
    jobs = fresh().jobs("export_request", "slices", "publish")
    readers = [job for job in jobs if any(PROFILES in name for name in job.inputs)]
    assert {job.rule for job in readers} == {"list_profiles"}
    assert profiled(jobs) == set(SOURCES)


def profiled(jobs: list[Job]) -> set[str]:
    """Return the sources whose profile some job makes."""
    outputs = [job.outputs[0] for job in jobs if job.rule == "profile_source"]
    return {name.split("/")[-1].split(".")[0] for name in outputs}


def test_neither_slices_nor_pages_make_profiles(configured: Folder) -> None:
    plan = planned(configured.plan("--forceall", "slices", "publish"))
    assert not {"profile_source", "list_profiles"} & set(plan)
    assert "stage_source" in plan
    for target in ("export_request", "all"):
        assert planned(configured.plan("--forceall", target))["profile_source"] == len(SOURCES)


def test_a_changed_file_differs_and_stays_so(
    configured: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(configured)
    before = read(copied, "google_mobility", "profile")
    others = digests(copied.path / PROFILES / "kept")
    header, *rows = read_rows(copied.path / RAW)
    day, place = header.index("date"), header.index("sub_region_2")
    kept = [row for row in rows if row[day] < "2020-12-01" and row[place] != "Harborough District"]
    write_rows(copied.path / RAW, [header, *kept])
    said = succeeded(copied.snakemake("list_profiles", "--cores", "2"))
    assert planned(said) == {"list_profiles": 1, "profile_source": 1, "stage_source": 1}
    found = read(copied, "google_mobility", "difference")
    first = {each["kind"]: each for each in found["changes"] if each["severity"] == "read first"}
    assert first["places"]["items"] == ["Harborough District"]
    assert "ends earlier" in first["dates"]["sentence"]
    assert f"from {before['rows']:,} to {len(kept):,}" in first["rows"]["sentence"]
    page = (copied.path / PROFILES / "google_mobility.html").read_text(encoding="utf-8")
    assert "1 place vanished: Harborough District." in page
    assert f"{found['read_first']} to read first" in (
        copied.path / PROFILES / "index.html"
    ).read_text(encoding="utf-8")
    # Snakemake removes the outputs of the job that runs again; what it is compared with stays.
    succeeded(copied.snakemake("list_profiles", "--cores", "2", "--forcerun", "profile_source"))
    assert read(copied, "google_mobility", "difference") == found
    after = digests(copied.path / PROFILES / "kept")
    assert [name for name in others if others[name] != after[name]] == ["google_mobility.json"]
    assert planned(copied.plan("list_profiles")) == {}
