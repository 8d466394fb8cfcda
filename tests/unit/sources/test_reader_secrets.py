"""No message, and nothing that is printed, shows a value of a secure source, in any format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from lds.errors import SourceError
from lds.sources.contract import Column, Reader
from lds.sources.staging import stage
from unit.sources.builders import DAY, NUMBER, PLACE, contract

SECRET = "Jane Doe of Elm Row"
ROWS = [
    {"Place": SECRET, "Day": SECRET, "N": "1"},
    {"Place": SECRET, "Day": "2020-03-01", "N": SECRET},
    {"Place": SECRET, "Day": "2020-03-01", "N": "1"},
    {"Place": SECRET, "Day": "2020-03-01", "N": "2"},
]
FRAME = pl.DataFrame(ROWS)
NAMED = FRAME.rename({"N": SECRET})


def xlsx(frame: pl.DataFrame, path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([frame.columns, *frame.rows()]):
            sheet.write_row(line, 0, row)


def features(frame: pl.DataFrame, path: Path) -> None:
    found = [
        {"type": "Feature", "properties": row, "geometry": None}
        for row in frame.iter_rows(named=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}))


def title(frame: pl.DataFrame, path: Path) -> None:
    path.write_text(f"{SECRET}\n{frame.write_csv()}")


WRITERS: list[tuple[str, str, Callable[[pl.DataFrame, Path], object]]] = [
    ("csv", "raw.csv", lambda frame, path: frame.write_csv(path)),
    ("csv", "title.csv", title),
    ("xlsx", "raw.xlsx", xlsx),
    ("parquet", "raw.parquet", lambda frame, path: frame.write_parquet(path)),
    ("spss", "raw.sav", pyreadstat.write_sav),
    ("stata", "raw.dta", pyreadstat.write_dta),
    ("geojson", "raw.geojson", features),
]


@pytest.mark.parametrize("extra", ["refuse", "ignore"])
@pytest.mark.parametrize("access", ["secure", "local"])
@pytest.mark.parametrize(
    ("frame", "form", "name", "write"),
    [
        *((FRAME, *writer) for writer in WRITERS),
        # Names of variables have no blanks in Stata and SPSS.
        *((NAMED, *writer) for writer in WRITERS if writer[0] not in ("spss", "stata")),
    ],
)
def test_no_message_shows_a_value(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    frame: pl.DataFrame,
    form: str,
    name: str,
    write: Callable[[pl.DataFrame, Path], object],
    access: str,
    extra: str,
) -> None:
    write(frame, tmp_path / name)
    made = contract(
        access=access, extra_columns=extra, maximum_rejected_share=0, reader=Reader(format=form)
    )
    with pytest.raises(SourceError) as caught:
        stage(tmp_path / name, made, None, tmp_path / "made.parquet")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", [f"{SECRET}\n", f"{SECRET},1,2,3\n", f'"{SECRET}\n'])
def test_no_message_about_a_file_without_a_header_shows_a_value(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "raw.csv").write_text(content)
    made = contract(access="secure", reader=Reader(header_rows=0))
    with pytest.raises(SourceError) as caught:
        stage(tmp_path / "raw.csv", made, None, tmp_path / "made.parquet")
    assert SECRET not in str(caught.value)


def test_no_message_about_columns_that_become_rows_shows_a_value(tmp_path: Path) -> None:
    year = Column(name="year", part="heading", type="integer", description="A year.")
    cell = Column(name="n", part="cell", type="integer", description="A value.")
    made = contract(
        access="secure",
        columns=(PLACE, year, cell),
        key=("place", "year"),
        maximum_rejected_share=0,
        reader=Reader(headings=".*Row"),
    )
    (tmp_path / "raw.csv").write_text(f"Place,{SECRET}\nA,1\n")
    with pytest.raises(SourceError) as caught:
        stage(tmp_path / "raw.csv", made, None, tmp_path / "made.parquet")
    assert SECRET not in str(caught.value)


def test_the_report_of_a_secure_source_counts_and_does_not_quote(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text(
        f"Place,Day,N\n{SECRET},2020-03-01,1\n{SECRET},2020-03-02,{SECRET}\n{SECRET},,[c]\n"
    )
    columns = (PLACE, replace(DAY, required=False), replace(NUMBER, missing=("[c]",)))
    made = contract(access="secure", columns=columns, marks=(("[c]", "withheld"),))
    staged = stage(tmp_path / "raw.csv", made, None, tmp_path / "made.parquet")
    assert SECRET not in str(staged.report)
    assert staged.report["reasons"] == {"not a whole number": 1}
    # The rejected rows themselves stay in the secure folder, with what broke them.
    assert staged.rejected["value"].to_list() == [SECRET]
