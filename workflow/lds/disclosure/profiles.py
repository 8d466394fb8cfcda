"""Disclosure profiles: the rules of the gate as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lds.errors import DisclosureError
from lds.io import RESOURCES, SCHEMAS, read_yaml
from lds.schema import problems


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One profile; see ``workflow/schemas/profile.schema.yaml`` for its keys."""

    id: str
    version: int
    title: str
    access: tuple[str, ...]
    protection_level: int
    statistics: dict[str, str]


def load_profile(name: str, folder: Path = RESOURCES / "disclosure") -> Profile:
    """Read a profile.

    Raises
    ------
    DisclosureError : no such profile, or a profile that breaks the schema.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise DisclosureError(
            f"There is no disclosure profile '{name}'.",
            where=str(folder),
            values=sorted(each.stem for each in folder.glob("*.yaml")),
            remedy="Name one of these in the contract of the source.",
        )
    raw = read_yaml(path)
    found = list(problems(raw, read_yaml(SCHEMAS / "profile.schema.yaml")))
    if found or raw["id"] != name:
        place, sentence = found[0] if found else ("id", f"it must be '{name}'")
        raise DisclosureError(
            f"A disclosure profile is wrong: {sentence}.", where=f"{path}: {place}"
        )
    return Profile(
        id=raw["id"],
        version=raw["version"],
        title=raw["title"],
        access=tuple(raw["access"]),
        protection_level=raw["protection"]["level"],
        statistics=raw["statistics"],
    )
