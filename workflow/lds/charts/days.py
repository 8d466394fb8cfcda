"""Reading the daily frame of a line chart, and the rows its layers draw."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import TypeAlias

import polars as pl

from lds.charts.frames import check_columns
from lds.errors import ContractError

VOICES = ("england", "region", "self")
"""The series of the figure in the order they are drawn: this area on top."""
COLUMNS = ("date", "series", "value", "smooth")

Points: TypeAlias = list[tuple[float, float]]
"""Day (noon, as days since the window begins) and value, in the order of days, without gaps."""


def read_days(
    frame: pl.DataFrame, labels: Mapping[str, str], window: tuple[date, date]
) -> tuple[dict[str, Points], Points]:
    """Return the lines by series, and the dots of this area.

    Plain lists, not expressions: for a thousand rows the thread pool costs more than the work,
    above all when several workers share the cores.

    Parameters
    ----------
    frame
        columns of `COLUMNS`; see `LineChart.render`.
    labels
        its keys are the series to read.
    window
        first and last day, both inside; other days are left out.
    """
    check_columns(frame, COLUMNS, "a line chart")
    unknown = {*labels} - {*VOICES}
    if unknown:
        raise ContractError("a line chart has no such series", values=sorted(unknown))
    if frame.schema["date"] != pl.Date:
        raise ContractError("a line chart needs dates", values=[frame.schema["date"]])
    epoch = date(1970, 1, 1)
    first, last = ((day - epoch).days for day in window)
    days = frame["date"].to_physical().to_list()
    names = frame["series"].to_list()
    if len(set(zip(names, days, strict=True))) != len(days):
        times = Counter(zip(names, days, strict=True))
        twice = [cell for cell, count in times.items() if count > 1]
        raise ContractError("a day stands twice in one series", values=twice)
    cells = zip(days, names, frame["value"].to_list(), frame["smooth"].to_list(), strict=True)
    lines: dict[str, Points] = {}
    dots: Points = []
    for day, name, value, smooth in cells:
        if name not in labels or not first <= day <= last:
            continue
        if smooth is not None and math.isfinite(smooth):
            lines.setdefault(name, []).append((day - first + 0.5, smooth))
        if name == "self" and value is not None and math.isfinite(value):
            dots.append((day - first + 0.5, value))
    for points in (*lines.values(), dots):
        points.sort()
    return lines, dots


def daily_rows(lines: Mapping[str, Points], per_pixel: float) -> list[dict[str, float]]:
    """Return one row per day: ``x`` and a key per series that has a value.

    A missing key breaks that line; days on which all are missing leave one empty row.

    Parameters
    ----------
    lines
        points by series.
    per_pixel
        how much value a pixel is worth: a tenth of it is all that survives in the drawing.
    """
    digits = max(0, 2 - math.floor(math.log10(per_pixel)))
    rows: dict[float, dict[str, float]] = {}
    for name, points in lines.items():
        for day, value in points:
            rows.setdefault(day, {"x": day})[name] = round(value, digits)
    days = sorted(rows)
    gaps = [day + 0.5 for day, later in pairwise(days) if later - day > 1]
    return [rows.get(day, {"x": day}) for day in sorted([*days, *gaps])]
