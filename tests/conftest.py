"""Fixtures that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import open_browser

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers of a run take groups in the order of the collection, not the fullest first.

    A group's time has nothing to do with how many tests it has.
    """
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of a group one after the other, and runs of the workflow, the longest, first.

    A group is on one worker of a parallel run. Tests without one are of that of their file, so that
    what a file makes for its tests is made once.
    """
    order: dict[str, tuple[bool, int]] = {}
    places = {}
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        name = mark.args[0] if mark else item.path.stem
        place = item.get_closest_marker("workflow") is None, len(order)
        places[item] = order.setdefault(name, place)
    items.sort(key=places.__getitem__)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def open_data() -> Path:
    """Return the folder of open data beside the project; skip the test where there is none."""
    folder = ROOT.parent / "shared" / "data" / "open"
    if not folder.is_dir():
        pytest.skip("the open data are not in ../shared/data/open")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the session: a second one in the same process would not start."""
    with open_browser() as running:
        yield running
