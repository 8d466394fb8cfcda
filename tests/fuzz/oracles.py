"""What must be true of every staging, whatever the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any, cast

from lds.errors import SourceError
from lds.sources.contract import Contract
from lds.sources.staging import Staged, stage
from unit.sources.builders import counts, dropped


def staged_or_refused(
    folder: Path, name: str, data: bytes, contract: Contract
) -> Staged | SourceError:
    """Stage bytes in an empty folder; check what holds of every success and every refusal.

    Anything but a `SourceError` passes through as the failure that it is.
    """
    raw, out = folder / name, folder / "out"
    out.mkdir()
    raw.write_bytes(data)
    found = _staged(raw, contract, out)
    left = {each.name for each in out.iterdir()}
    if isinstance(found, SourceError):
        assert found.what.strip()
        assert left <= {"rejected.csv"}
    else:
        assert left == {"made.parquet", "rejected.csv"}
        rows_in, kept, rejected = counts(found)
        assert kept == found.table.height
        assert rejected == found.rejected.height
        assert rejected == sum(cast("dict[str, int]", found.report["reasons"]).values())
        assert rows_in == found.table.height + found.rejected.height
        assert rows_in == sum(each["rows_in"] for each in cast("Any", found.report["files"]))
    assert {each.name for each in folder.iterdir()} == {name, "out"}
    assert raw.read_bytes() == data
    return found


def _staged(raw: Path, contract: Contract, out: Path) -> Staged | SourceError:
    try:
        return stage(raw, contract, None, out / "made.parquet", rejected_to=out / "rejected.csv")
    except SourceError as error:
        return error


def records(text: str, delimiter: str, *, strict: bool) -> list[list[str]] | None:
    """Return the records of text by another reader, blank ones as none; None where it cannot."""
    limit = csv.field_size_limit(1 << 30)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
        return list(reader)
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(limit)


def lines_of(text: str) -> list[str]:
    """Return the lines of text as files have them: ended by LF, CR or both."""
    return io.StringIO(text, newline="").readlines()


def decoded(data: bytes, contract: Contract) -> str:
    """Return the text of a file that staging could decode."""
    encoding = contract.reader.encoding
    return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)


def nothing_is_lost(staged: Staged, text: str, contract: Contract) -> None:
    """Check the account of a file, well-formed or not, against another reader of the same text."""
    read = records(text, contract.delimiter, strict=False)
    assert read is not None
    filled = sum(1 for record in read if any(cell.strip() for cell in record))
    above, blank, notes = dropped(staged)[0]
    rows = cast("int", counts(staged)[0])
    heads = contract.reader.header_rows
    assert filled <= rows + above + blank + notes + heads, "records are lost"
    headings = (sum(cell.strip().startswith("y") for cell in record) for record in read)
    most = max(1, *headings, 1)
    factor = most if contract.reader.headings else 1
    assert rows <= len(lines_of(text)) * factor, "rows are made up"


def every_line_is_found(staged: Staged, text: str, contract: Contract) -> None:
    """Check that each line of text without quotation marks is in the table, rejected or dropped.

    Lines are told by the token that they begin with; with `contract` each gives one row.
    """
    lines = lines_of(text)
    for line, value in staged.rejected.select("line", "value").iter_rows():
        assert 1 <= line <= len(lines)
        if value and not contract.reader.fill_down and not contract.reader.thousands:
            assert value in lines[line - 1].replace("\t", " ") or "\t" in value
    tokens = [(number, line[: len(TOKEN)]) for number, line in enumerate(lines, 1)]
    wanted = Counter(token for _, token in tokens if re.fullmatch(TOKEN_FORM, token))
    rejected = set(staged.rejected["line"])
    wanted -= Counter(token for number, token in tokens if number in rejected)
    for token in staged.table["token"]:
        wanted[(token or "")[: len(TOKEN)]] -= 1
    lost = sum((+wanted).values())
    above, blank, notes = dropped(staged)[0]
    assert lost <= above + blank + notes + contract.reader.header_rows, "lines are lost"


TOKEN = "tok000z"
TOKEN_FORM = "tok[0-9]{3}z"
