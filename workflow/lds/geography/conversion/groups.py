"""The crosswalk to areas that are lists of LADs: what lies wholly inside one is never divided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from lds.errors import GeographyError
from lds.geography.conversion.crosswalk import CROSSWALK, Crosswalk, running_shares
from lds.geography.conversion.kinds import Kind
from lds.geography.conversion.weights import Weights
from lds.geography.register import Register
from lds.geography.translation import links, not_convertible, territories

_GROUPS: dict[str, type[pl.DataType]] = {**CROSSWALK, "bit": pl.String}


@dataclass(frozen=True)
class _Link:
    """One row of `links`: a code and a LAD that share land."""

    to_code: str
    match: str
    path: str
    land: int
    """Pieces of land that both share."""


@dataclass(frozen=True)
class _Shared:
    """What one code and one area share."""

    match: str
    path: str
    land: int
    weight: int | None
    before: float | None
    after: float | None
    is_inside: bool


def group_crosswalk(
    register: Register, to: date, kind: Kind, weights: Weights, areas: pl.DataFrame
) -> Crosswalk:
    """Return the crosswalk of `kind` to areas made of LADs of day `to`.

    A code gives its whole value to an area that holds all of its land, even where it would have to
    be divided between the LADs; one with land inside and outside gives the share of its parts
    inside. Columns are those of `Crosswalk`, but ``to_code`` is an area; ``covers`` and ``whole``
    count pieces of land (codes of one key never overlap, so counts tell as much as sets); ``bit``
    is text of noughts and a single 1: an area may have more sources than a number has bits; and
    every ``path`` ends with the area.

    Parameters
    ----------
    areas : ``code`` (of a LAD of that day), ``area``. Areas may overlap.

    Raises
    ------
    GeographyError : no areas; codes that are no LADs of that day; a LAD twice in one area.
    """
    _refuse_areas(register, to, areas)
    by_code: dict[str, list[_Link]] = {}
    by_lad: dict[str, list[str]] = {}
    columns = ("from_code", "to_code", "match", "path", "covers")
    for code, lad, match, path, covers in links(register, to).select(columns).iter_rows():
        by_code.setdefault(code, []).append(_Link(lad, match, path, covers.bit_count()))
        by_lad.setdefault(lad, []).append(code)
    bits, sizes = territories(register), weights.of()
    reasons = dict(not_convertible(register, to).iter_rows())
    unweighted = f"no weight is known for it ({weights.basis})."
    rows = []
    for (area,), group in areas.sort("area", "code").group_by("area", maintain_order=True):
        members = frozenset(group["code"])
        whole = sum(bits[lad].bit_count() for lad in members)
        size = _added([sizes.get(lad) for lad in members])
        sources = sorted({code for lad in members for code in by_lad[lad]})
        for place, code in enumerate(sources):
            shared = _shared(code, by_code[code], members, kind, sizes)
            same_land = shared.land == whole and shared.is_inside
            weight, target = shared.weight, size
            if same_land and None in (weight, target):
                weight = target = 1
            reason = None
            if not shared.is_inside and kind.backward == "refused":
                reason = reasons[code]
            elif not shared.is_inside and kind.backward == "divided" and shared.before is None:
                reason = unweighted
            elif kind.forward == "refused" and not (same_land and shared.match == "exact"):
                reason = f"a {kind.name} of {area} cannot be made from those of its parts."
            elif kind.coverage == "needed" and not same_land and (weight is None or not target):
                reason = unweighted
            bit = "0" * place + "1" + "0" * (len(sources) - place - 1)
            rows.append(
                (
                    *(code, area, shared.match, f"{shared.path}>{area}", shared.land, whole),
                    *(weight, target, shared.before, shared.after, bit, reason),
                )
            )
    table = pl.DataFrame(rows, schema=_GROUPS, orient="row")
    # Bit strings can only be compared when all are of one length.
    longest = table["bit"].str.len_bytes().max()
    table = table.with_columns(pl.col("bit").str.pad_end(int(str(longest)), "0"))
    refused = table.filter(pl.col("reason").is_not_null())
    usable = table.filter(pl.col("reason").is_null())
    reached = set(usable["from_code"])
    told = {code: reason for code, reason in reasons.items() if code not in by_code}
    told |= {
        code: reason
        for code, reason in refused.select("from_code", "reason").iter_rows()
        if code not in reached
    }
    return Crosswalk(usable, refused, told)


def _refuse_areas(register: Register, to: date, areas: pl.DataFrame) -> None:
    strange = sorted(set(areas["code"]) - set(register.live_on(to)["code"]))
    twice = areas.filter(pl.struct("code", "area").is_duplicated())["code"].unique().sort()
    problems: list[tuple[str, Sequence[str], str]] = [
        (f"Areas are made of codes that are no LADs of {to}.", strange, "Correct the codes."),
        ("A LAD stands twice in one area.", twice.to_list(), "Name each member once."),
    ]
    for what, values, remedy in problems:
        if values:
            raise GeographyError(what, values=values, remedy=remedy)
    if areas.is_empty():
        raise GeographyError("There are no areas to convert to.", remedy="Name their LADs.")


def _shared(
    code: str,
    parts: Sequence[_Link],
    members: Collection[str],
    kind: Kind,
    sizes: Mapping[str, int],
) -> _Shared:
    inside = [part for part in parts if part.to_code in members]
    is_inside = len(inside) == len(parts)
    moved = any(part.match == "best_fit" for part in inside)
    divided = not is_inside and kind.backward == "divided"
    before, after = (0.0, 1.0) if is_inside else _interval(parts, members, sizes)
    weight = sizes.get(code) if is_inside else None
    if weight is None and len(parts) > 1:
        weight = _added([sizes.get(part.to_code) for part in inside])
    return _Shared(
        match="best_fit" if moved or divided else "exact",
        path=parts[0].path if len(parts) == 1 else code,
        land=sum(part.land for part in inside),
        weight=weight,
        before=before,
        after=after,
        is_inside=is_inside,
    )


def _interval(
    parts: Sequence[_Link], members: Collection[str], sizes: Mapping[str, int]
) -> tuple[float | None, float | None]:
    """Return between which shares of a code's value lies what its parts inside get."""
    shares = running_shares([sizes.get(part.to_code) for part in parts])
    own = [
        (n, before, after)
        for n, (part, (before, after)) in enumerate(zip(parts, shares, strict=True))
        if part.to_code in members and before is not None and after is not None
    ]
    if not own:
        return None, None
    if all(later[0] == earlier[0] + 1 for earlier, later in pairwise(own)):
        return own[0][1], own[-1][2]
    # Parts that do not lie beside each other in the order of codes get one share together.
    return 0.0, sum(after - before for _, before, after in own)


def _added(sizes: Sequence[int | None]) -> int | None:
    """Return the sum of sizes; None where one is unknown."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
