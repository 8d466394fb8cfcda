"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl
import pytest

from lds.files.tables import FileTable, open_tables
from lds.geography.classification import table_vintage
from lds.geography.command.cli import main
from unit.geography.workbooks import write_xlsx

ROOT = Path(__file__).resolve().parents[3]
DEATHS = """code,name,week,deaths,residents
E07000205,Suffolk Coastal,1,3,100
E07000206,Waveney,1,"1,004",300
E07000205,Suffolk Coastal,2,5,100
E07000206,Waveney,2,x,300
E06000001,Hartlepool,1,7,50
E06000001,Hartlepool,2,8,50
"""


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    path = tmp_path / "deaths.csv"
    path.write_text(DEATHS, encoding="utf-8")
    return path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lds.geography", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        cwd="/",
        check=False,
    )


def ends_with(code: int, *arguments: object) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in arguments])
    assert caught.value.code == code


def test_help_shows_examples_and_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "python -m lds.geography convert deaths.csv --to 2021-04-01 --kind deaths=count" in (
        done.stdout
    )
    assert "12 a code, name, date, column or kind does not fit" in done.stdout
    for command in ("classify", "convert", "changes", "areas", "names"):
        assert run(command, "--help").returncode == 0


def test_classify_in_words(deaths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["classify", str(deaths)])
    text = capsys.readouterr().out
    assert text.startswith("deaths.csv\nColumn 'code' holds 3 English LAD codes")
    assert "1 January 2009 (where the register starts) to 31 March 2019" in text
    assert "2013-04-01  2019-03-31       326        3      323           0      0.9%" in text


def test_classify_as_json(deaths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["classify", str(deaths), "--json", "--column", "code"])
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "partial"
    assert found["window"] == {"first_day": "2009-01-01", "last_day": "2019-03-31"}
    assert (found["table"], found["column_found_by"]) == ("deaths.csv", "name")


def test_classify_writes_the_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text("code\nE07000190\nE07000246\n", encoding="utf-8")
    for out in (tmp_path / "split.csv", tmp_path / "split.parquet"):
        main(["classify", str(path), "--split", str(out)])
    text = capsys.readouterr().out
    assert "mixes vintages" in text
    assert "segment  first_day   last_day    codes  only here" in text
    split = pl.read_csv(tmp_path / "split.csv")
    assert split["segment_last_day"].to_list() == ["2019-03-31", "2023-03-31"]
    assert pl.read_parquet(tmp_path / "split.parquet")["code"].to_list() == split["code"].to_list()


def test_classify_reads_what_it_splits_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path, sheet: str | None) -> AbstractContextManager[Sequence[FileTable]]:
        read.append(path)
        return open_tables(path, sheet)

    monkeypatch.setattr(table_vintage, "open_tables", counted)
    path = tmp_path / "mixed.csv"
    path.write_text("code\nE07000190\nE07000246\n", encoding="utf-8")
    main(["classify", str(path), "--split", str(tmp_path / "split.csv")])
    assert read == [path]
    assert (tmp_path / "split.csv").is_file()


def test_the_fullest_sheet_of_a_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets = {
        "Notes": [["E06000001 is Hartlepool"]],
        "Regions": [["code", "n"], *([f"E1200000{n}", n] for n in range(1, 10))],
        "Data": [["Table"], ["code", "n"], ["E06000001", 1], ["E06000002", 2]],
    }
    path = write_xlsx(tmp_path / "t.xlsx", sheets)
    main(["classify", str(path), "--json"])
    assert json.loads(capsys.readouterr().out)["table"] == "t.xlsx, sheet Data"
    main(["classify", str(path), "--json", "--sheet", "Regions"])
    assert json.loads(capsys.readouterr().out)["level"] == "region"


