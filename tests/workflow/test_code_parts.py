"""Every rule declares the parts of the package that its script imports: neither fewer nor more."""

from __future__ import annotations

import ast
import functools
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest
from snakefolder import (
    ROOT,
    Folder,
    Job,
    changed,
    digests,
    named,
    planned,
    reasons,
    succeeded,
)

from lds.fingerprints import part_modules
from lds.io import RESOURCES, read_yaml
from lds.sources.contract import load_contracts
from lds.topics import load_topics

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
PACKAGE = ROOT / "workflow/lds"
PARTS: dict[str, list[str]] = read_yaml(RESOURCES / "parts.yaml")
FINGERPRINTED = sorted(set(PARTS) - {"unfingerprinted", "downloads", "proof"})
"""The parts of a run; `fetch_open` and `proof` are no part of one and have tests of their own."""
DYNAMIC = re.compile(r'import_module\(\s*f"(lds\.\w[^"]+)"')
"""Imports by a name put together below a room; what is done in another process, by the name of any
module, is a function that its caller hands over, and so imports itself."""
_FINGERPRINT = re.compile(r"results/fingerprints/(\w+)\.txt")


def module_name(path: Path) -> str:
    """Return the dotted name of a module of the package."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


PART_OF = {module_name(path): part for part in PARTS for path in part_modules(part)}
GRAPH = grimp.build_graph("lds", exclude_type_checking_imports=True, cache_dir=None)


@functools.cache
def dynamic_imports(source: Path, topic: str | None) -> set[str]:
    """Return the modules that a file imports by a name that it puts together."""
    found = set()
    for pattern in DYNAMIC.findall(source.read_text(encoding="utf-8")):
        for name in (topic,) if "topic" in pattern else generators():
            assert name is not None, f"{source} imports a topic, but its rule has none"
            found.add(re.sub(r"\{.*?\}", name, pattern))
    return found


def generators() -> list[str]:
    """Return the generators that the contracts name; a planned source may have none yet."""
    recipes = [contract.synthetic for contract in load_contracts()]
    return sorted({recipe["generator"] for recipe in recipes if recipe})


def static_imports(script: Path) -> Iterator[str]:
    """Yield the modules of the package that a script imports, inside functions too."""
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("lds"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lds"):
            assert node.module
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in GRAPH.modules else node.module


def imported(script: Path, topic: str | None) -> set[str]:
    """Return every module of the package that running a script imports."""
    waiting = {*static_imports(script), *dynamic_imports(script, topic)}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        assert name in GRAPH.modules, f"{script} imports {name}, which is not there"
        seen.add(name)
        path = PACKAGE.parent / Path(*name.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        parents = {name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)}
        direct = GRAPH.find_modules_directly_imported_by(name)
        waiting |= (direct | parents | dynamic_imports(source, topic)) - seen
    return seen


def topic_of(job: Job) -> str | None:
    """Return the topic whose parts a job declares, if any."""
    parts = parts_of(job)
    own = [name for name in load_topics() if any(part.startswith(name) for part in parts)]
    return own[0] if own else None


def parts_of(job: Job) -> set[str]:
    """Return the parts that a job declares."""
    return set(_FINGERPRINT.findall(" ".join(job.inputs)))


def declared_and_real(jobs: list[Job]) -> tuple[dict[Any, set[str]], dict[Any, set[str]]]:
    """Return the parts that rules declare and those that scripts import, by rule and topic."""
    stated: dict[Any, set[str]] = {}
    real: dict[Any, set[str]] = {}
    for job in jobs:
        key = (job.rule, topic_of(job))
        assert stated.setdefault(key, parts_of(job)) == parts_of(job)
        if key not in real:
            modules = imported(ROOT / f"scripts/{job.rule}.py", key[1])
            real[key] = {PART_OF[name] for name in modules}
    return stated, real


@pytest.fixture
def made(jobs: list[Job]) -> list[Job]:
    """Return every job, but those that write fingerprints."""
    return [job for job in jobs if job.rule != "fingerprint_code"]


def test_every_module_is_in_exactly_one_part() -> None:
    listed = [path for part in PARTS for path in part_modules(part)]
    assert sorted(listed) == sorted(PACKAGE.rglob("*.py"))


def test_rules_declare_the_parts_that_their_scripts_import(made: list[Job]) -> None:
    stated, real = declared_and_real(made)
    assert len(stated) >= 13
    assert stated == real


def test_downloads_declare_their_parts_and_no_other_target_has_them(
    made: list[Job], fresh: Callable[..., Folder]
) -> None:
    assert "fetch_file" not in {job.rule for job in made}
    stated, real = declared_and_real(
        [job for job in fresh().jobs("fetch_open") if job.rule != "fingerprint_code"]
    )
    assert stated == real == {("fetch_file", None): {"core", "downloads"}}


def test_the_proof_declares_its_parts_and_no_other_target_has_it(
    made: list[Job], fresh: Callable[..., Folder]
) -> None:
    proving = {"prove_topic", "prove_release"}
    assert not proving & {job.rule for job in made}
    stated, real = declared_and_real([job for job in fresh().jobs("proof") if job.rule in proving])
    assert stated == real
    assert {rule for rule, _ in stated} == proving


def test_an_undeclared_import_is_found(tmp_path: Path) -> None:
    script = tmp_path / "build_pack.py"
    script.write_text("def main():\n    from lds.charts import palette\n")
    assert "charts" in {PART_OF[name] for name in imported(script, None)}
    script.write_text("from lds.io import read_json\n")
    assert {PART_OF[name] for name in imported(script, None)} == {"core"}


PLAN_EACH = """
import contextlib, io, json, pathlib, shutil, sys
sys.path.insert(0, "workflow")
from lds.fingerprints import fingerprint, part_modules
from snakemake.cli import main

