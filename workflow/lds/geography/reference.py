"""Look-ups of the public side: the LADs of a vintage, and every code that leads to them."""

from __future__ import annotations

from datetime import date

import polars as pl

from lds.geography.register import Register
from lds.geography.translation import history, translate
from lds.text import join_words, long_date


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


def build_areas(register: Register, vintage: date) -> pl.DataFrame:
    """Return the LADs of a day with all that a page says about them.

    Columns: ``code, name, old_names`` (names it had before under the same code, list),
    ``region_code, region_name, county_code, county_name`` (null for unitary areas), ``start_date,
    population`` (mid-2019; null where unknown), ``changes`` (list of ``date, text``).
    """
    live = register.live_on(vintage)
    regions = register.regions.rename({"code": "region_code", "name": "region_name"})
    counties = register.counties.select(
        pl.col("code").alias("county_code"), pl.col("name").alias("county_name")
    )
    changes = [change_sentences(register, code, vintage) for code in live["code"]]
    struct = pl.Struct({"date": pl.String, "text": pl.String})
    return (
        live.join(regions, on="region_code", how="left")
        .join(counties, on="county_code", how="left")
        .join(register.population.select("code", "population"), on="code", how="left")
        .sort("code")
        .with_columns(pl.Series("changes", changes, dtype=pl.List(struct)))
        .select(
            *("code", "name", "old_names", "region_code", "region_name"),
            *("county_code", "county_name", "start_date", "population", "changes"),
        )
    )


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
