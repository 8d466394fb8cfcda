"""A folder that was put out of reach cannot be read, by no library and no process that is begun."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from lds.proof import apart

PROGRAM = """
import subprocess, sys, tempfile
from pathlib import Path
import polars as pl
from lds.proof.apart import put_out_of_reach

base = Path(sys.argv[1])
put_out_of_reach(base / "secure")
print(pl.read_parquet(base / "public/a.parquet").height, "rows")
for name, read in {
    "python": lambda path: path.read_bytes(),
    "polars": pl.read_parquet,
    "process": lambda path: subprocess.run(["cat", path], check=True, capture_output=True),
}.items():
    try:
        read(base / "secure/b/a.parquet")
        print(name, "reads")
    except (OSError, pl.exceptions.PolarsError, subprocess.CalledProcessError):
        print(name, "cannot")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "c"
    path.write_text("temporary")
    print(path.read_text())
"""


def can_be_done() -> bool:
    """Whether this system has what is needed."""
    if not sys.platform.startswith("linux"):
        return False
    return int(ctypes.CDLL(None).syscall(apart._CREATE_RULESET, None, 0, 1)) > 0


def run(base: Path) -> list[str]:
    (base / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(base / "program.py"), str(base)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("public/a.parquet", "secure/b/a.parquet"):
        (tmp_path / name).parent.mkdir(parents=True)
        pl.DataFrame({"a": [1]}).write_parquet(tmp_path / name)
    return tmp_path


@pytest.mark.skipif(not can_be_done(), reason="this system has no Landlock")
def test_a_folder_is_put_out_of_reach(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(apart.__file__).parents[2]))
    assert run(base) == [
        "1 rows",
        "python cannot",
        "polars cannot",
        "process cannot",
        "temporary",
    ]
    assert [path.name for path in sorted(base.iterdir())] == ["program.py", "public", "secure"]


def test_without_the_folder_nothing_happens(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(apart.__file__).parents[2]))
    monkeypatch.setenv(apart._DONE, "")
    assert run(base)[1:] == ["python reads", "polars reads", "process reads", "temporary"]
    apart.put_out_of_reach(base / "nothing")
