"""README: its generated tables are current, and what it names exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lds.config import config_schema
from lds.docs import refresh
from lds.errors import ConfigError
from lds.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def test_the_tables_of_the_readme_are_current() -> None:
    assert refresh(README, CONFIG) == README, "run `make docs`"


def test_a_changed_description_would_be_noticed() -> None:
    assert refresh(README.replace("Name of this release", "Name"), CONFIG) == refresh(
        README, CONFIG
    )
    broken = README.replace("| `release.id` | text |", "| `release.id` | number |")
    assert broken != README
    assert refresh(broken, CONFIG) == README


def test_a_marked_table_that_nothing_makes_is_refused() -> None:
    with pytest.raises(ConfigError, match="No table is called 'nothing'"):
        refresh("<!-- table: nothing -->\n<!-- end -->", CONFIG)


def keys(schema: dict, prefix: str = "") -> list[str]:
    found = []
    free = schema.get("additionalProperties") or None
    for name, each in [*schema["properties"].items(), *([("<id>", free)] if free else [])]:
        if each.get("type") == "object":
            found += keys(each, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def test_every_key_has_a_row_and_a_description() -> None:
    for key in keys(config_schema()):
        assert f"| `{key}` |" in README

    def walk(schema: dict, place: str) -> None:
        if "$ref" in schema:
            schema = config_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
        assert schema.get("description"), f"{place} has no description"
        if schema.get("type") == "object":
            others = schema["additionalProperties"]
            by_source = place in ("config.sources", "config.disclosure.profiles")
            assert others is False or by_source, f"{place} takes unknown keys"
            if others:
                walk(others, f"{place}.<id>")
            for name, each in schema["properties"].items():
                walk(each, f"{place}.{name}")

    walk(config_schema(), "config")


def test_every_key_of_config_yaml_has_a_comment() -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"^  +(\w+):", line)
        if match and not line.rstrip().endswith(":"):
            assert lines[number - 1].lstrip().startswith("#"), line


def test_make_commands_and_paths_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    assert set(re.findall(r"`?make (reports|demo|test|docs|check|bench|lock)\b", README)) <= targets
    block = README.split("## Where things are")[1].split("```")[1]
    for name in re.findall(r"^([\w./]+?)/?(?:,| {2})", block, re.MULTILINE):
        assert (ROOT / name).exists(), name
    assert (ROOT / "workflow/report/example.png").stat().st_size < 150_000


def test_every_topic_has_its_files() -> None:
    for topic in load_topics():
        for path in (
            f"workflow/lds/topics/{topic}/indicators.py",
            f"workflow/lds/topics/{topic}/page.py",
            f"workflow/resources/{topic}.yaml",
            f"workflow/resources/proof/{topic}.yaml",
            f"reports/{topic}.qmd",
        ):
            assert (ROOT / path).is_file(), path


def test_the_changelog_has_its_heading_for_published_figures() -> None:
    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M)[
        1:
    ]
    assert versions
    for version in versions:
        assert "### Changes to published figures" in version


COMMANDS = re.findall(r"^\.venv/bin/(python -m lds\.geography .*)$", README, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_geography_run(command: str, tmp_path: Path) -> None:
    (tmp_path / "deaths.csv").write_text(
        "code,district,week,deaths\nE07000190,Taunton Deane,1,3\nE07000191,West Somerset,1,4\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, *shlex.split(command)[1:]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = ("Taunton Deane", "E07000246", "2 English LAD codes, which were all live")
    assert any(words in done.stdout for words in said)


def test_there_are_such_commands() -> None:
    assert {command.split()[3] for command in COMMANDS} == {
        *("classify", "convert", "changes", "areas", "names"),
    }
