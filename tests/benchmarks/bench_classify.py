"""Time to classify a CSV of a million rows, beside DuckDB reading the same file.

``python tests/benchmarks/bench_classify.py [ROWS]`` makes the file in a temporary folder: a LAD
code, a date, two numbers, a name and a label in each row. The target is 2 seconds on 2 cores, and
half a second for ``import lds.geography``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "workflow"))

import polars as pl  # noqa: E402

from lds.database import connect  # noqa: E402
from lds.geography import Register  # noqa: E402
from lds.geography.classification.table_vintage import classify  # noqa: E402

ROWS = 1_000_000
RUNS = 5


def make_csv(path: Path, register: Register, rows: int) -> None:
    """Write codes of 2019 in a fixed order, with dates of two years."""
    live = register.live_on(register.complete_from.replace(year=2020))
    place = pl.int_range(rows, eager=True)
    pl.DataFrame(
        {
            "area_code": live["code"].gather(place % live.height),
            "date": pl.select(
                pl.date(2020, 1, 1) + pl.duration(days=place // live.height % 731)
            ).to_series(),
            "cases": place * 7919 % 1000,
            "rate": (place * 31 % 9973) / 9973,
            "area_name": live["name"].gather(place % live.height),
            "label": pl.Series(["LAD19"]).gather(place * 0),
        }
    ).write_csv(path)


def seconds(task: Callable[[], object]) -> tuple[float, float]:
    """Return the median and the shortest of several runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times), min(times)


def read_with_duckdb(path: Path) -> None:
    """Read the whole file into a table of text, with DuckDB's own detection."""
    with connect() as con:
        con.read_csv(str(path), all_varchar=True).create("t")


def import_package() -> None:
    """Import the package in a new interpreter."""
    subprocess.run(
        [sys.executable, "-c", "import lds.geography"],
        env={"PYTHONPATH": str(PROJECT / "workflow")},
        check=True,
    )


def main() -> None:
    """Measure, and print one line for each task."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    register = Register.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        make_csv(path, register, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB; median and best of {RUNS}")
        for label, task in (
            ("DuckDB reads the file", lambda: read_with_duckdb(path)),
            ("classify", lambda: classify(path, register)),
            ("import lds.geography", import_package),
        ):
            median, best = seconds(task)
            print(f"{label:24} {median:5.2f} s {best:5.2f} s")
        print(classify(path, register).sentence())


if __name__ == "__main__":
    main()
