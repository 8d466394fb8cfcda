"""Accounts: what was proved of which files, and what was found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lds.proof.differences import differences
from lds.proof.findings import Finding

ABSENT = "is not there"
PROOF = "proof.json"
"""The whole proof, below ``results/public``."""
ACCOUNTS = "proof"
"""The folder of the accounts of the topics."""


@dataclass(frozen=True)
class Account:
    """What a proof found in some files.

    Attributes
    ----------
    files : SHA-256 of each file that was proved, by its name below ``results/public``.
    seen : how much was looked at.
    """

    findings: list[Finding]
    files: dict[str, str]
    seen: Counter[str]

    @classmethod
    def of(cls, parts: Iterable[Account]) -> Account:
        """Return several accounts as one."""
        whole = cls([], {}, Counter())
        for part in parts:
            whole.findings.extend(part.findings)
            whole.files.update(part.files)
            whole.seen.update(part.seen)
        return whole

    def plain(self, *, show: bool) -> dict[str, Any]:
        """Return the account for a JSON file; `show` tells what was found as well."""
        return {
            "files": dict(sorted(self.files.items())),
            "checked": dict(sorted(self.seen.items())),
            "findings": [each.account(show=show) for each in sorted({*self.findings})],
        }


def compared(name: str, path: Path, expected: bytes, seen: Counter[str]) -> Account:
    """Return the account of one file against what the release gives."""
    try:
        found = path.read_bytes()
    except OSError:
        return Account([Finding(name, "whole file", ABSENT)], {}, seen)
    return Account(
        differences(name, expected, found), {name: hashlib.sha256(found).hexdigest()}, seen
    )


def is_open(about: Mapping[str, Any], topics: Iterable[str]) -> bool:
    """Whether every source of some topics is open, so that a message may quote what was found."""
    wanted = {*topics}
    return all(
        source["access"] == "open" for source in about["sources"] if wanted & {*source["topics"]}
    )
