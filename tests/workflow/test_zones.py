"""Nothing public reads anything secure but through the gate: shown on the graph of all jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import grimp
import pytest
from snakefolder import ROOT, STEPS, Folder, Job

from lds.sources.contract import ids_with_stand_in

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
SECURE = "results/secure/"
PUBLIC = "results/public/"
EXPORT = "results/export/"
TRUTH = "results/secure/synthetic/truth/"


def breaches(jobs: Iterable[Job]) -> set[tuple[str, str]]:
    """Return (rule of a public file, secure file) wherever a way between them avoids the gate."""
    by_output = {name: job for job in jobs for name in job.outputs}
    found = set()
    for output, job in by_output.items():
        if not output.startswith(PUBLIC):
            continue
        waiting, seen = set(job.inputs), set[str]()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if name.startswith(SECURE):
                found.add((job.rule, name))
            # What the gate released may be read; everything else is followed to its sources.
            elif name in by_output and not name.startswith(EXPORT):
                waiting |= set(by_output[name].inputs) - seen
    return found


def test_public_files_come_through_the_gate_only(jobs: list[Job]) -> None:
    assert {"build_pack", "render_report", "release_tables", "stage_source"} <= {
        job.rule for job in jobs
    }
    assert breaches(jobs) == set()
    # Only the gate carries anything out of the secure zone,
    crossing = {
        job.rule
        for job in jobs
        if any(name.startswith(SECURE) for name in job.inputs)
        and not all(name.startswith(SECURE) for name in job.outputs)
    }
    assert crossing == {"release_tables"}
    # and reference tables are made from committed files and each other alone.
    reference = [job for job in jobs if "/reference/" in job.outputs[0]]
    assert {job.rule for job in reference} == {
        *("build_areas", "build_area_codes", "build_boundaries", "build_neighbours"),
    }
    for job in reference:
        made = {name for name in job.inputs if name.startswith("results/")}
        own = ("results/fingerprints/", "results/public/reference/")
        assert all(name.startswith(own) for name in made)


def test_planted_breaches_are_found(fresh: Callable[..., Folder]) -> None:
    folder = fresh()
    staged = "results/secure/staging/google_places.parquet"
    for name in ("rules/packs.smk", "rules/reference.smk"):
        folder.edit(
            name,
            lambda text: text.replace("    input:\n", f'    input:\n        leak="{staged}",\n', 1),
        )
    found = breaches(folder.jobs(*STEPS))
    assert {("build_pack", staged), ("build_areas", staged)} <= found
    # By way of a reference table the breach reaches the slices, and is found there too.
    assert ("slice_topic", staged) in found


def test_the_proof_reads_nothing_secure(fresh: Callable[..., Folder]) -> None:
    jobs = fresh().jobs("proof")
    assert {"prove_topic", "prove_release"} <= {job.rule for job in jobs}
    assert breaches(jobs) == set()


def test_the_proof_shares_no_code_with_the_secure_side() -> None:
    graph = grimp.build_graph("lds", exclude_type_checking_imports=True, cache_dir=None)
    used = graph.find_upstream_modules("lds.proof", as_package=True)
    assert {name.split(".")[1] for name in used} == {
        *("areas", "charts", "contracts", "errors", "io", "reports", "schema", "text", "topics"),
    }
    # It never asks the topics' own code for a number: that is called by the slices only.
    direct = {
        name
        for module in (name for name in graph.modules if name.startswith("lds.proof"))
        for name in graph.find_modules_directly_imported_by(module)
    }
    assert {name for name in direct if name.startswith("lds.topics")} == {"lds.topics"}


def test_nothing_reads_what_was_planted(fresh: Callable[..., Folder]) -> None:
    jobs = fresh().jobs("stand_ins", "staged_stand_ins", *STEPS)
    made = [name for job in jobs for name in job.outputs if name.startswith(TRUTH)]
    assert len(made) >= len(ids_with_stand_in())
    assert not [name for job in jobs for name in job.inputs if name.startswith(TRUTH)]


def test_the_analysis_does_not_know_the_synthetic_england() -> None:
    """No module outside the room imports one of it, and only its own files name the accounts."""
    graph = grimp.build_graph("lds", exclude_type_checking_imports=True, cache_dir=None)
    room = {name for name in graph.modules if name.startswith("lds.synthetic")}
    importers = {each for name in room for each in graph.find_modules_that_directly_import(name)}
    assert importers <= room
    naming = {
        str(path.relative_to(ROOT))
        for folder in ("workflow/lds", "rules", "scripts", "workflow/sql")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".smk", ".sql") and "synthetic/truth" in path.read_text("utf-8")
    }
    assert naming == {"rules/sources.smk", "workflow/lds/synthetic/outside.py"}
