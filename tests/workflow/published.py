"""The public side of a run in a folder of its own, and the proof of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from snakefolder import HARBOROUGH, LADS, ROOT, TOPIC, Folder

from lds.proof.accounts import Account
from lds.proof.release import ReleaseProof, prove_release
from lds.proof.slices import SliceScan
from lds.proof.topic import TopicProof, prove_topic, scan_of, shell_of
from lds.reports.pages import parse_slice
from lds.reports.slices import SliceJob
from lds.topics import load_topics

PAGE = f"site/{HARBOROUGH}/{TOPIC}.html"
SLICE = f"slices/{TOPIC}/{HARBOROUGH}.json"
PACK = f"packs/{HARBOROUGH}.zip"
SHELL = f"shells/{TOPIC}.html"


@dataclass(frozen=True)
class Published:
    """A copy of what a run published.

    Attributes
    ----------
    folder : ``results/public``.
    topic, around : the proof of the topic, and of what is around its pages.
    """

    folder: Path
    topic: TopicProof
    around: ReleaseProof

    @classmethod
    def copy(cls, run: Folder, folder: Path) -> Published:
        """Copy what a finished run published."""
        shutil.copytree(run.public, folder)
        made = json.loads((folder / "provenance.json").read_text())
        entry = load_topics()[TOPIC]
        areas, codes = folder / "reference/areas.parquet", folder / "reference/area_codes.parquet"
        reports = run.path / "reports"
        resources = [run.path / f"workflow/resources/{name}.csv" for name in entry.resources]
        topic = TopicProof(
            slices=SliceJob(
                topic=TOPIC,
                table=run.release / f"{TOPIC}.parquet",
                release=run.release / "release.json",
                areas=areas,
                area_codes=codes,
                resources=tuple(resources),
                reference=tuple(folder / f"reference/{name}.parquet" for name in entry.reference),
                contact=None,
                folder=folder / "slices" / TOPIC,
            ),
            public=folder,
            declared=ROOT / f"workflow/resources/proof/{TOPIC}.yaml",
            source=reports / f"{TOPIC}.qmd",
            reports=reports,
            engine=made["engine"].split()[0],
            document=False,
        )
        around = ReleaseProof(
            public=folder,
            release=run.release,
            areas=areas,
            area_codes=codes,
            template=reports / "index.html",
            style=reports / "report.css",
            lock=run.path / "requirements.lock",
            commit=made["commit"],
            engine=made["engine"],
            render=made["render"],
        )
        return cls(folder, topic, around)

    @cached_property
    def content(self) -> dict[Path, bytes]:
        """Every file as it was when this was first asked for."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def put_back(self) -> None:
        """Undo every change since the content was first asked for."""
        for path in [*self.folder.rglob("*")]:
            if path.is_symlink() or (path.is_file() and path not in self.content):
                path.unlink()
        for path, content in self.content.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)

    def slice(self) -> dict[str, Any]:
        """Return the slice of one district, as pages read it; a new one every time."""
        return parse_slice((self.folder / SLICE).read_bytes(), self.folder / SLICE)

    def page(self) -> str:
        """Return the page of that district."""
        return (self.folder / PAGE).read_bytes().decode()

    def prove_pages(self) -> Account:
        """Prove the topic's shell, and slice and page of one district."""
        return prove_topic(self.topic, [HARBOROUGH], processes=1)

    def prove_around(self) -> Account:
        """Prove packs, catalogue and that there is nothing else."""
        return prove_release(self.around, LADS, threads=2)

    @property
    def scan(self) -> SliceScan:
        """The scan of slices alone."""
        return scan_of(self.topic)

    def shell(self) -> Any:
        """What the shell brings into pages."""
        return shell_of(self.topic)
