"""The data dictionary: current, and with all that the contracts say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lds.data_dictionary import NAMES_FROM, data_dictionary, section
from lds.io import SCHEMAS, read_yaml
from lds.sources.codings import codings
from lds.sources.contract import load_contracts

CONTRACTS = load_contracts()


@pytest.fixture(scope="module")
def page() -> str:
    return data_dictionary(CONTRACTS)


def test_the_page_is_current(root: Path, page: str) -> None:
    written = (root / "workflow/docs/data_dictionary.md").read_text(encoding="utf-8")
    assert page == written, "run `make docs`"


def test_every_source_column_and_coding_is_on_the_page(page: str) -> None:
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    by_name = {each.split("\n", 1)[0]: each for each in sections}
    assert set(by_name) == {each.id for each in CONTRACTS} | set(codings())
    for contract in CONTRACTS:
        rows = re.findall(r"^\| `(\w+)` \|", by_name[contract.id], re.MULTILINE)
        assert rows == [column.name for column in contract.columns]
        assert f"One row is: {contract.row_is}" in by_name[contract.id]
        assert f"profile `{contract.profile}`" in by_name[contract.id]
        for column in contract.columns:
            if column.values and not column.coding:
                assert all(f"`{value}`" in by_name[contract.id] for value, _ in column.values)


def test_links_of_the_page_lead_somewhere(page: str) -> None:
    headings = set(re.findall(r"^#+ (\w+)$", page, re.MULTILINE))
    links = re.findall(r"\]\(#(\w+)\)", page)
    assert len(links) > len(CONTRACTS)
    assert set(links) <= headings


def test_tables_have_as_many_cells_in_every_row(page: str) -> None:
    width = 0
    for line in page.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (width and cells) or cells == width, line
        width = cells


def test_a_changed_contract_changes_its_section() -> None:
    contract = next(each for each in CONTRACTS if each.id == "price_paid")
    before = section(contract)
    assert "no header" in before
    assert "`D` Detached; `S` Semi-detached" in before
    assert "Personal data: `postcode`. Full postcode" in before
    assert "Stand-in: synthetic." in before
    read = section(replace(contract, synthetic={}, row_is="one house"))
    assert "Stand-in: none yet: configure the raw file." in read
    assert "One row is: one house." in read


def test_words_of_the_page_cover_those_of_the_schema() -> None:
    schema = read_yaml(SCHEMAS / "source.schema.yaml")
    assert sorted(NAMES_FROM) == sorted(schema["$defs"]["names_from"]["enum"])
