"""The register of downloads: which open files there are, where, and how they are known again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lds.errors import ConfigError
from lds.io import RESOURCES, SCHEMAS, read_yaml
from lds.schema import problems
from lds.sources.contract import contract_path

REGISTER = RESOURCES / "downloads.yaml"


@dataclass(frozen=True, kw_only=True)
class Download:
    """One entry; see ``workflow/schemas/downloads.schema.yaml`` for its keys."""

    file: str
    source: str
    url: str
    sha256: str
    bytes: int
    licence: str


def load_downloads(register: Path = REGISTER) -> dict[str, Download]:
    """Read the register of downloads, by the name of the file and in the order of the register.

    Raises
    ------
    ConfigError : entries that break the schema, two of one file, or one of a source that has no
        contract.
    """
    raw = read_yaml(register)
    found = [
        f"{place}: {sentence}"
        for place, sentence in problems(raw, read_yaml(SCHEMAS / "downloads.schema.yaml"))
    ]
    if not found:
        files = Counter(entry["file"] for entry in raw)
        found = [f"{file}: {count} entries" for file, count in files.items() if count > 1]
        found += [
            f"{entry['file']}: no contract is called '{entry['source']}'"
            for entry in raw
            if not contract_path(entry["source"]).is_file()
        ]
    if found:
        raise ConfigError(
            "The register of downloads is wrong.\n" + "\n".join(f"  {each}" for each in found),
            where=str(register),
            remedy="The keys are explained at the top of workflow/resources/downloads.yaml.",
        )
    return {entry["file"]: Download(**entry) for entry in raw}


def to_fetch(
    downloads: dict[str, Download], folder: Path, configured: Iterable[Path]
) -> dict[str, Download]:
    """Return the downloads that the configuration does not name as raw files, nor their folder.

    What it names is there, and no rule may make it: a run on it could otherwise open a connection.
    """
    named = {path.resolve() for path in configured}
    paths = {file: (folder / file).resolve() for file in downloads}
    return {
        file: entry
        for file, entry in downloads.items()
        if not named & {paths[file], *paths[file].parents}
    }
