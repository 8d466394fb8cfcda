"""Text of any kind under contracts of any kind: refused in words, or every line accounted for."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.effort import examples
from fuzz.made_contracts import contracts
from fuzz.made_text import damaged, encoded, header, mixtures, tables, written
from fuzz.oracles import (
    decoded,
    every_line_is_found,
    nothing_is_lost,
    records,
    staged_or_refused,
)
from lds.errors import SourceError
from lds.sources.contract import Contract
from lds.sources.staging import Staged
from unit.sources.builders import HEADER, counts, dropped, lines_and_reasons, stage_bytes

SECRET = "Zq7xSecret"


def staged_once(data: bytes, contract: Contract) -> tuple[Staged | SourceError, bytes]:
    """Stage bytes; return also the bytes of the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = staged_or_refused(Path(folder), "raw.csv", data, contract)
        if isinstance(found, SourceError):
            return found, b""
        _check(found, data, contract)
        return found, found.path.read_bytes()


def _check(staged: Staged, data: bytes, contract: Contract) -> None:
    text = decoded(data, contract)
    nothing_is_lost(staged, text, contract)
    if '"' not in text and not contract.reader.headings:
        every_line_is_found(staged, text, contract)


@examples(70)
@given(st.data())
def test_any_text_is_refused_or_accounted_for(data: st.DataObject) -> None:
    contract = data.draw(contracts(), label="contract")
    text = data.draw(st.one_of(mixtures(contract), damaged(contract), damaged(contract)))
    staged_once(data.draw(encoded(text, contract), label="bytes"), contract)


@examples(25)
@given(st.data())
def test_well_formed_text_is_counted_exactly_and_staged_alike_twice(data: st.DataObject) -> None:
    contract = data.draw(contracts(), label="contract")
    names = [] if contract.reader.header_rows == 0 else [header(contract)]
    if contract.reader.header_rows == 2:
        names.insert(0, ["Group", *names[0][1:]])
    above = [["About the table"]] * contract.reader.skip_rows
    body = data.draw(tables(contract), label="body")
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]), label="line end")
    text = written([*above, *names, *body], contract, end)
    raw = text.encode(contract.reader.encoding, "replace")
    staged, table = staged_once(raw, contract)
    if isinstance(staged, SourceError):
        refused, _ = staged_once(raw, contract)
        assert isinstance(refused, SourceError)
        assert refused.what == staged.what
        return
    read = records(decoded(raw, contract), contract.delimiter, strict=True)
    assert read is not None
    filled = [each for each in read[len(above) + len(names) :] if any(c.strip() for c in each)]
    times = 2 if contract.reader.headings else 1
    rows_above, _, notes = dropped(staged)[0]
    assert counts(staged)[0] == (len(filled) - notes) * times
    assert rows_above == len(above)
    again, same = staged_once(raw, contract)
    assert isinstance(again, Staged)
    assert (same, again.report) == (table, staged.report)
    assert again.rejected.equals(staged.rejected)


@examples(30)
@given(data=st.data())
def test_no_message_of_a_secure_source_shows_what_is_in_its_file(
    data: st.DataObject, capfd: pytest.CaptureFixture[str]
) -> None:
    contract = replace(
        data.draw(contracts(secure=True), label="contract"), maximum_rejected_share=0.0
    )
    text = data.draw(st.one_of(mixtures(contract), damaged(contract)))
    text = text.replace("tok", SECRET)
    for _ in range(data.draw(st.sampled_from([0, 1, 3]))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + SECRET + text[at:]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found, _ = staged_once(data.draw(encoded(text, contract)), contract)
    shown = capfd.readouterr()
    said = [shown.out, shown.err, *(str(each.message) for each in warned)]
    if isinstance(found, SourceError):
        said.append(str(found))
        assert found.__cause__ is None
    assert not [each for each in said if SECRET in each]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_of_three_megabytes_are_read(tmp_path: Path, quote: str, end: str) -> None:
    rows = ["A,2020-03-01,1\n", f"{quote}{'x' * 3_000_000}{quote},2020-03-01,1\n"]
    rows.append(f"C,2020-03-01,{quote}{'7' * 3_000_000}{quote}{end}")
    staged = stage_bytes(tmp_path, HEADER + "".join(rows))
    assert counts(staged) == (3, 2, 1)
    assert lines_and_reasons(staged) == [(4, "not a whole number")]
