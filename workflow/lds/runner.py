"""Run the workflow exactly: the three steps of a release, and a killed run's lock cleared safely.

``python -m lds.runner --cores 2`` is what ``make reports`` calls. Snakemake marks everything
below a job that runs as stale within one invocation, but compares contents between invocations;
so a change that leaves the released tables or most slices as they were remakes nothing below them
only when the steps are separate invocations.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import psutil
import yaml

from lds.errors import ConfigError, LdsError, run_command
from lds.io import read_json, write_json

LOCKS = Path(".snakemake/locks")
RECORD = Path(".snakemake/lds-run.json")
STEPS = ("export_request", "slices", "all")
PUBLIC_STEPS = ("slices", "all")
"""With an approved release there is nothing before the slices."""
TITLES = {
    "export_request": "From the raw files to the release",
    "slices": "From the release to the slices of each page",
    "all": "Pages, packs and index",
}
RUN_VARIABLE = "LDS_RUN"
"""Set for Snakemake and thereby for its jobs: a job that outlives a killed run is known by it."""
_POLL_SECONDS = 0.02
_PROGRESS = re.compile(r"^\d+ of \d+ steps \((?P<percent>\d+)(\.\d+)?%\) done")
_CHATTER = re.compile(
    r"^(Select jobs to execute|Execute \d+ jobs|\[\w{3} \w{3} +\d+ [\d:]+ \d{4}\]$|Finished jobid"
    r"|Using workflow specific profile|Config file |Assuming unrestricted|SNAKEMAKE$|=+$"
    r"|  (Date|Workflow ID|Platform|Host|User|Command|Snakefile|Config MD5|Config file\(s\)"
    r"|(Snakemake|Python) version|(Base|Run|Working) directory): "
    r"|Job \d+: |Reason: |Building DAG|Using shell|Provided cores|Rules claiming"
    r"|Conda environments|Job stats|job +count|-+ +-+|\w+ {2,}\d+$|Complete log|Elapsed time"
    r"|Nothing to be done|\s*$)"
)
"""What Snakemake says of every job and start; the log that it names on failure has all of it."""
_LISTING = re.compile(r"^(local)?rule \w+:$")


def _locks(root: Path) -> dict[str, list[int]]:
    """Return the lock files of a working folder, each with inode and time of its last change."""
    found = {}
    for path in sorted((root / LOCKS).glob("*.lock")):
        # Snakemake may remove a lock between the listing and the look at it.
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            found[path.name] = [status.st_ino, status.st_mtime_ns]
    return found


def _alive(record: dict[str, Any]) -> bool:
    """Whether the recorded process still runs: same number and same start time."""
    try:
        process = psutil.Process(record["pid"])
        started = process.create_time()
        return abs(started - record["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _jobs_of(run: str) -> list[int]:
    """Return the processes that a run started and that still work, although it is dead."""
    return sorted(
        process.pid
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get(RUN_VARIABLE) == run
    )


def _remove_leftovers(root: Path, locks: Iterable[str]) -> None:
    """Remove the temporary files and folders that killed jobs left beside what they were to write.

    Snakemake's output lock names the files, one a line; the run and its jobs are dead.
    """
    folders: dict[Path, set[str]] = {}
    for name in locks:
        if name.endswith(".output.lock"):
            for line in (root / LOCKS / name).read_text(encoding="utf-8").splitlines():
                folders.setdefault(root / Path(line).parent, set()).add(Path(line).name)
    for folder, names in folders.items():
        for path in folder.glob(".*.part"):
            if path.name[1:].rsplit(".", 2)[0] not in names:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def clear_dead_lock(root: Path) -> bool:
    """Remove Snakemake's lock when our own recorded run left it and is dead; else leave it.

    Returns whether a lock was cleared.

    Raises
    ------
    ConfigError : the folder is locked by a run that is alive or whose jobs are, or by one that we
        did not start.
    """
    locks = _locks(root)
    if not locks:
        return False
    remedy = (
        "Wait for that run to end. If you are sure that no run is alive (also on other machines),"
        " clear the lock with: snakemake --unlock"
    )
    path = root / RECORD
    record = read_json(path) if path.is_file() else None
    if record is None or record["locks"] != locks:
        raise ConfigError(
            "The folder is locked by a run that `make reports` did not start.",
            where=str((root / LOCKS).resolve()),
            remedy=remedy,
        )
    if record["host"] != socket.gethostname():
        raise ConfigError(
            f"The folder is locked by a run on {record['host']}.", where=str(path), remedy=remedy
        )
    if _alive(record):
        raise ConfigError(
            f"A run is still alive (process {record['pid']}).", where=str(path), remedy=remedy
        )
    jobs = _jobs_of(record["run"])
    if jobs:
        raise ConfigError(
            "A run was killed, but some of its jobs still work.",
            where=str(path),
            values=[f"process {job}" for job in jobs],
            remedy="Wait until they end, or end them; then run the same command again.",
        )
    print("A killed run left its lock; its process is dead, so the lock is cleared.", flush=True)
    _remove_leftovers(root, record["locks"])
    # Not `snakemake --unlock`: it takes seconds, and removes whatever lock there is by then.
    for name in record["locks"]:
        (root / LOCKS / name).unlink(missing_ok=True)
    path.unlink()
    return True


def show(lines: Iterable[str], out: TextIO) -> None:
    """Print Snakemake's messages, progress as one line that moves on a terminal or per tenth."""
    shown, listing = -1, False
    for line in lines:
        # A target has no message of its own: Snakemake lists all of its files instead.
        listing = bool(_LISTING.match(line)) or (listing and line.startswith("    "))
        if listing:
            continue
        progress = _PROGRESS.match(line)
        if progress:
            tenth = int(progress["percent"]) // 10
            if out.isatty():
                print(f"\r  {line.strip()}", end="", file=out, flush=True)
            elif tenth != shown:
                print(f"  {line.strip()}", file=out, flush=True)
            shown = tenth
        elif not _CHATTER.match(line):
            if out.isatty() and shown >= 0:
                print(file=out)
                shown = -1
            print(line, end="", file=out, flush=True)
    if out.isatty() and shown >= 0:
        print(file=out)


