"""Damaged workbooks, databases and archives: refused in words, with no crash and no hang."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

from fuzz.effort import DEEP, MORE
from fuzz.made_files import FORMATS, SECRET, csv_file, seeds, zipped
from fuzz.mutations import damaged_archive, damaged_bytes
from fuzz.run_cases import run_cases

CASES = 10 * (MORE if DEEP else 1)
"""Damaged files of each format."""


def damage(ending: str, number: int) -> list[bytes]:
    """Return valid files with an ending, then damaged ones."""
    good = seeds(ending)
    random = Random(f"{ending} {'deep' if DEEP else 'short'}")
    found = list(good)
    while len(found) < number:
        archive = ending == ".xlsx" and random.random() < 0.8
        change = damaged_archive if archive else damaged_bytes
        found.append(change(random.choice(good), good, random))
    return found


def test_a_damaged_file_is_refused_or_staged_and_shows_nothing(tmp_path: Path) -> None:
    sound = set()
    for ending in FORMATS:
        for place, data in enumerate(damage(ending, CASES)):
            case = f"case_{place:04d}{ending}"
            (tmp_path / case).write_bytes(data)
            if place < len(seeds(ending)):
                sound.add(case)
    found = run_cases(tmp_path)
    assert len(found) == CASES * len(FORMATS)
    assert [each for each in found if each.kind not in ("staged", "refused")] == []
    assert [each.case for each in found if SECRET in each.said] == []
    assert [each for each in found if each.case in sound and each.kind != "staged"] == []


def test_odd_archives_are_refused_or_staged_and_nothing_is_left(tmp_path: Path) -> None:
    packed = gzip.compress(csv_file(), mtime=0)
    archives = {
        "0.zip": (zipped({"../../outside.csv": csv_file()}), "staged"),
        "1.zip": (zipped({"/outside.csv": csv_file()}), "staged"),
        "2.zip": (zipped({"inner.zip": zipped({"made.csv": csv_file()})}), "refused"),
        "3.zip": (zipped({"a.csv": csv_file(), "b.csv": csv_file()}), "refused"),
        "4.zip": (zipped({}), "refused"),
        "5.csv.gz": (gzip.compress(packed, mtime=0), "refused"),
        "6.csv.gz": (packed * 2, "staged"),
        "7.csv.gz": (packed + b"rest", "refused"),
    }
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    for name, (data, _) in archives.items():
        (folder / f"case_{name}").write_bytes(data)
    found = run_cases(folder)
    assert [each.kind for each in found] == [expected for _, expected in archives.values()]
    assert not [each for each in found if SECRET in each.said]
    assert not [*tmp_path.rglob("outside.csv"), *Path("/").glob("outside.csv")]
