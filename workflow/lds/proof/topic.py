"""The proof of one topic: its shell, slices and pages are made again from the release, and scanned.

Nothing is read but the release, the reference tables, the small tables and documents of the
project, and what is to be proved.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from lds.io import compact_json, read_json
from lds.proof.accounts import Account, compared
from lds.proof.declared import load_declared
from lds.proof.findings import Finding
from lds.proof.pages import Shell, scan_page
from lds.proof.slices import SliceScan
from lds.reports.assembly import read_source
from lds.reports.engines import Engine, resolve_engine
from lds.reports.pages import parse_slice, render_document, render_page
from lds.reports.shells import compile_shell
from lds.reports.slices import SliceJob, share_areas, slicer_of


@dataclass(frozen=True, kw_only=True)
class TopicProof:
    """What is to be proved of a topic, and what it is made from again.

    Attributes
    ----------
    slices : what the slices are cut from; its folder has those to be proved.
    public : ``results/public``.
    declared : declarations of the topic for the proof.
    source, reports : the topic's document, and the folder of template, style sheet and partials.
    engine : name of the document engine.
    document : whether the engine wrote every page.
    """

    slices: SliceJob
    public: Path
    declared: Path
    source: Path
    reports: Path
    engine: str
    document: bool

    @property
    def shell(self) -> Path:
        """The topic's shell."""
        return self.public / "shells" / f"{self.slices.topic}.html"

    def page(self, code: str) -> Path:
        """Return the page of an area."""
        return self.public / "site" / code / f"{self.slices.topic}.html"

    def slice(self, code: str) -> Path:
        """Return the slice of an area."""
        return self.slices.folder / f"{code}.json"

    def name(self, path: Path) -> str:
        """Return a file's name below ``results/public``."""
        return path.relative_to(self.public).as_posix()


def prove_topic(proof: TopicProof, codes: Sequence[str], *, processes: int) -> Account:
    """Prove the shell, slices and pages of a topic.

    Parameters
    ----------
    codes : areas with pages.
    """
    parts = share_areas(_prove_areas, proof, codes, processes=processes)
    return Account.of([_prove_shell(proof), *parts])


@cache
def _engine(name: str) -> Engine:
    return resolve_engine(name)


@cache
def _rebuilt_shell(proof: TopicProof) -> str:
    """Compile the shell from the documents of the project, as `compile_shell` does."""
    with tempfile.TemporaryDirectory(prefix="lds-proof-") as folder:
        shell = Path(folder) / "shell.html"
        compile_shell(proof.source, proof.reports, _engine(proof.engine), shell)
        return read_source(shell)


@cache
def shell_of(proof: TopicProof) -> Shell:
    """Return what the topic's shell, made again, brings into pages."""
    return Shell.of(_rebuilt_shell(proof))


@cache
def scan_of(proof: TopicProof) -> SliceScan:
    """Return the scan of the topic's slices."""
    job = proof.slices
    return SliceScan(
        job.topic,
        table=pl.read_parquet(job.table),
        release=read_json(job.release),
        areas=pl.read_parquet(job.areas),
        resources=job.resources,
        declared=load_declared(proof.declared),
    )


def _prove_shell(proof: TopicProof) -> Account:
    return compared(
        proof.name(proof.shell), proof.shell, _rebuilt_shell(proof).encode(), Counter(shells=1)
    )


def _prove_areas(proof: TopicProof, codes: Sequence[str]) -> Account:
    """Prove the slices and pages of some areas, in one process."""
    return Account.of(part for code in codes for part in _prove_area(proof, code))


def _prove_area(proof: TopicProof, code: str) -> Iterable[Account]:
    """Yield the accounts of an area's slice and page: made again, then scanned."""
    slice_file, page_file = proof.slice(code), proof.page(code)
    rebuilt = compact_json(slicer_of(proof.slices).slice(code)).encode()
    shell = _rebuilt_shell(proof)
    made = parse_slice(rebuilt, slice_file)
    page = (
        render_document(made, proof.reports, proof.source, _engine(proof.engine))
        if proof.document
        else render_page(made, shell)
    )
    slice_name, page_name = proof.name(slice_file), proof.name(page_file)
    accounts = [
        compared(slice_name, slice_file, rebuilt, Counter(slices=1)),
        compared(page_name, page_file, page.encode(), Counter(pages=1)),
    ]
    yield from accounts
    try:
        found = parse_slice(slice_file.read_bytes(), slice_file)
        text = page_file.read_text(encoding="utf-8")
        findings, seen = scan_of(proof).scan(slice_name, found)
        yield Account(findings, {}, seen)
        findings, seen = scan_page(page_name, text, found, shell_of(proof))
        yield Account(findings, {}, seen)
    except Exception:
        # A file that was damaged may break a scan anywhere, and what breaks it may stand in the
        # error; one that is what the release gives may not.
        if not any(account.findings for account in accounts):
            raise
        yield Account([Finding(slice_name, "whole file", "cannot be scanned")], {}, Counter())
