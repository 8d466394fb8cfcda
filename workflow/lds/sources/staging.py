"""Staging: the raw files of a source become one typed table, and no row is lost on the way.

Rows pass once from the raw file into a Parquet file in which each has its typed values and its
first fault; from there the good ones go into the table and the others beside it. Nothing of a
text file is held in memory as a whole, and nothing is written outside the folder of the table.
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

from lds.database import connect, literal, load_frame, one_file, quoted
from lds.errors import SourceError
from lds.io import replacing, sha256
from lds.sources.checks import BLANK, Check, all_checks, checked_query, staged_names
from lds.sources.contract import Contract
from lds.sources.csvfile import broken_records, careful_table
from lds.sources.personal import refuse_personal
from lds.sources.rawfiles import Opened, open_raw
from lds.sources.rejects import (
    OTHER_VALUES,
    SAME_ROW,
    Part,
    find_faults,
    refuse,
    rejected_rows,
)

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
            raise SourceError(
                "A raw file is missing.",
                where=str(path),
                remedy=f"Correct sources.{contract.id} in config.yaml.",
            )
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


def _write_checked(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    number: int,
    contract: Contract,
    checks: Sequence[Check],
) -> None:
    """Write the checked rows of one raw table; where DuckDB cannot read it, record by record."""
    target = f"{literal(str(part.checked))} (format parquet, compression snappy)"
    try:
        query_text = checked_query(part.raw, contract, checks)
        counted = con.execute(f"copy ({query_text}) to {target}").fetchall()
    except duckdb.Error:
        text = part.opened.text
        if text is None:
            # What DuckDB says of a value may quote it.
            raise SourceError(
                "A raw file is not a readable table.",
                where=part.name,
                remedy="Check that it is whole and of the format that the contract names.",
            ) from None
        part.opened = Opened(careful_table(con, text, number))
        query_text = checked_query(part.raw, contract, checks)
        counted = con.execute(f"copy ({query_text}) to {target}").fetchall()
    part.rows = counted[0][0]
    if part.opened.text is None:
        part.records = part.raw.broken
    else:
        part.broken = broken_records(con, number)


def _all_parts(parts: Sequence[Part]) -> str:
    """Return the query over the checked rows of all parts, with ``part`` and ``ordinal``."""
    return " union all ".join(
        f"select {place}::integer as part, file_row_number + 1 as ordinal,"
        f" * exclude (file_row_number) from read_parquet({literal(one_file(part.checked))},"
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
    if not looked_at or not part.rows:
        return names, {}
    step = max(1, part.rows // SAMPLE)
    rows = con.execute(
        f"select {', '.join(f'{quoted(column.name)}::varchar' for column in looked_at)}"
        f" from checked where part = {place} and ordinal % {step} = 0 order by ordinal"
    ).fetchall()
    texts = [list(each) for each in zip(*rows, strict=True)] or [[] for _ in looked_at]
    return names, {column.source_name: each for column, each in zip(looked_at, texts, strict=True)}


def _write_table(
    con: duckdb.DuckDBPyConnection, contract: Contract, sql: Path | None, to: Path, *, repeats: bool
) -> int:
    """Write the accepted rows by the SQL file of the source, else as they are; return how many."""
    names = ", ".join(map(quoted, staged_names(contract)))
    without = ""
    if repeats:
        without = (
            " and not exists (select 1 from repeats where repeats.part = checked.part"
            " and repeats.ordinal = checked.ordinal) order by part, ordinal"
        )
    con.execute(f"create view accepted as select {names} from checked where fault is null{without}")
    statement = sql.read_text(encoding="utf-8") if sql else "select * from accepted"
    with replacing(to) as temporary:
        counted = con.execute(
            f"copy ({statement.rstrip().rstrip(';')}) to {literal(str(temporary))}"
            " (format parquet, compression zstd)"
        ).fetchall()
    rows: int = counted[0][0]
    return rows


def _marks(con: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, dict[str, int]]:
    """Return how often each mark of the publisher stands in each column of the rows kept."""
    found: dict[str, dict[str, int]] = {}
    for name in staged_names(contract)[len(contract.columns) :]:
        counts = con.execute(
            f"select {quoted(name)}, count(*) from accepted where {quoted(name)} is not null"
            " group by 1 order by 1"
        ).fetchall()
        if counts:
            found[name.removesuffix("_mark")] = dict(counts)
    return found


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
    sources: list[Path] = []
    for number, path in enumerate(files):
        for opened in open_raw(con, path, contract, encoding, number, scratch):
            part = Part(opened, scratch / f"checked_{len(parts)}.parquet")
            _write_checked(con, part, number, contract, checks)
            parts.append(part)
            sources.append(path)
    con.execute(f"create view checked as {_all_parts(parts)}")
    for place, (part, path) in enumerate(zip(parts, sources, strict=True)):
        names, samples = _sample(con, part, place, contract)
        refuse_personal(path, names, samples, contract)
    faults = find_faults(con, contract, checks)
    rejected = rejected_rows(parts, faults)
    if rejected_to is not None:
        rejected_to.parent.mkdir(parents=True, exist_ok=True)
        rejected.write_csv(rejected_to)
    blank: dict[int, int] = dict(
        con.execute(
            f"select part, count(*) from checked where fault = {BLANK} group by 1"
        ).fetchall()
    )
    rows_in = sum(part.rows - blank.get(place, 0) + part.lost for place, part in enumerate(parts))
    refuse(", ".join(map(str, files)), contract, rejected, rows_in)
    repeats = faults.filter(pl.col("reason").is_in([SAME_ROW, OTHER_VALUES]))
    load_frame(con, "repeats", repeats.select("part", "ordinal"))
    kept = _write_table(con, contract, sql, to, repeats=not repeats.is_empty())
    if kept != rows_in - rejected.height:
        to.unlink()
        raise SourceError(
            f"Staging lost rows: {rows_in - rejected.height} accepted, {kept} in the table.",
            where=str(sql or to),
        )
    reasons = rejected.group_by("reason").len().sort("reason")
    report: dict[str, object] = {
        "source": contract.id,
        "contract_version": contract.version,
        "synthetic": synthetic,
        "sha256": _checksum(checksums),
        "files": [
            {
                "file": part.raw.file,
                "sheet": part.raw.sheet,
                "sha256": checksums[path],
                "header_line": part.raw.header_line,
                "crs": part.raw.crs,
                "rows_in": part.rows - blank.get(place, 0) + part.lost,
                "dropped": {
                    "above_header": part.raw.dropped.get("above_header", 0),
                    "blank": part.raw.dropped.get("blank", 0) + blank.get(place, 0) + part.blank,
                    "footnote": part.raw.dropped.get("footnote", 0),
                },
            }
            for place, (part, path) in enumerate(zip(parts, sources, strict=True))
        ],
        "rows_in": rows_in,
        "rows_kept": kept,
        "rows_rejected": rejected.height,
        "reasons": dict(reasons.iter_rows()),
        "marks": _marks(con, contract),
        "columns_ignored": sorted({name for part in parts for name in part.raw.ignored}),
    }
    return Staged(to, rejected, report)
