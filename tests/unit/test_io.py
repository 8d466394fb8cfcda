from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import polars as pl
import pytest

from lds import io
from lds.errors import LdsError


def test_a_file_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"
    with io.replacing(target) as part:
        part.write_text("half")
        assert not target.exists()
        assert part.parent == target.parent
    assert target.read_text() == "half"
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("before", [None, "old"])
def test_nothing_half_written_remains(
    tmp_path: Path, error: type[BaseException], before: str | None
) -> None:
    target = tmp_path / "file.txt"
    if before is not None:
        target.write_text(before)

    def fail() -> None:
        with io.replacing(target) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ([] if before is None else ["file.txt"])
    assert before is None or target.read_text() == before


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [object()]}, schema={"a": pl.Object})
    with pytest.raises(BaseException):  # noqa: B017, PT011
        io.write_parquet(tmp_path / "table.parquet", frame)
    assert list(tmp_path.iterdir()) == []


def test_json_is_the_same_whatever_the_order(tmp_path: Path) -> None:
    io.write_json(tmp_path / "a.json", {"b": 1, "a": ["é", None, 0.1]})
    io.write_json(tmp_path / "b.json", {"a": ["é", None, 0.1], "b": 1})
    expected = '{\n "a": [\n  "é",\n  null,\n  0.1\n ],\n "b": 1\n}\n'
    assert (tmp_path / "a.json").read_bytes() == expected.encode()
    assert (tmp_path / "b.json").read_bytes() == expected.encode()
    assert io.read_json(tmp_path / "a.json") == {"a": ["é", None, 0.1], "b": 1}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_numbers_that_are_none(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        io.write_json(tmp_path / "a.json", {"a": value})
    assert list(tmp_path.iterdir()) == []


def test_json_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(LdsError, match=r"missing(.|\n)*a\.json"):
        io.read_json(path)
    path.write_text('{"a": ')
    with pytest.raises(LdsError, match=r"not valid JSON(.|\n)*a\.json"):
        io.read_json(path)


def test_csv_quotes_what_needs_it_and_leaves_missing_fields_empty() -> None:
    rows = [["a,b", None, 'say "x"'], [1, 0.5, "two\nlines"]]
    assert io.csv_text(["x", "y", "z"], rows) == ('x,y,z\n"a,b",,"say ""x"""\n1,0.5,"two\nlines"\n')


def test_tables_and_checksums(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, None]})
    io.write_parquet(tmp_path / "a.parquet", frame)
    io.write_parquet(tmp_path / "b.parquet", frame)
    assert pl.read_parquet(tmp_path / "a.parquet").equals(frame)
    assert io.sha256(tmp_path / "a.parquet") == io.sha256(tmp_path / "b.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    assert io.sha256(tmp_path / "a.parquet") == hashlib.sha256(content).hexdigest()
