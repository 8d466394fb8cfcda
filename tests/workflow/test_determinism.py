"""The same inputs give the same bytes, whatever the folder, the order and the processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from snakefolder import LADS, TOPIC, Folder, digests

from conftest import Interrupted
from lds.reports import slices
from lds.reports.slices import SliceJob, write_slices

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
FEW = 4
"""Districts that are worth a process here."""


def test_two_runs_in_two_folders_are_the_same_bytes(
    embedded: Folder, interrupted: Interrupted
) -> None:
    # One in three steps; the other by plain `snakemake`, ended in the middle and resumed.
    for start in ("results/public", "results/export", "results/secure"):
        first = digests(embedded.path / start)
        assert digests(interrupted.folder.path / start) == first
        assert len(first) >= 4


def test_slices_do_not_depend_on_order_or_processes(
    embedded: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "2")
    used = []
    pool = slices.ProcessPoolExecutor

    def counted(workers: int, **options: Any) -> Any:
        used.append(workers)
        return pool(workers, **options)

    monkeypatch.setattr(slices, "ProcessPoolExecutor", counted)
    monkeypatch.setattr(slices, "AREAS_PER_PROCESS", FEW)
    areas = embedded.public / "reference/areas.parquet"
    many = pl.read_parquet(areas)["code"].to_list()
    lads = sorted({*LADS, *many[:: len(many) // (2 * FEW)]})
    assert len(lads) >= 2 * FEW

    def job(folder: Path) -> SliceJob:
        return SliceJob(
            topic=TOPIC,
            table=embedded.release / f"{TOPIC}.parquet",
            release=embedded.release / "release.json",
            areas=areas,
            area_codes=embedded.public / "reference/area_codes.parquet",
            resources=tuple(
                embedded.path / f"workflow/resources/{name}.csv"
                for name in ("policy_periods", "bank_holidays")
            ),
            reference=tuple(
                embedded.public / f"reference/{name}.parquet"
                for name in ("neighbours", "boundaries_lads")
            ),
            contact=None,
            folder=folder,
        )

    write_slices(job(tmp_path / "two"), lads=lads, processes=2)
    assert used == [2]
    two = digests(tmp_path / "two")
    assert len(two) == len(lads)
    few = [*reversed(lads[:FEW]), *LADS]
    write_slices(job(tmp_path / "one"), lads=few, processes=1)
    assert used == [2]
    one = digests(tmp_path / "one")
    assert one == {name: two[name] for name in one}
    base = digests(embedded.public / "slices" / TOPIC)
    assert base == {name: two[name] for name in base}