def test_convert_a_count(deaths: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["--keys", "week"]
    main(["convert", str(deaths), "--to", "2021-04-01", "--kind", "deaths=count", *keys])
    shown = capsys.readouterr()
    found = {(row["area"], row["week"]): row for row in rows(shown.out)}
    suffolk = found["E07000244", "1"]
    assert (suffolk["area_name"], suffolk["deaths"]) == ("East Suffolk", "1007")
    assert (suffolk["match"], suffolk["from_codes"]) == ("exact", "E07000205 E07000206")
    assert suffolk["path"] == "E07000205>E07000244 E07000206>E07000244"
    # Waveney gives no number in week 2, so East Suffolk has none.
    assert found["E07000244", "2"]["deaths"] == ""
    assert found["E06000001", "2"]["deaths"] == "8"
    assert "Rows by match: 4 exact." in shown.err


def test_convert_several_values_with_keys_found(
    deaths: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        [
            *("convert", str(deaths), "--to", "2021-04-01"),
            *("--kind", "deaths=count", "--kind", "rate=rate:deaths/residents"),
        ]
    )
    shown = capsys.readouterr()
    first = rows(shown.out)[2]
    assert (first["area"], first["week"]) == ("E07000244", "1")
    assert (first["deaths"], first["residents"]) == ("1007", "400")
    assert float(first["rate"]) == pytest.approx(1007 / 400)
    assert (first["match_deaths"], first["match_rate"]) == ("exact", "exact")
    assert "Left out, as the code settles them: name." in shown.err


def test_convert_backwards_is_a_best_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("code,n\nE07000244,1000\n", encoding="utf-8")
    main(["convert", str(path), "--to", "2018-04-01", "--kind", "n=count"])
    found = rows(capsys.readouterr().out)
    assert [row["area"] for row in found] == ["E07000205", "E07000206"]
    assert {row["match"] for row in found} == {"best_fit"}
    assert sum(float(row["n"]) for row in found) == pytest.approx(1000)


def test_convert_codes_with_names_in_one_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets = {
        "Table 1 ": [
            *(["Table 1"], ["", "n"]),
            *(["E07000205 : Suffolk Coastal", 1], ["E07000206 : Waveney", 2]),
        ]
    }
    path = write_xlsx(tmp_path / "t.xlsx", sheets)
    main(["convert", str(path), "--to", "2021-04-01", "--kind", "n=count"])
    assert [(row["area"], row["n"]) for row in rows(capsys.readouterr().out)] == [
        ("E07000244", "3")
    ]


def test_rows_without_an_english_lad(
    deaths: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "uk.csv"
    path.write_text(DEATHS + "W06000001,Ynys Môn,1,9,70\n", encoding="utf-8")
    common = ["--to", "2021-04-01", "--kind", "deaths=count", "--keys", "week"]
    ends_with(12, "convert", path, *common)
    assert "values: W06000001" in capsys.readouterr().err
    main(["convert", str(path), *common, "--unmatched", "drop"])
    dropped = capsys.readouterr()
    main(["convert", str(deaths), *common])
    assert dropped.out == capsys.readouterr().out
    assert "1 rows without an English LAD were dropped." in dropped.err
    main(["convert", str(path), *common, "--unmatched", "keep"])
    last = rows(capsys.readouterr().out)[-1]
    assert (last["area"], last["deaths"], last["match"]) == ("W06000001", "9", "unmatched")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_convert_into_a_file(
    deaths: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    common = ["convert", str(deaths), "--to", "2021-04-01", "--kind", "deaths=count"]
    main([*common, "--keys", "week", "--out", str(out)])
    assert capsys.readouterr().out == ""
    table = pl.read_parquet(out) if name.endswith("parquet") else pl.read_csv(out)
    assert table.filter(area="E07000244", week="1" if name.endswith("parquet") else 1)[
        "deaths"
    ].to_list() == [1007]


def test_keys_that_make_every_row_its_own_case_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    lines = [f"E0600000{n},{day},{n * 7 + day},1" for n in range(1, 5) for day in (1, 2, 3)]
    path.write_text("\n".join(["code,day,cases,deaths", *lines]), encoding="utf-8")
    ends_with(12, "convert", path, "--to", "2021-04-01", "--kind", "deaths=count")
    assert "Name those that tell the values of an area apart" in capsys.readouterr().err
    common = ["convert", str(path), "--to", "2021-04-01", "--kind", "deaths=count"]
    main([*common, "--keys", "day"])
    assert len(rows(capsys.readouterr().out)) == 12


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (
            "E07000190",
            [
                "E07000190 Taunton Deane: 2009-01-01 to 2019-03-31",
                "  2019-04-01  Taunton Deane became part of Somerset West and Taunton on "
                "1 April 2019 (SI 2018/649).",
                "  E07000190 Taunton Deane (until 2019-03-31) became E07000246 Somerset West and "
                "Taunton on 2019-04-01, then E06000066 Somerset on 2023-04-01.",
            ],
        ),
        (
            "Shepway",
            [
                "E07000112 Folkestone and Hythe: 2009-01-01 to now",
                "  2018-04-01  Shepway was renamed Folkestone and Hythe on 1 April 2018.",
            ],
        ),
        (
            "e06000001 ",
            [
                "E06000001 Hartlepool: 2009-01-01 to now",
                "  No change from 2009-01-01 to 2025-04-01.",
            ],
        ),
    ],
)
def test_changes(code: str, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["changes", code])
    assert capsys.readouterr().out.splitlines() == lines


def test_changes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["changes", "E06000066", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["name"], found["start_date"], found["became"]) == ("Somerset", "2023-04-01", None)
    assert {change["from_code"] for change in found["changes"]} == {
        *("E07000187", "E07000188", "E07000189", "E07000190", "E07000191", "E07000246"),
    }


def test_areas(capsys: pytest.CaptureFixture[str]) -> None:
    main(["areas", "--at", "2018-03-31"])
    found = {row["code"]: row for row in rows(capsys.readouterr().out)}
    assert len(found) == 326
    assert found["E07000112"]["name"] == "Shepway"
    assert (found["E07000112"]["region_name"], found["E07000112"]["county_name"]) == (
        "South East",
        "Kent",
    )
    main(["areas", "--at", "2023-04-01", "--json"])
    assert len(json.loads(capsys.readouterr().out)) == 296


def test_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("place\nNEWBURY\nSt. Helens\nNowhere\n\nNEWBURY\n", encoding="utf-8")
    main(["names", str(path), "--column", "place", "--at", "2020-01-01"])
    shown = capsys.readouterr()
    assert [(row["text"], row["code"], row["how"]) for row in rows(shown.out)] == [
        ("NEWBURY", "E06000037", "alternative"),
        ("Nowhere", "", "none"),
        ("St. Helens", "E08000013", "name"),
    ]
    assert "2 of 3 names have a code." in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("classify", "{missing}"), 11, "There is no such file."),
        (("classify", "{deaths}", "--column", "area"), 12, "no column 'area'"),
        (("classify", "{deaths}", "--sheet", "x"), 11, "Only a workbook has sheets."),
        (("classify", "{deaths}", "--split", "x.txt"), 11, ".csv or .parquet only"),
        (("convert", "{deaths}", "--to", "2031-01-01", "--kind", "deaths=count"), 12, "2031-01-01"),
        (("convert", "{deaths}", "--to", "2021-04-01", "--kind", "deaths"), 12, "COLUMN=KIND"),
        (("convert", "{deaths}", "--to", "2021-04-01", "--kind", "n=sum"), 12, "'sum'"),
        (("convert", "{deaths}", "--to", "2021-04-01", "--kind", "n=rate:deaths"), 12, "denominat"),
        (("convert", "{deaths}", "--to", "2021-04-01", "--kind", "cases=count"), 12, "cases"),
        (
            ("convert", "{deaths}", "--to", "2021-04-01", "--kind", "match=count:deaths"),
            12,
            "match",
        ),
        (
            ("convert", "{deaths}", "--to", "2021-04-01", "--kind", "deaths=rate:deaths/residents"),
            12,
            "the same name",
        ),
        (("convert", "{deaths}", "--to", "2021-04-01", "--kind", "name=count"), 12, "no numbers"),
        (("changes", "E06000999"), 12, "E06000999"),
        (("changes", "Bedford"), 12, "E06000055 Bedford, E07000002 Bedford"),
        (("areas", "--at", "2008-12-31"), 12, "from 2009-01-01 to 2025-04-01"),
    ],
)
def test_errors_end_with_the_code_of_their_cause(
    deaths: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = deaths.with_name("missing.csv")
    ends_with(code, *(word.format(deaths=deaths, missing=missing) for word in arguments))
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""


def test_a_date_that_is_none_is_a_usage_error(deaths: Path) -> None:
    done = run("convert", deaths, "--to", "2021-13-01", "--kind", "deaths=count")
    assert done.returncode == 2
    assert "'2021-13-01' is no date; write YYYY-MM-DD" in done.stderr


def test_an_error_of_the_program_itself_has_no_traceback(tmp_path: Path) -> None:
    done = run("classify", tmp_path / "missing.csv")
    assert done.returncode == 11
    assert done.stderr.startswith("SourceError: There is no such file.\n  where:  ")
    assert "Traceback" not in done.stderr


def test_the_package_needs_no_snakemake() -> None:
    script = "import sys, lds.geography.command.cli; sys.exit('snakemake' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        check=False,
    )
    assert done.returncode == 0
