"""Which areas are neighbours: those that share a line of their boundaries."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from lds.maps.polygons import polygons_of


def neighbours(boundaries: pl.DataFrame) -> pl.DataFrame:
    """Return every pair of areas that share a line, each pair twice, once from either side.

    Areas that meet in a point only are no neighbours, nor are those with tidal water between them
    (boundaries end at the mean high water line), even where a bridge or a tunnel joins them. An
    area without neighbours (an island) has no row.

    Parameters
    ----------
    boundaries : a frame of boundaries of areas that do not overlap.

    Returns
    -------
    Columns: ``code``, ``neighbour``, ``shared_boundary`` (whole metres, at least 1), sorted by
    ``code`` and ``neighbour``.
    """
    polygons = polygons_of(boundaries)
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = one != other
    one, other = one[pairs], other[pairs]
    lines = shapely.boundary(polygons)
    # The smaller index first, so that a pair has the same length from either side.
    low, high = np.minimum(one, other), np.maximum(one, other)
    shared = shapely.length(shapely.intersection(lines[low], lines[high]))
    codes = boundaries["code"].to_numpy()
    return (
        pl.DataFrame(
            {
                "code": codes[one],
                "neighbour": codes[other],
                "shared_boundary": np.rint(shared).astype(np.int64),
            },
            schema={"code": pl.String, "neighbour": pl.String, "shared_boundary": pl.Int64},
        )
        .filter(pl.col("shared_boundary") >= 1)
        .sort("code", "neighbour")
    )
