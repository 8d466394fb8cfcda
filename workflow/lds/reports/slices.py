"""Slices: one small canonical file for each area and topic, and nothing read besides it."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from lds.errors import ContractError
from lds.io import SCHEMAS, read_json, read_yaml, write_json
from lds.reports.content import Figure, TopicPages
from lds.reports.conversion_notes import best_fit_sentence, conversion_card
from lds.schema import key_path
from lds.topics import load_topics

Job = TypeVar("Job")
Done = TypeVar("Done")

SLICE_FORMAT = 1
AREAS_PER_PROCESS = 24
"""Fewer districts than this are not worth a process of their own (0.5 s to start its engine)."""


@dataclass(frozen=True, kw_only=True)
class SliceJob:
    """One topic's slices: the files that they are cut from, and the folder that they go to."""

    topic: str
    table: Path
    release: Path
    areas: Path
    area_codes: Path
    resources: tuple[Path, ...]
    reference: tuple[Path, ...]
    contact: str | None
    folder: Path


class Slicer:
    """The slices of one topic, made one district at a time in one process."""

    def __init__(self, job: SliceJob) -> None:
        self._job = job
        self._release: dict[str, Any] = read_json(job.release)
        self._areas = {row["code"]: row for row in pl.read_parquet(job.areas).iter_rows(named=True)}
        self._gaps = {
            gap["area"]: gap["reason"] for gap in self._release["gaps"] if gap["topic"] == job.topic
        }
        self._names = dict(
            pl.read_parquet(job.area_codes).select("from_code", "from_name").iter_rows()
        )
        self._sources = [
            source for source in self._release["sources"] if job.topic in source["topics"]
        ]
        self._titles = {source["id"]: source["title"] for source in self._sources}
        self._topic = load_topics()[job.topic]
        self._accounts = [
            account
            for account in self._release["conversions"]
            if account["source"] in self._topic.sources
        ]
        self._synthetic = any(source["synthetic"] for source in self._sources)
        module = importlib.import_module(f"lds.topics.{job.topic}.page")
        self._pages: TopicPages = module.Pages(
            table=pl.scan_parquet(job.table),
            areas=pl.read_parquet(job.areas),
            resources={
                path.stem: pl.read_csv(path, try_parse_dates=True) for path in job.resources
            },
            reference={path.stem: pl.read_parquet(path) for path in job.reference},
            release_id=self._release["id"],
            synthetic=self._synthetic,
        )

    def _conversion(self, code: str) -> str | None:
        """Say how the series of an area were carried over, where something had to be."""
        told = [best_fit_sentence(account, code, self._names) for account in self._accounts]
        return " ".join(sentence for sentence in told if sentence) or None

    def _conversion_cards(self, code: str) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            conversion_card(account, self._titles[account["source"]], code, self._names)
            for account in self._accounts
        ]

    def _area(self, code: str) -> dict[str, Any]:
        row = self._areas[code]
        county = (
            {"code": row["county_code"], "name": row["county_name"]} if row["county_code"] else None
        )
        region = (
            {"code": row["region_code"], "name": row["region_name"]} if row["region_code"] else None
        )
        return {
            "code": code,
            "kind": row["kind"],
            "name": row["name"],
            "region": region,
            "county": county,
            "members": row["members"],
            "old_names": row["old_names"],
            "start_date": row["start_date"].isoformat(),
            "changes": row["changes"],
            "conversion": None if code in self._gaps else self._conversion(code),
        }

    def slice(self, code: str) -> dict[str, Any]:
        """Return the slice of one district, as ``workflow/schemas/slice.schema.yaml`` has it."""
        gap = self._gaps.get(code)
        common = {
            "schema": SLICE_FORMAT,
            "topic": {"id": self._job.topic, "title": self._topic.title},
            "area": self._area(code),
            "release": {
                "id": self._release["id"],
                "vintage": self._release["vintage"],
                "synthetic": self._synthetic,
                "profile": " and ".join(sorted(self._release["profiles"])),
            },
            "contact": self._job.contact,
            "sources": [
                {
                    key: source[key]
                    for key in ("title", "publisher", "licence", "citation", "url", "synthetic")
                }
                for source in self._sources
            ],
        }
        if gap is not None:
            return {
                **common,
                "gap": {"reason": gap},
                "period": None,
                "summary": [],
                "key_figures": [],
                "sections": [],
                "figures": {},
                "methods": [],
                "data": None,
            }
        content = self._pages.content(code)
        return {
            **common,
            "gap": None,
            "period": {
                "start": content.period[0].isoformat(),
                "end": content.period[1].isoformat(),
            },
            "summary": list(content.summary),
            "key_figures": [
                {"value": value, "label": label} for value, label in content.key_figures
            ],
            "sections": [
                {
                    "id": section.id,
                    "title": section.title,
                    "note": section.note,
                    "figures": list(section.figures),
                }
                for section in content.sections
            ],
            "figures": {figure.id: _figure(figure, code) for figure in content.figures},
            "methods": [
                {"title": title, "rows": [list(row) for row in rows]}
                for title, rows in [*content.methods, *self._conversion_cards(code)]
            ],
            "data": {"name": f"{code}_{self._job.topic}.csv", "text": content.data},
        }


