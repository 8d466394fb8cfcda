"""How the values of a dimension nest: areas, periods and the categories of a classification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from lds.errors import DisclosureError

Codes = npt.NDArray[np.int32]
ALL = "all"
"""The value of a dimension that stands for all of its values together."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One direction in which the cells of a quantity add up.

    Attributes
    ----------
    name : its name, for messages.
    labels : its values; a value's code is its place.
    weights : how much of the dimension each value is (its smallest values, its days): values make
        up another that contains them where their weights do.
    ancestors : per value the codes of the values that contain it, nearest first, -1 where there
        are no more; values by depth.
    covers : further sums, as (code of the whole, codes of the parts), for values that are no part
        of the tree, such as an area that crosses the borders of regions.
    group : whether a value that holds nearly all of its whole tells something of everybody in it.
    complete : whether parts always add up to their whole.
    adds : whether parts add up to their whole at all.
    """

    name: str
    labels: tuple[str, ...]
    weights: Codes
    ancestors: Codes
    covers: tuple[tuple[int, tuple[int, ...]], ...] = ()
    group: bool = False
    complete: bool = False
    adds: bool = True

    @property
    def size(self) -> int:
        """How many codes the dimension takes, those for what is left of a whole included."""
        return 2 * len(self.labels) + len(self.covers)


def _matrix(chains: Sequence[Sequence[int]]) -> Codes:
    depth = max((len(chain) for chain in chains), default=0)
    matrix = np.full((len(chains), depth), -1, dtype=np.int32)
    for code, chain in enumerate(chains):
        matrix[code, : len(chain)] = chain
    return matrix


def _leaves(chains: Sequence[Sequence[int]]) -> Codes:
    """Return how many values without a part lie below each value, 1 for themselves."""
    inner = {code for chain in chains for code in chain}
    weights = np.zeros(len(chains), dtype=np.int32)
    for code, chain in enumerate(chains):
        if code not in inner:
            weights[[code, *chain]] += 1
    return weights


def tree(
    name: str,
    parents: Mapping[str, str | None],
    *,
    group: bool = False,
    complete: bool = False,
    adds: bool = True,
) -> Dimension:
    """Return a dimension whose values form a tree.

    Parameters
    ----------
    parents : the value above each value; None above a root. A parent need not be a value of any
        cell: the nearest ancestor that is counts as the whole.

    Raises
    ------
    DisclosureError : a parent that is not listed, or a value that contains itself.
    """
    labels = tuple(parents)
    codes = {label: code for code, label in enumerate(labels)}
    chains = []
    for label in labels:
        chain: list[int] = []
        above = parents[label]
        while above is not None:
            if above not in codes or codes[above] in chain or above == label:
                raise DisclosureError(
                    "The values of a dimension do not form a tree.",
                    where=f"dimension {name}",
                    values=[label, above],
                )
            chain.append(codes[above])
            above = parents[above]
        chains.append(chain)
    return Dimension(
        name=name,
        labels=labels,
        weights=_leaves(chains),
        ancestors=_matrix(chains),
        group=group,
        complete=complete,
        adds=adds,
    )


def area_dimension(
    present: Iterable[str],
    parents: Mapping[str, str],
    groups: Mapping[str, Sequence[str]],
    *,
    adds: bool = True,
) -> Dimension:
    """Return the dimension of areas.

    An area made of others (`groups`) that all have the same whole, and that no other such area
    shares, takes its place in the tree between them. Any other gets sums of its own: its parts, and
    every whole around it as the area and the rest.

    Parameters
    ----------
    present : codes that cells have.
    parents : the area that contains each area: LSOA to LAD, LAD to region, region to England, and
        a LAD of another day to that which it became part of.
    groups : areas made of other areas, with their members.

    Raises
    ------
    DisclosureError : a code that is neither in the tree nor a group.
    """
    wanted = sorted(set(present))
    unknown = [code for code in wanted if code not in parents and code not in groups]
    roots = set(parents.values())
    unknown = [code for code in unknown if code not in roots]
    if unknown:
        raise DisclosureError(
            "The gate does not know where an area belongs.",
            values=unknown,
            remedy="Every area of an indicator must be in the list of areas or a custom area.",
        )
    above: dict[str, str | None] = dict.fromkeys(sorted(roots))
    above.update(dict.fromkeys(member for members in groups.values() for member in members))
    above.update(parents)
    loose: dict[str, Sequence[str]] = {}
    taken: set[str] = set()
    for code in sorted(
        (code for code in groups if code in wanted), key=lambda c: (len(groups[c]), c)
    ):
        members = groups[code]
        wholes = {above.get(member) for member in members}
        if len(wholes) == 1 and None not in wholes and not taken & set(members):
            above[code] = wholes.pop()
            above.update(dict.fromkeys(members, code))
            taken.update(members)
        else:
            above[code] = None
            loose[code] = members
    needed = set(wanted)
    for code in wanted:
        needed.update(_chain(code, above))
        needed.update(groups.get(code, ()))
    kept = {code: above[code] for code in sorted(needed)}
    base = tree("area", kept)
    codes = {label: place for place, label in enumerate(base.labels)}
    covers = [
        (codes[whole], tuple(codes[part] for part in parts))
        for code, members in sorted(loose.items())
        for whole, parts in _sums_of(code, members, kept)
    ]
    districts = _districts(parents)
    weights = [
        sum(districts.get(member, 1) for member in groups[code])
        if code in groups
        else districts.get(code, 1)
        for code in base.labels
    ]
    return Dimension(
        name="area",
        labels=base.labels,
        weights=np.array(weights, dtype=np.int32),
        ancestors=base.ancestors,
        covers=tuple(covers),
        adds=adds,
    )


def _districts(parents: Mapping[str, str]) -> dict[str, int]:
    """Return how many districts make up each area: those two steps below the top.

    What lies below a district counts as all of it: it can be there by the codes of several days.
    """
    found: dict[str, int] = {}
    for code, above in parents.items():
        top = [above, *_chain(above, parents)]
        if len(top) <= 2 and not (len(top) == 1 and code in parents.values()):
            for each in (code, *top):
                found[each] = found.get(each, 0) + 1
    return found


def _chain(code: str, above: Mapping[str, str | None]) -> list[str]:
    chain = []
    step = above.get(code)
    while step is not None:
        chain.append(step)
        step = above.get(step)
    return chain


def _sums_of(
    code: str, members: Sequence[str], above: Mapping[str, str | None]
) -> list[tuple[str, list[str]]]:
    """Return a loose area as the sum of its members, and each whole around it with the rest."""
    inside = set(members)
    around = [set(_chain(member, above)) for member in members]
    common = set.intersection(*around) if around else set()
    children: dict[str, list[str]] = {}
    for child, parent in above.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)

    def rest(whole: str) -> list[str]:
        parts: list[str] = []
        for child in sorted(children.get(whole, [])):
            if child in inside:
                continue
            if any(child in chain for chain in around):
                parts += rest(child)
            else:
                parts.append(child)
        return parts

    sums = [(code, sorted(members))]
    sums += [(whole, [code, *rest(whole)]) for whole in sorted(common)]
    return sums


def window_dimension(windows: Sequence[tuple[date, date]], *, adds: bool = True) -> Dimension:
    """Return the dimension of periods, given as (first day, last day), in the order of `windows`.

    A window's ancestors are all windows that contain it, shortest first: in each series of cells
    the nearest that is there is its whole.
    """
    starts = np.array([start.toordinal() for start, _ in windows])
    ends = np.array([end.toordinal() for _, end in windows])
    chains: list[list[int]] = []
    for start, end in zip(starts, ends, strict=True):
        around = np.flatnonzero(
            (starts <= start) & (ends >= end) & ((ends - starts) > (end - start))
        )
        order = np.lexsort((around, (ends - starts)[around]))
        chains.append(around[order].tolist() if adds else [])
    labels = tuple(f"{start.isoformat()}/{end.isoformat()}" for start, end in windows)
    return Dimension(
        name="period",
        labels=labels,
        weights=(ends - starts + 1).astype(np.int32),
        ancestors=_matrix(chains),
        adds=adds,
    )
