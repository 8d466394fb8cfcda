"""Source profiles: every number worked out by hand, and larger ones by a second library."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from lds.errors import LdsError
from lds.io import RESOURCES, canonical_json
from lds.sources.contract import Place
from lds.sources.profiles.profile import profile
from lds.sources.profiles.thresholds import load_thresholds
from lds.sources.profiles.times import covered, time_columns
from unit.sources.builders import contract
from unit.sources.profile_examples import (
    BUCKINGHAMSHIRE,
    EAST_SUFFOLK,
    HARBOROUGH,
    ROWS,
    SHA,
    column,
    made_contract,
    made_profile,
)


def test_rows_files_and_what_staging_set_aside(tmp_path: Path) -> None:
    found = made_profile(tmp_path)
    assert (found["rows"], found["rows_in"], found["rows_rejected"]) == (8, 10, 2)
    assert found["rejected_share"] == 0.2
    assert found["reasons"] == {"a value is required": 1, "not a date (YYYY-MM-DD)": 1}
    assert found["dropped"] == {"blank": 5, "footnote": 1}
    assert found["marks"] == {"visits": {"withheld": 1}}
    assert found["columns_ignored"] == ["Extra"]
    assert [each["sha256"] for each in found["files"]] == [SHA, "b" * 64]
    assert [each["name"] for each in found["columns"]] == list(ROWS)


def test_what_a_report_lacks_is_left_out(tmp_path: Path) -> None:
    found = made_profile(tmp_path, report={"sha256": SHA})
    assert found["files"] == [{"file": None, "sheet": None, "sha256": SHA}]
    for key in ("reasons", "dropped", "marks", "rows_in", "synthetic", "rejected_share"):
        assert key not in found


def test_missing_and_distinct(tmp_path: Path) -> None:
    found = made_profile(tmp_path)
    stated = {each["name"]: (each["missing"], each["distinct"]) for each in found["columns"]}
    assert stated == {
        "person": (0, 8),
        "lad_code": (1, 3),
        "lsoa_code": (0, 3),
        "day": (0, 6),
        "sex": (3, 2),
        "visits": (1, 7),
        "weight": (0, 4),
        "vaccinated": (1, 2),
        "note": (6, 2),
    }
    assert column(found, "sex")["missing_share"] == 0.375


def test_numbers(tmp_path: Path) -> None:
    found = made_profile(tmp_path)
    visits = column(found, "visits")
    # -4 1 2 3 4 8 10: sum 24, mean 24/7; the quartiles lie between the 2nd and 3rd, 5th and 6th.
    assert (visits["minimum"], visits["maximum"], visits["total"]) == (-4, 10, 24)
    assert isinstance(visits["total"], int)
    assert visits["mean"] == 3.428571429
    assert [visits[key] for key in ("lower_quartile", "median", "upper_quartile")] == [1.5, 3, 6]
    weight = column(found, "weight")
    assert (weight["total"], weight["mean"], found["weights"]) == (10.0, 1.25, ["weight"])


def test_values_are_listed_with_their_labels_and_zeros(tmp_path: Path) -> None:
    found = made_profile(tmp_path)
    assert column(found, "sex")["counts"] == [
        {"value": "1", "label": "Male", "rows": 3, "share": 0.6},
        {"value": "2", "label": "Female", "rows": 2, "share": 0.4},
        {"value": "9", "label": "Not stated", "rows": 0, "share": 0.0},
    ]
    assert column(found, "note")["counts"] == [
        {"value": "x", "rows": 1, "share": 0.5},
        {"value": "y", "rows": 1, "share": 0.5},
    ]
    assert [each["rows"] for each in column(found, "vaccinated")["counts"]] == [1, 6]


def test_personal_data_and_small_areas_are_counted_and_not_listed(tmp_path: Path) -> None:
    found = made_profile(tmp_path)
    for name in ("person", "lsoa_code"):
        assert not {"counts", "codes"} & set(column(found, name))
    assert column(found, "lad_code")["codes"] == [BUCKINGHAMSHIRE, HARBOROUGH, EAST_SUFFOLK]


@pytest.mark.parametrize(("distinct", "listed"), [(200, True), (201, False)])
def test_long_lists_are_only_counted(tmp_path: Path, distinct: int, listed: bool) -> None:
    rows = {"note": [f"note {n}" for n in range(distinct)]}
    note = column(made_profile(tmp_path, rows), "note")
    assert note["distinct"] == distinct
    assert ("counts" in note) is listed


def test_columns_of_marks_are_no_columns_of_their_own(tmp_path: Path) -> None:
    table = tmp_path / "made.parquet"
    frame = pl.DataFrame({"visits": [1, None], "visits_mark": [None, "withheld"], "a_mark": "x"})
    frame.write_parquet(table)
    found = profile(table, made_contract(), {})
    assert [each["name"] for each in found["columns"]] == ["visits", "a_mark"]


def test_an_empty_table_has_a_profile(tmp_path: Path) -> None:
    found = made_profile(tmp_path, {name: [] for name in ROWS})
    assert found["rows"] == 0
    assert (found["times"], found["vintages"]) == ([], [])
    assert column(found, "visits")["mean"] is None
    assert column(found, "day")["first"] is None
    assert column(found, "sex")["missing_share"] == 0


def test_the_days_covered_and_the_gaps(tmp_path: Path) -> None:
    assert made_profile(tmp_path)["times"] == [
        {
            "column": "day",
            "first": "2020-04-06",
            "last": "2020-04-15",
            "times": 6,
            "step": "day",
            "missing_steps": 4,
            "gaps": [
                {"after": "2020-04-08", "before": "2020-04-11", "steps": 2},
                {"after": "2020-04-12", "before": "2020-04-15", "steps": 2},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("step", "texts", "missing", "gaps"),
    [
        ("day", ["2020-02-28", "2020-03-01"], 1, [("2020-02-28", "2020-03-01", 1)]),
        ("week", ["2020-01-03", "2020-01-10", "2020-01-31"], 2, [("2020-01-10", "2020-01-31", 2)]),
        ("week", ["2020-01-03", "2020-01-11"], 0, []),
        ("month", ["2019-11-30", "2020-02-01"], 2, [("2019-11-30", "2020-02-01", 2)]),
        ("month", ["2019-12", "January 2020"], 0, []),
        ("quarter", ["2020-01-01", "2020-10-01"], 2, [("2020-01-01", "2020-10-01", 2)]),
        ("year", ["2004", "2006"], 1, [("2004-01-01", "2006-01-01", 1)]),
    ],
)
def test_gaps_in_every_step(
    step: str, texts: list[str], missing: int, gaps: list[tuple[str, str, int]]
) -> None:
    found = covered("t", texts, step, 20)
    assert found is not None
    assert found["missing_steps"] == missing
    assert [(gap["after"], gap["before"], gap["steps"]) for gap in found["gaps"]] == gaps


def test_times_without_steps() -> None:
    assert covered("t", ["week 5", "week 6"], "week", 20) is None
    assert covered("t", [], "day", 20) is None
    for step in (None, "once", "day"):
        years = covered("t", ["2019", "2021"], step, 20)
        assert years == {"column": "t", "first": "2019-01-01", "last": "2021-12-31", "times": 2}
    many = covered("t", [f"2020-01-{day:02}" for day in range(1, 32, 2)], "day", 3)
    assert many is not None
    assert (many["missing_steps"], len(many["gaps"])) == (15, 3)


def test_the_time_is_that_of_the_contract_or_the_dates_of_the_key() -> None:
    assert time_columns(made_contract()) == ["day"]
    assert time_columns(contract()) == ["day"]
    assert time_columns(contract(key=("place",))) == []


def test_vintages_that_agree(tmp_path: Path) -> None:
    lads, small = made_profile(tmp_path)["vintages"]
    assert (lads["column"], lads["verdict"], lads["agreement"]) == ("lad_code", "partial", "agrees")
    assert lads["window"] == {"first_day": "2020-04-01", "last_day": "2025-04-01"}
    assert "3 English LAD codes" in lads["sentence"]
    assert "every code was live on its row's date" in lads["sentence"]
    assert lads["comparison"] == (
        "The contract declares the districts of 1 April 2020, and every code fits."
    )
    assert small["editions"] == {"lsoa": [2011, 2021]}
    assert small["agreement"] == "agrees"
    assert small["short"] == "the census of 2011 or later, 3 codes"


def test_vintages_that_differ(tmp_path: Path) -> None:
    rows = {"lad_code": [HARBOROUGH, "E07000205", "E07999999"], "lsoa_code": ["E01035762"] * 3}
    lads, small = made_profile(tmp_path, rows)["vintages"]
    assert lads["agreement"] == small["agreement"] == "differs"
    assert lads["comparison"].endswith("but these do not fit: E07000205 and E07999999.")
    assert "LSOA: the census of 2021, 1 of 33,755" in small["comparison"]
    assert small["editions"] == {"lsoa": [2021]}


@pytest.mark.parametrize(
    ("vintage", "vintage_is", "codes", "agreement"),
    [
        ("found from the codes", "found", [HARBOROUGH], "open"),
        ("2020-04-01 in the edition of 2020", "declared", [EAST_SUFFOLK], "open"),
        ("2020-04-01", "found", [EAST_SUFFOLK], "open"),
        ("2020-04-01", None, [EAST_SUFFOLK], "agrees"),
        ("2011", "declared", ["E07000205"], "agrees"),
        ("2011: old codes", "declared", [EAST_SUFFOLK], "differs"),
        ("2020-04-01", "declared", ["E12000004"], "open"),
    ],
)
def test_what_a_contract_declares(
    tmp_path: Path, vintage: str, vintage_is: str | None, codes: list[str], agreement: str
) -> None:
    place = Place(columns=("lad_code",), level="mixed", vintage=vintage, vintage_is=vintage_is)
    found = made_profile(tmp_path, {"lad_code": codes}, places=(place,))["vintages"]
    assert [each["agreement"] for each in found] == [agreement]


def test_mixed_vintages_are_said_in_the_words_of_the_engine(tmp_path: Path) -> None:
    rows = {"lad_code": ["E07000205", EAST_SUFFOLK], "day": [date(2018, 1, 1), date(2020, 1, 1)]}
    lads = made_profile(tmp_path, rows)["vintages"][0]
    assert (lads["verdict"], lads["short"]) == ("mixed", "mixed: 2 vintages")
    assert "mixes vintages: no day had all its 2 English LAD codes" in lads["sentence"]
    assert "every code was live on its row's date" in lads["sentence"]


def test_places_without_codes_are_not_classified(tmp_path: Path) -> None:
    for level in ("postcode", "coordinates", "place named by Google"):
        place = Place(columns=("lad_code",), level=level, vintage="2011")
        assert made_profile(tmp_path, places=(place,))["vintages"] == []


def test_a_second_library_counts_the_same(tmp_path: Path) -> None:
    draw = random.Random(7)
    size = 20_000
    rows = {
        "person": [str(n) for n in range(size)],
        "day": [date(2020, 1, 1) + timedelta(days=draw.randrange(300)) for _ in range(size)],
        "visits": [draw.choice([None, *range(-20, 90)]) for _ in range(size)],
        "weight": [draw.lognormvariate(0, 2) for _ in range(size)],
    }
    found = made_profile(tmp_path, rows)
    frame = pl.DataFrame(rows)
    assert found["rows"] == size
    for name in ("visits", "weight"):
        truth, stated = frame[name], column(found, name)
        assert stated["missing"] == truth.null_count()
        assert stated["distinct"] == truth.drop_nulls().n_unique()
        for key, value in (
            ("minimum", truth.min()),
            ("maximum", truth.max()),
            ("total", truth.sum()),
            ("mean", truth.mean()),
            ("lower_quartile", truth.quantile(0.25, "linear")),
            ("median", truth.median()),
            ("upper_quartile", truth.quantile(0.75, "linear")),
        ):
            assert stated[key] == pytest.approx(value, rel=1e-9), (name, key)
    assert column(found, "day")["first"] == str(frame["day"].min())
    assert column(found, "day")["distinct"] == frame["day"].n_unique()


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    draw = random.Random(3)
    rows = {"weight": [draw.lognormvariate(0, 3) for _ in range(300_000)]}
    texts = {canonical_json(made_profile(tmp_path, rows)) for _ in range(3)}
    assert len(texts) == 1


def test_thresholds_are_checked(tmp_path: Path) -> None:
    text = (RESOURCES / "profile_thresholds.yaml").read_text(encoding="utf-8")
    assert load_thresholds().listed_values == 200
    (tmp_path / "profile_thresholds.yaml").write_text(text.replace("rows_fell", "rows_fel"))
    with pytest.raises(LdsError, match="did you mean 'rows_fell'"):
        load_thresholds(tmp_path)
