"""A run with custom areas: pages like others, and no byte of a district's page changed."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
from snakefolder import ISLES_OF_SCILLY, LADS, TOPIC, Folder, digests, refused_readably, shown

from lds.areas import custom_code

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
COUNTY, ISLANDS = custom_code("Leicestershire"), custom_code("Islands")
AREAS = [{"county": "Leicestershire"}, {"name": "Islands", "lads": ["Isles of Scilly"]}]


def test_custom_areas_have_all_that_districts_have(
    embedded: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    folder = copy_of(embedded)
    before = digests(folder.public, "site", "slices", "packs")
    folder.configure(geography__areas=AREAS)
    done = folder.make_reports()
    assert done.returncode == 0, done.stdout
    after = digests(folder.public, "site", "slices", "packs")
    assert {name: digest for name, digest in after.items() if name in before} == before
    assert after.keys() - before.keys() == {
        f"{start}{code}{end}"
        for code in (COUNTY, ISLANDS)
        for start, end in (
            ("packs/", ".zip"),
            ("site/", f"/{TOPIC}.html"),
            (f"slices/{TOPIC}/", ".json"),
        )
    }
    text = shown(folder.page(COUNTY))
    assert "Leicestershire on 1 April 2021: Blaby, Charnwood, Harborough" in text
    assert "Leicestershire beside the districts of England" in text
    assert "has stood for this district" not in text
    index = shown(folder.public / "index.html")
    assert f"{len(LADS)} districts of England and 2 custom areas" in index
    assert "Custom areas" in index
    assert COUNTY in index
    gaps = (folder.public / "gaps.csv").read_text(encoding="utf-8")
    assert [line.split(",")[0] for line in gaps.splitlines()[1:]] == [ISLES_OF_SCILLY, ISLANDS]
    assert "no figures for any district of this area" in shown(folder.page(ISLANDS))
    release = json.loads((folder.release / "release.json").read_text(encoding="utf-8"))
    assert {area["code"] for area in release["custom_areas"]} == {COUNTY, ISLANDS}
    table = pl.read_parquet(folder.release / f"{TOPIC}.parquet")
    old = pl.read_parquet(embedded.release / f"{TOPIC}.parquet")
    assert table.filter(~pl.col("area").str.starts_with("X")).equals(old)

    # An approved release is published with the areas that it holds, and with no others.
    folder.configure(release__path="results/export/released")
    folder.plan("publish")
    folder.configure(geography__areas=[*AREAS, {"county": "Kent"}])
    refused_readably(
        folder.snakemake("--dry-run"), ("every custom area", "Kent", "geography.areas")
    )
