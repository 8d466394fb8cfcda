"""From LAD codes of any day to those of another, through the register's changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import polars as pl

from lds.geography.register import Register
from lds.geography.register_files import SUCCESSION

REMEMBERED = 8
"""For how many registers derived tables are kept; no one may change them."""

_TRANSLATION = {
    "from_code": pl.String,
    "to_code": pl.String,
    "match": pl.String,
    "path": pl.String,
}
_LINKS = {
    "from_code": pl.String,
    "to_code": pl.String,
    "direction": pl.String,
    "match": pl.String,
    "path": pl.String,
    "covers": pl.Int64,
    "whole": pl.Int64,
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
    forward = links(register, to).filter(pl.col("direction") != "backward")
    return forward.select(*_TRANSLATION)


def links(register: Register, to: date) -> pl.DataFrame:
    """Return every pair of a code and a code live on `to` that share land, forward and backward.

    Columns: ``from_code``, ``to_code``, ``direction`` (``same``, ``forward`` or ``backward``),
    ``match`` (``best_fit`` where a boundary moved on the way, else ``exact``), ``path`` (the codes
    passed through, joined by ``>``), ``covers`` and ``whole`` (see `territories`: the share of
    ``to_code`` that ``from_code`` covers, and all of ``to_code``, as sets of bits). Sorted by
    ``from_code`` and ``to_code``. A code that leads forward to several codes has no row: nothing in
    the register says how much went where.

    Raises
    ------
    GeographyError : when the register is not complete for `to`.
    """
    live = set(register.live_on(to)["code"])
    inexact = inexact_steps(register)
    bits = territories(register)
    rows = []

    def add(path: Sequence[str], direction: str, steps: Sequence[tuple[str, str]]) -> None:
        match = "best_fit" if inexact.intersection(steps) else "exact"
        start, end = path[0], path[-1]
        covers, whole = bits[start] & bits[end], bits[end]
        rows.append((start, end, direction, match, ">".join(path), covers, whole))

    for path in forward_paths(register).values():
        if path[0] in live:
            add(path[:1], "same", ())
            for n, later in enumerate(path[1:], start=2):
                if later not in live:
                    add(path[n - 1 :: -1], "backward", list(pairwise(path[:n])))
        for n in range(2, len(path) + 1):
            if path[n - 1] in live:
                add(path[:n], "forward", list(pairwise(path[:n])))
    return pl.DataFrame(rows, schema=_LINKS, orient="row").sort("from_code", "to_code")


@lru_cache(maxsize=REMEMBERED)
def forward_paths(register: Register) -> Mapping[str, Sequence[str]]:
    """Return the codes that each code became, itself first, as long as there is just one."""
    successors = _successors(register.changes)
    paths: dict[str, Sequence[str]] = {}
    for code in register.areas["code"]:
        path = [code]
        while len(following := successors.get(path[-1], [])) == 1:
            path.append(following[0])
        paths[code] = path
    return paths


@lru_cache(maxsize=REMEMBERED)
def territories(register: Register) -> Mapping[str, int]:
    """Return the land of each code as a set of bits, one for each code that was made from none.

    Bits are numbered among the codes that lead to one last code, and mean nothing beyond them.
    Two codes with the same last code overlap when they share a bit; land moved between
    neighbours (``partial_transfer``) is not in it.
    """
    paths = forward_paths(register)
    made = {code for path in paths.values() for code in path[1:]}
    used: dict[str, int] = {}
    bits = dict.fromkeys(paths, 0)
    for code in sorted(set(paths) - made):
        last = paths[code][-1]
        bit = 1 << used.setdefault(last, 0)
        used[last] += 1
        for each in paths[code]:
            bits[each] |= bit
    return bits


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


def inexact_steps(register: Register) -> set[tuple[str, str]]:
    """Return the pairs of codes between which a boundary moved."""
    moved = register.changes.filter(pl.col("kind") == "partial_transfer")
    givers, takers = set(moved["from_code"]), set(moved["to_code"])
    main = register.changes.filter(pl.col("kind").is_in(SUCCESSION))
    return {
        (old, new)
        for old, new, exactness in main.select("from_code", "to_code", "exactness").iter_rows()
        if exactness == "best_fit" or old in givers or new in takers
    }


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
