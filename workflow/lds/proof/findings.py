"""What the proof finds: the place of something that the release does not explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lds.errors import DisclosureError

TOLD = 20
"""Findings that a message names; the account has them all."""
LONGEST = 80
"""Characters of what was found that an account of open data quotes."""


@dataclass(frozen=True, order=True)
class Finding:
    """One place that the release does not explain.

    Attributes
    ----------
    file : path below ``results/public``.
    place : where in the file.
    what : what is wrong there, in words without any value.
    found : what stands there. It is no released value, so it is told only where every source of the
        file is open.
    """

    file: str
    place: str
    what: str
    found: str = ""

    def account(self, *, show: bool) -> dict[str, str]:
        """Return the finding for ``proof.json``."""
        told = {"file": self.file, "place": self.place, "what": self.what}
        if show and self.found:
            told["found"] = _shortened(self.found)
        return told


def told(accounts: Iterable[dict[str, str]]) -> list[str]:
    """Return findings, as `Finding.account` gives them, in one line each."""
    lines = []
    for each in accounts:
        quoted = f" (found: {each['found']})" if "found" in each else ""
        lines.append(f"{each['file']}: {each['place']}: {each['what']}{quoted}")
    return lines


def refuse(accounts: Sequence[dict[str, str]], where: str) -> None:
    """Raise `DisclosureError` when there is any finding.

    Parameters
    ----------
    accounts : from `Finding.account`.
    where : the file that has them all.
    """
    if not accounts:
        return
    lines = told(accounts)
    listed = [*lines[:TOLD], *([f"and {len(lines) - TOLD} more"] if len(lines) > TOLD else [])]
    raise DisclosureError(
        f"The release does not explain {len(lines)}"
        f" {'place' if len(lines) == 1 else 'places'} of what is published.",
        where="\n          ".join(listed),
        remedy=f"Publish nothing of it. All findings are in {where}. If the files are not as the"
        " workflow made them, remove results/public and make them again; if they are, the code"
        " that makes pages shows something that was not released.",
    )


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
