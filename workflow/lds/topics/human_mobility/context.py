"""What every figure of the topic needs: labels, marks of the release, words for a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from lds.text import region_phrase, signed

SERIES = ("self", "region", "england")
"""The voices of every chart, in the order of its key; an area in several regions lacks region."""
UNIT = "%"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What all districts share.

    Attributes
    ----------
    measures : the categories with ``id, label, subject, places``, in the order of the page.
    headline : ``measure`` and ``period`` of the ranking.
    periods : ``id, label, short_label, start, end, band`` (end is the day after the last).
    window : first and last day of the data.
    marks : columns that every CSV row carries, and their value.
    """

    measures: Sequence[Mapping[str, str]]
    headline: Mapping[str, str]
    periods: pl.DataFrame
    window: tuple[date, date]
    marks: Mapping[str, str]

    @property
    def labels(self) -> dict[str, dict[str, Any]]:
        """The rows of the period table by id, in their order."""
        return {row["id"]: row for row in self.periods.iter_rows(named=True)}

    @property
    def short_labels(self) -> dict[str, str]:
        """The short label of each period by id."""
        return dict(self.periods.select("id", "short_label").iter_rows())

    def measure(self, name: str) -> Mapping[str, str]:
        """Return one category by id."""
        return next(measure for measure in self.measures if measure["id"] == name)

    def csv(self, frame: pl.DataFrame) -> str:
        """Return a frame as CSV whose every row says its release and whether it is synthetic."""
        marked = frame.with_columns(pl.lit(value).alias(key) for key, value in self.marks.items())
        return marked.write_csv(float_precision=None)


def cell(value: float | None, mark: str | None) -> str:
    """Return a change as a table shows it, or the mark in its place."""
    return signed(value) if value is not None else (mark or "x")


def comparators(names: Mapping[str, str]) -> dict[str, str]:
    """Return the voices of the comparators, each with its name as it stands in a sentence.

    Parameters
    ----------
    names : name of each voice that an area has: ``self``, mostly ``region``, ``england``.
    """
    return {
        voice: region_phrase(name) if voice == "region" else name
        for voice, name in names.items()
        if voice != "self"
    }


def percents(names: Mapping[str, str]) -> list[pl.Expr]:
    """Return the columns of the comparators as CSVs call them: ``england_percent``."""
    return [pl.col(voice).alias(f"{voice}_percent") for voice in comparators(names)]


def side_by_side(rows: Mapping[str, pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    """Return the rows of an area with the values of its comparators beside its own.

    Parameters
    ----------
    rows : by voice. Of ``self`` every column stays; of ``region`` (which an area may lack) and
        ``england`` the value, where the `keys` are the same. All have ``value``.

    Returns
    -------
    The area's rows in their order, ``value`` now called ``self``; behind them ``region, england``.
    """
    wide = rows["self"].rename({"value": "self"})
    for voice in SERIES[1:]:
        other = rows.get(voice, rows["england"].clear())
        other = other.select(*keys, pl.col("value").alias(voice))
        wide = wide.join(other, on=keys, how="left", maintain_order="left")
    return wide


def by_series(frame: pl.DataFrame, voices: Iterable[str] = SERIES) -> pl.DataFrame:
    """Return rows that hold the series side by side as one row per series.

    Parameters
    ----------
    frame : ``self, region, england, mark`` (why ``self`` is missing) and any others.
    voices : the series that there are.

    Returns
    -------
    The others with ``series, value, mark``; a comparator without a value has the district's mark.
    """
    others = [name for name in frame.columns if name not in (*SERIES, "mark")]
    return pl.concat(
        frame.select(
            *others,
            pl.lit(name).alias("series"),
            pl.col(name).alias("value"),
            pl.when(pl.col(name).is_null()).then(pl.col("mark").fill_null("x")).alias("mark"),
        )
        for name in voices
    )
