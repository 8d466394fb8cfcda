"""CSVs against released cells: whole columns of one kind of row, key by key."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from lds.contracts import load_table_contract
from lds.errors import ContractError
from lds.io import RESOURCES
from lds.proof.cells import Embedded, ReleasedCells
from lds.proof.declared import Column, Declared, load_declared
from lds.topics import ENGLAND
from lds.topics.rows import indicator_rows

AREA, REGION = "E07000131", "E12000004"
DAY = date(2020, 3, 1)


@pytest.fixture(scope="module")
def declared() -> Declared:
    return load_declared(RESOURCES / "proof/human_mobility.yaml")


def released(indicator: str, area: str, measure: str, *values: float | None) -> pl.DataFrame:
    days = [DAY + timedelta(days=n) for n in range(len(values))]
    return indicator_rows(
        pl.DataFrame(
            {
                "area": area,
                "measure": measure,
                "period": "day",
                "start": days,
                "end": days,
                "value": values,
                "mark": ["c" if value is None else None for value in values],
                "n": 7,
            },
            schema_overrides={"value": pl.Float64, "mark": pl.String},
        ),
        topic="human_mobility",
        indicator=indicator,
        statistic="change",
        unit="%",
    ).select(load_table_contract("indicators").released.names)


@pytest.fixture(scope="module")
def cells(declared: Declared) -> ReleasedCells:
    table = pl.concat(
        [
            released("HM-I1", AREA, "parks", 1.5, None, -3.0),
            released("HM-I1", AREA, "workplaces", 1.5, 6.0, -9.0),
            released("HM-I3", REGION, "parks", 4.0, 5.0, 6.0),
            released("HM-I2", ENGLAND, "parks", 7.0, 8.0, 9.0),
            released("HM-I1", "E07000132", "parks", 10.0, 11.0, 12.0),
        ]
    )
    return ReleasedCells(
        table,
        declared,
        regions={AREA: REGION, "E07000132": REGION},
        labels={"Harborough", "Good Friday"},
        marks={"release": "t.1", "synthetic": "false"},
    )


HEAD = "date,district_percent,mark,region_percent,england_percent,release,synthetic"
ROWS = (
    "2020-03-01,1.5,,4.0,7.0,t.1,false",
    "2020-03-02,,c,5.0,8.0,t.1,false",
    "2020-03-03,-3.0,,6.0,9.0,t.1,false",
)


def places(cells: ReleasedCells, *lines: str, figure: str = "trend_parks") -> list[tuple[str, str]]:
    found, _ = cells.check(AREA, figure, Embedded.read("\n".join(lines) + "\n"))
    return [(place, what) for place, what, _ in found]


def test_released_cells_are_explained(cells: ReleasedCells) -> None:
    assert places(cells, HEAD, *ROWS) == []
    assert places(cells, HEAD, *reversed(ROWS)) == []
    assert places(cells, HEAD, ROWS[0]) == []
    assert cells.check(AREA, "trend_parks", Embedded.read("\n".join([HEAD, *ROWS])))[1] == 18


@pytest.mark.parametrize(
    ("row", "new", "place", "what"),
    [
        (0, "2020-03-01,1.6,,4.0,7.0,t.1,false", "row 1, column district_percent", "no released"),
        (1, "2020-03-02,6.0,,5.0,8.0,t.1,false", "row 2, column district_percent", "no released"),
        (1, "2020-03-02,,u,5.0,8.0,t.1,false", "row 2, column mark", "no released"),
        (2, "2020-03-02,-3.0,,,,t.1,false", "row 3, column district_percent", "no released"),
        (2, "2020-03-04,,,,,t.1,false", "row 3, column date", "no released row has such a key"),
        (2, "48173,,,,,t.1,false", "row 3, column date", "no released row has such a key"),
        (2, "2020-03-03,abc,,6.0,9.0,t.1,false", "row 3, column district_percent", "no released"),
        (2, "2020-03-03,-3.0,,6.0,9.0,t.2,false", "row 3, column release", "another release"),
    ],
)
def test_another_cell_is_found(
    row: int, new: str, place: str, what: str, cells: ReleasedCells
) -> None:
    lines = [*ROWS[:row], new, *ROWS[row + 1 :]]
    found = places(cells, HEAD, *lines)
    assert [each for each, _ in found] == [place]
    assert found[0][1].startswith(what)


def test_a_withheld_value_is_found_even_where_it_is_right_for_another_measure(
    cells: ReleasedCells,
) -> None:
    # 6.0 is released for that day, but for workplaces; all of workplaces would be explained.
    mixed = places(cells, "date,district_percent", "2020-03-02,6.0", "2020-03-03,-3.0")
    assert len(mixed) == 1
    assert places(cells, "date,district_percent", "2020-03-02,6.0", "2020-03-03,-9.0") == []
    assert places(cells, "measure,date,district_percent", "parks,2020-03-02,6.0") != []


def test_columns_of_one_table_are_of_one_measure(cells: ReleasedCells) -> None:
    lines = ["date,district_percent,region_percent", "2020-03-02,6.0,5.0"]
    assert places(cells, *lines) == [("columns", "values of different measures side by side")]


def test_a_comparator_is_not_the_district(cells: ReleasedCells) -> None:
    assert places(cells, "date,district_percent", "2020-03-01,4.0") != []
    assert places(cells, "date,region_percent", "2020-03-01,7.0") != []


def test_tables_of_areas_go_by_their_codes(cells: ReleasedCells) -> None:
    head = "area_code,area_name,date,value"
    good = [f"{AREA},Harborough,2020-03-01,1.5", "E07000132,Harborough,2020-03-01,10.0"]
    assert places(cells, head, *good) == []
    swapped = [f"{AREA},Harborough,2020-03-01,10.0", "E07000132,Harborough,2020-03-01,1.5"]
    assert len(places(cells, head, *swapped)) >= 1
    assert places(cells, head, f"{AREA},Nowhere,2020-03-01,1.5") == [
        ("row 1, column area_name", "no name that the project knows")
    ]
    assert places(cells, head, "E07000999,Harborough,2020-03-01,1.5")[0][0] == (
        "row 1, column area_code"
    )


def test_columns_that_nobody_declared_are_found(cells: ReleasedCells) -> None:
    assert places(cells, "date,deaths", "2020-03-01,1.5") == [
        ("column 2", "the proof does not know such a column")
    ]
    # A column that the gate keeps inside is none of the released table.
    assert places(cells, "date,cases", "2020-03-01,7") == [
        ("column 2", "the proof does not know such a column")
    ]
    assert places(cells, "district_percent", "1.5") == [
        ("columns", "none of them says which released rows are meant")
    ]


def test_the_whole_released_table_of_an_area_is_told_by_its_text(cells: ReleasedCells) -> None:
    own = pl.concat(
        [
            released("HM-I1", AREA, "parks", 1.5, None, -3.0),
            released("HM-I1", AREA, "workplaces", 1.5, 6.0, -9.0),
        ]
    ).with_columns(release=pl.lit("t.1"), synthetic=pl.lit("false"))
    text = own.drop("topic", "numerator", "denominator", "lower", "upper").write_csv()
    assert cells.whole(AREA, text) == sum(
        bool(cell) for line in text.splitlines()[1:] for cell in line.split(",")
    )
    assert cells.whole(AREA, text.replace("1.5", "1.6", 1)) is None
    assert places(cells, *text.splitlines(), figure="") == []
    wrong = places(cells, *text.replace("1.5", "1.6", 1).splitlines(), figure="")
    assert wrong == [("row 1, column value", "no released value for this row")]


@pytest.mark.parametrize("text", ["a,a\n1,2\n", "a,b\n1\n", ""])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a table"):
        Embedded.read(text)


def test_declarations(declared: Declared) -> None:
    assert declared.column("date") == Column("key", "start")
    assert declared.column("measure") == Column("key", "measure")
    assert declared.column("n") == Column("value", "n")
    assert declared.column("deaths") is None
    assert declared.derivation("standing", "rank")
    assert declared.derivation("trend_parks", "rank") is None
    assert declared.chart("trend_parks") == declared.chart("trend_workplaces")
    assert declared.chart("nothing") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: {a: {value: deaths}}\nderived: []\ncharts: {}\nphrases: []", "no column deaths"),
        ("columns: {}\nderived: []\ncharts: {}\nphrase: []", "did you mean 'phrases'"),
        (
            "columns: {}\ncharts: {}\nphrases: []\n"
            "derived: [{figures: a, column: b, as: sum, of: c}]",
            "'sum' is not one of",
        ),
    ],
)
def test_wrong_declarations_are_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "topic.yaml"
    path.write_text(text)
    with pytest.raises(ContractError, match=words):
        load_declared(path)
