from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.effort import examples
from lds.errors import SourceError
from lds.io import SQL
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import stage
from unit.sources.builders import (
    DAY,
    HEADER,
    NUMBER,
    PLACE,
    contract,
    counts,
    dropped,
    lines_and_reasons,
    stage_bytes,
)

MARCH = date(2020, 3, 1)
GOOD = "A,2020-03-01,1\nB,2020-03-01,2\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("+7", 7),
        ("-100", -100),
        ("5000", 5000),
        ("007", 7),
        ("", None),
        ("   ", None),
    ],
)
def test_whole_numbers_are_read(tmp_path: Path, text: str, value: int | None) -> None:
    staged = stage_bytes(tmp_path, f"{HEADER}A,2020-03-01,{text}\n")
    assert staged.table.rows() == [("A", MARCH, value)]
    assert staged.report["reasons"] == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("many", "not a whole number"),
        ("1.5", "not a whole number"),
        ("1.0", "not a whole number"),
        ("1e3", "not a whole number"),
        ("0x10", "not a whole number"),
        ("--3", "not a whole number"),
        ("1 000", "not a whole number"),
        ('"1,000"', "not a whole number"),
        ("*", "not a whole number"),
        ("[c]", "not a whole number"),
        ("\N{MINUS SIGN}3", "not a whole number"),
        ("99999999999999999999", "not a whole number"),
        ("5001", "above 5000"),
        ("-101", "below -100"),
    ],
)
def test_what_is_no_whole_number_within_bounds_is_rejected(
    tmp_path: Path, text: str, reason: str
) -> None:
    staged = stage_bytes(tmp_path, f"{HEADER}A,2020-03-01,1\nB,2020-03-01,{text}\n")
    assert staged.rejected.rows() == [("raw.csv", 3, "N", text.strip('"'), reason)]
    assert staged.table.rows() == [("A", MARCH, 1)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2020-02-30", "not a date (YYYY-MM-DD)"),
        ("2020-13-01", "not a date (YYYY-MM-DD)"),
        ("01/03/2020", "not a date (YYYY-MM-DD)"),
        ("2020-3-1", "not a date (YYYY-MM-DD)"),
        ("2020-03-01 00:00:00", "not a date (YYYY-MM-DD)"),
        ("", "a value is required"),
        ("2019-12-31", "below 2020-01-01"),
        ("2021-01-01", "above 2020-12-31"),
    ],
)
def test_days_that_do_not_exist_or_lie_outside_are_rejected(
    tmp_path: Path, text: str, reason: str
) -> None:
    staged = stage_bytes(tmp_path, f"{HEADER}A,{text},1\n")
    assert lines_and_reasons(staged) == [(2, reason)]
    assert staged.table.is_empty()


@pytest.mark.parametrize("text", ["2020-01-01", "2020-02-29", "2020-12-31"])
def test_the_first_and_the_last_day_allowed_are_kept(tmp_path: Path, text: str) -> None:
    staged = stage_bytes(tmp_path, f"{HEADER}A,{text},1\n")
    assert staged.table["day"].to_list() == [date.fromisoformat(text)]


def test_a_row_with_several_faults_is_rejected_once_for_the_first_column(tmp_path: Path) -> None:
    staged = stage_bytes(tmp_path, f"{HEADER},2020-02-30,1.5\n")
    assert staged.rejected.rows() == [("raw.csv", 2, "Place", None, "a value is required")]


def test_of_identical_rows_the_first_is_kept(tmp_path: Path) -> None:
    body = "A,2020-03-01,1\nA,2020-03-01, 1\nB,2020-03-01,\nB,2020-03-01,\nA,2020-03-02,1\n"
    staged = stage_bytes(tmp_path, HEADER + body)
    assert lines_and_reasons(staged) == [(3, "the same row again"), (5, "the same row again")]
    assert staged.table["place"].to_list() == ["A", "B", "A"]


