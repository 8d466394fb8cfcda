"""Where two versions of a published file differ: not that they do, but in which place."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from lds.proof.archives import archive_problems
from lds.proof.findings import Finding
from lds.proof.markup import pieces

NOT_REBUILT = "not what the release gives"
MISSING = "missing here; the release gives it"
SPELLING = "other characters outside text and attributes"

Difference = tuple[str, str, str]
"""Place, what is wrong, and what was found."""


def differences(file: str, expected: bytes, found: bytes) -> list[Finding]:
    """Return a finding for each place in which `found` is not `expected`; none where it is.

    Parameters
    ----------
    file : name of the file, whose ending says how to read it.
    expected : the bytes that the release gives.
    found : the bytes that are published.
    """
    if expected == found:
        return []
    try:
        places = list(_of_bytes(file, expected, found))
    except (UnicodeDecodeError, ValueError, zipfile.BadZipFile, RecursionError):
        places = [("whole file", "cannot be read as what it should be", "")]
    return [Finding(file, *place) for place in places or [("whole file", SPELLING, "")]]


def _of_bytes(name: str, expected: bytes, found: bytes) -> Iterator[Difference]:
    if name.endswith(".zip"):
        yield from _of_archives(expected, found)
        return
    before, after = expected.decode(), found.decode()
    if name.endswith(".html"):
        yield from markup_differences(before, after)
    elif name.endswith(".json"):
        yield from _of_values("", json.loads(before), json.loads(after))
    elif name.endswith(".csv"):
        yield from table_differences(before, after)
    else:
        yield from _of_lines(before, after)


def markup_differences(expected: str, found: str) -> Iterator[Difference]:
    """Yield the pieces of a page or drawing that are new, or that are missing."""
    before, after = pieces(expected), pieces(found)
    old, new = [piece.content for piece in before], [piece.content for piece in after]
    for tag, start, end, first, last in _changes(old, new):
        for piece in after[first:last]:
            yield piece.place, NOT_REBUILT, piece.text or piece.element
        if tag == "delete":
            for piece in before[start:end]:
                yield piece.place, MISSING, ""


def _changes(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    """Return what differs between two lists; what both begin and end with is passed over."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    middle = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    return [
        (tag, head + start, head + end, head + first, head + last)
        for tag, start, end, first, last in middle.get_opcodes()
        if tag != "equal"
    ]


def _shared(old: Sequence[Any], new: Sequence[Any]) -> int:
    """Return with how many equal items two lists begin."""
    for place, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return place
    return min(len(old), len(new))


def _of_values(place: str, expected: Any, found: Any) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            inner = f"{place}.{key}" if place else key
            if key not in expected:
                # A key may be the value that was planted.
                yield f"a key of {place or 'the file'}", NOT_REBUILT, key
            elif key not in found:
                yield inner, MISSING, ""
            else:
                yield from _of_values(inner, expected[key], found[key])
    elif isinstance(expected, list) and isinstance(found, list):
        for tag, start, _, first, last in _changes(
            [json.dumps(each, sort_keys=True) for each in expected],
            [json.dumps(each, sort_keys=True) for each in found],
        ):
            if tag == "replace" and last - first == 1:
                yield from _of_values(f"{place}[{first}]", expected[start], found[first])
            elif tag == "delete":
                yield f"{place}[{start}]", MISSING, ""
            else:
                for index in range(first, last):
                    yield f"{place}[{index}]", NOT_REBUILT, json.dumps(found[index])
    elif isinstance(expected, str) and isinstance(found, str) and expected != found:
        yield from _of_texts(place, expected, found)
    elif expected != found or type(expected) is not type(found):
        yield place, NOT_REBUILT, str(found)


def _of_texts(place: str, expected: str, found: str) -> Iterator[Difference]:
    """Look into the strings of a slice that are files of their own."""
    if expected.startswith("<svg"):
        inner = list(markup_differences(expected, found))
    elif place == "data.text" or place.endswith("csv.text"):
        inner = list(table_differences(expected, found))
    else:
        yield place, NOT_REBUILT, found
        return
    for where, what, new in inner or [("whole text", SPELLING, "")]:
        yield f"{place}: {where}", what, new


def table_differences(expected: str, found: str) -> Iterator[Difference]:
    """Yield the cells, rows and columns of a CSV that differ; rows are counted from the header."""
    before, after = (
        [tuple(row) for row in csv.reader(io.StringIO(text))] for text in (expected, found)
    )
    if before[:1] != after[:1]:
        names = set(before[0] if before else [])
        for index, name in enumerate(after[0] if after else [], 1):
            if name not in names:
                yield f"column {index}", NOT_REBUILT, name
        if not after or names - set(after[0]):
            yield "header", MISSING, ""
        return
    for tag, start, end, first, last in _changes(before, after):
        if tag == "replace" and end - start == last - first:
            for old, row in zip(range(start, end), range(first, last), strict=True):
                yield from _of_cells(row, before[0], before[old], after[row])
        elif first < last:
            for row in range(first, last):
                yield f"row {row}", NOT_REBUILT, ",".join(after[row])
        else:
            yield f"row {first}", MISSING, ""


def _of_cells(
    row: int, header: Sequence[str], expected: Sequence[str], found: Sequence[str]
) -> Iterator[Difference]:
    for index, (old, new) in enumerate(itertools.zip_longest(expected, found, fillvalue="")):
        if old != new:
            column = header[index] if index < len(header) else f"beyond the header ({index + 1})"
            yield f"row {row}, column {column}", NOT_REBUILT, new


def _of_lines(expected: str, found: str) -> Iterator[Difference]:
    old, new = expected.splitlines(), found.splitlines()
    for tag, _, _, first, last in _changes(old, new):
        if tag == "delete":
            yield f"line {first + 1}", MISSING, ""
        for line in range(first, last):
            yield f"line {line + 1}", NOT_REBUILT, new[line]


def _of_archives(expected: bytes, found: bytes) -> Iterator[Difference]:
    shape = list(archive_problems(found))
    yield from shape
    with zipfile.ZipFile(io.BytesIO(expected)) as old, zipfile.ZipFile(io.BytesIO(found)) as new:
        wanted = set(old.namelist())
        names = new.namelist()
        for index, name in enumerate(names, 1):
            if name not in wanted:
                yield f"member {index}", NOT_REBUILT, name
        changed = False
        for name in sorted(wanted):
            if name not in names:
                yield f"member {name}", MISSING, ""
                continue
            inside = differences(name, old.read(name), new.read(name))
            changed = changed or bool(inside)
            yield from ((f"member {name}: {each.place}", each.what, each.found) for each in inside)
        if not shape and not changed and wanted == {*names}:
            yield "compressed data", "other bytes than packing the same files gives", ""
