"""Damage to the bytes of a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from random import Random

from fuzz.made_files import zipped

_EXTREMES = [b"\0", b"\xff", b"\x7f", b"\x80", b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f"]
_EXTREMES += [b"\xff" * 8, b"\xff" * 7 + b"\x7f", b"\x01\0\0\0", b"\0\0\0\x80"]


def damaged_bytes(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return bytes after one to four changes at random places."""
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        size = len(data)
        # The ends of files hold what the rest is found by.
        near_end = random.random() < 0.3
        at = max(0, size - random.randrange(1, 600)) if near_end else random.randrange(size + 1)
        change = random.randrange(9)
        if change < 3:
            data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        elif change == 3:
            data = (
                data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
                if at < size
                else data
            )
        elif change == 4:
            extreme = random.choice(_EXTREMES)
            data = data[:at] + extreme + data[at + len(extreme) :]
        elif change == 5:
            data = data[:at] + data[at + random.randrange(1, 40) :]
        elif change == 6:
            start = random.randrange(size + 1)
            data = data[:at] + data[start : start + random.randrange(1, 200)] + data[at:]
        elif change == 7:
            data = data[:at]
        else:
            other = random.choice(others)
            data = data[:at] + other[random.randrange(len(other)) :]
        if not data:
            return b"\0"
    return data


def damaged_archive(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return an archive with one damaged member, so that the archive itself is sound."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice([each for each in sorted(members) if members[each]])
    if random.random() < 0.05:
        del members[name]
    else:
        members[name] = _damaged_xml(members[name], random)
    return zipped(members)


_WORDS = [b'r="', b's="', b't="', b"<v>", b"<c ", b"</row>", b"<row ", b"<si>", b"</t>", b'ref="']
_PUT = [b"XFD1048576", b"A0", b"A99999999999", b"", b"-1", b"99999999999999999999", b"1e309"]
_PUT += [b"ZZZZZZZZ1", b"1048576", b"4294967295", b"&#0;", b"&bad;", b"nan", b'e"', b"s", b"\xff"]


def _damaged_xml(data: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        return damaged_bytes(data, [data], random)
    word = random.choice(_WORDS)
    places = [at for at in range(len(data)) if data.startswith(word, at)]
    if not places:
        return damaged_bytes(data, [data], random)
    at = random.choice(places) + len(word)
    end = min((e for e in (data.find(b'"', at), data.find(b"<", at)) if e >= 0), default=at)
    return data[:at] + random.choice(_PUT) + data[end:]
