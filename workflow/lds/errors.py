"""The exceptions of the project: one small tree, one exit code per cause."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

SHOWN_VALUES = 5
"""How many offending values a message quotes before it says "and N more"."""


class LdsError(Exception):
    """An error written for the person who runs the workflow.

    Parameters
    ----------
    what : the problem in one sentence.
    where : the file, column, line, key or code that it was found in.
    values : offending values; the first `SHOWN_VALUES` are quoted. Never pass values of a
        secure source: write them to a file under ``results/secure/`` and name it in `where`.
    remedy : what to do about it.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        values: Sequence[object] = (),
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.values = list(values)
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return the message, one line per part."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where:  {self.where}")
        if self.values:
            shown = ", ".join(str(value) for value in self.values[:SHOWN_VALUES])
            more = len(self.values) - SHOWN_VALUES
            lines.append(f"  values: {shown}" + (f" and {more} more" if more > 0 else ""))
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


class ConfigError(LdsError):
    """The configuration asks for something that cannot be."""

    exit_code = 10


class SourceError(LdsError):
    """A raw file is missing, unreadable or breaks its contract."""

    exit_code = 11


class GeographyError(LdsError):
    """A code, name or date does not fit the area register."""

    exit_code = 12


class ContractError(LdsError):
    """A table that the workflow made does not meet its own contract."""

    exit_code = 13


class DisclosureError(LdsError):
    """The gate refuses to release something."""

    exit_code = 14


class EngineError(LdsError):
    """The document engine (Quarto or pandoc) is missing or failed."""

    exit_code = 15


class ReleaseError(LdsError):
    """A release folder is incomplete, altered or of another vintage."""

    exit_code = 16


def run_command(main: Callable[[], None]) -> None:
    """Call `main`; print an `LdsError` without its traceback and exit with its code."""
    try:
        main()
    except LdsError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
