"""The contracts against real open files, wherever they lie beside the project."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from raw_files import header_faults, long_table, row_faults
from real_files import CASES, FILES, read_again

from lds.sources.contract import contract_path, load_contract, load_contracts

NO_SOURCE = {
    "SOURCES.md": "the description of the files",
    "ahah/AHAH_2019_metadata.xml": "the description of a file",
    "area_codes/": "evidence for the area register",
    "lsoa_lookups/": "look-ups, which lds.geography.levels reads by rules of its own",
    "cases/CIS_processed": "the schema of the survey's own pipeline, no data",
    "google_mobility/LDS_Harborough_": "results of the first reports",
}
"""Files that are of no contract, by how their path begins, and why."""


@pytest.mark.parametrize(("source", "path"), CASES)
def test_a_real_file_keeps_its_contract(source: str, path: str, open_data: Path) -> None:
    contract = load_contract(contract_path(source))
    for headings, table in zip(*read_again(open_data, source, path), strict=True):
        assert header_faults(headings, contract) == []
        assert table.height >= min(contract.minimum_rows, 15)
        assert list(row_faults(table, contract)) == []


def test_every_real_file_is_of_a_contract_or_has_a_reason_not_to_be(open_data: Path) -> None:
    named = {path for paths in FILES.values() for path in paths}
    paths = {str(each.relative_to(open_data)) for each in open_data.rglob("*") if each.is_file()}
    assert named <= paths
    unplaced = {each for each in paths - named if not each.startswith(tuple(NO_SOURCE))}
    assert unplaced == set()


def test_a_contract_that_claims_the_header_of_a_file_has_one() -> None:
    claimed = {each.id for each in load_contracts() if each.names_from == "file"}
    assert claimed <= set(FILES)


def test_identifiers_of_the_infection_survey_are_those_of_its_pipeline(open_data: Path) -> None:
    schema = open_data / "cases/CIS_processed_responses_v2_schema_regression.yml"
    known = set(re.findall(r"^  name: (\w+)$", schema.read_text(encoding="utf-8"), re.MULTILINE))
    contract = load_contract(contract_path("cis"))
    documented = {
        column.source_name for column in contract.columns if column.names_from == "documentation"
    }
    assert {"participant_id", "ons_household_id"} <= documented <= known


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"ratio": "a lot"}, "ratio: type, 2 rows, as 'a lot'"),
        ({"ratio": "-1"}, "ratio: minimum, 2 rows, as '-1'"),
        ({"lad_code": " "}, "lad_code: missing, 2 rows, as None"),
        ({"lad_code": "Hartlepool"}, "lad_code: type, 2 rows, as 'Hartlepool'"),
        ({"period": "2003"}, "key: 2 rows repeat one"),
        ({"period": "03"}, "period: type, 2 rows, as '03'"),
    ],
)
def test_a_value_that_breaks_a_contract_is_found(changes: dict[str, str], fault: str) -> None:
    contract = load_contract(contract_path("housing_affordability_ratio"))
    rows = {"lad_code": ["E06000001"] * 2, "period": ["2002", "2003"], "ratio": ["2.86", None]}
    good = pl.DataFrame(rows)
    assert list(row_faults(good, contract)) == []
    bad = long_table(
        good.with_columns(pl.lit(value).alias(name) for name, value in changes.items())
        .rename({"lad_code": "geography_code", "period": "date", "ratio": "value"}),
        contract, {},
    )  # fmt: skip
    assert fault in list(row_faults(bad, contract))


def test_a_header_that_breaks_a_contract_is_found() -> None:
    places = load_contract(contract_path("google_places"))
    header = [column.source_name for column in places.columns]
    assert header_faults(header, places) == []
    assert header_faults([*header[:4], "lad20cd", header[5]], places) == [
        "lacks lad19cd",
        "has lad20cd",
    ]
    ages = load_contract(contract_path("population_lsoa"))
    assert header_faults(["lsoa11_code", "lsoa11_name", "total_population"], ages) == [
        "no heading is like [0-9]{1,2}|90\\+"
    ]
