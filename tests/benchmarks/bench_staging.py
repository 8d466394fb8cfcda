"""Time and memory of staging large CSV files, beside DuckDB's own plain CSV to Parquet.

``python tests/benchmarks/bench_staging.py [TESTS [SALES]]`` makes three files in a temporary
folder: 10 million rows of Test and Trace shape, the same with a day that does not exist in every
200th row, and 28 million rows of price paid shape (no header, all fields quoted). Each is read by
DuckDB alone and staged under its contract, in processes of their own. It prints seconds,
processor seconds, peak memory and the ratio to DuckDB alone. Targets: tests 2.5 and under 3 GiB;
sales in under 120 seconds. On a busy machine look at the ratio of processor time.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import duckdb
from measure import measure

from lds.database import connect, literal
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import stage

TESTS, SALES = 10_000_000, 28_000_000


def _any_of(source: str, column: str, seed: int) -> str:
    """Return SQL for one of the values of a column, or a blank."""
    columns = {each.name: each for each in load_contract(contract_path(source)).columns}
    return _one_of([*(value for value, _ in columns[column].values), ""], seed)


def _one_of(values: Sequence[str], seed: int) -> str:
    listed = ", ".join(map(literal, values))
    return f"([{listed}])[1 + (hash(i + {seed}) % {len(values)})::int]"


def make_tests(path: Path, rows: int, *, broken: bool) -> None:
    """Write a CSV file of Test and Trace shape."""
    day = "strftime(date '2020-05-28' + (hash(i + 1) % 600)::int, '%d/%m/%Y')"
    if broken:
        day = f"case when i % 200 = 7 then '31/02/2021' else {day} end"
    with connect() as con:
        con.execute(f"""
            copy (
                select printf('P%09d', (hash(i) % {rows})::bigint) as person_id,
                    {day} as appointmentdate,
                    printf('E0%d%06d', 6 + (hash(i + 2) % 4)::int, 1 + (hash(i + 3) % 60)::int)
                        as "LA_CODE",
                    printf('E01%06d', 1 + (hash(i + 4) % 33000)::int) as "LSOA11CD",
                    {_any_of("test_and_trace", "sex", 5)} as "Gender",
                    {_any_of("test_and_trace", "age_band", 6)} as "Age",
                    {_any_of("test_and_trace", "ethnic_group", 7)} as "Ethnicity",
                    {_any_of("test_and_trace", "result", 8)} as result
                from range({rows}) r(i)
            ) to {literal(str(path))} (format csv, header)
            """)


def make_sales(path: Path, rows: int) -> None:
    """Write a CSV file of price paid shape."""
    town = _one_of(["READING", "LEICESTER", "NEWCASTLE UPON TYNE", "LONDON"], 9)
    with connect() as con:
        con.execute(f"""
            copy (
                select '{{' || upper(uuid()::varchar) || '}}', (50000 + hash(i) % 900000)::varchar,
                    strftime(date '1995-01-01' + (hash(i + 1) % 10000)::int, '%Y-%m-%d 00:00'),
                    printf('LE%d %dAB', 1 + (hash(i + 2) % 19)::int, 1 + (hash(i + 3) % 9)::int),
                    {_one_of("DSTFO", 4)}, {_one_of("YN", 5)}, {_one_of("FL", 6)},
                    (1 + hash(i + 7) % 200)::varchar, '',
                    {_one_of(["HIGH STREET", "STATION ROAD", "CHURCH LANE"], 8)}, '',
                    {town}, {town}, {town}, 'A', 'A'
                from range({rows}) r(i)
            ) to {literal(str(path))} (format csv, header false, force_quote *)
            """)


def copy(path: Path, target: Path) -> None:
    """Read the file and write it as Parquet with DuckDB and nothing else."""
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute(
            f"copy (select * from read_csv({literal(str(path))}))"
            f" to {literal(str(target))} (format parquet, compression zstd)"
        )


def stage_tests(path: Path, target: Path) -> None:
    """Stage the file of tests."""
    stage(path, load_contract(contract_path("test_and_trace")), None, target)


def stage_sales(path: Path, target: Path) -> None:
    """Stage the file of sales."""
    stage(path, load_contract(contract_path("price_paid")), None, target)


def main() -> None:
    """Make the files, measure, print."""
    numbers = [int(each) for each in sys.argv[1:3]]
    tests, sales = (*numbers, *(TESTS, SALES)[len(numbers) :])
    with tempfile.TemporaryDirectory(prefix="lds_bench_") as folder:
        raw, target = Path(folder) / "pp-complete.csv", Path(folder) / "made.parquet"
        for title, make, work in (
            (f"{tests:,} tests", lambda: make_tests(raw, tests, broken=False), stage_tests),
            (f"{tests:,} tests, 0.5 % rejected", lambda: make_tests(raw, tests, broken=True),
             stage_tests),
            (f"{sales:,} sales", lambda: make_sales(raw, sales), stage_sales),
        ):  # fmt: skip
            make()
            print(f"{title}, {raw.stat().st_size / 2**20:,.0f} MiB", flush=True)
            alone = measure(copy, raw, target)
            staged = measure(work, raw, target)
            for name, each in (("DuckDB alone", alone), ("staged", staged)):
                print(
                    f"  {name:12s} {each[0]:7.1f} s, {each[0] / alone[0]:5.2f}; processor"
                    f" {each[1]:7.1f} s, {each[1] / alone[1]:5.2f}; {each[2]:5.2f} GiB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
