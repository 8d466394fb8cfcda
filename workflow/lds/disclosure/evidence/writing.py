"""Writing the evidence: everything that an output checker needs to decide on a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from lds.disclosure.evidence.account import Account, give_account
from lds.disclosure.evidence.files import (
    AUDIT,
    CELLS,
    CHECKSUMS_FILE,
    CHECKSUMS_FOLDER,
    PREFLIGHT,
    RESULTS,
    REVIEW,
    ROWS_FILE,
    SETTINGS,
)
from lds.disclosure.evidence.outputs import each_output, withheld_cells
from lds.disclosure.evidence.page import render_review
from lds.disclosure.evidence.preflight import Check, refuse_failed, run_preflight
from lds.disclosure.evidence.previous import compare
from lds.disclosure.evidence.request import write_request
from lds.disclosure.evidence.results_json import results, settings
from lds.disclosure.evidence.tables import COUNTS_FOLDER
from lds.disclosure.evidence.verdict import too_certain
from lds.disclosure.evidence.words import some
from lds.disclosure.result import GateResult
from lds.errors import DisclosureError
from lds.io import sha256, write_json, write_parquet, write_text
from lds.topics import TopicEntry


def write_evidence(
    folder: Path,
    result: GateResult,
    topics: Mapping[str, TopicEntry],
    *,
    release_id: str,
    release: Path,
    template: Path,
    style: Path,
    dated: date | None = None,
    previous: Path | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Write the evidence of a release that is written already, and look at both as a checker would.

    Into `folder`: ``results.json`` with a CSV of each output, its settings and checksums in the
    layout of ACRO; ``counts/`` with the rows asked for and what is behind them, by output;
    ``rows/`` with the same by topic; ``cells.parquet`` with every withheld cell; ``audit.json``,
    ``preflight.json``, ``review.html`` and the draft of ``request.json``. Files of outputs that are
    no more are removed.

    Parameters
    ----------
    topics : the topic register; says what each output is.
    release : folder of the release, as `lds.disclosure.release.write_release` writes it.
    template, style : the Jinja2 template and the style sheet of the review page.
    dated : day of the release, for ACRO's time stamp; none leaves it empty.
    previous : folder of the release before, to compare with.
    names : code -> name of areas.

    Raises
    ------
    DisclosureError : an output that no register has; or the pre-flight, an output's own rows and
        cells, or the audit speak against the release: everything but the request is written then.
    ReleaseError : the request that is there was edited by hand.
    """
    accounts: list[Account] = []
    rows = []
    amounts = (pl.col("kind") == "amount") & (pl.col("status") == "published")
    published = result.cells.filter(amounts)
    for topic, asked, outputs in each_output(result, topics):
        rows.append(ROWS_FILE.format(topic=topic))
        write_parquet(folder / rows[-1], asked)
        accounts += [
            give_account(folder, output, published=published, names=names or {})
            for output in outputs
        ]
    cells = withheld_cells(result.cells)
    write_parquet(folder / CELLS, cells)
    write_json(folder / AUDIT, result.audit)
    write_json(folder / SETTINGS, settings(result.profiles))
    write_json(folder / RESULTS, results(accounts, dated=dated), compact=True)
    written = [name for each in accounts for name in (each.files.name, each.files.counts) if name]
    _remove_others(folder, {*written, *rows})
    for account in accounts:
        write_text(folder / CHECKSUMS_FILE.format(name=account.files.name), account.files.sum)
    _write_checksums(folder, (RESULTS, SETTINGS, AUDIT, CELLS))
    checks = run_preflight(release, folder, result.profiles, topics)
    write_json(folder / PREFLIGHT, _as_json(checks))
    page = render_review(
        accounts,
        checks,
        audit=result.audit,
        cells=cells,
        release_id=release_id,
        sums={path.name: sha256(path) for path in sorted(release.glob("*")) if path.is_file()},
        differences=compare(result.tables, previous) if previous else None,
        template=template.read_text(encoding="utf-8"),
        style=style.read_text(encoding="utf-8"),
    )
    write_text(folder / REVIEW, page)
    _write_checksums(folder, (PREFLIGHT, REVIEW))
    refuse_failed(checks)
    _refuse_unfit(accounts, result.audit, cells)
    write_request(folder, release, release_id)


def _refuse_unfit(
    accounts: Iterable[Account], audit: Mapping[str, object], cells: pl.DataFrame
) -> None:
    """Stop where the evidence speaks against the release, whatever the gate has decided."""
    faults = [f"{each.uid}: {fault}" for each in accounts for fault in each.verdict.faults]
    if too_certain(cells):
        faults.append(f"{CELLS}: {some(too_certain(cells), 'withheld cell')} not uncertain enough.")
    if audit.get("passed") is not True:
        faults.append(f"{AUDIT}: the audit did not pass.")
    if not faults:
        return
    raise DisclosureError(
        "The evidence speaks against the release.",
        where=faults[0].partition(":")[0],
        values=faults,
        remedy=f"Read {REVIEW} in the folder of the evidence.",
    )


def _write_checksums(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        write_text(folder / CHECKSUMS_FILE.format(name=name), sha256(folder / name))


def _remove_others(folder: Path, written: set[str]) -> None:
    """Remove tables of outputs that only an earlier run had, and checksums without a file."""
    for path in (
        *folder.glob("*_0.csv"),
        *folder.glob(f"{COUNTS_FOLDER}/*.csv"),
        *folder.glob(ROWS_FILE.format(topic="*")),
    ):
        if path.relative_to(folder).as_posix() not in written:
            path.unlink()
    for path in (folder / CHECKSUMS_FOLDER).glob("*.txt"):
        if not (folder / path.name.removesuffix(".txt")).is_file():
            path.unlink()


def _as_json(checks: tuple[Check, ...]) -> list[dict[str, object]]:
    return [
        {
            "cause": check.cause,
            "title": check.title,
            "share_of_returned_requests": check.share,
            "passed": not check.findings,
            "findings": [
                {"place": finding.place, "problem": finding.problem} for finding in check.findings
            ],
        }
        for check in checks
    ]
