"""The target `proof`: with results/secure out of reach, from the release alone, the same bytes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable

import pytest
from leaks import LEAK, ON_PAGE
from published import PAGE
from snakefolder import HARBOROUGH, ROOT, TOPIC, UPSTREAM, Folder, digests, planned, succeeded

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
AGAIN = "again"
COMMAND = re.search(
    r"^snakemake --cores 8 (proof)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M
)
SECURE = shutil.ignore_patterns("secure", "iocache", "log")


@pytest.fixture(scope="module")
def apart(embedded: Folder, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The embedded run with results/secure out of reach, whose release is published again."""
    path = tmp_path_factory.mktemp("apart") / "project"
    shutil.copytree(embedded.path, path, copy_function=shutil.copy2, symlinks=True, ignore=SECURE)
    folder = Folder(path)
    folder.configure(release__path="results/export/released")
    paths = f"\npathvars:\n  results: {AGAIN}\n  logs: {AGAIN}/logs\n"
    folder.edit("config.yaml", lambda text: text + paths)
    folder.public = path / AGAIN / "public"
    assert COMMAND
    succeeded(folder.make_reports(offline=True))
    succeeded(folder.snakemake(*shlex.split(COMMAND[1]), "--cores", "2", offline=True))
    return folder


def test_the_release_alone_gives_the_same_bytes(embedded: Folder, apart: Folder) -> None:
    assert not [path for path in apart.path.rglob("secure") if path.is_dir()]
    again = digests(apart.public)
    proofs = {name for name in again if name.startswith("proof")}
    assert proofs == {"proof.json", f"proof/{TOPIC}.json"}
    assert {name: again[name] for name in again.keys() - proofs} == digests(embedded.public)


def test_the_proof_says_what_was_proved(apart: Folder) -> None:
    proof = json.loads((apart.public / "proof.json").read_text())
    account = json.loads((apart.public / f"proof/{TOPIC}.json").read_text())
    assert proof["findings"] == account["findings"] == []
    assert proof["checked"][TOPIC] == account["checked"]
    assert proof["checked"][TOPIC]["pages"] == 4
    assert proof["checked"]["packs and catalogue"] == {"catalogue": 4, "packs": 4}
    assert account["files"].items() <= digests(apart.public).items()
    assert proof["files"] == len(account["files"]) + 8


def test_the_proof_is_made_once_and_the_same_again(apart: Folder) -> None:
    assert planned(apart.plan("proof")) == {}
    before = digests(apart.public, "proof")
    succeeded(apart.snakemake("proof", "--cores", "2", "--forcerun", "prove_topic"))
    assert digests(apart.public, "proof") == before


def test_inside_and_outside_the_proof_is_the_same(
    embedded: Folder, apart: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    # Inside, results/secure is there, and the jobs put it out of their own reach where they can.
    inside = copy_of(embedded)
    assert (inside.path / "results/secure").is_dir()
    succeeded(inside.snakemake("proof", "--cores", "2"))
    for name in ("proof.json", f"proof/{TOPIC}.json"):
        assert (inside.public / name).read_bytes() == (apart.public / name).read_bytes()


def test_the_target_stops_at_a_leak_and_names_the_place(apart: Folder) -> None:
    path = apart.page(HARBOROUGH)
    before = path.read_bytes()
    path.write_bytes(ON_PAGE["data attribute"].plant(before.decode()).encode())
    try:
        stopped = apart.snakemake("proof", "--cores", "2")
        assert stopped.returncode != 0
        log = (apart.path / AGAIN / f"logs/prove_topic/{TOPIC}.log").read_text(encoding="utf-8")
        assert "Traceback" not in log
        assert "DisclosureError" in log
        assert f"{PAGE}: attribute data-n of <main>" in log
        assert LEAK in log  # every source of the topic is open
        assert not (apart.public / "proof.json").exists()
    finally:
        path.write_bytes(before)
        succeeded(apart.snakemake("proof", "--cores", "2"))


def test_with_a_release_the_proof_plans_no_upstream_job(apart: Folder) -> None:
    everything = planned(apart.plan("--forceall", "proof"))
    assert everything["prove_topic"] == 1
    assert not set(UPSTREAM) & set(everything)
