"""A pack as an archive: nothing in it beside its members, and nothing hidden between them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

from lds.reports.packs import EPOCH

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL_SIZE = 46
_END_SIZE = 22
_ATTRIBUTES = 0o644 << 16
_UNIX = 3
_NAMED_IN_UTF8 = 0x800


def archive_problems(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield place, fault and content of whatever an archive has beside plain members.

    Comments, extra fields (of both headers), times other than that of every pack, other attributes,
    flags or versions, names that stand twice, encrypted or stored members, and bytes that belong to
    no member.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.comment:
            yield "comment of the archive", "packs have none", repr(archive.comment)
        members = archive.infolist()
        names: set[str] = set()
        for place, member in enumerate(members, 1):
            if member.filename in names:
                yield f"member {place}", "has the name of another", member.filename
            names.add(member.filename)
            yield from _of_member(place, member, content)
        known = _END_SIZE + len(archive.comment)
        for member in members:
            _, name, extra = _local(member, content)
            known += _LOCAL.size + len(name) + len(extra) + member.compress_size
            known += _CENTRAL_SIZE + len(name) + len(member.extra) + len(member.comment)
    if known != len(content):
        yield "between the members", "bytes that belong to no member", ""


def _local(member: zipfile.ZipInfo, content: bytes) -> tuple[tuple[int, ...], bytes, bytes]:
    """Return the numbers of a member's own header, its name there, and its extra field."""
    at = member.header_offset
    _, *numbers, name, extra = _LOCAL.unpack(content[at : at + _LOCAL.size])
    start = at + _LOCAL.size
    return (
        tuple(numbers),
        content[start : start + name],
        content[start + name : start + name + extra],
    )


def _of_member(
    place: int, member: zipfile.ZipInfo, content: bytes
) -> Iterator[tuple[str, str, str]]:
    where = f"member {place}"
    numbers, name, extra = _local(member, content)
    if member.comment:
        yield f"comment of {where}", "members have none", repr(member.comment)
    if member.extra or extra:
        yield f"extra field of {where}", "members have none", repr(member.extra or extra)
    if member.date_time != EPOCH:
        yield f"time of {where}", "packs carry no clock", repr(member.date_time)
    if member.external_attr != _ATTRIBUTES or member.internal_attr:
        yield f"attributes of {where}", "not those of every member", ""
    odd = (
        member.create_system != _UNIX
        or member.flag_bits & ~_NAMED_IN_UTF8
        or member.compress_type != zipfile.ZIP_DEFLATED
        or member.reserved
        or member.volume
        or (member.create_version, member.extract_version) != (20, 20)
    )
    if odd:
        yield f"flags of {where}", "not those of every member", ""
    _, flags, method, _, _, crc, packed, size = numbers
    same = (member.flag_bits, member.compress_type, member.CRC)
    if (flags, method, crc) != same or (packed, size) != (member.compress_size, member.file_size):
        yield f"header of {where}", "says something else than the archive's list", ""
    if name != member.orig_filename.encode():
        yield f"name of {where}", "says something else than the archive's list", ""
