"""Vintages: between which days a set of LAD codes was live, and how well it fits each vintage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import polars as pl

from lds.geography.names import combined_areas
from lds.geography.register import Register

_DAY = timedelta(days=1)


class Window(NamedTuple):
    """A time from its first day to its last, both within the register."""

    first_day: date
    last_day: date

    def overlaps(self, first_day: date, last_day: date) -> bool:
        """Return whether the two times share a day."""
        return self.first_day <= last_day and first_day <= self.last_day


@dataclass(frozen=True)
class Segment:
    """One of the fewest windows that a set of mixed codes needs.

    Attributes
    ----------
    number : 1 for the segment whose vintage fits the set best.
    window : the days on which all codes of the segment were live.
    codes : the codes that belong to it; each code of the set belongs to one segment.
    own_codes : those that were not live in the vintage of any other segment.
    """

    number: int
    window: Window
    codes: tuple[str, ...]
    own_codes: tuple[str, ...]


@cache
def often_absent(register: Register) -> dict[str, str]:
    """Return the codes that lists leave out because a bigger neighbour holds their figures.

    Each with the code of that neighbour: City of London with Hackney, Isles of Scilly with
    Cornwall. The earlier codes of the same areas are among them.
    """
    recodes = register.changes.filter(pl.col("kind") == "recode")
    earlier = dict(recodes.select("to_code", "from_code").iter_rows())
    absent: dict[str, str] = {}
    for code, members in combined_areas().select("code", "members").unique().sort("code").rows():
        if code in members:
            for member in members:
                while member != code and member is not None:
                    absent[member] = code
                    member = earlier.get(member)
    return absent


@cache
def vintages(register: Register) -> pl.DataFrame:
    """Return the times between which no LAD code began or ended.

    Columns: ``first_day``, ``last_day``, ``codes`` (list, sorted: those live throughout). The last
    vintage ends where the register does.
    """
    starts = register.areas["start_date"].to_list()
    after = [day + _DAY for day in register.areas["end_date"].drop_nulls()]
    days = sorted({register.complete_from, *starts, *after})
    first_days = [d for d in days if register.complete_from <= d <= register.complete_to]
    last_days = [*(day - _DAY for day in first_days[1:]), register.complete_to]
    codes = [register.live_on(day)["code"].to_list() for day in first_days]
    return pl.DataFrame(
        {"first_day": first_days, "last_day": last_days, "codes": codes},
        schema={"first_day": pl.Date, "last_day": pl.Date, "codes": pl.List(pl.String)},
    )


def window(codes: Collection[str], register: Register) -> Window | None:
    """Return the days on which all `codes` were live; None when there was no such day.

    Codes that the register does not have say nothing; without any that it has the answer is None.
    """
    lives = _lives(register)
    spans = [lives[code] for code in codes if code in lives]
    if not spans:
        return None
    shared = Window(max(span.first_day for span in spans), min(span.last_day for span in spans))
    return shared if shared.first_day <= shared.last_day else None


def coverage(codes: Collection[str], register: Register) -> pl.DataFrame:
    """Return how a set of LAD codes fits each vintage.

    Columns: ``first_day``, ``last_day``; ``expected``, the number of LADs; ``present``,
    ``missing``, ``unexpected`` (codes of the register that were not live then); ``coverage``,
    present / expected; ``missing_codes``, ``unexpected_codes`` (lists). Sorted by ``first_day``.
    """
    given = set(codes) & set(_lives(register))
    rows = []
    for first_day, last_day, live in vintages(register).iter_rows():
        missing = sorted(set(live) - given)
        unexpected = sorted(given - set(live))
        present = len(live) - len(missing)
        rows.append(
            (
                *(first_day, last_day, len(live), present, len(missing), len(unexpected)),
                *(round(present / len(live), 4), missing, unexpected),
            )
        )
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            "first_day": pl.Date,
            "last_day": pl.Date,
            "expected": pl.Int64,
            "present": pl.Int64,
            "missing": pl.Int64,
            "unexpected": pl.Int64,
            "coverage": pl.Float64,
            "missing_codes": pl.List(pl.String),
            "unexpected_codes": pl.List(pl.String),
        },
    )


def segments(codes: Collection[str], register: Register) -> tuple[Segment, ...]:
    """Return the fewest windows in which all codes of a set were live, each code in one of them.

    The fewest times that meet every code's life are found from the earliest end on; for each, the
    vintage that fits the whole set best is taken. A code that was live in several of these goes
    with the best fit. Codes that the register does not have are in none.
    """
    lives = _lives(register)
    known = sorted(set(codes) & set(lives), key=lambda code: (lives[code].last_day, code))
    groups: list[Window] = []
    for code in known:
        life = lives[code]
        if groups and life.first_day <= groups[-1].last_day:
            # Every code of a group was live on its last day, the earliest end among them.
            first_day = max(groups[-1].first_day, life.first_day)
            groups[-1] = groups[-1]._replace(first_day=first_day)
        else:
            groups.append(life)
    fits = coverage(known, register).with_columns(wrong=pl.col("missing") + pl.col("unexpected"))
    order, latest = ["wrong", "first_day"], [False, True]
    vintages_used = [fits.clear()]
    for group in groups:
        inside = (pl.col("first_day") >= group.first_day) & (pl.col("last_day") <= group.last_day)
        vintages_used.append(fits.filter(inside).sort(order, descending=latest).head(1))
    days = pl.concat(vintages_used).sort(order, descending=latest)["first_day"].to_list()
    live_on = {day: {code for code in known if lives[code].overlaps(day, day)} for day in days}
    placed: set[str] = set()
    found = []
    for number, day in enumerate(days, 1):
        members = sorted(live_on[day] - placed)
        placed.update(members)
        elsewhere = set().union(*(live_on[other] for other in days if other != day))
        own = [code for code in members if code not in elsewhere]
        shared = window(members, register)
        if shared is not None:
            found.append(Segment(number, shared, tuple(members), tuple(own)))
    return tuple(found)


@cache
def _lives(register: Register) -> dict[str, Window]:
    """Return the life of each code, as far as the register is complete."""
    return {
        code: Window(start, min(end or register.complete_to, register.complete_to))
        for code, start, end in register.areas.select("code", "start_date", "end_date").iter_rows()
    }
