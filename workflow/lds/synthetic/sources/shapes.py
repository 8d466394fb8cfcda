"""What the stand-ins of the economy share: columns as a publisher has them, and sums by LAD."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.sources.contract import Contract
from lds.synthetic.draws import Ints
from lds.synthetic.england.country import England
from lds.synthetic.standin import marked

VINTAGE = date(2021, 4, 1)
"""The day whose LADs the truth is given by."""


def as_published(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return a frame with the publisher's names in the contract's order, and the mark.

    Columns of the contract that the frame lacks are left out.
    """
    names = {
        column.name: column.source_name
        for column in contract.columns
        if column.name in frame.columns
    }
    return marked(frame.select(list(names)).rename(names))


def texts(values: Sequence[str | None], at: Ints) -> pl.Series:
    """Return the text at each place of a list."""
    return pl.Series(values, dtype=pl.String).gather(pl.Series(at))


def lads(england: England) -> tuple[list[str], Ints]:
    """Return the LADs of `VINTAGE`, sorted, and the place of each district's among them."""
    codes = england.codes_on(VINTAGE)
    order = sorted(set(codes))
    number = {code: place for place, code in enumerate(order)}
    return order, np.array([number[code] for code in codes], dtype=np.int64)


def by_lad(england: England, values: NDArray[np.generic]) -> dict[str, NDArray[np.float64]]:
    """Return the sums of districts' values by LAD of `VINTAGE`."""
    order, place = lads(england)
    sums = np.zeros((len(order), *values.shape[1:]))
    np.add.at(sums, place, values)
    return dict(zip(order, sums, strict=True))
