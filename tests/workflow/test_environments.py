"""One set of versions: pyproject.toml, the conda environments and the lock file agree."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from snakefolder import ROOT

pytestmark = pytest.mark.workflow
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+]+)")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines: list[str]) -> dict[str, str]:
    """Return name -> version of requirements, each of which must be pinned."""
    found = {}
    for line in lines:
        match = PIN.fullmatch(line)
        assert match, f"not pinned: {line}"
        found[canonical(match[1])] = match[2]
    return found


def project() -> dict[str, str]:
    raw = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return pins(raw["dependencies"])


def locked() -> dict[str, tuple[str, int]]:
    """Return name -> (version, number of hashes) of the lock file."""
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M | re.I)
    return {
        canonical(match[1]): (match[2], entry.count("--hash=sha256:"))
        for entry in entries
        if (match := PIN.match(entry))
    }


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda path: path.stem)
def test_environments_have_the_versions_of_the_project(path) -> None:
    raw = yaml.safe_load(path.read_text())
    python, pip = raw["dependencies"][0], raw["dependencies"][-1]["pip"]
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert python.split("=")[1] == required.removeprefix(">=")
    # Snakemake starts the jobs; they do not use it.
    assert pins(pip) == {name: pin for name, pin in project().items() if name != "snakemake"}


def test_the_lock_file_has_the_same_versions_and_hashes() -> None:
    lock = locked()
    assert len(lock) > len(project())
    for name, version in project().items():
        assert lock[name][0] == version
    assert not [name for name, (_, hashes) in lock.items() if not hashes]
    raw = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tests = [line for line in raw["optional-dependencies"]["test"] if "==" in line]
    assert tests
    for name, version in pins(tests).items():
        assert lock[name][0] == version


def test_a_version_that_differs_is_found() -> None:
    assert pins(["polars==2.1.0"]) != pins(["polars==2.1.1"])
    with pytest.raises(AssertionError, match="not pinned"):
        pins(["polars>=2"])
