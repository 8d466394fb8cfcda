"""From LAD codes of any day to those of another, forward through the register's changes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from lds.geography.register import Register
from lds.geography.register_files import SUCCESSION

_TRANSLATION = {
    "from_code": pl.String,
    "to_code": pl.String,
    "match": pl.String,
    "path": pl.String,
}


def translate(register: Register, to: date) -> pl.DataFrame:
    """Return the code live on `to` that each earlier or same code leads to.

    Columns: ``from_code``; ``to_code``; ``match``, ``exact`` or ``best_fit`` (a boundary moved at
    one of the steps); ``path``, the codes passed through, joined by ``>``. One row per code that
    leads to exactly one code, identities included, sorted by ``from_code``; the other codes are in
    `not_convertible`.

    Raises
    ------
    GeographyError : when the register is not complete for `to`.
    """
    live = set(register.live_on(to)["code"])
    past = register.changes.filter(pl.col("date") <= to)
    successors = _successors(past)
    moved = past.filter(pl.col("kind") == "partial_transfer")
    givers, takers = set(moved["from_code"]), set(moved["to_code"])
    inexact = set(
        past.filter(pl.col("exactness") == "best_fit").select("from_code", "to_code").iter_rows()
    )
    rows = []
    for code in register.areas["code"]:
        path = [code]
        while len(following := successors.get(path[-1], [])) == 1:
            path.append(following[0])
        if path[-1] not in live:
            continue
        best_fit = any(
            (old, new) in inexact or old in givers or new in takers for old, new in pairwise(path)
        )
        rows.append((code, path[-1], "best_fit" if best_fit else "exact", ">".join(path)))
    return pl.DataFrame(rows, schema=_TRANSLATION, orient="row").sort("from_code")


def not_convertible(register: Register, to: date) -> pl.DataFrame:
    """Return the codes that lead to no single code live on `to`, each with its reason.

    Columns: ``from_code``, ``reason`` (a sentence), sorted by ``from_code``. A code made after
    `to` can only be taken back by weights; a code that was split leads to several.

    Raises
    ------
    GeographyError : when the register is not complete for `to`.
    """
    convertible = translate(register, to)["from_code"].to_list()
    rest = register.areas.filter(~pl.col("code").is_in(convertible))
    rows = []
    for code, start in rest.select("code", "start_date").iter_rows():
        reason = register.origin(code) if start > to else register.fate(code, to)
        rows.append((code, f"{reason}."))
    schema = {"from_code": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("from_code")


def predecessors(register: Register, code: str, since: date | None = None) -> pl.DataFrame:
    """Return the codes that `code` was made from, at any number of steps.

    Columns: ``code``, ``name`` (on its last day), ``start_date``, ``end_date``, ``became`` (the
    code of the next step), ``date`` (of that step), ``kind``, ``exactness``; sorted by ``date``
    and ``code``. With `since`, only steps after that day: the codes that data of that vintage
    may carry. An area that only gave land (``partial_transfer``) is not a predecessor.

    Raises
    ------
    GeographyError : when the register has no such code.
    """
    register.name_on(code, register.complete_to)
    steps = register.changes.filter(pl.col("kind").is_in(SUCCESSION))
    if since is not None:
        steps = steps.filter(pl.col("date") > since)
    found = steps.filter(pl.col("from_code").is_in(sorted(_lineage(steps, code) - {code})))
    return (
        found.join(register.areas, left_on="from_code", right_on="code", how="left")
        .select(
            pl.col("from_code").alias("code"),
            *("name", "start_date", "end_date"),
            pl.col("to_code").alias("became"),
            *("date", "kind", "exactness"),
        )
        .sort("date", "code")
    )


def history(register: Register, code: str) -> pl.DataFrame:
    """Return every dated change of `code` and of the codes that it was made from.

    Columns: ``date``, ``instrument``, ``instrument_title``, ``kind``, ``from_code``, ``from_name``
    (on the day before), ``to_code``, ``to_name`` (on the day), ``exactness``; sorted by ``date``,
    ``to_code``, ``from_code``. Transfers of land and renames are in it, and the end of the code
    where it has one. Sources: `Register.changes`.

    Raises
    ------
    GeographyError : when the register has no such code.
    """
    register.name_on(code, register.complete_to)
    lineage = sorted(_lineage(register.changes.filter(pl.col("kind").is_in(SUCCESSION)), code))
    changes = register.changes.filter(
        pl.col("from_code").is_in(lineage) | pl.col("to_code").is_in(lineage)
    )
    names = [
        (register.name_on(old, day - timedelta(days=1)), register.name_on(new, day))
        for old, new, day in changes.select("from_code", "to_code", "date").iter_rows()
    ]
    return changes.with_columns(
        from_name=pl.Series([old for old, _ in names], dtype=pl.String),
        to_name=pl.Series([new for _, new in names], dtype=pl.String),
    ).select(
        *("date", "instrument", "instrument_title", "kind"),
        *("from_code", "from_name", "to_code", "to_name", "exactness"),
    )


def _successors(changes: pl.DataFrame) -> dict[str, list[str]]:
    """Return the codes that each ended code became."""
    successors: dict[str, list[str]] = {}
    steps = changes.filter(pl.col("kind").is_in(SUCCESSION))
    for old, new in steps.select("from_code", "to_code").iter_rows():
        successors.setdefault(old, []).append(new)
    return successors


def _lineage(steps: pl.DataFrame, code: str) -> set[str]:
    """Return `code` and every code that it was made from."""
    lineage, newest = {code}, {code}
    while newest:
        newest = set(steps.filter(pl.col("to_code").is_in(sorted(newest)))["from_code"]) - lineage
        lineage |= newest
    return lineage
