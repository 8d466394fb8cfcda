"""The schema accepts what the topics write and refuses what no page could show."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "workflow/schemas/slice.schema.yaml").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def test_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["full_slice", "eventful_slice", "gap_slice"])
def test_accepts(name, request):
    assert [error.message for error in VALIDATOR.iter_errors(request.getfixturevalue(name))] == []


def test_gap_may_carry_an_empty_file(gap_slice):
    gap_slice["data"] = {"name": "E07000131_human_mobility.csv", "text": ""}
    assert VALIDATOR.is_valid(gap_slice)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("area", "postcode"), "LE16"),
        (("area", "code"), "S12000033"),
        (("gap",), {"reason": "none"}),
        (("summary",), []),
        (("period",), None),
        (("sources", 0, "url"), "javascript:alert(1)"),
        (("figures", "trend_parks", "csv", "name"), "../../x.csv"),
        (("figures", "trend_parks", "table", "rows"), [["a", "1", "2", ""]] * 201),
    ],
)
def test_refuses(full_slice, path, value):
    target: Any = full_slice
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert not VALIDATOR.is_valid(full_slice)


def _objects(node: Any, where: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "properties" in node and "type" in node:
            yield where, node
        for key, value in node.items():
            yield from _objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _objects(value, f"{where}/{index}")


def test_every_object_is_closed_and_every_key_described():
    found = 0
    for where, node in _objects({k: v for k, v in SCHEMA.items() if k != "allOf"}):
        assert node["additionalProperties"] is False, where
        for key, value in node["properties"].items():
            assert value.get("description"), f"{where}: {key}"
            found += 1
    assert found > 50
