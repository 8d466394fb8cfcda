"""Weights by name, as the command line takes them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lds.errors import GeographyError
from lds.geography.classification.table_vintage import open_table
from lds.geography.conversion.weights import Weights, lsoa_weights, population_weights
from lds.geography.levels.lsoas import lsoas11
from lds.geography.register import Register

_LSOA = r"^E01\d{6}$"


def find_weights(register: Register, name: str) -> Weights:
    """Return the weights that `name` stands for.

    Parameters
    ----------
    name : ``population`` (the register's, latest year), ``lsoas`` (number of LSOAs of 2011),
        ``area`` (their area), or ``FILE:COLUMN``: a whole number for each LSOA of 2011.

    Raises
    ------
    GeographyError : no such name; a file without LSOAs or without that column; numbers that do not
        cover all LSOAs.
    SourceError : the file cannot be read.
    """
    if name == "population":
        return population_weights(register)
    if name in ("lsoas", "area"):
        lsoas = lsoas11(register)
        values = None if name == "lsoas" else lsoas.select("code", weight="area")
        basis = "number of LSOAs of 2011" if name == "lsoas" else "area of LSOAs of 2011"
        return lsoa_weights(register, lsoas, values, basis=basis)
    file, _, column = name.rpartition(":")
    if not file:
        raise GeographyError(
            f"There are no weights called {name!r}.",
            remedy="Choose population, lsoas or area, or name FILE:COLUMN with LSOAs of 2011.",
        )
    values = _from_file(Path(file), column)
    return lsoa_weights(register, lsoas11(register), values, basis=f"{column} of {file}")


def _from_file(file: Path, column: str) -> pl.DataFrame:
    """Return ``code, weight`` of the English LSOAs in a file."""
    from lds.database import fetch

    with open_table(file) as opened:
        rows = fetch(opened.rows)
    texts = [rows[name].cast(pl.String).alias(name) for name in rows.columns]
    shares = {text.name: text.str.contains(_LSOA).sum() or 0 for text in texts}
    code = max(shares, key=lambda each: shares[each]) if shares else ""
    if not code or not shares[code] or column not in rows.columns:
        raise GeographyError(
            "A file of weights needs a column of LSOA codes of 2011 and the one that is named.",
            where=f"{file}, which has: {', '.join(rows.columns)}",
            values=[column],
            remedy="Write FILE:COLUMN, with COLUMN as it stands in the file.",
        )
    number = pl.col(column).cast(pl.String).str.replace_all(",", "").cast(pl.Float64, strict=False)
    whole = rows.select(
        code=pl.col(code).cast(pl.String), weight=number.cast(pl.Int64, strict=False)
    )
    return whole.filter(pl.col("code").str.contains(_LSOA)).drop_nulls()
