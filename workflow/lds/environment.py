"""The environment of jobs: the interpreter and the package that Snakemake itself runs with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def prepare_jobs(package: Path) -> None:
    """Let the commands of jobs find this interpreter as ``python`` and this package.

    An environment that Snakemake activates for a job (conda) still comes before both. On a
    cluster every job reads the Snakefile again, so nothing has to be handed over.
    """
    for name, first in (("PATH", Path(sys.executable).parent), ("PYTHONPATH", package)):
        others = [part for part in os.environ.get(name, "").split(os.pathsep) if part]
        os.environ[name] = os.pathsep.join(dict.fromkeys([str(first), *others]))


def describe_commit(project: Path) -> str:
    """Return the commit of the project, marked when files differ from it."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(project), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "unknown: git is not installed"
    return answer.stdout.strip() or "unknown: not a git checkout"
