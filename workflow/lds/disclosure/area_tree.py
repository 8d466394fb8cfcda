"""How the areas of a release contain each other, from the tables of reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from lds.areas import CustomArea, lads_only
from lds.disclosure.protection import AreaTree
from lds.topics import ENGLAND


def area_tree(
    areas: pl.DataFrame,
    custom: Sequence[CustomArea],
    codes: pl.DataFrame,
    *,
    smaller: Mapping[str, str] | None = None,
) -> AreaTree:
    """Return the tree of areas.

    Parameters
    ----------
    areas : ``code, kind, region_code`` of the LADs of the vintage and of custom areas.
    custom : custom areas; their members may be LADs of another day.
    codes : ``from_code, to_code``: every code that leads to a LAD of the vintage. An old district
        counts as part of the LAD that it became part of (of the first, where it was divided).
    smaller : the LAD of each smaller area, such as an LSOA.
    """
    lads = lads_only(areas)
    parents: dict[str, str] = dict(smaller or {})
    later = codes.filter(pl.col("from_code") != pl.col("to_code")).sort("from_code", "to_code")
    for old, lad in (
        later.unique("from_code", keep="first", maintain_order=True)
        .select("from_code", "to_code")
        .iter_rows()
    ):
        parents[old] = lad
    for lad, region in lads.select("code", "region_code").iter_rows():
        parents[lad] = region
        parents[region] = ENGLAND
    return AreaTree(parents=parents, groups={area.code: area.lads for area in custom})
