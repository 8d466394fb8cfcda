"""Counts as rows of indicators: every margin of a table, for all areas and periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.made_records import Numbers, Places, labels
from lds.contracts import load_table_contract

MONDAY = date(2020, 6, 1)
Windows = list[tuple[date, date]]
Cut = Mapping[str, npt.NDArray[np.generic]]
"""Counts by area and period, for each breakdown."""


class Maker:
    """Collects rows in the columns of the indicators contract."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.schema = load_table_contract("indicators").polars_schema
        self.made: dict[str, list[pl.DataFrame]] = {}

    def add(
        self,
        topic: str,
        indicator: str,
        statistic: str,
        windows: Windows,
        columns: Mapping[str, Cut],
        *,
        areas: list[str] | None = None,
        period: str = "week",
    ) -> None:
        """Add the rows of an indicator.

        Parameters
        ----------
        columns : the numbers of each column of the contract by breakdown, areas by windows.
        """
        codes = pl.Series(self.places.areas if areas is None else areas)
        breakdowns = list(next(iter(columns.values())))
        shape = (len(breakdowns), len(codes), len(windows))
        which, area, window = (axis.ravel() for axis in np.indices(shape, dtype=np.int32))
        starts, ends = (pl.Series(list(each)) for each in zip(*windows, strict=True))
        numbers = {
            name: np.stack([cut[breakdown] for breakdown in breakdowns]).reshape(-1)
            for name, cut in columns.items()
        }
        frame = pl.DataFrame(numbers).with_columns(
            area=codes.gather(area),
            breakdown=pl.Series(breakdowns).gather(which),
            start=starts.gather(window),
            end=ends.gather(window),
            topic=pl.lit(topic),
            indicator=pl.lit(indicator),
            statistic=pl.lit(statistic),
            comparator=pl.lit("self"),
            measure=pl.lit("made_up"),
            period=pl.lit(period),
            unit=pl.lit(_unit(statistic)),
            match=pl.lit("exact"),
        )
        frame = frame.with_columns(pl.col("value").fill_nan(None)).with_columns(
            mark=pl.when(pl.col("value").is_null()).then(pl.lit("x"))
        )
        self.made.setdefault(topic, []).append(
            frame.select(
                (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
                for name, kind in self.schema.items()
            )
        )

    def percentages(
        self, topic: str, indicator: str, windows: Windows, whole: Cut, part: Cut, **more: object
    ) -> None:
        """Add percentages, with the counts behind them."""
        with np.errstate(invalid="ignore", divide="ignore"):
            value = {name: 100 * part[name] / whole[name] for name in whole}
        columns = {
            "value": value,
            "numerator": part,
            "denominator": whole,
            "cases": part,
            "n": whole,
        }
        self.add(topic, indicator, "percentage", windows, columns, **more)  # type: ignore[arg-type]


def _unit(statistic: str) -> str:
    if statistic.endswith(("percentage", "share")):
        return "%"
    return "per 100,000 people" if statistic.endswith("rate") else "number"


def weekly_windows(count: int, length: int = 1) -> Windows:
    days = timedelta(days=7 * length)
    starts = [MONDAY + number * days for number in range(count // length)]
    return [(start, start + days - timedelta(days=1)) for start in starts]


def margins_of(places: Places, cube: Numbers, dimensions: Mapping[str, bool]) -> dict[str, Numbers]:
    """Return every margin of a cube (districts, periods, dimensions), for all areas.

    Parameters
    ----------
    dimensions : the classification of each axis from the third on, and whether its last code is
        unknown, which counts towards margins only.
    """
    cut: dict[str, Numbers] = {}
    axes = list(enumerate(dimensions, start=2))
    for kept in range(2 ** len(axes)):
        inside = [pair for place, pair in enumerate(axes) if kept >> place & 1]
        over = tuple(axis for axis, name in axes if (axis, name) not in inside)
        table = places.rolled(cube.sum(axis=over))
        for code in np.ndindex(*(len(labels(name)) for _, name in inside)):
            pairs = sorted(
                (name, labels(name)[at]) for (_, name), at in zip(inside, code, strict=True)
            )
            text = "|".join(f"{name}={value}" for name, value in pairs) or "all"
            cut[text] = table[(slice(None), slice(None), *code)]
    return cut
