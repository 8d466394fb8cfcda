"""Stand-ins of a few districts, staged under their contracts, beside what is true of them."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from lds.sources.contract import Contract, contract_path, load_contract
from lds.sources.staging import Staged, stage
from lds.synthetic.england.country import England
from lds.synthetic.standin import make_stand_in
from lds.synthetic.writing import write_raw_file
from stand_ins import part_of_england

CODES = (
    *("E07000004", "E07000005", "E07000006", "E07000007"),
    *("E06000053", "E06000016", "E07000131", "E09000012"),
)
"""The parts of Buckinghamshire; Scilly (the smallest), Leicester, Harborough, Hackney."""


@dataclass(frozen=True)
class Made:
    """A stand-in after staging."""

    truth: dict[str, Any]
    staged: Staged
    table: pl.DataFrame


def small_contract(source: str, **synthetic: Any) -> Contract:
    """Return the contract of a source for a few districts, with other settings of its recipe."""
    contract = load_contract(contract_path(source))
    return replace(contract, minimum_rows=1, synthetic={**contract.synthetic, **synthetic})


def few_districts(seed: int = 2021) -> England:
    """Return a country of eight districts with two made-up postcodes in each LSOA."""
    england = part_of_england(CODES, 2021)
    codes = england.places["code"]
    postcodes = pl.DataFrame(
        {"lsoa_code": codes, "postcodes": [["ZZ1 1AA", "ZZ1 1AB"] for _ in codes]}
    )
    return replace(england, seed=seed, postcodes=postcodes)


def made(england: England, contract: Contract, folder: Path, scale: float | None = None) -> Made:
    """Make the stand-in of a source in a folder and stage it."""
    stand_in = make_stand_in(england, contract, scale)
    paths = [write_raw_file(file, folder) for file in stand_in.files]
    done = stage(paths, contract, None, folder / "staged" / "table.parquet", synthetic=True)
    return Made(stand_in.truth, done, done.table)


@functools.cache
def made_once(source: str, scale: float | None = None) -> Made:
    """Return the stand-in of the few districts, made once for all tests that only look at it."""
    with tempfile.TemporaryDirectory() as folder:
        return made(few_districts(), small_contract(source), Path(folder), scale)


def raw_bytes(england: England, contract: Contract, folder: Path) -> dict[str, bytes]:
    """Return the raw files of a stand-in by name."""
    files = make_stand_in(england, contract).files
    return {file.name: write_raw_file(file, folder).read_bytes() for file in files}
