"""The review page: what a checker reads, and how a browser shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import html5lib
import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser import open_offline
from disclosure.evidence_folder import write_both
from disclosure.gate_results import AREAS, count, made_result, made_rows
from lds.disclosure.evidence.previous import Difference, compare
from lds.disclosure.evidence.words import days, interval, number, profile_in_words
from lds.disclosure.profiles import load_profile, profile_names
from lds.disclosure.result import GateResult
from lds.errors import DisclosureError
from lds.io import write_parquet

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
PAGES = ("full", "failed")


def before(result: GateResult) -> dict[str, pl.DataFrame]:
    """Return the tables of a release before: one row more, one less, one other, two marks moved."""
    health = result.tables["health"]
    first, second, share = health.row(0, named=True), health.row(1, named=True), made_rows()[7]
    later = first | {"start": first["start"] + timedelta(7), "end": first["end"] + timedelta(7)}
    withheld = pl.col("mark") == "c"
    one = (pl.col("indicator") == share["indicator"]) & (pl.col("area") == AREAS[1])
    moved = health.with_columns(
        pl.when(withheld & (pl.col("indicator") == "HE-I1"))
        .then(33.0)
        .when(~one)
        .then("value")
        .alias("value"),
        pl.when(one).then(pl.lit("c")).when(~withheld).then("mark").alias("mark"),
    )
    kept = moved.slice(1).with_columns(
        pl.when(pl.col("value") == second["value"]).then(1e6).otherwise("value").alias("value")
    )
    return {"health": pl.concat([kept, pl.DataFrame([later], schema=kept.schema)])}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a page with everything on it, and of one of a release that fails."""
    folder = tmp_path_factory.mktemp("pages")
    result = made_result()
    for topic, table in before(result).items():
        write_parquet(folder / "before" / f"{topic}.parquet", table)
    contributions = result.cells.with_columns(
        largest=pl.when(kind="amount").then(pl.col("value") * 0.4),
        second_largest=pl.when(kind="amount").then(pl.col("value") * 0.2),
    )
    write_both(folder / "full", replace(result, cells=contributions), previous=folder / "before")
    lines = made_rows()
    lines[2] = lines[2] | {"value": 7.0, "numerator": 7.0, "n": 7, "cases": 7, "unweighted": 7}
    tight = result.cells.with_columns(upper=pl.col("lower") + 3.5)
    with pytest.raises(DisclosureError):
        write_both(
            folder / "failed",
            replace(made_result(lines), cells=tight, audit={"passed": False}),
        )
    return folder


def page(pages: Path, name: str) -> Path:
    return pages / name / "evidence/review.html"


def words(path: Path) -> str:
    """Return what a page says, blanks as one."""
    text = re.sub(r"<(style|script).*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_page_says_what_a_checker_asks(pages: Path) -> None:
    said = words(page(pages, "full"))
    for text in (
        "must not leave the trusted research environment",
        "The 11 values that would leave stand on at least the counts that their profiles ask for,"
        " each of the 4 withheld cells stays as uncertain as asked, and none of the five causes",
        "Indicators to decide on 6",
        "Unrounded counts 30 % Pass nothing",
        "Tests & results ons_srs 1 4 1 3 0 9 4 1 2",
        "propagation bounds carried from cell to cell over the totals 1 1",
        "integer the least and the most in whole numbers by integer programs 1 0",
        "HE-I2 Positivity by sex, percentage Review 3 1 0 0 50 10 25 2 11 10",
        "Rank of <positivity>",
        "counted: Tests for COVID-19 (Pillar 2); the numerator is the part with result=positive",
        "it rests on HE-I2",
        "Period 2 to 8 March 2020",
        "10 records in the numerator; the profile allows 10",
        "at most 40.0 % of a released amount is the largest enterprise's, and 60.0 % the two",
        "at least 100.0 % of the largest is left without both",
        "2 withheld cells: 1 by propagation, 1 by integer",
        "secondary 1 Withheld so that another withheld cell cannot be worked out.",
        f"Harborough ({AREAS[0]}) positivity, sex=male 2020-03-02 to 2020-03-08 10 % 100 10 90 0",
        f"Hides tests {AREAS[2]} 2020-03-02/2020-03-08 sex=female 0 to 42 42 10 propagation",
        "100 to no limit",
        "Least count 10",
        "release.json",
        "request approve --by",
    ):
        assert text in said, text
    order = ("Verdict", "Pre-flight The", "Totals Rows", "Audit A cell", "Profiles in force")
    assert [said.index(text) for text in order] == sorted(said.index(text) for text in order)
    assert said.index("Tests & results Rows") < said.index("Jobs Rows") < said.index("Files What")


def test_the_page_of_a_release_that_fails(pages: Path) -> None:
    said = words(page(pages, "failed"))
    for text in (
        "Not fit to be released: 3 of 6 outputs fail, 1 of the five causes of returned requests"
        " were found, 4 withheld cells can be narrowed down too far, and the audit did not"
        " pass. Fail",
        "To read first HE-I1 Tests by sex, count : 1 released row on too few records. HE-I1",
        "2 withheld cells not uncertain enough.",
        "Unredacted counts 20 % Fail",
        "health.parquet: HE-I1, count : too few records, in the evidence (1 row)",
        "0 to 3.50",
    ):
        assert text in said, text


def test_differences_from_the_release_before(pages: Path) -> None:
    found = compare(made_result().tables, pages / "before")
    assert found == [
        Difference(
            topic="health", indicator="HE-I1", new=1, gone=1, changed=1, recalled=2, uncovered=0
        ),
        Difference(
            topic="health", indicator="HE-I2", new=0, gone=0, changed=0, recalled=0, uncovered=1
        ),
    ]
    assert compare(before(made_result()), pages / "before") == []
    said = words(page(pages, "full"))
    assert "health, HE-I1 1 1 1 2 0" in said
    assert "To read first" in said
    assert "HE-I1 : 2 rows released before and withheld now." in said


def test_links_lead_somewhere(pages: Path) -> None:
    text = page(pages, "full").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="([^"]+)"', text)
    for target in targets:
        if target.startswith("#"):
            assert unquote(target[1:]) in ids
        elif not target.startswith("data:"):
            assert (pages / "full/evidence" / target).is_file()
    assert len([target for target in targets if target.endswith(".csv")]) == 10


