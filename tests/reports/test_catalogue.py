"""The index, the list of gaps and the data package; the index in a real browser."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser import open_offline
from lds.areas import CustomArea
from lds.geography import Register
from lds.geography.reference import build_area_codes, build_areas
from lds.reports.catalogue import write_catalogue
from lds.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
VINTAGE = date(2021, 4, 1)
LADS = ["E06000053", "E06000061", "E07000112", "E07000131"]
REASON = "The source publishes no figures for this district."


def release(synthetic: bool) -> dict[str, object]:
    return {
        "id": "t.1",
        "vintage": VINTAGE.isoformat(),
        "synthetic": synthetic,
        "gaps": [
            {"topic": "human_mobility", "area": "E06000053", "reason": REASON},
            {"topic": "human_mobility", "area": "E09000001", "reason": "Not asked for here."},
        ],
        "sources": [
            {
                "title": "A <source> & more", "publisher": "P", "citation": "C.", "licence": "L",
                "url": "https://example.org/", "synthetic": synthetic,
            }
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def reference():
    register = Register.load()
    return build_areas(register, VINTAGE), build_area_codes(register, VINTAGE)


def written(folder: Path, reference, synthetic: bool) -> Path:
    packs = folder / "packs"
    packs.mkdir(exist_ok=True)
    for code in LADS:
        with zipfile.ZipFile(packs / f"{code}.zip", "w") as archive:
            archive.writestr("README.txt", code)
    write_catalogue(
        folder,
        packs=packs,
        release=release(synthetic),
        areas=reference[0],
        area_codes=reference[1],
        lads=LADS,
        topics=load_topics(),
        template=ROOT / "reports" / "index.html",
        style=ROOT / "reports" / "report.css",
    )
    return folder


@pytest.fixture
def catalogue(tmp_path: Path, reference) -> Callable[..., Path]:
    return lambda synthetic=False: written(tmp_path, reference, synthetic)


def test_gaps_are_those_of_the_districts_asked_for(catalogue) -> None:
    rows = list(csv.DictReader((catalogue() / "gaps.csv").open(encoding="utf-8")))
    assert rows == [
        {
            "area_code": "E06000053", "area_name": "Isles of Scilly", "topic": "human_mobility",
            "reason": REASON, "release": "t.1", "synthetic": "false",
        }
    ]  # fmt: skip


def test_the_data_package_is_true(catalogue) -> None:
    folder = catalogue()
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["path"] for resource in package["resources"]] == [
        f"packs/{code}.zip" for code in LADS
    ]
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_custom_areas_stand_in_a_group_of_their_own(tmp_path: Path, reference) -> None:
    register = Register.load()
    coast = CustomArea(
        code="X00000001", name="Old coast", vintage=date(2018, 4, 1), lads=("E07000205",)
    )
    codes = [*LADS, coast.code]
    for code in codes:
        (tmp_path / f"{code}.zip").write_bytes(b"")
    write_catalogue(
        tmp_path, packs=tmp_path, release=release(synthetic=False),
        areas=build_areas(register, VINTAGE, [coast]), area_codes=reference[1], lads=codes,
        topics=load_topics(), template=ROOT / "reports" / "index.html",
        style=ROOT / "reports" / "report.css",
    )  # fmt: skip
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "4 districts of England and 1 custom area made of districts" in text
    group = text[text.index('data-region="Custom areas"') :]
    assert 'data-search="x00000001 old coast"' in group
    assert "On 1 April 2018: Suffolk Coastal" in group
    assert "Harborough" not in group[: group.index("</section>")]
    assert "X00000001.zip" in (tmp_path / "datapackage.json").read_text(encoding="utf-8")


def test_the_index_is_valid_and_links_what_exists(catalogue) -> None:
    text = (catalogue() / "index.html").read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    links = {a.get("href") for a in tree.iter("a")}
    for code in LADS:
        assert f"site/{code}/human_mobility.html" in links
        assert f"packs/{code}.zip" in links
    assert "A &lt;source&gt; &amp; more" in text
    assert "Not asked for here" not in text


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_is_told_on_index_gaps_and_data_package(catalogue, synthetic: bool) -> None:
    folder = catalogue(synthetic)
    assert ("Synthetic data." in (folder / "index.html").read_text(encoding="utf-8")) == synthetic
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["synthetic"] is synthetic
    assert ("SYNTHETIC" in package["description"]) == synthetic
    assert f",{str(synthetic).lower()}\n" in (folder / "gaps.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory, reference) -> Iterator[Page]:
    """The index opened from a file, offline."""
    folder = written(tmp_path_factory.mktemp("index"), reference, synthetic=False)
    with open_offline(browser, folder / "index.html", width=1000) as page:
        yield page


@pytest.fixture
def index(opened: Page) -> Page:
    """The index as it is when it was just opened."""
    opened.set_viewport_size({"width": 1000, "height": 900})
    opened.reload()
    return opened


def visible(page: Page) -> list[str]:
    return [
        item.inner_text() for item in page.locator(".districts li b").all() if item.is_visible()
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("harb", ["Harborough"]),
        ("Shepway", ["Folkestone and Hythe"]),
        ("corby", ["North Northamptonshire"]),
        ("e07000150", ["North Northamptonshire"]),
        ("E07000025", ["Isles of Scilly"]),
        ("northampton north", ["North Northamptonshire"]),
        ("nowhere", []),
    ],
)
def test_districts_are_found_by_name_old_name_and_code(
    index: Page, words: str, found: list[str]
) -> None:
    index.fill("#find", words)
    assert visible(index) == found
    noun = "district" if len(found) == 1 else "districts"
    assert index.locator("#found").inner_text() == f"{len(found)} {noun} found"


def test_the_region_filter_and_the_search_work_together(index: Page) -> None:
    index.select_option("#region", "East Midlands")
    assert visible(index) == ["Harborough", "North Northamptonshire"]
    index.fill("#find", "folkestone")
    assert visible(index) == []


def test_the_index_works_without_scripts(browser: Browser, catalogue) -> None:
    path = catalogue() / "index.html"
    with open_offline(browser, path, java_script_enabled=False) as page:
        assert len(visible(page)) == len(LADS)
        assert not page.locator("#finder").is_visible()


@pytest.mark.parametrize("width", [320, 1000])
def test_the_index_breaks_no_rule_of_access(index: Page, width: int) -> None:
    index.set_viewport_size({"width": width, "height": 900})
    results = Axe().run(index)
    assert results.violations_count == 0, results.generate_report()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert index.evaluate(overflow) == 0
