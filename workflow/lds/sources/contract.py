"""The contract of a source: what a raw file must be before the workflow reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lds.errors import SourceError
from lds.io import SCHEMAS, read_yaml
from lds.schema import problems
from lds.sources.codings import coding


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a source; see ``workflow/schemas/source.schema.yaml`` for the keys.

    Attributes
    ----------
    source_name : the name in the raw file; empty where the column is no field of it (`part`).
    values : the values allowed, in the order of the coding, each with its label.
    missing : marks for a missing value, those of the whole contract included.
    scale : how many of `unit` are one in the raw file.
    other_values : whether a value that is none of `values` rejects the row, or is ``missing``.
    """

    name: str
    source_name: str = ""
    type: str
    description: str
    unit: str | None = None
    scale: float = 1
    required: bool = False
    optional: bool = False
    missing: tuple[str, ...] = ()
    minimum: float | str | None = None
    maximum: float | str | None = None
    pattern: str | None = None
    other_names: tuple[str, ...] = ()
    part: str = "field"
    names_from: str = "file"
    values: tuple[tuple[str, str], ...] = ()
    coding: str | None = None
    other_values: str = "reject"
    date_format: str = "%Y-%m-%d"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file or a sheet of a source, and the values that it stands for, by column."""

    name: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a raw file is read, besides delimiter and further columns; the schema has the keys."""

    format: str = "csv"
    files: tuple[Part, ...] = ()
    sheets: tuple[Part, ...] = ()
    encoding: str = "utf-8"
    thousands: str | None = None
    skip_rows: int = 0
    header_rows: int = 1
    footer: str | None = None
    fill_down: tuple[str, ...] = ()
    headings: str | None = None
    removed: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """How rows are placed: columns, level and vintage of their codes."""

    columns: tuple[str, ...]
    level: str
    vintage: str
    vintage_is: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A source's contract, read from ``workflow/schemas/sources/<id>.yaml``.

    Attributes
    ----------
    dataset : the dataset of which this is one published shape; the id where it has one only.
    marks : the publisher's marks in place of a value, each with its meaning.
    places : one entry per way in which a row is placed.
    time, survey : as in the file; the schema has the keys.
    personal_data : (column, reason) of columns with personal data that are let in.
    personal_kinds : (column, kind) of those whose values are more than pseudonyms.
    """

    id: str
    title: str
    publisher: str
    licence: str
    citation: str
    access: str
    url: str | None
    version: int
    row_is: str
    delimiter: str
    extra_columns: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    maximum_rejected_share: float
    minimum_rows: int
    profile: str
    synthetic: dict[str, Any]
    conversion: dict[str, Any] = field(default_factory=dict)
    lookups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    dataset: str = ""
    names_from: str = "file"
    notes: tuple[str, ...] = ()
    reader: Reader = field(default_factory=Reader)
    marks: tuple[tuple[str, str], ...] = ()
    without_key: str | None = None
    places: tuple[Place, ...] = ()
    time: dict[str, Any] = field(default_factory=dict)
    survey: dict[str, Any] = field(default_factory=dict)
    unit: str = "none"
    personal_data: tuple[tuple[str, str], ...] = ()
    personal_kinds: tuple[tuple[str, str], ...] = ()

    @property
    def has_stand_in(self) -> bool:
        """Whether a synthetic file can take the place of the raw one."""
        return bool(self.synthetic)

    @property
    def secure(self) -> bool:
        """Whether values of this source may never be shown in a message."""
        return self.access != "open"


def contract_path(source: str, schemas: Path = SCHEMAS) -> Path:
    """Return the path of a source's contract."""
    return schemas / "sources" / f"{source}.yaml"


