"""Fingerprints: one small file per part of the package, so that rules depend on code by content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lds.errors import ConfigError
from lds.io import RESOURCES, read_yaml

PACKAGE = Path(__file__).resolve().parent


def part_modules(part: str, package: Path = PACKAGE, resources: Path = RESOURCES) -> list[Path]:
    """Return the modules of a part, sorted.

    Raises
    ------
    ConfigError : no such part, or one of its patterns matches no file.
    """
    parts = read_yaml(resources / "parts.yaml")
    if part not in parts:
        raise ConfigError(f"There is no part '{part}' of the package.", values=sorted(parts))
    modules: set[Path] = set()
    for pattern in parts[part]:
        found = sorted(package.glob(pattern))
        if not found:
            raise ConfigError(f"Part '{part}' names a module that is not there: {pattern}.")
        modules.update(found)
    return sorted(modules)


def fingerprint(modules: list[Path], package: Path = PACKAGE) -> str:
    """Return one line per module: its SHA-256 and its path inside the package."""
    return "".join(
        f"{hashlib.sha256(module.read_bytes()).hexdigest()}  {module.relative_to(package)}\n"
        for module in modules
    )
