"""What a job over secure sources may say when it fails: never a value of a row."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lds.errors import DisclosureError, LdsError, SourceError
from lds.io import write_text

PACKAGE = Path(__file__).resolve().parent


@contextmanager
def withholding(secure: bool, details: Path) -> Iterator[None]:
    """Keep what the block's errors say of values out of messages and logs.

    Errors of staging and of the gate pass: they are written by who knows whether a source is
    secure. Other errors of the project come from code that does not, and keep their first sentence
    only. All others lose their text, because libraries quote the value or the line that they
    stumble over. What is lost stands in full in a file of the secure folder.

    Parameters
    ----------
    secure : whether a source of the job is secure; errors pass as they are otherwise.
    details : file under ``results/secure/`` for what is withheld; removed when the block succeeds.

    Raises
    ------
    LdsError : of the same class, with `details` in place of place and values; or a plain one that
        names the class of an unexpected error, the line of code that met it, and `details`.
    """
    try:
        yield
    except LdsError as error:
        if not secure or isinstance(error, SourceError | DisclosureError):
            raise
        _write(details, f"{type(error).__name__}: {error}\n" + "\n".join(map(str, error.values)))
        raise type(error)(error.what, where=f"the values are in {details}") from None
    except Exception as error:
        if not secure:
            raise
        _write(details, "".join(traceback.format_exception(error)))
        raise LdsError(
            f"An unexpected error: {type(error).__module__}.{type(error).__qualname__}.",
            where=_place(error),
            remedy=f"Its text may quote a row of a secure source and is in {details} only."
            " Report this message, not that file.",
        ) from None
    else:
        details.unlink(missing_ok=True)


def _write(details: Path, text: str) -> None:
    write_text(details, text.rstrip("\n") + "\n")


def _place(error: Exception) -> str:
    """Return the innermost line of the project's own code that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first is `withholding` itself
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)] or frames
    last = own[-1]
    return f"{Path(last.filename).name}, line {last.lineno}, in {last.name}"
