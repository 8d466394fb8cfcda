"""The pre-flight finds each of the five causes in files that were planted, and names the place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from disclosure.evidence_folder import write_both
from disclosure.gate_results import AREAS, count, made_result, made_rows, made_topics
from lds.disclosure.evidence.preflight import CAUSES, Check, refuse_failed, run_preflight
from lds.disclosure.evidence.written import Finding
from lds.disclosure.profiles import Limits, Profile, load_profile
from lds.errors import DisclosureError
from lds.io import read_json, write_json, write_parquet

PROFILES = made_result().profiles
Mend = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_both(tmp_path_factory.mktemp("written"))


@pytest.fixture
def export(written: Path, tmp_path: Path) -> Path:
    """Return a copy of a safe release and its evidence, to plant something in."""
    return Path(shutil.copytree(written, tmp_path / "export"))


def look(export: Path, **profiles: Profile) -> dict[str, list[str]]:
    """Return what is found of each cause, as ``place: problem``; nothing of those without any."""
    checks = run_preflight(
        export / "released", export / "evidence", {**PROFILES, **profiles}, made_topics()
    )
    assert [check.cause for check in checks] == list(CAUSES)
    return {
        check.cause: [f"{each.place}: {each.problem}" for each in check.findings]
        for check in checks
        if check.findings
    }


def plant(path: Path, mend: Mend) -> None:
    """Change a table on disk; what the gate holds knows nothing of it."""
    write_parquet(path, mend(pl.read_parquet(path)))


def setting(where: pl.Expr, **values: Any) -> Mend:
    """Return what sets columns of some rows."""

    def mend(table: pl.DataFrame) -> pl.DataFrame:
        return table.with_columns(
            pl.when(where)
            .then(pl.lit(value, dtype=table.schema[name]))
            .otherwise(pl.col(name))
            .alias(name)
            for name, value in values.items()
        )

    return mend


COUNT = (pl.col("indicator") == "HE-I1") & (pl.col("area") == AREAS[1]) & pl.col("mark").is_null()
SHARE = (pl.col("indicator") == "HE-I2") & (pl.col("area") == AREAS[1])
WITHHELD = (pl.col("indicator") == "HE-I1") & (pl.col("mark") == "c")


def test_a_safe_release_passes(export: Path) -> None:
    assert look(export) == {}
    refuse_failed(run_preflight(export / "released", export / "evidence", PROFILES, made_topics()))


def test_the_shares_are_those_that_are_published() -> None:
    assert {cause: share for cause, (_, share) in CAUSES.items()} == {
        "unrounded": 30, "context": 25, "unredacted": 20, "underlying": 10, "files": 10,
    }  # fmt: skip


ROUNDED = {
    **{"value": 25.0, "numerator": 25.0, "denominator": 100.0, "n": 100},
    **{"lower": 20.0, "upper": 30.0},
}
"""A percentage of rounded counts."""


@pytest.fixture(scope="module")
def opensafely(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a release under a profile that rounds: a count, a percentage, a rate and a median."""
    lines = [
        count(0, "all", 120),
        count(
            0, "all", 26, indicator="HE-I2", statistic="percentage", unit="%", unweighted=101,
            **ROUNDED,
        ),
        count(
            0, "all", 26, indicator="HE-I2", statistic="rate", unit="per 1,000", value=2.7,
            numerator=27.0, denominator=10_000.0, n=None, unweighted=None,
        ),
        count(
            0, "all", 0, indicator="HE-I3", statistic="median", unit="days", value=12.0,
            numerator=None, n=35, unweighted=36, cases=None,
        ),
    ]  # fmt: skip
    result = made_result(lines, asked=lines, health="opensafely")
    return write_both(tmp_path_factory.mktemp("rounded"), result)


def look_rounded(export: Path) -> dict[str, list[str]]:
    checks = run_preflight(
        export / "released",
        export / "evidence",
        {"health": load_profile("opensafely")},
        made_topics(),
    )
    return {
        check.cause: [f"{each.place}: {each.problem}" for each in check.findings]
        for check in checks
        if check.findings
    }


def test_a_rounded_release_passes(opensafely: Path) -> None:
    assert look_rounded(opensafely) == {}


