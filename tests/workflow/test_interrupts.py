"""A run that is ended or killed in the middle is finished by the next one, with the same bytes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from snakefolder import Folder, digests, planned, stamps, wait_until

from conftest import PAUSE, Interrupted, slow_down
from lds.errors import ConfigError
from lds.io import read_json, write_json
from lds.runner import LOCKS, RECORD, RUN_VARIABLE, _steps, clear_dead_lock, run_step

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]


def test_a_terminated_run_is_finished_by_the_next(
    interrupted: Interrupted, embedded: Folder
) -> None:
    assert interrupted.ended != 0
    assert not interrupted.index_then
    assert interrupted.packs_then < 4
    assert "lock" not in interrupted.resumed.lower()
    assert "synthesise" not in planned(interrupted.resumed)
    assert digests(interrupted.folder.public, "site", "packs") == digests(
        embedded.public, "site", "packs"
    )


def test_a_killed_run_is_refused_by_snakemake_and_finished_by_make(
    embedded: Folder, tmp_path: Path
) -> None:
    copied = embedded.copy(tmp_path / "copy")
    expected = digests(copied.public)
    slow_down(copied)
    before = stamps(copied.public / "site")
    run = copied.start(sys.executable, "-m", "lds.runner", "--cores", "2", **{PAUSE: "1"})
    # Snakemake removes a page before it makes it again: wait for a new one.
    wait_until(lambda: bool(set(stamps(copied.public / "site").items()) - before.items()), run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert list((copied.path / LOCKS).glob("*.lock"))
    refused = copied.snakemake("--cores", "2")
    assert refused.returncode != 0
    assert "lock" in refused.stdout.lower()
    finished = copied.make_reports()
    assert finished.returncode == 0, finished.stdout
    assert "its process is dead, so the lock is cleared" in finished.stdout
    assert digests(copied.public) == expected
    assert not (copied.path / RECORD).exists()
    assert planned(copied.plan()) == {}


@pytest.fixture
def dead() -> int:
    """Return the number of a process that is dead."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def locked(tmp_path: Path, dead: int) -> Callable[..., dict[str, Any]]:
    """Return a maker of a locked folder with the record of a dead run."""

    def make(**other: Any) -> dict[str, Any]:
        (tmp_path / LOCKS).mkdir(parents=True)
        locks = {}
        for name in ("0.input.lock", "0.output.lock"):
            path = tmp_path / LOCKS / name
            path.write_text("results/a\n")
            locks[name] = [path.stat().st_ino, path.stat().st_mtime_ns]
        record = {
            "pid": dead,
            "started": 1.0,
            "host": socket.gethostname(),
            "run": "a run of this test",
            "locks": locks,
        } | other
        write_json(tmp_path / RECORD, record)
        return record

    return make


def is_locked(folder: Path) -> bool:
    return any((folder / LOCKS).glob("*.lock"))


def test_an_open_folder_needs_nothing(tmp_path: Path) -> None:
    assert clear_dead_lock(tmp_path) is False


def test_the_lock_of_a_dead_run_is_cleared(locked: Callable[..., Any], tmp_path: Path) -> None:
    locked()
    assert clear_dead_lock(tmp_path) is True
    assert not is_locked(tmp_path)
    assert not (tmp_path / RECORD).exists()


