"""Packs: what is in them, that their manifest is true, and that they carry no clock."""

from __future__ import annotations

import copy
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from lds.io import write_json
from lds.reports.packs import EPOCH, write_pack


@pytest.fixture
def made(tmp_path: Path, full_slice):
    """Return a function that packs slices (one page each) and opens the archive."""

    def make(*slices, name: str = "pack.zip") -> zipfile.ZipFile:
        pages, files = [], []
        for each in slices:
            each = {key: value for key, value in each.items() if key != "provenance"}
            file = tmp_path / f"{each['topic']['id']}.json"
            page = tmp_path / f"{each['topic']['id']}.html"
            write_json(file, each)
            page.write_text(f"<p>{each['topic']['title']}</p>", encoding="utf-8")
            files.append(file)
            pages.append(page)
        write_pack(pages, files, tmp_path / name)
        return zipfile.ZipFile(tmp_path / name)

    return make


def test_a_pack_holds_pages_data_manifest_and_readme(made, full_slice) -> None:
    pack = made(full_slice)
    topic = full_slice["topic"]["id"]
    charts = [f"data/charts/{each['csv']['name']}" for each in full_slice["figures"].values()]
    data = f"data/{full_slice['data']['name']}"
    assert pack.namelist() == sorted(
        ["README.txt", data, *charts, f"{topic}.html", "manifest.json"]
    )
    for each in full_slice["figures"].values():
        assert pack.read(f"data/charts/{each['csv']['name']}").decode() == each["csv"]["text"]
    assert pack.read(f"data/{full_slice['data']['name']}").decode() == full_slice["data"]["text"]
    assert pack.testzip() is None


def test_the_manifest_is_true(made, full_slice, tmp_path: Path) -> None:
    pack = made(full_slice)
    manifest = json.loads(pack.read("manifest.json"))
    assert set(manifest["files"]) == set(pack.namelist()) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        content = pack.read(name)
        assert entry == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    topic = full_slice["topic"]["id"]
    sliced = hashlib.sha256((tmp_path / f"{topic}.json").read_bytes()).hexdigest()
    assert manifest["topics"][topic]["slice_sha256"] == sliced


def test_a_pack_has_the_same_bytes_twice_and_no_clock(made, full_slice, tmp_path: Path) -> None:
    pack = made(full_slice, name="one.zip")
    made(full_slice, name="two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert {entry.date_time for entry in pack.infolist()} == {EPOCH}


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_synthetic_pack_says_so(made, full_slice, synthetic: bool) -> None:
    full_slice["release"]["synthetic"] = synthetic
    pack = made(full_slice)
    assert ("SYNTHETIC DATA" in pack.read("README.txt").decode()) == synthetic
    assert json.loads(pack.read("manifest.json"))["synthetic"] == synthetic


def test_one_synthetic_topic_marks_the_whole_pack(made, full_slice) -> None:
    other = copy.deepcopy(full_slice)
    other["topic"] = {"id": "other", "title": "Other"}
    full_slice["release"]["synthetic"] = False
    other["release"]["synthetic"] = True
    assert "SYNTHETIC DATA" in made(full_slice, other).read("README.txt").decode()


def test_a_gap_is_told_in_the_readme_and_has_no_data(made, gap_slice) -> None:
    pack = made(gap_slice)
    assert gap_slice["gap"]["reason"] in pack.read("README.txt").decode()
    assert not [name for name in pack.namelist() if name.startswith("data/")]
    topic = gap_slice["topic"]["id"]
    assert json.loads(pack.read("manifest.json"))["topics"][topic]["gap"] == gap_slice["gap"]
