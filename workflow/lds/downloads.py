"""Downloads: one file from its address, checked, and resumed where it stopped.

The only module of the package that opens a connection; a test holds every other one to that.

The library pooch names, checks and caches downloads, but starts each in a temporary file of its
own and removes that on every failure: a partial file would have to be kept behind its back, and
one comparison of checksums would be left for it to do. Snakemake's HTTP storage neither resumes
nor checks. So this is `requests` and the rules of HTTP for ranges (RFC 9110, section 14).

Beside ``<file>`` there may be ``<file>.part`` (what has come so far), ``<file>.part.json`` (which
address and checksum it belongs to) and ``<file>.refused`` (what came with another checksum).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.utils import get_environ_proxies

from lds.errors import LdsError, SourceError
from lds.io import read_json, sha256, write_json

CHUNK_BYTES = 16 * 1024
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""
_RANGE = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<total>\d+|\*)")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file as it must arrive: its address, its SHA-256 and its length in bytes."""

    url: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait, in seconds, and how often to ask.

    Attributes
    ----------
    connect, read : for a connection; for the next bytes of an answer.
    attempts : requests for one file, the first included.
    pause : before the second request; doubled before each one after it.
    """

    connect: float = 20.0
    read: float = 60.0
    attempts: int = 5
    pause: float = 2.0


class _PassingFault(Exception):
    """What another request may cure."""


def say_now(line: str) -> None:
    """Print a line at once, so that the log shows how far a download is."""
    print(line, flush=True)


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that goes with `path`: its name and one more ending."""
    return path.with_name(path.name + ending)


