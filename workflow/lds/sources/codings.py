"""Codings that several sources share, read from ``workflow/resources/codings.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lds.errors import SourceError
from lds.io import RESOURCES, read_yaml


@cache
def codings(resources: Path = RESOURCES) -> dict[str, dict[str, Any]]:
    """Return every coding by its name: ``title, source`` and ``values`` (value, label)."""
    return dict(read_yaml(resources / "codings.yaml"))


def coding(name: str, resources: Path = RESOURCES) -> list[dict[str, str]]:
    """Return the values of a coding, each with its label, in their order.

    Raises
    ------
    SourceError : no coding has that name.
    """
    known = codings(resources)
    if name not in known:
        raise SourceError(
            f"There is no coding '{name}'.",
            where=str(resources / "codings.yaml"),
            values=sorted(known),
            remedy="Name one of these in the contract, or add the coding.",
        )
    values: list[dict[str, str]] = known[name]["values"]
    return values
