"""The kinds of areas that pages are about: LADs of the vintage, and custom areas made of LADs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

LAD = "lad"
CUSTOM = "custom"
_MEMBERS = {"area": pl.String, "name": pl.String, "vintage": pl.Date, "code": pl.String}


@dataclass(frozen=True, kw_only=True)
class CustomArea:
    """A list of LADs of one day that is reported as one area.

    Attributes
    ----------
    code : ``X`` and eight hexadecimal digits, see `custom_code`.
    vintage : the day on which the members are LADs.
    lads : codes of the members, sorted.
    """

    code: str
    name: str
    vintage: date
    lads: tuple[str, ...]


def custom_code(name: str) -> str:
    """Return the code of the custom area called `name`: the same for the same name, always."""
    return "X" + hashlib.sha256(name.encode()).hexdigest()[:8].upper()


def areas_as_text(areas: Iterable[CustomArea]) -> str:
    """Return custom areas as JSON in one line, for a command line; see `areas_from_text`."""
    listed = [[area.code, area.name, area.vintage.isoformat(), *area.lads] for area in areas]
    return json.dumps(listed, ensure_ascii=True)


def areas_from_text(text: str) -> tuple[CustomArea, ...]:
    """Return the custom areas of `areas_as_text`."""
    return tuple(
        CustomArea(code=code, name=name, vintage=date.fromisoformat(day), lads=tuple(lads))
        for code, name, day, *lads in json.loads(text)
    )


def members_frame(areas: Iterable[CustomArea]) -> pl.DataFrame:
    """Return the members of custom areas: ``area, name, vintage, code`` (of the LAD), sorted."""
    rows = [(each.code, each.name, each.vintage, lad) for each in areas for lad in each.lads]
    return pl.DataFrame(rows, schema=_MEMBERS, orient="row").sort("area", "code")


def areas_from_frame(members: pl.DataFrame) -> list[CustomArea]:
    """Return the custom areas of `members_frame`, sorted by code."""
    keys = ["area", "name", "vintage"]
    rows = members.group_by(keys).agg(pl.col("code").sort()).sort("area")
    return [
        CustomArea(code=code, name=name, vintage=day, lads=tuple(lads))
        for code, name, day, lads in rows.select(*keys, "code").iter_rows()
    ]


def lads_only(areas: pl.DataFrame) -> pl.DataFrame:
    """Return the LADs among areas that have a column ``kind``."""
    return areas.filter(pl.col("kind") == LAD)
