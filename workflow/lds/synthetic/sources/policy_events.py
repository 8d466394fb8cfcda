"""A stand-in for the list of important dates: the project's own periods, in the file's shape."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from lds.io import RESOURCES
from lds.sources.contract import Contract
from lds.synthetic.england.country import England
from lds.synthetic.standin import RawFile, StandIn, as_published, marked_name


def make(england: England, contract: Contract, scale: float) -> StandIn:
    """Return the stand-in: one event for each period, at any `scale`."""
    periods = pl.read_csv(RESOURCES / "policy_periods.csv", try_parse_dates=True)
    frame = periods.select(
        pl.col("short_label").alias("phase"),
        pl.col("start").alias("start_date"),
        (pl.col("end") - timedelta(days=1)).alias("end_date"),
        pl.col("start").alias("event_date"),
        pl.format("{} (synthetic)", "label").alias("note"),
    )
    file = RawFile(marked_name("COVID-19_important_dates.csv"), [as_published(frame, contract)])
    return StandIn([file], {"planted": {"events": frame.height}})
