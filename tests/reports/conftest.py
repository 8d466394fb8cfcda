"""Slices as the topics write them, and pages made from them with the real sources."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from report_examples import NAME, ROOT, Slice, figure

from lds.reports.engines import Engine, resolve_engine
from lds.reports.pages import read_slice, render_page
from lds.reports.shells import compile_shell


@pytest.fixture
def full_slice() -> Slice:
    """A district with figures, real data and no mark."""
    figures = [
        figure("trend_retail_and_recreation", "Visits to shops fell by three quarters"),
        figure("strip_retail_and_recreation", "It fell about as far as most districts"),
        figure("trend_parks", f"Parks in {NAME} were busier all summer", width=300),
    ]
    return {
        "schema": 1,
        "topic": {"id": "human_mobility", "title": "Human mobility"},
        "area": {
            "code": "E07000131",
            "kind": "lad",
            "name": NAME,
            "region": {"code": "E12000004", "name": "East Midlands"},
            "county": {"code": "E10000018", "name": "Leicestershire"},
            "members": [],
            "old_names": [],
            "start_date": "2009-01-01",
            "changes": [],
            "conversion": None,
        },
        "release": {
            "id": "2026.1",
            "vintage": "2021-04-01",
            "synthetic": False,
            "profile": "open",
        },
        "contact": None,
        "period": {"start": "2020-02-15", "end": "2020-12-15"},
        "gap": None,
        "summary": [
            f"In the first lockdown, visits to shops in {NAME} were 72% below normal.",
            "They came back to 6% below normal in mid-September 2020.",
        ],
        "key_figures": [
            {"value": "−72%", "label": "shops and leisure, first lockdown (n = 51 days)"},
            {"value": "187 of 317", "label": "districts, deepest fall first"},
        ],
        "sections": [
            {
                "id": "retail_and_recreation",
                "title": "Retail and recreation",
                "note": "Restaurants, cafes, shops, museums, libraries and cinemas.",
                "figures": ["trend_retail_and_recreation", "strip_retail_and_recreation"],
            },
            {"id": "parks", "title": "Parks", "note": None, "figures": ["trend_parks"]},
        ],
        "figures": {item["id"]: item for item in figures},
        "methods": [
            {
                "title": "Change from baseline",
                "rows": [
                    ["Definition", "Percent change from the median of the same weekday"],
                    ["Withheld", "Nothing by us; blanks are Google’s"],
                ],
            }
        ],
        "sources": [
            {
                "title": "COVID-19 Community Mobility Reports",
                "publisher": "Google LLC",
                "licence": "Google Terms of Service",
                "citation": "Google LLC, Google COVID-19 Community Mobility Reports.",
                "url": "https://www.google.com/covid19/mobility/",
                "synthetic": False,
            },
            {
                "title": "Local authority districts, April 2021",
                "publisher": "Office for National Statistics",
                "licence": "Open Government Licence v3.0",
                "citation": "Source: Office for National Statistics.",
                "url": None,
                "synthetic": False,
            },
        ],
        "data": {"name": "E07000131_human_mobility.csv", "text": "date,value\n2020-02-15,1\n"},
    }


@pytest.fixture
def eventful_slice(full_slice: Slice) -> Slice:
    """A district with a long name, predecessors, marks and synthetic data."""
    full_slice["area"].update(
        name="Bournemouth, Christchurch and Poole-upon-Llanfairpwllgwyngyllgogerychwyrn",
        county=None,
        old_names=["Bournemouth", "Poole"],
        changes=[
            {
                "date": "2019-04-01",
                "text": "Formed on 1 April 2019 from three districts (SI 2018/648).",
            }
        ],
        conversion="Series were added over the three districts.",
    )
    full_slice["contact"] = "data@example.org"
    full_slice["sources"][0]["synthetic"] = True
    full_slice["figures"]["trend_parks"] = figure("trend_parks", "Parks were busier", "u")
    full_slice["key_figures"].append({"value": "c", "label": "a figure that is withheld"})
    return full_slice


@pytest.fixture
def gap_slice(full_slice: Slice) -> Slice:
    """A district without figures."""
    result = copy.deepcopy(full_slice)
    result.update(
        period=None,
        gap={"reason": "Google published no figures for this district."},
        summary=[],
        key_figures=[],
        sections=[],
        figures={},
        methods=[],
        data=None,
    )
    return result


@pytest.fixture(scope="session")
def reports_dir() -> Path:
    """The real sources of the reports."""
    return ROOT / "reports"


@pytest.fixture(scope="session")
def pandoc() -> Engine:
    return resolve_engine("pandoc")


@pytest.fixture(scope="session")
def shell(reports_dir: Path, pandoc: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The compiled shell of Human mobility."""
    output = tmp_path_factory.mktemp("shells") / "human_mobility.html"
    compile_shell(reports_dir / "human_mobility.qmd", reports_dir, pandoc, output)
    return output.read_text(encoding="utf-8")


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[Slice], Slice]:
    """Write a slice to a file and read it back, as a job does."""

    def store(content: Slice) -> Slice:
        path = tmp_path / "slice.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return read_slice(path)

    return store


@pytest.fixture
def page_of(shell: str, stored: Callable[[Slice], Slice]) -> Callable[[Slice], str]:
    """Return the page of a slice."""
    return lambda content: render_page(stored(content), shell)
