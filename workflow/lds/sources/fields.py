"""Which column of a raw file is which column of its contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lds.errors import SourceError
from lds.sources.contract import Column, Contract

PREVIEW = 200
"""Records that are looked at to find the header."""


@dataclass(frozen=True)
class Fields:
    """The header of a raw file, held against its contract.

    Attributes
    ----------
    places : place of each column of the contract that the file has, by the column's name.
    headings : places of the columns that become rows, each with its heading.
    ignored : names in the file that the contract has no use for.
    """

    places: dict[str, int]
    headings: dict[int, str]
    ignored: tuple[str, ...]


def _plain(name: str) -> str:
    """Return a name without what editions of a file differ in: case, blanks and line ends."""
    return " ".join(name.split()).casefold()


def _place(column: Column, names: Sequence[str]) -> int | None:
    """Return where a column stands among the names of a file; None where it is not there."""
    wanted = (column.source_name, *column.other_names)
    for name in wanted:
        if name in names:
            return names.index(name)
    if not column.source_name:
        return None
    plain = [_plain(name) for name in names]
    for name in wanted:
        if plain.count(_plain(name)) == 1:
            return plain.index(_plain(name))
    return None


def match_fields(names: Sequence[str], contract: Contract) -> tuple[Fields, list[str]]:
    """Return the columns found among `names`, and the source names of those that are missing.

    A name counts also where it differs from the contract in case or blanks alone.
    """
    reader = contract.reader
    places: dict[str, int] = {}
    missing: list[str] = []
    for column in contract.columns:
        if column.part != "field":
            continue
        place = _place(column, names)
        if place is not None:
            places[column.name] = place
        elif not column.optional:
            missing.append(column.source_name)
    headings = {
        place: name.removeprefix(reader.removed)
        for place, name in enumerate(names)
        if reader.headings and re.fullmatch(reader.headings, name)
    }
    if reader.headings and not headings:
        missing.append(f"columns named like {reader.headings}")
    used = {*places.values(), *headings}
    ignored = tuple(name for place, name in enumerate(names) if name and place not in used)
    return Fields(places, headings, ignored), missing


def check_fields(names: Sequence[str], contract: Contract, where: str) -> Fields:
    """Return the columns of a file whose header is `names`.

    Raises
    ------
    SourceError : the header is blank, names a column of the contract twice, lacks one, or has
        others although the contract refuses those. Names in the file of a secure source are not
        quoted: a file without a header has values there.
    """
    if not any(names):
        raise SourceError(
            "A raw file has no header line.",
            where=where,
            remedy="One of its first lines must hold the column names.",
        )
    fields, missing = match_fields(names, contract)
    if missing:
        extra = ", ".join(fields.ignored[:6])
        raise SourceError(
            f"A raw file lacks columns that {contract.title} has.",
            where=where,
            values=missing,
            remedy="Check that this is the right file"
            + (f"; it has: {extra}." if extra and not contract.secure else "."),
        )
    wanted = {names[place] for place in (*fields.places.values(), *fields.headings)}
    counted = wanted if contract.extra_columns == "ignore" else set(names)
    twice = sorted(name for name in counted if name and list(names).count(name) > 1)
    if twice:
        raise SourceError(
            "A column name occurs twice in a raw file.",
            where=where,
            values=() if contract.secure else twice,
            remedy="Remove or rename one of the two columns.",
        )
    if fields.ignored and contract.extra_columns == "refuse":
        raise SourceError(
            "A raw file has columns that its contract does not know.",
            where=where,
            values=() if contract.secure else list(fields.ignored),
            remedy="Remove them, or add them to the contract of the source.",
        )
    return fields


def documented_names(contract: Contract) -> tuple[str, ...]:
    """Return the column names of a file without a header, in the order of the contract."""
    return tuple(column.source_name for column in contract.columns if column.part == "field")


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return the names of a header of two rows.

    The lower row names the columns; where it is blank or repeats itself, the upper one stands
    before it. A blank cell of the upper row belongs to the merged cell on its left.
    """
    names, group = [], ""
    for place, name in enumerate(lower):
        group = (upper[place] if place < len(upper) else "") or group
        alone = name and list(lower).count(name) == 1
        names.append(name if alone else f"{group} {name}".strip())
    return names


def header_names(rows: Sequence[Sequence[str]], last: int, contract: Contract) -> list[str]:
    """Return the column names of a header whose last row is ``rows[last]``."""
    lower = [cell.strip() for cell in rows[last]]
    if contract.reader.header_rows < 2 or last == 0:
        return lower
    return _joined([cell.strip() for cell in rows[last - 1]], lower)


def find_header(rows: Sequence[Sequence[str]], contract: Contract) -> int:
    """Return the place of the (lower) header row among the first rows of a file.

    It is the first row that has every column the contract asks for; where none has, the row that
    has most of them, so that the message names what is missing. `reader.skip_rows` is tried first.
    """
    expected = contract.reader.skip_rows + max(contract.reader.header_rows - 1, 0)
    order = sorted(range(len(rows)), key=lambda place: (place != expected, place))
    best, fewest = min(expected, max(len(rows) - 1, 0)), None
    for place in order:
        missing = match_fields(header_names(rows, place, contract), contract)[1]
        if not missing:
            return place
        if any(rows[place]) and (fewest is None or len(missing) < fewest):
            best, fewest = place, len(missing)
    return best
