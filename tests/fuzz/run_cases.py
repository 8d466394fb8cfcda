"""Run files through staging in a process of its own, so that a crash or a hang is seen.

``python -m fuzz.run_cases <folder> <first>`` takes the files ``case_<number><ending>`` of a folder
in their order and adds a line of JSON to ``results`` before and after each.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 8 << 30
"""Bytes of addresses that the process may use: a file must not take the machine with it."""
SECONDS = 20
"""Time that one file may take."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file: ``staged``, ``refused``, ``raised``, ``crashed`` or ``hung``."""

    case: str
    kind: str
    said: str


def run_cases(folder: Path) -> list[Outcome]:
    """Stage every case of a folder; a crash or hang ends the process, which then starts again."""
    cases = sorted(folder.glob("case_*"))
    results = folder / "results"
    results.touch()
    while len(done := _outcomes(results)) < len(cases):
        with (folder / "said").open("w+") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "fuzz.run_cases", str(folder), str(len(done))],
                stdout=said,
                stderr=said,
                env={"PYTHONPATH": ":".join(filter(None, sys.path))},
            )
            hung = _watch(process, results)
            said.seek(0)
            text = said.read()
        now = _outcomes(results)
        if len(now) < len(cases):
            kind = "hung" if hung else f"crashed ({process.returncode})"
            last = {"case": cases[len(now)].name, "kind": kind, "said": text[-2000:]}
            with results.open("a") as out:
                out.write(json.dumps(last) + "\n")
        elif text:
            now[-1]["said"] += text
            return [Outcome(**each) for each in now]
    return [Outcome(**each) for each in _outcomes(results)]


def _outcomes(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()]


def _watch(process: subprocess.Popen[bytes], results: Path) -> bool:
    """Wait for a process; end it, and return true, when it writes nothing for `SECONDS`."""
    size, since = -1, time.monotonic()
    while process.poll() is None:
        if results.stat().st_size != size:
            size, since = results.stat().st_size, time.monotonic()
        # Another process on the machine may take its time: twice the limit is a hang.
        if time.monotonic() - since > 2 * SECONDS:
            process.kill()
            process.wait()
            return True
        time.sleep(0.05)
    return False


def _run(path: Path) -> tuple[str, str]:
    from fuzz.made_files import contract_of
    from fuzz.oracles import staged_or_refused
    from lds.errors import SourceError

    ending = path.name[path.name.index(".") :]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = staged_or_refused(
                Path(folder), f"raw{ending}", path.read_bytes(), contract_of(ending)
            )
        except BaseException:
            return "raised", traceback.format_exc()
        texts = "".join(f"\nwarning: {each.message}" for each in warned)
        if isinstance(found, SourceError):
            return "refused", str(found).replace(folder, "") + texts
        return "staged", texts


def main() -> None:
    """Run the cases of a folder from one on."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    for path in sorted(folder.glob("case_*"))[first:]:
        kind, said = _run(path)
        with (folder / "results").open("a") as out:
            out.write(json.dumps({"case": path.name, "kind": kind, "said": said}) + "\n")


if __name__ == "__main__":
    main()
