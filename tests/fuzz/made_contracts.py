"""Contracts of every kind, and cells that fit or break their columns."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from lds.sources.contract import Column, Contract, Reader, misfits

LABELS = ("Zone", "Ünit é", "n", "N of", "x;y", "a\tb", "100%", "Größe", "Σ", "日本", "c1", "line")
TYPES = ("text", "category", "integer", "number", "date", "boolean")
GOOD = {
    "text": ["alpha", "Ærø", "two words", "1", "TRUE", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "e\u0301"],
    "category": ["one", "two"],
    "integer": ["0", "7", "-12", "+3", "1,234", "9223372036854775807"],
    "number": ["0.5", "1e3", "-2", "1,234.5", "1.0"],
    "date": ["2020-03-01", "2021-12-31", "01/03/2020"],
    "boolean": ["TRUE", "false", "1"],
}
JUNK = ["", " ", "*", "..", "1_0", "nan", "inf", "\N{MINUS SIGN}3", "\ufeff", "\u2028", "\x85"]
JUNK += ["9" * 400, "-", "NULL", "\\", "\\N", "'", "#", "2020-02-30", "1.5", "{", "\x1a", "\x0b"]
JUNK += [
    "[c]",
    "0x10",
    "Source: an office of statistics",
    "x" * 3000,
    "Total",
    "\x1c",
    "\N{NO-BREAK SPACE}",
]


@st.composite
def contracts(draw: st.DrawFn, *, secure: bool | None = None) -> Contract:
    """Return a contract for delimited text; its first field is a text that every row has."""
    # Half of the files are of the kind that DuckDB reads by itself.
    plain = draw(st.booleans())
    headings = not plain and draw(st.integers(0, 2)) == 0
    header_rows = 1 if plain or headings else draw(st.sampled_from([1, 1, 0, 2]))
    names = draw(st.lists(st.sampled_from(LABELS), max_size=4, unique=True))
    columns = [_token_column(draw(st.booleans()))]
    for place, source_name in enumerate(names):
        columns.append(_column(draw, f"f{place}", source_name))
    reader: dict[str, Any] = {"header_rows": header_rows}
    if headings:
        reader |= {"headings": "y[0-9]+", "removed": draw(st.sampled_from(["", "y"]))}
        columns.append(Column(name="when", type="text", description="A heading.", part="heading"))
        kind = draw(st.sampled_from(["text", "integer", "number"]))
        columns.append(Column(name="value", type=kind, description="A cell.", part="cell"))
    reader["thousands"] = draw(st.sampled_from([None, ",", ".", " "]))
    reader["encoding"] = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "latin-1", "utf-16"]))
    if not plain:
        reader["skip_rows"] = draw(st.sampled_from([0, 0, 1, 3]))
        reader["footer"] = draw(st.sampled_from([None, None, "Total.*", ""]))
        if draw(st.booleans()):
            fields = [column.name for column in columns if column.part == "field"]
            reader["fill_down"] = (draw(st.sampled_from(fields)),)
    keys = [column.name for column in columns if column.part == "field"]
    key = tuple(keys[: draw(st.integers(0, 2))])
    made = Contract(
        id="made",
        title="Made source",
        publisher="Nobody",
        licence="None",
        citation="None",
        access="secure" if (draw(st.booleans()) if secure is None else secure) else "open",
        url=None,
        version=1,
        row_is="one row",
        delimiter=draw(st.sampled_from([",", ",", ",", ";", "\t", "|"])),
        extra_columns=draw(st.sampled_from(["ignore", "refuse"])),
        key=key,
        without_key=None if key else "Made.",
        columns=tuple(columns),
        maximum_rejected_share=draw(st.sampled_from([1.0, 1.0, 1.0, 0.0])),
        minimum_rows=1,
        profile="open",
        synthetic={},
        marks=draw(st.sampled_from([(), (), (("*", "withheld"), ("..", "not_available"))])),
        reader=Reader(**reader),
    )
    assert not list(misfits(made))
    return made


def _token_column(required: bool) -> Column:
    return Column(
        name="token", source_name="Token", type="text", required=required, description="A token."
    )


def _column(draw: st.DrawFn, name: str, source_name: str) -> Column:
    kind = draw(st.sampled_from(TYPES))
    more: dict[str, Any] = {}
    if kind == "category":
        more["values"] = (("one", "One"), ("two", "Two"))
        more["other_values"] = draw(st.sampled_from(["reject", "missing"]))
    elif kind == "date":
        more["date_format"] = draw(st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%Y%m"]))
        more["minimum"] = draw(st.sampled_from([None, "2020-01-01"]))
    elif kind in ("integer", "number"):
        more["minimum"] = draw(st.sampled_from([None, -10]))
        more["maximum"] = draw(st.sampled_from([None, 1000]))
    elif kind == "text":
        more["pattern"] = draw(st.sampled_from([None, None, "[a-z ]+"]))
    return Column(
        name=name,
        source_name=source_name,
        type=kind,
        description="Made.",
        required=draw(st.integers(0, 3)) == 0,
        optional=draw(st.integers(0, 3)) == 0,
        missing=draw(st.sampled_from([(), (), ("-",), ("NULL", "")])),
        other_names=draw(st.sampled_from([(), ("Other " + name,)])),
        **more,
    )


def cells(column: Column) -> st.SearchStrategy[str]:
    """Return cells of a column, mostly good ones."""
    good = st.sampled_from(GOOD[column.type])
    return st.one_of(good, good, good, good, good, st.sampled_from(JUNK), st.text(max_size=6))
