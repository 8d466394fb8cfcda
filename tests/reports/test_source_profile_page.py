"""Pages of source profiles: what they say, and how a reader's browser shows them."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser import open_offline
from lds.io import write_json
from lds.sources.profiles.difference import difference
from lds.sources.profiles.page import gaps_in_words, width, write_pages
from unit.sources.profile_examples import EAST_SUFFOLK, HARBOROUGH, ROWS, made_profile

ROOT = Path(__file__).resolve().parents[2]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
PAGES = ("made.html", "bare.html", "index.html")


def write(folder: Path, *runs: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
    """Write the pages of (profile before, profile) pairs."""
    write_pages(
        folder,
        [after for _, after in runs],
        [difference(before, after) for before, after in runs],
        template=ROOT / "reports/source_profile.html",
        list_template=ROOT / "reports/source_profiles.html",
        style=ROOT / "reports/report.css",
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a secure source with differences, of a bare synthetic one, and their list."""
    folder = tmp_path_factory.mktemp("profiles")
    before = made_profile(folder, ROWS | {"lad_code": [f"E0600000{n}" for n in range(1, 9)]})
    rows = copy.deepcopy(ROWS)
    rows["visits"] = [None] * 8
    rows["note"] = ["<b>&", *["x"] * 7]
    after = made_profile(folder, rows)
    bare = made_profile(
        folder, {"note": ["x"]}, {"sha256": "d" * 64, "synthetic": True}, id="bare", access="open"
    )
    write_json(folder / "made.profile.json", after)
    write(folder, (before, after), (None, bare))
    return folder


def words(page: Path) -> str:
    """Return what a page says, blanks as one."""
    text = re.sub(r"<(style|script).*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_page_of_a_secure_source(written: Path) -> None:
    said = words(written / "made.html")
    assert "It must not leave the trusted research environment." in said
    assert "Synthetic" not in said
    for text in (
        "To read first",
        "lad_code: 8 places vanished: E06000001,",
        "visits is missing in every row; it was in 12% of them.",
        "E06000008",
        "Also different",
        "A row is one visit. The table has 8 rows and 9 columns.",
        "4 days missing: between 8 April 2020 and 11 April 2020 (2),",
        "holds 3 English LAD codes",
        "every code fits.",
        "Female (2)",
        "Not stated (9)",
        "Of 10 rows read, 2 were rejected (20%).",
        "a value is required",
        "withheld",
        "Rows that are no data: 5 blank, 1 of footnotes.",
        "Extra",
        f"{HARBOROUGH}; {EAST_SUFFOLK}",
        "weight weight",
    ):
        assert text in said, text
    assert said.index("What changed") < said.index("Overview") < said.index("Columns")
    assert "<b>&" not in (written / "made.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;" in (written / "made.html").read_text(encoding="utf-8")


def test_the_page_of_a_first_and_bare_run(written: Path) -> None:
    said = words(written / "bare.html")
    assert "There is no earlier run to compare with." in said
    assert "must not leave" not in said
    assert "Synthetic data." in said
    assert "To read first" not in said
    for absent in ("were rejected", "Code vintage", "Places", "None", "Undefined"):
        assert absent not in said


def test_the_list(written: Path) -> None:
    said = words(written / "index.html")
    assert "must not leave the trusted research environment" in said
    assert re.search(r"Made source \d+ differences, \d+ to read first 8 2 6 to 15 April 2020", said)
    assert "Made source synthetic no earlier run 1 –" in said
    page = (written / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<th scope="row"><a href="([^"]+)"', page) == ["made.html", "bare.html"]


@pytest.mark.parametrize("name", PAGES)
def test_the_html_is_valid(written: Path, name: str) -> None:
    html5lib.HTMLParser(strict=True).parse((written / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [320, 900])
def test_in_a_browser(written: Path, browser: Browser, name: str, size: int) -> None:
    with open_offline(browser, written / name, width=size) as page:
        assert page.evaluate(OVERFLOW) == 0
        page.evaluate(OPEN_ALL)
        assert page.evaluate(OVERFLOW) == 0
        results = Axe().run(page, options=AXE)
        assert results.violations_count == 0, results.generate_report()
        for table in page.locator("table").all():
            assert table.locator("caption").count() == 1
            assert table.locator("th:not([scope])").count() == 0


def test_bars_are_as_long_as_their_shares(written: Path, browser: Browser) -> None:
    with open_offline(browser, written / "made.html", width=1280) as page:
        row = page.locator("#all-columns").locator("xpath=..").locator("tbody tr")
        sex = row.filter(has=page.locator("th", has_text="sex"))
        bar, filled = sex.locator(".bar").bounding_box(), sex.locator(".bar i").bounding_box()
        assert bar
        assert filled
        assert filled["width"] / (bar["width"] - 2) == pytest.approx(0.375, abs=0.01)


def test_words_and_widths() -> None:
    assert [width(part) for part in (0, 0.0001, 0.5, 1)] == ["0.0%", "0.7%", "50.0%", "100.0%"]
    gap = {"after": "2020-01-01", "before": "2020-01-03", "steps": 1}
    time = {"column": "day", "step": "day", "missing_steps": 1, "gaps": [gap]}
    assert gaps_in_words(time) == ("1 day missing: between 1 January 2020 and 3 January 2020 (1).")
    assert gaps_in_words(time | {"missing_steps": 4}).endswith("(1), and 3 more later.")
    assert gaps_in_words({"column": "day"}) == ""
