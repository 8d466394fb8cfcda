"""Snakemake with its imports done: every start is a fork of one process, for one worker of a run.

Most of what a dry run costs is the import of Snakemake. A fork does what ``python -m snakemake``
does, in the folder and with the environment that it is given; it shares with other forks what was
imported, the seed of hashes and the "Run directory" of Snakemake's headline. Nothing of the project
is imported here: that comes from each folder.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

PRELOADED = (
    *("snakemake.cli", "snakemake.report", "smart_open", "pandas", "yte"),
    *("jinja2", "jsonschema", "requests"),
)
"""What a start imports: Snakemake and libraries. Not Polars, which has threads from its import."""


class Starter:
    """A process that waits with Snakemake imported."""

    def __init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=kept,
            text=True,
        )

    def run(
        self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python -m snakemake`` with these; `stdout` has both streams."""
        assert self._process.stdin
        assert self._process.stdout
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
            order = {
                "arguments": arguments,
                "folder": str(folder),
                "environment": dict(environment),
                "said": said.name,
            }
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            ended = self._process.stdout.readline()
            assert ended, "the process that starts Snakemake has ended"
            return subprocess.CompletedProcess(("snakemake", *arguments), int(ended), said.read())


@cache
def starter() -> Starter:
    """Return the starter of this process; it ends when this process does."""
    return Starter()


def _start(order: dict[str, Any], paths: list[str]) -> NoReturn:
    """Become ``python -m snakemake``."""
    said = os.open(order["said"], os.O_WRONLY | os.O_TRUNC)
    for stream, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, said), (2, said)):
        os.dup2(target, stream)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    own = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [order["folder"], *own, *paths]
    sys.argv[:] = ["snakemake", *order["arguments"]]
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    sys.exit()


def main() -> None:
    """Import, then fork for every line that asks for a start, and answer how each one ended."""
    paths = sys.path[1:]
    for name in PRELOADED:
        __import__(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _start(json.loads(line), paths)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