def load_contract(path: Path) -> Contract:
    """Read a contract and check it against the schema of contracts.

    Raises
    ------
    SourceError : when the contract itself is wrong (file and key are named).
    """
    raw = read_yaml(path)
    found = list(problems(raw, _schema()))
    if found:
        place, sentence = found[0]
        raise SourceError(f"A source contract is wrong: {sentence}.", where=f"{path}: {place}")
    contract = _contract(raw)
    faults = list(misfits(contract))
    if faults:
        raise SourceError(
            "A source contract is wrong: its parts do not fit together.",
            where=str(path),
            values=faults,
        )
    return contract


def contract_ids(schemas: Path = SCHEMAS) -> list[str]:
    """Return the id of every contract, sorted, without reading them."""
    return sorted(path.stem for path in (schemas / "sources").glob("*.yaml"))


def ids_with_stand_in(schemas: Path = SCHEMAS) -> list[str]:
    """Return the ids of sources with a stand-in, sorted; only one line is looked for."""
    return [
        each
        for each in contract_ids(schemas)
        if re.search("^synthetic:", contract_path(each, schemas).read_text("utf-8"), re.MULTILINE)
    ]


class Contracts(dict[str, Contract]):
    """Contracts by id, each read when it is first asked for: all of them take a second."""

    def __missing__(self, source: str) -> Contract:
        """Read a contract."""
        self[source] = load_contract(contract_path(source))
        return self[source]


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = read_yaml(SCHEMAS / "source.schema.yaml")
    return schema


@cache
def load_contracts(schemas: Path = SCHEMAS) -> tuple[Contract, ...]:
    """Read every contract, in the order of their ids; once in a process.

    Raises
    ------
    SourceError : a contract that is wrong, or whose id is not the name of its file.
    """
    contracts = []
    for path in sorted((schemas / "sources").glob("*.yaml")):
        contract = load_contract(path)
        if contract.id != path.stem:
            raise SourceError(
                "A source contract is not named like its file.",
                where=str(path),
                values=[contract.id],
                remedy="Give the file the id of the contract.",
            )
        contracts.append(contract)
    return tuple(contracts)


def misfits(contract: Contract) -> Iterator[str]:
    """Yield what in a contract names a column that is not there, or says a thing twice."""
    names = [column.name for column in contract.columns]
    yield from _repeated("column", names)
    fields = [column.source_name for column in contract.columns if column.part == "field"]
    yield from _repeated("source_name", fields)
    yield from _repeated("mark", [mark for mark, _ in contract.marks])
    for column in contract.columns:
        yield from _repeated(f"value of {column.name}", [value for value, _ in column.values])
        if column.type == "category" and not column.values:
            yield f"{column.name} is a category without values or a coding"
    named = {
        "key": contract.key,
        "geography": tuple(name for place in contract.places for name in place.columns),
        "time": tuple(contract.time.get("columns", ())),
        "personal_data": tuple(name for name, _ in contract.personal_data),
        "reader.fill_down": contract.reader.fill_down,
        "conversion": tuple(contract.conversion.get("other_kinds", ())),
        **{f"survey.{key}": tuple(contract.survey.get(key, ())) for key in SURVEY_KEYS},
    }
    for place, columns in named.items():
        yield from (f"{place} names {each}, no column" for each in columns if each not in names)
    if bool(contract.key) == bool(contract.without_key):
        yield "either key or without_key says how rows are told apart"
    yield from _parts_of_the_file(contract)
    yield from _bad_patterns(contract)


def _bad_patterns(contract: Contract) -> Iterator[str]:
    patterns = {f"pattern of {column.name}": column.pattern for column in contract.columns}
    patterns |= {"reader.footer": contract.reader.footer, "headings": contract.reader.headings}
    for place, pattern in patterns.items():
        try:
            re.compile(pattern or "")
        except re.error as error:
            yield f"{place} is no regular expression ({error})"


SURVEY_KEYS = ("weights", "cluster", "strata")
"""Parts of a survey's design that columns hold."""


