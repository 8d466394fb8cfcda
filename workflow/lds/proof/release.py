"""The proof of what stands around the pages: packs, catalogue, and no file beside them."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lds.io import canonical_json, read_json, sha256
from lds.proof.accounts import ACCOUNTS, PROOF, Account, compared
from lds.proof.findings import Finding
from lds.proof.markup import pieces
from lds.proof.pages import odd_markup
from lds.reports.catalogue import write_catalogue
from lds.reports.packs import write_pack
from lds.reports.provenance import provenance
from lds.topics import load_topics

CATALOGUE = ("index.html", "gaps.csv", "datapackage.json")
PROVENANCE = "provenance.json"
REFERENCE = "reference"
_STYLE_SLOT = "{{ style | safe }}"


@dataclass(frozen=True, kw_only=True)
class ReleaseProof:
    """What is to be proved beside the pages, and what it is made from again.

    Attributes
    ----------
    public : ``results/public``.
    release : folder of the release.
    areas, area_codes : reference tables of the vintage.
    template, style : of the index.
    lock : requirements.lock.
    commit, engine, render : as for `provenance`.
    """

    public: Path
    release: Path
    areas: Path
    area_codes: Path
    template: Path
    style: Path
    lock: Path
    commit: str
    engine: str
    render: str

    @property
    def about(self) -> dict[str, Any]:
        """The content of ``release.json``."""
        content: dict[str, Any] = read_json(self.release / "release.json")
        return content


def prove_release(proof: ReleaseProof, codes: Sequence[str], *, threads: int) -> Account:
    """Prove packs and catalogue, and that nothing else lies in ``results/public``.

    Parameters
    ----------
    codes : areas with pages.
    """
    with tempfile.TemporaryDirectory(prefix="lds-proof-") as folder:
        made = Path(folder)

        def pack(code: str) -> Account:
            return _prove_pack(proof, code, made)

        with ThreadPoolExecutor(threads) as pool:
            packs = list(pool.map(pack, codes))
        return Account.of([*packs, *_prove_catalogue(proof, codes, made), _only(proof, codes)])


def _prove_pack(proof: ReleaseProof, code: str, folder: Path) -> Account:
    """Pack an area's pages and slices again; they are proved by themselves."""
    topics = load_topics()
    pages = [proof.public / "site" / code / f"{topic}.html" for topic in topics]
    slices = [proof.public / "slices" / topic / f"{code}.json" for topic in topics]
    name = f"packs/{code}.zip"
    if not all(path.is_file() for path in (*pages, *slices)):
        return Account([Finding(name, "whole file", "its pages are not there")], {}, Counter())
    made = folder / f"{code}.zip"
    write_pack(pages, slices, made)
    content = made.read_bytes()
    made.unlink()
    return compared(name, proof.public / name, content, Counter(packs=1))


def _prove_catalogue(proof: ReleaseProof, codes: Sequence[str], folder: Path) -> Iterator[Account]:
    if not all((proof.public / "packs" / f"{code}.zip").is_file() for code in codes):
        yield Account([Finding(CATALOGUE[0], "whole file", "packs are missing")], {}, Counter())
        return
    write_catalogue(
        folder,
        packs=proof.public / "packs",
        release=proof.about,
        areas=pl.read_parquet(proof.areas),
        area_codes=pl.read_parquet(proof.area_codes),
        lads=codes,
        topics=load_topics(),
        template=proof.template,
        style=proof.style,
    )
    made = provenance(
        release=proof.release / "release.json",
        checksums=proof.release / "SHA256SUMS",
        lock=proof.lock,
        commit=proof.commit,
        engine=proof.engine,
        render=proof.render,
    )
    expected = {name: (folder / name).read_bytes() for name in CATALOGUE}
    expected[PROVENANCE] = canonical_json(made).encode()
    for name, content in expected.items():
        yield compared(name, proof.public / name, content, Counter(catalogue=1))
    index = proof.public / CATALOGUE[0]
    if index.is_file():
        found = index.read_text(encoding="utf-8", errors="replace")
        yield Account(list(_scan_index(found, proof)), {}, Counter())


def _scan_index(index: str, proof: ReleaseProof) -> Iterator[Finding]:
    """Yield comments, elements, attributes, style and scripts that the template does not have."""
    template = proof.template.read_text(encoding="utf-8")
    style = proof.style.read_text(encoding="utf-8")
    for place in odd_markup(pieces(index), template.replace(_STYLE_SLOT, style)):
        yield Finding(CATALOGUE[0], *place)


def _only(proof: ReleaseProof, codes: Sequence[str]) -> Account:
    """Find files that are not of this release: leftovers would be published with the rest."""
    topics = load_topics()
    known = {*CATALOGUE, PROVENANCE, PROOF}
    known |= {f"{ACCOUNTS}/{topic}.json" for topic in topics}
    known |= {f"shells/{topic}.html" for topic in topics}
    known |= {f"packs/{code}.zip" for code in codes}
    known |= {f"slices/{topic}/{code}.json" for topic in topics for code in codes}
    known |= {f"site/{code}/{topic}.html" for topic in topics for code in codes}
    findings = []
    for path in sorted(proof.public.rglob("*")):
        name = path.relative_to(proof.public)
        reference = (
            name.parts[0] == REFERENCE and len(name.parts) == 2 and path.suffix == ".parquet"
        )
        if path.is_symlink():
            findings.append(Finding(name.as_posix(), "whole file", "a link instead of a file"))
        elif path.is_file() and name.as_posix() not in known and not reference:
            findings.append(
                Finding(name.as_posix(), "whole file", "no file of this release; remove it")
            )
    return Account(findings, {}, Counter())


def proof_record(
    proof: ReleaseProof, own: Account, topics: Mapping[str, Mapping[str, Any]], *, show: bool
) -> dict[str, Any]:
    """Return the content of ``proof.json``.

    Parameters
    ----------
    own : from `prove_release`.
    topics : the accounts of the topics, as `Account.plain` gives them.
    """
    about = proof.about
    others = own.plain(show=show)
    parts = [*topics.values(), others]
    files = {name: digest for part in parts for name, digest in part["files"].items()}
    findings = [finding for part in parts for finding in part["findings"]]
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return {
        "release": about["id"],
        "release_checksums_sha256": sha256(proof.release / "SHA256SUMS"),
        "files": len(files),
        "files_sha256": _sha256_of(listed),
        "checked": {
            **{name: topics[name]["checked"] for name in sorted(topics)},
            "packs and catalogue": others["checked"],
        },
        "findings": sorted(findings, key=lambda each: json.dumps(each, sort_keys=True)),
    }


def _sha256_of(text: str) -> str:

    return hashlib.sha256(text.encode()).hexdigest()
