"""Stand-ins for work outside the secure environment: files, their dictionary and a README."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from lds.data_dictionary import section
from lds.errors import ConfigError, SourceError
from lds.io import csv_text, read_json, write_json, write_text
from lds.sources.contract import Contract, contract_path, ids_with_stand_in, load_contract
from lds.sources.rawfiles import listed_files
from lds.synthetic.england.lookups import LOOKUPS

WORK = ".work"
"""Folder in which the workflow makes the files; kept, so that nothing is made twice."""
LOOKUP_FILES = Path("secure/synthetic/lookups")
PLACES = "google_places"
DICTIONARY = ("column", "name_in_the_workflow", "type", "unit", "required", "values", "description")


def write_folder(sources: Sequence[str], scale: float | None, to: Path, cores: int) -> None:
    """Make stand-ins and lay them out for any tool: one folder for each source.

    Each has the raw files, ``dictionary.csv`` and ``dictionary.md``; beside them are ``README.md``
    and ``truth.json``, what was planted. A file that is there and still right is not made again.

    Parameters
    ----------
    sources : ids of sources; none means every one that has a stand-in.
    scale : size against the real files; each source's own unless given.

    Raises
    ------
    ConfigError : a source that there is not, or that has no stand-in.
    SourceError : the workflow stopped; its log is named.
    """
    known = ids_with_stand_in()
    unknown = [each for each in sources if each not in known]
    if unknown:
        raise ConfigError(
            "There is no stand-in of these sources.",
            values=unknown,
            remedy=f"Choose from: {', '.join(known)}.",
        )
    chosen = sorted(set(sources) or known)
    _make(chosen, scale, to / WORK, cores)
    truths = {}
    for source in chosen:
        _lay_out(load_contract(contract_path(source)), to / WORK, to / source)
        truths[source] = read_json(to / WORK / "secure/synthetic/truth" / f"{source}.json")
    _put(sorted((to / WORK / LOOKUP_FILES).glob("*.csv")), to / "lookups")
    write_json(to / "truth.json", truths)
    write_text(to / "README.md", _readme(chosen, to))


def _make(sources: Sequence[str], scale: float | None, work: Path, cores: int) -> None:
    """Let the workflow make the files, into a folder of their own."""
    configured = [each for each in sources if each != PLACES]
    settings = {
        "sources": {each: {"path": None} for each in configured},
        "synthetic": {"scale": scale},
        "pathvars": {"results": str(work), "logs": str(work / "logs")},
    }
    work.mkdir(parents=True, exist_ok=True)
    targets = [str(work / "secure/sources" / f"{each}.synthetic.json") for each in sources]
    targets += [str(work / LOOKUP_FILES / f"{each}.synthetic.csv") for each in LOOKUPS]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", "--cores", str(cores), "--quiet", "all"),
                *("--configfile", str(config), "--", *targets),
            ],
            check=False,
        )
    if done.returncode:
        raise SourceError(
            "The stand-ins could not be made.",
            where=str(work / "logs"),
            remedy="The message above, and the logs there, say why.",
        )


def _lay_out(contract: Contract, work: Path, folder: Path) -> None:
    """Put the files of a source and its dictionary into a folder of its own."""
    made = listed_files(work / "secure/sources" / f"{contract.id}.synthetic.json")
    _put(made, folder)
    rows = [
        (
            column.source_name or f"({column.part})",
            column.name,
            column.type,
            column.unit,
            "yes" if column.required else "no",
            "; ".join(
                value if value == label else f"{value} = {label}" for value, label in column.values
            ),
            column.description,
        )
        for column in contract.columns
    ]
    write_text(folder / "dictionary.csv", csv_text(DICTIONARY, rows))
    write_text(folder / "dictionary.md", section(contract))


def _put(files: Sequence[Path], folder: Path) -> None:
    """Put files into a folder that has nothing else, without a second copy where that can be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in files:
        try:
            os.link(path, folder / path.name)
        except OSError:
            shutil.copy2(path, folder / path.name)


def _readme(sources: Sequence[str], to: Path) -> str:
    """Return what a researcher needs to know of the folder."""
    lines = [
        "# Synthetic stand-ins",
        "",
        "Everything in this folder is made up. The files have the shape and the quirks of the real"
        " ones, and real codes and place names; no row is of a real person, business or event."
        " Results from them say nothing about England.",
        "",
        "| source | what one row is | files | size |",
        "|---|---|---|---|",
    ]
    for source in sources:
        contract = load_contract(contract_path(source))
        about = read_json(to / WORK / "secure/sources" / f"{source}.synthetic.json")
        names = ", ".join(f"`{each['name']}`" for each in about["files"])
        lines.append(
            f"| [`{source}`]({source}/) | {contract.row_is} | {names} | {about['scale']:g} |"
        )
    return "\n".join(
        [
            *lines,
            "",
            "The size is a share of the real file. `dictionary.csv` and `dictionary.md` in each"
            " folder describe the columns. `lookups` has tables between areas that no package"
            " carries, made up too: areas of the infection survey, MSOAs, LSOAs of 2021."
            " `truth.json` says what was planted (effects, faults and"
            " disclosure risks), so that a method can be held against it; a method that reads it"
            " proves nothing. The seed in `config.yaml` decides every value: the same seed gives"
            " the same files.",
            "",
        ]
    )
