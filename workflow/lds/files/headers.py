"""Where a table's header stands among its first records, and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Sequence

PREVIEW = 200
"""Records that are looked at to find the delimiter, the header and the number of columns."""
_VALUE = re.compile(
    r"[A-Za-z]\d{8}\b.*|[-+£$]?[\d,.]*\d[\d,.]*%?|\d{4}-\d{2}-\d{2}.*|\{?[0-9A-Fa-f-]{36}\}?"
)
_CODE = re.compile(r"\s*[A-Za-z]\d{8}\b")


def find_header(records: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the header among a table's first records; None where it has none.

    It is the last record above the first area code that has text beyond its first cell (a title
    has none), or any text where codes stand alone in their rows. Without codes it is the first of
    the widest records, unless that holds values.
    """
    coded = next(
        (place for place, cells in enumerate(records) if any(map(_CODE.match, cells))), None
    )
    if coded is not None:
        alone = _filled(records[coded]) < 2
        above = [
            place
            for place, cells in enumerate(records[:coded])
            if _filled(cells if alone else cells[1:])
        ]
        return above[-1] if above else None
    if not records:
        return None
    most = max(map(_filled, records))
    first = next(place for place, cells in enumerate(records) if _filled(cells) == most)
    values = sum(1 for cell in records[first] if _VALUE.fullmatch(cell.strip()))
    return None if values > 1 else first


def column_names(header: Sequence[str], width: int) -> list[str]:
    """Return one distinct name per column, from the header's cells without blanks around them."""
    names: list[str] = []
    for place in range(width):
        # A NUL within a name would end the process where Polars hands it to DuckDB.
        name = " ".join(header[place].replace("\0", " ").split()) if place < len(header) else ""
        name = name or f"column_{place + 1}"
        # DuckDB does not tell names apart by case.
        while name.casefold() in (other.casefold() for other in names):
            name = f"{name}_{place + 1}"
        names.append(name)
    return names


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell and cell.strip())
