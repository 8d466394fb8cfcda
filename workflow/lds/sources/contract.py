"""The contract of a source: what a raw file must be before the workflow reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lds.errors import SourceError
from lds.io import SCHEMAS, read_yaml
from lds.schema import problems


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a source; see ``workflow/schemas/source.schema.yaml`` for the keys."""

    name: str
    source_name: str
    type: str
    description: str
    unit: str | None = None
    required: bool = False
    optional: bool = False
    missing: tuple[str, ...] = ()
    minimum: int | str | None = None
    maximum: int | str | None = None
    pattern: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A source's contract, read from ``workflow/schemas/sources/<id>.yaml``."""

    id: str
    title: str
    publisher: str
    licence: str
    citation: str
    access: str
    url: str | None
    version: int
    row_is: str
    delimiter: str
    extra_columns: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    maximum_rejected_share: float
    minimum_rows: int
    profile: str
    synthetic: dict[str, Any]
    conversion: dict[str, Any] = field(default_factory=dict)
    lookups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether values of this source may never be shown in a message."""
        return self.access == "secure"


def contract_path(source: str, schemas: Path = SCHEMAS) -> Path:
    """Return the path of a source's contract."""
    return schemas / "sources" / f"{source}.yaml"


def load_contract(path: Path) -> Contract:
    """Read a contract and check it against the schema of contracts.

    Raises
    ------
    SourceError : when the contract itself is wrong (file and key are named).
    """
    raw = read_yaml(path)
    found = list(problems(raw, read_yaml(SCHEMAS / "source.schema.yaml")))
    if found:
        place, sentence = found[0]
        raise SourceError(f"A source contract is wrong: {sentence}.", where=f"{path}: {place}")
    columns = tuple(
        Column(**{**column, "missing": tuple(column.get("missing", ()))})
        for column in raw["columns"]
    )
    names = [column.name for column in columns]
    unknown = [name for name in raw["key"] if name not in names]
    if unknown or len(set(names)) != len(names):
        raise SourceError(
            "A source contract is wrong: its key or its columns do not fit together.",
            where=str(path),
            values=unknown or names,
        )
    return Contract(
        id=raw["id"],
        title=raw["title"],
        publisher=raw["publisher"],
        licence=raw["licence"],
        citation=raw["citation"],
        access=raw["access"],
        url=raw.get("url"),
        version=raw["version"],
        row_is=raw["row_is"],
        delimiter=raw["reader"].get("delimiter", ","),
        extra_columns=raw["reader"].get("extra_columns", "refuse"),
        key=tuple(raw["key"]),
        columns=columns,
        maximum_rejected_share=raw["limits"]["maximum_rejected_share"],
        minimum_rows=raw["limits"]["minimum_rows"],
        profile=raw["disclosure"]["profile"],
        synthetic=raw["synthetic"],
        conversion=raw.get("conversion", {}),
        lookups=tuple(raw.get("harmonise", {}).get("lookups", ())),
        resources=tuple(raw.get("harmonise", {}).get("resources", ())),
    )
