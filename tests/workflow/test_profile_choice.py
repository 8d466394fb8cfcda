"""The disclosure profile of a source: configured, an input of the gate, and refused readably."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from snakefolder import Folder, refused_readably

from lds.disclosure.profiles import profile_names

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_configured")]
OWN = "rules_of_ours/mine.yaml"


def gate_inputs(folder: Folder) -> tuple[str, ...]:
    """Return the inputs of the gate's job."""
    (gate,) = [job for job in folder.jobs("export_request") if job.rule == "release_tables"]
    return gate.inputs


def test_the_gate_reads_the_profiles_that_are_chosen(fresh: Callable[..., Folder]) -> None:
    folder = fresh()
    text = (folder.path / "workflow/resources/disclosure/open.yaml").read_text(encoding="utf-8")
    (folder.path / OWN).parent.mkdir()
    (folder.path / OWN).write_text(text.replace("id: open\n", "id: mine\n"), encoding="utf-8")
    assert "workflow/resources/disclosure/open.yaml" in gate_inputs(folder)
    assert OWN not in gate_inputs(folder)
    folder.configure(disclosure__profiles={"google_mobility": OWN})
    assert OWN in gate_inputs(folder)
    assert "workflow/resources/disclosure/open.yaml" in gate_inputs(folder)  # the other sources


def test_a_profile_that_is_not_there_stops_before_any_job(fresh: Callable[..., Folder]) -> None:
    folder = fresh(disclosure__profiles={"google_mobility": "opened"})
    refused_readably(
        folder.snakemake("--dry-run"),
        ("disclosure.profiles.google_mobility", "opened", *profile_names(), "remedy"),
    )
    assert not (folder.path / "results").exists()


def test_a_contract_whose_profile_is_not_there_is_named(fresh: Callable[..., Folder]) -> None:
    folder = fresh()
    folder.edit(
        "workflow/schemas/sources/google_mobility.yaml",
        lambda text: text.replace("profile: open", "profile: opened"),
    )
    refused_readably(
        folder.snakemake("--dry-run"), ("Source google_mobility", "opened", "opensafely", "remedy")
    )
