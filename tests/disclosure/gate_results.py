"""Made-up answers of the gate: small enough to count by hand, with every kind of row in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from lds.contracts import load_table_contract, sort_by_key
from lds.disclosure.evidence.redaction import public_evidence
from lds.disclosure.profiles import load_profile
from lds.disclosure.result import CELL_SCHEMA, ROW_SCHEMA, GateResult
from lds.io import sha256, write_json, write_parquet, write_text
from lds.topics import IndicatorEntry, TopicEntry

CONTRACT = load_table_contract("indicators").released
ROOT = Path(__file__).resolve().parents[2]
TEMPLATE, STYLE = ROOT / "reports/review.html", ROOT / "reports/report.css"
AREAS = ("E07000131", "E07000132", "E07000133")
WEEK = timedelta(days=6)
FIRST = date(2020, 3, 2)


def made_topics() -> dict[str, TopicEntry]:
    """Return three topics: tests of people (with an open indicator), jobs, and open data."""
    fixed: dict[str, Any] = {"series": "Made", "resources": (), "reference": ()}
    return {
        "health": TopicEntry(
            id="health", title="Tests & results", sources=("made_tests",), essential="HE-I1",
            indicators={
                "HE-I1": IndicatorEntry(title="Tests by sex", quantity="tests"),
                "HE-I2": IndicatorEntry(
                    title="Positivity by sex", quantity="tests", outcome="result=positive"
                ),
                "HE-I3": IndicatorEntry(title="Rank of <positivity>", rests_on=("HE-I2",)),
                "HE-I4": IndicatorEntry(title="Weather", sources=("made_open",)),
            },
            **fixed,
        ),
        "economy": TopicEntry(
            id="economy", title="Jobs", sources=("made_register",), essential="EC-I1",
            indicators={"EC-I1": IndicatorEntry(title="Jobs by industry", quantity="jobs")},
            **fixed,
        ),
        "mobility": TopicEntry(
            id="mobility", title="Movement", sources=("made_open",), essential="MO-I1",
            indicators={"MO-I1": IndicatorEntry(title="Change in visits")},
            **fixed,
        ),
    }  # fmt: skip


def row(**values: Any) -> dict[str, Any]:
    """Return a row of a table and of the rows asked for together: the keys of both."""
    base = {
        "topic": "health", "indicator": "HE-I1", "statistic": "count", "area": AREAS[0],
        "comparator": "self", "measure": "tests", "breakdown": "all", "period": "week",
        "start": FIRST, "end": FIRST + WEEK, "unit": "tests", "match": "exact", "days": 7,
        "status": "released",
    }  # fmt: skip
    return {**base, **values}


def count(area: int, sex: str, tests: int, **values: Any) -> dict[str, Any]:
    """Return a count of tests of an area by sex, and with `values` something else of them."""
    shown = {"value": float(tests), "numerator": float(tests), "n": tests}
    part = {"area": AREAS[area], "breakdown": "all" if sex == "all" else f"sex={sex}"}
    return row(**{**part, **shown, "unweighted": tests, "cases": tests, **values})


def hidden(line: dict[str, Any], rule: str, status: str = "withheld") -> dict[str, Any]:
    """Return a row as the gate withholds it: a mark and no number, but the counts inside."""
    emptied = dict.fromkeys(("value", "numerator", "denominator", "n", "lower", "upper"))
    return {**line, **emptied, "mark": "c", "status": status, "rule": rule}


def made_rows() -> list[dict[str, Any]]:
    """Return the rows of the three topics.

    Two women in the third area are withheld, and so are its men, who would tell them; the
    percentages of both with them; a rank that rests on them; and the second week of an area is
    released for two weeks in its place. One industry has a dominant enterprise.
    """
    positive: dict[str, Any] = {
        "indicator": "HE-I2", "statistic": "percentage", "unit": "%", "measure": "positivity",
    }  # fmt: skip
    share: list[dict[str, Any]] = []
    for cell, (area, sex, cases, tests) in enumerate(
        [(0, "female", 30, 120), (0, "male", 10, 100), (1, "female", 25, 50), (2, "female", 1, 2)]
    ):
        share.append(
            count(
                area, sex, cases, **positive, value=100 * cases / tests, denominator=float(tests),
                n=tests, unweighted=tests, cell=20 + cell, denominator_cell=cell,
                lower=1.0, upper=99.0,
            )
        )  # fmt: skip
    return [
        count(0, "female", 120, cell=0),
        count(0, "male", 100, cell=1),
        count(1, "female", 50, cell=2),
        hidden(count(2, "female", 2, cell=3), "threshold"),
        hidden(count(2, "male", 40, cell=4), "secondary"),
        count(2, "all", 42, cell=5),
        count(1, "all", 0, cell=6) | {"value": None, "mark": "x", "status": "missing"}
        | dict.fromkeys(("numerator", "n", "unweighted", "cases")),
        *share[:3],
        hidden(share[3], "threshold"),
        row(indicator="HE-I3", statistic="rank", area=AREAS[0], value=1.0, unit="of 3"),
        hidden(row(indicator="HE-I3", statistic="rank", area=AREAS[2], unit="of 3"), "inherits"),
        row(
            topic="economy", indicator="EC-I1", statistic="business_sum", measure="jobs",
            breakdown="industry=hospitality", value=900.0, numerator=900.0, n=12, unweighted=12,
            unit="jobs", cell=30,
        ),
        hidden(
            row(
                topic="economy", indicator="EC-I1", statistic="business_sum", measure="jobs",
                breakdown="industry=finance", unweighted=11, unit="jobs", cell=31,
            ),
            "dominance",
        ),
        row(
            topic="mobility", indicator="MO-I1", statistic="change", measure="parks", value=-5.0,
            unit="%", n=7, period="day",
        ),
        row(
            topic="mobility", indicator="MO-I1", statistic="change", measure="parks", unit="%",
            area=AREAS[1], mark="c", period="day", status="missing",
        ),
        row(
            indicator="HE-I4", statistic="change", measure="rain", value=3.5, unit="mm", n=2,
            period="day",
        ),
        row(
            indicator="HE-I4", statistic="change", measure="rain", unit="mm", area=AREAS[1],
            mark="c", note="Station closed.", period="day", status="missing",
        ),
    ]  # fmt: skip


WIDENED = count(1, "male", 12) | {"status": "widened", "rule": "widened"}
"""A row that was asked for and is not in the table: a wider period is released in its place."""


def made_cells() -> pl.DataFrame:
    """Return the cells behind the rows; the withheld ones with their audited intervals."""
    base = {"quantity": "tests", "start": FIRST, "end": FIRST + WEEK, "kind": "count"}
    audited = {
        3: {"status": "primary", "rule": "threshold", "lower": 0.0, "upper": 42.0},
        4: {"status": "secondary", "rule": "secondary", "protects": 3, "lower": 0.0, "upper": 42.0},
        23: {"status": "primary", "rule": "threshold", "lower": 0.0, "upper": 11.0},
        31: {"status": "primary", "rule": "dominance", "lower": 100.0, "upper": float("inf")},
    }
    tiers = {3: "propagation", 4: "propagation", 23: "integer", 31: "program"}
    lines = []
    for line in made_rows():
        if line.get("cell") is None:
            continue
        cell = line["cell"]
        number = line.get("unweighted") if cell >= 30 else line.get("cases")
        amount = {"quantity": "jobs", "kind": "amount"} if cell >= 30 else {}
        needed = {"tier": tiers[cell], "needed": 10.0} if cell in tiers else {}
        lines.append(
            {
                **base, "cell": cell, "area": line["area"], "breakdown": line["breakdown"],
                "value": float(line.get("value") or number or 0), "n": number or 0,
                "status": "published", **amount, **needed, **audited.get(cell, {}),
            }
        )  # fmt: skip
    return pl.DataFrame(lines, schema=CELL_SCHEMA)


def table_of(lines: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the released table of rows."""
    columns = CONTRACT.polars_schema
    rows = [{name: line.get(name) for name in columns} for line in lines]
    return sort_by_key(pl.DataFrame(rows, schema=columns), CONTRACT)