def run_step(root: Path, command: Sequence[str]) -> int:
    """Run one Snakemake command, on record while it holds a lock; return its exit code."""
    path = root / RECORD
    others = _locks(root)
    run = f"{socket.gethostname()} {os.getpid()} {time.time_ns()}"
    child = subprocess.Popen(
        command,
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, RUN_VARIABLE: run},
    )

    def pass_on(number: int, frame: FrameType | None) -> None:
        """Let Snakemake end in order: it finishes its running jobs and removes its lock."""
        child.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    assert child.stdout is not None
    reader = threading.Thread(target=show, args=(child.stdout, sys.stdout), daemon=True)
    reader.start()
    record: dict[str, Any] = {
        "pid": child.pid,
        "started": psutil.Process(child.pid).create_time(),
        "host": socket.gethostname(),
        "run": run,
        "locks": {},
    }
    try:
        while child.poll() is None:
            # A lock that was there before is another run's, whose end we know nothing of.
            locks = {name: lock for name, lock in _locks(root).items() if lock != others.get(name)}
            if locks and locks != record["locks"]:
                record["locks"] = locks
                write_json(path, record)
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    reader.join(timeout=5)
    if child.returncode >= 0:
        # A run that ends by itself removes its lock; what lock there still is belongs to another.
        # Only a killed one leaves lock and record.
        path.unlink(missing_ok=True)
    return child.returncode


def _steps(root: Path, configfiles: Sequence[str]) -> tuple[str, ...]:
    release: dict[str, Any] = {}
    for name in ("config.yaml", *configfiles):
        path = root / name
        if path.is_file():
            release |= (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("release") or {}
    return PUBLIC_STEPS if release.get("path") else STEPS


def main() -> None:
    """Read the command line; run the steps; say where to look."""
    parser = argparse.ArgumentParser(
        description="Run the workflow in exact steps. Other options are passed to snakemake."
    )
    parser.add_argument("--cores", default=str(os.cpu_count() or 1))
    parser.add_argument(
        "--configfile", "--configfiles", nargs="+", default=[], help="override config.yaml"
    )
    given, extra = parser.parse_known_args()
    root = Path.cwd()
    snakemake = [sys.executable, "-m", "snakemake"]
    if given.configfile:
        extra += ["--configfile", *given.configfile]
    clear_dead_lock(root)
    steps = _steps(root, given.configfile)
    for number, step in enumerate(steps, 1):
        print(f"Step {number} of {len(steps)}: {TITLES[step]}", flush=True)
        code = run_step(root, [*snakemake, step, "--cores", given.cores, *extra])
        if code:
            raise LdsError(
                f"The step '{step}' stopped with exit code {code}.",
                where="the messages above, and the log of the failed job under logs/",
                remedy="Correct the cause and run the same command again; finished work is kept.",
            )


if __name__ == "__main__":
    run_command(main)
