"""The schema of contracts: every key described, and broken contracts refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_files import changed_contract, write_contract
from lds.errors import SourceError
from lds.io import SCHEMAS, read_yaml
from lds.sources.contract import Part, load_contract

SCHEMA = read_yaml(SCHEMAS / "source.schema.yaml")
PLANNED: dict[str, Any] = {
    "id": "made",
    "title": "Made survey",
    "publisher": "Nobody",
    "licence": "None",
    "citation": "None",
    "access": "secure",
    "version": 1,
    "names_from": "project",
    "row_is": "one place, sex and age",
    "reader": {
        "format": "xlsx",
        "files": [{"name": "made_*.xlsx"}],
        "sheets": [{"name": "Men ", "values": {"sex": "M"}}],
        "skip_rows": 4,
        "footer": "[0-9]+\\. .*",
        "unpivot": {"headings": "[0-9]+"},
    },
    "marks": [{"mark": "[c]", "meaning": "withheld"}],
    "key": ["place", "sex", "age"],
    "columns": [
        {"name": "place", "source_name": "Place", "type": "text", "description": "A place."},
        {"name": "sex", "part": "sheet", "type": "category", "coding": "sex_letter",
         "description": "Sex."},
        {"name": "age", "part": "heading", "type": "integer", "description": "Age."},
        {"name": "n", "part": "cell", "type": "number", "missing": ["-"],
         "description": "People."},
        {"name": "weight", "source_name": "W", "type": "number", "description": "Weight."},
    ],
    "geography": {"columns": ["place"], "level": "LAD", "vintage": "2020-04-01"},
    "time": {"step": "once"},
    "survey": {"weights": ["weight"]},
    "limits": {"maximum_rejected_share": 0.01, "minimum_rows": 1},
    "disclosure": {"unit": "person", "profile": "ons_srs"},
}  # fmt: skip


def test_a_planned_contract_says_all_that_it_says(tmp_path: Path) -> None:
    made = load_contract(write_contract(tmp_path, PLANNED))
    assert (made.secure, made.has_stand_in, made.synthetic) == (True, False, {})
    assert made.dataset == made.id
    assert made.reader.sheets == (Part(name="Men ", values={"sex": "M"}),)
    assert (made.reader.skip_rows, made.reader.header_rows, made.reader.headings) == (
        4,
        1,
        "[0-9]+",
    )
    columns = {column.name: column for column in made.columns}
    assert columns["sex"].values == (("M", "Male"), ("F", "Female"))
    assert columns["n"].missing == ("-", "[c]")
    assert columns["place"].missing == ("[c]",)
    assert columns["place"].names_from == "project"
    assert [place.level for place in made.places] == ["LAD"]


@pytest.mark.parametrize(
    ("keys", "value", "where", "what"),
    [
        (("columns", 0, "scale"), 0, "columns[0].scale", "less than or equal to the minimum of 0"),
        (("status",), "read", "(top level)", "unknown key 'status'"),
        (("reader", "fill_down"), [], "reader.fill_down", "should be non-empty"),
        (("access",), "closed", "access", "is not one of: open, secure, local"),
        (("names_from",), "memory", "names_from", "is not one of: file"),
        (("names_from",), None, "(top level)", "'names_from' is a required property"),
        (("time",), None, "(top level)", "'time' is a required property"),
        (("time", "step"), "hour", "time.step", "is not one of: day"),
        (("time", "column"), ["place"], "time", "did you mean 'columns'?"),
        (("reader", "format"), "sas", "reader.format", "'sas' is not one of: csv, xlsx"),
        (("reader", "encoding"), "ascii", "reader.encoding", "is not one of: utf-8"),
        (("reader", "thousands"), ", ", "reader.thousands", "is too long"),
        (("reader", "header_rows"), 3, "reader.header_rows", "greater than the maximum of 2"),
        (("reader", "files"), [], "reader.files", "should be non-empty"),
        (("reader", "sheets", 0, "names"), "x", "reader.sheets[0]", "did you mean 'name'?"),
        (("reader", "unpivot", "into"), "age", "reader.unpivot", "unknown key 'into'"),
        (("marks", 0, "meaning"), "secret", "marks[0].meaning", "is not one of: not_available"),
        (("columns", 0, "type"), "code", "columns[0].type", "'code' is not one of: text"),
        (("columns", 0, "source_name"), None, "columns[0]", "'source_name' is a required"),
        (("columns", 0, "part"), "colour", "columns[0].part", "is not one of: field"),
        (("columns", 1, "values"), ["M"], "columns[1]", "should not be valid under"),
        (("columns", 0, "values"), ["M"], "columns[0].type", "'category' was expected"),
        (("columns", 0, "coding"), "sex_letter", "columns[0].type", "'category' was expected"),
        (("columns", 0, "other_values"), "missing", "columns[0].type", "'category' was expected"),
        (("columns", 1, "other_values"), "keep", "columns[1].other_values", "is not one of: rej"),
        (("columns", 0, "date_format"), "%d", "columns[0].type", "'date' was expected"),
        (("columns", 2, "pattern"), "[0-9]", "columns[2].type", "'text' was expected"),
        (("geography", "level"), "borough", "geography.level", "does not fit: Level of the place"),
        (("geography",), [], "geography", "is too short"),
        (("geography", "vintage_is"), "guessed", "geography.vintage_is", "is not one of: declared"),
        (("survey", "weight"), "W", "survey", "did you mean 'weights'?"),
        (("survey", "weights"), None, "survey", "'weights' is a required property"),
        (("disclosure", "unit"), "dog", "disclosure.unit", "is not one of: none, person"),
        (("disclosure", "personal_data"), [{"column": "n"}], "disclosure.personal_data[0]",
         "'reason' is a required property"),
        (("conversion",), {"kind": "sum"}, "conversion.kind", "is not one of: count"),
        (("conversion",), {"kind": "count", "other_kinds": {"n": "sum"}},
         "conversion.other_kinds.n", "is not one of: count"),
        (("notes",), "text", "notes", "is not of type 'array'"),
    ],
)  # fmt: skip
def test_a_broken_contract_names_file_key_and_fault(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, where: str, what: str
) -> None:
    with pytest.raises(SourceError) as caught:
        load_contract(write_contract(tmp_path, changed_contract(PLANNED, keys, value)))
    assert caught.value.where == f"{tmp_path / 'made.yaml'}: {where}"
    assert what in caught.value.what


@pytest.mark.parametrize(
    ("keys", "value", "fault"),
    [
        (("key",), ["place", "day"], "key names day, no column"),
        (("columns", 1, "coding"), None, "sex is a category without values or a coding"),
        (("key",), [], "either key or without_key says how rows are told apart"),
        (("without_key",), "Because.", "either key or without_key says how rows are told apart"),
        (("columns", 4, "name"), "place", "column place is there twice"),
        (("columns", 4, "source_name"), "Place", "source_name Place is there twice"),
        (("geography", "columns"), ["lad"], "geography names lad, no column"),
        (("time", "columns"), ["day"], "time names day, no column"),
        (("survey", "weights"), ["w"], "survey.weights names w, no column"),
        (("survey", "cluster"), ["home"], "survey.cluster names home, no column"),
        (("disclosure", "personal_data"), [{"column": "postcode", "reason": "None."}],
         "personal_data names postcode, no column"),
        (("conversion",), {"kind": "count", "other_kinds": {"m": "rate"}},
         "conversion names m, no column"),
        (("marks",), [{"mark": "x", "meaning": "withheld"}, {"mark": "x", "meaning": "unreliable"}],
         "mark x is there twice"),
        (("reader", "unpivot"), None, "heading: one column with reader.unpivot, none without"),
        (("columns", 3, "part"), "geometry", "cell: one column with reader.unpivot, none without"),
        (("columns", 3, "type"), "geometry", "geometry: type and part go together"),
        (("reader", "sheets"), None, "sheet: columns of that part, but the reader names none"),
        (("reader", "sheets", 0, "values"), {"sexe": "M"},
         "sheet Men : its values are not those of the columns of that part"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_together_are_named(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, fault: str
) -> None:
    with pytest.raises(SourceError, match="do not fit together") as caught:
        load_contract(write_contract(tmp_path, changed_contract(PLANNED, keys, value)))
    assert fault in caught.value.values


def test_a_value_twice_in_a_coding_and_an_unknown_coding_are_refused(tmp_path: Path) -> None:
    content = changed_contract(PLANNED, ("columns", 1, "coding"), None)
    content["columns"][1]["values"] = ["M", {"value": "M", "label": "Male"}]
    with pytest.raises(SourceError, match="value of sex M is there twice"):
        load_contract(write_contract(tmp_path, content))
    with pytest.raises(SourceError, match="There is no coding 'sexes'"):
        load_contract(
            write_contract(tmp_path, changed_contract(PLANNED, ("columns", 1, "coding"), "sexes"))
        )


def test_every_key_of_a_contract_is_described_and_no_other_is_taken() -> None:
    def walk(schema: Any, place: str) -> list[str]:
        if not isinstance(schema, dict):
            return []
        found = []
        for key, each in schema.get("properties", {}).items():
            described = "$ref" in each or "description" in each
            found += [] if described else [f"{place}.{key}"]
            found += walk(each, f"{place}.{key}")
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            found.append(f"{place} is open")
        found += walk(schema.get("items"), f"{place}[]")
        for each in schema.get("anyOf", []):
            found += walk(each, place)
        return found

    assert walk(SCHEMA, "") == [".synthetic is open"]  # each recipe has keys of its own
    for name, each in SCHEMA["$defs"].items():
        assert walk(each, name) == []
