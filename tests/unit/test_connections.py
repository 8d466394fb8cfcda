"""Only one module can open a connection: no other one imports what would."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from fileserver import serving
from lds.config import check_config
from lds.database import connect, query
from lds.errors import ConfigError
from lds.geography import Register
from lds.io import read_yaml

ROOT = Path(__file__).resolve().parents[2]
NETWORK = re.compile(
    r"^\s*(?:from|import)\s+(aiohttp|asyncio|ftplib|http|httpx|imaplib|paramiko|pooch|poplib|requests"
    r"|smtplib|socket|socketserver|ssl|urllib3|urllib\.request|webbrowser|xmlrpc)\b",
    re.MULTILINE,
)
ALLOWED = {
    ("workflow/lds/downloads.py", "requests"): "downloads what `snakemake fetch_open` asks for",
    ("workflow/lds/runner.py", "socket"): "gethostname, for the record of a run",
}
CODE = [
    ROOT / "Snakefile",
    *sorted((ROOT / "rules").glob("*.smk")),
    *sorted((ROOT / "scripts").glob("*.py")),
    *sorted((ROOT / "workflow/lds").rglob("*.py")),
]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_other_module_imports_what_opens_connections() -> None:
    found = {
        (name(path), module)
        for path in CODE
        for module in NETWORK.findall(path.read_text(encoding="utf-8"))
    }
    assert len(CODE) > 100
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import urllib.request", ["urllib.request"]),
        ("    from requests.utils import x", ["requests"]),
        ("import http.client as c", ["http"]),
        ("from urllib.parse import quote", []),
        ("import sockets_of_lamps", []),
    ],
)
def test_an_import_is_found(line: str, found: list[str]) -> None:
    assert NETWORK.findall(f"x = 1\n{line}\n") == found


def test_the_runner_only_asks_for_the_name_of_its_machine() -> None:
    runner = (ROOT / "workflow/lds/runner.py").read_text(encoding="utf-8")
    assert set(re.findall(r"\bsocket\.(\w+)", runner)) == {"gethostname"}


def test_no_module_is_imported_by_a_name_that_could_be_any() -> None:
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        assert "__import__" not in text, name(path)
        for argument in re.findall(r"import_module\(\s*(.{6})", text):
            assert argument in ('f"lds.', 'f"{__n'), name(path)  # ours, by its whole or own name


def test_no_command_and_no_query_names_an_address() -> None:
    remote = re.compile(r"\b(curl|wget|rsync|scp)\b|\b(install|load)\s+\w+;|(https?|s3)://")
    files = [*(ROOT / "rules").glob("*.smk"), *(ROOT / "workflow/sql").rglob("*.sql")]
    assert len(files) > 20
    assert [name(each) for each in files if remote.search(each.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("function", ["read_csv", "read_parquet", "read_text"])
def test_the_database_reads_no_address(function: str) -> None:
    with serving() as server, connect() as con:
        with pytest.raises(duckdb.Error, match="requires the extension httpfs"):
            con.sql(f"select * from {function}('{server.url('good')}')").fetchall()
        assert server.requests == []
        settings = query(
            con, "select name, value from duckdb_settings() where name like 'auto%known_extensions'"
        )
    assert dict(settings.rows()) == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def test_a_raw_file_is_never_an_address() -> None:
    raw = read_yaml(ROOT / "config.yaml")
    with serving() as server:
        raw["sources"]["google_mobility"]["path"] = server.url("good")
        with pytest.raises(ConfigError, match="names a file that is not there"):
            check_config(raw, Register.load(), ROOT)
        assert server.requests == []
