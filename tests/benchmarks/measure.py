"""Time and memory of one piece of work, in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path


def measure(
    work: Callable[[Path, Path], None], path: Path, target: Path
) -> tuple[float, float, float]:
    """Return seconds, processor seconds and peak memory (GiB) of `work` in its own process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, path, target))


def _timed(
    work: Callable[[Path, Path], None], path: Path, target: Path
) -> tuple[float, float, float]:
    start, busy = time.perf_counter(), time.process_time()
    work(path, target)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
