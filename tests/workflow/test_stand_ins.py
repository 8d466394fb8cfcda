"""Stand-ins inside the workflow, and the folder of them for work outside."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from snakefolder import Folder, planned, succeeded

from lds.sources.contract import contract_path, load_contract

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_stand_ins")]
SOURCES = ("bics", "google_places", "imd_lad", "policy_events")
"""A secure file with mess, one that no topic uses, one of districts, and one of no place."""
SCALE = "0.05"


def write(folder: Folder, *sources: str, scale: str = SCALE) -> subprocess.CompletedProcess[str]:
    return folder.call(
        *(sys.executable, "-m", "lds.synthetic", "write", "--cores", "2", "--to", "outside"),
        *("--scale", scale, "--sources", *sources),
    )


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder.fresh(tmp_path_factory.mktemp("stand_ins") / "project")
    succeeded(write(folder, *SOURCES))
    return folder


def listed(folder: Folder, source: str) -> dict[str, object]:
    path = folder.path / "outside/.work/secure/sources" / f"{source}.synthetic.json"
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_each_source_has_its_files_and_a_dictionary(outside: Folder) -> None:
    for source in SOURCES:
        contract, own = load_contract(contract_path(source)), outside.path / "outside" / source
        names = {each["name"] for each in listed(outside, source)["files"]}  # type: ignore[attr-defined]
        assert names | {"dictionary.csv", "dictionary.md"} == {each.name for each in own.iterdir()}
        assert all("synthetic" in name for name in names)
        with (own / "dictionary.csv").open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        assert [row["name_in_the_workflow"] for row in rows] == [c.name for c in contract.columns]
        assert all(row["description"] for row in rows)
        assert contract.title in (own / "dictionary.md").read_text(encoding="utf-8")


def test_lookups_that_no_package_carries_stand_beside(outside: Folder) -> None:
    names = {path.name for path in (outside.path / "outside/lookups").iterdir()}
    assert names == {f"{each}.synthetic.csv" for each in ("cis_areas", "lsoa21", "msoa")}


def test_the_readme_says_what_it_is_and_how_large(outside: Folder) -> None:
    text = (outside.path / "outside/README.md").read_text(encoding="utf-8")
    assert "made up" in text
    sizes = {source: 0.05 if source == "bics" else 1 for source in SOURCES}
    for source, size in sizes.items():
        assert listed(outside, source)["scale"] == size
        row = next(line for line in text.splitlines() if f"`{source}`" in line)
        assert row.endswith(f"| {size:g} |")


def test_what_was_planted_stands_beside(outside: Folder) -> None:
    truth = json.loads((outside.path / "outside/truth.json").read_text(encoding="utf-8"))
    assert sorted(truth) == sorted(SOURCES)
    assert truth["bics"]["mess"]["rejected"] > 0
    assert all(each["synthetic"] and each["seed"] == 2021 for each in truth.values())


def test_a_second_run_makes_nothing(outside: Folder) -> None:
    work = outside.path / "outside/.work/secure/sources"
    before = {source: (work / f"{source}.synthetic.json").stat().st_mtime_ns for source in SOURCES}
    succeeded(write(outside, *SOURCES))
    after = {source: (work / f"{source}.synthetic.json").stat().st_mtime_ns for source in SOURCES}
    assert after == before


def test_an_unknown_source_is_named_with_those_that_there_are(outside: Folder) -> None:
    done = write(outside, "bics", "crystal_ball", "population_lad_workbook")
    assert done.returncode != 0
    for word in ("crystal_ball", "population_lad_workbook", "price_paid"):
        assert word in done.stdout


def test_a_stand_in_is_staged_with_exactly_what_was_planted(tmp_path: Path) -> None:
    folder = Folder.fresh(tmp_path / "project", synthetic__scale={"bics": 0.05})
    table = "results/secure/staging/bics.parquet"
    succeeded(folder.snakemake(table, "--cores", "2"))
    staging = folder.path / "results/secure/staging"
    report = json.loads((staging / "bics.report.json").read_text(encoding="utf-8"))
    truth_file = folder.path / "results/secure/synthetic/truth/bics.json"
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    assert report["synthetic"] is True
    assert report["rows_rejected"] == truth["mess"]["rejected"] > 0
    assert report["rows_in"] == truth["mess"]["rows"]
    # The list of checksums stands for the files: touched, they are the same.
    for path in (folder.path / "results/secure/sources/bics.synthetic").iterdir():
        path.touch()
    assert planned(folder.plan(table)) == {}
    # A file that is cut is noticed when it is read.
    (path,) = (folder.path / "results/secure/sources/bics.synthetic").glob("*.csv*")
    path.write_bytes(path.read_bytes()[:-10])
    done = folder.snakemake(table, "--cores", "2", "--forcerun", "stage_source")
    assert done.returncode != 0
    log = (folder.path / "logs/stage_source/bics.log").read_text(encoding="utf-8")
    assert "not whole any more" in log
