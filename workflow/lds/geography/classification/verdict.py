"""Which vintage of LAD codes a table has: what its codes are, and when all of them were live."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from lds.geography.classification.codes import code_kinds, describe_codes, small_area_edition
from lds.geography.classification.row_dates import read_dates
from lds.geography.classification.vintages import (
    Segment,
    Window,
    coverage,
    often_absent,
    segments,
    window,
)
from lds.geography.names import combined_areas, name_keys
from lds.geography.register import Register

HEADER_YEAR = re.compile(r"^(?:lad|ltla|utla|la|ladua|ctyua)_?(?:20)?(\d\d)(?=\D|$)", re.IGNORECASE)
"""The year that the name of a column claims for its codes: ``LAD20CD``, ``ltla19_code``."""


@dataclass(frozen=True, eq=False)
class RowDates:
    """What the rows' own dates say about their codes.

    Attributes
    ----------
    column : the column of dates.
    rows : rows with an English LAD of the register and a date within the register's period.
    not_live : codes that were not live on the date of some row: ``code``, ``name``, ``rows`` (how
        many), ``first_day``, ``last_day`` (of those rows' dates); most rows first.
    outside : rows with such a code whose date is outside the register's period.
    unread : rows with such a code whose date is missing or cannot be read.
    dates : the number of distinct dates; `mixed_dates`, of those on which no single day had all
        codes of that date.
    """

    column: str
    rows: int
    not_live: pl.DataFrame
    outside: int
    unread: int
    dates: int
    mixed_dates: int


@dataclass(frozen=True)
class OtherColumn:
    """A further column with area codes: its rows with codes, distinct LADs, and their window."""

    name: str
    rows: int
    lads: int
    window: Window | None
    claims: str | None


@dataclass(frozen=True, eq=False)
class Classification:
    """What the codes of a table are, and when all of them were live.

    Attributes
    ----------
    table_name : the file, and the sheet of a workbook; null for a table in memory.
    column : the column of codes; `named`, whether the caller named it (else found by content).
    rows : all rows of the table; `blank`, those without a value in the column.
    codes : one row per distinct text that is a code: ``text``, ``code``, ``kind``, ``level``,
        ``known`` (to the register; null unless it looks like an English LAD), ``name``,
        ``start_date``, ``end_date``, ``rows``, ``segment`` (number; null without one).
    other_values : texts that are no codes: ``text``, ``rows``.
    kinds : ``kind``, ``level``, ``label``, ``plural``, ``rows``, ``codes``; most codes first.
    window : the days on which all English LAD codes were live; None when there was no such day.
    vintages : `lds.geography.classification.vintages.coverage` of the LAD codes; empty without any.
    best : the vintage that fits best: inside the window where there is one.
    absent : LADs of the best vintage that the column does not have: ``code``, ``name``,
        ``reason`` (null unless the absence is a known one).
    combined : combined areas recognised: ``code``, ``name``, ``members`` (list), ``by`` (``code``
        or ``name``).
    segments : the fewest windows that hold all LAD codes: one, or several where vintages are mixed.
    claims : what the column's name says and its codes do not: null where it says nothing or truth.
    dates : what the rows' own dates say; null without a column of dates.
    others : further columns with area codes.
    period : the days for which the register is complete.
    """

    table_name: str | None
    column: str
    named: bool
    rows: int
    blank: int
    codes: pl.DataFrame
    other_values: pl.DataFrame
    kinds: pl.DataFrame
    window: Window | None
    vintages: pl.DataFrame
    best: Window | None
    absent: pl.DataFrame
    combined: pl.DataFrame
    segments: tuple[Segment, ...]
    claims: str | None
    dates: RowDates | None
    others: tuple[OtherColumn, ...]
    period: Window

    @cached_property
    def lads(self) -> list[str]:
        """Return the distinct English LAD codes of the register, sorted."""
        return self.codes.filter(pl.col("known"))["code"].unique().sort().to_list()

    @cached_property
    def unknown(self) -> list[str]:
        """Return the codes that look like English LADs and are not in the register, sorted."""
        return self.codes.filter(~pl.col("known"))["code"].unique().sort().to_list()

    @property
    def level(self) -> str | None:
        """Return the level that most of the distinct codes have (``local_authority``, ...)."""
        return self.levels[0] if self.levels else None

    @cached_property
    def levels(self) -> list[str]:
        """Return every level of the codes, the one with most distinct codes first."""
        totals = self.kinds.group_by("level", maintain_order=True).agg(pl.col("codes").sum())
        return totals.sort("codes", descending=True, maintain_order=True)["level"].to_list()

    @property
    def verdict(self) -> str:
        """Return the verdict in a word.

        ``complete``: all LADs of one vintage, known absences aside; ``partial``: some LADs, which
        share a time; ``mixed``: LADs that were never live together; ``no_lads``: none in England.
        """
        if not self.lads:
            return "no_lads"
        if self.window is None:
            return "mixed"
        return "partial" if self.absent["reason"].null_count() else "complete"

    def table(self) -> pl.DataFrame:
        """Return how the codes fit each vintage; lists of codes as text with blanks between."""
        lists = pl.col("missing_codes", "unexpected_codes").list.join(" ")
        return self.vintages.with_columns(lists)

    def sentence(self) -> str:
        """Return the verdict in plain words."""
        from lds.geography.classification.wording import sentence

        return sentence(self)

    def to_dict(self) -> dict[str, object]:
        """Return everything as values that JSON can hold."""
        from lds.geography.classification.wording import to_dict

        return to_dict(self)

    def edition(self, kind: str) -> str | None:
        """Return in words which census edition the small areas of one kind are of."""
        return small_area_edition(kind, self.codes.filter(pl.col("kind") == kind)["code"])


def assess(
    values: pl.DataFrame,
    register: Register,
    *,
    column: str,
    named: bool = False,
    table_name: str | None = None,
    date_pairs: pl.DataFrame | None = None,
    date_column: str | None = None,
    beside: pl.DataFrame | None = None,
    others: Sequence[OtherColumn] = (),
) -> Classification:
    """Return the verdict on the distinct values of one column.

    Parameters
    ----------
    values : ``text`` (null for blank) and ``rows``.
    date_pairs : ``text``, ``date`` (text), ``rows``: the distinct pairs, where there are dates.
    beside : ``code``, ``text``: values of other columns in rows whose code may stand for a
        combined area, for its name.
    """
    filled = values.filter(pl.col("text").is_not_null())
    described = describe_codes(filled["text"], register).with_columns(rows=filled["rows"])
    codes = described.filter(pl.col("kind").is_not_null())
    lads = codes.filter(pl.col("known"))["code"].unique().sort().to_list()
    parts = segments(lads, register)
    numbers = {code: part.number for part in parts for code in part.codes}
    shared = window(lads, register)
    fits = coverage(lads, register) if lads else coverage(lads, register).clear()
    best = _best(fits, shared)
    combined = _combined(codes, beside)
    dates = None
    if date_pairs is not None and date_column is not None:
        dates = _row_dates(date_pairs, codes, register, date_column)
    return Classification(
        table_name=table_name,
        column=column,
        named=named,
        rows=int(values["rows"].sum()),
        blank=int(values.filter(pl.col("text").is_null())["rows"].sum()),
        codes=codes.with_columns(
            segment=pl.col("code").replace_strict(numbers, default=None, return_dtype=pl.Int64)
        ),
        other_values=described.filter(pl.col("kind").is_null()).select("text", "rows"),
        kinds=_kinds(codes),
        window=shared,
        vintages=fits,
        best=best,
        absent=_absent(fits, best, combined, register),
        combined=combined,
        segments=parts,
        claims=header_claim(column, shared or best, register),
        dates=dates,
        others=tuple(others),
        period=Window(register.complete_from, register.complete_to),
    )


def header_claim(name: str, time: Window | None, register: Register) -> str | None:
    """Return the year that a column's name claims and its codes belie; None where they agree."""
    found = HEADER_YEAR.match(name.strip())
    if found is None or time is None:
        return None
    year = 2000 + int(found[1])
    if not register.complete_from.year <= year <= register.complete_to.year:
        return None
    return None if time.overlaps(date(year, 1, 1), date(year, 12, 31)) else str(year)


def _kinds(codes: pl.DataFrame) -> pl.DataFrame:
    counted = codes.group_by("kind").agg(pl.col("rows").sum(), codes=pl.col("code").n_unique())
    return (
        code_kinds()
        .select("kind", "level", "label", "plural")
        .join(counted, on="kind", how="inner", maintain_order="left")
        .with_columns(pl.col("codes").cast(pl.Int64))
        .sort("codes", descending=True, maintain_order=True)
    )


def _best(fits: pl.DataFrame, shared: Window | None) -> Window | None:
    """Return the vintage that fits best: all codes live where possible, then fewest differences."""
    if shared is not None:
        fits = fits.filter(pl.col("unexpected") == 0)
    ranked = fits.sort(
        pl.col("missing") + pl.col("unexpected"), "first_day", descending=[False, True]
    )
    if ranked.is_empty():
        return None
    return Window(*ranked.select("first_day", "last_day").row(0))


def _absent(
    fits: pl.DataFrame, best: Window | None, combined: pl.DataFrame, register: Register
) -> pl.DataFrame:
    missing: list[str] = []
    if best is not None:
        missing = fits.filter(pl.col("first_day") == best.first_day)["missing_codes"][0].to_list()
    reasons = {}
    for code, partner in often_absent(register).items():
        name = register.name_on(partner, register.complete_to)
        reasons[code] = f"often left out, or published with {name} ({partner})"
    for code, name, members in combined.select("code", "name", "members").iter_rows():
        reasons |= dict.fromkeys(members, f"part of {name} ({code})")
    day = best.first_day if best else register.complete_to
    names = dict(register.live_on(day).select("code", "name").iter_rows())
    rows = [(code, names[code], reasons.get(code)) for code in missing]
    schema = {"code": pl.String, "name": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _combined(codes: pl.DataFrame, beside: pl.DataFrame | None) -> pl.DataFrame:
    """Return the combined areas in a column: by their own code, or by the name beside a code."""
    present = set(codes["code"])
    names: dict[str, set[str]] = {}
    within = codes.select("code", text=pl.col("text").str.replace(r"[A-Za-z]\d{8}\W*", ""))
    rows = within.rows() + ([] if beside is None else beside.select("code", "text").rows())
    for code, text in rows:
        if text and code in present:
            names.setdefault(code, set()).update(name_keys(text))
    found = {}
    for code, name, members in combined_areas().select("code", "name", "members").iter_rows():
        if code not in present or code in found:
            continue
        if code not in members:
            found[code] = (code, name, members, "code")
        elif name_keys(name) & names.get(code, set()):
            found[code] = (code, name, members, "name")
    return pl.DataFrame(
        list(found.values()),
        schema={
            "code": pl.String,
            "name": pl.String,
            "members": pl.List(pl.String),
            "by": pl.String,
        },
        orient="row",
    )


def _row_dates(
    pairs: pl.DataFrame, codes: pl.DataFrame, register: Register, column: str
) -> RowDates:
    """Hold the codes against the dates of their rows."""
    known = codes.filter(pl.col("known")).select("text", "code", "name", "start_date", "end_date")
    texts = pairs["date"].unique().drop_nulls().sort()
    days = read_dates(texts).rename({"text": "date"}).unique("date")
    dated = pairs.join(known, on="text", how="inner").join(days, on="date", how="left")
    unread = dated.filter(pl.col("first_day").is_null())
    judged = dated.filter(
        pl.col("first_day") <= register.complete_to, pl.col("last_day") >= register.complete_from
    )
    ended = pl.col("end_date").is_not_null() & (pl.col("end_date") < pl.col("first_day"))
    live = (pl.col("start_date") <= pl.col("last_day")) & ~ended
    last = pl.col("end_date").fill_null(register.complete_to)
    shared = judged.group_by("date").agg(mixed=pl.col("start_date").max() > last.min())
    not_live = (
        judged.filter(~live)
        .group_by("code", "name")
        .agg(pl.col("rows").sum(), pl.col("first_day").min(), pl.col("last_day").max())
        .sort("rows", "code", descending=[True, False])
    )
    rows = int(judged["rows"].sum())
    unread_rows = int(unread["rows"].sum())
    return RowDates(
        column=column,
        rows=rows,
        not_live=not_live,
        outside=int(dated["rows"].sum()) - rows - unread_rows,
        unread=unread_rows,
        dates=shared.height,
        mixed_dates=int(shared["mixed"].sum()),
    )
