"""Files of any kind as tables without a contract, as the command for classification reads them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.effort import examples
from fuzz.made_contracts import contracts
from fuzz.made_text import damaged, encoded, mixtures, tables, written
from fuzz.oracles import lines_of, records
from fuzz.test_fuzz_binary import damage
from lds.database import fetch
from lds.errors import SourceError
from lds.files.tables import open_tables


def heights(name: str, data: bytes) -> list[int] | SourceError:
    """Return the number of rows of each table of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            with open_tables(path) as found:
                return [fetch(each.rows).height for each in found]
        except SourceError as error:
            return error
        finally:
            assert [each.name for each in Path(folder).iterdir()] == [name]


@examples(40)
@given(st.data())
def test_any_text_is_refused_or_read(data: st.DataObject) -> None:
    contract = data.draw(contracts())
    text = data.draw(st.one_of(mixtures(contract), damaged(contract)))
    ending = data.draw(st.sampled_from([".csv", ".tsv", ".txt"]))
    raw = data.draw(encoded(text, contract), label="bytes")
    found = heights(f"raw{ending}", raw)
    if isinstance(found, list):
        (rows,) = found
        assert rows <= len(lines_of(raw.decode("latin-1")))
    else:
        assert found.what.strip()


@examples(20)
@given(st.data())
def test_every_row_of_well_formed_text_is_read(data: st.DataObject) -> None:
    contract = data.draw(contracts())
    body = data.draw(tables(contract), label="body")
    width = len(body[0]) if body else 2
    names = [f"name {'abcdefghij'[place]}" for place in range(width)]
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]), label="line end")
    text = written([names, *body], contract, end)
    marks = [text.count(mark) for mark in ",\t;|"]
    if width < 2 or text.count(contract.delimiter) < 2 * sum(marks) // 3:
        return
    read = records(text, contract.delimiter, strict=True)
    assert read is not None
    if any("\0" in cell for record in read for cell in record):
        return
    assert heights("raw.csv", text.encode()) == [len(body)]


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".parquet", ".zip", ".csv.gz"])
def test_a_damaged_file_is_refused_or_read(ending: str) -> None:
    # What ends a process or hangs is looked for where staging is: the readers are the same.
    for data in damage(ending, 5):
        found = heights(f"raw{ending}", data)
        assert isinstance(found, list) or found.what.strip()