def _repeated(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{what} {name} is there twice"


def _parts_of_the_file(contract: Contract) -> Iterator[str]:
    """Yield columns that hold a part of the raw file which the reader does not give them."""
    by_part: dict[str, list[str]] = {}
    for column in contract.columns:
        by_part.setdefault(column.part, []).append(column.name)
    reader = contract.reader
    for part in ("heading", "cell"):
        if len(by_part.get(part, [])) != (1 if reader.headings else 0):
            yield f"{part}: one column with reader.unpivot, none without"
    for part, given in (("file", reader.files), ("sheet", reader.sheets)):
        for each in given:
            if sorted(each.values) != sorted(by_part.get(part, [])):
                yield f"{part} {each.name}: its values are not those of the columns of that part"
        if by_part.get(part) and not given:
            yield f"{part}: columns of that part, but the reader names none"
    geometry = [column.name for column in contract.columns if column.type == "geometry"]
    if geometry != by_part.get("geometry", []):
        yield "geometry: type and part go together"


def _column(raw: Mapping[str, Any], contract: Mapping[str, Any]) -> Column:
    marks = [each["mark"] for each in contract.get("marks", ())]
    values = raw.get("values", ()) if "coding" not in raw else coding(raw["coding"])
    return Column(
        **{
            **raw,
            "missing": tuple(dict.fromkeys([*raw.get("missing", ()), *marks])),
            "other_names": tuple(raw.get("other_names", ())),
            "names_from": raw.get("names_from", contract.get("names_from", "file")),
            "values": tuple(
                (each, each) if isinstance(each, str) else (each["value"], each["label"])
                for each in values
            ),
        }
    )


def _reader(raw: Mapping[str, Any]) -> Reader:
    plain = {key: value for key, value in raw.items() if key not in _NOT_IN_READER}
    for key in ("files", "sheets"):
        plain[key] = tuple(Part(**each) for each in raw.get(key, ()))
    plain["fill_down"] = tuple(raw.get("fill_down", ()))
    unpivot = raw.get("unpivot", {})
    return Reader(**plain, headings=unpivot.get("headings"), removed=unpivot.get("removed", ""))


_NOT_IN_READER = {"delimiter", "extra_columns", "unpivot", "files", "sheets"}


def _contract(raw: Mapping[str, Any]) -> Contract:
    geography = raw.get("geography", [])
    places = geography if isinstance(geography, list) else [geography]
    return Contract(
        id=raw["id"],
        dataset=raw.get("dataset", raw["id"]),
        title=raw["title"],
        publisher=raw["publisher"],
        licence=raw["licence"],
        citation=raw["citation"],
        access=raw["access"],
        url=raw.get("url"),
        version=raw["version"],
        names_from=raw.get("names_from", "file"),
        row_is=raw["row_is"],
        notes=tuple(raw.get("notes", ())),
        delimiter=raw["reader"].get("delimiter", ","),
        extra_columns=raw["reader"].get("extra_columns", "refuse"),
        reader=_reader(raw["reader"]),
        marks=tuple((each["mark"], each["meaning"]) for each in raw.get("marks", ())),
        key=tuple(raw["key"]),
        without_key=raw.get("without_key"),
        columns=tuple(_column(column, raw) for column in raw["columns"]),
        places=tuple(Place(**{**place, "columns": tuple(place["columns"])}) for place in places),
        time=raw.get("time", {}),
        survey=raw.get("survey", {}),
        maximum_rejected_share=raw["limits"]["maximum_rejected_share"],
        minimum_rows=raw["limits"]["minimum_rows"],
        unit=raw["disclosure"]["unit"],
        profile=raw["disclosure"]["profile"],
        personal_data=tuple(
            (each["column"], each["reason"]) for each in raw["disclosure"].get("personal_data", ())
        ),
        personal_kinds=tuple(
            (each["column"], each["kind"])
            for each in raw["disclosure"].get("personal_data", ())
            if "kind" in each
        ),
        synthetic=raw.get("synthetic", {}),
        conversion=raw.get("conversion", {}),
        lookups=tuple(raw.get("harmonise", {}).get("lookups", ())),
        resources=tuple(raw.get("harmonise", {}).get("resources", ())),
    )