@pytest.mark.parametrize("values", [("1", "2"), ("", "1"), ("1", ""), ("1", "1", "2")])
def test_of_rows_that_contradict_each_other_none_is_kept(
    tmp_path: Path, values: tuple[str, ...]
) -> None:
    body = "".join(f"A,2020-03-01,{value}\n" for value in values)
    staged = stage_bytes(tmp_path, HEADER + body + "B,2020-03-01,1\n")
    reason = "the same key again with other values"
    assert lines_and_reasons(staged) == [(2 + i, reason) for i in range(len(values))]
    assert staged.table["place"].to_list() == ["B"]


def test_a_missing_key_field_is_a_value_of_the_key(tmp_path: Path) -> None:
    optional = contract(key=("place", "n"))
    staged = stage_bytes(
        tmp_path, f"{HEADER}A,2020-03-01,\nA,2020-03-02,\nA,2020-03-03,1\n", optional
    )
    assert counts(staged) == (3, 1, 2)


@pytest.mark.parametrize(
    ("share", "passes"), [(0.1, True), (0.099, False), (0.0, False)], ids=["at", "above", "none"]
)
def test_the_run_stops_only_above_the_limit(tmp_path: Path, share: float, passes: bool) -> None:
    body = "".join(f"P{i},2020-03-01,1\n" for i in range(9)) + "A,2020-03-01,much\n"
    made = contract(maximum_rejected_share=share)
    left = tmp_path / "out" / "rejected.csv"
    if passes:
        assert counts(stage_bytes(tmp_path, HEADER + body, made, rejected_to=left)) == (10, 9, 1)
    else:
        with pytest.raises(SourceError, match=r"line 11: not a whole number \(N\): 'much'"):
            stage_bytes(tmp_path, HEADER + body, made, rejected_to=left)
    assert (
        left.read_text() == "file,line,column,value,reason\nraw.csv,11,N,much,not a whole number\n"
    )


def test_a_message_names_five_lines_at_most(tmp_path: Path) -> None:
    body = "".join(f"P{i},2020-03-01,x\n" for i in range(7))
    with pytest.raises(SourceError, match="7 of 7 rows") as caught:
        stage_bytes(tmp_path, HEADER + body, contract(maximum_rejected_share=0))
    assert [value.split(":")[0] for value in caught.value.values] == [
        *("line 2", "line 3", "line 4", "line 5", "line 6")
    ]


SECRET = "Jane Doe"


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}{SECRET},2020-03-01,{SECRET}\n",
        f"{HEADER}{SECRET},{SECRET},1\n",
        f"{HEADER}{SECRET},2020-03-01\n",
        f'{HEADER}"{SECRET},2020-03-01,1\n',
        f"{HEADER}{SECRET},2020-03-01,99999999999999999999\n",
        f"{HEADER}{SECRET},2020-03-01,1\n{SECRET},2020-03-01,2\n",
        f"{SECRET},2020-03-01,1\n",
        f"{SECRET},{SECRET},1\n",
        f"Place,Day,N,{SECRET}\nA,2020-03-01,1,2\n",
        f'Place,Day,"N\n{SECRET},2020-03-01,1\n',
    ],
)
def test_no_message_of_a_secure_source_shows_a_value(tmp_path: Path, content: str) -> None:
    made = contract(access="secure", maximum_rejected_share=0)
    with pytest.raises(SourceError) as caught:
        stage_bytes(tmp_path, content, made)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_checksum_is_compared_without_regard_to_case(tmp_path: Path) -> None:
    right = hashlib.sha256((HEADER + GOOD).encode()).hexdigest()
    staged = stage_bytes(tmp_path, HEADER + GOOD, expected_sha256=right.upper())
    assert staged.report["sha256"] == right
    with pytest.raises(SourceError, match="SHA-256 differs"):
        stage_bytes(tmp_path, HEADER + GOOD[:-2] + "3\n", expected_sha256=right)


