"""A release and its evidence, written from a made-up answer of the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.gate_results import (
    AREAS,
    STYLE,
    TEMPLATE,
    made_result,
    made_topics,
    written_release,
)
from lds.disclosure.evidence.writing import write_evidence
from lds.disclosure.result import GateResult


def write_both(
    folder: Path,
    result: GateResult | None = None,
    *,
    released: GateResult | None = None,
    **given: Any,
) -> Path:
    """Write ``released/`` and ``evidence/`` into a folder, and return it.

    The release is of the same answer of the gate, unless another is given as `released`.
    """
    result = made_result() if result is None else result
    written_release(folder / "released", released or result)
    write_evidence(
        folder / "evidence",
        result,
        made_topics(),
        release=folder / "released",
        **{
            "release_id": "made",
            "template": TEMPLATE,
            "style": STYLE,
            "names": {AREAS[0]: "Harborough"},
            **given,
        },
    )
    return folder
