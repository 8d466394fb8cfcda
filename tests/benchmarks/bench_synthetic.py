"""Time and memory of the synthetic England: its people, its largest files, and all of them.

``python tests/benchmarks/bench_synthetic.py [SIZE ...]`` prints

* people: a million residents of one district with every attribute there is (target: 10 s);
* tests: the file of Test and Trace at each SIZE (1 is the real one, of about 40 million rows), with
  rows a second, writing included (target: 1,000,000 a second on two cores) and peak memory (4 GiB
  at any size);
* the whole set at its own sizes, by Snakemake on two cores into a temporary folder: made, then
  staged (60 s each). Addresses need the postcodes of England, a reference table that the reports
  need too; it is made before and shown apart.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import yaml
from measure import measure

from lds.geography import Register
from lds.io import read_json, write_parquet
from lds.sources.contract import contract_path, ids_with_stand_in, load_contract
from lds.synthetic.england.country import England
from lds.synthetic.england.labour import Labour
from lds.synthetic.england.places import build_places
from lds.synthetic.england.recipe import Recipe
from lds.synthetic.england.work import WorkingLives
from lds.synthetic.making import write_stand_in

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 1_000_000
SEED = 2021
LARGEST = "E08000025"
"""Birmingham, which has more than a million residents."""


def make_people(places: Path, target: Path) -> None:
    """Look at a million people: home, household and work."""
    england = England.load(places, SEED, Recipe.load())
    district = england.recipe.districts["code"].to_list().index(LARGEST)
    residents = england.residents_of(district)
    numbers = np.arange(PEOPLE)
    residents.cells_of(numbers)
    residents.households_of(numbers)
    lives = WorkingLives(Labour.of(england).of_district(residents), numbers)
    for name, attribute in vars(WorkingLives).items():
        if not name.startswith("_") and hasattr(attribute, "func"):
            getattr(lives, name)


class MakeTests:
    """Write the file of tests at a size; a class, because processes are handed it by name."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, places: Path, target: Path) -> None:
        """Write the stand-in into a folder."""
        england = England.load(places, SEED, Recipe.load())
        contract = load_contract(contract_path("test_and_trace"))
        listed, truth = target / "list.json", target / "truth.json"
        write_stand_in(england, contract, self.scale, target / "files", listed, truth)


def run_set(folder: Path) -> None:
    """Make and stage every stand-in, and print how long that took."""
    config = folder / "config.yaml"
    results = folder / "results"
    config.write_text(
        yaml.safe_dump({"pathvars": {"results": str(results), "logs": str(folder / "logs")}})
    )
    staged = [f"{results}/secure/staging/{each}.parquet" for each in ids_with_stand_in()]
    listed = [f"{results}/secure/sources/{each}.synthetic.json" for each in ids_with_stand_in()]
    for what, targets in (
        ("postcodes and addresses", [f"{results}/secure/synthetic/addresses.parquet"]),
        ("all stand-ins", listed),
        ("all staged", staged),
    ):
        start = time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "all"),
                *("--configfile", str(config), "--", *targets),
            ],
            cwd=ROOT,
            check=True,
        )
        print(f"{what}: {time.perf_counter() - start:.1f} s ({len(targets)} targets)", flush=True)


def main() -> None:
    """Measure and print."""
    sizes = [float(each) for each in sys.argv[1:]] or [
        load_contract(contract_path("test_and_trace")).synthetic["scale"]
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = folder / "places.parquet"
        write_parquet(places, build_places(Register.load(), Recipe.load(), SEED))
        seconds, busy, memory = measure(make_people, places, folder)
        print(f"{PEOPLE:,} people: {seconds:.1f} s, {busy:.1f} s busy, {memory:.2f} GiB")
        for size in sizes:
            seconds, busy, memory = measure(MakeTests(size), places, folder)
            rows = read_json(folder / "truth.json")["mess"]["rows"]
            print(
                f"tests at {size:g}: {rows:,} rows, {seconds:.1f} s, {busy:.1f} s busy,"
                f" {rows / seconds:,.0f} rows a second, {memory:.2f} GiB"
            )
        run_set(folder)


if __name__ == "__main__":
    main()
