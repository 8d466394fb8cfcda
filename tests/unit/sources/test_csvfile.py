from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lds.errors import SourceError
from lds.files.encoding import check_encoding
from unit.sources.builders import HEADER, contract, counts, lines_and_reasons, stage_bytes

MARCH = date(2020, 3, 1)
GOOD = "A,2020-03-01,1\nB,2020-03-01,2\n"
ROWS = [("A", MARCH, 1), ("B", MARCH, 2)]
CUT = "too few fields: the line is cut short"
OPEN_QUOTE = "a quotation mark is not closed"


@pytest.mark.parametrize(
    "content",
    [
        HEADER + GOOD,
        (HEADER + GOOD).rstrip("\n"),
        "\ufeff" + HEADER + GOOD,
        (HEADER + GOOD).replace("\n", "\r\n"),
        (HEADER + GOOD).replace("\n", "\r"),
        HEADER + "\n" + GOOD.replace("\n", "\n\n"),
        'Place,"Day", N \n"A","2020-03-01","1"\nB,2020-03-01,2\n',
        "place,DAY,n\n" + GOOD,
        "N,Place,Day\n1,A,2020-03-01\n2,B,2020-03-01\n",
        "Place,Day,N,\nA,2020-03-01,1,\nB,2020-03-01,2,\n",
    ],
    ids=[
        *("plain", "no last line end", "mark of UTF-8", "CRLF", "CR", "blank lines"),
        *("quoted", "other letters", "other order", "unnamed last column"),
    ],
)
def test_the_same_table_in_many_dresses(tmp_path: Path, content: str) -> None:
    staged = stage_bytes(tmp_path, content)
    assert staged.table.rows() == ROWS
    assert counts(staged) == (2, 2, 0)


