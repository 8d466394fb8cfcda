"""Pages as a reader's browser shows them: opened from a file, with no network."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import browser as browser_help

PAGES = ["full_slice", "eventful_slice", "gap_slice"]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
SMALLEST_WORDS = """
Math.min(...[...document.querySelectorAll('.frame svg')].flatMap(svg => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].map(
    text => parseFloat(getComputedStyle(text).fontSize) * scale);
}))
"""

Opener = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, page_of: Callable[..., str], tmp_path: Path) -> Iterator[Opener]:
    """Open the page of a slice; at the end, check that it asked for nothing and said nothing."""
    path = tmp_path / "page.html"
    with ExitStack() as pages:

        def open_page(content, width=1280, script=True, scale=1) -> Page:
            path.write_text(page_of(content), encoding="utf-8")
            return pages.enter_context(
                browser_help.open_offline(
                    browser,
                    path,
                    width=width,
                    java_script_enabled=script,
                    device_scale_factor=scale,
                    accept_downloads=True,
                )
            )

        yield open_page


@pytest.fixture(params=PAGES)
def any_slice(request):
    return request.getfixturevalue(request.param)


def test_missing_browser_is_a_failure_with_its_remedy(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(AssertionError, match="apt-get install chromium"):
        browser_help.find_chromium()


@pytest.mark.parametrize("script", [True, False])
def test_is_complete_with_and_without_scripts(any_slice, show, script):
    page = show(any_slice, script=script)
    assert page.locator("h1").is_visible()
    assert page.locator("footer").is_visible()
    figures = page.locator("figure svg")
    assert figures.count() == len(any_slice["figures"])
    for index in range(figures.count()):
        box = figures.nth(index).bounding_box()
        assert box
        assert box["width"] > 200
        assert box["height"] > 40
    for table in page.locator("details").all():
        table.locator("summary").click()
        assert table.locator("table").is_visible()


def at_widths(page: Page, *widths: int) -> Iterator[int]:
    """Yield each width of a window, once the page has it."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        yield width


def test_no_axe_violation(any_slice, show):
    page = show(any_slice)
    page.evaluate(OPEN_ALL)
    for width in at_widths(page, 320, 1280):
        results = Axe().run(page, options=AXE)
        assert results.violations_count == 0, f"{width}: {results.generate_report()}"


def test_the_page_never_scrolls_sideways(any_slice, show):
    page = show(any_slice)
    widths = (320, 800, 1280, 1600)
    for width in at_widths(page, *widths):
        assert page.evaluate(OVERFLOW) == 0, width
    page.evaluate(OPEN_ALL)
    for width in at_widths(page, *widths):
        assert page.evaluate(OVERFLOW) == 0, f"{width}, all tables open"


def test_zoom_of_200_percent(any_slice, show):
    page = show(any_slice, 640, scale=2)
    assert page.evaluate(OVERFLOW) == 0


def test_text_of_200_percent(any_slice, show):
    page = show(any_slice, 1280)
    page.evaluate("document.documentElement.style.fontSize = '212.5%'")
    page.evaluate(OPEN_ALL)
    assert page.evaluate(OVERFLOW) == 0


def test_words_in_charts_stay_readable(full_slice, show):
    page = show(full_slice)
    for width in at_widths(page, 320, 800, 1600):
        assert page.evaluate(SMALLEST_WORDS) >= 11, width


def test_a_wide_chart_scrolls_in_its_frame_by_keyboard(full_slice, show):
    page = show(full_slice, 320)
    frame = page.locator("#trend_retail_and_recreation .frame")
    assert frame.evaluate("f => f.scrollWidth > f.clientWidth")
    frame.focus()
    assert page.evaluate("document.activeElement.className") == "frame wide"
    page.keyboard.press("ArrowRight")
    # The page forbids scripts, so a waiting function that evaluates text is no use here.
    for _ in range(50):
        if frame.evaluate("f => f.scrollLeft") > 0:
            break
        page.wait_for_timeout(20)
    assert frame.evaluate("f => f.scrollLeft") > 0
    narrow = page.locator("#trend_parks .frame")
    assert narrow.evaluate("f => f.scrollWidth - f.clientWidth") <= 10


def test_skip_link_comes_first_and_leads_to_the_report(full_slice, show):
    page = show(full_slice)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen(full_slice, show):
    page = show(full_slice)
    for _ in range(8):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


def test_csv_downloads_without_a_network(full_slice, show, tmp_path):
    page = show(full_slice)
    page.locator("#trend_parks summary").click()
    with page.expect_download() as waiting:
        page.locator("#trend_parks .download").click()
    wanted = full_slice["figures"]["trend_parks"]["csv"]
    assert waiting.value.suggested_filename == wanted["name"]
    waiting.value.save_as(tmp_path / "saved.csv")
    assert (tmp_path / "saved.csv").read_bytes() == wanted["text"].encode()


def test_every_contents_link_moves_to_its_heading(full_slice, show):
    page = show(full_slice)
    for link in page.locator(".contents a").all():
        link.click()
        anchor = unquote(urlsplit(page.url).fragment)
        assert page.locator(f"h2[id='{anchor}']").bounding_box()["y"] < 900


def test_synthetic_banner_stands_above_everything(eventful_slice, show):
    page = show(eventful_slice)
    assert page.locator(".banner").bounding_box()["y"] == 0
    assert page.locator(".banner").is_visible()


def test_print_shows_tables_and_hides_what_paper_cannot_do(eventful_slice, show):
    page = show(eventful_slice, 800)
    assert not page.locator("table").first.is_visible()
    page.emulate_media(media="print")
    for table in page.locator("table").all():
        assert table.is_visible()
        assert table.evaluate("t => t.checkVisibility({contentVisibilityAuto: true})")
        assert table.bounding_box()["height"] > 60
        # Laid out in the flow, not painted over what follows.
        assert table.evaluate(
            "t => t.getBoundingClientRect().bottom <= "
            "t.closest('details').getBoundingClientRect().bottom + 1"
        )
    for hidden in (".contents", ".skip", ".download"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator(".banner").is_visible()
    target = page.locator(".sources a").first
    after = target.evaluate("a => getComputedStyle(a, '::after').content")
    assert "https://www.google.com/covid19/mobility/" in after
    rules = "f => getComputedStyle(f).breakInside"
    assert {f.evaluate(rules) for f in page.locator("figure").all()} == {"avoid"}
    shown = page.locator("thead").first.evaluate("t => getComputedStyle(t).display")
    assert shown == "table-header-group"
    assert page.locator(".frame").first.evaluate("f => f.scrollWidth - f.clientWidth") == 0


def test_print_fits_on_a4(full_slice, show):
    pdf = show(full_slice).pdf(prefer_css_page_size=True)
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)) == {b"0 0 594.95996 841.91998"}
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
