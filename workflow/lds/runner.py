"""Run the workflow exactly: the three steps of a release, and a killed run's lock cleared safely.

``python -m lds.runner --cores 2`` is what ``make reports`` calls. Snakemake marks everything
below a job that runs as stale within one invocation, but compares contents between invocations;
so a change that leaves the released tables or most slices as they were remakes nothing below them
only when the steps are separate invocations.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
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
_POLL_SECONDS = 0.1
_PROGRESS = re.compile(r"^\d+ of \d+ steps \((?P<percent>\d+)(\.\d+)?%\) done")
_CHATTER = re.compile(
    r"^(Select jobs to execute|Execute \d+ jobs|\[\w{3} \w{3} +\d+ [\d:]+ \d{4}\]$|Finished jobid"
    r"|Using workflow specific profile|Config file |Assuming unrestricted|SNAKEMAKE$|=+$|  \w[\w ()]*: "
    r"|Building DAG|Using shell|Provided cores|Rules claiming|Conda environments|Job stats|job +count"
    r"|-+ +-+|\w+ +\d+$|Complete log|Elapsed time|Nothing to be done|\s*$)"
)
"""What Snakemake says of every job and start; the log that it names on failure has all of it."""


def _locks(root: Path) -> dict[str, list[int]]:
    """Return the lock files of a working folder, each with inode and time of its last change."""
    found = {}
    for path in sorted((root / LOCKS).glob("*.lock")):
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


def clear_dead_lock(root: Path, snakemake: Sequence[str]) -> bool:
    """Remove Snakemake's lock when our own recorded run left it and is dead; else leave it.

    Returns whether a lock was cleared.

    Raises
    ------
    ConfigError : the folder is locked by a run that is alive, or by one that we did not start.
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
    print("A killed run left its lock; its process is dead, so the lock is cleared.", flush=True)
    subprocess.run([*snakemake, "--unlock"], cwd=root, check=True, capture_output=True)
    path.unlink()
    return True


def show(lines: Iterable[str], out: TextIO) -> None:
    """Print Snakemake's messages, progress as one line that moves on a terminal or per tenth."""
    shown = -1
    for line in lines:
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
    child = subprocess.Popen(
        command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert child.stdout is not None
    reader = threading.Thread(target=show, args=(child.stdout, sys.stdout), daemon=True)
    reader.start()
    record = {
        "pid": child.pid,
        "started": psutil.Process(child.pid).create_time(),
        "host": socket.gethostname(),
        "locks": {},
    }
    try:
        while child.poll() is None:
            locks = _locks(root)
            if locks and locks != record["locks"]:
                record["locks"] = locks
                write_json(path, record)
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        child.wait()
    reader.join(timeout=5)
    if not _locks(root):
        # A run that ends by itself removes its lock; only a killed one leaves lock and record.
        path.unlink(missing_ok=True)
    return child.returncode


def _steps(root: Path, extra: Sequence[str]) -> tuple[str, ...]:
    files = [root / "config.yaml"]
    if "--configfile" in extra:
        start = extra.index("--configfile") + 1
        for name in extra[start:]:
            if name.startswith("-"):
                break
            files.append(root / name)
    release: dict[str, Any] = {}
    for path in files:
        if path.is_file():
            release |= (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("release") or {}
    return PUBLIC_STEPS if release.get("path") else STEPS


def main() -> None:
    """Read the command line; run the steps; say where to look."""
    parser = argparse.ArgumentParser(
        description="Run the workflow in exact steps. Other options are passed to snakemake."
    )
    parser.add_argument("--cores", default=str(os.cpu_count() or 1))
    given, extra = parser.parse_known_args()
    root = Path.cwd()
    snakemake = [sys.executable, "-m", "snakemake"]
    clear_dead_lock(root, snakemake)
    steps = _steps(root, extra)
    for number, step in enumerate(steps, 1):
        print(f"Step {number} of {len(steps)}: {TITLES[step]}", flush=True)
        code = run_step(
            root, [*snakemake, step, "--cores", given.cores, "--quiet", "rules", *extra]
        )
        if code:
            raise LdsError(
                f"The step '{step}' stopped with exit code {code}.",
                where="the messages above, and the log of the failed job under logs/",
                remedy="Correct the cause and run the same command again; finished work is kept.",
            )


if __name__ == "__main__":
    run_command(main)
