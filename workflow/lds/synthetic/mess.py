"""Mess as real extracts have it, planted on purpose and counted, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from lds.synthetic.draws import stream

MOST_LISTED = 1_000
"""Rows of one kind of mess that the account lists by number; all are counted."""


@dataclass
class Mess:
    """What to spoil in the rows of one file, and what was spoilt.

    Attributes
    ----------
    plan : kinds of mess by name, each with ``column``, ``share`` of the rows, ``text`` (one value
        or several to choose from) and ``rejects`` (whether staging must reject the row; else the
        value is missing, or a code that leads nowhere). The kind ``repeated_rows`` has ``share``
        alone.
    seed, name : of the stream of random numbers.
    """

    plan: Mapping[str, Mapping[str, Any]]
    seed: int
    name: str
    rows: int = 0
    planted: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)
    _parts: int = 0

    def spoil(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the next rows of the file with their share of the mess.

        Columns that are spoilt become text; each row has one kind of mess at most.
        """
        draw = stream(self.seed, "mess", self.name, self._parts)
        self._parts += 1
        free = draw.permutation(frame.height)
        repeat = self.plan.get("repeated_rows")
        if repeat:
            # A row and its repetition are left alone, or they would not be the same any more.
            count = int(draw.binomial(frame.height, repeat["share"]))
            frame = self._repeat(frame, repeat, np.sort(free[:count]))
            free = free[count:]
        for kind, plan in self.plan.items():
            if kind == "repeated_rows":
                continue
            count = min(int(draw.binomial(frame.height, plan["share"])), len(free))
            at, free = np.sort(free[:count]), free[count:]
            frame = self._spoil_one(frame, kind, plan, at, draw)
        self.rows += frame.height
        return frame

    def leave(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the next rows of the file as they are."""
        self.rows += frame.height
        return frame

    def _spoil_one(
        self,
        frame: pl.DataFrame,
        kind: str,
        plan: Mapping[str, Any],
        at: np.ndarray[Any, np.dtype[np.int64]],
        draw: np.random.Generator,
    ) -> pl.DataFrame:
        texts: Sequence[str | None] = (
            plan["text"] if isinstance(plan["text"], list) else [plan["text"]]
        )
        column = frame[plan["column"]]
        if column.dtype != pl.String:
            column = column.cast(pl.String)
        chosen = [texts[each] for each in draw.integers(0, len(texts), len(at))]
        if len(at):
            column = column.scatter(at, pl.Series(chosen, dtype=pl.String))
        self._count(kind, plan, at, rejects=bool(plan.get("rejects")))
        return frame.with_columns(column.alias(plan["column"]))

    def _repeat(
        self,
        frame: pl.DataFrame,
        plan: Mapping[str, Any],
        chosen: np.ndarray[Any, np.dtype[np.int64]],
    ) -> pl.DataFrame:
        """Append rows that are there already, word for word."""
        at = np.arange(frame.height, frame.height + len(chosen))
        self._count("repeated_rows", plan, at, rejects=bool(plan.get("rejects")))
        return pl.concat([frame, frame[chosen]])

    def _count(
        self,
        kind: str,
        plan: Mapping[str, Any],
        at: np.ndarray[Any, np.dtype[np.int64]],
        *,
        rejects: bool,
    ) -> None:
        found = self.planted.setdefault(
            kind, {"column": plan.get("column"), "rejects": rejects, "rows": 0, "row_numbers": []}
        )
        numbers = (at + self.rows + 1).tolist()
        found["rows"] += len(numbers)
        found["row_numbers"] += numbers[: MOST_LISTED - len(found["row_numbers"])]
        if rejects:
            self.rejected.update(numbers)

    def account(self) -> dict[str, Any]:
        """Return what was planted: rows, those that staging must reject, and each kind."""
        return {"rows": self.rows, "rejected": len(self.rejected), "planted": self.planted}
