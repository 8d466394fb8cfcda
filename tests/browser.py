"""One Debian Chromium for the tests that open pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str:
    """Return the browser's path, from CHROMIUM or PATH; fail where there is none."""
    asked = os.environ.get("CHROMIUM")
    names = (asked,) if asked else NAMES
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise AssertionError(
        f"no browser: looked for {', '.join(names)}. Install one (apt-get install chromium), "
        "or set CHROMIUM to the program's path."
    )


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the browser; close it at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_offline(
    browser: Browser, path: Path, *, width: int = 1280, **options: Any
) -> Iterator[Page]:
    """Open a file with the network cut off; at the end it asked for nothing and said nothing.

    `options` are those of a Playwright context, for instance ``java_script_enabled``.
    """
    asked: list[str] = []
    said: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_offline(True)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    yield page
    context.close()
    outside = {url for url in asked if not url.startswith("data:text/csv")}
    assert outside == {path.as_uri()}
    assert said == []
