"""Putting a folder out of reach: the process gives up the right to read it, for good.

Linux lets a process do so since 5.13 (Landlock), whoever its user is and in whatever language its
libraries are written. Where that is not to be had, nothing changes.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_READ_FILE = 1 << 2
_PATH_BENEATH = 1
_DONE = "LDS_OUT_OF_REACH"
"""Set once it is done: the folder for temporary files, or nothing where the usual one serves."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def put_out_of_reach(folder: Path) -> None:
    """Start this program again as a process that cannot read any file below `folder`.

    Again, because only threads that begin later are bound, and libraries begin theirs when they are
    imported. Does nothing where the folder does not exist, the system cannot do it, or it is done.
    """
    if _DONE in os.environ:
        if os.environ[_DONE]:
            atexit.register(shutil.rmtree, os.environ[_DONE], ignore_errors=True)
        return
    target = folder.resolve()
    if not target.is_dir() or not sys.platform.startswith("linux"):
        return
    # What is made beside an ancestor of the folder from now on could not be read either.
    own = Path(tempfile.gettempdir()).resolve() in target.parents
    room = tempfile.mkdtemp(prefix=".proof-", dir=target.parent) if own else ""
    if not _restrict(target):
        shutil.rmtree(room, ignore_errors=True)
        return
    environment = {**os.environ, _DONE: room, **({"TMPDIR": room} if room else {})}
    os.execve(sys.executable, sys.orig_argv, environment)


def _restrict(folder: Path) -> bool:
    """Give up the right to read files, but for those that are not below `folder`."""
    system = ctypes.CDLL(None, use_errno=True)
    wanted = _Ruleset(_READ_FILE)
    ruleset = system.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.sizeof(wanted), 0)
    if ruleset < 0:
        return False
    try:
        for path in _all_but(folder):
            try:
                handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            rule = _Rule(_READ_FILE, handle)
            system.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
            os.close(handle)
        bound = system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        return bool(bound and system.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _all_but(folder: Path) -> Iterator[Path]:
    """Yield what stands beside the folder and beside each folder that it lies in."""
    for inner in (folder, *folder.parents):
        if inner.parent != inner:
            # A link may lead to one of those folders; where it leads elsewhere, that has its turn.
            yield from (
                each for each in inner.parent.iterdir() if each != inner and not each.is_symlink()
            )
