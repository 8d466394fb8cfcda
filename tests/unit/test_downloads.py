"""One file from a local server: whole, resumed or refused; named only when it is right."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fileserver import CONTENT, ETAG, HALF, FileServer, serving
from lds.downloads import Patience, Wanted, fetch_file
from lds.errors import SourceError

ROOT = Path(__file__).resolve().parents[2]
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = Patience(connect=2, read=0.3, attempts=3, pause=0.01)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as running:
        yield running


def wanted(server: FileServer, name: str) -> Wanted:
    return Wanted(url=server.url(name), sha256=SHA256, size=len(CONTENT))


def fetch(server: FileServer, name: str, path: Path) -> list[str]:
    said: list[str] = []
    fetch_file(wanted(server, name), path, QUICK, said.append)
    return said


def refuse(server: FileServer, name: str, path: Path) -> str:
    with pytest.raises(SourceError) as refused:
        fetch(server, name, path)
    assert not path.exists()
    assert server.url(name) in str(refused.value)
    assert refused.value.remedy or name == "compressed"
    return str(refused.value)


def asked(server: FileServer) -> list[tuple[str | None, str | None]]:
    return [(each.range, each.if_range) for each in server.requests]


WHOLE = (None, None)
REST = (f"bytes={HALF}-", ETAG)
CURED = {
    "good": [WHOLE],
    "flaky": [WHOLE, WHOLE],
    "moved": [WHOLE, WHOLE],
    "truncated": [WHOLE, REST],
    "without_ranges": [WHOLE, (f"bytes={HALF}-", None)],
    "without_etag": [WHOLE, (f"bytes={HALF}-", None)],
    "revised": [WHOLE, (f"bytes={HALF}-", '"0"')],
    "revised_silently": [WHOLE, REST, WHOLE],
    "unsatisfiable": [WHOLE, REST, WHOLE],
    "other_part": [WHOLE, REST, WHOLE],
}


@pytest.mark.parametrize("name", CURED)
def test_a_file_arrives_by_these_requests(name: str, server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "folder/file.csv"
    fetch(server, name, path)
    assert path.read_bytes() == CONTENT
    assert asked(server) == CURED[name]
    assert os.listdir(path.parent) == ["file.csv"]


def test_a_file_that_is_there_is_not_asked_for(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(CONTENT)
    assert fetch(server, "good", path) == [f"{path} is there and has its checksum."]
    assert asked(server) == []


def test_a_file_that_is_there_and_wrong_is_replaced(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"of another edition\n")
    assert "has not the registered checksum" in fetch(server, "good", path)[0]
    assert path.read_bytes() == CONTENT


def test_progress_is_told_in_tenths(server: FileServer, tmp_path: Path) -> None:
    told = [line for line in fetch(server, "good", tmp_path / "file.csv") if "%" in line]
    assert [line.split("(")[1] for line in told] == [f"{tenth}0%)" for tenth in range(1, 11)]
    assert told[-1].startswith(f"{len(CONTENT):,} of {len(CONTENT):,} bytes")


FAILED = {
    "absent": (1, ("has no such file", "404", "register of downloads")),
    "shorter": (1, (f"a file of {HALF:,} bytes; {len(CONTENT):,} are registered",)),
    "endless": (1, ("more than the",)),
    "compressed": (1, ("compressed",)),
    "moved_to_a_file": (1, ("cannot be asked (InvalidSchema)",)),
    "moved_for_ever": (6, ("cannot be asked (TooManyRedirects)",)),
    "silent": (3, ("after 3 requests: no answer within 2 or 0.3 s", "Run the same command again")),
    "slow": (3, ("after 3 requests: no answer within", f"{HALF:,} of {len(CONTENT):,} bytes are")),
    "always_truncated": (3, ("after 3 requests", "Run the same command again")),
}


@pytest.mark.parametrize("name", FAILED)
def test_a_failure_is_told_after_so_many_requests(
    name: str, server: FileServer, tmp_path: Path
) -> None:
    requests, words = FAILED[name]
    told = refuse(server, name, tmp_path / "file.csv")
    assert [word for word in words if word not in told] == []
    assert len(server.requests) == requests


def test_no_server_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        pass
    assert "the connection failed" in refuse(server, "good", tmp_path / "file.csv")


def test_a_wrong_checksum_is_told_and_the_file_set_aside(
    server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    told = refuse(server, "wrong", path)
    other = CONTENT[:-2] + b"!\n"
    assert f"expected: sha256 {SHA256}" in told
    assert f"found:    sha256 {hashlib.sha256(other).hexdigest()}" in told
    assert "correct sha256 and bytes" in told
    assert os.listdir(tmp_path) == ["file.csv.refused"]
    assert (tmp_path / "file.csv.refused").read_bytes() == other
    assert len(server.requests) == 1
    fetch(server, "good", path)
    assert os.listdir(tmp_path) == ["file.csv"]


def test_the_next_call_asks_only_for_what_is_missing(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    refuse(server, "slow", path)
    assert (tmp_path / "file.csv.part").read_bytes() == CONTENT[:HALF]
    server.requests.clear()
    server.released.set()
    said = fetch(server, "slow", path)
    assert asked(server) == [REST]
    assert said[0] == f"{HALF:,} of {len(CONTENT):,} bytes are there; asking for the rest."
    assert path.read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["file.csv"]


def partial(path: Path, content: bytes, **record: str) -> None:
    path.with_name("file.csv.part").write_bytes(content)
    path.with_name("file.csv.part.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_complete_part_is_not_asked_for_again(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    partial(path, CONTENT, url=server.url("good"), sha256=SHA256, etag=ETAG)
    fetch(server, "good", path)
    assert asked(server) == []
    assert path.read_bytes() == CONTENT


def test_a_complete_part_that_is_wrong_is_fetched_anew(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    partial(path, CONTENT[::-1], url=server.url("good"), sha256=SHA256, etag=ETAG)
    fetch(server, "good", path)
    assert asked(server) == [WHOLE]


@pytest.mark.parametrize("change", [{"url": "http://127.0.0.1/x"}, {"sha256": "0" * 64}])
def test_the_part_of_another_entry_is_not_gone_on_with(
    change: dict[str, str], server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    partial(path, CONTENT[:9], **{"url": server.url("good"), "sha256": SHA256, **change})
    fetch(server, "good", path)
    assert asked(server) == [WHOLE]


@pytest.mark.parametrize("record", ["", "{"])
def test_a_part_with_a_broken_record_is_not_gone_on_with(
    record: str, server: FileServer, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    partial(path, CONTENT[:9])
    path.with_name("file.csv.part.json").write_text(record, encoding="utf-8")
    fetch(server, "good", path)
    assert asked(server) == [WHOLE]


def test_no_credentials_are_sent(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(server, "moved", tmp_path / "file.csv")
    assert len(server.headers) == 2
    for headers in server.headers:
        assert {"Authorization", "Cookie"} & set(headers) == set()


def test_a_file_that_cannot_be_written(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(SourceError, match=r"could not be written \(No space left on device\)"):
        fetch(server, "good", tmp_path / "file.csv")


def test_the_command_ends_with_the_code_of_a_source(server: FileServer, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, ROOT / "scripts/fetch_file.py", "--url", server.url("absent")),
            *("--sha256", SHA256, "--bytes", "1", "--file", tmp_path / "file.csv"),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == SourceError.exit_code
    assert re.match(r"SourceError: .*404", done.stderr)
    assert "Traceback" not in done.stderr
