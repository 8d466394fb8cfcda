"""A release and its evidence as they are on disk, for the pre-flight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from lds.contracts import TableContract, load_table_contract
from lds.disclosure.evidence.files import RESULTS, ROWS_FILE
from lds.disclosure.profiles import Profile
from lds.errors import LdsError
from lds.io import read_json


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that would have a request returned: where it is, and what is wrong; no values."""

    place: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """The two folders, as they are on disk, and the profile of each topic."""

    release: Path
    evidence: Path
    profiles: Mapping[str, Profile]

    @cached_property
    def contract(self) -> TableContract:
        """What a released table looks like."""
        return load_table_contract("indicators").released

    def tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each topic and its released table; those that cannot be read `files` finds."""
        for topic in sorted(self.profiles):
            try:
                table = pl.read_parquet(self.release / f"{topic}.parquet")
                yield topic, table.select(self.contract.names)
            except (OSError, pl.exceptions.PolarsError):
                continue

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """What ``results.json`` says of each output; nothing where it cannot be read."""
        try:
            found: dict[str, dict[str, Any]] = read_json(self.evidence / RESULTS)["results"]
        except (LdsError, KeyError, TypeError):
            return {}
        return found

    def counted(self, topic: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return a released table with the counts that the evidence has for each of its rows.

        The counts are ``unweighted`` and ``cases``, ``rows`` is how many rows of the evidence there
        are for this one, and ``status`` and ``rule`` are those of the first.
        """
        key = list(self.contract.key)
        inside = {"n": pl.Int64, "cases": pl.Int64, "status": pl.String, "rule": pl.String}
        path = self.evidence / ROWS_FILE.format(topic=topic)
        if path.is_file():
            counts = pl.read_parquet(path, columns=[*key, *inside])
        else:
            counts = pl.DataFrame(schema={**table.select(key).schema, **inside})
        counts = counts.rename({"n": "unweighted"}).with_columns(rows=pl.lit(1, dtype=pl.UInt32))
        if counts.select(key).equals(table.select(key)):
            return table.hstack(counts.drop(key))
        joined = table.join(counts, on=key, how="left", maintain_order="left")
        if joined.height == table.height:
            return joined
        first = pl.all().exclude("rows").first()
        once = counts.group_by(key, maintain_order=True).agg(first, pl.len().alias("rows"))
        return table.join(once, on=key, how="left", maintain_order="left")


def where(topic: str, indicator: str, statistic: str, column: str | None = None) -> str:
    """Return the place of an output, or of one of its columns, in the release."""
    output = f"{topic}.parquet: {indicator}, {statistic}"
    return f"{output}, column {column}" if column else output
