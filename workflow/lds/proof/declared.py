"""What a topic declares about its CSVs and charts (``workflow/resources/proof/<topic>.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from lds.contracts import TableContract, load_table_contract
from lds.errors import ContractError
from lds.io import SCHEMAS, read_yaml
from lds.schema import problems

SELF = "self"


@dataclass(frozen=True)
class Column:
    """What a column of a CSV stands for.

    Attributes
    ----------
    kind : ``key``, ``value`` or ``label``.
    target : the column of the released table; none of a label.
    of : whose value it is.
    keys : of the CSV's keys those that the value goes by; all where none is named.
    """

    kind: Literal["key", "value", "label"]
    target: str = ""
    of: str = SELF
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """A column that is worked out from another of its CSV, see `lds.proof.derivations`."""

    rule: str
    of: str
    by: str | None = None
    base: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChartValues:
    """What a chart draws: a column for each voice; see ``workflow/schemas/proof.schema.yaml``."""

    values: Mapping[str, str]
    by: str | None = None
    rows: str | None = None
    levels: bool = False
    mean: tuple[int, int] | None = None


@dataclass(frozen=True)
class Declared:
    """The declarations of one topic.

    Attributes
    ----------
    contract : of the released table.
    phrases : wordings with a number that is no figure, the longest first.
    """

    contract: TableContract
    columns: Mapping[str, Column]
    phrases: tuple[str, ...]
    _derived: tuple[tuple[str, str, Derivation], ...]
    _charts: tuple[tuple[str, ChartValues], ...]

    def column(self, name: str) -> Column | None:
        """Return what a column of a CSV stands for; None where nobody says it."""
        if name in self.columns:
            return self.columns[name]
        if name in (*self.contract.key, "period"):
            return Column("key", name)
        return Column("value", name) if name in self.contract.names else None

    def derivation(self, figure: str, column: str) -> Derivation | None:
        """Return how a column of a figure's CSV is worked out; None where it is not."""
        for pattern, name, rule in self._derived:
            if name == column and fnmatchcase(figure, pattern):
                return rule
        return None

    def chart(self, figure: str) -> ChartValues | None:
        """Return what a figure draws; None where it draws no values."""
        for pattern, values in self._charts:
            if fnmatchcase(figure, pattern):
                return values
        return None


def load_declared(path: Path) -> Declared:
    """Read the declarations of a topic.

    Raises
    ------
    ContractError : they break ``workflow/schemas/proof.schema.yaml`` or name a column that the
        released table does not have.
    """
    raw: dict[str, Any] = read_yaml(path)
    contract = load_table_contract("indicators").released
    wrong = list(problems(raw, read_yaml(SCHEMAS / "proof.schema.yaml")))
    if not wrong:
        wrong = [
            (f"columns.{name}", f"the released table has no column {each['value']}")
            for name, each in raw["columns"].items()
            if "value" in each and each["value"] not in contract.names
        ]
    if wrong:
        place, sentence = wrong[0]
        raise ContractError(
            f"The declarations for the proof are wrong: {sentence}.", where=f"{path}: {place}"
        )
    return Declared(
        contract,
        {name: _column(each) for name, each in raw["columns"].items()},
        tuple(sorted(raw["phrases"], key=len, reverse=True)),
        tuple(
            (
                each["figures"],
                each["column"],
                Derivation(
                    rule=each["as"],
                    of=each["of"],
                    by=each.get("by"),
                    base=each.get("base", {}),
                    since=each.get("since"),
                ),
            )
            for each in raw["derived"]
        ),
        tuple((pattern, _chart(each)) for pattern, each in raw["charts"].items()),
    )


def _column(raw: Mapping[str, Any]) -> Column:
    if "key" in raw:
        return Column("key", raw["key"])
    if "value" in raw:
        return Column("value", raw["value"], raw.get("of", SELF), tuple(raw.get("keys", ())))
    return Column("label")


def _chart(raw: Mapping[str, Any]) -> ChartValues:
    mean = raw.get("mean")
    return ChartValues(
        values=raw["values"],
        by=raw.get("by"),
        rows=raw.get("rows"),
        levels=raw.get("levels", False),
        mean=(mean["rows"], mean["at_least"]) if mean else None,
    )
