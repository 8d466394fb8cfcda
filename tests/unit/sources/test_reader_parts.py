"""Sources of several files: which ones, what each stands for, and repeats between them."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.errors import SourceError
from lds.io import sha256
from lds.sources.contract import Column, Contract, Part, Reader
from lds.sources.rawfiles import raw_files
from lds.sources.staging import Staged, stage
from unit.sources.builders import DAY, HEADER, NUMBER, PLACE, contract, counts, dropped

YEAR = Column(name="year", part="file", type="integer", description="A year.")
YEARS = contract(
    columns=(PLACE, NUMBER, YEAR),
    key=("place", "year"),
    reader=Reader(
        files=(
            Part(name="people19*.csv", values={"year": "2019"}),
            Part(name="people20?.csv", values={"year": "2020"}),
        )
    ),
)
MARCH = date(2020, 3, 1)


def folder_of(folder: Path, **files: str) -> Path:
    raw = folder / "raw"
    raw.mkdir()
    for name, content in files.items():
        (raw / name).write_text(content)
    return raw


def staged_folder(raw: Path, made: Contract) -> Staged:
    return stage(raw_files(raw, made), made, None, raw.parent / "made.parquet")


def places(staged: Staged) -> list[tuple[str, int, str]]:
    return staged.rejected.select("file", "line", "reason").rows()


def test_files_stand_for_values_by_their_names(tmp_path: Path) -> None:
    raw = folder_of(
        tmp_path,
        **{
            "people20b.csv": "Place,N\nA,3\nB,x\n",
            "people19_final.csv": "Title\nN,Place\n1,A\n\n2,B\n2,B\nSource: a survey of people\n",
            "other.csv": "What,ever\n1,2\n",
        },
    )
    staged = staged_folder(raw, YEARS)
    assert staged.table.rows() == [("A", 1, 2019), ("B", 2, 2019), ("A", 3, 2020)]
    assert places(staged) == [
        ("people19_final.csv", 6, "the same row again"),
        ("people20b.csv", 3, "not a whole number"),
    ]
    assert counts(staged) == (5, 3, 2)
    assert dropped(staged) == [(1, 1, 1), (0, 0, 0)]
    files = staged.report["files"]
    assert isinstance(files, list)
    assert [(each["file"], each["rows_in"], each["sha256"]) for each in files] == [
        (name, rows, sha256(raw / name))
        for name, rows in (("people19_final.csv", 3), ("people20b.csv", 2))
    ]


def test_a_packed_file_stands_for_what_is_packed(tmp_path: Path) -> None:
    raw = folder_of(tmp_path, **{"people20b.csv": "Place,N\nA,3\n"})
    (raw / "people19.csv.gz").write_bytes(gzip.compress(b"Place,N\nA,1\n"))
    staged = staged_folder(raw, YEARS)
    assert staged.table.rows() == [("A", 1, 2019), ("A", 3, 2020)]


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Place,N\nA,1\n")
    with pytest.raises(SourceError, match="does not say which part") as caught:
        staged_folder(tmp_path / "people.csv", YEARS)
    assert "people19*.csv" in str(caught.value)


@pytest.mark.parametrize(
    "files", [{}, {"people19.csv": "Place,N\nA,1\n"}, {"~$people19.csv": "", "people20a.csv": ""}]
)
def test_a_folder_must_have_every_part(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="lacks raw files"):
        raw_files(folder_of(tmp_path, **files), YEARS)


def test_a_folder_without_parts_gives_every_file_of_the_format(tmp_path: Path) -> None:
    names = ["b.csv", "A.CSV", "c.csv.gz", "notes.md", "._b.csv", "~$b.csv", "d.xlsx", "e.tsv"]
    raw = folder_of(tmp_path, **dict.fromkeys(names, "x"))
    (raw / "folder.csv").mkdir()
    assert [path.name for path in raw_files(raw, contract())] == [
        *("A.CSV", "b.csv", "c.csv.gz", "e.tsv")
    ]


def test_nothing_of_a_name_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing"):
        raw_files(tmp_path / "none", contract())


def test_repeats_between_files_are_found(tmp_path: Path) -> None:
    raw = folder_of(
        tmp_path,
        **{
            "1.csv": HEADER + "A,2020-03-01,1\nB,2020-03-01,2\nC,2020-03-01,3\n",
            "2.csv": HEADER + "\nA,2020-03-01,1\n\nB,2020-03-01,9\nD,2020-03-01,4\n",
        },
    )
    staged = staged_folder(raw, contract())
    assert places(staged) == [
        ("1.csv", 3, "the same key again with other values"),
        ("2.csv", 3, "the same row again"),
        ("2.csv", 5, "the same key again with other values"),
    ]
    assert staged.table.rows() == [("A", MARCH, 1), ("C", MARCH, 3), ("D", MARCH, 4)]
    assert counts(staged) == (6, 3, 3)


def test_rows_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = {
        f"{i}.csv": HEADER + "".join(f"P{i}_{j},2020-03-01,{j}\n" for j in range(50))
        for i in range(5)
    }
    staged = staged_folder(folder_of(tmp_path, **files), contract())
    assert staged.table["place"].to_list() == [f"P{i}_{j}" for i in range(5) for j in range(50)]


def test_a_broken_line_in_one_of_several_files_is_named(tmp_path: Path) -> None:
    raw = folder_of(
        tmp_path,
        **{
            "1.csv": HEADER + "A,2020-03-01,1\n",
            "2.csv": HEADER + 'B,2020-03-01,1\n"C,2020-03-01,1\nD,2020-03-01,1\n',
        },
    )
    staged = staged_folder(raw, contract())
    assert places(staged) == [
        ("2.csv", 3, "a quotation mark is not closed"),
        ("2.csv", 4, "read as part of the broken row on line 3"),
    ]
    strict = contract(maximum_rejected_share=0)
    with pytest.raises(SourceError, match=r"2 of 4 rows(.|\n)*line 3: a quotation"):
        staged_folder(raw, strict)


def test_the_least_number_of_rows_is_of_all_files(tmp_path: Path) -> None:
    files = {f"{i}.csv": f"{HEADER}P{i},2020-03-01,1\n" for i in range(3)}
    raw = folder_of(tmp_path, **files)
    assert staged_folder(raw, contract(minimum_rows=3)).table.height == 3
    with pytest.raises(SourceError, match=r"has 3 rows(.|\n)*at least 4"):
        staged_folder(raw, contract(minimum_rows=4))


def test_a_file_without_the_columns_of_the_others_is_named(tmp_path: Path) -> None:
    raw = folder_of(
        tmp_path, **{"1.csv": HEADER + "A,2020-03-01,1\n", "2.csv": "Place,Day\nA,2020-03-01\n"}
    )
    with pytest.raises(SourceError, match=r"2\.csv, line 1"):
        staged_folder(raw, contract())
    optional = contract(columns=(PLACE, DAY, replace(NUMBER, optional=True)))
    assert staged_folder(raw, optional).report["reasons"] == {
        "the same key again with other values": 2
    }


def test_several_files_of_typed_formats(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for i in range(3):
        pl.DataFrame(
            {"Place": ["A"], "Day": [date(2020, 3, i + 1)], "N": [i * 4_000]}
        ).write_parquet(raw / f"{i}.parquet")
    staged = staged_folder(raw, contract(reader=Reader(format="parquet")))
    assert staged.table["n"].to_list() == [0, 4_000]
    assert places(staged) == [("2.parquet", 1, "above 5000")]
