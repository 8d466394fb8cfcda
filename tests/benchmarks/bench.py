"""Time and memory of every stage for all England, beside two floors measured in the same run.

``make bench`` copies the project into a temporary folder, runs the three steps of a full run on two
cores there, and prints wall time, CPU time and peak memory of each rule, pages per second and page
size. The floors: Snakemake with the same number of empty jobs, and the chart engine alone. Set
LDS_MOBILITY to the real raw file to measure on real data; otherwise the stand-in is used.
"""

from __future__ import annotations

import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parents[2]
LEFT_OUT = (".git", ".venv", ".snakemake", "results", "demo", "logs", "__pycache__")
CORES = 2
CHARTS = 50

EMPTY = """
rule all:
    input: expand("pages/{i}", i=range(%(jobs)d)), expand("packs/{i}", i=range(%(jobs)d))
rule page:
    output: "pages/{i}"
    shell: "touch {output}"
rule pack:
    input: "pages/{i}"
    output: "packs/{i}"
    shell: "touch {output}"
"""

CHART_FLOOR = """
import json, sys, time
import vl_convert
spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": 700, "height": 280,
        "data": {"values": [{"d": d, "s": s, "v": (d * 7 + s * 13) %% 90} for s in range(3) for d in range(305)]},
        "mark": "line", "encoding": {"x": {"field": "d", "type": "quantitative"},
        "y": {"field": "v", "type": "quantitative"}, "color": {"field": "s", "type": "nominal"}}}
vega = vl_convert.vegalite_to_vega(spec)
vl_convert.vega_to_svg(vega)
start = time.perf_counter()
for _ in range(%(charts)d):
    vl_convert.vega_to_svg(vega)
print((time.perf_counter() - start) / %(charts)d)
"""


class PeakMemory(threading.Thread):
    """The largest sum of the resident memory of a process and its children, sampled."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self.peak = 0
        self.largest = 0

    def run(self) -> None:
        """Sample until the process ends."""
        while True:
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            sizes = []
            for each in family:
                try:
                    sizes.append(each.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, sum(sizes))
            self.largest = max([self.largest, *sizes])
            time.sleep(0.05)


def timed(command: list[str], folder: Path) -> tuple[float, float, int, int]:
    """Run a command; return wall and CPU seconds, peak of all its processes, largest process."""
    before = os.times()
    start = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    memory = PeakMemory(child.pid)
    memory.start()
    _, errors = child.communicate()
    wall = time.perf_counter() - start
    after = os.times()
    if child.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return wall, cpu, memory.peak, memory.largest


def rule_benchmarks(folder: Path) -> list[tuple[str, int, float, float, float]]:
    """Return (rule, jobs, wall, CPU, peak MB of one job) from Snakemake's benchmark files."""
    found = []
    for rule in sorted(path for path in folder.iterdir() if path.is_dir()):
        rows = [
            row
            for path in rule.rglob("*.tsv")
            for row in csv.DictReader(path.open(), delimiter="\t")
        ]
        number = lambda row, key: float(row[key]) if row[key] not in ("-", "NA") else 0.0  # noqa: E731
        found.append(
            (
                rule.name,
                len(rows),
                sum(number(row, "s") for row in rows),
                sum(number(row, "cpu_time") for row in rows),
                max((number(row, "max_rss") for row in rows), default=0.0),
            )
        )
    return found


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    snakemake = [sys.executable, "-m", "snakemake", "--cores", str(CORES), "--quiet", "all"]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) / "project"
        shutil.copytree(PROJECT, work, ignore=shutil.ignore_patterns(*LEFT_OUT))
        source = os.environ.get("LDS_MOBILITY")
        if source:
            config = work / "config.yaml"
            text = config.read_text(encoding="utf-8")
            config.write_text(
                text.replace("path: null\n    # The look-up", f"path: {source}\n    # The look-up"),
                encoding="utf-8",
            )
        table = Table(title="All of England, " + ("real raw file" if source else "stand-in"))
        for heading in ("Step", "Wall s", "CPU s", "Peak of all processes MB", "Largest process MB"):
            table.add_column(heading, justify="right" if heading != "Step" else "left")
        total = [0.0, 0.0]
        peaks = [0, 0]
        for step in ("export_request", "slices", "all"):
            wall, cpu, peak, largest = timed([*snakemake, step], work)
            table.add_row(step, f"{wall:.1f}", f"{cpu:.1f}", f"{peak / 2**20:.0f}", f"{largest / 2**20:.0f}")
            total = [total[0] + wall, total[1] + cpu]
            peaks = [max(peaks[0], peak), max(peaks[1], largest)]
            if step == "all":
                pages_wall = wall
        table.add_row("total", f"{total[0]:.1f}", f"{total[1]:.1f}", f"{peaks[0] / 2**20:.0f}", f"{peaks[1] / 2**20:.0f}")
        console.print(table)
        pages = sorted((work / "results/public/site").glob("*/*.html"))
        sizes = [page.stat().st_size / 1000 for page in pages]
        console.print(
            f"{len(pages)} pages and packs: {len(pages) / pages_wall:.1f} a second in the last step,"
            f" {len(pages) / total[0]:.1f} over all; page size median {statistics.median(sizes):.0f} kB,"
            f" largest {max(sizes):.0f} kB"
        )
        wall, cpu, *_ = timed([*snakemake], work)
        console.print(f"Second run, nothing to do: {wall:.1f} s wall, {cpu:.1f} s CPU")
        floor = Path(temporary) / "empty"
        floor.mkdir()
        (floor / "Snakefile").write_text(EMPTY % {"jobs": len(pages)}, encoding="utf-8")
        shutil.copytree(work / "profiles", floor / "profiles")
        empty_wall, empty_cpu, *_ = timed([*snakemake], floor)
        console.print(
            f"Floor, {2 * len(pages)} empty jobs: {empty_wall:.1f} s wall, {empty_cpu:.1f} s CPU;"
            f" the last step takes {pages_wall / empty_wall:.2f} times that"
        )
        answer = subprocess.run(
            [sys.executable, "-c", CHART_FLOOR % {"charts": CHARTS}],
            capture_output=True,
            text=True,
            check=True,
        )
        console.print(f"Floor, chart engine alone, three lines of 305 days: {float(answer.stdout) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