plans = {}
for part in sys.argv[2:]:
    file = pathlib.Path(f"results/fingerprints/{part}.txt")
    module = part_modules(part)[-1]
    code = module.read_bytes()
    shutil.copy2(file, "kept")
    module.write_bytes(code + b"# A comment.\\n")
    file.write_text(fingerprint(part_modules(part)))
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main(["--dry-run", "export_request", "slices", "all"])
    except SystemExit as end:
        assert not end.code, out.getvalue()
    plans[part] = out.getvalue()
    module.write_bytes(code)
    shutil.copy2("kept", file)
pathlib.Path(sys.argv[1]).write_text(json.dumps(plans))
"""
"""Plans after a comment in a module of each part in turn, in one process: 0.5 s each, not 2.5."""


def below(jobs: list[Job], part: str) -> dict[str, int]:
    """Return the number of jobs by rule that declare a part or need what those make."""
    stale = {f"results/fingerprints/{part}.txt"}
    found: set[Job] = set()
    while more := {job for job in jobs if job not in found and stale & set(job.inputs)}:
        found |= more
        stale |= {name for job in more for name in job.outputs}
    return dict(Counter(job.rule for job in found))


def test_a_comment_in_a_module_changes_the_fingerprint_of_its_part_only(
    embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(embedded)
    targets = [f"results/fingerprints/{part}.txt" for part in FINGERPRINTED]
    before = digests(copied.path / "results/fingerprints")
    for part in ("charts", "packs"):
        module = part_modules(part, package=copied.path / "workflow/lds")[-1]
        module.write_text(module.read_text(encoding="utf-8") + "# A comment.\n", encoding="utf-8")
    said = succeeded(copied.snakemake(*targets, "--cores", "2"))
    assert named(said, "Fingerprinting the code of") == {"charts", "packs"}
    after = digests(copied.path / "results/fingerprints")
    assert changed(before, after) == {"charts.txt", "packs.txt"}


def test_a_changed_part_reaches_the_jobs_that_declare_it_and_no_others(
    made: list[Job], embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(embedded)
    answer = copied.path / "plans.json"
    succeeded(copied.call(sys.executable, "-c", PLAN_EACH, str(answer), *FINGERPRINTED))
    plans = json.loads(answer.read_text())
    for part in FINGERPRINTED:
        # Snakemake says "Updated input files" of jobs that nothing else has made stale yet.
        causes = {
            name
            for _, reason in reasons(plans[part])
            for name in re.findall(r"Updated input files: (\S+)", reason)
        }
        stale = planned(plans[part])
        assert stale.pop("fingerprint_code", 0) <= 1
        assert stale == below(made, part)
        assert f"results/fingerprints/{part}.txt" in causes
