"""The ranking of all districts on the headline of the topic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

NEAR = 5
"""Districts shown on either side in the ranking."""


@dataclass(frozen=True)
class Standing:
    """The ranking of all districts on the headline: rank 1 is the deepest fall; ties share one.

    Attributes
    ----------
    values : ``code, value, rank``, sorted by value and code; only districts with a value.
    """

    values: pl.DataFrame

    @classmethod
    def of(cls, table: pl.LazyFrame, measure: str, period: str, lads: Collection[str]) -> Standing:
        """Rank the districts' own values of one measure in one period of a released table."""
        chosen = table.filter(
            pl.col("area").is_in(list(lads)),
            (pl.col("statistic") == "median_change")
            & (pl.col("comparator") == "self")
            & (pl.col("measure") == measure)
            & (pl.col("period") == period)
            & pl.col("value").is_not_null(),
        )
        return cls(
            chosen.select(
                pl.col("area").alias("code"),
                "value",
                pl.col("value").rank("min").cast(pl.Int64).alias("rank"),
            )
            .sort("value", "code")
            .collect()
        )

    def rank(self, code: str) -> int | None:
        """Return the rank of a district, or None when it has no value."""
        found = self.values.filter(pl.col("code") == code)["rank"]
        return int(found[0]) if found.len() else None

    def ties(self, code: str) -> int:
        """Return how many districts share this district's rank, itself included."""
        return self.values.filter(pl.col("rank") == self.rank(code)).height

    def around(self, code: str) -> pl.DataFrame:
        """Return the rows of the districts around this one; without it, of the two extremes."""
        places = self.values.with_row_index().filter(pl.col("code") == code)["index"]
        if not places.len():
            ends = [self.values.head(NEAR), self.values.tail(NEAR)]
            return pl.concat(ends).unique(maintain_order=True)
        last = max(self.values.height - 2 * NEAR - 1, 0)
        return self.values.slice(min(max(int(places[0]) - NEAR, 0), last), 2 * NEAR + 1)

    def beside(self, value: float) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the districts next below and next above a value that has no place of its own."""
        lower = self.values.filter(pl.col("value") <= value).tail(NEAR)
        return lower, self.values.filter(pl.col("value") > value).head(NEAR)
