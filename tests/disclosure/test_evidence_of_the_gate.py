"""The evidence of what the gate itself decides, from the indicators on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from disclosure.evidence_folder import write_both
from disclosure.gate_results import made_topics
from disclosure.made_rows import CONTRACT, ENGLAND, count, percentage, rows
from lds.disclosure.gate import decide
from lds.disclosure.governing import SourceRules
from lds.disclosure.profiles import load_profile
from lds.disclosure.protection import AreaTree
from lds.disclosure.result import CELL_SCHEMA, ROW_SCHEMA, GateResult
from lds.io import read_json

SECURE = SourceRules(source="made_tests", access="secure", profile=load_profile("ons_srs"))
OPEN = SourceRules(source="made_open", access="open", profile=load_profile("open"))


def decided() -> GateResult:
    """Return the gate's answer on tests by sex in thirty districts, some of them small."""
    tests: list[dict[str, Any]] = []
    for number in range(30):
        area = {"topic": "health", "area": f"E07{number:06d}"}
        women, men = 30 + number * 7 % 40, 25 + number * 11 % 60
        if number % 10 == 0:
            women = 4
        for part, tested in (("sex=female", women), ("sex=male", men), ("all", women + men)):
            place = {**area, "breakdown": part}
            tests.append(count(tested, indicator="HE-I1", **place))
            tests.append(
                percentage(tested // 3, tested, indicator="HE-I2", measure="positivity", **place)
            )
    open_rows = rows(
        {
            "topic": "health", "indicator": "HE-I4", "statistic": "change", "value": 2.0,
            "unit": "mm",
        },
        {
            "topic": "health", "indicator": "HE-I4", "statistic": "change", "mark": "c",
            "area": "E07000132", "unit": "mm",
        },
    )  # fmt: skip
    return decide(
        {"health": pl.concat([rows(*tests), open_rows])},
        {"health": (SECURE, OPEN)},
        CONTRACT,
        topics={"health": made_topics()["health"].indicators},
        areas=AreaTree(parents={f"E07{number:06d}": ENGLAND for number in range(30)}, groups={}),
    )


def test_the_evidence_of_the_gate(tmp_path: Path) -> None:
    result = decided()
    assert dict(result.rows.schema) == ROW_SCHEMA
    assert dict(result.cells.schema) == CELL_SCHEMA
    write_both(tmp_path, result)
    outputs = read_json(tmp_path / "evidence/results.json")["results"]
    assert {name: output["status"] for name, output in outputs.items()} == {
        "health_HE-I1_count": "review",
        "health_HE-I2_percentage": "review",
        "health_HE-I4_change": "pass",
    }
    count_rules = outputs["health_HE-I1_count"]["files"][0]["sdc"]["summary"]
    assert count_rules["threshold"] == 3
    assert sum(count_rules.values()) >= 6  # each small count needs another that hides it
    assert all(check["passed"] for check in read_json(tmp_path / "evidence/preflight.json"))
    cells = pl.read_parquet(tmp_path / "evidence/cells.parquet")
    assert cells.height >= 12
    assert (cells["upper"] - cells["lower"] >= cells["needed"]).all()
    assert cells.filter(pl.col("status") == "secondary")["protects"].null_count() == 0
    assert read_json(tmp_path / "evidence/request.json")["state"] == "draft"
