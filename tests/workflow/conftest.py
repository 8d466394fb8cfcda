"""Runs of the workflow that many tests look at or start from.

Each is made once and shared by the workers of a test run; nobody changes them, tests copy them.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from published import Published
from snakefolder import LOOKUP, RAW, STEPS, TIERS, Folder, Job, Maker, succeeded, wait_until

from stand_ins import registered_england, write_stand_ins


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Return a maker of folders that every worker of this test run sees."""
    base = tmp_path_factory.getbasetemp()
    room = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, fill: Callable[[Path], None]) -> Folder:
        path = room / f"workflow-{name}" / "project"
        path.parent.mkdir(exist_ok=True)
        with (path.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (path.parent / "made").exists():
                fill(path)
                (path.parent / "made").touch()
        return Folder(path)

    return make


CONNECTIONS = "connections.txt"
"""Beside the embedded run's folder: what its processes connected to (watched/sitecustomize.py)."""


def watching(folder: Folder, record: Path) -> dict[str, str]:
    """Return the variables that put the connections of every interpreter on record."""
    watched = Path(__file__).parent / "watched"
    path = os.pathsep.join([str(watched), folder.environment()["PYTHONPATH"]])
    return {"PYTHONPATH": path, "LDS_TEST_CONNECTIONS": str(record)}


def run_embedded(path: Path) -> None:
    folder = Folder.fresh(path)
    home = path.parent / "home"
    home.mkdir()
    files = sorted(each for each in path.rglob("*") if each.is_file())
    (path.parent / "before.txt").write_text(
        "\n".join(f"{each.relative_to(path)} {each.stat().st_mtime_ns}" for each in files)
    )
    watch = watching(folder, path.parent / CONNECTIONS)
    succeeded(folder.make_reports(offline=True, HOME=str(home), TMPDIR=str(home), **watch))


@pytest.fixture(scope="session")
def embedded(shared: Maker) -> Folder:
    """The three steps with the embedded default (synthetic sources), made without a network."""
    return shared("embedded", run_embedded)


def run_configured(path: Path) -> None:
    folder = Folder.fresh(path)
    (path / RAW).parent.mkdir()
    files = {"google_mobility": RAW, "google_places": LOOKUP, "lockdown_tiers": TIERS}
    for source, raw in files.items():
        (made,) = write_stand_ins(registered_england(seed=1), source, path / "made")
        made.replace(path / raw)
    folder.configure(
        sources__google_mobility__path=str(RAW),
        sources__google_mobility__lookup=str(LOOKUP),
        sources__lockdown_tiers__path=str(TIERS),
    )
    succeeded(folder.make_reports())


@pytest.fixture(scope="session")
def configured(shared: Maker) -> Folder:
    """The three steps on configured raw files, which have the content of stand-ins."""
    return shared("configured", run_configured)


@pytest.fixture(scope="session")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Every job of the three steps in a folder in which nothing was made yet."""
    return Folder.fresh(tmp_path_factory.mktemp("jobs") / "project").jobs(*STEPS)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Folder], Folder]:
    """Return a copier of finished folders."""
    return lambda folder: folder.copy(tmp_path / "copy")


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[..., Folder]:
    """Return a maker of project folders in which nothing was made yet."""

    def make(**settings: Any) -> Folder:
        return Folder.fresh(tmp_path / "fresh", **settings)

    return make


PAUSE = "LDS_TEST_PAUSE"


def slow_down(folder: Folder) -> None:
    """Let pages take as many seconds more as a variable says; their content stays the same."""
    folder.edit(
        "scripts/render_report.py",
        lambda text: text.replace(
            "    given = parser.parse_args()\n",
            "    given = parser.parse_args()\n"
            f"    __import__('time').sleep(float(__import__('os').environ.get('{PAUSE}', '0')))\n",
        ),
    )


class Interrupted(NamedTuple):
    """One plain ``snakemake`` that was ended in the middle, and what resumed it."""

    folder: Folder
    ended: int
    packs_then: int
    index_then: bool
    resumed: str


def run_interrupted(path: Path) -> None:
    folder = Folder.fresh(path)
    slow_down(folder)
    run = folder.start(sys.executable, "-m", "snakemake", "--cores", "2", **{PAUSE: "1"})
    wait_until(lambda: any(folder.public.glob("site/*/*.html")), run)
    run.send_signal(signal.SIGTERM)
    run.communicate()
    packs = len(list(folder.public.glob("packs/*.zip")))
    index = (folder.public / "index.html").exists()
    resumed = succeeded(folder.snakemake("--cores", "2"))
    (path.parent / "said.json").write_text(json.dumps([run.returncode, packs, index, resumed]))


@pytest.fixture(scope="session")
def interrupted(shared: Maker) -> Interrupted:
    """One plain ``snakemake``, ended by TERM once a page exists, and what resumed it."""
    folder = shared("interrupted", run_interrupted)
    return Interrupted(folder, *json.loads((folder.path.parent / "said.json").read_text()))


@pytest.fixture(scope="module")
def published(embedded: Folder, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The public side of the embedded run in a folder of its own, for tests that put back."""
    return Published.copy(embedded, tmp_path_factory.mktemp("published") / "public")


@pytest.fixture
def planted(published: Published) -> Iterator[Published]:
    """The same, for a test that plants something: after it everything is as before."""
    assert published.content
    yield published
    published.put_back()
