"""Runs of the workflow that many tests look at or start from.

Each worker makes a base once; ``xdist_group`` keeps the tests of one base in one worker.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from snakefolder import LOOKUP, RAW, Folder, succeeded, wait_until


class Interrupted(NamedTuple):
    """A run of one plain ``snakemake`` that was ended in the middle and started again."""

    folder: Folder
    ended: int
    said: str
    packs_then: int
    index_then: bool
    resumed: str


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a maker of paths that do not exist yet."""
    return lambda: tmp_path_factory.mktemp("lds") / "project"


@pytest.fixture(scope="session")
def embedded(folders: Callable[[], Path]) -> Folder:
    """The three steps with the embedded default (synthetic sources), made without a network."""
    folder = Folder.fresh(folders())
    home = folder.path.parent / "home"
    home.mkdir()
    (folder.path.parent / "before.txt").write_text(
        "\n".join(
            f"{path.relative_to(folder.path)} {path.stat().st_mtime_ns}"
            for path in sorted(folder.path.rglob("*"))
            if path.is_file()
        )
    )
    done = folder.make_reports(offline=True, HOME=str(home), TMPDIR=str(home))
    succeeded(done)
    return folder


@pytest.fixture(scope="session")
def configured(folders: Callable[[], Path]) -> Folder:
    """The three steps on configured raw files, which have the content of the stand-ins."""
    folder = Folder.fresh(folders())
    (folder.path / "raw").mkdir()
    for source, raw in (("google_mobility", RAW), ("google_places", LOOKUP)):
        succeeded(
            folder.call(
                *(sys.executable, "scripts/synthesise.py"),
                *("--contract", f"workflow/schemas/sources/{source}.yaml"),
                *("--periods", "workflow/resources/policy_periods.csv"),
                *("--seed", "1", "--raw", str(raw)),
            )
        )
    folder.configure(
        **{
            "sources.google_mobility.path": str(RAW),
            "sources.google_mobility.lookup": str(LOOKUP),
        }
    )
    succeeded(folder.make_reports())
    return folder


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


@pytest.fixture(scope="session")
def interrupted(folders: Callable[[], Path]) -> Interrupted:
    """One plain ``snakemake``, ended by TERM once a page exists, and what resumed it."""
    folder = Folder.fresh(folders())
    slow_down(folder)
    run = folder.start(sys.executable, "-m", "snakemake", "--cores", "2", **{PAUSE: "1"})
    wait_until(lambda: any(folder.public.glob("site/*/*.html")), run)
    run.send_signal(signal.SIGTERM)
    said = run.communicate()[0]
    packs = len(list(folder.public.glob("packs/*.zip")))
    index = (folder.public / "index.html").exists()
    resumed = succeeded(folder.snakemake("--cores", "2"))
    return Interrupted(folder, run.returncode, said, packs, index, resumed)
