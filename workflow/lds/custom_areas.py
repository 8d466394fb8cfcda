"""The custom areas of the configuration: which LADs of which day make each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from lds.areas import CustomArea, custom_code
from lds.errors import ConfigError, GeographyError
from lds.geography import Register
from lds.geography.levels.nesting import combined_authorities
from lds.geography.register import is_live

WAYS = ("lads", "county", "combined_authority")
"""The keys of which an area has exactly one."""


def resolve_areas(
    given: Sequence[Mapping[str, Any]], register: Register, vintage: date
) -> tuple[CustomArea, ...]:
    """Return the custom areas that the configuration declares, sorted by code.

    Parameters
    ----------
    given : entries of ``geography.areas`` after the schema's checks, each with its ``vintage``.
    vintage : the day whose LADs are reported on, for names that are taken.

    Raises
    ------
    ConfigError : an entry that is not exactly one of lads, county and combined authority; a list
        without a name, or a LAD twice; a county or authority that is unknown or was not there on
        the day; a name that another area or a LAD has.
    GeographyError : as `Register.resolve` and `Register.live_on`.
    """
    areas = [
        _area(entry, register, f"geography.areas[{place}]") for place, entry in enumerate(given)
    ]
    seen: dict[str, int] = {}
    for place, area in enumerate(areas):
        days = (vintage, area.vintage)
        lads = {name.casefold() for day in days for name in register.live_on(day)["name"]}
        name = area.name.casefold()
        if name in lads or name in seen:
            raise ConfigError(
                f"{area.name!r} is already the name of "
                + ("a district." if name in lads else f"geography.areas[{seen[name]}]."),
                where=f"geography.areas[{place}]",
                remedy="Give the area another name (key name).",
            )
        seen[name] = place
    return tuple(sorted(areas, key=lambda area: area.code))


def _area(entry: Mapping[str, Any], register: Register, where: str) -> CustomArea:
    ways = [way for way in WAYS if way in entry]
    if len(ways) != 1:
        raise ConfigError(
            "A custom area needs exactly one of lads, county and combined_authority.",
            where=where,
            values=ways or ["none"],
            remedy="Keep one of them.",
        )
    day: date = entry["vintage"]
    if ways == ["lads"]:
        name, lads = _listed(entry, register, day, where)
    elif ways == ["county"]:
        name, code = _find(register.counties, entry["county"], day, "county", where)
        live = register.live_on(day)
        lads = live.filter(pl.col("county_code") == code)["code"].to_list()
    else:
        members = combined_authorities(register)
        asked = entry["combined_authority"]
        name, code = _find(members, asked, day, "combined authority", where)
        lads = members.filter(is_live(day), pl.col("code") == code)["lad_code"].to_list()
    name = entry.get("name", name).strip()
    return CustomArea(code=custom_code(name), name=name, vintage=day, lads=tuple(sorted(lads)))


def _listed(
    entry: Mapping[str, Any], register: Register, day: date, where: str
) -> tuple[str, list[str]]:
    """Return name and members of an area that is a list."""
    if not entry.get("name", "").strip():
        raise ConfigError("A list of districts needs a name.", where=where, remedy="Add key name.")
    try:
        lads = [register.resolve(text, day) for text in entry["lads"]]
    except GeographyError as error:
        raise GeographyError(
            error.what, where=f"{where}.lads", values=error.values, remedy=error.remedy
        ) from None
    twice = sorted({code for code in lads if lads.count(code) > 1})
    if twice:
        raise ConfigError(
            "A custom area names a district twice.",
            where=f"{where}.lads",
            values=twice,
            remedy="Name it once.",
        )
    return entry["name"], lads


def _find(known: pl.DataFrame, text: str, day: date, level: str, where: str) -> tuple[str, str]:
    """Return name and code of the county or combined authority that `text` stands for on a day.

    Parameters
    ----------
    known : ``code, name, start_date, end_date``.
    """
    asked = text.strip().casefold()
    same = (pl.col("code").str.to_lowercase() == asked) | (
        pl.col("name").str.to_lowercase() == asked
    )
    found = known.filter(same)
    if found.is_empty():
        labels = {
            spelling.casefold(): f"{code} {name}"
            for code, name in known.select("code", "name").unique().sort("code", "name").iter_rows()
            for spelling in (code, name)
        }
        near = difflib.get_close_matches(asked, labels, n=3, cutoff=0.6)
        raise ConfigError(
            f"{text!r} is no {level} that the register knows.",
            where=where,
            remedy=f"Did you mean {'; '.join(dict.fromkeys(labels[each] for each in near))}?"
            if near
            else "Give its code or full name, or list its districts (key lads).",
        )
    live = found.filter(is_live(day)).sort("code")
    if live.is_empty():
        days = found.select("start_date", "end_date").unique().sort("start_date").rows()
        spans = [f"{start} to {end or 'today'}" for start, end in days]
        raise ConfigError(
            f"{text!r} was no {level} on {day}.",
            where=where,
            values=spans,
            remedy="Give a day (key vintage) on which it was there, or list its districts.",
        )
    name, code = live.select("name", "code").row(0)
    return str(name), str(code)
