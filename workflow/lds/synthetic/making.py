"""Making a stand-in: its files, the list of them, and the account of what is true of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from lds.io import sha256, write_json
from lds.sources.contract import MARK, Contract
from lds.synthetic.england.country import England
from lds.synthetic.standin import make_stand_in, size_of
from lds.synthetic.writing import write_raw_file


def write_stand_in(
    england: England,
    contract: Contract,
    scale: float | None,
    folder: Path,
    listed: Path,
    truth: Path,
) -> None:
    """Write the stand-in of a source.

    Parameters
    ----------
    scale : size against the real file; that of the recipe unless given.
    folder : gets the raw files; what was in it before is removed.
    listed : JSON: source, seed, scale, and name, size and SHA-256 of each file.
    truth : JSON: what was planted. For tests and for people, never for an analysis.
    """
    stand_in = make_stand_in(england, contract, scale)
    shutil.rmtree(folder, ignore_errors=True)
    paths = [write_raw_file(file, folder) for file in stand_in.files]
    about = {
        "source": contract.id,
        MARK: True,
        "seed": england.seed,
        "scale": size_of(contract, scale),
    }
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)} for path in paths
    ]
    write_json(listed, {**about, "files": files})
    write_json(truth, {**about, **stand_in.truth}, compact=True)
