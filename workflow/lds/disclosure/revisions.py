"""What two releases tell together where the data were revised: how what they leave over changed.

A reader takes the same whole less the same parts from both releases. Where what is left changed by
a few records, those are told as exactly as if the difference had been published: 35 of 116 tests
are positive after 20 of 100, so that one test more is negative.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from lds.disclosure.cells import CELL_KEY
from lds.disclosure.profiles import Profile
from lds.disclosure.protection import AreaTree, QuantitySystem
from lds.disclosure.system import Flags, Ids, Values
from lds.disclosure.vocabulary import Classification, Quantity


def small_revisions(
    cells: pl.DataFrame,
    earlier: pl.DataFrame,
    areas: AreaTree,
    profiles: Mapping[str, Profile],
    quantities: Mapping[str, Quantity],
    classifications: dict[str, Classification],
) -> pl.Series:
    """Return which cells must not be shown, since what they leave of a whole changed by too little.

    Of each sum it is the smallest part that changed, or else the whole. A sum is left aside where
    a member changed by too little itself: it goes for that.

    Parameters
    ----------
    cells : ``Shown.cells`` of the new release.
    earlier : cells of one earlier release, with the same columns but for ``cell``.
    """
    told = [pl.Series("cell", [], dtype=cells.schema["cell"])]
    before = earlier.select(*CELL_KEY, pl.col("value").alias("before"))
    shared = cells.join(before, on=CELL_KEY, maintain_order="left")
    groups = shared.partition_by("quantity", "space", as_dict=True, maintain_order=True)
    for (quantity, space), both in groups.items():
        if (both["value"] == both["before"]).all():
            continue
        system = QuantitySystem(both, areas, quantities[quantity], space, classifications)
        relations = system.relations
        grown = both["value"].to_numpy() - both["before"].to_numpy()
        change = np.concatenate([grown, np.zeros(len(system.cells.value) - both.height)])
        left = np.bincount(
            relations.of_member,
            weights=relations.sign * change[relations.member],
            minlength=relations.count,
        ).astype(np.float64)
        least = profiles[quantity].threshold
        near = _little(change, least)[relations.member]
        settled = np.bincount(relations.of_member[near], minlength=relations.count) > 0
        for at in np.flatnonzero(_little(left, least) & ~settled):
            members = relations.member[relations.start[at] : relations.start[at + 1]]
            changed = members[change[members] != 0]
            told.append(both["cell"][[_one_of(changed, members[0], system.cells.value)]])
    return pl.concat(told).unique().sort()


def _little(change: Values, least: int) -> Flags:
    return (np.abs(change) > 0) & (np.abs(change) < least)


def _one_of(changed: Ids, whole: int, value: Values) -> int:
    """Return the smallest of the members that changed, the whole last."""
    parts = changed[changed != whole]
    return int(parts[np.argmin(value[parts])]) if len(parts) else int(whole)
