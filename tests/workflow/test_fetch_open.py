"""`snakemake fetch_open` on a local server: killed, resumed, refused, and never by accident."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from snakefolder import Folder, planned, succeeded, wait_until

from fileserver import CONTENT, ETAG, HALF, FileServer, Request, serving

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_fetch")]
OPEN = Path("data/open")
LOCAL = {"NO_PROXY": "127.0.0.1"}


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as running:
        yield running


@pytest.fixture
def folder(server: FileServer, fresh: Callable[..., Folder]) -> Folder:
    """Return a project with a register of its own: one file at once, one that comes slowly."""
    made = fresh(downloads__register="register.yaml")
    register(made, server, "good", "slow")
    return made


def register(folder: Folder, server: FileServer, *names: str) -> None:
    entries = [
        {
            "file": f"tiers/{name}.csv",
            "source": "lockdown_tiers",
            "url": server.url(name),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "bytes": len(CONTENT),
            "licence": "none",
        }
        for name in names
    ]
    (folder.path / "register.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")


def fetch(folder: Folder, *more: str) -> str:
    return succeeded(folder.snakemake("fetch_open", "--cores", "2", *more, **LOCAL))


def files(folder: Folder) -> list[str]:
    return sorted(os.listdir(folder.path / OPEN / "tiers"))


def test_a_killed_run_is_finished_with_the_missing_bytes(
    folder: Folder, server: FileServer
) -> None:
    good, slow = (folder.path / OPEN / f"tiers/{name}.csv" for name in ("good", "slow"))
    part = slow.with_name("slow.csv.part")
    command = (sys.executable, "-m", "snakemake", "fetch_open", "--cores", "2")
    run = folder.start(*command, **LOCAL)
    wait_until(lambda: good.exists() and part.exists() and part.stat().st_size == HALF, run)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert files(folder) == ["good.csv", "slow.csv.part", "slow.csv.part.json"]
    assert sorted(server.requests) == [Request("good", None, None), Request("slow", None, None)]

    server.requests.clear()
    server.released.set()
    succeeded(folder.snakemake("--unlock"))
    fetch(folder)
    assert {request for request in server.requests} == {Request("slow", f"bytes={HALF}-", ETAG)}
    assert len(server.requests) == 1
    assert files(folder) == ["good.csv", "slow.csv"]
    assert good.read_bytes() == slow.read_bytes() == CONTENT
    log = (folder.path / "logs/fetch_file/tiers/slow.csv.log").read_text(encoding="utf-8")
    assert f"{HALF:,} of {len(CONTENT):,} bytes are there; asking for the rest." in log

    server.requests.clear()
    assert planned(fetch(folder)) == {}
    # Changed code checks the files again, where they are.
    folder.edit("scripts/fetch_file.py", lambda text: text + "# A comment.\n")
    assert planned(fetch(folder)) == {"fetch_file": 2}
    assert server.requests == []
    assert good.read_bytes() == slow.read_bytes() == CONTENT

    # What the configuration names is a raw file like any other, whatever has changed since.
    folder.edit("scripts/fetch_file.py", lambda text: text + "# Another comment.\n")
    folder.configure(sources__lockdown_tiers__path=str(OPEN / "tiers/good.csv"))
    plan = planned(folder.plan())
    assert plan["stage_source"] == 3
    assert "fetch_file" not in plan
    assert planned(folder.plan("fetch_open")) == {"fetch_file": 1}


def test_a_wrong_address_and_a_wrong_file_are_told_and_the_others_fetched(
    folder: Folder, server: FileServer
) -> None:
    register(folder, server, "absent", "good", "wrong")
    done = folder.snakemake("fetch_open", "--cores", "2", "--keep-going", **LOCAL)
    assert done.returncode != 0
    for words in ("the server answered 404", "another checksum than is registered", "remedy:"):
        assert words in done.stdout
    assert "Traceback" not in done.stdout
    assert files(folder) == ["good.csv", "wrong.csv.refused"]


def test_a_wrong_register_stops_before_any_job(folder: Folder, server: FileServer) -> None:
    folder.edit("register.yaml", lambda text: text.replace("http:", "ftp:"))
    done = folder.snakemake("fetch_open", "--cores", "2")
    assert done.returncode != 0
    assert "The register of downloads is wrong." in done.stdout
    assert "http or https" in done.stdout
    assert "Traceback" not in done.stdout
    assert server.requests == []


def test_another_folder(folder: Folder, server: FileServer) -> None:
    register(folder, server, "good")
    folder.configure(downloads__folder="elsewhere")
    fetch(folder)
    assert (folder.path / "elsewhere/tiers/good.csv").read_bytes() == CONTENT
