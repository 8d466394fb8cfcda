"""``results.json`` and its tables: ACRO's layout, and nothing unsafe in what may leave."""

from __future__ import annotations

import csv
import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from disclosure.evidence_folder import write_both
from disclosure.gate_results import (
    AREAS,
    CONTRACT,
    WIDENED,
    made_cells,
    made_result,
    made_rows,
    made_topics,
)
from lds.disclosure.evidence.outputs import each_output, withheld_cells
from lds.disclosure.evidence.verdict import judge, withheld_by_rule
from lds.disclosure.result import GateResult
from lds.errors import DisclosureError
from lds.io import read_json, sha256

ACRO = Path(__file__).resolve().parents[2] / ".peers/acro/bin/python"
READ_BACK = """
import json, sys
from acro.record import load_records

records = load_records(sys.argv[1])
print(json.dumps({
    key: [record.status, record.sdc["cells"], list(record.output[0].shape), record.command,
          record.outcome.to_dict()]
    for key in records.get_keys() for record in [records.get(key)]
}))
"""


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_both(tmp_path_factory.mktemp("export")) / "evidence"


@pytest.fixture(scope="module")
def results(evidence: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(evidence / "results.json")["results"]
    return found


def files(folder: Path) -> dict[str, str]:
    """Return the checksum of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_one_output_for_each_indicator_and_statistic(results: dict[str, Any]) -> None:
    assert {name: output["status"] for name, output in results.items()} == {
        "health_HE-I1_count": "review",
        "health_HE-I2_percentage": "review",
        "health_HE-I3_rank": "review",
        "health_HE-I4_change": "pass",
        "economy_EC-I1_business_sum": "review",
        "mobility_MO-I1_change": "pass",
    }
    for name, output in results.items():
        assert output["uid"] == name
        assert output["type"] == "table"
        assert output["timestamp"] == ""
        assert [file["name"] for file in output["files"]] == [f"{name}_0.csv"]
        assert set(output) == {
            *("uid", "status", "type", "properties", "files", "outcome", "command", "summary"),
            *("timestamp", "comments", "exception", "fair"),
        }
    count = results["health_HE-I1_count"]
    assert count["properties"]["rows"] == {
        "missing": 1, "released": 4, "widened": 1, "withheld": 2,
    }  # fmt: skip
    assert count["properties"]["linked"] == ["health_HE-I2_percentage"]
    assert count["properties"]["profile"] == {"id": "ons_srs", "version": 1}
    assert "lds.topics.health" in count["command"]
    assert count["summary"].startswith("review of withheld rows; secondary: 1 row; ")
    assert count["exception"].startswith("No exception is asked for")


def test_positions_are_those_of_withheld_values(evidence: Path, results: dict[str, Any]) -> None:
    """As ACRO's viewer counts: without the header, without the first field."""
    for output in results.values():
        (file,) = output["files"]
        with (evidence / file["name"]).open(newline="", encoding="utf-8") as handle:
            header, *body = list(csv.reader(handle))
        marked = {
            (row, header.index("value") - 1)
            for row, fields in enumerate(body)
            if fields[header.index("mark")] == "c"
        }
        placed = [tuple(place) for cells in file["sdc"]["cells"].values() for place in cells]
        assert sorted(placed) == sorted(marked)
        assert {rule: len(cells) for rule, cells in file["sdc"]["cells"].items()} == (
            file["sdc"]["summary"]
        )
        assert all(body[row][column + 1] == "" for row, column in placed)
    rules = results["health_HE-I1_count"]["files"][0]["sdc"]["summary"]
    assert rules == {"secondary": 1, "threshold": 1}
    assert results["mobility_MO-I1_change"]["files"][0]["sdc"]["summary"] == {"publisher": 1}


def test_what_the_viewer_would_let_out_is_what_is_released(
    evidence: Path, results: dict[str, Any]
) -> None:
    result = made_result()
    for output in results.values():
        place = output["properties"]
        released = result.tables[place["topic"]].filter(
            (pl.col("indicator") == place["indicator"])
            & (pl.col("statistic") == place["statistic"])
        )
        rows = rows_of(evidence / output["files"][0]["name"])
        assert len(rows) == released.height
        assert set(rows[0]) <= set(CONTRACT.names)
        for row, line in zip(rows, released.iter_rows(named=True), strict=True):
            for name, text in row.items():
                expected = "" if line[name] is None else str(line[name])
                assert text == expected


def test_checksums_as_acro_lays_them_out(evidence: Path) -> None:
    top = [path.name for path in evidence.iterdir() if path.is_file()]
    assert sorted(path.name for path in (evidence / "checksums").iterdir()) == sorted(
        f"{name}.txt" for name in top if name != "request.json"
    )
    for name in top:
        if name != "request.json":
            assert (evidence / f"checksums/{name}.txt").read_text() == sha256(evidence / name)


def test_no_other_json_looks_like_results(evidence: Path) -> None:
    """SACRO-Viewer opens the one JSON of a folder that has a version and results."""
    found = []
    for path in sorted(evidence.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "version" in content and "results" in content:
            found.append(path.name)
    assert found == ["results.json"]


def test_counts_and_cells_stand_behind_every_row(evidence: Path) -> None:
    counts = rows_of(evidence / "counts/health_HE-I1_count.csv")
    assert len(counts) == 8
    assert {row["status"] for row in counts} == {"released", "withheld", "widened", "missing"}
    by_rule = {row["rule"]: row for row in counts}
    assert by_rule["secondary"]["cell_protects"] == (
        f"tests {AREAS[2]} 2020-03-02/2020-03-08 sex=female"
    )
    small = by_rule["threshold"]
    assert (small["cases"], small["cell_lower"], small["cell_upper"], small["cell_tier"]) == (
        *("2", "0.0", "42.0"),
        "propagation",
    )
    share = {row["rule"]: row for row in rows_of(evidence / "counts/health_HE-I2_percentage.csv")}
    assert share["threshold"]["cell_tier"] == "integer"
    assert share["threshold"]["denominator_cell_upper"] == "42.0"
    assert not (evidence / "counts/mobility_MO-I1_change.csv").exists()
    assert pl.read_parquet(evidence / "rows/health.parquet").height == 16
    assert pl.read_parquet(evidence / "rows/mobility.parquet").height == 2
    cells = pl.read_parquet(evidence / "cells.parquet")
    assert cells["cell"].to_list() == [3, 4, 23, 31]
    assert cells["protects"].to_list()[:2] == [None, by_rule["secondary"]["cell_protects"]]


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    first = files(write_both(tmp_path / "one"))
    shuffled = made_result(asked=[WIDENED, *reversed(made_rows())])
    cells = made_cells().reverse()
    assert files(write_both(tmp_path / "two", replace(shuffled, cells=cells))) == first


def test_a_day_is_stamped_only_where_one_is_given(tmp_path: Path) -> None:
    write_both(tmp_path, dated=date(2021, 6, 1))
    output = read_json(tmp_path / "evidence/results.json")["results"]["health_HE-I1_count"]
    assert output["timestamp"] == "2021-06-01"


def test_files_of_outputs_that_are_no_more_are_removed(tmp_path: Path) -> None:
    write_both(tmp_path)
    (tmp_path / "evidence/notes.txt").write_text("of the checker")
    fewer = [line for line in made_rows() if line["topic"] != "economy"]
    write_both(tmp_path / "other", made_result(fewer))
    (tmp_path / "other/evidence/notes.txt").write_text("of the checker")
    (tmp_path / "released/economy.parquet").unlink()
    write_both(tmp_path, made_result(fewer))
    (tmp_path / "evidence/request.json").unlink()
    (tmp_path / "other/evidence/request.json").unlink()
    assert files(tmp_path / "evidence") == files(tmp_path / "other/evidence")


def test_acro_reads_it_back(evidence: Path, results: dict[str, Any]) -> None:
    if not ACRO.is_file():
        pytest.skip("acro is not in .peers/acro; `make bench` puts it there")
    said = subprocess.run(
        [ACRO, "-c", READ_BACK, evidence], capture_output=True, text=True, check=True
    )
    read = json.loads(said.stdout.splitlines()[-1])
    assert list(read) == list(results)
    for name, (status, cells, shape, command, outcome) in read.items():
        output = results[name]
        assert status == output["status"]
        assert cells == output["files"][0]["sdc"]["cells"]
        assert command == output["command"]
        assert outcome == output["outcome"]
        assert shape[0] == len(rows_of(evidence / f"{name}_0.csv"))


def verdict_of(result: GateResult, uid: str) -> tuple[str, str]:
    """Return the status of an output, and all that is said of it."""
    outputs = {
        output.uid: output for _, _, each in each_output(result, made_topics()) for output in each
    }
    verdict = judge(outputs[uid], withheld_by_rule(outputs[uid]))
    return verdict.status, " ".join(verdict.faults + verdict.notes)


def changed_rows(where: pl.Expr, **columns: Any) -> GateResult:
    """Return an answer in which some rows asked for say something else."""
    result = made_result()
    rows = result.rows.with_columns(
        pl.when(where)
        .then(pl.lit(value, dtype=result.rows.schema[name]))
        .otherwise(name)
        .alias(name)
        for name, value in columns.items()
    )
    return replace(result, rows=rows)


ONE = (pl.col("indicator") == "HE-I2") & (pl.col("area") == AREAS[1])


@pytest.mark.parametrize(
    ("result", "uid", "said"),
    [
        (changed_rows(ONE, cases=9), "health_HE-I2_percentage", "too few records in the numerator"),
        (changed_rows(ONE, cases=41), "health_HE-I2_percentage", "too few records not in the"),
        (changed_rows(ONE, cases=0), "health_HE-I2_percentage", "too few records in the numerator"),
        (changed_rows(ONE, cases=50), "health_HE-I2_percentage", "too few records not in the"),
        (changed_rows(ONE, n=9, cases=None), "health_HE-I2_percentage", "too few records."),
        (changed_rows(ONE, status="widened"), "health_HE-I2_percentage", "did not release"),
        (
            changed_rows(pl.col("topic") == "economy", n=9),
            "economy_EC-I1_business_sum",
            "too few records",
        ),
        (
            changed_rows(pl.col("rule") == "secondary", status="released"),
            "health_HE-I1_count",
            "1 released row not in the table",
        ),
        (
            changed_rows(pl.col("rule") == "threshold", rule=None),
            "health_HE-I1_count",
            "1 withheld row and no rule",
        ),
        (
            replace(made_result(), cells=made_cells().with_columns(upper=pl.col("lower") + 9)),
            "health_HE-I1_count",
            "2 withheld cells not uncertain enough",
        ),
        (
            replace(made_result(), cells=made_cells().with_columns(upper=pl.lit(None, pl.Float64))),
            "health_HE-I1_count",
            "2 withheld cells not audited",
        ),
    ],
)  # fmt: skip
def test_what_fails(result: GateResult, uid: str, said: str) -> None:
    status, text = verdict_of(result, uid)
    assert status == "fail"
    assert said in text


LEFT = (
    made_cells()
    .filter(pl.col("cell") == 3)
    .with_columns(cell=pl.lit(99, pl.UInt32), upper=pl.lit(4.0))
)
"""A withheld cell that no row shows, what is left of a whole, and that is known too well."""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"cells": made_cells().with_columns(upper=pl.col("lower") + 9)},
            "HE-I1_count: 2 withheld",
        ),
        ({"audit": {"passed": False}}, "the audit did not pass"),
        ({"audit": {}}, "the audit did not pass"),
        ({"cells": pl.concat([made_cells(), LEFT])}, "cells.parquet: 1 withheld cell not"),
    ],
)
def test_evidence_against_a_release_stops_it(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(DisclosureError, match="speaks against the release") as caught:
        write_both(tmp_path, replace(made_result(), **changes))
    assert said in str(caught.value)
    assert (tmp_path / "evidence/review.html").is_file()
    assert not (tmp_path / "evidence/request.json").exists()


def test_what_is_just_enough_does_not_fail() -> None:
    for cases in (10, 40):
        assert verdict_of(changed_rows(ONE, cases=cases), "health_HE-I2_percentage")[0] == "review"
    wide = made_cells().with_columns(upper=pl.col("lower") + 10)
    assert verdict_of(replace(made_result(), cells=wide), "health_HE-I1_count")[0] == "review"


def test_zeros_are_looked_at_and_do_not_fail() -> None:
    zero = changed_rows((pl.col("indicator") == "HE-I1") & (pl.col("area") == AREAS[1]), cases=0)
    status, text = verdict_of(zero, "health_HE-I1_count")
    assert status == "review"
    assert "1 released count of zero" in text


def test_an_output_without_a_register_is_refused(tmp_path: Path) -> None:
    strange = made_rows()[0] | {"indicator": "HE-I9"}
    with pytest.raises(DisclosureError, match="in no register"):
        write_both(tmp_path, made_result([*made_rows(), strange]))
    with pytest.raises(DisclosureError, match="no table"):
        write_both(tmp_path, made_result(asked=[*made_rows(), strange | {"topic": "more"}]))


def test_what_a_cell_protects_is_in_words() -> None:
    words = withheld_cells(made_cells())["protects"].drop_nulls().to_list()
    assert words == [f"tests {AREAS[2]} 2020-03-02/2020-03-08 sex=female"]
