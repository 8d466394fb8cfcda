"""A finished run: complete, offline, marked as synthetic where it is, and true to its checksums."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import zipfile

import polars as pl
import pytest
from snakefolder import (
    HARBOROUGH,
    ISLES_OF_SCILLY,
    LADS,
    TOPIC,
    Folder,
    read_rows,
    sha256,
    shown,
    without_network,
)

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
REASON = "The source publishes no figures for this district."
on_files = pytest.mark.xdist_group("workflow_configured")


def in_pack(folder: Folder, lad: str) -> dict[str, bytes]:
    with zipfile.ZipFile(folder.pack(lad)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def marks(folder: Folder) -> set[str]:
    """Return the places that say "synthetic" in a finished run."""
    found = set()
    for lad in LADS:
        page = folder.page(lad).read_text(encoding="utf-8")
        if "Synthetic data" in shown(folder.page(lad)):
            found.add(f"banner {lad}")
        if re.search(r"<body[^>]*\bsynthetic\b", page):
            found.add(f"print mark {lad}")
        if json.loads(folder.slice(lad).read_text())["release"]["synthetic"]:
            found.add(f"slice {lad}")
        files = in_pack(folder, lad)
        if "SYNTHETIC" in files["README.txt"].decode():
            found.add(f"README {lad}")
        if json.loads(files["manifest.json"])["synthetic"]:
            found.add(f"manifest {lad}")
        for name in (name for name in files if name.startswith("data/")):
            rows = list(csv.DictReader(io.StringIO(files[name].decode())))
            assert rows
            flags = {row["synthetic"] for row in rows}
            assert len(flags) == 1
            if flags == {"true"}:
                found.add(f"data {lad}")
    if "Synthetic data" in shown(folder.public / "index.html"):
        found.add("index")
    if json.loads((folder.public / "datapackage.json").read_text())["synthetic"]:
        found.add("datapackage")
    if {row[-1] for row in read_rows(folder.public / "gaps.csv")[1:]} == {"true"}:
        found.add("gaps")
    if any(
        source["synthetic"]
        for source in json.loads((folder.public / "provenance.json").read_text())["inputs"].values()
    ):
        found.add("provenance")
    return found


ALL_MARKS = {
    *(f"{what} {lad}" for lad in LADS for what in ("banner", "print mark", "slice")),
    *(f"{what} {lad}" for lad in LADS for what in ("README", "manifest")),
    *(f"data {lad}" for lad in LADS if lad != ISLES_OF_SCILLY),
    *("index", "datapackage", "gaps", "provenance"),
}


def test_it_needs_no_network(embedded: Folder) -> None:
    if not without_network():
        pytest.skip("this machine cannot cut a process off the network")
    connect = "import socket; socket.create_connection(('1.1.1.1', 53), timeout=3)"
    tried = embedded.call(sys.executable, "-c", connect, offline=True)
    # The base run was made in the same way, so a connection would have ended it.
    assert "Network is unreachable" in tried.stdout
    assert (embedded.public / "index.html").is_file()


def test_every_page_and_pack_exists_and_is_small(embedded: Folder) -> None:
    for lad in LADS:
        assert embedded.page(lad).stat().st_size < 400_000
        assert embedded.pack(lad).is_file()
    assert len(list(embedded.public.glob("site/*/*.html"))) == len(LADS)


def test_an_area_without_data_gets_a_page_that_says_why(embedded: Folder) -> None:
    cut = json.loads(embedded.slice(ISLES_OF_SCILLY).read_text())
    assert cut["gap"] == {"reason": REASON}
    assert REASON in shown(embedded.page(ISLES_OF_SCILLY))
    assert embedded.page(ISLES_OF_SCILLY).stat().st_size < 40_000
    assert set(in_pack(embedded, ISLES_OF_SCILLY)) == {
        *("README.txt", "manifest.json", f"{TOPIC}.html")
    }
    assert read_rows(embedded.public / "gaps.csv")[1:] == [
        [ISLES_OF_SCILLY, "Isles of Scilly", TOPIC, REASON, "2026.1", "true"]
    ]
    index = shown(embedded.public / "index.html")
    assert "Isles of Scilly" in index
    assert REASON in index
    assert json.loads(embedded.slice(HARBOROUGH).read_text())["gap"] is None


def test_synthetic_data_are_marked_everywhere(embedded: Folder) -> None:
    assert marks(embedded) == ALL_MARKS


@on_files
def test_configured_files_are_marked_nowhere(configured: Folder) -> None:
    assert marks(configured) == set()


def test_manifests_are_true_and_packs_have_no_clock(embedded: Folder) -> None:
    for lad in LADS:
        files = in_pack(embedded, lad)
        manifest = json.loads(files.pop("manifest.json"))
        assert set(manifest["files"]) == set(files)
        for name, content in files.items():
            assert manifest["files"][name]["bytes"] == len(content)
        with zipfile.ZipFile(embedded.pack(lad)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            for entry in archive.infolist():
                if entry.filename != "manifest.json":
                    copy = embedded.path.parent / "unpacked"
                    copy.write_bytes(archive.read(entry))
                    assert sha256(copy) == manifest["files"][entry.filename]["sha256"]
        assert manifest["topics"][TOPIC]["slice_sha256"] == sha256(embedded.slice(lad))
        assert files[f"{TOPIC}.html"] == embedded.page(lad).read_bytes()
        assert sha256(embedded.slice(lad))[:12] in embedded.page(lad).read_text(encoding="utf-8")


def test_release_checksums_and_data_package_are_true(embedded: Folder) -> None:
    lines = (embedded.release / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    files = {
        str(path.relative_to(embedded.release)): sha256(path)
        for path in embedded.release.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert listed == files
    package = json.loads((embedded.public / "datapackage.json").read_text())
    assert {each["path"] for each in package["resources"]} == {f"packs/{lad}.zip" for lad in LADS}
    for each in package["resources"]:
        assert each["hash"] == f"sha256:{sha256(embedded.public / each['path'])}"


def test_data_in_a_pack_are_the_released_values(embedded: Folder) -> None:
    released = pl.read_parquet(embedded.release / f"{TOPIC}.parquet")
    keys = ["indicator", "statistic", "area", "comparator", "measure", "breakdown", "period"]
    keys += ["start", "end"]
    for lad in (HARBOROUGH,):
        beside = released.filter((pl.col("area") == lad) | ~pl.col("area").str.starts_with("E0"))
        truth = {
            tuple(map(str, row[:-2])): row[-2:] for row in beside[[*keys, "value", "mark"]].rows()
        }
        data = in_pack(embedded, lad)[f"data/{lad}_{TOPIC}.csv"].decode()
        rows = list(csv.DictReader(io.StringIO(data)))
        own = [row for row in rows if row["area"] == lad]
        assert len(own) == released.filter(pl.col("area") == lad).height
        assert {row["area"][:3] for row in rows if row["area"] != lad} <= {"E12", "E92"}
        for row in rows:
            value, mark = truth[tuple(row[key] for key in keys)]
            assert (row["mark"] or None) == mark
            assert (float(row["value"]) if row["value"] else None) == value


def test_comparators_in_the_charts_tables_are_the_released_ones(embedded: Folder) -> None:
    released = pl.read_parquet(embedded.release / f"{TOPIC}.parquet")
    areas = {"region_percent": ("HM-I3", "E12000004"), "england_percent": ("HM-I2", "E92000001")}
    files = in_pack(embedded, HARBOROUGH)
    measures = released.filter(pl.col("indicator") == "HM-I1")["measure"].unique()
    assert len(measures) == 6
    for measure in measures:
        text = files[f"data/charts/{HARBOROUGH}_trend_{measure}.csv"].decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == 305
        for column, (indicator, area) in areas.items():
            chosen = released.filter(
                (pl.col("indicator") == indicator)
                & (pl.col("area") == area)
                & (pl.col("measure") == measure)
            ).sort("start")
            shown_values = [float(row[column]) if row[column] else None for row in rows]
            assert shown_values == chosen["value"].to_list()


def test_nothing_is_written_outside_the_places_for_it(embedded: Folder) -> None:
    before = (embedded.path.parent / "before.txt").read_text().splitlines()
    assert before
    after = [
        f"{path.relative_to(embedded.path)} {path.stat().st_mtime_ns}"
        for path in sorted(embedded.path.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(embedded.path).parts[0] not in {"results", "logs", ".snakemake"}
    ]
    assert after == before
    # The base run had a home and a folder for temporary files of its own.
    home = embedded.path.parent / "home"
    left = {path.relative_to(home).parts[0] for path in home.rglob("*") if path.is_file()}
    caches = {".cache", f"_jinja2-cache-{os.getuid()}"}
    assert left <= caches