@pytest.mark.parametrize(
    ("statistic", "values", "said"),
    [
        ("count", {"value": 121.0}, "HE-I1, count, column value: not rounded to 5"),
        ("count", {"value": 120.5}, "HE-I1, count, column value: not whole numbers"),
        ("count", {"n": 121}, "HE-I1, count, column n: not rounded to 5"),
        ("percentage", {"denominator": 101.0}, "column denominator: not rounded to 5"),
        ("percentage", {"numerator": 26.0}, "column numerator: not rounded to 5"),
        ("percentage", {"value": 25.742574}, "A value is not what its numerator and denominator"),
        ("percentage", {"value": 26.0}, "A value is not what its numerator and denominator"),
        ("rate", {"numerator": 26.0}, "HE-I2, rate, column numerator: not rounded to 6"),
        ("rate", {"numerator": 30.0}, "HE-I2, rate, column numerator: not rounded to 6"),
        ("rate", {"value": 2.6}, "A value is not what its numerator and denominator"),
        ("median", {"value": 12.5}, "HE-I3, median, column value: not rounded to 1"),
        ("median", {"n": 36}, "HE-I3, median, column n: not rounded to 5"),
    ],
)
def test_unrounded(
    opensafely: Path, tmp_path: Path, statistic: str, values: dict[str, Any], said: str
) -> None:
    export = Path(shutil.copytree(opensafely, tmp_path / "export"))
    where = pl.col("statistic") == statistic
    plant(export / "released/health.parquet", setting(where, **values))
    found = look_rounded(export)
    assert set(found) == {"unrounded"}
    assert any(said in each for each in found["unrounded"]), found


def test_what_is_not_to_be_rounded_is_left_alone(export: Path) -> None:
    plant(export / "released/mobility.parquet", setting(pl.lit(True), value=-5.123))
    assert look(export) == {}


@pytest.mark.parametrize("key", ["title", "definition", "population", "period", "unit"])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_no_context(export: Path, key: str, blank: str | None) -> None:
    results = read_json(export / "evidence/results.json")
    results["results"]["health_HE-I2_percentage"]["properties"][key] = blank
    write_json(export / "evidence/results.json", results)
    assert look(export) == {"context": [f"results.json: health_HE-I2_percentage: no {key}"]}


def test_no_unit_in_the_table(export: Path) -> None:
    plant(export / "released/health.parquet", setting(COUNT, unit=" "))
    assert look(export) == {"context": ["health.parquet: HE-I1, count, column unit: empty (1 row)"]}


def test_an_output_that_nothing_describes(export: Path) -> None:
    results = read_json(export / "evidence/results.json")
    del results["results"]["economy_EC-I1_business_sum"]
    write_json(export / "evidence/results.json", results)
    said = "economy.parquet: EC-I1, business_sum: results.json does not describe it"
    assert look(export) == {"context": [said]}


def test_a_table_that_is_not_as_described(export: Path) -> None:
    with (export / "evidence/health_HE-I1_count_0.csv").open("a") as handle:
        handle.write("more\n")
    (export / "evidence/economy_EC-I1_business_sum_0.csv").unlink()
    assert [each.partition(": ")[2] for each in look(export)["context"]] == [
        "economy_EC-I1_business_sum: economy_EC-I1_business_sum_0.csv is not there as described",
        "health_HE-I1_count: health_HE-I1_count_0.csv is not there as described",
    ]