def fetch_file(
    wanted: Wanted,
    path: Path,
    patience: Patience | None = None,
    say: Callable[[str], None] = say_now,
) -> None:
    """Download a file unless it is there; it gets its name once its checksum agrees.

    What came before an interruption is kept in ``<file>.part``, and only the rest is asked for.

    Raises
    ------
    SourceError : the address has no such file, does not answer after every attempt, or has a file
        with another length or checksum (which is set aside as ``<file>.refused``); or the file
        cannot be written.
    """
    patience = patience or Patience()
    if path.is_file():
        if sha256(path) == wanted.sha256:
            say(f"{path} is there and has its checksum.")
            return
        say(f"{path} has not the registered checksum; it is fetched again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(wanted, path, patience, say)
    except OSError as error:
        raise SourceError(
            f"A download could not be written ({error.strerror}).",
            where=str(path),
            remedy="Make room or allow writing there; the next run goes on where this one stopped.",
        ) from None
    for ending in (".part.json", ".refused"):
        beside(path, ending).unlink(missing_ok=True)
    say(f"{path} is complete and has its checksum.")


def _fetch(wanted: Wanted, path: Path, patience: Patience, say: Callable[[str], None]) -> None:
    part = beside(path, ".part")
    with _session() as session:
        for attempt in range(1, patience.attempts + 1):
            try:
                kept = _receive(session, wanted, part, patience, say)
                found = sha256(part)
                if found == wanted.sha256:
                    part.replace(path)
                    return
                if not kept or attempt == patience.attempts:
                    raise _refused(wanted, path, found)
                _discard(part)
                raise _PassingFault("the parts do not make up the registered file")
            except _PassingFault as fault:
                if attempt == patience.attempts:
                    raise _given_up(wanted, part, patience, str(fault)) from None
                pause = patience.pause * 2 ** (attempt - 1)
                say(f"Request {attempt} of {patience.attempts}: {fault}; next in {pause:g} s.")
                time.sleep(pause)


def _session() -> requests.Session:
    session = requests.Session()
    # Else requests would send what ~/.netrc holds for a host, even one that a redirect leads to.
    session.trust_env = False
    session.max_redirects = 5
    return session


def _receive(
    session: requests.Session,
    wanted: Wanted,
    part: Path,
    patience: Patience,
    say: Callable[[str], None],
) -> int:
    """Bring the partial file to its full length; return how many of its bytes were there before."""
    kept, etag = _kept(part, wanted)
    if kept == wanted.size:
        return kept
    # Lengths and ranges are those of the file itself, so it must not be compressed on the way.
    headers = {"Accept-Encoding": "identity"}
    if kept:
        say(f"{kept:,} of {wanted.size:,} bytes are there; asking for the rest.")
        headers["Range"] = f"bytes={kept}-"
        if etag:
            headers["If-Range"] = etag
    try:
        with session.get(
            wanted.url,
            headers=headers,
            stream=True,
            timeout=(patience.connect, patience.read),
            proxies=get_environ_proxies(wanted.url),
            verify=os.environ.get("REQUESTS_CA_BUNDLE") or True,
        ) as reply:
            kept = _accept(reply, wanted, part, kept)
            _write(reply, wanted, part, kept, say)
    except requests.RequestException as error:
        raise _fault(error, wanted, patience) from None
    length = part.stat().st_size
    if length < wanted.size:
        raise _PassingFault(f"the connection ended after {length:,} of {wanted.size:,} bytes")
    return kept


def _kept(part: Path, wanted: Wanted) -> tuple[int, str | None]:
    """Return how much of a partial file can be used, and its ETag; remove one that cannot."""
    record = beside(part, ".json")
    try:
        of: dict[str, Any] = read_json(record) if record.is_file() else {}
    except LdsError:
        of = {}
    same = (of.get("url"), of.get("sha256")) == (wanted.url, wanted.sha256)
    if same and part.is_file() and part.stat().st_size <= wanted.size:
        return part.stat().st_size, of.get("etag")
    _discard(part)
    return 0, None


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    beside(part, ".json").unlink(missing_ok=True)


def _accept(reply: requests.Response, wanted: Wanted, part: Path, kept: int) -> int:
    """Return at which byte an answer goes on; the partial file is cut and put on record for it."""
    status = reply.status_code
    if status in TRANSIENT:
        raise _PassingFault(f"the server answered {status}")
    if status == 416:
        _discard(part)
        raise _PassingFault("the server has no more than is there, so the file is another one")
    if status not in (200, 206):
        raise SourceError(
            f"The registered address has no such file (the server answered {status}).",
            where=wanted.url,
            remedy="Find where the publisher keeps the file now, and correct its entry in the"
            " register of downloads.",
        )
    if reply.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceError("The server compressed the file, unasked.", where=wanted.url)
    total: str | None = reply.headers.get("Content-Length")
    start = 0
    if status == 206:
        given = _RANGE.fullmatch(reply.headers.get("Content-Range", ""))
        if given is None or int(given["start"]) != kept:
            _discard(part)
            raise _PassingFault("the server sent another part than was asked for")
        start, total = kept, given["total"]
    if total is not None and total != "*" and int(total) != wanted.size:
        raise SourceError(
            f"The address has a file of {int(total):,} bytes; {wanted.size:,} are registered.",
            where=wanted.url,
            remedy=_REVISED,
        )
    if start == 0:
        _discard(part)
    etag = reply.headers.get("ETag")
    # A weak ETag does not promise the same bytes, which is what a range needs.
    strong = etag if etag and not etag.startswith("W/") else None
    write_json(beside(part, ".json"), {"url": wanted.url, "sha256": wanted.sha256, "etag": strong})
    return start


def _write(
    reply: requests.Response, wanted: Wanted, part: Path, kept: int, say: Callable[[str], None]
) -> None:
    """Append an answer to the partial file, each piece at once; tell every tenth."""
    received, told = kept, kept * 10 // wanted.size
    # Unbuffered: what has come is on the disk whenever the process is killed.
    with part.open("ab", buffering=0) as handle:
        for chunk in reply.iter_content(CHUNK_BYTES):
            received += len(chunk)
            if received > wanted.size:
                _discard(part)
                raise SourceError(
                    f"The server sent more than the {wanted.size:,} bytes that are registered.",
                    where=wanted.url,
                    remedy=_REVISED,
                )
            handle.write(chunk)
            if received * 10 // wanted.size > told:
                told = received * 10 // wanted.size
                say(f"{received:,} of {wanted.size:,} bytes ({told * 10}%)")


_REVISED = (
    "If the publisher has revised the file and you accept the revision, correct sha256 and bytes"
    " of its entry in the register of downloads; otherwise find the registered edition."
)
_LATER = "Run the same command again later: it asks only for what is missing."


def _fault(error: requests.RequestException, wanted: Wanted, patience: Patience) -> Exception:
    """Return what an exception of the library means; its own words may quote other addresses."""
    if isinstance(error, requests.exceptions.SSLError):
        return SourceError(
            "The server's certificate is not trusted.",
            where=wanted.url,
            remedy="Behind a proxy with a certificate of its own, name that certificate's file in"
            " the variable REQUESTS_CA_BUNDLE.",
        )
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return _PassingFault(f"no answer within {patience.connect:g} or {patience.read:g} s")
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _PassingFault("the connection failed or broke off")
    return SourceError(
        f"The registered address cannot be asked ({type(error).__name__}).",
        where=wanted.url,
        remedy="Correct the entry in the register of downloads.",
    )


def _refused(wanted: Wanted, path: Path, found: str) -> SourceError:
    """Set a complete file with another checksum aside; return what to raise."""
    aside = beside(path, ".refused")
    beside(path, ".part").replace(aside)
    _discard(beside(path, ".part"))
    return SourceError(
        f"A download has another checksum than is registered.\n"
        f"  expected: sha256 {wanted.sha256}\n"
        f"  found:    sha256 {found}",
        where=f"{wanted.url}; what came is set aside in {aside}",
        remedy=_REVISED,
    )


def _given_up(wanted: Wanted, part: Path, patience: Patience, fault: str) -> SourceError:
    length = part.stat().st_size if part.is_file() else 0
    return SourceError(
        f"A download failed after {patience.attempts} requests: {fault}.",
        where=f"{wanted.url}; {length:,} of {wanted.size:,} bytes are in {part}",
        remedy=_LATER,
    )
