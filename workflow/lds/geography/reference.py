"""Look-ups of the public side: the LADs of a vintage, custom areas, every code that leads there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lds.areas import CUSTOM, LAD, CustomArea
from lds.geography.register import Register
from lds.geography.translation import history, translate
from lds.text import join_words, long_date

_CHANGES = pl.List(pl.Struct({"date": pl.String, "text": pl.String}))
_MEMBERS = pl.List(pl.Struct({"code": pl.String, "name": pl.String}))


def change_sentences(register: Register, code: str, vintage: date) -> list[dict[str, str]]:
    """Return what changed in an area's making and name, one dated sentence per change.

    Each has ``date`` (ISO) and ``text``; changes after `vintage` are told as what came of it.
    """
    changes = history(register, code)
    grouped: dict[tuple[date, str, str, str], list[dict[str, str]]] = {}
    for row in changes.iter_rows(named=True):
        grouped.setdefault(
            (row["date"], row["kind"], row["to_code"], row["instrument"] or ""), []
        ).append(row)
    sentences = []
    for (day, kind, to_code, instrument), rows in grouped.items():
        olds = join_words([row["from_name"] for row in rows])
        new = rows[0]["to_name"]
        law = f" ({instrument})" if instrument else ""
        when = long_date(day)
        if kind == "rename":
            text = f"{olds} was renamed {new} on {when}."
        elif kind == "merge" and (to_code == code or day <= vintage):
            text = f"{new} was formed on {when} from {olds}{law}."
        elif kind == "merge":
            text = f"{rows[0]['from_name']} became part of {new} on {when}{law}."
        elif kind == "recode":
            old = rows[0]["from_code"]
            text = f"{new} was given a new code on {when}: {old} became {to_code}{law}."
        else:
            text = f"A little land moved from {olds} to {new} on {when}{law}."
        sentences.append({"date": day.isoformat(), "text": text})
    return sentences


def build_areas(
    register: Register, vintage: date, custom: Sequence[CustomArea] = ()
) -> pl.DataFrame:
    """Return the LADs of a day, then custom areas, with all that a page says about them.

    Columns: ``code, kind`` (``lad`` or ``custom``), ``name, old_names`` (names it had before under
    the same code, list), ``region_code, region_name, county_code, county_name`` (null for unitary
    areas), ``start_date, population`` (mid-2019; null where unknown), ``changes`` (list of ``date,
    text``), ``members`` (list of ``code, name``; none for a LAD). A custom area has the region that
    all of its members lie in, if they do; ``start_date`` is the day whose LADs it is made of.
    """
    live = register.live_on(vintage)
    regions = register.regions.rename({"code": "region_code", "name": "region_name"})
    counties = register.counties.select(
        pl.col("code").alias("county_code"), pl.col("name").alias("county_name")
    )
    changes = [change_sentences(register, code, vintage) for code in live["code"]]
    lads = (
        live.join(regions, on="region_code", how="left")
        .join(counties, on="county_code", how="left")
        .join(register.population.select("code", "population"), on="code", how="left")
        .sort("code")
        .with_columns(
            pl.Series("changes", changes, dtype=_CHANGES),
            pl.lit(LAD).alias("kind"),
            pl.lit([], dtype=_MEMBERS).alias("members"),
        )
        .select(
            *("code", "kind", "name", "old_names", "region_code", "region_name"),
            *("county_code", "county_name", "start_date", "population", "changes", "members"),
        )
    )
    rows = [_custom_row(register, area) for area in custom]
    return pl.concat([lads, pl.DataFrame(rows, schema=lads.schema, orient="row")])


def _custom_row(register: Register, area: CustomArea) -> dict[str, object]:
    """Return what `build_areas` says of a custom area."""
    members = register.live_on(area.vintage).filter(pl.col("code").is_in(list(area.lads)))
    regions = dict(register.regions.select("code", "name").iter_rows())
    lying_in = set(members["region_code"])
    region = lying_in.pop() if len(lying_in) == 1 else None
    people = register.population.filter(pl.col("code").is_in(list(area.lads)))["population"]
    return {
        "code": area.code,
        "kind": CUSTOM,
        "name": area.name,
        "old_names": [],
        "region_code": region,
        "region_name": regions[region] if region else None,
        "county_code": None,
        "county_name": None,
        "start_date": area.vintage,
        "population": int(people.sum()) if people.len() == len(area.lads) else None,
        "changes": [],
        "members": members.select("code", "name").sort("name").to_dicts(),
    }


def build_area_codes(register: Register, vintage: date) -> pl.DataFrame:
    """Return every code of the register that leads to a LAD of `vintage`.

    Columns: ``from_code, from_name, to_code, match, path``, sorted by ``from_code``.
    """
    names = register.areas.select(
        pl.col("code").alias("from_code"), pl.col("name").alias("from_name")
    )
    return (
        translate(register, vintage)
        .join(names, on="from_code", how="left")
        .select("from_code", "from_name", "to_code", "match", "path")
        .sort("from_code")
    )
