"""Samples of households: where they are drawn, and weights that add up to the population."""

from __future__ import annotations

import numpy as np
import polars as pl

from lds.synthetic.draws import Floats, Ints


def spread_by_deprivation(lsoas: pl.DataFrame, count: int, draw: np.random.Generator) -> Ints:
    """Return LSOAs at even steps through those of a district, from the most deprived on.

    Parameters
    ----------
    lsoas : places of the district; see `England.lsoas_of`.
    count : how many, at most.
    """
    order = lsoas["rank"].arg_sort().to_numpy()
    count = min(count, len(order))
    at = (draw.random() + np.arange(count)) * len(order) / count
    return np.sort(order[at.astype(np.int64)]).astype(np.int64)


def calibrated(design: Floats, cell: Ints, totals: Floats) -> Floats:
    """Return weights that add up to the population of each cell that has an interview.

    Parameters
    ----------
    design : inverse of the chance of being in the sample.
    cell : place of each interview's cell among `totals`.
    """
    found = np.bincount(cell, design, len(totals))
    return np.asarray(design * totals[cell] / found[cell])
