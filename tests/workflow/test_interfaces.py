"""What a user of Snakemake types and what a reader of the rules sees."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable

import pytest
import yaml
from snakefolder import ROOT, Folder, planned, succeeded

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
TARGETS = {"fetch_open", "proof", "slices", "staged", "stand_ins", "staged_stand_ins"}
"""Rules in rules/ that only ask for files and run nothing."""
PROFILE = ROOT / "profiles/default/profile.yaml"


def rule_blocks() -> dict[str, str]:
    """Return the text of every rule in rules/."""
    found = {}
    for path in sorted((ROOT / "rules").glob("*.smk")):
        for block in re.split(r"^(?=rule \w+:)", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            found[block[5 : block.index(":")]] = block
    return {rule: block for rule, block in found.items() if rule not in TARGETS}


def test_lint_finds_nothing(embedded: Folder) -> None:
    linted = embedded.snakemake("--lint")
    assert linted.returncode == 0
    assert "good condition" in linted.stdout


def test_graphs_and_plans(embedded: Folder) -> None:
    jobs = planned(embedded.plan("--forceall"))
    assert jobs["render_report"] == 4
    assert re.search(
        r"digraph snakemake_dag \{.*release_tables", succeeded(embedded.snakemake("--dag")), re.S
    )
    graph = succeeded(embedded.snakemake("--rulegraph"))
    assert len(jobs) >= 16
    assert [rule for rule in jobs if f'[label = "{rule}"' not in graph] == []


def test_a_report_is_made_without_network(
    embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(embedded)
    succeeded(copied.snakemake("--report", "report.html", offline=True))
    report = (copied.path / "report.html").read_text(encoding="utf-8")
    assert "gaps.csv" in report
    assert "index.html" in report
    assert "<html" in report


def test_the_default_profile_is_in_force(
    embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    profile = yaml.safe_load(PROFILE.read_text())
    assert profile["scheduler"] == "greedy"
    assert profile["rerun-incomplete"] is True
    copied = copy_of(embedded)
    # A page that a killed run had begun: made again with the profile, refused without it.
    page = str(next(copied.public.glob("site/*/*.html")).relative_to(copied.path))
    marker = base64.b64encode(page.encode()).decode()
    (copied.path / ".snakemake/incomplete" / marker).write_text("{}")
    assert planned(copied.plan())["render_report"] == 1
    refused = copied.snakemake("--dry-run", "--workflow-profile", "none")
    assert refused.returncode != 0
    assert "IncompleteFilesException" in refused.stdout
    # A scheduler that there is not: only who reads the profile can refuse it.
    copied.edit("profiles/default/profile.yaml", lambda text: text.replace("greedy", "hasty"))
    refused = copied.snakemake("--dry-run")
    assert refused.returncode != 0
    assert "hasty" in refused.stdout


@pytest.mark.parametrize("name", ["ci", "slurm"])
def test_other_profiles_can_be_read(name: str) -> None:
    files = sorted((ROOT / "profiles" / name).glob("*.yaml"))
    assert files
    for path in files:
        assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_snakefile_is_short() -> None:
    assert len((ROOT / "Snakefile").read_text().splitlines()) < 60


@pytest.mark.parametrize("rule", rule_blocks())
def test_every_rule_is_whole(rule: str) -> None:
    block = rule_blocks()[rule]
    assert re.match(rf'rule {rule}:\n    """[A-Z].*\."""\n    input:\n', block)
    for part in ("output", "log", "conda", "message", "shell"):
        assert re.search(rf"^    {part}:", block, re.M), part
    assert f'script="scripts/{rule}.py"' in block
    assert "{input.script:q}" in block
    assert re.search(rf'^    log:\n        "<logs>/{rule}[/.]', block, re.M)
    assert (ROOT / f"scripts/{rule}.py").is_file()


def test_every_script_has_its_rule() -> None:
    assert {path.stem for path in (ROOT / "scripts").glob("*.py")} == set(rule_blocks())
    assert "scripts" not in sys.modules
