"""Nothing public reads anything secure but through the gate: shown on the graph of all jobs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
from snakefolder import STEPS, Folder, succeeded

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
SECURE = "results/secure/"
PUBLIC = "results/public/"
EXPORT = "results/export/"


class Job(NamedTuple):
    """What the graph says of one output."""

    output: str
    rule: str
    inputs: tuple[str, ...]


def graph(folder: Folder) -> list[Job]:
    """Return one entry per output of every job."""
    output = succeeded(folder.snakemake("--detailed-summary", *STEPS))
    table = output[output.index("output_file\t") :].splitlines()
    return [
        Job(row["output_file"], row["rule"], tuple(row["input-file(s)"].split(",")))
        for row in csv.DictReader(table, delimiter="\t")
    ]


def breaches(jobs: Iterable[Job]) -> set[tuple[str, str]]:
    """Return (rule of a public file, secure file) wherever a way between them avoids the gate."""
    by_output = {job.output: job for job in jobs}
    found = set()
    for job in by_output.values():
        if not job.output.startswith(PUBLIC):
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


def test_public_files_come_through_the_gate_only(embedded: Folder) -> None:
    jobs = graph(embedded)
    assert {"build_pack", "render_report", "release_tables", "stage_source"} <= {
        job.rule for job in jobs
    }
    assert breaches(jobs) == set()


def test_only_the_gate_reads_secure_files_for_export(embedded: Folder) -> None:
    crossing = {
        job.rule
        for job in graph(embedded)
        if not job.output.startswith(SECURE) and any(name.startswith(SECURE) for name in job.inputs)
    }
    assert crossing == {"release_tables"}


def test_reference_tables_read_the_register_only(embedded: Folder) -> None:
    jobs = [job for job in graph(embedded) if "/reference/" in job.output]
    assert len(jobs) == 2
    for job in jobs:
        made = {name for name in job.inputs if name.startswith("results/")}
        assert all(name.startswith("results/fingerprints/") for name in made)


def test_planted_breaches_are_found(embedded: Folder, copy_of: Callable[[Folder], Folder]) -> None:
    copied = copy_of(embedded)
    staged = "results/secure/staging/google_places.parquet"
    copied.edit(
        "rules/packs.smk",
        lambda text: text.replace("    input:\n", f'    input:\n        leak="{staged}",\n', 1),
    )
    copied.edit(
        "rules/reference.smk",
        lambda text: text.replace("    input:\n", f'    input:\n        leak="{staged}",\n', 1),
    )
    found = breaches(graph(copied))
    assert {("build_pack", staged), ("build_areas", staged)} <= found
    # By way of a reference table the breach reaches the slices, and is found there too.
    assert ("slice_topic", staged) in found