def test_a_missing_file_is_named_with_the_key_to_correct(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing(.|\n)*nothing\.csv(.|\n)*sources\.made"):
        stage(tmp_path / "nothing.csv", contract(), None, tmp_path / "made.parquet")


def test_a_staging_query_that_drops_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text(HEADER + GOOD)
    (tmp_path / "made.sql").write_text("select * from accepted where n > 1")
    to = tmp_path / "made.parquet"
    with pytest.raises(SourceError, match="2 accepted, 1 in the table"):
        stage(tmp_path / "raw.csv", contract(), tmp_path / "made.sql", to)
    assert not to.exists()


def test_a_blank_line_of_a_one_column_file_is_dropped_with_a_count(tmp_path: Path) -> None:
    one = contract(columns=(PLACE,), key=("place",))
    staged = stage_bytes(tmp_path, "Place\nA\n\nA\nB\n", one)
    assert lines_and_reasons(staged) == [(4, "the same row again")]
    assert dropped(staged) == [(0, 1, 0)]


def test_patterns_marks_and_booleans(tmp_path: Path) -> None:
    columns = (
        replace(PLACE, pattern="[A-Z]{2}"),
        replace(DAY, required=False),
        replace(NUMBER, type="boolean", minimum=None, maximum=None, missing=("NA", "x")),
    )
    body = "GB,,TRUE\nIE,,false\nFR,,NA\nDE,,x\nUK,,maybe\ngb,,TRUE\nGBR,,TRUE\n"
    staged = stage_bytes(tmp_path, HEADER + body, contract(columns=columns))
    assert staged.table["n"].to_list() == [True, False, None, None]
    assert lines_and_reasons(staged) == [
        (6, "not TRUE or FALSE"),
        (7, "does not match [A-Z]{2}"),
        (8, "does not match [A-Z]{2}"),
    ]


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_thousands_in_the_file_become_ones(tmp_path: Path, kind: str) -> None:
    column = replace(NUMBER, type=kind, unit="pounds", scale=1000, minimum=0, maximum=2_000_000)
    made = contract(columns=(PLACE, DAY, column))
    body = "A,2020-03-01,12\nB,2020-03-01,2001\nC,2020-03-01,\nD,2020-03-01,many\n"
    staged = stage_bytes(tmp_path, HEADER + body, made)
    assert staged.table["n"].to_list() == [12_000, None]
    assert [reason for _, reason in lines_and_reasons(staged)] == [
        "above 2000000",
        "not a whole number" if kind == "integer" else "not a number",
    ]


FIELD = st.sampled_from(
    ["A", "B", "", "1", "1.5", "2020-03-01", "2020-02-30", '"', '"A"', '"A\nB"']
)
LINE = st.one_of(
    st.builds("A{},2020-03-{:02},{}".format, st.integers(0, 3), st.integers(1, 31), st.just(1)),
    st.lists(FIELD, max_size=5).map(",".join),
)


@examples(60)
@given(lines=st.lists(LINE, min_size=1, max_size=12), ends=st.booleans())
def test_rows_always_reconcile(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], ends: bool
) -> None:
    folder = tmp_path_factory.mktemp("raw")
    try:
        staged = stage_bytes(folder, HEADER + "\n".join(lines) + ("\n" if ends else ""))
    except SourceError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:  # The whole file: nothing is lost silently.
        assert re.match("A raw file (has 0 rows|is not a readable table)", refused)
        return
    rows_in, kept, rejected = counts(staged)
    assert kept == staged.table.height
    assert rejected == staged.rejected.height == sum(staged.report["reasons"].values())  # type: ignore[attr-defined]
    assert rows_in == staged.table.height + staged.rejected.height
    text = "\n".join(lines).split("\n")
    _, blank, notes = dropped(staged)[0]
    assert all(2 <= line <= len(text) + 1 for line in staged.rejected["line"])
    # Nothing vanishes: another reader finds no more records, and there are no more lines.
    records = sum(bool(record) for record in csv.reader("\n".join(lines).splitlines(keepends=True)))
    assert records <= rows_in + blank + notes <= len(text)


def test_the_real_mobility_file_is_kept_whole(open_data: Path, tmp_path: Path) -> None:
    staged = stage(
        open_data / "google_mobility" / "2020_GB_Region_Mobility_Report.csv",
        load_contract(contract_path("google_mobility")),
        SQL / "staging" / "google_mobility.sql",
        tmp_path / "google_mobility.parquet",
    )
    assert counts(staged) == (126_690, 126_690, 0)
    assert (staged.table["date"].min(), staged.table["date"].max()) == (
        *(date(2020, 2, 15), date(2020, 12, 15)),
    )
    assert sum(staged.table.select("parks").null_count().row(0)) > 0
