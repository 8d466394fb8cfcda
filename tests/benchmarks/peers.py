"""The tools that the disclosure gate is held against, each in an environment of its own.

``envs/peers/<name>.txt`` names the versions and hashes; the environment is made once, in
``.peers/<name>``, and again when that file changes. A question goes to a script in
``peer_scripts`` as JSON and the answer comes back as JSON, so nothing of the tool, nor of what it
depends on, is ever imported here.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".peers"
SCRIPTS = Path(__file__).resolve().parent / "peer_scripts"


def interpreter(name: str) -> Path | None:
    """Return the interpreter of an environment that is there and up to date, otherwise None."""
    folder = FOLDER / name
    mark, found = folder / ".installed", folder / "bin" / "python"
    if found.exists() and mark.is_file() and mark.read_text(encoding="utf-8") == _wanted(name):
        return found
    return None


def make(name: str) -> Path:
    """Return the interpreter of an environment, which is made when there is none.

    Raises
    ------
    RuntimeError : pip could not install it, for instance without a network.
    """
    if (found := interpreter(name)) is not None:
        return found
    folder = FOLDER / name
    venv.create(folder, clear=True, with_pip=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--require-hashes", "-r", str(_requirements(name))], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{name} cannot be installed into {folder}:\n{done.stderr[-2000:]}")
    (folder / ".installed").write_text(_wanted(name), encoding="utf-8")
    return python


def ask(name: str, script: str, question: Any, *, timeout: float | None = None) -> Any:
    """Return what a script of `peer_scripts` answers in the environment of `name`.

    Raises
    ------
    RuntimeError : the script failed; the end of what it said.
    subprocess.TimeoutExpired : no answer in `timeout` seconds.
    """
    python = make(name)
    with tempfile.TemporaryDirectory(prefix="lds_peer_") as folder:
        asked, answered = Path(folder) / "question.json", Path(folder) / "answer.json"
        asked.write_text(json.dumps(question), encoding="utf-8")
        done = subprocess.run(
            # Isolated: the package of this project is on the path of whoever calls.
            [python, "-I", str(SCRIPTS / script), str(asked), str(answered)],
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": folder},
        )
        if done.returncode:
            raise RuntimeError(f"{script} failed in {name}:\n{done.stderr[-2000:]}")
        return json.loads(answered.read_text(encoding="utf-8"))


def _requirements(name: str) -> Path:
    return PROJECT / "envs" / "peers" / f"{name}.txt"


def _wanted(name: str) -> str:
    """Return what the mark of an environment must say: the versions and the Python they are for."""
    versions = hashlib.sha256(_requirements(name).read_bytes()).hexdigest()
    return f"{versions} {sys.version_info[0]}.{sys.version_info[1]}\n"
