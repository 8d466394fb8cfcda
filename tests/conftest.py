"""Fixtures that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import coerce_node_id
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
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of a group one after the other, and runs of the workflow, the longest, first.

    A group is on one worker of a parallel run. Tests without one are of that of their file, so that
    what a file makes for its tests is made once.
    """
    places: dict[str, tuple[bool, int]] = {}
    groups = {item: group_of(item) for item in items}
    for item, group in groups.items():
        places.setdefault(group, (item.get_closest_marker("workflow") is None, len(places)))
        if getattr(config.option, "loadgroup", False):
            # The scheduler reads groups from the ends of names. pytest-xdist 3.8 puts them where
            # pytest 9.2 no longer looks; without this, tests of a group go to any worker.
            item._id = coerce_node_id(f"{item.nodeid}@{group}")
    items.sort(key=lambda item: places[groups[item]])


def group_of(item: pytest.Item) -> str:
    """Return the name of a test's group: that of the closest mark, else that of its file."""
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else item.path.stem


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
