"""The pages that a run makes, opened as a reader opens them: from a file, offline, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from snakefolder import HARBOROUGH, ISLES_OF_SCILLY, NORTH_NORTHAMPTONSHIRE, TOPIC, Folder

from browser import open_offline

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]
FIGURES = 12
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module", params=[HARBOROUGH, NORTH_NORTHAMPTONSHIRE, ISLES_OF_SCILLY])
def opened(request: pytest.FixtureRequest, browser: Browser, embedded: Folder) -> Iterator[Page]:
    """Open one district's page; at the end nothing was asked for and nothing was said."""
    path = embedded.path / "results/public/site" / request.param / f"{TOPIC}.html"
    with open_offline(browser, path) as page:
        yield page


@pytest.fixture
def page(opened: Page) -> Page:
    """Return the page as it is when it was just opened."""
    opened.set_viewport_size({"width": 1280, "height": 900})
    opened.reload()
    return opened


def test_every_chart_is_drawn_and_seen(page: Page) -> None:
    charts = page.locator("figure svg")
    expected = 0 if ISLES_OF_SCILLY in page.url else FIGURES
    assert charts.count() == expected
    for chart in charts.all():
        box = chart.bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
        assert chart.locator("path, line, rect, use").count() > 5


@pytest.mark.parametrize("width", [320, 1280])
def test_no_rule_of_access_is_broken_and_nothing_overflows(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate(OVERFLOW) == 0


def test_the_synthetic_banner_is_the_first_thing_read(page: Page) -> None:
    assert page.locator("header").inner_text().startswith("Synthetic data.")
