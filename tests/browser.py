"""One Debian Chromium for the tests that open pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

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
