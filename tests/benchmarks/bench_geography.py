"""Time and memory of conversions from Parquet to Parquet, beside DuckDB's own read and write.

``python tests/benchmarks/bench_geography.py [ROWS]`` makes a file of 50 million rows (LAD, date,
value) in a temporary folder and, each in a process of its own, copies it with
DuckDB alone, converts it added up by LAD and date, and converts it row by row. It prints seconds,
peak memory and the ratio to the copy (the best of three runs each). Targets: added up 1.0, row by
row 2.0, memory under 4 GiB.
The days are as many as the COVID-19 dashboard had (1,413), so that a code and day have some
hundred rows. On a busy machine look at the ratio of processor time.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import duckdb
from measure import measure

from lds.database import connect, load_frame
from lds.geography import Register
from lds.geography.conversion.streaming import convert_file, convert_rows

ROWS = 50_000_000
RUNS = 3
FROM, TO = date(2018, 4, 1), date(2023, 4, 1)


def make_file(path: Path, rows: int) -> None:
    """Write `rows` rows of LADs of 2018, 1,413 days and small counts, in no order."""
    with connect() as con:
        load_frame(con, "lads", Register.load().live_on(FROM).select("code"))
        con.execute("create table numbered as select row_number() over () - 1 as n, code from lads")
        con.execute(
            "copy (select code as from_code, date '2020-01-30' + cast(hash(i) % 1413 as integer)"
            " as date, cast(hash(i + 1) % 100 as bigint) as value from range(?) as r(i)"
            " inner join numbered on numbered.n = hash(i + 2) % 326)"
            f" to '{path}' (format parquet, compression zstd)",
            [rows],
        )


def copy(path: Path, target: Path) -> None:
    """Read and write the file with DuckDB and nothing else."""
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute(
            f"copy (select * from read_parquet('{path}')) to '{target}'"
            " (format parquet, compression zstd)"
        )


def added_up(path: Path, target: Path) -> None:
    """Add the records up by LAD and date of the later vintage."""
    convert_file(path, target, Register.load(), to=TO, kind="count", records=True, absent="zero")


def row_by_row(path: Path, target: Path) -> None:
    """Give every row its LAD of the later vintage."""
    convert_rows(path, target, Register.load(), to=TO)


def main() -> None:
    """Measure and print one line for each kind of work."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "rows.parquet", Path(folder) / "out.parquet"
        make_file(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB")
        floor: tuple[float, float] | None = None
        for work in (copy, added_up, row_by_row):
            measured = [measure(work, path, target) for _ in range(RUNS)]
            seconds, busy, memory = (
                pick(values)
                for pick, values in zip((min, min, max), zip(*measured, strict=True), strict=True)
            )
            floor = floor or (seconds, busy)
            print(
                f"{work.__name__:<11} {seconds:6.2f} s, {seconds / floor[0]:5.2f} of the copy;"
                f" processor {busy:6.2f} s, {busy / floor[1]:5.2f}; {memory:5.2f} GiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
