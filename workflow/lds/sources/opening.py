"""From raw files to raw tables: which reader reads each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lds.files.encoding import refuse_empty
from lds.files.packed import unpacked
from lds.sources.contract import Contract
from lds.sources.csvfile import TextFile, careful_table, is_plain, open_text, plain_table
from lds.sources.rawfiles import ENDINGS, file_constants
from lds.sources.rawtable import RawTable


@dataclass(frozen=True)
class Opened:
    """One raw table of the raw file `path`.

    Attributes
    ----------
    text : there where DuckDB will read the table straight from a text file.
    """

    path: Path
    table: RawTable
    text: TextFile | None = None


def open_raw(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    encoding: str,
    number: int,
    folder: Path,
) -> Iterator[Opened]:
    """Open one raw file of a source as raw tables, one a sheet.

    Parameters
    ----------
    number : place of the file among those of the source; tables of `con` are named by it.
    folder : for what is unpacked; below the results, because the source may be secure.

    Raises
    ------
    SourceError : empty, damaged or undecodable file, or a header that does not fit the contract.
    """
    refuse_empty(path, path)
    form = contract.reader.format
    constants = file_constants(path, contract)
    own = folder / f"file_{number}"
    plain = unpacked(path, own, ENDINGS[form], unnamed=ENDINGS[form][0], secure=contract.secure)
    if form == "csv":
        text = open_text(plain, path, contract, encoding, constants, own)
        if is_plain(text):
            yield Opened(path, plain_table(text, number), text)
        else:
            yield Opened(path, careful_table(con, text, number))
        return
    # The libraries for these take time to load, and most sources are CSV.
    from lds.sources import typedfile

    raw = typedfile.RawFile(
        path=plain, shown=path, contract=contract, number=number, constants=constants
    )
    if form in ("xlsx", "xls"):
        tables = typedfile.read_workbook(con, raw)
    elif form in ("geojson", "geopackage"):
        tables = typedfile.read_geodata(con, raw)
    elif form == "parquet":
        tables = iter([typedfile.read_parquet(con, raw)])
    else:
        tables = iter([typedfile.read_statistics_file(con, raw)])
    for table in tables:
        yield Opened(path, table)