def _figure(figure: Figure, code: str) -> dict[str, Any]:
    return {
        "id": figure.id,
        "kind": figure.kind,
        "title": figure.title,
        "guide": figure.guide,
        "svg": figure.svg,
        "note": figure.note,
        "table": {
            "caption": figure.table.caption,
            "columns": [
                {"label": label, "numeric": numeric} for label, numeric in figure.table.columns
            ],
            "rows": [list(row) for row in figure.table.rows],
        },
        "csv": {"name": f"{code}_{figure.id}.csv", "text": figure.csv},
    }


@cache
def slicer_of(job: SliceJob) -> Slicer:
    """Return the slicer of a job, made once in each process."""
    return Slicer(job)


def _write(job: SliceJob, lads: Sequence[str]) -> None:
    slicer = slicer_of(job)
    validator = Draft202012Validator(read_yaml(SCHEMAS / "slice.schema.yaml"))
    for code in lads:
        made = slicer.slice(code)
        error = best_match(validator.iter_errors(made))
        if error is not None:
            raise ContractError(
                f"A slice breaks its schema: {error.message[:200]}",
                where=f"{job.topic} {code}: {key_path(error)}",
            )
        write_json(job.folder / f"{code}.json", made, compact=True)


def write_slices(job: SliceJob, *, lads: Sequence[str] | None, processes: int) -> None:
    """Write one slice per district and custom area into the job's folder.

    Parameters
    ----------
    lads : codes to write; None for every LAD of the vintage and every custom area. The bytes of a
        slice do not depend on which others are written, nor on the order or the number of
        processes.
    """
    codes = list(lads) if lads is not None else pl.read_parquet(job.areas)["code"].to_list()
    share_areas(_write, job, codes, processes=processes)


def share_areas(
    work: Callable[[Job, Sequence[str]], Done], job: Job, codes: Sequence[str], *, processes: int
) -> list[Done]:
    """Do some work on areas, in several processes where there are enough of them.

    Parameters
    ----------
    work : a function of a module, called with the job and some of the codes.

    Returns
    -------
    What the calls returned: each for other areas.
    """
    workers = max(1, min(processes, len(codes) // AREAS_PER_PROCESS))
    if workers == 1:
        return [work(job, codes)]
    # The chart engine's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    # The processes share the cores; each would otherwise start a thread per core for tiny frames.
    os.environ["POLARS_MAX_THREADS"] = "1"
    chunks = [codes[start::workers] for start in range(workers)]
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        return [done.result() for done in [pool.submit(work, job, chunk) for chunk in chunks]]
