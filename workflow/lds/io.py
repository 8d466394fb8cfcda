"""Reading and writing files: whole or not at all, and the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lds.errors import LdsError

if TYPE_CHECKING:
    import polars as pl

ROW_GROUP = 16_384
"""Rows per group of a Parquet file: small, so that one area's rows are found without the rest."""
RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
SQL = Path(__file__).resolve().parents[1] / "sql"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its name only when the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with the line ends it has."""
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode())


def canonical_json(value: object) -> str:
    """Return `value` as JSON with sorted keys, no spaces that vary, and a final line end."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def compact_json(value: object) -> str:
    """Return `value` as canonical JSON on one line, for large files that people skip."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text + "\n"


def write_json(path: Path, value: object, *, compact: bool = False) -> None:
    """Write `value` as canonical JSON; `compact` on one line."""
    write_text(path, compact_json(value) if compact else canonical_json(value))


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    LdsError : when the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LdsError("A file is missing.", where=str(path)) from None
    except ValueError as error:
        raise LdsError("A file is not valid JSON.", where=f"{path}: {error}") from None


def read_yaml(path: Path) -> Any:
    """Read a YAML file that belongs to the project."""
    import yaml  # here, because thousands of short jobs use this module and not this function

    # The parser in C reads all contracts in a second, the one in Python in eight.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except yaml.YAMLError as error:
        raise LdsError("A file is not valid YAML.", where=f"{path}: {error}") from None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a comma-separated table with a header; None becomes an empty field."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write `frame` as Parquet (zstd); the caller has put the rows in their order."""
    with replacing(path) as temporary:
        frame.write_parquet(
            temporary,
            compression="zstd",
            compression_level=3,
            statistics=True,
            row_group_size=ROW_GROUP,
        )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
