"""The kinds of value, and what each allows when it is carried between vintages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from lds.errors import GeographyError
from lds.io import RESOURCES, SQL, read_yaml


def statement(name: str) -> str:
    """Return the select statement of one file of the conversion, by its name without ending."""
    return (SQL / "harmonised" / f"{name}.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One entry of ``workflow/resources/conversion_kinds.yaml``, which says what the keys mean."""

    name: str
    values: tuple[str, ...]
    backward: str
    coverage: str
    sql: str
    forward: str = "made"
    adds: tuple[str, ...] = ()
    not_negative: tuple[str, ...] = ()
    rounded: tuple[str, ...] = ()
    records: bool = False

    @property
    def statement(self) -> str:
        """The select statement that converts values of this kind."""
        return statement(self.sql)


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by its name, in the order of the file."""
    found = {}
    for name, entry in read_yaml(RESOURCES / "conversion_kinds.yaml").items():
        keys: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        found[name] = Kind(name=name, **keys)
    return found


def find_kind(name: str) -> Kind:
    """Return the kind called `name`.

    Raises
    ------
    GeographyError : there is none of that name.
    """
    if name not in kinds():
        raise GeographyError(
            f"There is no kind of value called {name!r}.",
            remedy=f"Choose one of {', '.join(kinds())}.",
        )
    return kinds()[name]
