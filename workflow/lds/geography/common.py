"""The lowest common geography: the smallest areas that several vintages or sources can all show.

Codes are joined while their land overlaps; what hangs together is one area. Because English LADs
have only merged (or swapped slivers with neighbours), such an area is mostly the latest LAD.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise

import polars as pl

from lds.errors import GeographyError
from lds.geography.register import Register
from lds.geography.translation import forward_paths, inexact_steps, territories

_AREAS: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String,
    "area": pl.String,
    "label": pl.String,
    "members": pl.List(pl.String),
    "match": pl.String,
}


def common_areas(
    register: Register, vintages: Sequence[date], *, join_moved: bool = False
) -> pl.DataFrame:
    """Return the smallest areas that the LADs of all `vintages` add up to.

    Parameters
    ----------
    join_moved : also join neighbours between which land moved without a merger. Otherwise those
        few areas are ``best_fit``.

    Returns
    -------
    One row per code live on any of the days, sorted: ``code``; ``area``, the code of the LAD that
    is all of the area (several, joined by ``+``, where none is); ``label``, its name; ``members``,
    the codes of the area; ``match``, ``best_fit`` where land moved over its edge between the days.

    Raises
    ------
    GeographyError : no vintage, or one that the register is not complete for.
    """
    if not vintages:
        raise GeographyError("A common geography needs at least one vintage.")
    codes = {code for day in vintages for code in register.live_on(day)["code"]}
    return _areas(register, codes, join_moved=join_moved)


def common_areas_of_codes(
    register: Register, sources: Mapping[str, Collection[str]], *, join_moved: bool = False
) -> pl.DataFrame:
    """Return the smallest areas that the codes of all `sources` add up to.

    Parameters
    ----------
    sources : the LAD codes of each file, of one vintage or mixed.
    join_moved : as for `common_areas`.

    Returns
    -------
    The columns of `common_areas`, and ``incomplete``: names of the sources whose codes do not make
    up the whole area, so that they have no figure for it.

    Raises
    ------
    GeographyError : codes that the register does not know.
    """
    codes = {code for listed in sources.values() for code in listed}
    unknown = sorted(codes - set(register.areas["code"]))
    if unknown:
        raise GeographyError(
            "A common geography cannot be made of unknown codes.",
            values=unknown,
            remedy="Correct them, or leave them out.",
        )
    found = _areas(register, codes, join_moved=join_moved)
    incomplete = {
        area: [
            name
            for name, listed in sources.items()
            if _land(register, set(listed) & set(members)) != _land(register, set(members))
        ]
        for area, members in found.select("area", "members").unique("area").iter_rows()
    }
    lists = pl.Series("incomplete", [incomplete[area] for area in found["area"]])
    return found.with_columns(lists.cast(pl.List(pl.String)))


def coarser_areas(register: Register, codes: Collection[str], to: date) -> pl.DataFrame:
    """Return the LADs of day `to` that a source with these codes cannot tell apart.

    Such a source is to be reported for the coarser area, with a flag, where its values cannot be
    divided.

    Returns
    -------
    One row per LAD, sorted: ``code``; ``area`` and ``label`` of the coarser area; ``members``, its
    LADs on that day; ``from_codes``, the source's codes for it.

    Raises
    ------
    GeographyError : codes that the register does not know, or a day that it is not complete for.
    """
    live = set(register.live_on(to)["code"])
    found = common_areas_of_codes(register, {"source": codes, "target": live})
    given = found.filter(pl.col("code").is_in(sorted(codes)))
    behind = given.group_by("area").agg(from_codes=pl.col("code").sort())
    at_target = found.filter(pl.col("code").is_in(sorted(live)))
    return (
        at_target.with_columns(members=_live_members(live))
        .filter(pl.col("members").list.len() > 1)
        .join(behind, on="area", how="inner")
        .select("code", "area", "label", "members", "from_codes")
        .sort("code")
    )


def _live_members(live: set[str]) -> pl.Expr:
    return pl.col("members").list.eval(pl.element().filter(pl.element().is_in(sorted(live))))


def _areas(register: Register, codes: set[str], *, join_moved: bool) -> pl.DataFrame:
    paths, bits = forward_paths(register), territories(register)
    parent = {code: code for code in codes}

    def root(code: str) -> str:
        while parent[code] != code:
            parent[code] = code = parent[parent[code]]
        return code

    trees: dict[str, list[str]] = {}
    for code in sorted(codes):
        trees.setdefault(paths[code][-1], []).append(code)
    pairs = [
        (first, second)
        for tree in trees.values()
        for first, second in combinations(tree, 2)
        if bits[first] & bits[second]
    ]
    if join_moved:
        pairs += _moved_pairs(register, codes, paths)
    for first, second in pairs:
        parent[root(second)] = root(first)
    groups: dict[str, list[str]] = {}
    for code in sorted(codes):
        groups.setdefault(root(code), []).append(code)
    starts = dict(register.areas.select("code", "start_date").iter_rows())
    names = dict(register.areas.select("code", "name").iter_rows())
    inexact = inexact_steps(register)
    rows = []
    for members in groups.values():
        whole = _largest(members, paths, bits, starts)
        moved = not join_moved and any(
            inexact.intersection(_steps(paths[a], b))
            for a in members
            for b in members
            if b in paths[a]
        )
        made = ("+".join(whole), " and ".join(names[code] for code in whole), members)
        rows += [(code, *made, "best_fit" if moved else "exact") for code in members]
    return pl.DataFrame(rows, schema=_AREAS, orient="row").sort("code")


def _moved_pairs(
    register: Register, codes: set[str], paths: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """Return pairs of codes between which land moved: one from before, one from after."""
    moved = register.changes.filter(pl.col("kind") == "partial_transfer")
    pairs = []
    for giver, taker in moved.select("from_code", "to_code").iter_rows():
        before = [code for code in sorted(codes) if giver in paths[code]]
        after = [code for code in paths[taker] if code in codes]
        pairs += [(first, second) for first in before for second in after]
    return pairs


def _steps(path: Sequence[str], last: str) -> set[tuple[str, str]]:
    return set(pairwise(path[: path.index(last) + 1]))


def _largest(
    members: Sequence[str],
    paths: Mapping[str, Sequence[str]],
    bits: Mapping[str, int],
    starts: Mapping[str, date],
) -> list[str]:
    """Return the members that lie in no other one; of two codes of the same land the later."""
    return [
        code
        for code in members
        if not any(
            other != code
            and paths[other][-1] == paths[code][-1]
            and bits[code] & ~bits[other] == 0
            and (bits[code] != bits[other] or starts[other] > starts[code])
            for other in members
        )
    ]


def _land(register: Register, codes: set[str]) -> dict[str, int]:
    """Return the land of some codes together, by the last code that they lead to."""
    paths, bits = forward_paths(register), territories(register)
    land: dict[str, int] = {}
    for code in sorted(codes):
        last = paths[code][-1]
        land[last] = land.get(last, 0) | bits[code]
    return land