@pytest.mark.parametrize("name", PAGES)
def test_the_html_is_valid(pages: Path, name: str) -> None:
    html5lib.HTMLParser(strict=True).parse(page(pages, name).read_text(encoding="utf-8"))
    assert "<script" not in page(pages, name).read_text(encoding="utf-8")
    assert "None" not in words(page(pages, name))


@pytest.mark.parametrize(("name", "width"), [("full", 320), ("full", 1280), ("failed", 360)])
def test_in_a_browser(pages: Path, browser: Browser, name: str, width: int) -> None:
    with open_offline(browser, page(pages, name), width=width) as shown:
        assert shown.evaluate(OVERFLOW) == 0
        shown.evaluate(OPEN_ALL)
        assert shown.evaluate(OVERFLOW) == 0
        results = Axe().run(shown, options=AXE)
        assert results.violations_count == 0, results.generate_report()
        for table in shown.locator("table").all():
            assert table.locator("caption").count() == 1
            assert table.locator("th:not([scope])").count() == 0


def test_it_needs_no_script(pages: Path, browser: Browser) -> None:
    with open_offline(browser, page(pages, "full"), java_script_enabled=False) as shown:
        details = shown.locator("section details").first
        details.locator("summary").click()
        assert details.get_by_text("Definition").is_visible()


def test_ten_of_many_rows_are_shown_the_nearest_first(tmp_path: Path) -> None:
    lines = [
        count(0, "all", 10 + number // 2) | {"area": f"E07{number:06d}"} for number in range(40)
    ]
    write_both(tmp_path, made_result(list(reversed(lines)), asked=lines))
    text = (tmp_path / "evidence/review.html").read_text(encoding="utf-8")
    table = text[text.index("Released rows nearest to being withheld") :].partition("</table>")[0]
    assert re.findall(r'<th scope="row">(E07\d+)', table) == [f"E07{n:06d}" for n in range(10)]


def test_words() -> None:
    assert [number(value) for value in (None, 3, 1234.0, 2.5, float("inf"))] == [
        "–", "3", "1,234", "2.50", "no limit",
    ]  # fmt: skip
    assert interval(None, 4) == "–"
    assert interval(0, 12) == "0 to 12"
    day = made_rows()[0]["start"]
    assert days(day, day) == "2020-03-02"


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_in_words(name: str) -> None:
    said = dict(profile_in_words(load_profile(name)))
    assert "None" not in " ".join(said.values())
    if name == "opensafely":
        assert said["Rounding of counts"] == (
            "to multiples of 5, totals as sums of the rounded parts; behind rates to midpoints of"
            " steps of 6"
        )
        assert said["A file"] == "at most 5,000 rows and 16,000,000 bytes"
    if name == "ons_srs":
        assert said["Dominance"] == "2 largest below 90 %"
        assert said["A withheld count"] == "can be whole numbers at least 10 apart, and 10 or more"
        assert "Rounding of counts" not in said
