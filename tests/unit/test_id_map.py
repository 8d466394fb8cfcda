"""The id map: whole rows, and functions and tests that exist."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path

import pytest
import yaml

from lds.errors import ConfigError
from lds.id_map import Entry, build_id_map, read_id_map
from lds.io import RESOURCES
from lds.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = [entry for topic in load_topics() for entry in read_id_map(topic)]


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def made_by(dotted: str) -> object:
    """Return what a dotted name stands for: a function, or a method of a class."""
    parts = dotted.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise AssertionError(f"no module of {dotted}")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_function_of_a_row_exists(entry: Entry) -> None:
    assert callable(made_by(entry.function))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_test_of_a_row_exists(entry: Entry) -> None:
    path, _, name = entry.test.partition("::")
    assert (ROOT / path).is_file()
    assert name.startswith("test_")
    assert name in names_of_tests(ROOT / path)


def test_the_page_is_current() -> None:
    page = (ROOT / "workflow/docs/id_map.md").read_text(encoding="utf-8")
    assert page == build_id_map(), "run `make docs`"


def test_every_indicator_of_the_register_stands_in_the_map() -> None:
    for topic in load_topics().values():
        ids = {entry.id for entry in read_id_map(topic.id) if entry.kind == "indicator"}
        assert set(topic.indicators) == ids


def changed(tmp_path: Path, change: dict[str, object], row: int = 3) -> Path:
    """Write the real map of Human mobility with one row changed; return its resources folder."""
    raw = yaml.safe_load((RESOURCES / "id_maps/human_mobility.yaml").read_text(encoding="utf-8"))
    raw["rows"][row] = {**raw["rows"][row], **change}
    (tmp_path / "id_maps").mkdir()
    (tmp_path / "id_maps/human_mobility.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("field", ["what", "function", "test", "place", "change"])
@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_field_is_refused(tmp_path: Path, field: str, empty: str | None) -> None:
    with pytest.raises(ConfigError, match="missing, empty or unknown") as error:
        read_id_map("human_mobility", changed(tmp_path, {field: empty}))
    assert field in str(error.value)
    assert "HM-I4" in str(error.value)


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="colour"):
        read_id_map("human_mobility", changed(tmp_path, {"colour": "red"}))


@pytest.mark.parametrize("change", [{"id": "HM-I5"}, {"id": "HM-I10"}, {"kind": "figure"}])
def test_ids_run_without_gap_or_repeat(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="do not run from 1"):
        read_id_map("human_mobility", changed(tmp_path, change))
