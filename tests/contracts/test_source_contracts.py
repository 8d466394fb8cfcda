"""Every source contract of the project: valid, with its SQL, look-ups and resources in place."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import duckdb
import pytest

from lds.disclosure.profiles import load_profile
from lds.errors import SourceError
from lds.io import RESOURCES, SCHEMAS, SQL, read_yaml
from lds.sources.contract import contract_path, load_contract
from lds.sources.staging import stage
from lds.topics import load_topics

SOURCES = sorted(path.stem for path in (SCHEMAS / "sources").glob("*.yaml"))


def test_there_are_sources() -> None:
    assert {"google_mobility", "google_places"} <= set(SOURCES)


@pytest.mark.parametrize("source", SOURCES)
def test_a_contract_is_valid_and_named_like_its_file(source: str) -> None:
    assert load_contract(contract_path(source)).id == source


@pytest.mark.parametrize("source", SOURCES)
def test_a_contract_has_all_that_it_names(source: str) -> None:
    contract = load_contract(contract_path(source))
    assert (SQL / "staging" / f"{source}.sql").is_file()
    assert set(contract.lookups) <= set(SOURCES)
    assert all((RESOURCES / name).is_file() for name in contract.resources)
    assert importlib.import_module(f"lds.sources.synthetic.{contract.synthetic['generator']}")
    assert load_profile(contract.profile)
    if contract.conversion:
        assert (SQL / "harmonised" / f"{source}.sql").is_file()
        assert (SQL / "harmonised" / f"convert_{contract.conversion['kind']}.sql").is_file()


@pytest.mark.parametrize("source", SOURCES)
def test_patterns_and_bounds_can_be_read_by_the_database(source: str) -> None:
    for column in load_contract(contract_path(source)).columns:
        with duckdb.connect() as con:
            if column.pattern:
                con.execute("select regexp_full_match('x', ?)", [column.pattern])
            if column.type == "date":
                con.execute(
                    "select cast(? as date), cast(? as date)", [column.minimum, column.maximum]
                )
        if column.minimum is not None and column.maximum is not None:
            assert type(column.minimum) is type(column.maximum)
            assert column.minimum < column.maximum  # type: ignore[operator]


@pytest.mark.parametrize("source", SOURCES)
def test_a_header_alone_is_refused(source: str) -> None:
    contract = load_contract(contract_path(source))
    header = ",".join(column.source_name for column in contract.columns) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.csv"
        raw.write_text(header)
        with pytest.raises(SourceError, match="has 0 rows"):
            stage(raw, contract, SQL / "staging" / f"{source}.sql")


def test_no_staging_query_lacks_its_contract() -> None:
    assert sorted(path.stem for path in (SQL / "staging").glob("*.sql")) == SOURCES


def test_every_topic_reads_sources_that_have_a_contract() -> None:
    for topic in load_topics().values():
        assert set(topic.sources) <= set(SOURCES)


def test_every_key_of_a_contract_is_described() -> None:
    def undescribed(schema: dict, place: str) -> list[str]:
        found = []
        for key, each in schema.get("properties", {}).items():
            if "description" not in each:
                found.append(f"{place}.{key}")
            found += undescribed(each, f"{place}.{key}")
            found += undescribed(each.get("items", {}), f"{place}.{key}[]")
        return found

    assert undescribed(read_yaml(SCHEMAS / "source.schema.yaml"), "") == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_damaged_contract_names_file_and_key(source: str, tmp_path: Path) -> None:
    text = contract_path(source).read_text(encoding="utf-8")
    path = tmp_path / f"{source}.yaml"
    path.write_text(text.replace("maximum_rejected_share", "maximum_rejected_shares"))
    with pytest.raises(SourceError, match=rf"(.|\n)*{source}\.yaml: limits") as caught:
        load_contract(path)
    assert "maximum_rejected_share" in caught.value.what
