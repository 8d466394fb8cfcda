"""Rows of indicators of a made-up secure source."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from lds.contracts import load_table_contract

CONTRACT = load_table_contract("indicators")
ENGLAND = "E92000001"
_BASE: dict[str, Any] = {
    "topic": "made", "indicator": "MAD-I1", "statistic": "count", "area": "E07000131",
    "comparator": "self", "measure": "tests", "breakdown": "all", "period": "week",
    "start": date(2020, 3, 2), "end": date(2020, 3, 8), "unit": "tests", "match": "exact",
}  # fmt: skip
UNITS = {"percentage": "%", "rolling_percentage": "%", "rate": "per 100,000 people"}


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    """Return one row per set of columns; others as in a count of tests, or empty."""
    made = []
    for change in changes:
        unit = UNITS.get(change.get("statistic", ""), _BASE["unit"])
        made.append({**dict.fromkeys(CONTRACT.names), **_BASE, "unit": unit, **change})
    return pl.DataFrame(made, schema=CONTRACT.polars_schema)


def percentage(cases: int, n: int, **changes: Any) -> dict[str, Any]:
    """Return a percentage with its counts."""
    return {
        "statistic": "percentage", "value": 100 * cases / n, "cases": cases, "n": n,
        "numerator": float(cases), "denominator": float(n), **changes,
    }  # fmt: skip


def rate(cases: int, population: float, **changes: Any) -> dict[str, Any]:
    """Return a rate per 100,000 with its counts."""
    return {
        "statistic": "rate", "value": 100_000 * cases / population, "cases": cases,
        "numerator": float(cases), "denominator": population, **changes,
    }  # fmt: skip


def count(cases: int, **changes: Any) -> dict[str, Any]:
    """Return a count."""
    return {"value": float(cases), "cases": cases, "numerator": float(cases), **changes}
