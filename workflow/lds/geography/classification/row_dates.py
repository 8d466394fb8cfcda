"""The day or time that a row of a table is about, read from text."""

from __future__ import annotations

import polars as pl

from lds.text import MONTHS

READABLE = 0.95
"""The share of a column's values that must be dates before the column is taken for dates."""

_ISO = r"^\s*(\d{4}-\d{2}-\d{2})(?:[T ][\d:.]+Z?)?\s*$"
_ISO_PERIOD = r"^\s*(\d{4}-\d{2}-\d{2})T[\d:]+/P(\d+)([YMD])\s*$"
_BRITISH = r"^\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*$"
_YEAR = r"^\s*((?:19|20)\d{2})\s*$"
_YEAR_MONTH = r"^\s*((?:19|20)\d{2})-(\d{2})\s*$"
_MONTH_YEAR = r"^\s*([A-Za-z]{3,9})[ -]((?:19|20)\d{2})\s*$"


def read_dates(texts: pl.Series) -> pl.DataFrame:
    """Return the first and the last day that each text stands for.

    Understood: ``2020-03-01`` (with or without a time), ``01/03/2020`` (day first), ``2020``,
    ``2020-03``, ``Mar 2020`` or ``March 2020``, and ISO 8601 starts with a length
    (``2018-09-01T00:00:00/P1Y``).

    Returns
    -------
    pl.DataFrame
        One row per text, in their order: ``text``, ``first_day``, ``last_day`` (both null where
        the text is no date).
    """
    text = pl.col("text")
    months = {
        spelling.lower(): number
        for number, month in enumerate(MONTHS, 1)
        for spelling in (month, month[:3])
    }
    iso = text.str.extract(_ISO).str.to_date("%Y-%m-%d", strict=False)
    british = pl.concat_str(
        [text.str.extract(_BRITISH, part).str.zfill(2) for part in (3, 2, 1)], separator="-"
    ).str.to_date("%Y-%m-%d", strict=False)
    start = text.str.extract(_ISO_PERIOD, 1).str.to_date("%Y-%m-%d", strict=False)
    length = text.str.extract(_ISO_PERIOD, 2) + (
        text.str.extract(_ISO_PERIOD, 3).replace({"Y": "y", "M": "mo", "D": "d"})
    )
    year = (text.str.extract(_YEAR) + "-01-01").str.to_date("%Y-%m-%d", strict=False)
    name = text.str.extract(_MONTH_YEAR, 1).str.to_lowercase()
    number = name.replace_strict(months, default=None, return_dtype=pl.Int64)
    month = pl.coalesce(
        pl.concat_str(
            [text.str.extract(_YEAR_MONTH, 1), text.str.extract(_YEAR_MONTH, 2)], separator="-"
        ),
        text.str.extract(_MONTH_YEAR, 2) + "-" + number.cast(pl.String).str.zfill(2),
    )
    month_start = (month + "-01").str.to_date("%Y-%m-%d", strict=False)
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(
        first_day=pl.coalesce(iso, british, start, year, month_start),
        start=start,
        length=length,
        year=year,
        month_start=month_start,
    )
    return frame.select(
        "text",
        "first_day",
        last_day=pl.coalesce(
            pl.when(pl.col("start").is_not_null()).then(
                pl.col("start").dt.offset_by(pl.col("length").fill_null("0d")).dt.offset_by("-1d")
            ),
            pl.col("year").dt.offset_by("1y").dt.offset_by("-1d"),
            pl.col("month_start").dt.month_end(),
            "first_day",
        ),
    )


def date_columns(frame: pl.DataFrame) -> list[str]:
    """Return the columns of text whose values (blank ones aside) are nearly all dates."""
    found = []
    for name in _may_be_dates(frame):
        given = frame[name].str.strip_chars()
        given = given.filter(given.is_not_null() & (given != ""))
        dates = read_dates(given)["first_day"]
        if len(dates) - dates.null_count() >= READABLE * len(dates):
            found.append(name)
    return found


def _may_be_dates(frame: pl.DataFrame) -> list[str]:
    """Return the columns whose first value is a date, read for all columns at once."""
    filled = (values.filter(values.str.strip_chars() != "") for values in frame.iter_columns())
    first = pl.Series([next(iter(values), None) for values in filled], dtype=pl.String)
    days = read_dates(first)["first_day"]
    return [name for name, day in zip(frame.columns, days, strict=True) if day is not None]
