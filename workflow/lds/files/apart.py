"""Work in a process of its own, where a file that brings a library down takes nothing else along.

Some damage makes a library ask for more memory than there is, or stop the process: no exception
says so. Here that ends the other process, and gives an error for users.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import TypeVar, cast

from lds.errors import SourceError

SECONDS = 1_800
"""Time that the work on one file may take: a hundred times that of the largest file known."""
MEMORY = 8 << 30
"""Bytes that the other process may ask for."""

T = TypeVar("T")


def apart(work: Callable[..., T], *arguments: object, shown: Path, seconds: float = SECONDS) -> T:
    """Return what a function of the package returns, called in another process.

    Parameters
    ----------
    arguments : what it is called with; they and the result must be picklable.
    shown : the file that the message names when the other process does not answer.

    Raises
    ------
    SourceError : that of the function; or the process was brought down, by its memory or time or
        by a library. What libraries print is dropped: it may quote values.
    """
    (result,) = _answers(work, arguments, shown, seconds)
    return cast(T, result)


def each_apart(
    work: Callable[..., Iterator[T]], *arguments: object, shown: Path, seconds: float = SECONDS
) -> Generator[T]:
    """Yield what a generator of the package yields in another process, one result at a time.

    Parameters and errors are those of `apart`. The other process is at most one result ahead; it
    ends with the iterator, or when that is closed.
    """
    with contextlib.closing(_answers(work, arguments, shown, seconds)) as results:
        for result in results:
            yield cast(T, result)


def _answers(
    work: Callable[..., object], arguments: tuple[object, ...], shown: Path, seconds: float
) -> Generator[object]:
    module = work.__module__.removeprefix("lds.")
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import answer; answer()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin
    assert process.stdout
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True  # An iterator that nobody closed shall not keep a command from ending.
    timer.start()
    try:
        with contextlib.suppress(BrokenPipeError), process.stdin as questions:
            pickle.dump((module, work.__qualname__, arguments), questions)
        # An answer that breaks off is that of a process which was brought down.
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while (answered := pickle.load(process.stdout)) is not None:
                fault, result = answered
                if fault is not None:
                    raise SourceError(**fault)
                yield result
            return
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        process.wait()
    raise SourceError(
        "A raw file cannot be read: it needs more memory or time than any table, or stops the"
        " library that reads it.",
        where=str(shown),
        remedy="It may be damaged, or have a cell far from its table. Get it again; or open it and"
        " save the table alone, best as CSV (UTF-8).",
    )


def answer() -> None:
    """Do the work that the standard input asks for, and write its results to standard output.

    Behind the last of them stands None.
    """
    with contextlib.suppress(ImportError):  # There is none on Windows.
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        memory = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        # What a library prints must not come between.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        module, name, arguments = pickle.load(sys.stdin.buffer)

        def send(message: object) -> None:
            pickle.dump(message, out, protocol=pickle.HIGHEST_PROTOCOL)
            out.flush()

        try:
            result = getattr(import_module(f"lds.{module}"), name)(*arguments)
            for each in result if isinstance(result, Iterator) else (result,):
                send((None, each))
                del each
            send(None)
        except SourceError as error:
            keys = ("what", "where", "values", "remedy")
            send(({key: getattr(error, key) for key in keys}, None))
