"""Conversions from Parquet file to Parquet file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register, convert_frame
from lds.geography.conversion.streaming import convert_file, convert_rows

REGISTER = Register.load()
Y2018, Y2021 = date(2018, 4, 1), date(2021, 4, 1)


def records(path: Path, repeats: int = 50) -> pl.DataFrame:
    """Write records of every LAD of 2018 on two days, in no order."""
    codes = REGISTER.live_on(Y2018).select("code")
    days = pl.DataFrame({"day": [date(2020, 4, 1), date(2020, 4, 2)]})
    numbers = pl.DataFrame({"n": range(repeats)})
    frame = (
        codes.join(days, how="cross")
        .join(numbers, how="cross")
        .select("code", "day", deaths=pl.col("n") * 7 % 5)
        .sample(fraction=1, shuffle=True, seed=1)
    )
    frame.write_parquet(path)
    return frame


def test_a_file_gives_what_its_frame_gives(tmp_path: Path) -> None:
    frame = records(tmp_path / "in.parquet")
    account = convert_file(
        tmp_path / "in.parquet",
        tmp_path / "made" / "out.parquet",
        REGISTER,
        to=Y2021,
        kind="count",
        code="code",
        values={"value": "deaths"},
        records=True,
    )
    added = frame.group_by("code", "day").agg(pl.col("deaths").sum())
    expected = convert_frame(
        added, REGISTER, to=Y2021, kind="count", code="code", values={"value": "deaths"}
    )
    made = pl.read_parquet(tmp_path / "made" / "out.parquet")
    assert made.equals(expected.table)
    assert made["value"].sum() == frame["deaths"].sum()
    assert made.height == 2 * 309
    assert account.totals == expected.account.totals
    assert account.rows["given"] == frame.height
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["out.parquet"]


def test_a_file_name_is_no_pattern_of_other_names(tmp_path: Path) -> None:
    frame = records(tmp_path / "in[12].parquet", repeats=1)
    records(tmp_path / "in1.parquet", repeats=2)
    account = convert_rows(
        tmp_path / "in[12].parquet", tmp_path / "out.parquet", REGISTER, to=Y2021, code="code"
    )
    assert account.rows["given"] == frame.height


def test_rows_keep_their_order_and_get_an_area(tmp_path: Path) -> None:
    frame = records(tmp_path / "in.parquet")
    account = convert_rows(
        tmp_path / "in.parquet", tmp_path / "out.parquet", REGISTER, to=Y2021, code="code"
    )
    made = pl.read_parquet(tmp_path / "out.parquet")
    assert made.columns == ["from_code", "day", "deaths", "area", "match"]
    assert made.select(code="from_code", day="day", deaths="deaths").equals(frame)
    assert set(made["area"]) == set(REGISTER.live_on(Y2021)["code"])
    east = made.filter(pl.col("area") == "E07000244")
    assert sorted(east["from_code"].unique()) == ["E07000205", "E07000206"]
    assert made["match"].unique().to_list() == ["exact"]
    assert account.rows == {"given": frame.height, "matched": frame.height, "lost": 0}


def test_rows_that_lead_to_several_areas_stay_without_one(tmp_path: Path) -> None:
    codes = ["E07000131", "E06000060", None, "E06000060", "E08000038"]
    pl.DataFrame({"code": codes, "n": range(5)}).write_parquet(tmp_path / "in.parquet")
    account = convert_rows(
        tmp_path / "in.parquet", tmp_path / "out.parquet", REGISTER, to=Y2018, code="code"
    )
    assert pl.read_parquet(tmp_path / "out.parquet").rows() == [
        ("E07000131", 0, "E07000131", "exact"),
        ("E06000060", 1, None, "not_convertible"),
        (None, 2, None, "not_convertible"),
        ("E06000060", 3, None, "not_convertible"),
        ("E08000038", 4, "E08000016", "best_fit"),
    ]
    assert account.rows == {"given": 5, "matched": 2, "lost": 3}
    assert list(account.not_convertible) == ["E06000060"]
    assert "was made on 2020-04-01" in account.not_convertible["E06000060"]


@pytest.mark.parametrize(
    ("columns", "code", "limit", "message"),
    [
        ({"lad": ["E07000131"]}, "code", None, "no column 'code'"),
        ({"code": ["E07000131"], "area": [1]}, "code", None, "columns with the names(.|\n)*area"),
        ({"code": ["E07999999"]}, "code", None, "does not know(.|\n)*E07999999"),
        ({"code": ["E06000060", "E07000131"]}, "code", 0.4, r"50\.00%(.|\n)*E06000060"),
    ],
)
def test_a_refusal_leaves_no_file(
    tmp_path: Path, columns: dict[str, list[object]], code: str, limit: float | None, message: str
) -> None:
    pl.DataFrame(columns).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(GeographyError, match=message):
        convert_rows(
            tmp_path / "in.parquet",
            tmp_path / "out.parquet",
            REGISTER,
            to=Y2018,
            code=code,
            maximum_unmatched_share=limit,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_a_file_that_is_not_there_or_not_parquet(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match=r"missing(.|\n)*none\.parquet"):
        convert_rows(tmp_path / "none.parquet", tmp_path / "o.parquet", REGISTER, to=Y2018)
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(GeographyError, match=r"not Parquet(.|\n)*text\.parquet"):
        convert_file(
            tmp_path / "text.parquet", tmp_path / "o.parquet", REGISTER, to=Y2018, kind="count"
        )


def test_the_same_bytes_whatever_the_number_of_threads(tmp_path: Path) -> None:
    # Floating values, whose sums would depend on the order of addition.
    frame = records(tmp_path / "in.parquet", repeats=500)
    frame = frame.with_columns(deaths=pl.col("deaths") / 3 + 1e6)
    frame.write_parquet(tmp_path / "in.parquet", row_group_size=10_000)
    made = []
    for threads in (1, 2, 4):
        out = tmp_path / "out.parquet"
        convert_file(
            tmp_path / "in.parquet",
            out,
            REGISTER,
            to=Y2021,
            kind="count",
            code="code",
            values={"value": "deaths"},
            records=True,
            threads=threads,
        )
        made.append(out.read_bytes())
    assert made[0] == made[1] == made[2]
