"""What a command loads before it does anything: each library is paid for at every start."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("altair", "duckdb", "numpy", "pyogrio", "pyreadstat", "python_calamine", "scipy")


def loaded(root: Path, code: str) -> list[str]:
    """Return which heavy libraries a process has loaded after running some code."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\nimport sys\nfor m in {HEAVY}: m in sys.modules and print(m)",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={"PYTHONPATH": f"{root}/workflow"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def imports_of_the_rules(root: Path) -> str:
    """Return the imports of the package that stand above the rules."""
    text = (root / "rules/common.smk").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^from lds\..*$", text, re.MULTILINE))


def test_snakemake_starts_without_what_reads_tables(root: Path, tmp_path: Path) -> None:
    """Nor does a check of the configuration load any, with a source whose files are looked for."""
    code = imports_of_the_rules(root)
    assert "lds.sources.rawfiles" in code
    (tmp_path / "cases.csv").touch()
    code += f"""
from pathlib import Path
from lds.io import read_yaml
raw = read_yaml(Path("config.yaml"))
raw["sources"]["cases_lad"] = {{"path": {str(tmp_path)!r}}}
assert check_config(raw, Register.load()).sources["cases_lad"].path
"""
    assert loaded(root, code) == []


@pytest.mark.parametrize("name", ["areas.csv", "areas.tsv"])
def test_tables_of_text_are_opened_without_numpy(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("code,n\nE06000001,1\n", encoding="utf-8")
    code = "import lds.geography.command.cli\nfrom pathlib import Path\n"
    assert loaded(root, code) == []
    code += (
        "from lds.files.tables import open_tables\n"
        f"with open_tables(Path({str(tmp_path / name)!r})) as tables: tables[0].rows.columns\n"
    )
    assert loaded(root, code) == ["duckdb"]


def test_a_library_that_is_loaded_is_found(root: Path) -> None:
    assert loaded(root, "import lds.sources.opening, numpy") == ["duckdb", "numpy"]
