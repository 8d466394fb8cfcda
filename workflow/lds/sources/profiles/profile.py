"""The profile of one staged source: its rows, columns, dates, codes, and what was rejected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from lds.database import connect, view_file
from lds.geography.register import Register
from lds.sources.contract import Contract
from lds.sources.profiles.columns import TABLE, describe, kinds, measure, share, value_rows
from lds.sources.profiles.thresholds import Thresholds, load_thresholds
from lds.sources.profiles.times import covered, time_columns
from lds.sources.profiles.vintage import code_vintages

MEMORY = "700MB"
"""What DuckDB may use before it writes to the folder of `spill`."""
FORMAT = 1
"""Counted up when a profile gets other keys, so that none is compared with one of another form."""
FROM_REPORT = ("synthetic", "rows_in", "rows_rejected", "marks", "columns_ignored")
"""What a profile takes over from the report of staging, where that has it."""


def profile(
    table: Path,
    contract: Contract,
    report: Mapping[str, Any],
    *,
    register: Register | None = None,
    thresholds: Thresholds | None = None,
    spill: Path | None = None,
) -> dict[str, Any]:
    """Return the profile of a staged source, as values that JSON can hold.

    Parameters
    ----------
    table : the staged table, Parquet.
    report : content of the report of staging; what it lacks the profile leaves out.
    register, thresholds : those of the project unless given.
    spill : a folder for what does not fit into memory; inside the secure zone, as it holds values.

    Returns
    -------
    dict
        ``format``; ``source``, ``title``, ``access``, ``row_is``, ``contract_version``; ``files``
        (name, sheet, sha256); ``rows``; what the report has of ``synthetic``, ``rows_in``,
        ``rows_rejected``, ``marks``, ``columns_ignored``, ``reasons`` and ``dropped`` (rows by
        cause); ``times`` (`lds.sources.profiles.times.covered`); ``vintages``
        (`lds.sources.profiles.vintage.code_vintages`); ``columns``
        (`lds.sources.profiles.columns.describe`); ``weights`` (names of survey weights, whose
        total is the sum of weights).
    """
    limits = thresholds or load_thresholds()
    register = register or Register.load()
    with connect(spill) as con:
        con.execute(f"set memory_limit = '{MEMORY}'")
        view_file(con, TABLE, table)
        columns = kinds(con, contract, limits)
        rows, scanned = measure(con, columns)
        described = [describe(con, column, rows, scanned[column.name]) for column in columns]
        distinct = {each["name"]: int(each.get("distinct", 0)) for each in described}
        times = _times(con, contract, distinct, limits)
        vintages = code_vintages(
            con,
            contract,
            register,
            distinct,
            time=times[0]["column"] if len(times) == 1 else None,
            most=limits.classified_codes,
        )
    return {
        "format": FORMAT,
        "source": contract.id,
        "title": contract.title,
        "access": contract.access,
        "row_is": contract.row_is,
        "contract_version": contract.version,
        "files": _files(report),
        "rows": rows,
        "times": times,
        "vintages": vintages,
        "columns": described,
        "weights": [name for name in contract.survey.get("weights", ()) if name in distinct],
        **{key: report[key] for key in FROM_REPORT if key in report},
        **_rejected(report),
        **_dropped(report),
    }


def _times(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    distinct: Mapping[str, int],
    limits: Thresholds,
) -> list[dict[str, Any]]:
    found = (
        covered(
            name,
            [text for text, _ in value_rows(con, name)],
            contract.time.get("step"),
            limits.listed_gaps,
        )
        for name in time_columns(contract)
        if distinct.get(name)
    )
    return [each for each in found if each is not None]


def _files(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the raw files with their checksums, in the order in which they were read."""
    listed = report.get("files") or ([{"sha256": report["sha256"]}] if "sha256" in report else [])
    return [{key: each.get(key) for key in ("file", "sheet", "sha256")} for each in listed]


def _rejected(report: Mapping[str, Any]) -> dict[str, Any]:
    if "reasons" not in report:
        return {}
    rejected = {"reasons": report["reasons"]}
    if "rows_in" in report and "rows_rejected" in report:
        rejected["rejected_share"] = share(report["rows_rejected"], report["rows_in"])
    return rejected


def _dropped(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows that are no data (blank, footnotes, above the header), over all files."""
    counts = [each["dropped"] for each in report.get("files", ()) if "dropped" in each]
    if not counts:
        return {}
    causes = sorted({cause for each in counts for cause in each})
    return {"dropped": {cause: sum(each.get(cause, 0) for each in counts) for cause in causes}}
