"""The disclosure gate against acro and pytauargus, each in an environment of its own.

``python tests/benchmarks/bench_peers.py [MINUTES]`` first installs both into ``.peers`` where they
are not there yet (about a minute). It prints for each rule how many cells both tools withhold and
on how many they agree, and why they differ where they do; then for each table what the gate
withholds beside the unsafe cells and what the optimum does, by number of cells and by their value,
and the time of each. MINUTES (1) is what each search for an optimum may take. Targets: agreement on
every cell of shared ground; at most 1.5 times the optimum.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

import polars as pl

from benchmarks import against_acro, against_pytauargus
from benchmarks.made_tables import count_tables, record_tables, record_tables_apart
from benchmarks.peers import make
from lds.disclosure.profiles import load_profile
from lds.errors import DisclosureError

ENOUGH = 1.5
"""Times the optimum that the gate may lose."""
REASONS = {
    "missing": "acro counts records without a value towards its threshold; the gate does not",
    "negative": "where one value is negative, acro marks the cells with such values for review and"
    " checks dominance in none; the gate refuses the table",
    "nothing": "where every value is 0, the p ratio of acro is 0, so that it marks the cell; the"
    " gate withholds the sum as a zero",
}
"""Why verdicts differ on the tables that are not shared ground."""


def print_acro() -> None:
    """Compare verdicts, and print them."""
    profile = load_profile("acro")
    shared, apart = record_tables(), record_tables_apart()
    answer = against_acro.ask_acro([*shared, *apart])
    seconds = [table["seconds"] for table in answer["tables"]]
    print(
        f"acro {answer['version']}: {len(seconds)} tables, {min(seconds):.2f} to"
        f" {max(seconds):.2f} s each"
    )
    known = {**answer, "tables": answer["tables"][: len(shared)]}
    compared = against_acro.compare(shared, known, profile)
    print("shared ground, by rule (all: every rule together)")
    _print(against_acro.summary(compared, ["rule"]))
    print("not shared")
    for table, said in zip(apart, answer["tables"][len(shared) :], strict=True):
        print(f"  {table.name}: {REASONS[table.name]}")
        try:
            compared = against_acro.compare([table], {"tables": [said]}, profile)
        except DisclosureError as error:
            print(f"  {error}")
        else:
            _print(against_acro.summary(compared, ["table", "rule"]))
    print("  not in acro at all: group disclosure, secondary suppression, anything across tables")


def _print(table: pl.DataFrame) -> None:
    for row in table.iter_rows(named=True):
        name = " ".join(str(row[key]) for key in ("table", "rule") if key in row)
        print(
            f"  {name:20s} {row['cells']:5d} cells, withheld by acro {row['withheld_by_acro']:4d},"
            f" by us {row['withheld_by_us']:4d}; agreed {row['agreed']:5d}, acro only"
            f" {row['acro_only']:3d}, we only {row['ours_only']:3d}"
        )


def print_pytauargus(minutes: int) -> None:
    """Compare losses, and print them."""
    profile = load_profile("ons_srs")
    print(
        "pytauargus, withheld beside the unsafe cells: cells (their value), seconds; the factor is"
        " all that we withhold over all that it withholds, besides: without the unsafe cells"
    )
    worst = dict.fromkeys(against_pytauargus.WEIGHTS, 0.0)
    for made in count_tables():
        found = against_pytauargus.compare(made, profile, minutes=minutes)
        print(
            f"  {found.name}: {found.size} cells, {found.primary} unsafe; we {found.cells}"
            f" ({found.value}), {found.seconds:.2f} s"
        )
        for weight, best in found.optima.items():
            worst[weight] = max(worst[weight], found.factor(weight))
            print(
                f"    least {weight:5s} {best.cells:4d} ({best.value}), {best.seconds:6.2f} s;"
                f" factor {found.factor(weight):.2f}, besides {found.factor_besides(weight):.2f}"
                + ("" if best.proven else "; time ran out, so the optimum may be less")
                + (f"; {best.narrow} of its intervals too narrow for us" if best.narrow else ""),
                flush=True,
            )
    for weight, factor in worst.items():
        verdict = "met" if factor <= ENOUGH else "NOT met"
        print(f"largest factor by {weight}: {factor:.2f}, target {ENOUGH}: {verdict}")


def main() -> None:
    """Compare with each tool that is there or can be installed."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name, work in (
        ("acro", print_acro),
        ("pytauargus", lambda: print_pytauargus(minutes)),
    ):
        try:
            make(name)
        except RuntimeError as error:
            print(f"not compared with {name}: {error}")
        else:
            work()


if __name__ == "__main__":
    main()
