"""A local HTTP server whose addresses fail in the ways that addresses fail."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from lds.downloads import CHUNK_BYTES

CONTENT = b"".join(b"%07d,a value of the row\n" % row for row in range(8_000))
"""What the files hold: 216 kB, so that it comes in many pieces."""
HALF = 6 * CHUNK_BYTES
"""Where answers break off: whole pieces, because the last one that is not whole is not kept."""
ETAG = '"first-edition"'


class Request(NamedTuple):
    """One request as the server saw it."""

    name: str
    range: str | None
    if_range: str | None


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        """Answer as the first part of the path says; count the requests for each."""
        name = self.path.split("/")[1]
        log: list[Request] = self.server.requests
        log.append(Request(name, self.headers.get("Range"), self.headers.get("If-Range")))
        self.server.headers.append(dict(self.headers))
        count = Counter(each.name for each in log)[name]
        getattr(self, name)(count)

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def good(self, count: int, content: bytes = CONTENT, etag: str = ETAG, upto: int = -1) -> None:
        """Serve ranges; `upto` ends the answer before that byte of the file, its length unkept."""
        end = len(content) if upto < 0 else upto
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        current = self.headers.get("If-Range") in (None, etag)
        start = int(wanted[1]) if wanted and current else 0
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if start:
            self.head(206, len(content) - start, ETag=etag, Content_Range=span)
        else:
            self.head(200, len(content), ETag=etag)
        self.wfile.write(content[start:end])

    def without_ranges(self, count: int) -> None:
        self.head(200, len(CONTENT))
        self.wfile.write(CONTENT[: HALF if count == 1 else None])

    def without_etag(self, count: int) -> None:
        self.good(count, etag="W/x", upto=HALF if count == 1 else -1)

    def wrong(self, count: int) -> None:
        self.good(count, content=CONTENT[:-2] + b"!\n")

    def shorter(self, count: int) -> None:
        self.good(count, content=CONTENT[:HALF])

    def endless(self, count: int) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT * 2)

    def revised(self, count: int) -> None:
        """The first edition breaks off; the second has another ETag and the same length."""
        if count == 1:
            self.good(count, content=CONTENT.replace(b"value", b"VALUE"), etag='"0"', upto=HALF)
        else:
            self.good(count)

    def revised_silently(self, count: int) -> None:
        """As `revised`, but the server says nothing of it: only the checksum can tell."""
        if count == 1:
            self.good(count, content=CONTENT.replace(b"value", b"VALUE"), upto=HALF)
        else:
            self.good(count)

    def unsatisfiable(self, count: int) -> None:
        if self.headers.get("Range"):
            self.head(416, 0)
        else:
            self.good(count, upto=HALF if count == 1 else -1)

    def other_part(self, count: int) -> None:
        if self.headers.get("Range"):
            self.head(206, HALF, Content_Range=f"bytes 0-{HALF - 1}/{len(CONTENT)}")
            self.wfile.write(CONTENT[:HALF])
        else:
            self.good(count, upto=HALF if count == 1 else -1)

    def truncated(self, count: int) -> None:
        self.good(count, upto=HALF if count == 1 else -1)

    def always_truncated(self, count: int) -> None:
        self.good(count, upto=HALF)

    def slow(self, count: int) -> None:
        """Send half, and the rest when the test lets it."""
        if self.server.released.is_set():
            self.good(count)
        else:
            self.good(count, upto=HALF)
            self.wfile.flush()
            self.server.released.wait(60)

    def silent(self, count: int) -> None:
        self.server.released.wait(60)

    def absent(self, count: int) -> None:
        self.send_error(404)

    def flaky(self, count: int) -> None:
        if count == 1:
            self.send_error(500)
        else:
            self.good(count)

    def moved(self, count: int) -> None:
        self.head(302, 0, Location="/good/file.csv")

    def moved_to_a_file(self, count: int) -> None:
        self.head(302, 0, Location="ftp://127.0.0.1/file.csv")

    def moved_for_ever(self, count: int) -> None:
        self.head(302, 0, Location="/moved_for_ever/file.csv")

    def compressed(self, count: int) -> None:
        self.head(200, len(CONTENT), Content_Encoding="gzip")
        self.wfile.write(CONTENT)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *args: object) -> None:
        """A client that goes away is what the tests want."""


class FileServer:
    """The running server: its addresses, what was asked, and the brake of its slow answers."""

    def __init__(self, server: Any) -> None:
        self.requests: list[Request] = server.requests
        self.headers: list[dict[str, str]] = server.headers
        self.released: threading.Event = server.released
        self._port = server.server_address[1]

    def url(self, name: str) -> str:
        """Return an address that answers as `name` says."""
        return f"http://127.0.0.1:{self._port}/{name}/file.csv"


@contextmanager
def serving() -> Iterator[FileServer]:
    """Run the server in a thread."""
    server: Any = _Server(("127.0.0.1", 0), _Handler)
    server.requests, server.headers, server.released = [], [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield FileServer(server)
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
