"""The register of downloads: what it may say, and that what it says is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lds.download_register import REGISTER, load_downloads, to_fetch
from lds.errors import ConfigError
from lds.io import sha256
from lds.sources.contract import contract_path, load_contract

DOWNLOADS = load_downloads()
GOOD: dict[str, Any] = {
    "file": "housing/a.csv",
    "source": "price_paid",
    "url": "https://example.org/a.csv",
    "sha256": "0" * 64,
    "bytes": 1,
    "licence": "Open Government Licence v3.0",
}


def register(path: Path, *entries: dict[str, Any]) -> Path:
    file = path / "downloads.yaml"
    file.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
    return file


@pytest.mark.parametrize("file", DOWNLOADS)
def test_an_entry_is_of_an_open_source_and_never_changes_its_meaning(file: str) -> None:
    entry = DOWNLOADS[file]
    contract = load_contract(contract_path(entry.source))
    assert contract.access == "open"
    assert entry.licence == contract.licence
    commit = r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/[\w.%/-]+"
    assert re.fullmatch(commit, entry.url)


@pytest.mark.parametrize("file", DOWNLOADS)
def test_an_entry_has_checksum_and_length_of_the_copy(file: str, open_data: Path) -> None:
    copy = open_data / file
    assert (sha256(copy), copy.stat().st_size) == (DOWNLOADS[file].sha256, DOWNLOADS[file].bytes)


def test_the_register_is_in_order_and_says_what_it_stands_on() -> None:
    assert list(DOWNLOADS) == sorted(DOWNLOADS)
    header = REGISTER.read_text(encoding="utf-8").split("\n- ")[0]
    assert "On what grounds an entry stands" in header


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "ftp://example.org/a.csv"}, r"\[0\].url: .* does not fit: .*http or https"),
        ({"url": "https://me:secret@example.org/a.csv"}, "without a user"),
        ({"url": "https://example.org/a.csv?key=1"}, "a query"),
        ({"file": "../a.csv"}, r"\[0\].file: .* does not fit"),
        ({"file": "/a.csv"}, r"\[0\].file: .* does not fit"),
        ({"file": "a.csv.part"}, "no ending that unfinished downloads have"),
        ({"file": "a.csv.part.json"}, "no ending that unfinished downloads have"),
        ({"sha256": "0" * 63}, r"\[0\].sha256: .* 64 hexadecimal digits"),
        ({"bytes": 0}, r"\[0\].bytes: 0 is less than the minimum"),
        ({"source": "nothing"}, "housing/a.csv: no contract is called 'nothing'"),
        ({"licnce": "x"}, "unknown key 'licnce'; did you mean 'licence'"),
    ],
)
def test_what_an_entry_may_not_say(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert load_downloads(register(tmp_path, GOOD)).keys() == {"housing/a.csv"}
    with pytest.raises(ConfigError, match=message):
        load_downloads(register(tmp_path, {**GOOD, **changes}))


def test_a_file_has_one_entry(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"housing/a\.csv: 2 entries"):
        load_downloads(register(tmp_path, GOOD, GOOD))


def test_what_the_configuration_names_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = load_downloads(register(tmp_path, GOOD, {**GOOD, "file": "b.csv"}))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.csv").symlink_to(tmp_path / "open/b.csv")
    for path in (Path("open/b.csv"), tmp_path / "open/b.csv", Path("x/../open/b.csv"),
                 Path("link.csv")):  # fmt: skip
        assert to_fetch(downloads, Path("open"), [path]).keys() == {"housing/a.csv"}
    assert to_fetch(downloads, Path("open"), [Path("open/housing")]).keys() == {"b.csv"}
    assert to_fetch(downloads, Path("open"), [Path("b.csv")]) == downloads
