"""Parquet: typed values are checked as their texts are, and rejects have the row of the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from lds.errors import SourceError
from lds.sources.contract import Column, Contract, Reader
from lds.sources.staging import Staged, stage
from unit.sources.builders import DAY, NUMBER, PLACE, contract, counts, dropped, lines_and_reasons

MARCH = date(2020, 3, 1)
PARQUET = contract(reader=Reader(format="parquet"))


def staged_frame(folder: Path, frame: pl.DataFrame, made: Contract = PARQUET) -> Staged:
    frame.write_parquet(folder / "raw.parquet")
    return stage(folder / "raw.parquet", made, None, folder / "made.parquet")


RATE = replace(NUMBER, type="number", minimum=None, maximum=None)
TEXT = Column(name="n", source_name="N", type="text", description="A text.")


@pytest.mark.parametrize(
    ("column", "values", "dtype", "result"),
    [
        (NUMBER, [1, None, 3], pl.Int8, [1, None, 3]),
        (NUMBER, [1, 2, 3], pl.UInt64, [1, 2, 3]),
        (NUMBER, [1.0, float("nan"), None], pl.Float64, [1, None, None]),
        (NUMBER, [1.0, None, -3.0], pl.Float32, [1, None, -3]),
        (NUMBER, [Decimal("1.00"), None], pl.Decimal(10, 2), [1, None]),
        (NUMBER, [" 1", "", None], pl.String, [1, None, None]),
        (RATE, [0.1, 1e-7, 1e300], pl.Float64, [0.1, 1e-7, 1e300]),
        (RATE, [Decimal("1.50"), Decimal("-0.25")], pl.Decimal(10, 2), [1.5, -0.25]),
        (replace(NUMBER, type="boolean", minimum=None, maximum=None), [True, None], pl.Boolean,
         [True, None]),
        (TEXT, ["a", None, "a"], pl.Categorical, ["a", None, "a"]),
        (TEXT, [7.0, 7.5], pl.Float64, ["7", "7.5"]),
        (replace(DAY, name="n", source_name="N"), [MARCH, MARCH], pl.Date, [MARCH, MARCH]),
        (replace(DAY, name="n", source_name="N", date_format="%d/%m/%Y"), [MARCH], pl.Date,
         [MARCH]),
        *[(replace(DAY, name="n", source_name="N"), [datetime(2020, 3, 1)], pl.Datetime(unit),
           [MARCH]) for unit in ("ms", "us", "ns")],
    ],
)  # fmt: skip
def test_typed_values(
    tmp_path: Path, column: Column, values: list[Any], dtype: Any, result: list[Any]
) -> None:
    frame = pl.DataFrame(
        {"Place": [f"P{i}" for i in range(len(values))], "N": pl.Series(values, dtype=dtype)}
    )
    made = replace(PARQUET, columns=(PLACE, column), key=("place",))
    staged = staged_frame(tmp_path, frame, made)
    assert staged.rejected.is_empty()
    assert staged.table["n"].to_list() == result


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (NUMBER, 1.5, "not a whole number"),
        (NUMBER, Decimal("1.50"), "not a whole number"),
        (NUMBER, float("inf"), "not a whole number"),
        (NUMBER, 5001, "above 5000"),
        (NUMBER, True, "not a whole number"),
        (RATE, float("-inf"), "not a number"),
        (replace(DAY, name="n", source_name="N"), datetime(2020, 3, 1, 12), "not a date (YYYY-MM"),
        (replace(DAY, name="n", source_name="N"), date(2021, 1, 1), "above 2020-12-31"),
    ],
)
def test_typed_values_that_break_the_contract(
    tmp_path: Path, column: Column, value: Any, reason: str
) -> None:
    frame = pl.DataFrame({"Place": ["A", "B"], "N": pl.Series([None, value], strict=False)})
    made = replace(PARQUET, columns=(PLACE, replace(column, required=False)), key=("place",))
    staged = staged_frame(tmp_path, frame, made)
    assert staged.rejected["line"].to_list() == [2]
    assert staged.rejected["reason"][0].startswith(reason)


def test_rejects_have_their_row_in_the_file(tmp_path: Path) -> None:
    rows = 50_000
    frame = pl.DataFrame(
        {
            "Place": [f"P{i}" for i in range(rows)],
            "Day": [MARCH] * rows,
            "N": [1 if i % 10_000 else 9_999 for i in range(rows)],
        }
    )
    blank = pl.DataFrame({"Place": [None], "Day": [None], "N": [None]}, schema=frame.schema)
    staged = staged_frame(tmp_path, pl.concat([blank, frame, frame.tail(1)]))
    assert lines_and_reasons(staged) == [
        *((line, "above 5000") for line in range(2, rows, 10_000)),
        (rows + 2, "the same row again"),
    ]
    assert counts(staged) == (rows + 1, rows - 5, 6)
    assert dropped(staged) == [(0, 1, 0)]


def test_a_message_names_the_row(tmp_path: Path) -> None:
    frame = pl.DataFrame({"Place": ["A", "B"], "Day": [MARCH, MARCH], "N": [1, 9999]})
    with pytest.raises(SourceError, match=r"line 2: above 5000"):
        staged_frame(tmp_path, frame, replace(PARQUET, maximum_rejected_share=0))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
def test_days_do_not_depend_on_where_the_workflow_runs(
    tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lds.sources import staging

    real = staging.connect

    def elsewhere(spill: Path | None = None) -> Any:
        class Moved:
            def __enter__(self) -> duckdb.DuckDBPyConnection:
                self.context = real(spill)
                con = self.context.__enter__()
                con.execute(f"set timezone = '{zone}'")
                return con

            def __exit__(self, *error: object) -> None:
                self.context.__exit__(None, None, None)

        return Moved()

    monkeypatch.setattr(staging, "connect", elsewhere)
    midnight = datetime(2020, 3, 1, tzinfo=UTC)
    evening = datetime(2020, 2, 29, 22, tzinfo=timezone(timedelta(hours=-2)))
    frame = pl.DataFrame(
        {"Place": ["A", "B"], "Day": [midnight, evening.astimezone(UTC)], "N": [1, 2]}
    )
    assert staged_frame(tmp_path, frame).table["day"].to_list() == [MARCH, MARCH]


def test_columns_that_are_ignored_may_be_of_any_type(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "Place": ["A"],
            "List": [[1, 2]],
            "Struct": [{"a": 1}],
            "Bytes": [b"\xff\x00"],
            "Day": [MARCH],
            "N": [1],
        }
    )
    staged = staged_frame(tmp_path, frame, replace(PARQUET, extra_columns="ignore"))
    assert staged.table.rows() == [("A", MARCH, 1)]
    assert staged.report["columns_ignored"] == ["Bytes", "List", "Struct"]
    with pytest.raises(SourceError, match="does not know"):
        staged_frame(tmp_path, frame)


@pytest.mark.parametrize("access", ["open", "secure"])
@pytest.mark.parametrize("content", [b"Jane,2020-03-01,1\n", b"PAR1Jane", b"PAR1 Jane PAR1"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes, access: str) -> None:
    path = tmp_path / "raw.parquet"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="cannot be read") as caught:
        stage(path, replace(PARQUET, access=access), None, tmp_path / "made.parquet")
    assert "Jane" not in str(caught.value)
    assert caught.value.where == str(path)


@pytest.mark.parametrize("access", ["open", "secure"])
def test_a_damaged_page_is_refused_without_a_value(tmp_path: Path, access: str) -> None:
    path = tmp_path / "raw.parquet"
    rows = 2_000
    frame = pl.DataFrame(
        {"Place": [f"Jane {i}" for i in range(rows)], "Day": [MARCH] * rows, "N": [1] * rows}
    )
    frame.write_parquet(path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[40:400] = bytes(360)
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"not a readable table|cannot be read") as caught:
        stage(path, replace(PARQUET, access=access), None, tmp_path / "made.parquet")
    assert "Jane" not in str(caught.value)
