"""Text files: whether their bytes are the text that they are said to be."""

from __future__ import annotations

import codecs
import shutil
from dataclasses import dataclass
from pathlib import Path

from lds.errors import SourceError

ENCODINGS = {"utf-8": "utf-8-sig", "latin-1": "cp1252", "utf-16": "utf-16"}
"""Encodings that can be configured, with the name of Python's decoder.

Windows-1252 is Latin-1 with the euro sign, dashes and quotation marks where that has characters
that no text uses, and publishers call either by the name of the other.
"""
_BLOCK = 1 << 20
_PIECE = 1 << 17
_BLANK = ord(" ")
_LINE_END = ord("\n")
_EDGES = (ord('"'), ord("\r"))
_NOT_LATIN_1 = bytes(range(0x80, 0xA0))


def recoded(path: Path, encoding: str, copy: Path) -> Path:
    """Write text as UTF-8 to `copy`, whatever its length, and return that.

    Raises
    ------
    UnicodeError : the text is not in this encoding (a name of Python's).
    """
    with (
        path.open(encoding=encoding, newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out, _BLOCK)
    return copy


def is_windows_1252(path: Path) -> bool:
    """Whether a file that is said to be Latin-1 has letters that only Windows-1252 has."""
    with path.open("rb") as handle:
        return any(
            len(block.translate(None, _NOT_LATIN_1)) < len(block)
            for block in iter(lambda: handle.read(_BLOCK), b"")
        )


@dataclass(frozen=True)
class TextFacts:
    """What one pass over a text file tells.

    Attributes
    ----------
    lines : number of lines.
    padded : whether a field may begin or end with a blank.
    """

    lines: int
    padded: bool


def _line_ends_and_padding(before: int, block: bytes, delimiter: str) -> tuple[int, bool]:
    """Return the number of line ends, and whether a blank stands at the edge of a field.

    Numpy looks at a gigabyte in a second, a search for each pair of letters in ten; of pieces that
    are larger it takes new memory from the system for each step, which takes three.

    Parameters
    ----------
    before : the byte before `block`.
    """
    # It takes time to load, and most commands look at no raw text.
    import numpy as np

    letters = np.frombuffer(bytes([before]) + block, dtype=np.uint8)
    ends, padded = 0, False
    for start in range(0, len(block), _PIECE):
        piece = letters[start : start + _PIECE + 1]
        blank = piece == _BLANK
        edge = piece == _LINE_END
        ends += int(np.count_nonzero(edge[1:]))
        for mark in (*_EDGES, ord(delimiter)):
            edge |= piece == mark
        padded |= bool((blank[1:] & edge[:-1]).any() or (blank[:-1] & edge[1:]).any())
    return ends, padded


def refuse_empty(path: Path, shown: Path) -> None:
    """Raise `SourceError`, which names the file `shown`, where a raw file has no bytes at all."""
    if path.stat().st_size == 0:
        raise SourceError(
            "A raw file is empty.",
            where=str(shown),
            remedy="Get the file from its publisher again.",
        )


def check_encoding(
    path: Path,
    encoding: str,
    *,
    delimiter: str = ",",
    shown: Path | None = None,
    secure: bool = False,
) -> TextFacts:
    """Decode the whole file once, and return what that tells.

    Parameters
    ----------
    delimiter : of the fields.
    shown : the file that messages name, where `path` is what was packed in it.
    secure : quote no byte of the file.

    Raises
    ------
    SourceError : empty file, NUL bytes, or a byte sequence that `encoding` does not know, with the
        line of the first.
    """
    shown = shown or path
    refuse_empty(path, shown)
    decoder = codecs.getincrementaldecoder(ENCODINGS[encoding])()
    lines, last = 1, "\n"
    # Wide characters have bytes that look like blanks and line ends.
    wide = padded = encoding == "utf-16"
    edge = _LINE_END
    with path.open("rb") as handle:
        if encoding == "utf-16" and handle.read(2) == codecs.BOM_UTF16_BE:
            raise SourceError(
                "A raw file is UTF-16 with the high byte first, which cannot be read.",
                where=str(shown),
                remedy="Save it as UTF-8.",
            )
        handle.seek(0)
        block = b"\n"
        while block:
            block = handle.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = lines + error.object.count(b"\n", 0, error.start)
                utf16 = block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                other = "utf-16" if utf16 and lines == 1 else "latin-1"
                again = encoding == other
                raise SourceError(
                    f"A raw file is not {encoding}.",
                    where=f"{shown}, line {line}",
                    values=() if secure else [f"byte 0x{error.object[error.start]:02x}"],
                    remedy="Save it as UTF-8"
                    + ("." if again else f", or set encoding: {other} for this source."),
                ) from None
            except UnicodeError as error:
                raise SourceError(
                    f"A raw file is not {encoding}" + ("." if secure else f": {error}."),
                    where=f"{shown}, line {lines}",
                    remedy="Save it as UTF-8, or correct `encoding` for this source.",
                ) from None
            if "\0" in text:
                raise SourceError(
                    "A raw file has NUL characters: it is not text in this encoding.",
                    where=f"{shown}, line {lines + text.count(chr(10), 0, text.index(chr(0)))}",
                    remedy="Save it as UTF-8, or set encoding: utf-16 for this source.",
                )
            if wide:
                lines += text.count("\n")
            else:
                ends, blanks = _line_ends_and_padding(edge, block, delimiter)
                lines, padded = lines + ends, padded or blanks
                edge = block[-1] if block else edge
            last = text[-1:] or last
    padded = padded or last == " "
    return TextFacts(lines - 1 if last == "\n" else lines, padded)
