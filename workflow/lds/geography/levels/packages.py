"""Data files inside pinned Python packages: found without importing the package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lds.errors import GeographyError


def packaged_file(package: str, distribution: str, name: str) -> Path:
    """Return the path of a data file that an installed package carries.

    Parameters
    ----------
    package : the package as Python imports it; it is not imported, which may run code or pull in
        its own dependencies.
    distribution : the name that it is installed under.
    name : the file's path inside the package.

    Raises
    ------
    GeographyError : when the package is not installed or has no such file.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise GeographyError(
            "A package that carries open data is not installed.",
            where=distribution,
            remedy="Install the project's requirements again (make reports does).",
        )
    path = Path(spec.origin).parent / name
    if not path.is_file():
        raise GeographyError(
            "A package that carries open data has no such file.",
            where=f"{distribution}: {name}",
            remedy=f"Install the version of {distribution} that requirements.lock names.",
        )
    return path