def asked_of(lines: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the rows that were asked for; their n is the unweighted one."""
    rows = [
        {name: line.get(name) for name in ROW_SCHEMA} | {"n": line.get("unweighted")}
        for line in lines
    ]
    return pl.DataFrame(rows, schema=ROW_SCHEMA)


def made_result(
    lines: list[dict[str, Any]] | None = None,
    asked: list[dict[str, Any]] | None = None,
    **profiles: str,
) -> GateResult:
    """Return an answer of the gate.

    Parameters
    ----------
    lines : rows of the tables; those of `made_rows` where none are given.
    asked : rows that were asked for; those of the tables and `WIDENED` where none are given.
    profiles : topic = name of its profile; ons_srs, and open for the open topic, otherwise.
    """
    lines = made_rows() if lines is None else lines
    asked = [*lines, WIDENED] if asked is None else asked
    topics = sorted({line["topic"] for line in lines})
    names = {"mobility": "open", **profiles}
    return GateResult(
        tables={
            topic: table_of([line for line in lines if line["topic"] == topic]) for topic in topics
        },
        rows=asked_of(asked),
        cells=made_cells(),
        audit={"passed": True, "cells": 12, "relations": 3, "tiers": {"propagation": 2}},
        profiles={topic: load_profile(names.get(topic, "ons_srs")) for topic in topics},
    )


def written_release(folder: Path, result: GateResult) -> Path:
    """Write the folder of a release with the files that one has."""
    for topic, table in result.tables.items():
        write_parquet(folder / f"{topic}.parquet", table)
    write_json(folder / "release.json", {"id": "made", "topics": sorted(result.tables)})
    topics = made_topics()
    write_json(folder / "evidence-public/results.json", public_evidence(result, topics))
    listed = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"
    )
    lines = [f"{sha256(path)}  {path.relative_to(folder)}\n" for path in listed]
    write_text(folder / "SHA256SUMS", "".join(lines))
    return folder
