"""The command lines of the two rules, run as a job runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from report_examples import ROOT, nodes

from lds.errors import ContractError


def run_script(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        check=False,
    )


def test_scripts_make_the_same_page(tmp_path, full_slice, shell, reports_dir, page_of):
    source = reports_dir / "human_mobility.qmd"
    (tmp_path / "slice.json").write_text(json.dumps(full_slice), encoding="utf-8")
    made = run_script(
        "compile_shell.py",
        *("--source", source, "--reports", reports_dir),
        *("--engine", "pandoc", "--shell", tmp_path / "out/shell.html"),
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "out/shell.html").read_text(encoding="utf-8") == shell
    common = ("--slice", tmp_path / "slice.json")
    made = run_script(
        "render_report.py",
        *(*common, "--shell", tmp_path / "out/shell.html", "--page", tmp_path / "a.html"),
    )
    assert (made.returncode, made.stderr) == (0, "")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page == page_of(full_slice)
    made = run_script(
        "render_report.py",
        *(*common, "--document", "--source", source, "--reports", reports_dir),
        *("--engine", "pandoc", "--page", tmp_path / "b.html"),
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert nodes((tmp_path / "b.html").read_text(encoding="utf-8")) == nodes(page)
    assert not list(tmp_path.rglob("*.part"))


def test_a_failed_script_leaves_no_page(tmp_path, full_slice, shell):
    del full_slice["sources"]
    (tmp_path / "slice.json").write_text(json.dumps(full_slice), encoding="utf-8")
    (tmp_path / "shell.html").write_text(shell, encoding="utf-8")
    page = tmp_path / "page.html"
    failed = run_script(
        "render_report.py",
        *("--slice", tmp_path / "slice.json", "--shell", tmp_path / "shell.html", "--page", page),
    )
    assert failed.returncode == ContractError.exit_code
    assert failed.stderr.startswith("ContractError: The slice lacks")
    assert not page.exists()


def test_filling_loads_nothing_heavy():
    code = (
        "import sys, lds.reports.pages; "
        "print([m for m in ('polars','altair','pypandoc','duckdb','yaml','quarto') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        check=True,
    )
    assert done.stdout.strip() == "[]"
