"""The catalogue: the index that a reader starts from, the gaps, and metadata for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from lds.areas import CUSTOM
from lds.io import csv_text, sha256, write_json, write_text
from lds.text import long_date
from lds.topics import TopicEntry

CUSTOM_AREAS = "Custom areas"
"""The group of the index that areas made of districts stand in."""
GAP_COLUMNS = ("area_code", "area_name", "topic", "reason", "release", "synthetic")


def _search_words(codes: pl.DataFrame, areas: pl.DataFrame) -> dict[str, str]:
    """Return what an area is found by: names and codes, its own, old ones, predecessors'."""
    own = dict(areas.select("code", "old_names").iter_rows())
    custom = areas.filter(pl.col("kind") == CUSTOM).select("code", "name")
    words: dict[str, list[str]] = {code: [code, name] for code, name in custom.iter_rows()}
    for code, name, to_code in codes.select("from_code", "from_name", "to_code").iter_rows():
        words.setdefault(to_code, []).extend([code, name])
    return {
        code: " ".join(dict.fromkeys([*words.get(code, []), *own[code]])).lower() for code in own
    }


def _districts(
    areas: pl.DataFrame,
    area_codes: pl.DataFrame,
    lads: Sequence[str],
    gaps: Mapping[str, list[dict[str, str]]],
) -> list[dict[str, Any]]:
    search = _search_words(area_codes, areas)
    former: dict[str, list[str]] = {}
    for name, code, to_code in area_codes.select("from_name", "from_code", "to_code").iter_rows():
        if code != to_code:
            former.setdefault(to_code, []).append(name)
    rows = areas.filter(pl.col("code").is_in(list(lads))).sort("name", "code")
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "region": CUSTOM_AREAS if row["kind"] == CUSTOM else row["region_name"],
            "custom": row["kind"] == CUSTOM,
            "members": [member["name"] for member in row["members"]],
            "day": long_date(row["start_date"]),
            "search": search[row["code"]],
            "before": sorted(
                (set(former.get(row["code"], [])) | set(row["old_names"])) - {row["name"]}
            ),
            "gaps": {gap["topic"]: gap["reason"] for gap in gaps.get(row["code"], [])},
        }
        for row in rows.iter_rows(named=True)
    ]


def _data_package(
    release: Mapping[str, Any], districts: Sequence[Mapping[str, Any]], packs: Path
) -> dict[str, Any]:
    """Return a Frictionless data package (https://datapackage.org) with one resource per pack."""
    licences = sorted({source["licence"] for source in release["sources"]})
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "local-data-spaces",
        "title": "Local Data Spaces",
        "version": release["id"],
        "description": f"Reports and data for districts of England as on {release['vintage']}."
        + (" SYNTHETIC DATA: made up, not for use." if release["synthetic"] else ""),
        "synthetic": release["synthetic"],
        "licenses": [{"title": licence} for licence in licences],
        "sources": [
            {"title": source["title"], "path": source["url"]}
            if source["url"]
            else {"title": source["title"]}
            for source in release["sources"]
        ],
        "resources": [
            {
                "name": district["code"].lower(),
                "title": f"{district['name']} ({district['code']})",
                "path": f"packs/{district['code']}.zip",
                "format": "zip",
                "mediatype": "application/zip",
                "bytes": (packs / f"{district['code']}.zip").stat().st_size,
                "hash": f"sha256:{sha256(packs / (district['code'] + '.zip'))}",
            }
            for district in sorted(districts, key=lambda each: str(each["code"]))
        ],
    }


def write_catalogue(
    folder: Path,
    *,
    packs: Path,
    release: Mapping[str, Any],
    areas: pl.DataFrame,
    area_codes: pl.DataFrame,
    lads: Sequence[str] | None,
    topics: Mapping[str, TopicEntry],
    template: Path,
    style: Path,
) -> None:
    """Write ``index.html``, ``gaps.csv`` and ``datapackage.json`` into `folder`.

    Parameters
    ----------
    packs : folder with ``<lad>.zip`` for each of `lads`.
    release : content of the release's ``release.json``.
    areas, area_codes : the reference tables of the vintage.
    lads : codes that have pages; None for all of the vintage and all custom areas.
    template, style : the index's Jinja2 template and the style sheet that it carries.
    """
    codes = list(lads) if lads is not None else areas["code"].to_list()
    by_area: dict[str, list[dict[str, str]]] = {}
    for gap in release["gaps"]:
        by_area.setdefault(gap["area"], []).append(gap)
    districts = _districts(areas, area_codes, codes, by_area)
    regions = {district["region"] for district in districts if not district["custom"]}
    groups = sorted(regions) + [CUSTOM_AREAS] * any(district["custom"] for district in districts)
    names = {district["code"]: district["name"] for district in districts}
    synthetic = str(release["synthetic"]).lower()
    gap_rows = [
        (gap["area"], names[gap["area"]], gap["topic"], gap["reason"], release["id"], synthetic)
        for gap in sorted(release["gaps"], key=lambda gap: (gap["area"], gap["topic"]))
        if gap["area"] in names
    ]
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(template.read_text(encoding="utf-8")).render(
        release=release,
        vintage=long_date(date.fromisoformat(release["vintage"])),
        districts=districts,
        n_lads=sum(not district["custom"] for district in districts),
        regions=groups,
        topics=list(topics.values()),
        style=style.read_text(encoding="utf-8"),
        gaps=gap_rows,
    )
    write_text(folder / "gaps.csv", csv_text(GAP_COLUMNS, gap_rows))
    write_json(folder / "datapackage.json", _data_package(release, districts, packs))
    write_text(folder / "index.html", page)
