"""What the review page shows of the rows and cells of one output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from lds.disclosure.checks import exempt
from lds.disclosure.evidence import words
from lds.disclosure.evidence.counts import COUNTS, headroom, least_allowed, with_complement
from lds.disclosure.evidence.outputs import Output, key_within_output
from lds.disclosure.evidence.words import explain

SHOWN = 10
"""How many of the riskiest rows and of the narrowest intervals are shown."""


def section(output: Output, published: pl.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the template shows of an output's rows and cells.

    Parameters
    ----------
    published : published cells of amounts, see `dominance`.
    names : code -> name of areas.
    """
    shown = output.decided.filter(pl.col("value").is_not_null() & ~exempt(output.profile))
    counted = with_complement(shown.with_columns(n=pl.col("unweighted")), output.type)
    cells = output.intervals
    return {
        "least": least(counted, output),
        "dominance": dominance(output, published),
        "cells": cells.height,
        "tiers": _tiers(cells),
        "narrowest": _narrowest(cells),
        "riskiest": riskiest(counted, output, names),
        "sample": [_cell(cell, names) for cell in cells.head(SHOWN).iter_rows(named=True)],
    }


def least(counted: pl.DataFrame, output: Output) -> dict[str, dict[str, Any]]:
    """Return the least released count of each kind, and the least that is allowed.

    Parameters
    ----------
    counted : released rows with ``n``, ``cases`` and ``complement``, without those of areas that
        the profile exempts.
    """
    if not output.profile.protects:
        return {}
    found = {name: counted[name].min() for name in COUNTS}
    return {
        name: {
            "words": COUNTS[name],
            "least": count,
            "allowed": least_allowed(name, output.type, output.profile),
        }
        for name, count in found.items()
        if count is not None
    }


def riskiest(
    counted: pl.DataFrame, output: Output, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the released rows whose counts are nearest to what is withheld, the nearest first."""
    if not output.profile.protects:
        return []
    ranked = counted.with_columns(room=headroom(output.type, output.profile)).filter(
        pl.col("room").is_not_null()
    )
    if ranked.is_empty():
        return []
    nearest = ranked["room"].bottom_k(SHOWN).max()
    rows = ranked.filter(pl.col("room") <= nearest).sort("room", *key_within_output()).head(SHOWN)
    return [
        {
            **row,
            "place": _area(row["area"], names),
            "days": words.days(row["start"], row["end"]),
            "counts": {name: words.number(row[name]) for name in COUNTS},
            "shown": f"{words.number(row['value'])} {row['unit']}".strip(),
        }
        for row in rows.iter_rows(named=True)
    ]


def dominance(output: Output, published: pl.DataFrame) -> dict[str, float] | None:
    """Return how much of a released amount the largest enterprises make up at most.

    Parameters
    ----------
    published : published cells of amounts with ``largest`` and ``second_largest``, the largest
        contributions to each; without these columns nothing is known.

    Returns
    -------
    ``one`` and ``two``: the highest share of the largest and of the two largest; ``rest``: the
    least that is left without both, as a share of the largest (the p % rule). None where nothing is
    known.
    """
    if not {"largest", "second_largest"} <= set(published.columns):
        return None
    shown = output.rows.filter(pl.col("status") == "released").select("cell", "denominator_cell")
    ids = pl.concat([shown["cell"], shown["denominator_cell"]]).drop_nulls().unique()
    amounts = published.filter(pl.col("cell").is_in(ids.implode()), pl.col("value") > 0)
    if amounts.is_empty():
        return None
    two = pl.col("largest") + pl.col("second_largest").fill_null(0)
    return amounts.select(
        (pl.col("largest") / pl.col("value")).max().alias("one"),
        (two / pl.col("value")).max().alias("two"),
        ((pl.col("value") - two) / pl.col("largest")).min().alias("rest"),
    ).row(0, named=True)


def _tiers(intervals: pl.DataFrame) -> str:
    counted = dict(intervals["tier"].drop_nulls().value_counts().iter_rows())
    return ", ".join(
        f"{counted[tier]:,} by {tier}"
        for tier in (*words.TIERS, *sorted(counted.keys() - words.TIERS.keys()))
        if tier in counted
    )


def _narrowest(intervals: pl.DataFrame) -> dict[str, str] | None:
    known = intervals.filter(pl.col("room").is_not_null())
    if known.is_empty():
        return None
    first = known.row(0, named=True)
    return {"width": words.number(first["width"]), "needed": words.number(first["needed"])}


def _cell(cell: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **cell,
        "place": _area(cell["area"], names),
        "days": words.days(cell["start"], cell["end"]),
        "interval": words.interval(cell["lower"], cell["upper"]),
        "wide": words.number(cell["width"]),
        "asked": words.number(cell["needed"]),
        "why": explain(cell["rule"]) if cell["rule"] else "",
    }


def _area(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code
