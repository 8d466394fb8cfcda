"""Errors of formulas in XLSX workbooks, which the reader of cells gives as blank ones.

Without them a cell that says ``#DIV/0!`` could not be told from one that the publisher left empty.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

_PLACE = re.compile(r"([A-Z]+)([0-9]+)")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")


def formula_errors(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the errors on a sheet by row and column, both from 0; none where it is no XLSX.

    A sheet without any costs one search through its bytes.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return {}
        content = archive.read(member)
    if not _ERROR.search(content):
        return {}
    found = {}
    for cell in ElementTree.fromstring(content).iter():
        if _local(cell.tag) == "c" and cell.get("t") == "e":
            place = _PLACE.fullmatch(cell.get("r", ""))
            text = next((part.text for part in cell if _local(part.tag) == "v"), None)
            if place and text:
                found[int(place[2]) - 1, _column(place[1])] = text
    return found


def _local(tag: str) -> str:
    """Return the name of an element without its namespace: workbooks come in two of them."""
    return tag.rpartition("}")[2]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the part of the archive that holds a sheet; None where there is no such XML."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    identifier = next(
        (
            value
            for each in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter()
            if _local(each.tag) == "sheet" and each.get("name") == sheet
            for key, value in each.items()
            if key.endswith("}id")
        ),
        None,
    )
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next((each.get("Target", "") for each in links if each.get("Id") == identifier), None)
    if not target:
        return None
    member = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
    return member if member in names else None