@pytest.mark.parametrize(
    ("where", "values", "said"),
    [
        (COUNT, {"value": 9.0, "numerator": 9.0}, "records in the numerator, in the table"),
        (COUNT, {"n": 9}, "too few records, in the table"),
        (SHARE, {"numerator": 9.0, "value": 18.0}, "records in the numerator, in the table"),
        (SHARE, {"numerator": 0.0, "value": 0.0}, "records in the numerator, in the table"),
        (SHARE, {"numerator": 41.0, "value": 82.0}, "records not in the numerator, in the table"),
        (SHARE, {"numerator": 50.0, "value": 100.0}, "records not in the numerator, in the table"),
        (WITHHELD, {"value": 2.0}, "column value: beside the mark of a withheld cell (2 rows)"),
        (WITHHELD, {"n": 40}, "column n: beside the mark of a withheld cell (2 rows)"),
        (WITHHELD, {"upper": 4.0}, "column upper: beside the mark of a withheld cell (2 rows)"),
        (WITHHELD, {"note": "few"}, "column note: beside the mark of a withheld cell (2 rows)"),
        (WITHHELD, {"mark": "u"}, "withheld inside and not marked in the table (2 rows)"),
    ],
)
def test_unredacted_in_the_table(
    export: Path, where: pl.Expr, values: dict[str, Any], said: str
) -> None:
    plant(export / "released/health.parquet", setting(where, **values))
    assert any(said in each for each in look(export)["unredacted"])


@pytest.mark.parametrize(
    ("topic", "where", "values", "said"),
    [
        ("health", SHARE, {"cases": 9}, "too few records in the numerator, in the evidence"),
        ("health", SHARE, {"cases": 41}, "too few records not in the numerator, in the evidence"),
        ("health", SHARE, {"n": 9}, "too few records, in the evidence"),
        ("economy", pl.col("status") == "released", {"n": 9}, "too few records, in the evidence"),
    ],
)
def test_unredacted_by_the_counts_behind(
    export: Path, topic: str, where: pl.Expr, values: dict[str, Any], said: str
) -> None:
    """The table looks safe: a weighted percentage, or an amount, of few records."""
    plant(export / f"evidence/rows/{topic}.parquet", setting(where, **values))
    found = look(export)
    assert set(found) == {"unredacted"}
    assert said in found["unredacted"][0]


def test_zeros_that_a_profile_publishes_pass(export: Path) -> None:
    zero = setting(SHARE, numerator=0.0, value=0.0)
    plant(export / "released/health.parquet", zero)
    plant(export / "evidence/rows/health.parquet", setting(SHARE, cases=0))
    assert "unredacted" in look(export)
    published = replace(PROFILES["health"], zeros="published")
    assert look(export, health=published) == {}


def test_what_is_weighted_is_no_count(export: Path) -> None:
    weighted = setting(SHARE, numerator=4.5, denominator=9.0, value=50.0)
    plant(export / "released/health.parquet", weighted)
    assert look(export) == {}


@pytest.mark.parametrize(
    ("where", "values", "said"),
    [
        (SHARE, {"cases": None}, "HE-I2, percentage: no records in the numerator in the evidence"),
        (SHARE, {"n": None}, "HE-I2, percentage: no records in the evidence (1 row)"),
        (SHARE, {"area": "E07000999"}, "HE-I2, percentage: no row in the evidence (1 row)"),
        (SHARE, {"status": "missing"}, "a value that the evidence does not release (1 row)"),
        (pl.col("rule") == "secondary", {"rule": None}, "HE-I1, count: withheld, and no rule"),
    ],
)
def test_no_underlying_counts(
    export: Path, where: pl.Expr, values: dict[str, Any], said: str
) -> None:
    plant(export / "evidence/rows/health.parquet", setting(where, **values))
    found = look(export)
    assert set(found) == {"underlying"}
    assert said in found["underlying"][0]


def test_counts_that_are_not_there_or_there_twice(export: Path) -> None:
    path = export / "evidence/rows/health.parquet"
    plant(path, lambda rows: pl.concat([rows, rows.filter(SHARE)]))
    assert look(export) == {
        "underlying": ["health.parquet: HE-I2, percentage: several rows in the evidence (1 row)"]
    }
    path.unlink()
    assert len(look(export)["underlying"]) >= 3


def test_other_files(export: Path) -> None:
    released = export / "released"
    (released / "figures.png").write_bytes(b"\x89PNG")
    (released / "evidence-public/counts.csv").write_text("n\n3\n")
    (released / ".hidden").write_text("")
    (released / "release.json").write_text("{")
    (released / "SHA256SUMS").write_bytes(b"\xff\xfe")
    (released / "economy.parquet").write_text("PAR1 is how it begins, and ends: PAR1")
    (released / "mobility.parquet").unlink()
    assert sorted(look(export)["files"]) == [
        ".hidden: not a file that a release has",
        "SHA256SUMS: not a text of its kind",
        "economy.parquet: not a Parquet file",
        "evidence-public/counts.csv: not a file that a release has",
        "figures.png: not a file that a release has",
        "mobility.parquet: missing",
        "release.json: not a text of its kind",
    ]


