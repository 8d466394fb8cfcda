"""Environments of the tools that the gate is held against: pinned, apart, remade on change."""

from __future__ import annotations

import re

import pytest

from benchmarks import peers

NAMES = ("acro", "pytauargus")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "FOLDER", tmp_path)
    return tmp_path


def pretend(folder, name: str, mark: str) -> None:
    (folder / name / "bin").mkdir(parents=True)
    (folder / name / "bin" / "python").touch()
    (folder / name / ".installed").write_text(mark)


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_pinned_and_hashed(name) -> None:
    text = (peers.PROJECT / "envs" / "peers" / f"{name}.txt").read_text()
    entries = [entry for entry in re.split(r"^(?=\S)", text, flags=re.M) if entry.strip()]
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert [entry.split("==")[0] for entry in entries].count(name) == 1
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[0-9][^ ]* ", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry


def test_the_versions_are_those_that_make_lock_asks_for() -> None:
    makefile = (peers.PROJECT / "Makefile").read_text()
    wanted = re.search(r"^PEERS := (.*)$", makefile, flags=re.M)
    assert wanted
    assert [each.split("==")[0] for each in wanted[1].split()] == list(NAMES)
    for each in wanted[1].split():
        text = (peers.PROJECT / "envs" / "peers" / f"{each.split('==')[0]}.txt").read_text()
        assert f"\n{each} " in f"\n{text}"


def test_an_environment_that_is_not_there_is_not_used(folder) -> None:
    assert peers.interpreter("acro") is None


def test_an_environment_of_other_versions_is_not_used(folder) -> None:
    pretend(folder, "acro", "0 3.11\n")
    assert peers.interpreter("acro") is None


def test_an_environment_of_these_versions_is_used(folder) -> None:
    pretend(folder, "acro", peers._wanted("acro"))
    assert peers.interpreter("acro") == folder / "acro" / "bin" / "python"


def test_nothing_of_the_tools_is_required_here() -> None:
    project = (peers.PROJECT / "pyproject.toml").read_text()
    assert not [name for name in NAMES if name in project.replace("envs/peers", "")]
