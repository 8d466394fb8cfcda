"""Which vintage the codes of a staged table have, held against what the contract declares."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import duckdb
import polars as pl

from lds.database import query, quoted
from lds.geography.classification.codes import possible_editions
from lds.geography.classification.verdict import Classification, assess
from lds.geography.classification.vintages import Window
from lds.geography.classification.wording import span
from lds.geography.register import Register
from lds.sources.contract import Contract, Place
from lds.sources.profiles.change import some
from lds.sources.profiles.columns import TABLE
from lds.text import join_words, long_date

NO_CODES = ("postcode", "coordinates")
"""Levels whose columns hold no area codes; nor do places that are named."""
WITH_DISTRICTS = ("LAD", "mixed")
_DECLARED = re.compile(r"(?P<year>\d{4})(?P<day>-\d\d-\d\d)?(?=$|:)")


def code_vintages(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    register: Register,
    distinct: dict[str, int],
    *,
    time: str | None,
    most: int,
) -> list[dict[str, Any]]:
    """Return the vintage of each column of codes, in the order of the contract.

    Parameters
    ----------
    distinct : the number of distinct values of each column of the table.
    time : the column of the rows' own times, which codes of districts are held against.
    most : distinct codes above which a column is left out.

    Returns
    -------
    list of dict
        ``column``, ``level``; ``declared`` (the contract's words); from the geography engine
        ``sentence``, ``verdict``, ``window`` (``first_day`` and ``last_day`` on which all districts
        were live; None where there are none or vintages are mixed) and ``editions`` (years of the
        censuses that the small areas of each kind can be of); ``short``, the vintage in few words;
        ``agreement``: ``agrees``, ``differs``, or ``open`` where the contract declares none that
        codes can belie; ``comparison``, a sentence.
    """
    found = []
    for place in contract.places:
        if place.level in NO_CODES or place.level.startswith("place "):
            continue
        for column in place.columns:
            if 0 < distinct.get(column, 0) <= most:
                dated = time if place.level in WITH_DISTRICTS else None
                read = _classify(con, column, register, dated)
                agreement, comparison = _compare(read, place)
                found.append(
                    {
                        "column": column,
                        "level": place.level,
                        "declared": place.vintage,
                        "sentence": read.sentence(),
                        "verdict": read.verdict,
                        "window": _days(read.window),
                        "editions": _editions(read),
                        "short": _short(read),
                        "agreement": agreement,
                        "comparison": comparison,
                    }
                )
    return found


def _classify(
    con: duckdb.DuckDBPyConnection, column: str, register: Register, time: str | None
) -> Classification:
    """Classify a column by its distinct codes and, with a time, its distinct pairs with it."""
    text = f"nullif(trim(cast({quoted(column)} as varchar)), '') as text"
    values = query(con, f"select {text}, count(*) as rows from {TABLE} group by 1 order by 1")
    pairs = None
    if time is not None:
        pairs = query(
            con,
            f"select {text}, cast({quoted(time)} as varchar) as date, count(*) as rows from {TABLE}"
            " group by 1, 2 order by 1, 2",
        ).with_columns(pl.col("rows").cast(pl.Int64))
    return assess(
        values.with_columns(pl.col("rows").cast(pl.Int64)),
        register,
        column=column,
        named=True,
        date_column=time,
        date_pairs=pairs,
    )


def _short(found: Classification) -> str:
    """Return the vintage in few words: of districts, or else of the kinds of code there are."""
    if found.verdict == "mixed":
        return f"mixed: {len(found.segments)} vintages"
    if found.window is not None and found.best is not None:
        time = found.best if found.verdict == "complete" else found.window
        return span(time, found.period)
    editions = [found.edition(kind) for kind in found.kinds["kind"]]
    return join_words([words for words in editions if words])


def _compare(found: Classification, place: Place) -> tuple[str, str]:
    """Return ``agrees``, ``differs`` or ``open``, and the sentence that says so."""
    declared = _DECLARED.match(place.vintage)
    if declared is None or place.vintage_is not in (None, "declared"):
        return "open", f"The contract declares no one vintage ({place.vintage})."
    odd, asked = None, None
    if found.lads and declared["day"]:
        day = date.fromisoformat(declared[0])
        asked, odd = f"the districts of {long_date(day)}", _not_live(found, day, day)
    elif found.lads and place.level in WITH_DISTRICTS:
        year = int(declared["year"])
        asked = f"the districts of {year}"
        odd = _not_live(found, date(year, 1, 1), date(year, 12, 31))
    elif not found.lads and not declared["day"]:
        year = int(declared["year"])
        editions = _editions(found)
        asked = f"small areas of the census of {year}"
        odd = [
            f"{kind.upper()}: {found.edition(kind)}"
            for kind, years in sorted(editions.items())
            if year not in years
        ]
        odd = odd if editions else None
    if odd is None:
        return (
            "open",
            f"What the contract declares ({place.vintage}) cannot be seen from the codes.",
        )
    if odd:
        return "differs", f"The contract declares {asked}, but these do not fit: {some(odd)}."
    return "agrees", f"The contract declares {asked}, and every code fits."


def _not_live(found: Classification, first_day: date, last_day: date) -> list[str]:
    """Return the codes of districts that were not live in a time, the unknown ones included."""
    lives = found.codes.filter(pl.col("known")).select("code", "start_date", "end_date").unique()
    live = {
        code
        for code, start, end in lives.iter_rows()
        if Window(start, end or date.max).overlaps(first_day, last_day)
    }
    return sorted({*found.lads, *found.unknown} - live)


def _editions(found: Classification) -> dict[str, list[int]]:
    """Return the censuses that the small areas of each kind can be of, where any are kept."""
    return {
        kind: possible_editions(kind, found.codes.filter(pl.col("kind") == kind)["code"])
        for kind in found.kinds["kind"]
        if found.edition(kind)
    }


def _days(time: Window | None) -> dict[str, str] | None:
    if time is None:
        return None
    return {"first_day": time.first_day.isoformat(), "last_day": time.last_day.isoformat()}
