"""Contracts that tests change and write."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml


def write_contract(folder: Path, content: dict[str, Any]) -> Path:
    """Write a contract as ``made.yaml``."""
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def changed_contract(
    content: dict[str, Any], keys: tuple[str | int, ...], value: object
) -> dict[str, Any]:
    """Return a copy with one value replaced, or removed when `value` is None."""
    content = copy.deepcopy(content)
    place: Any = content
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    return content
