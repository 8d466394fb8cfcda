"""Staging: the raw files of a source become one typed table, and no row is lost on the way.

Rows pass once from the raw file into a Parquet file of the good ones; where some are left over, the
file is read again for them alone. Nothing of a large text file is held in memory as a whole, and
nothing is written outside the folder of the table.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from lds.database import connect, literal, load_frame, one_file, query, quoted
from lds.errors import SourceError
from lds.io import replacing, sha256
from lds.sources.checks import (
    Check,
    all_checks,
    faults_of_rows,
    good_rows,
    mark_name,
    marked_columns,
    staged_names,
)
from lds.sources.contract import Contract
from lds.sources.csvfile import broken_records, careful_table, is_all
from lds.sources.opening import Opened, open_raw
from lds.sources.personal import refuse_personal
from lds.sources.rawfiles import missing_file
from lds.sources.rejects import NO_REPEATS, Part, find_repeats, refuse, rejected_rows

SAMPLE = 4_000
"""Rows of a raw table whose texts are looked at for personal data."""


@dataclass(frozen=True)
class Staged:
    """What staging made of the raw files of a source.

    Attributes
    ----------
    path : Parquet file with the typed rows, columns as the SQL file of the source gives them, else
        those of the contract.
    rejected : one row per rejected line: the columns of `REJECTED`. Values of a secure source are
        not left out here: the table stays under ``results/secure/``.
    report : ``files`` (each with its checksum, header line, coordinate reference system, rows and
        what was dropped), ``rows_in, rows_kept, rows_rejected, reasons, marks, columns_ignored,
        synthetic`` and the contract's version; ``rows_in`` is always the sum of the next two.
    """

    path: Path
    rejected: pl.DataFrame
    report: dict[str, object]

    @property
    def table(self) -> pl.DataFrame:
        """The typed rows, read into memory."""
        return pl.read_parquet(self.path)


def _checksums(paths: Sequence[Path], contract: Contract, expected: str | None) -> dict[Path, str]:
    found = {}
    for path in paths:
        if not path.is_file():
            raise missing_file(path, contract)
        found[path] = sha256(path)
    if expected and expected.lower() not in found.values():
        raise SourceError(
            "A raw file is not the one that was registered: its SHA-256 differs.",
            where=", ".join(map(str, paths)),
            values=[f"expected {expected}", *(f"found {checksum}" for checksum in found.values())],
            remedy="The file was changed or cut short; get it again, or register the new checksum.",
        )
    return found


def _checksum(checksums: Mapping[Path, str]) -> str:
    """Return the checksum of the raw file; of several, that of the list of theirs."""
    if len(checksums) == 1:
        return next(iter(checksums.values()))
    listed = "".join(f"{checksum}  {path.name}\n" for path, checksum in checksums.items())
    return hashlib.sha256(listed.encode()).hexdigest()


def _read_part(
    con: duckdb.DuckDBPyConnection,
    opened: Opened,
    number: int,
    good: Path,
    contract: Contract,
    checks: Sequence[Check],
) -> Part:
    """Write the good rows of a raw table to `good`, and find the others.

    Where DuckDB cannot read a text file, it is read record by record.
    """
    try:
        return _read_once(con, opened, number, good, contract, checks)
    except duckdb.Error:
        if opened.text is None:
            # What DuckDB says of a value may quote it.
            raise SourceError(
                "A raw file is not a readable table.",
                where=opened.table.name,
                remedy="Check that it is whole and of the format that the contract names.",
            ) from None
    careful = Opened(opened.path, careful_table(con, opened.text, number))
    return _read_once(con, careful, number, good, contract, checks)


def _read_once(
    con: duckdb.DuckDBPyConnection,
    opened: Opened,
    number: int,
    good: Path,
    contract: Contract,
    checks: Sequence[Check],
) -> Part:
    raw = opened.table
    part = Part(opened, good, records=raw.broken)
    # Pushed below the checks, the filter on their outcome would work each one out again.
    # A list of more than a few values would become a join, after which rows lose their order.
    con.execute("set disabled_optimizers = 'filter_pushdown,in_clause'")
    counted = con.execute(
        f"copy ({good_rows(raw, contract, checks)}) to {literal(str(good))}"
        " (format parquet, compression zstd)"
    ).fetchall()
    part.kept = counted[0][0]
    if opened.text is not None:
        part.broken = broken_records(con, number)
        complete = is_all(opened.text, part.broken, part.kept)
    else:
        complete = raw.rows == part.kept
    if not complete:
        # A file is read a second time only where it has rows that do not go into the table.
        part.bad = _find_bad(con, faults_of_rows(raw, contract, checks), good.parent)
    con.execute("reset disabled_optimizers")
    if raw.rows is not None and raw.rows != part.rows:
        raise SourceError(
            f"Staging lost rows: {raw.rows} in the file, {part.rows} read.", where=raw.name
        )
    return part


def _find_bad(con: duckdb.DuckDBPyConnection, faults: str, scratch: Path) -> pl.DataFrame:
    """Return ``ordinal, fault, value`` of the rows with a fault, in their order.

    The way over a file, which numbers its rows, keeps both processors busy; a window does not.
    """
    path = literal(one_file(scratch / "faults.parquet"))
    con.execute(f"copy ({faults}) to {path} (format parquet, compression snappy)")
    return query(
        con,
        "select file_row_number + 1 as ordinal, fault, value"
        f" from read_parquet({path}, file_row_number = true) where fault is not null"
        " order by ordinal",
    )


def _all_good(parts: Sequence[Part]) -> str:
    """Return the query over the good rows of all parts, with ``part`` and ``position``."""
    return " union all ".join(
        f"select {place}::integer as part, file_row_number + 1 as position,"
        f" * exclude (file_row_number) from read_parquet({literal(one_file(part.good))},"
        " file_row_number = true)"
        for place, part in enumerate(parts)
    )


def _sample(
    con: duckdb.DuckDBPyConnection, part: Part, place: int, contract: Contract
) -> tuple[list[str], dict[str, list[str | None]]]:
    """Return the column names of a raw table, as the contract writes them, and texts of columns.

    Rows are taken at even distances; columns whose values the contract lists are not looked at.
    """
    names = list(part.raw.names)
    looked_at = []
    for column in contract.columns:
        if column.name in part.raw.places:
            names[part.raw.places[column.name]] = column.source_name
            if column.type in ("text", "integer"):
                looked_at.append(column)
    if not looked_at or not part.kept:
        return names, {}
    step = max(1, part.kept // SAMPLE)
    rows = con.execute(
        f"select {', '.join(f'{quoted(column.name)}::varchar' for column in looked_at)}"
        f" from good where part = {place} and position % {step} = 0 order by position"
    ).fetchall()
    texts = [list(each) for each in zip(*rows, strict=True)] or [[] for _ in looked_at]
    return names, {column.source_name: each for column, each in zip(looked_at, texts, strict=True)}


def _write_table(
    con: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    repeats: pl.DataFrame,
    contract: Contract,
    sql: Path | None,
    to: Path,
) -> int:
    """Write the accepted rows by the SQL file of the source, else as they are; return how many."""
    if sql is None and repeats.is_empty() and len(parts) == 1:
        parts[0].good.replace(to)
        return parts[0].kept
    names = ", ".join(map(quoted, staged_names(contract)))
    without = ""
    if not repeats.is_empty():
        load_frame(con, "repeats", repeats.select("part", "position"))
        without = " anti join repeats using (part, position) order by part, position"
    con.execute(f"create view accepted as select {names} from good{without}")
    statement = sql.read_text(encoding="utf-8") if sql else "select * from accepted"
    with replacing(to) as temporary:
        counted = con.execute(
            f"copy ({statement.rstrip().rstrip(';')}) to {literal(str(temporary))}"
            " (format parquet, compression zstd)"
        ).fetchall()
    rows: int = counted[0][0]
    return rows


def _marks(con: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, dict[str, int]]:
    """Return how often each mark of the publisher stands in each column of the good rows."""
    found: dict[str, dict[str, int]] = {}
    for column in marked_columns(contract):
        mark = quoted(mark_name(column))
        counts = con.execute(
            f"select {mark}, count(*) from good where {mark} is not null group by 1 order by 1"
        ).fetchall()
        if counts:
            found[column.name] = dict(counts)
    return found


def _report(
    parts: Sequence[Part],
    contract: Contract,
    rejected: pl.DataFrame,
    *,
    rows_kept: int,
    marks: Mapping[str, Mapping[str, int]],
    checksums: Mapping[Path, str],
    synthetic: bool,
) -> dict[str, object]:
    """Return the report of `Staged`."""
    return {
        "source": contract.id,
        "contract_version": contract.version,
        "synthetic": synthetic,
        "sha256": _checksum(checksums),
        "files": [
            {
                "file": part.raw.file,
                "sheet": part.raw.sheet,
                "sha256": checksums[part.opened.path],
                "header_line": part.raw.header_line,
                "crs": part.raw.crs,
                "rows_in": part.rows_in,
                "dropped": {
                    "above_header": part.raw.dropped.get("above_header", 0),
                    "blank": part.raw.dropped.get("blank", 0) + part.blank_rows + part.blank,
                    "footnote": part.raw.dropped.get("footnote", 0),
                },
            }
            for part in parts
        ],
        "rows_in": sum(part.rows_in for part in parts),
        "rows_kept": rows_kept,
        "rows_rejected": rejected.height,
        "reasons": dict(rejected.group_by("reason").len().sort("reason").iter_rows()),
        "marks": marks,
        "columns_ignored": sorted({name for part in parts for name in part.raw.ignored}),
    }


def stage(
    paths: Path | Sequence[Path],
    contract: Contract,
    sql: Path | None,
    to: Path,
    *,
    encoding: str | None = None,
    expected_sha256: str | None = None,
    synthetic: bool = False,
    rejected_to: Path | None = None,
) -> Staged:
    """Read the raw files of a source under its contract.

    Parameters
    ----------
    paths : the raw file, or all of them (see `lds.sources.rawfiles.raw_files`).
    sql : a file with a select over the view ``accepted`` (typed columns) that gives the table;
        None where the table is what the contract says.
    to : the Parquet file to write; what is unpacked or spilt on the way lies beside it.
    encoding : of text files; that of the contract unless given.
    expected_sha256 : when given, the file must have this checksum.
    rejected_to : where to leave the rejected rows as CSV even when the run stops over them.

    Raises
    ------
    SourceError : missing, empty, damaged or undecodable file, wrong columns, a wrong checksum,
        columns with personal data, or more rejected rows than the contract allows.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    checksums = _checksums(files, contract, expected_sha256)
    to.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part"))
    try:
        with connect(scratch / "spill") as con:
            return _stage(
                con,
                files,
                contract,
                sql,
                to,
                scratch=scratch,
                encoding=encoding or contract.reader.encoding,
                checksums=checksums,
                synthetic=synthetic,
                rejected_to=rejected_to,
            )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _stage(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    contract: Contract,
    sql: Path | None,
    to: Path,
    *,
    scratch: Path,
    encoding: str,
    checksums: Mapping[Path, str],
    synthetic: bool,
    rejected_to: Path | None,
) -> Staged:
    checks = all_checks(contract)
    parts: list[Part] = []
    for number, path in enumerate(files):
        for opened in open_raw(con, path, contract, encoding, number, scratch):
            good = scratch / f"good_{len(parts)}.parquet"
            parts.append(_read_part(con, opened, number, good, contract, checks))
    con.execute(f"create view good as {_all_good(parts)}")
    for place, part in enumerate(parts):
        names, samples = _sample(con, part, place, contract)
        refuse_personal(part.opened.path, names, samples, contract)
    repeats = find_repeats(con, contract) if contract.key else NO_REPEATS
    rejected = rejected_rows(parts, repeats, contract, checks)
    if rejected_to is not None:
        rejected_to.parent.mkdir(parents=True, exist_ok=True)
        rejected.write_csv(rejected_to)
    rows_in = sum(part.rows_in for part in parts)
    refuse(", ".join(map(str, files)), contract, rejected, rows_in)
    marks = _marks(con, contract)
    kept = _write_table(con, parts, repeats, contract, sql, to)
    if kept != rows_in - rejected.height:
        to.unlink()
        raise SourceError(
            f"Staging lost rows: {rows_in - rejected.height} accepted, {kept} in the table.",
            where=str(sql or to),
        )
    report = _report(
        parts,
        contract,
        rejected,
        rows_kept=kept,
        marks=marks,
        checksums=checksums,
        synthetic=synthetic,
    )
    return Staged(to, rejected, report)
