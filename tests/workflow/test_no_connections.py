"""A whole run opens no connection: every interpreter of it was watched, and none tried to."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from snakefolder import Folder, planned

from conftest import CONNECTIONS, watching
from fileserver import serving

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]


def test_no_process_of_a_run_opened_a_connection(embedded: Folder) -> None:
    lines = (embedded.path.parent / CONNECTIONS).read_text(encoding="utf-8").splitlines()
    watched = [line for line in lines if line.startswith("watched ")]
    assert [line for line in lines if line not in watched] == []
    seen = {match[1] for line in watched if (match := re.search(r"scripts/(\w+)\.py", line))}
    assert seen == set(planned(embedded.plan("--forceall")))
    assert "fetch_file" not in seen
    assert len([line for line in watched if "-m snakemake" in line]) >= 3


CONNECT = "import socket; socket.create_connection(({host!r}, {port}), timeout=1)"


@pytest.mark.parametrize(
    ("host", "noted"),
    [
        ("192.0.2.1", "socket.getaddrinfo 192.0.2.1"),
        ("example.org", "socket.getaddrinfo example.org"),
    ],
)
def test_a_connection_would_be_noted_and_refused(host: str, noted: str, tmp_path: Path) -> None:
    folder, record = Folder(tmp_path), tmp_path / "record.txt"
    code = CONNECT.format(host=host, port=80)
    done = folder.call(sys.executable, "-c", code, **watching(folder, record))
    assert done.returncode != 0
    assert f"a test forbids connections: {noted}" in done.stdout
    assert record.read_text().splitlines()[1:] == [noted]


def test_an_address_that_needs_no_look_up_would_be_noted(tmp_path: Path) -> None:
    folder, record = Folder(tmp_path), tmp_path / "record.txt"
    code = "import socket; socket.socket().connect(('192.0.2.1', 80))"
    folder.call(sys.executable, "-c", code, **watching(folder, record))
    assert record.read_text().splitlines()[1:] == ["socket.connect ('192.0.2.1', 80)"]


def test_the_machine_itself_may_be_asked(tmp_path: Path) -> None:
    folder, record = Folder(tmp_path), tmp_path / "record.txt"
    with serving() as server:
        port = int(server.url("good").split(":")[2].split("/")[0])
        code = CONNECT.format(host="127.0.0.1", port=port)
        done = folder.call(sys.executable, "-c", code, **watching(folder, record))
    assert done.returncode == 0, done.stdout
    assert len(record.read_text().splitlines()) == 1
