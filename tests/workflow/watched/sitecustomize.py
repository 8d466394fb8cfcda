"""With this folder on PYTHONPATH every interpreter puts connections on record and refuses them.

Python reads this file when it starts. The variable names the record; without it nothing happens.
Connections inside the machine (Unix sockets, loopback) are let through.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

RECORD = os.environ.get("LDS_TEST_CONNECTIONS")
WATCHED = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}


def local(host: object) -> bool:
    """Whether a name or address is this machine's own."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def note(line: str) -> None:
    """Add one line to the record, in one write, since many processes share it."""
    assert RECORD
    handle = os.open(RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def watch(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what leaves the machine."""
    if event not in WATCHED:
        return
    place = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
    host = place[0] if isinstance(place, tuple) else place
    if event.endswith(("connect", "sendto")) and not isinstance(place, tuple):
        return  # the path of a Unix socket
    if not local(host):
        note(f"{event} {place}")
        raise PermissionError(f"a test forbids connections: {event} {place}")


if RECORD:
    sys.addaudithook(watch)
    note("watched " + " ".join(sys.orig_argv[1:3]))