def test_a_csv_under_another_name(export: Path) -> None:
    (export / "released/health.parquet").write_text("area,value\n")
    assert look(export)["files"] == ["health.parquet: not a Parquet file"]


def test_a_link_is_no_file(export: Path, tmp_path: Path) -> None:
    path = export / "released/health.parquet"
    path.rename(tmp_path / "elsewhere.parquet")
    path.symlink_to(tmp_path / "elsewhere.parquet")
    assert look(export) == {"files": ["health.parquet: a link and no file"]}


def test_columns_for_inside_use_do_not_leave(export: Path) -> None:
    path = export / "released/health.parquet"
    plant(path, lambda table: table.with_columns(cases=pl.lit(3), largest=pl.lit(1.0)))
    assert look(export) == {
        "files": ["health.parquet: other columns than are released: cases, largest"]
    }
    plant(path, lambda table: table.drop("cases", "largest").with_columns(pl.col("n").cast(float)))
    assert look(export)["files"] == [
        "health.parquet: other columns than are released: their types or order"
    ]


def test_metadata_does_not_leave(export: Path) -> None:
    path = export / "released/health.parquet"
    pl.read_parquet(path).write_parquet(path, metadata={"made_by": "somebody"})
    assert look(export) == {"files": ["health.parquet: metadata of its own: made_by"]}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(rows=14, bytes=10**6), "health.parquet: 15 rows, at most 14 may leave"),
        (Limits(rows=15, bytes=100), "health.parquet: larger than 100 bytes"),
        (Limits(rows=15, bytes=100), "release.json: larger than 100 bytes"),
    ],
)
def test_files_that_are_too_large(export: Path, limits: Limits, said: str) -> None:
    (export / "released/release.json").write_text("{}" + " " * 200)
    assert said in look(export, health=replace(PROFILES["health"], limits=limits))["files"]


def test_files_within_the_limits_pass(export: Path) -> None:
    limits = Limits(rows=15, bytes=10**6)
    assert look(export, health=replace(PROFILES["health"], limits=limits)) == {}


def failed(check: str, places: int) -> tuple[Check, ...]:
    found = tuple(Finding(place=f"place {number}", problem="bad") for number in range(places))
    return (Check(cause=check, title="Unrounded counts", share=30, findings=found),)


def test_a_failed_preflight_stops_the_gate(tmp_path: Path) -> None:
    lines = made_rows()
    lines[2] = lines[2] | {"value": 7.0, "numerator": 7.0, "n": 7, "cases": 7, "unweighted": 7}
    with pytest.raises(DisclosureError) as caught:
        write_both(tmp_path, made_result(lines))
    message = str(caught.value)
    assert "The request would be returned: unredacted counts." in message
    assert "where:  health.parquet: HE-I1, count" in message
    assert AREAS[1] not in message
    assert "7" not in message.replace("HE-I1", "")
    assert not (tmp_path / "evidence/request.json").exists()
    page = (tmp_path / "evidence/review.html").read_text(encoding="utf-8")
    assert "Not fit to be released" in page
    refused = read_json(tmp_path / "evidence/preflight.json")
    assert [check["cause"] for check in refused if not check["passed"]] == ["unredacted"]


def test_places_beyond_the_first_are_counted() -> None:
    with pytest.raises(DisclosureError, match="and 4 more"):
        refuse_failed(failed("unrounded", 9))


def test_it_reads_what_is_written_and_not_what_is_held(tmp_path: Path) -> None:
    """The release on disk is another than the one that the evidence is written from."""
    result = made_result()
    unsafe = result.tables["health"].with_columns(n=pl.lit(3, dtype=pl.Int64))
    other = replace(result, tables={**result.tables, "health": unsafe})
    with pytest.raises(DisclosureError, match="unredacted"):
        write_both(tmp_path, result, released=other)