def test_what_killed_jobs_were_writing_is_removed_and_nothing_else(
    locked: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    left, other, whole = folder / ".a.x1_.part", folder / ".b.x1.part", folder / "a.part"
    for path in (left, other, whole):
        path.write_text("half")
    scratch = folder / ".a.x2.part"
    scratch.mkdir()
    (scratch / "rows.parquet").write_text("half")
    locked()  # of a run that was to write results/a
    assert clear_dead_lock(tmp_path) is True
    assert not left.exists()
    assert not scratch.exists()
    assert other.exists()
    assert whole.exists()


def test_a_number_used_again_by_another_process_is_not_that_run(
    locked: Callable[..., Any], tmp_path: Path
) -> None:
    record = locked(pid=os.getpid())
    assert abs(psutil.Process().create_time() - record["started"]) > 1
    (tmp_path / LOCKS / "0.input.lock").write_text("results/b\n")
    with pytest.raises(ConfigError, match="did not start"):
        clear_dead_lock(tmp_path)
    write_json(tmp_path / RECORD, record | {"locks": _locks_now(tmp_path)})
    assert clear_dead_lock(tmp_path) is True


def _locks_now(folder: Path) -> dict[str, list[int]]:
    return {
        path.name: [path.stat().st_ino, path.stat().st_mtime_ns]
        for path in (folder / LOCKS).glob("*.lock")
    }


REFUSED: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "alive": (
        lambda: {"pid": os.getpid(), "started": psutil.Process().create_time()},
        "still alive",
    ),
    "other host": (lambda: {"host": "elsewhere"}, "a run on elsewhere"),
    "other locks": (lambda: {"locks": {"0.input.lock": [1, 1]}}, "did not start"),
    "one lock more": (lambda: {"locks": {}}, "did not start"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_locks_are_refused(case: str, locked: Callable[..., Any], tmp_path: Path) -> None:
    other, message = REFUSED[case]
    locked(**other())
    with pytest.raises(ConfigError, match=message) as refused:
        clear_dead_lock(tmp_path)
    assert "snakemake --unlock" in str(refused.value)
    assert is_locked(tmp_path)


def test_a_lock_without_a_record_is_refused(locked: Callable[..., Any], tmp_path: Path) -> None:
    locked()
    (tmp_path / RECORD).unlink()
    with pytest.raises(ConfigError, match="did not start"):
        clear_dead_lock(tmp_path)
    assert is_locked(tmp_path)


@pytest.fixture
def orphan() -> Iterator[subprocess.Popen[bytes]]:
    """Return a job that outlives the run that started it."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
        env={**os.environ, RUN_VARIABLE: "a run of this test"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def test_jobs_that_outlive_their_run_keep_the_folder_locked(
    locked: Callable[..., Any], tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    locked()
    with pytest.raises(ConfigError, match="some of its jobs still work") as refused:
        clear_dead_lock(tmp_path)
    assert f"process {orphan.pid}" in str(refused.value)
    orphan.kill()
    orphan.wait()
    assert clear_dead_lock(tmp_path) is True


LOCKING = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(".snakemake/locks"); folder.mkdir(parents=True, exist_ok=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
time.sleep({before})
(folder / "0.input.lock").write_text("x")
time.sleep(0.4)
{end}
time.sleep(60)
"""


def locking(end: str, before: float = 0.0) -> list[str]:
    return [sys.executable, "-c", LOCKING.format(end=end, before=before)]


def test_a_killed_step_leaves_its_record(tmp_path: Path) -> None:
    code = run_step(tmp_path, locking("os.kill(os.getpid(), signal.SIGKILL)"))
    assert code == -signal.SIGKILL
    assert read_json(tmp_path / RECORD)["locks"] == _locks_now(tmp_path)
    assert clear_dead_lock(tmp_path) is True


def test_a_step_that_ends_by_itself_never_claims_the_lock_that_stays(tmp_path: Path) -> None:
    # As when another run took the lock first: Snakemake stops, and the lock is the other's.
    assert run_step(tmp_path, locking("sys.exit(1)")) == 1
    assert is_locked(tmp_path)
    with pytest.raises(ConfigError, match="did not start"):
        clear_dead_lock(tmp_path)


def test_a_lock_from_before_the_step_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / LOCKS).mkdir(parents=True)
    (tmp_path / LOCKS / "1.input.lock").write_text("of another run\n")
    run_step(tmp_path, locking("os.kill(os.getpid(), signal.SIGKILL)"))
    assert set(read_json(tmp_path / RECORD)["locks"]) == {"0.input.lock"}
    with pytest.raises(ConfigError, match="did not start"):
        clear_dead_lock(tmp_path)


def test_term_is_passed_on_to_snakemake(tmp_path: Path) -> None:
    call = f"run_step(pathlib.Path('.'), {locking('')!r})"
    code = f"import pathlib, sys; from lds.runner import run_step; sys.exit({call})"
    runner = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(sys.modules["lds"].__path__[0]).parent)},
        text=True,
    )
    wait_until(lambda: (tmp_path / RECORD).exists(), runner)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(timeout=20) == 3
    assert not (tmp_path / RECORD).exists()


def test_steps_follow_the_release_of_every_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("release: {path: null}\n")
    (tmp_path / "approved.yaml").write_text("release: {path: approved}\n")
    assert _steps(tmp_path, []) == ("export_request", "slices", "all")
    assert _steps(tmp_path, ["approved.yaml"]) == ("slices", "all")
