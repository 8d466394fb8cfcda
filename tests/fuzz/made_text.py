"""Delimited text under a contract: well-formed, or damaged in every way that files are."""

from __future__ import annotations

import csv
import io

from hypothesis import strategies as st

from fuzz.made_contracts import JUNK, cells
from lds.sources.contract import Contract

ENDS = ("\n", "\n", "\r\n", "\r")
NOTES = ("Source: an office of statistics, 2021", "Note 1", "Total", "* withheld", '"')
PIECES = [",", ";", "\t", "|", '"', '""', "\n", "\r\n", "\r", "\ufeff", " ", "Token", "a", "1"]
PIECES += ["\n\n", '"\n', "\u202e", "\u0301", "\u2028", "\x85", "\x1a", "#", "'", "\\", "y2020"]
BROKEN_BYTES = [b"\xff", b"\xe2\x82", b"\xc3", b"\xed\xa0\x80", b"\0", b"\xef\xbb\xbf", b"\xff\xfe"]
BROKEN_BYTES += [b"\x80", b'"', b"\r", b"\n", b"\x1a", b"\xd8\x3d"]
TOKEN = "tok{:03d}z"


def written(rows: list[list[str]], contract: Contract, end: str) -> str:
    """Return rows as well-formed text."""
    out = io.StringIO(newline="")
    for row in rows:
        # Python's writer leaves a line end that is not its own without quotation marks.
        quoting = csv.QUOTE_ALL if any(set("\r\n") & {*cell} for cell in row) else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=contract.delimiter, lineterminator=end, quoting=quoting).writerow(
            row
        )
    return out.getvalue()


def header(contract: Contract) -> list[str]:
    """Return the names of the fields of a contract, with those that become rows."""
    names = [column.source_name for column in contract.columns if column.part == "field"]
    return names + (["y2020", "y2021"] if contract.reader.headings else [])


@st.composite
def tables(draw: st.DrawFn, contract: Contract) -> list[list[str]]:
    """Return rows that fit the header; the first cell of each is its own token."""
    fields = [column for column in contract.columns if column.part == "field"][1:]
    cell = next((column for column in contract.columns if column.part == "cell"), None)
    fields += [cell, cell] if cell else []
    number = draw(st.integers(0, 8))
    rows = []
    for place in range(number):
        token = TOKEN.format(place if draw(st.integers(0, 7)) else max(place - 1, 0))
        rows.append([token, *(draw(cells(column)) for column in fields)])
    return rows


@st.composite
def headers(draw: st.DrawFn, contract: Contract) -> list[list[str]]:
    """Return the lines above the rows: the header as it should be, or as editions differ."""
    names = header(contract)
    above = [["About the table"]] * contract.reader.skip_rows
    form = draw(
        st.sampled_from(
            ["good"] * 20 + ["none", "twice", "case", "extra", "lost", "title", "blank"]
        )
    )
    if form == "none" or contract.reader.header_rows == 0:
        return above
    if form == "case":
        names = [f" {name.upper()} " for name in names]
    elif form == "extra":
        names = [*names, draw(st.sampled_from(["More", "", names[0]]))]
    elif form == "lost":
        names = names[:-1]
    elif form == "title":
        above = [["A title"], [], *above]
    elif form == "blank":
        names = [""] * len(names)
    rows = [*above, names]
    if form == "twice":
        rows.append(names)
    if contract.reader.header_rows == 2:
        rows.insert(len(above), draw(st.sampled_from([["Group"], [""] * len(names), []])))
    return rows


@st.composite
def mixtures(draw: st.DrawFn, contract: Contract) -> str:
    """Return a header over a random mixture of what matters to readers of text."""
    start = written(draw(headers(contract)), contract, draw(st.sampled_from(ENDS)))
    pieces = draw(st.lists(st.sampled_from([*PIECES, *JUNK, contract.delimiter, '"']), max_size=40))
    return start + "".join(pieces)


@st.composite
def damaged(draw: st.DrawFn, contract: Contract) -> str:
    """Return a valid file with notes, whose lines and letters were then dropped or changed."""
    end = draw(st.sampled_from(ENDS))
    rows = [*draw(headers(contract)), *draw(tables(contract))]
    text = written(rows, contract, end)
    if draw(st.integers(0, 3)) == 0:
        text += draw(st.sampled_from(["", end])) + draw(st.sampled_from(NOTES))
    lines = text.splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 4))):
        if not lines:
            break
        place = draw(st.integers(0, len(lines) - 1))
        change = draw(
            st.sampled_from(
                ["drop", "repeat", "cut", "swap", "put", "put", "quote", "blank", "end"]
            )
        )
        line = lines[place]
        if change == "drop":
            del lines[place]
        elif change == "repeat":
            lines.insert(place, line)
        elif change == "cut":
            lines[place] = line[: draw(st.integers(0, len(line)))]
        elif change == "swap":
            lines[place], lines[0] = lines[0], line
        elif change in ("put", "quote"):
            at = draw(st.integers(0, len(line)))
            piece = draw(st.sampled_from(PIECES)) if change == "put" else '"'
            lines[place] = line[:at] + piece + line[at:]
        elif change == "blank":
            lines.insert(
                place, draw(st.sampled_from(["\n", "\r\n", "\r", contract.delimiter + "\n"]))
            )
        else:
            lines[place] = line.rstrip("\r\n") + draw(st.sampled_from(ENDS))
    return "".join(lines)


@st.composite
def encoded(draw: st.DrawFn, text: str, contract: Contract) -> bytes:
    """Return text in the encoding of the contract, or wrongly, with bytes changed now and then."""
    encoding = contract.reader.encoding
    if draw(st.integers(0, 15)) == 0:
        encoding = draw(
            st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be"])
        )
    data = text.encode(encoding, "replace")
    for _ in range(max(0, draw(st.integers(-6, 2)))):
        at = draw(st.integers(0, len(data)))
        change = draw(st.sampled_from(["put", "cut", "drop"]))
        if change == "put":
            data = data[:at] + draw(st.sampled_from(BROKEN_BYTES)) + data[at:]
        elif change == "cut":
            data = data[:at]
        else:
            data = data[:at] + data[at + 1 :]
    return data
