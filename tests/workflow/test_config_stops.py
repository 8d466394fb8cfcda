"""A wrong configuration stops before any job, with one readable message."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from snakefolder import HARBOROUGH, TOPIC, Folder, messages, refused_readably, succeeded

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_configured")]

WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "misspelt key": (
        {"report.contcat": "x"},
        ("report", "unknown key 'contcat'", "did you mean 'contact'", "README.md"),
    ),
    "unknown district": ({"geography.lads": ["Harbrough"]}, ("geography", "Harbrough", "remedy")),
    "unknown county": (
        {"geography.areas": [{"county": "Leicesterhire"}]},
        ("geography.areas[0]", "Leicesterhire", "E10000018 Leicestershire"),
    ),
    "impossible day": ({"geography.vintage": "2021-02-30"}, ("geography.vintage", "2021-02-30")),
    "missing file": (
        {"sources.google_mobility.path": "raw/absent.csv"},
        ("sources.google_mobility.path", "raw/absent.csv", "set it to null"),
    ),
    "wrong type": ({"synthetic.seed": "seven"}, ("synthetic.seed", "'seven'", "integer")),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_configuration_stops_before_any_job(
    case: str, fresh: Callable[..., Folder]
) -> None:
    settings, words = WRONG[case]
    folder = fresh(**settings)
    refused = folder.snakemake("--dry-run")
    refused_readably(refused, words)
    assert not (folder.path / "results").exists()


def test_make_shows_the_whole_message(fresh: Callable[..., Folder]) -> None:
    refused = fresh(**{"geography.lads": ["Harbrough"]}).make_reports()
    assert refused.returncode == 1
    assert "Traceback" not in refused.stdout
    for part in ("where:", "remedy:"):
        assert re.search(rf"^  {part} .*(Harb|config|geography|register)", refused.stdout, re.M)


def test_quarto_asked_for_and_absent(fresh: Callable[..., Folder]) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    if shutil.which("quarto", path=path):
        pytest.skip("Quarto is installed where it cannot be hidden")
    refused = fresh(report__engine="quarto").snakemake("--dry-run", PATH=path)
    refused_readably(refused, ("pip install quarto-cli", "report.engine: pandoc"))


def test_a_document_per_page_gives_the_same_page(
    configured: Folder, copy_of: Callable[[Folder], Folder]
) -> None:
    copied = copy_of(configured)
    copied.configure(report__render="document")
    page = str(copied.page(HARBOROUGH).relative_to(copied.path))
    said = succeeded(copied.snakemake(page, "--cores", "2"))
    assert messages(said) == [f"Rendering {TOPIC} for {HARBOROUGH}"]

    def words(folder: Folder) -> list[str]:
        return folder.page(HARBOROUGH).read_text(encoding="utf-8").split()

    assert words(copied) == words(configured)
