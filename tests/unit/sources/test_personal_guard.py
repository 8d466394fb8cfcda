"""The guard as staging calls it: what it refuses of a raw file, and what its message shows."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest
from builders import DAY, NUMBER, PLACE, contract
from test_personal_values import nhs_number, nino, postcode, titled_name

from lds.errors import SourceError
from lds.sources.contract import Column
from lds.sources.personal import Finding, findings, named_personal, personal_values, refuse_personal

PERSON = Column(name="person_id", source_name="Pseudonym", type="text", description="A person.")
HOME = Column(
    name="home", source_name="Home", other_names=("PCD",), type="text", description="A postcode."
)
SECURE = contract(
    access="secure",
    columns=(PLACE, DAY, NUMBER, PERSON, HOME),
    personal_data=(("person_id", "Pseudonymised."), ("home", "Finds the LSOA.")),
    personal_kinds=(("home", "postcode"),),
)


def sample(make, size: int = 50) -> list[str]:
    draw = random.Random(make.__name__)
    return [make(draw) for _ in range(size)]


def test_a_file_without_personal_data_passes() -> None:
    names = ["Place", "Day", "N", "Pseudonym"]
    samples = {"Place": ["Leeds"] * 50, "Pseudonym": [f"P{n:08}" for n in range(50)]}
    assert findings(names, samples, SECURE) == []
    refuse_personal(Path("raw.csv"), names, samples, SECURE)


def test_columns_are_found_by_name_and_by_content() -> None:
    made = contract(columns=(PLACE, DAY, Column(name="n", source_name="Email", type="text",
                                                description="A text.")))  # fmt: skip
    names = ["Place", "Day", "Email"]
    mixed = [*sample(titled_name, 49), "A 1"]
    emails = [f"somebody{n}@example.org" for n in range(20)]
    assert findings(names, {"Place": mixed}, made) == [
        Finding("Place", "name", "by its content: 98% of 50 values"),
        Finding("Email", "email", "by its name"),
    ]
    assert findings(names, {"Email": emails}, made) == [
        Finding("Email", "email", "by its content and name: 100% of 20 values")
    ]


def test_what_the_contract_lets_in_passes_under_every_name_of_the_column() -> None:
    for name in ("Home", "PCD"):
        assert findings([name], {name: sample(postcode)}, SECURE) == []
    without = contract(access="secure", columns=(HOME,))
    assert [each.kind for each in findings(["PCD"], {}, without)] == ["postcode"]
    assert [each.kind for each in findings(["Home"], {"Home": sample(postcode)}, without)] == [
        "postcode"
    ]


def test_a_pseudonym_may_not_turn_out_to_be_a_number_that_identifies() -> None:
    for make, kind in ((nhs_number, "nhs_number"), (nino, "national_insurance_number")):
        found = findings(["Pseudonym"], {"Pseudonym": sample(make)}, SECURE)
        assert [(each.column, each.kind) for each in found] == [("Pseudonym", kind)]
    found = findings(["Home"], {"Home": sample(nhs_number)}, SECURE)
    assert [each.kind for each in found] == ["nhs_number"]


def test_marks_of_missing_values_do_not_count() -> None:
    marked = contract(
        columns=(Column(name="p", source_name="P", type="text", description="P.", missing=("-9",)),)
    )
    values = [*(["-9"] * 450), *sample(titled_name)]
    assert findings(["P"], {"P": values}, marked)[0].evidence.endswith("100% of 50 values")
    assert personal_values(values) is None


def test_other_columns_of_a_file() -> None:
    ignoring = {"extra_columns": "ignore"}
    assert findings(["Place", "Surname"], {}, contract(**ignoring)) == []
    assert [e.column for e in findings(["Place", "Surname"], {}, contract())] == ["Surname"]
    secure = contract(access="secure", **ignoring)
    assert findings(["Place", "Surname"], {}, secure) == [
        Finding("column 2", "name", "by its name")
    ]


def test_the_message_names_columns_and_kinds_and_no_value() -> None:
    values = sample(nhs_number, 1_000)
    names = ["Place", "Day", "Pseudonym", "the DOB of Hermione"]
    with pytest.raises(SourceError) as caught:
        refuse_personal(Path("raw.csv"), names, {"Pseudonym": values}, SECURE)
    said = str(caught.value)
    assert "raw.csv: Pseudonym: NHS numbers (by its content: 100% of 1,000 values);" in said
    assert "column 4: dates of birth (by its name)" in said
    assert "disclosure.personal_data" in said
    assert "Hermione" not in said
    assert not any(value in said for value in values)
    assert caught.value.values == []


def test_the_module_reads_nothing_when_it_is_imported(root: Path) -> None:
    code = (
        "import lds.sources.personal as p, sys;"
        "assert p._resource.cache_info().currsize == 0;"
        "assert not any(m.startswith('stdnum') for m in sys.modules);"
        "assert 'polars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": f"{root}/workflow"})


PRICE_PAID = {
    "column_3": "postcode",
    "column_8": "address",
    "column_9": "address",
}
"""Columns of price paid files, which have no header, that hold addresses of properties."""


def text_columns(folder: Path) -> Iterator[tuple[str, str, Sequence[str | None]]]:
    """Yield file, column and values of every table in a folder of open data."""
    for path in sorted(folder.rglob("*")):
        table: Mapping[str, Sequence[str | None]] = {}
        if path.suffix == ".csv":
            headed = "pp_15_rows" not in path.name and "pricepaid" not in path.name
            table = pl.read_csv(
                path, infer_schema=False, n_rows=20_000, has_header=headed,
                truncate_ragged_lines=True,
            ).to_dict(as_series=False)  # fmt: skip
        elif path.suffix == ".parquet":
            table = pl.read_parquet(path).cast(pl.String).to_dict(as_series=False)
        elif path.suffix == ".geojson":
            rows = [each["properties"] for each in json.loads(path.read_text())["features"]]
            table = {key: [str(row[key]) for row in rows] for key in rows[0]}
        for name, values in table.items():
            yield path.name, name, values


def test_no_column_of_the_open_data_is_taken_for_personal(open_data: Path) -> None:
    """All but postcodes and addresses of sold properties; whole columns and the start of each."""
    columns = 0
    flagged: dict[str, dict[str, str]] = {}
    for file, name, values in text_columns(open_data):
        columns += 1
        assert named_personal(name) is None, (file, name)
        for part in (values, values[:40]):
            if found := personal_values(part):
                flagged.setdefault(file, {})[name] = found.kind
    assert columns > 900
    sold = {file: kinds for file, kinds in flagged.items() if "pricepaid" in file or "pp_" in file}
    assert flagged == sold
    assert sold["pricepaid_RG30_1995-2023.csv"] == PRICE_PAID
    assert sold["pricepaid_RG31_2023.csv"] == PRICE_PAID
    assert set(sold["example_pp_15_rows.csv"]) == {"column_3", "column_9"}
