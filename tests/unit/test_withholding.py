"""Errors of jobs over secure sources: what a log shows, and where the rest is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lds.contracts import TableColumn, TableContract, check_table
from lds.errors import DisclosureError, GeographyError, LdsError, SourceError, run_command
from lds.withholding import withholding

SECRET = "Hermione Q943 476 5919"


def convert_in_duckdb() -> None:
    with duckdb.connect() as con:
        con.execute("select cast(name as integer) from (values (?)) as people(name)", [SECRET])


def read_in_duckdb(folder: Path) -> None:
    raw = folder / "raw.csv"
    raw.write_text(f"name,age\nA,1\n{SECRET},x\n", encoding="utf-8")
    with duckdb.connect() as con:
        con.execute(
            f"select * from read_csv('{raw}', columns={{name: 'varchar', age: 'int'}}, header=true)"
        ).fetchall()


def cast_in_polars() -> None:
    pl.Series("name", [SECRET]).cast(pl.Int64)


def look_up() -> None:
    raise KeyError(SECRET)


@pytest.mark.parametrize("fails", [convert_in_duckdb, read_in_duckdb, cast_in_polars, look_up])
def test_the_text_of_an_unexpected_error_is_kept_in_the_secure_folder(
    fails, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    details = tmp_path / "secure/table.refused.txt"

    def main() -> None:
        with withholding(True, details):
            fails(*([tmp_path] if fails is read_in_duckdb else []))

    with pytest.raises(SystemExit) as end:
        run_command(main)
    said = capsys.readouterr().err
    assert end.value.code == 1
    assert SECRET not in said
    assert "Hermione" not in said
    assert "Traceback" not in said
    assert str(details) in said
    assert SECRET in details.read_text(encoding="utf-8")
    assert f"in {fails.__name__}" in details.read_text(encoding="utf-8")


def test_a_reader_learns_what_kind_of_error_it_was_and_where(tmp_path: Path) -> None:
    with pytest.raises(LdsError) as caught, withholding(True, tmp_path / "d.txt"):
        convert_in_duckdb()
    assert "ConversionException" in caught.value.what
    assert (caught.value.where or "").startswith("test_withholding.py, line ")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_place_is_the_innermost_line_of_the_package(tmp_path: Path) -> None:
    contract = TableContract(
        title="People",
        description="",
        key=("name",),
        columns=(TableColumn(name="name", type="text", description=""),),
    )
    with pytest.raises(LdsError) as caught, withholding(True, tmp_path / "d.txt"):
        check_table(None, contract, "people")  # type: ignore[arg-type]
    assert (caught.value.where or "").startswith("contracts.py, line ")
    assert "check_table" in (tmp_path / "d.txt").read_text(encoding="utf-8")


def test_values_of_general_errors_are_withheld_whole(tmp_path: Path) -> None:
    details = tmp_path / "d.txt"
    with pytest.raises(GeographyError) as caught, withholding(True, details):
        raise GeographyError("Unknown codes.", where=SECRET, values=[*range(9), SECRET], remedy="-")
    assert SECRET not in str(caught.value)
    assert caught.value.what == "Unknown codes."
    assert str(details) in str(caught.value)
    kept = details.read_text(encoding="utf-8")
    assert kept.endswith(f"8\n{SECRET}\n")


@pytest.mark.parametrize("kind", [SourceError, DisclosureError])
def test_errors_that_know_of_the_source_pass(kind: type[LdsError], tmp_path: Path) -> None:
    details = tmp_path / "d.txt"
    with pytest.raises(kind) as caught, withholding(True, details):
        raise kind("Too few rows.", where="raw.csv, line 3", remedy="Get it again.")
    assert caught.value.where == "raw.csv, line 3"
    assert caught.value.remedy == "Get it again."
    assert not details.exists()


def test_open_sources_keep_their_errors(tmp_path: Path) -> None:
    details = tmp_path / "d.txt"
    with pytest.raises(KeyError, match="Hermione"), withholding(False, details):
        look_up()
    with pytest.raises(GeographyError, match="E07000999"), withholding(False, details):
        raise GeographyError("Unknown codes.", values=["E07000999"])
    assert not details.exists()


def test_what_an_earlier_run_withheld_goes_when_the_job_succeeds(tmp_path: Path) -> None:
    details = tmp_path / "d.txt"
    details.write_text("old")
    with withholding(True, details):
        pass
    assert not details.exists()


def test_every_script_over_the_secure_zone_withholds(root: Path) -> None:
    """Scripts whose rule writes or reads the secure zone, but one that makes stand-ins."""
    for rules in ("staging", "harmonised", "indicators", "gate"):
        text = (root / f"rules/{rules}.smk").read_text(encoding="utf-8")
        scripts = [line.split('"')[1] for line in text.splitlines() if "script=" in line]
        assert scripts
        for script in scripts:
            assert "with withholding(" in (root / script).read_text(encoding="utf-8"), script


def test_a_job_over_a_secure_source_prints_no_value(root: Path, tmp_path: Path) -> None:
    """The harmonising script, whose query stumbles over a text of a staged table."""
    contract = root / "workflow/schemas/sources/google_mobility.yaml"
    secure = tmp_path / "google_mobility.yaml"
    text = contract.read_text(encoding="utf-8")
    assert "access: open\n" in text
    secure.write_text(text.replace("access: open\n", "access: secure\n"), encoding="utf-8")
    staged = tmp_path / "google_mobility.parquet"
    pl.DataFrame({"place": [SECRET]}).write_parquet(staged)
    members = tmp_path / "members.parquet"
    pl.DataFrame(schema={"area": pl.String, "vintage": pl.Date, "code": pl.String}).write_parquet(
        members
    )
    query = tmp_path / "google_mobility.sql"
    query.write_text("select cast(place as integer) as place from google_mobility\n")
    table = tmp_path / "secure/google_mobility.parquet"
    done = subprocess.run(
        [
            *(sys.executable, "scripts/harmonise_source.py", "--contract", str(secure)),
            *("--staged", str(staged), "--sql", str(tmp_path), "--vintage", "2021-04-01"),
            *("--members", str(members), "--table", str(table)),
            *("--summary", str(tmp_path / "summary.json")),
        ],
        cwd=root,
        env={"PYTHONPATH": str(root / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "ConversionException" in said
    assert "Hermione" not in said
    assert SECRET in table.with_suffix(".refused.txt").read_text(encoding="utf-8")
