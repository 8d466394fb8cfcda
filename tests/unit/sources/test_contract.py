from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_files import changed_contract, write_contract
from lds.errors import LdsError, SourceError
from lds.sources.contract import contract_path, load_contract

GOOD: dict[str, Any] = {
    "id": "made",
    "title": "Made source",
    "publisher": "Nobody",
    "licence": "None",
    "citation": "None",
    "access": "secure",
    "version": 1,
    "row_is": "one place on one day",
    "reader": {"format": "csv"},
    "key": ["place"],
    "columns": [
        {"name": "place", "source_name": "Place", "type": "text", "description": "A place."},
        {"name": "n", "source_name": "N", "type": "integer", "description": "A number."},
    ],
    "limits": {"maximum_rejected_share": 0.01, "minimum_rows": 1},
    "disclosure": {"unit": "person", "profile": "open"},
    "synthetic": {"generator": "made"},
}


def test_what_a_contract_leaves_out_is_strict(tmp_path: Path) -> None:
    made = load_contract(write_contract(tmp_path, GOOD))
    assert made.secure
    assert (made.delimiter, made.extra_columns, made.url) == (",", "refuse", None)
    assert (made.lookups, made.resources, made.conversion) == ((), (), {})
    assert not made.columns[0].required
    assert made.columns[1].missing == ()


@pytest.mark.parametrize(
    ("keys", "value", "where", "what"),
    [
        (("title",), None, "(top level)", "'title' is a required property"),
        (("titel",), "x", "(top level)", "unknown key 'titel'; did you mean 'title'?"),
        (("access",), "closed", "access", "'closed' is not one of: open, secure"),
        (("version",), 0, "version", "0 is less than the minimum of 1"),
        (("reader", "format"), "sas", "reader.format", "'sas' is not one of: csv"),
        (("reader", "delimiter"), "||", "reader.delimiter", "'||' is too long"),
        (("key",), "place", "key", "'place' is not of type 'array'"),
        (("columns", 0, "type"), "float", "columns[0].type", "'float' is not one of: text"),
        (("columns", 1, "name"), "N", "columns[1].name", "Name in the staged table."),
        (("limits", "maximum_rejected_share"), 1.5, "limits.maximum_rejected_share", "1.5"),
        (("limits", "minimum_rows"), 0, "limits.minimum_rows", "0"),
    ],
)
def test_a_wrong_contract_names_file_key_and_fault(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, where: str, what: str
) -> None:
    with pytest.raises(SourceError) as caught:
        load_contract(write_contract(tmp_path, changed_contract(GOOD, keys, value)))
    assert caught.value.where == f"{tmp_path / 'made.yaml'}: {where}"
    assert what in caught.value.what


@pytest.mark.parametrize(
    ("keys", "value", "named"),
    [
        (("key",), ["place", "day"], "key names day, no column"),
        (("columns", 1, "name"), "place", "column place is there twice"),
    ],
)
def test_key_and_columns_must_fit_together(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, named: str
) -> None:
    with pytest.raises(SourceError, match=f"do not fit together(.|\n)*values: {named}"):
        load_contract(write_contract(tmp_path, changed_contract(GOOD, keys, value)))


def test_a_contract_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    path.write_text("id: [made\n", encoding="utf-8")
    with pytest.raises(LdsError, match=r"not valid YAML(.|\n)*made\.yaml"):
        load_contract(path)


def test_the_mobility_contract_says_what_the_specification_says() -> None:
    made = load_contract(contract_path("google_mobility"))
    assert (made.access, made.extra_columns, made.conversion) == (
        "open",
        "ignore",
        {"kind": "change", "proxy": "population mid-2019", "minimum_coverage": 0.8},
    )
    assert [column.name for column in made.columns if column.required] == [
        *("country_region_code", "date")
    ]
    assert made.lookups == ("google_places",)
