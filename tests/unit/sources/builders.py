"""Made sources: a small contract, its SQL and files with damage written out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from lds.sources.contract import Column, Contract
from lds.sources.staging import Staged, stage

HEADER = "Place,Day,N\n"

PLACE = Column(
    name="place", source_name="Place", type="text", required=True, description="A place."
)
DAY = Column(
    name="day",
    source_name="Day",
    type="date",
    required=True,
    minimum="2020-01-01",
    maximum="2020-12-31",
    description="A day.",
)
NUMBER = Column(
    name="n", source_name="N", type="integer", minimum=-100, maximum=5000, description="A number."
)


def contract(**changes: Any) -> Contract:
    """Return a contract of three columns (place, day, whole number) that lets every row fail."""
    keys: dict[str, Any] = {
        "id": "made",
        "title": "Made source",
        "publisher": "Nobody",
        "licence": "None",
        "citation": "None",
        "access": "open",
        "url": None,
        "version": 1,
        "row_is": "one place on one day",
        "delimiter": ",",
        "extra_columns": "refuse",
        "key": ("place", "day"),
        "columns": (PLACE, DAY, NUMBER),
        "maximum_rejected_share": 1.0,
        "minimum_rows": 1,
        "profile": "open",
        "synthetic": {},
    }
    return Contract(**{**keys, **changes})


def stage_bytes(
    folder: Path, content: bytes | str, made: Contract | None = None, **options: Any
) -> Staged:
    """Write a raw file and stage it."""
    raw = folder / options.pop("name", "raw.csv")
    raw.write_bytes(content if isinstance(content, bytes) else content.encode())
    return stage(raw, made or contract(), None, folder / "made.parquet", **options)


def counts(staged: Staged) -> tuple[object, object, object]:
    """Return rows in, kept and rejected."""
    return (
        staged.report["rows_in"],
        staged.report["rows_kept"],
        staged.report["rows_rejected"],
    )


def lines_and_reasons(staged: Staged) -> list[tuple[int, str]]:
    """Return line and reason of each rejected row."""
    return list(staged.rejected.select("line", "reason").iter_rows())


def dropped(staged: Staged) -> list[tuple[int, int, int]]:
    """Return what each raw table has above its header, blank and as a footnote."""
    files = cast("list[dict[str, dict[str, int]]]", staged.report["files"])
    return [
        (each["dropped"]["above_header"], each["dropped"]["blank"], each["dropped"]["footnote"])
        for each in files
    ]
