"""Checks of the frames that figures are drawn from."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from lds.errors import ContractError


def check_columns(frame: pl.DataFrame, columns: Iterable[str], figure: str) -> None:
    """Refuse a frame without some of `columns`.

    Parameters
    ----------
    figure
        what is drawn from it, as the subject of the message, e.g. "a strip".

    Raises
    ------
    ContractError : columns that are not there.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ContractError(f"{figure} lacks columns", values=missing)
