"""Time and memory of the disclosure gate at full size, and of one table.

``python tests/benchmarks/bench_disclosure.py [DISTRICTS [WEEKS]]`` makes the indicators of all
topics with secure sources for 326 districts, nine regions, England and three custom areas, over 52
weeks (see `made_system`), and lets the gate decide on them in a process of its own. It prints the
number of rows and cells; the seconds of primary checks, secondary suppression and audit; the peak
memory of the process and of those that it starts; and how many cells each tier of the audit
decided. A gate that takes longer than half an hour is stopped, and what it did so far is printed.
First comes the median time of one table of 309 districts by 5 groups. Targets on 2 cores: primary
under 30 s, secondary and audit under 5 minutes, under 4 GiB; the table under 0.5 s.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

import polars as pl
import psutil

from lds.contracts import load_table_contract
from lds.disclosure import gate, protection, suppression
from lds.disclosure.gate import SourceRules, decide
from lds.disclosure.profiles import load_profile
from lds.disclosure.protection import AreaTree
from lds.disclosure.tables import protect_table

DISTRICTS, WEEKS = 326, 52
PRIMARY, PROTECTION, GIB, TABLE = 30.0, 300.0, 4.0, 0.5
"""Targets: seconds, seconds, GiB, seconds."""
LIMIT = 1800.0
"""Seconds after which the gate is stopped."""
SPENT, TOLD = "spent.json", "told.json"
RUNS = 5
STAGES: dict[str, tuple[tuple[ModuleType, str], ...]] = {
    "primary": (
        (gate, "check_rows"),
        (gate, "shown_cells"),
        (gate, "check_cells"),
    ),
    "sums": ((protection, "build"), (protection, "largest_share")),
    "secondary": ((suppression, "choose"), (suppression, "further")),
    "audit": ((suppression, "audit"),),
}
"""The functions that each stage consists of; what is in none of them is the rest."""


def watched(
    spent: Counter[str], stage: str, work: Callable[..., Any], note: Path
) -> Callable[..., Any]:
    """Return a function that adds its seconds to those of a stage, and notes all of them."""

    def timed(*args: Any, **keywords: Any) -> Any:
        start = time.perf_counter()
        try:
            return work(*args, **keywords)
        finally:
            spent[stage] += time.perf_counter() - start
            note.write_text(json.dumps(spent), encoding="utf-8")

    return timed


def run_make(folder: Path, districts: int, weeks: int) -> None:
    """Make the system, and write it into `folder`."""
    from benchmarks.made_system import made_system

    system = made_system(districts, weeks)
    for topic, table in system.tables.items():
        table.write_parquet(folder / f"{topic}.parquet")
    areas = {"parents": system.areas.parents, "groups": system.areas.groups}
    (folder / "areas.json").write_text(json.dumps(areas), encoding="utf-8")


def run_gate(folder: Path) -> None:
    """Decide on the system in `folder`, and write what it took."""
    from benchmarks.made_system import ENTRIES

    spent: Counter[str] = Counter()
    for stage, functions in STAGES.items():
        for module, name in functions:
            work = getattr(module, name)
            setattr(module, name, watched(spent, stage, work, folder / SPENT))
    areas = json.loads((folder / "areas.json").read_text(encoding="utf-8"))
    tables = {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    rules = SourceRules(source="made_up", access="secure", profile=load_profile("ons_srs"))
    start = time.perf_counter()
    result = decide(
        tables,
        dict.fromkeys(tables, (rules,)),
        load_table_contract("indicators"),
        topics=ENTRIES,
        areas=AreaTree(
            parents=areas["parents"],
            groups={code: tuple(members) for code, members in areas["groups"].items()},
        ),
    )
    took = time.perf_counter() - start
    told = {
        "rows": result.rows.height,
        "released": int((result.rows["status"] == "released").sum()),
        "statuses": dict(result.cells.group_by("status").len().sort("status").iter_rows()),
        "audit": result.audit,
        "seconds": {**spent, "rest": took - spent.total(), "all": took},
    }
    (folder / TOLD).write_text(json.dumps(told), encoding="utf-8")


def peak_memory(command: list[str]) -> float:
    """Run a command, for `LIMIT` at most; return the largest memory of it and all that it starts.

    Returns
    -------
    GiB, of all processes together.
    """
    process, start, peak = psutil.Popen(command), time.monotonic(), 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(each.memory_info().rss for each in family))
            if time.monotonic() - start > LIMIT:
                for each in family:
                    each.kill()
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.1)
    if process.returncode and time.monotonic() - start < LIMIT:
        raise SystemExit(process.returncode)
    return peak / 2**30


def print_system(districts: int, weeks: int) -> None:
    """Measure the gate at full size, and print what it took."""
    with tempfile.TemporaryDirectory(prefix="lds_bench_") as name:
        folder = Path(name)
        this = [sys.executable, __file__]
        subprocess.run([*this, "make", name, str(districts), str(weeks)], check=True)
        gib = peak_memory([*this, "gate", name])
        done = (folder / TOLD).is_file()
        told = json.loads((folder / (TOLD if done else SPENT)).read_text(encoding="utf-8"))
    seconds = told["seconds"] if done else {**told, "all": LIMIT}
    print(f"{districts} districts, {weeks} weeks")
    if done:
        _print_cells(told)
    else:
        print(f"  STOPPED after {LIMIT:.0f} s; in each stage so far, whole calls only:")
    print("  seconds: " + ", ".join(f"{stage} {took:.1f}" for stage, took in seconds.items()))
    protecting = sum(seconds.get(stage, 0.0) for stage in ("sums", "secondary", "audit"))
    for what, measured, target, unit in (
        ("primary", seconds.get("primary", 0.0), PRIMARY, "s"),
        ("secondary and audit", protecting if done else math.inf, PROTECTION, "s"),
        ("memory", gib, GIB, "GiB"),
    ):
        _verdict(what, measured, target, unit)


def _print_cells(told: dict[str, Any]) -> None:
    audit = told["audit"]
    print(
        f"  {told['rows']:,} rows, {audit['cells']:,} cells with what is left of wholes,"
        f" {audit['relations']:,} sums"
    )
    for each in audit["quantities"]:
        print(
            f"  {each['quantity']:14s} {each['space']:12s} {each['cells']:10,} cells"
            f" {each['relations']:10,} sums, {each['rounds']} rounds"
        )
    shown = sum(count for status, count in told["statuses"].items() if status != "implied")
    print(
        "  cells that rows show: "
        + ", ".join(
            f"{status} {count:,} ({count / shown:.1%})"
            for status, count in told["statuses"].items()
            if status != "implied"
        )
        + f"; rows released {told['released']:,} ({told['released'] / told['rows']:.1%})"
    )
    print("  audited: " + ", ".join(f"{tier} {n:,}" for tier, n in audit["tiers"].items()))


def print_table() -> None:
    """Measure one table, and print the time."""
    from benchmarks.made_tables import single_table

    made, profile = single_table(), load_profile("ons_srs")
    took = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        protected = protect_table(made.table, made.dimensions, profile)
        took.append(time.perf_counter() - start)
    withheld = protected.group_by("status").len().sort("status")
    counts = ", ".join(f"{status} {count}" for status, count in withheld.iter_rows())
    print(f"{made.name}: {counts}; first {took[0]:.3f} s")
    _verdict(f"one table, median of {RUNS}", statistics.median(took[1:]), TABLE, "s")


def _verdict(what: str, measured: float, target: float, unit: str) -> None:
    met = "met" if measured < target else "NOT met"
    print(f"  {what}: {measured:.2f} {unit}, target under {target:g} {unit}: {met}", flush=True)


def main() -> None:
    """Measure both; or, as a process of its own, do one step."""
    match sys.argv[1:]:
        case ["make", folder, districts, weeks]:
            run_make(Path(folder), int(districts), int(weeks))
        case ["gate", folder]:
            run_gate(Path(folder))
        case sizes:
            numbers = [int(each) for each in sizes]
            print_table()
            print_system(*(*numbers, *(DISTRICTS, WEEKS)[len(numbers) :]))


if __name__ == "__main__":
    main()
