"""Contracts of the tables that the workflow makes, checked before each is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from lds.errors import ContractError
from lds.io import SCHEMAS, read_yaml, write_parquet

TYPES: dict[str, type[pl.DataType]] = {
    "text": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "date": pl.Date,
}


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """One column of a table contract."""

    name: str
    type: str
    description: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    inside: bool = False
    """Whether the gate needs the column and nobody after it may see it."""


@dataclass(frozen=True, kw_only=True)
class TableContract:
    """A table's columns, key and order, read from ``workflow/schemas/tables/<layer>.yaml``."""

    title: str
    description: str
    key: tuple[str, ...]
    columns: tuple[TableColumn, ...]

    @property
    def names(self) -> list[str]:
        """The column names, in order."""
        return [column.name for column in self.columns]

    @property
    def polars_schema(self) -> dict[str, type[pl.DataType]]:
        """Column names and Polars types, in order."""
        return {column.name: TYPES[column.type] for column in self.columns}

    @property
    def released(self) -> TableContract:
        """The contract of the same table after the gate: without the columns for inside use."""
        kept = tuple(column for column in self.columns if not column.inside)
        return replace(self, columns=kept)


def load_table_contract(layer: str, schemas: Path = SCHEMAS) -> TableContract:
    """Read the contract of one layer's tables."""
    raw = read_yaml(schemas / "tables" / f"{layer}.yaml")
    return TableContract(
        title=raw["title"],
        description=raw["description"],
        key=tuple(raw["key"]),
        columns=tuple(
            TableColumn(**{**column, "allowed": tuple(column.get("allowed", ()))})
            for column in raw["columns"]
        ),
    )


def check_table(frame: pl.DataFrame, contract: TableContract, name: str) -> pl.DataFrame:
    """Return `frame` with its columns in the contract's order.

    Raises
    ------
    ContractError : missing or extra columns, another type, a null, a value outside the allowed
        ones, a repeated key, or a number that is not finite.
    """
    wanted = set(contract.names)
    missing = [column for column in contract.names if column not in frame.columns]
    extra = [column for column in frame.columns if column not in wanted]
    if missing or extra:
        raise ContractError(
            f"Table {name} has not the columns of '{contract.title}'.",
            where=f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(extra) or 'none'}",
        )
    frame = frame.select(contract.names)
    for column in contract.columns:
        series = frame[column.name]
        if series.dtype != TYPES[column.type]:
            raise ContractError(
                f"Column {column.name} of table {name} is {series.dtype}, not {column.type}."
            )
        if not column.nullable and series.null_count():
            raise ContractError(
                f"Column {column.name} of table {name} may not be missing.",
                where=f"{series.null_count()} rows",
            )
        if column.type == "number" and not series.drop_nulls().is_finite().all():
            raise ContractError(
                f"Column {column.name} of table {name} holds infinite or NaN values."
            )
        if column.allowed:
            others = sorted(set(series.drop_nulls().unique().to_list()) - set(column.allowed))
            if others:
                raise ContractError(
                    f"Column {column.name} of table {name} holds values that are not allowed.",
                    values=others,
                )
    repeated = _repeated_keys(frame, contract.key)
    if repeated:
        raise ContractError(
            f"Table {name} repeats its key ({', '.join(contract.key)}).", where=f"{repeated} rows"
        )
    return frame


def _repeated_keys(frame: pl.DataFrame, key: Sequence[str]) -> int:
    """Return how many rows repeat the key of another; hashes first, which need little room."""
    hashes = frame.lazy().select(pl.struct(key).hash()).collect().to_series()
    if hashes.n_unique() == frame.height:
        return 0
    return frame.height - frame.select(key).n_unique()


def sort_by_key(frame: pl.DataFrame, contract: TableContract) -> pl.DataFrame:
    """Return a checked table in the order of its key.

    Text is sorted by its place among the distinct texts of its column: comparing whole rows of text
    would take three times the room of the table.
    """
    places = [
        pl.col(name).cast(pl.Enum(frame[name].drop_nulls().unique().sort())).to_physical()
        if frame.schema[name] == pl.String
        else pl.col(name)
        for name in contract.key
    ]
    return frame[frame.select(pl.arg_sort_by(places)).to_series()]


def write_table(path: Path, frame: pl.DataFrame, contract: TableContract) -> None:
    """Check `frame`, sort it by its key and write it."""
    write_parquet(path, sort_by_key(check_table(frame, contract, path.name), contract))
