"""A copy of the project in a folder of its own, and what Snakemake says and does there."""

from __future__ import annotations

import csv
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from warm_start import starter

ROOT = Path(__file__).resolve().parents[2]
ISLES_OF_SCILLY = "E06000053"
NORTH_NORTHAMPTONSHIRE = "E06000061"
FOLKESTONE = "E07000112"
HARBOROUGH = "E07000131"
LADS = (ISLES_OF_SCILLY, NORTH_NORTHAMPTONSHIRE, FOLKESTONE, HARBOROUGH)
"""A gap, a merged district, a renamed one, and one that neither changed nor lacks anything."""
TOPIC = "human_mobility"
STEPS = ("export_request", "slices", "all")
UPSTREAM = (
    "synthesise",
    "stage_source",
    "profile_source",
    "list_profiles",
    "harmonise_source",
    "compute_indicators",
    "release_tables",
)
NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", ".snakemake", ".*_cache", ".hypothesis", "__pycache__"),
    *("results", "demo", "data", "logs", "tests"),
)
RAW = Path("raw/mobility.csv")
LOOKUP = Path("raw/lookup.csv")
TIERS = Path("raw/tiers.csv")


@functools.cache
def without_network() -> tuple[str, ...]:
    """Return a command prefix that cuts the network off; nothing where the machine has none."""
    prefix = ("unshare", "-rn")
    if not shutil.which(prefix[0]):
        return ()
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if tried.returncode == 0 else ()


class Job(NamedTuple):
    """One job of a plan."""

    rule: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


class Folder:
    """A copy of the project."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.public = path / "results/public"
        self.release = path / "results/export/released"

    @classmethod
    def fresh(cls, path: Path, **settings: Any) -> Folder:
        """Copy the project without anything it made; see `configure` for `settings`."""
        shutil.copytree(ROOT, path, ignore=NOT_COPIED, symlinks=True)
        folder = cls(path)
        folder.configure(**{"geography.lads": list(LADS), **settings})
        return folder

    def copy(self, path: Path) -> Folder:
        """Copy with everything that was made, times and Snakemake's records included."""
        shutil.copytree(
            self.path,
            path,
            copy_function=shutil.copy2,
            symlinks=True,
            ignore=shutil.ignore_patterns("iocache", "log"),
        )
        return Folder(path)

    def configure(self, **settings: Any) -> None:
        """Change keys of config.yaml, named with dots."""
        raw = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        for key, value in settings.items():
            *parents, last = key.replace("__", ".").split(".")
            place = raw
            for parent in parents:
                place = place[parent]
            place[last] = value
        self.config.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Change a text file of the project; a change that changes nothing is an error."""
        path = self.path / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, f"the planted change left {name} as it was"
        path.write_text(after, encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a user who works in this folder."""
        kept = {name: value for name, value in os.environ.items() if name != "QUARTO_PATH"}
        return {**kept, "PYTHONPATH": str(self.path / "workflow"), **more}

    def call(
        self, *command: str, offline: bool = False, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here; its `stdout` has both streams."""
        prefix = without_network() if offline else ()
        return subprocess.run(
            [*prefix, *command],
            cwd=self.path,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command here, in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.path,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run Snakemake here; `options` are those of `call`. Only offline is it started anew."""
        if options.pop("offline", False):
            return self.call(
                *(sys.executable, "-m", "snakemake"), *arguments, offline=True, **options
            )
        return starter().run(arguments, self.path, self.environment(**options))

    def plan(self, *arguments: str) -> str:
        """Return what a dry run says; it must succeed."""
        return succeeded(self.snakemake("--dry-run", *arguments))

    def jobs(self, *targets: str) -> list[Job]:
        """Return every job of a plan from nothing, with the inputs that its rule declares.

        Rules without a message are shown with their files, so this takes the messages out.
        """
        for path in (self.path / "rules").glob("*.smk"):
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r"    message:\n +\".*\"\n", "", text), encoding="utf-8")
        shown = self.plan("--forceall", *targets)
        found = []
        for rule, block in re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", shown, re.M):
            files = dict(re.findall(r"^    (input|output): (.*)$", block, re.M))
            if "output" in files:
                names = (tuple(files.get(key, "").split(", ")) for key in ("output", "input"))
                found.append(Job(rule, *names))
        assert len(found) == sum(planned(shown).values())
        return found

    def make_reports(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the exact three steps as ``make reports`` does."""
        return self.call(
            *(sys.executable, "-m", "lds.runner", "--cores", "2"), *arguments, **options
        )

    def three_steps(self) -> str:
        """Run the three steps with every message; they must succeed."""
        return "".join(succeeded(self.snakemake(step, "--cores", "2")) for step in STEPS)

    def slice(self, lad: str) -> Path:
        """Return the path of a slice."""
        return self.public / "slices" / TOPIC / f"{lad}.json"

    def page(self, lad: str) -> Path:
        """Return the path of a page."""
        return self.public / "site" / lad / f"{TOPIC}.html"

    def pack(self, lad: str) -> Path:
        """Return the path of a pack."""
        return self.public / "packs" / f"{lad}.zip"


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said, when it succeeded."""
    assert done.returncode == 0, done.stdout
    return done.stdout


def refused_readably(answer: subprocess.CompletedProcess[str], words: Iterable[str]) -> None:
    """Check that a command was refused before any job, with these words and no traceback."""
    assert answer.returncode != 0
    assert "Traceback" not in answer.stdout
    for word in words:
        assert word in answer.stdout
    assert "Job stats" not in answer.stdout


def planned(output: str) -> dict[str, int]:
    """Return the number of jobs by rule that Snakemake announced; targets do not count."""
    table = re.search(r"^Job stats:\njob +count\n[- ]+\n(.*?)^total ", output, re.M | re.S)
    if table is None:
        assert "Nothing to be done" in output, output
        return {}
    rows = (line.split() for line in table[1].splitlines())
    targets = {*STEPS, "publish", "proof", "staged", "stand_ins", "staged_stand_ins", "fetch_open"}
    return {rule: int(count) for rule, count in rows if rule not in targets}


def messages(output: str) -> list[str]:
    """Return the message of each job that Snakemake started or planned."""
    return re.findall(r"^Job \d+: (.+)$", output, re.M)


def reasons(output: str) -> list[tuple[str, str]]:
    """Return (message, reason) of each planned job that has a message."""
    return re.findall(r"^Job \d+: (.+)\nReason: (.+)$", output, re.M)


def named(output: str, message: str) -> set[str]:
    """Return the districts of the jobs whose message starts so."""
    return {text.split()[-1] for text in messages(output) if text.startswith(message)}


def sha256(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder: Path, *names: str) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, or below folders in it."""
    starts = [folder / name for name in names] or [folder]
    files = sorted(path for start in starts for path in start.rglob("*") if path.is_file())
    assert files, f"nothing below {starts}"
    return {str(path.relative_to(folder)): sha256(path) for path in files}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of change of every file below a folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the names whose value differs, or that only one side has."""
    return {name for name in before | after if before.get(name) != after.get(name)}


def read_rows(path: Path) -> list[list[str]]:
    """Read a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def shown(page: Path) -> str:
    """Return what a reader of a page sees as text."""
    text = re.sub(r"<(style|script).*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"<[^>]+>", "", text)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something holds while a process works on it."""
    deadline = time.monotonic() + 180
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it did not happen in three minutes"
        time.sleep(0.01)


Maker = Callable[[str, Callable[[Path], None]], Folder]
"""Makes a folder once for all workers of a test run: its name, and what fills it."""
