"""Time and memory of every stage for all England, beside two floors measured in the same run.

``make bench`` copies the project into a temporary folder and runs it there on two cores, stage by
stage and in the three exact steps. It prints wall time, CPU time and peak memory, pages per second
and page size. The floors: Snakemake with the same number of empty jobs, and the chart engine alone.
Set LDS_SOURCES to a YAML file with the key ``sources`` of a configuration to measure on real data;
otherwise stand-ins are used.
"""

from __future__ import annotations

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
import yaml
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parents[2]
LEFT_OUT = (".git", ".venv", ".snakemake", "results", "demo", "logs", "__pycache__")
CORES = 2
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", str(CORES)]
STAGES = (
    ("reference", "build_neighbours"),
    ("sources", "synthesise"),
    ("staging", "stage_source"),
    ("harmonised", "harmonise_source"),
    ("indicators", "compute_indicators"),
    ("released", "release_tables"),
    ("slices", "slice_topic"),
    ("shells", "compile_shell"),
    ("site", "render_report"),
    ("packs", "build_pack"),
    ("catalogue", "build_catalogue"),
)
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
        "data": {"values": [{"d": d, "s": s, "v": (d * 7 + s * 13) %% 90}
                            for s in range(3) for d in range(305)]},
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


def megabytes(size: int) -> str:
    """Return bytes as whole megabytes."""
    return f"{size / 2**20:.0f}"


def copy_project(folder: Path) -> Path:
    """Copy the project, with the real raw files configured where they are named."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    named = os.environ.get("LDS_SOURCES")
    if named:
        config = folder / "config.yaml"
        settings = yaml.safe_load(config.read_text(encoding="utf-8"))
        for source, given in yaml.safe_load(Path(named).read_text(encoding="utf-8"))[
            "sources"
        ].items():
            path = str(Path(given["path"]).resolve())
            settings["sources"][source] = {**settings["sources"][source], **given, "path": path}
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder


def measure(title: str, runs: list[tuple[str, list[str]]], folder: Path) -> Table:
    """Time commands one after another and return them as a table with their total."""
    table = Table(title=title)
    for heading in ("", "Wall s", "CPU s", "Peak MB, all processes", "Peak MB, largest"):
        table.add_column(heading, justify="right" if heading else "left")
    results = []
    for name, arguments in runs:
        result = timed([*SNAKEMAKE, *arguments], folder)
        results.append(result)
        table.add_row(name, f"{result[0]:.1f}", f"{result[1]:.1f}", *map(megabytes, result[2:]))
    walls, cpus, peaks, largest = zip(*results, strict=True)
    table.add_row(
        "total",
        f"{sum(walls):.1f}",
        f"{sum(cpus):.1f}",
        *map(megabytes, (max(peaks), max(largest))),
    )
    return table


def main() -> None:
    """Measure and print."""
    console = Console(width=100)
    kind = "real raw files" if os.environ.get("LDS_SOURCES") else "stand-ins"
    with tempfile.TemporaryDirectory() as temporary:
        work = copy_project(Path(temporary) / "stages")
        stages = [(stage, ["--until", rule]) for stage, rule in STAGES]
        console.print(measure(f"Stage by stage, all England, {kind}", stages, work))
        again, *_ = timed(SNAKEMAKE, work)
        console.print(f"Of each stage, Snakemake's start and plan: about {again:.1f} s")

        exact = copy_project(Path(temporary) / "exact")
        steps = [(step, [step]) for step in ("export_request", "slices", "all")]
        console.print(measure("From the raw file to packs in the three exact steps", steps, exact))
        pages = sorted((exact / "results/public/site").glob("*/*.html"))
        sizes = [page.stat().st_size / 1000 for page in pages]

        floor = Path(temporary) / "empty"
        floor.mkdir()
        (floor / "Snakefile").write_text(EMPTY % {"jobs": len(pages)}, encoding="utf-8")
        shutil.copytree(work / "profiles", floor / "profiles")
        empty, empty_cpu, *_ = timed(SNAKEMAKE, floor)
        shutil.rmtree(exact / "results/public/site")
        shutil.rmtree(exact / "results/public/packs")
        last, last_cpu, *_ = timed(SNAKEMAKE, exact)
        console.print(
            f"{len(pages)} pages with their packs: {last:.1f} s wall, {last_cpu:.1f} s CPU,"
            f" {len(pages) / last:.1f} pages a second; page size median"
            f" {statistics.median(sizes):.0f} kB, largest {max(sizes):.0f} kB"
        )
        console.print(
            f"Floor, {2 * len(pages)} empty jobs: {empty:.1f} s wall, {empty_cpu:.1f} s CPU;"
            f" pages and packs take {last / empty:.2f} times that"
        )
        answer = subprocess.run(
            [sys.executable, "-c", CHART_FLOOR % {"charts": CHARTS}],
            capture_output=True,
            text=True,
            check=True,
        )
        milliseconds = float(answer.stdout) * 1000
        console.print(f"Floor, chart engine alone, three lines of 305 days: {milliseconds:.0f} ms")


if __name__ == "__main__":
    main()
