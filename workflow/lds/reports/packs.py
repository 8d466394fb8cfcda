"""Packs: one archive per district, the same bytes for the same pages."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lds.io import canonical_json, read_json, replacing
from lds.text import MARKS

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: packs carry no clock."""
SYNTHETIC_NOTICE = (
    "SYNTHETIC DATA. Some or all of these figures are made up, to try out how reports are\n"
    "produced. Do not use or quote them.\n"
)


def _readme(slices: Sequence[dict[str, Any]], synthetic: bool) -> str:
    first = slices[0]
    lines = [f"{first['area']['name']} ({first['area']['code']}): Local Data Spaces\n"]
    if synthetic:
        lines.append("\n" + SYNTHETIC_NOTICE)
    lines.append(
        f"\nRelease {first['release']['id']}, districts as on {first['release']['vintage']}.\n"
        "\nOpen a report with any web browser; it needs no connection.\n\n"
    )
    for each in slices:
        what = f"no figures: {each['gap']['reason']}" if each["gap"] else "report and data"
        lines.append(f"  {each['topic']['id']}.html   {each['topic']['title']} ({what})\n")
    lines.append(
        "\ndata/ holds one tidy table per topic: a row per area, period, measure and comparator.\n"
        "A row without a value has a mark:\n"
        + "".join(f"  {mark}   {meaning}\n" for mark, meaning in MARKS.items())
        + "\ndata/charts/ holds the table of each chart, with the daily values of the region and\n"
        "of England where the chart draws them.\n"
        "\nmanifest.json lists every file with its SHA-256.\n\nSources:\n"
    )
    sources = {source["title"]: source for each in slices for source in each["sources"]}
    for title in sorted(sources):
        source = sources[title]
        lines.append(
            f"  {title}, {source['publisher']}. {source['citation']} {source['licence']}.\n"
        )
    return "".join(lines)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    archive.writestr(entry, content, compresslevel=6)


def write_pack(pages: Sequence[Path], slices: Sequence[Path], pack: Path) -> None:
    """Write one district's archive: reports, data, README.txt and manifest.json.

    Parameters
    ----------
    pages, slices : the district's pages and slices, one per topic in the same order.
    """
    loaded = [read_json(path) for path in slices]
    synthetic = any(each["release"]["synthetic"] for each in loaded)
    files: dict[str, bytes] = {"README.txt": _readme(loaded, synthetic).encode()}
    for page, each in zip(pages, loaded, strict=True):
        files[f"{each['topic']['id']}.html"] = page.read_bytes()
        if each["data"] is not None:
            files[f"data/{each['data']['name']}"] = each["data"]["text"].encode()
        for figure in each["figures"].values():
            files[f"data/charts/{figure['csv']['name']}"] = figure["csv"]["text"].encode()
    manifest = {
        "area": {key: loaded[0]["area"][key] for key in ("code", "name")},
        "release": loaded[0]["release"],
        "synthetic": synthetic,
        "topics": {
            each["topic"]["id"]: {
                "slice_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "gap": each["gap"],
            }
            for path, each in zip(slices, loaded, strict=True)
        },
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }
    files["manifest.json"] = canonical_json(manifest).encode()
    with replacing(pack) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(files):
            _add(archive, name, files[name])