@pytest.mark.parametrize(
    "content",
    [
        "Place,Day,N\r\nA,2020-03-01,1\nB,2020-03-01,2\n",
        "Place,Day,N\nA,2020-03-01,1\r\nB,2020-03-01,2\n",
        "Place,Day,N\rA,2020-03-01,1\r\nB,2020-03-01,2\n",
    ],
)
def test_mixed_line_ends_are_read(tmp_path: Path, content: str) -> None:
    assert stage_bytes(tmp_path, content).table.rows() == ROWS


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_one_other_line_end_in_a_long_file_loses_no_row(tmp_path: Path, end: str) -> None:
    rows = [f"P{i},2020-03-01,1\n" for i in range(1_000)]
    rows[900] = f"C,2020-03-01,1{end}"
    rows[950] = "D,2020-03-01,x\n"
    staged = stage_bytes(tmp_path, HEADER + "".join(rows))
    assert counts(staged) == (1_000, 999, 1)
    assert lines_and_reasons(staged) == [(952, "not a whole number")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (HEADER, "has 0 rows"),
        (HEADER + "\n\n", "has 0 rows"),
        ("\n\n", "no header line"),
        (",,\n" + GOOD, "lacks columns"),
        (GOOD, "lacks columns"),
        ("Place,Day\nA,2020-03-01\n", "lacks columns"),
        ("Place;Day;N\nA;2020-03-01;1\n", "lacks columns"),
        ("Place,Day,N,N\nA,2020-03-01,1,2\n", "occurs twice"),
        ('Place,Day,"N\n' + GOOD, "header of a raw file is not closed"),
        ('Place,Day,"N\n' + GOOD * 10_000, "header of a raw file is not closed"),
        (HEADER + "A\0,2020-03-01,1\n", "NUL characters"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        stage_bytes(tmp_path, content)


def test_missing_columns_are_named_beside_those_found(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"line 1\n  values: N\n.*it has: Number\.") as caught:
        stage_bytes(tmp_path, "Place,Day,Number\nA,2020-03-01,1\n")
    assert caught.value.values == ["N"]


def test_unknown_columns_are_refused_or_ignored_as_the_contract_says(tmp_path: Path) -> None:
    content = "Place,More,Day,N\nA,what,2020-03-01,1\nB,,2020-03-01,2\n"
    with pytest.raises(SourceError, match=r"does not know(.|\n)*values: More"):
        stage_bytes(tmp_path, content)
    assert stage_bytes(tmp_path, content, contract(extra_columns="ignore")).table.rows() == ROWS


LATIN = (HEADER + "A,2020-03-01,1\nCaf\xe9,2020-03-01,2\n").encode("latin-1")


def test_latin_1_bytes_name_their_line_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        stage_bytes(tmp_path, LATIN)
    assert "raw.csv, line 3" in str(caught.value)
    assert "byte 0xe9" in str(caught.value)
    assert "set encoding: latin-1" in str(caught.value)


def test_the_line_of_a_wrong_byte_is_right_beyond_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    path.write_bytes(b"0123456789\n" * 200_000 + b"\xe9\n")
    with pytest.raises(SourceError, match="line 200001"):
        check_encoding(path, "utf-8")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LATIN, "latin-1"),
        (LATIN.decode("latin-1").encode(), "utf-8"),
        (b"\xff\xfe" + LATIN.decode("latin-1").encode("utf-16-le"), "utf-16"),
    ],
)
def test_every_encoding_gives_the_same_letters(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    staged = stage_bytes(tmp_path, content, encoding=encoding)
    assert staged.table["place"].to_list() == ["A", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_lines_of_rejects_are_right_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    content = (HEADER + "Caf\xe9,2020-03-01,1\nB,2020-03-01,x\n").encode(encoding)
    assert lines_and_reasons(stage_bytes(tmp_path, content, encoding=encoding)) == [
        (3, "not a whole number")
    ]


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        ((HEADER + GOOD).encode("utf-16"), "utf-8", "set encoding: utf-16"),
        ((HEADER + GOOD).encode("utf-16-le"), "utf-8", "NUL(.|\n)*set encoding: utf-16"),
        ((HEADER + GOOD).encode(), "utf-16", "not utf-16"),
        (b"\xfe\xff" + (HEADER + GOOD).encode("utf-16-be"), "utf-16", "high byte first"),
        ((HEADER + GOOD).encode("utf-16") + b"x", "utf-16", "not utf-16"),
        ((HEADER + GOOD).encode() + b"C,2020-03-01,\xc3", "utf-8", "line 4"),
    ],
    ids=["utf-16", "unmarked", "utf-8 as utf-16", "big-endian", "odd byte", "cut in a letter"],
)
def test_a_wrong_encoding_is_refused(
    tmp_path: Path, content: bytes, encoding: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        stage_bytes(tmp_path, content, encoding=encoding)


@pytest.mark.parametrize(
    ("body", "lines", "kept"),
    [
        ("A,2020-03-01,1\nB,2020-03", [(3, CUT)], ["A"]),
        ('A,2020-03-01,1\n"B,2020-03', [(3, OPEN_QUOTE)], ["A"]),
        ("A,2020-03-01,1,9\nB,2020-03-01,1\n", [(2, "too many fields")], ["B"]),
        ("A,2020-03-01,1\n   \nB,2020-03-01,1\n", [(3, CUT)], ["A", "B"]),
    ],
)
def test_broken_lines_are_rejected_alone(
    tmp_path: Path, body: str, lines: list[tuple[int, str]], kept: list[str]
) -> None:
    staged = stage_bytes(tmp_path, HEADER + body)
    assert lines_and_reasons(staged) == lines
    assert staged.table["place"].to_list() == kept


def test_a_line_cut_at_a_field_that_may_be_missing_cannot_be_told_from_a_whole_one(
    tmp_path: Path,
) -> None:
    # The checksum of a registered file is what finds this; the test keeps the limit known.
    assert counts(stage_bytes(tmp_path, f"{HEADER}A,2020-03-01,1\nB,2020-03-01,")) == (2, 2, 0)


@pytest.mark.parametrize(
    ("first", "last"), [(100, None), (100, 300), (10, 19_000)], ids=["to the end", "few", "many"]
)
def test_every_line_that_an_open_quotation_mark_swallows_is_counted(
    tmp_path: Path, first: int, last: int | None
) -> None:
    rows = [f"P{i},2020-03-01,{i % 50}\n" for i in range(20_000)]
    rows[first] = '"A,2020-03-01,1\n'
    if last is not None:
        rows[last] = '"Corn, wall",2020-03-01,1\n'
    lost = (len(rows) - 1 if last is None else last) - first + 1
    staged = stage_bytes(tmp_path, HEADER + "".join(rows))
    assert counts(staged) == (20_000, 20_000 - lost, lost)
    assert staged.rejected["line"].to_list() == list(range(first + 2, first + 2 + lost))


def test_an_open_quotation_mark_in_the_middle_stops_the_run(tmp_path: Path) -> None:
    rows = [f"P{i},2020-03-01,1\n" for i in range(1_000)]
    rows[500] = '"A,2020-03-01,1\n'
    with pytest.raises(SourceError, match=r"500 of 1,000 rows .*\n.*\n.*line 502: a quotation"):
        stage_bytes(tmp_path, HEADER + "".join(rows), contract(maximum_rejected_share=0.01))


def test_lines_of_rejected_rows_are_those_of_the_file(tmp_path: Path) -> None:
    body = (
        '"A\nx",2020-03-01,1\n'  # lines 2 and 3
        "\n"  # 4
        '"B\ny\nz",2020-03-01,bad\n'  # 5 to 7
        "C,2020\n"  # 8
        "\n\n"  # 9 and 10
        "D,2020-03-01,bad\n"  # 11
        "E,2020-03-01,2\nE,2020-03-01,3\n"  # 12 and 13
    )
    staged = stage_bytes(tmp_path, HEADER + body)
    assert staged.rejected["line"].to_list() == [5, 8, 11, 12, 13]
    assert staged.table.rows() == [("A\nx", MARCH, 1)]


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a?.csv", "it's.csv", "a b.csv"])
def test_a_file_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    (tmp_path / "a1.csv").write_text(f"{HEADER}OTHER,2020-03-01,1\n")
    staged = stage_bytes(tmp_path, f"{HEADER}OWN,2020-03-01,1\n", name=name)
    assert staged.table["place"].to_list() == ["OWN"]


@pytest.mark.parametrize(
    ("content", "padded"),
    [
        ("a,b\n1,2\n", False),
        ('a,b\n"one two",2\n', False),
        ("a,b\r\none two,2\r\n", False),
        (" a,b\n", True),
        ("a ,b\n", True),
        ("a, b\n", True),
        ("a,b \r\n", True),
        ("a,b\n c,d\n", True),
        ('a,"b "\n', True),
        ('a," b"\n', True),
        ("a,b ", True),
        ("x" * ((1 << 20) - 1) + ", b\n", True),
        ("x" * (1 << 20) + " ,b\n", True),
        ("x" * (1 << 20) + " y,b\n", False),
    ],
)
def test_blanks_around_fields_are_seen(tmp_path: Path, content: str, padded: bool) -> None:
    path = tmp_path / "raw.csv"
    path.write_text(content, newline="")
    assert check_encoding(path, "utf-8").padded == padded
    path.write_text(content.replace(",", ";"), newline="")
    assert check_encoding(path, "utf-8", delimiter=";").padded == padded
