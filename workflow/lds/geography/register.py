"""The register of English local authority districts (LADs): which codes were live when.

Facts come from the ONS Code History Database and the orders that made the changes; see
``workflow/resources/README.md``, section "Area register".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from lds.errors import GeographyError
from lds.geography.names import name_keys
from lds.geography.register_files import SUCCESSION, read_register_files
from lds.io import RESOURCES

SUGGESTIONS = 5
"""How many areas a message suggests."""


@dataclass(frozen=True, eq=False)
class Register:
    """Every English LAD code since 1 January 2009, and every change of one.

    Attributes
    ----------
    areas : one row per code. ``code``, ``name`` (the latest), ``old_names`` (list, oldest first),
        ``region_code``, ``county_code`` (of a district in a two-tier county or a metropolitan
        county, the county that the code was last in; else null), ``start_date``, ``end_date``
        (the last day; null while live).
    changes : one row per change and pair of codes. ``date`` (first day), ``instrument`` (null when
        no statutory instrument made it), ``instrument_title``, ``kind`` (``merge``, ``recode``,
        ``partial_transfer``, ``rename``), ``from_code``, ``to_code``, ``exactness`` (``exact``, or
        ``best_fit`` where a boundary moved).
    population : ``code``, ``year``, ``population``: mid-year residents of each code live since
        2018, for use as a weight.
    regions : ``code``, ``name``.
    counties : ``code``, ``name``, ``start_date``, ``end_date``.
    complete_from, complete_to : the first and the last day for which the register is complete.
    """

    areas: pl.DataFrame
    changes: pl.DataFrame
    population: pl.DataFrame
    regions: pl.DataFrame
    counties: pl.DataFrame
    complete_from: date
    complete_to: date

    @classmethod
    def load(cls, folder: Path = RESOURCES) -> Register:
        """Read the register from a folder of its six files.

        Raises
        ------
        GeographyError : naming file, column, line and remedy, when a file is missing or malformed.
        """
        return cls(**read_register_files(folder)._asdict())

    def require_vintage(self, day: date) -> None:
        """Raise `GeographyError` when the register is not complete for `day`."""
        if not self.complete_from <= day <= self.complete_to:
            raise GeographyError(
                f"The area register does not cover {day}.",
                remedy=f"Choose a date from {self.complete_from} to {self.complete_to}, or bring "
                "the register up to date (workflow/resources/README.md says how).",
            )

    def live_on(self, day: date) -> pl.DataFrame:
        """Return the areas live on `day`, sorted by code.

        Columns are those of `areas`; ``name`` is the name of that day and ``old_names`` those
        before it.

        Raises
        ------
        GeographyError : when the register is not complete for `day`.
        """
        self.require_vintage(day)
        later = (
            self.changes.filter(pl.col("kind") == "rename", pl.col("date") > day)
            .group_by("from_code")
            .agg(later=pl.len().cast(pl.Int64))
        )
        current = pl.col("names").list.len().cast(pl.Int64) - 1 - pl.col("later")
        return (
            self.areas.filter(is_live(day))
            .join(later, left_on="code", right_on="from_code", how="left")
            .with_columns(
                pl.col("later").fill_null(0), names=pl.concat_list(pl.col("old_names", "name"))
            )
            .with_columns(
                name=pl.col("names").list.get(current), old_names=pl.col("names").list.head(current)
            )
            .select(self.areas.columns)
            .sort("code")
        )

    def name_on(self, code: str, day: date) -> str:
        """Return the name that `code` had on `day`; outside its life, the nearest name it had.

        Raises
        ------
        GeographyError : when the register has no such code.
        """
        area = self._area(code)
        later = self.changes.filter(
            pl.col("kind") == "rename", pl.col("from_code") == code, pl.col("date") > day
        ).height
        names: list[str] = [*area["old_names"], area["name"]]
        return names[-1 - later]

    def label(self, code: str) -> str:
        """Return ``code name`` as messages have it; an ended code carries its last day.

        Raises
        ------
        GeographyError : when the register has no such code.
        """
        area = self._area(code)
        until = f" (until {area['end_date']})" if area["end_date"] else ""
        return f"{code} {area['name']}{until}"

    def resolve(self, text: str, vintage: date) -> str:
        """Return the code that a code or name stands for among the areas live on `vintage`.

        Old names are understood, and the spellings of `name_keys`; nothing is guessed.

        Raises
        ------
        GeographyError : when `text` is unknown (with suggestions), when it names an area that was
            not live then (with what it became or came from), or when the register is not complete
            for `vintage`.
        """
        self.require_vintage(vintage)
        found = self._matching(text)
        if found.is_empty():
            raise self._unknown(text)
        live = found.filter(is_live(vintage))["code"].to_list()
        if len(live) == 1:
            return str(live[0])
        if live:
            raise GeographyError(
                f"{text!r} names more than one area.",
                values=live,
                remedy="Give the code instead of the name.",
            )
        raise GeographyError(
            f"{text!r} was not an area on {vintage}.",
            remedy="; ".join(self._elsewhen(code, vintage) for code in found["code"]),
        )

    def suggest(self, text: str) -> list[str]:
        """Return up to five areas like `text`, as labels, the likeliest first.

        An area that has exactly this code, name or old name comes first; then similar codes or
        names; then names that contain `text`.
        """
        exact = self._matching(text)["code"].to_list()
        key = min(name_keys(text), key=len)
        spellings: dict[str, list[str]] = {}
        for code, name, old_names in self.areas.select("code", "name", "old_names").iter_rows():
            for spelling in {code.casefold(), *_keys([name, *old_names])}:
                spellings.setdefault(spelling, []).append(code)
        near = get_close_matches(key, spellings, n=SUGGESTIONS, cutoff=0.7)
        containing = sorted(spelling for spelling in spellings if len(key) > 2 and key in spelling)
        codes = [*exact, *(code for match in [*near, *containing] for code in spellings[match])]
        return [self.label(code) for code in list(dict.fromkeys(codes))[:SUGGESTIONS]]

    def origin(self, code: str) -> str:
        """Return in words when `code` was made and from which codes; empty for an original code."""
        made = self.changes.filter(pl.col("to_code") == code, pl.col("kind").is_in(SUCCESSION))
        if made.is_empty():
            return ""
        day: date = made["date"][0]
        parts = [self._named(part, day - timedelta(days=1)) for part in made["from_code"]]
        return f"{self._named(code, day)} was made on {day} from {', '.join(parts)}"

    def fate(self, code: str, day: date) -> str:
        """Return in words what `code` had become by `day`; empty while it is live."""
        steps = self.changes.filter(pl.col("date") <= day, pl.col("kind").is_in(SUCCESSION))
        text, codes = "", [code]
        while not (made := steps.filter(pl.col("from_code").is_in(codes))).is_empty():
            codes = made["to_code"].unique().sort().to_list()
            when: date = made["date"][0]
            into = " and ".join(self._named(new, when) for new in codes)
            text += f", then {into} on {when}" if text else f"became {into} on {when}"
        return f"{self.label(code)} {text}" if text else ""

    def _area(self, code: str) -> dict[str, Any]:
        """Return the row of `areas` of a code; raise `GeographyError` when there is none."""
        area = self.areas.filter(pl.col("code") == code)
        if area.is_empty():
            raise self._unknown(code)
        return area.row(0, named=True)

    def _matching(self, text: str) -> pl.DataFrame:
        """Return the areas whose code is `text`, or else whose names share a key with it."""
        by_code = self.areas.filter(pl.col("code") == text.strip().upper())
        if not by_code.is_empty():
            return by_code
        keys = name_keys(text)
        named = [
            code
            for code, name, old_names in self.areas.select("code", "name", "old_names").iter_rows()
            if keys & _keys([name, *old_names])
        ]
        return self.areas.filter(pl.col("code").is_in(named))

    def _elsewhen(self, code: str, vintage: date) -> str:
        """Say what an area that was not live on `vintage` became or came from."""
        return self.fate(code, vintage) or self.origin(code)

    def _named(self, code: str, day: date) -> str:
        return f"{code} {self.name_on(code, day)}"

    def _unknown(self, text: str) -> GeographyError:
        near = self.suggest(text)
        return GeographyError(
            f"{text!r} is not an English local authority district.",
            remedy=f"Did you mean {'; '.join(near)}?"
            if near
            else "Give the code (E06..., E07..., E08... or E09...) or the full name.",
        )


def is_live(day: date) -> pl.Expr:
    """Return whether ``start_date`` and ``end_date`` (the last day; null: none yet) hold `day`."""
    ended = pl.col("end_date").is_not_null() & (pl.col("end_date") < day)
    return (pl.col("start_date") <= day) & ~ended


def _keys(names: list[str]) -> frozenset[str]:
    return frozenset().union(*map(name_keys, names))
