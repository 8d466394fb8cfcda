"""Every rule declares the parts of the package that its script imports: neither fewer nor more."""

from __future__ import annotations

import ast
import csv
import functools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import grimp
import pytest
from snakefolder import ROOT, STEPS, Folder, named, planned, reasons, succeeded

from lds.fingerprints import fingerprint, part_modules
from lds.io import RESOURCES, SCHEMAS, read_yaml
from lds.topics import load_topics

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
PACKAGE = ROOT / "workflow/lds"
PARTS: dict[str, list[str]] = read_yaml(RESOURCES / "parts.yaml")
FINGERPRINTED = sorted(set(PARTS) - {"unfingerprinted"})
DYNAMIC = re.compile(r'import_module\(\s*f"(lds\.[^"]+)"')
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
    """Return the generators that the contracts name."""
    paths = sorted((SCHEMAS / "sources").glob("*.yaml"))
    return sorted({read_yaml(path)["synthetic"]["generator"] for path in paths})


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


def declared(summary: str) -> dict[tuple[str, str | None], set[str]]:
    """Return the parts that each rule declares, by topic where its outputs are of one."""
    rows = csv.DictReader(summary.splitlines(), delimiter="\t")
    found: dict[tuple[str, str | None], set[str]] = {}
    for row in rows:
        topics = [name for name in load_topics() if name in re.split(r"[/.]", row["output_file"])]
        parts = set(_FINGERPRINT.findall(row["input-file(s)"]))
        by_topic = any(part.startswith(name) for part in parts for name in topics)
        key = (row["rule"], topics[0] if by_topic else None)
        assert found.setdefault(key, parts) == parts
    return found


@pytest.fixture(scope="session")
def rules(embedded: Folder) -> dict[tuple[str, str | None], set[str]]:
    """Return the parts that each rule of a finished run declares."""
    output = succeeded(embedded.snakemake("--detailed-summary", *STEPS))
    found = declared(output[output.index("output_file\t") :])
    assert len(found) >= 14
    return found


def test_every_module_is_in_exactly_one_part() -> None:
    listed = [path for part in PARTS for path in part_modules(part)]
    assert sorted(listed) == sorted(PACKAGE.rglob("*.py"))


def test_rules_declare_the_parts_that_their_scripts_import(
    rules: dict[tuple[str, str | None], set[str]],
) -> None:
    real = {
        (rule, topic): {PART_OF[name] for name in imported(ROOT / f"scripts/{rule}.py", topic)}
        for rule, topic in rules
        if rule != "fingerprint_code"
    }
    stated = {key: parts for key, parts in rules.items() if key[0] != "fingerprint_code"}
    assert stated == real


def test_an_undeclared_import_is_found(tmp_path: Path) -> None:
    script = tmp_path / "build_pack.py"
    script.write_text("def main():\n    from lds.charts import palette\n")
    assert "charts" in {PART_OF[name] for name in imported(script, None)}
    script.write_text("from lds.io import read_json\n")
    assert {PART_OF[name] for name in imported(script, None)} == {"core"}


def append_comment(folder: Folder, part: str) -> None:
    """Change one module of a part, and nothing that it does."""
    path = folder.path / part_modules(part)[-1].relative_to(ROOT)
    path.write_text(path.read_text(encoding="utf-8") + "# A comment.\n", encoding="utf-8")


def rule_of(folder: Folder) -> Callable[[str], str]:
    """Return a finder of the rule whose message is given."""
    patterns = {}
    for path in (folder.path / "rules").glob("*.smk"):
        text = path.read_text(encoding="utf-8")
        for rule, message in re.findall(r"^rule (\w+):.*?message:\s+\"(.*?)\"", text, re.M | re.S):
            patterns[rule] = re.sub(r"\\\{.*?\\\}", ".+", re.escape(message))
    return lambda said: next(rule for rule in patterns if re.fullmatch(patterns[rule], said))


def test_a_changed_module_reaches_the_rules_that_declare_its_part(
    rules: dict[tuple[str, str | None], set[str]],
    embedded: Folder,
    copy_of: Callable[[Folder], Folder],
) -> None:
    copied = copy_of(embedded)
    for part in FINGERPRINTED:
        append_comment(copied, part)
    targets = [f"results/fingerprints/{part}.txt" for part in FINGERPRINTED]
    assert planned(copied.plan(*targets)) == {"fingerprint_code": len(FINGERPRINTED)}
    succeeded(copied.snakemake(*targets, "--cores", "2"))
    find, reached = rule_of(copied), dict[str, set[str]]()
    for message, reason in reasons(copied.plan(*STEPS)):
        own = re.search(r"Updated input files: (.*?)(;|$)", reason)
        for part in _FINGERPRINT.findall(own[1] if own else ""):
            reached.setdefault(part, set()).add(find(message))
    stated = {
        part: {rule for (rule, _), parts in rules.items() if part in parts}
        for part in FINGERPRINTED
    }
    assert reached == stated


BELOW = {
    "catalogue": {"build_catalogue", "record_provenance"},
    "packs": {"build_pack", "build_catalogue"},
    "human_mobility_page": {"slice_topic", "render_report", "build_pack", "build_catalogue"},
}


def test_nothing_above_a_changed_part_is_planned(
    embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(embedded)
    for part, below in BELOW.items():
        file = copied.path / f"results/fingerprints/{part}.txt"
        kept = shutil.copy2(file, copied.path / "kept")
        append_comment(copied, part)
        package = copied.path / "workflow/lds"
        modules = part_modules(part, package=package)
        file.write_text(fingerprint(modules, package=package))
        plan = copied.plan(*STEPS)
        shutil.copy2(kept, file)
        assert {rule for rule in planned(plan) if rule != "fingerprint_code"} == below
        assert named(plan, "Fingerprinting") <= {part}
