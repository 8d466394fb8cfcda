"""The two document engines: Quarto where it is installed, otherwise the pandoc of our wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from lds.errors import EngineError
from lds.reports.assembly import TEMPLATE

Requested = Literal["auto", "quarto", "pandoc"]

TIME_LIMIT = 300
"""Seconds after which an engine that hangs is given up."""

_SHOWN_LOG = 4000

# In a process of its own: `quarto.render` prints to the real standard output and ignores the
# exit code, and a shell is compiled where other work may go on.
_RENDER = (
    "import sys; from quarto.render import render; "
    "render(sys.argv[1], output_format='html', output_file=sys.argv[2], execute=False)"
)


class Engine(Protocol):
    """What turns a markdown source into a page of our template."""

    @property
    def name(self) -> str:
        """Return "quarto" or "pandoc"."""

    @property
    def version(self) -> str:
        """Return the engine's own version number."""

    def convert(self, source_qmd: Path, output_html: Path, reports_dir: Path) -> None:
        """Write the page of `source_qmd`, with the template of `reports_dir`."""


@dataclass(frozen=True)
class PandocEngine:
    """The pandoc that the wheel ``pypandoc_binary`` carries."""

    executable: str
    version: str
    name: str = "pandoc"

    def convert(self, source_qmd: Path, output_html: Path, reports_dir: Path) -> None:
        """Run pandoc with the settings that ``_quarto.yml`` gives to Quarto."""
        import pypandoc  # type: ignore[import-untyped]

        try:
            pypandoc.convert_file(
                str(source_qmd),
                to="html5",
                format="markdown",
                outputfile=str(output_html),
                extra_args=[
                    f"--template={reports_dir / TEMPLATE}",
                    "--mathml",
                    "--wrap=none",
                    "--email-obfuscation=none",
                    "--metadata=lang:en-GB",
                    "--fail-if-warnings",
                ],
            )
        except (RuntimeError, OSError) as error:
            raise _failed(self, source_qmd, str(error)) from error
        _require(self, source_qmd, output_html, "")


@dataclass(frozen=True)
class QuartoEngine:
    """The Quarto command line, through the ``quarto`` package."""

    executable: str
    version: str
    name: str = "quarto"

    def convert(self, source_qmd: Path, output_html: Path, reports_dir: Path) -> None:
        """Run Quarto in a private copy of the reports folder.

        Concurrent renders of one folder collide in its scratch files, and ``--output`` takes a
        bare file name.
        """
        with tempfile.TemporaryDirectory(prefix="lds-quarto-") as folder:
            private = Path(folder) / "reports"
            shutil.copytree(
                reports_dir, private, ignore=shutil.ignore_patterns(".quarto", "*_files")
            )
            if source_qmd.resolve().parent != reports_dir.resolve():
                shutil.copyfile(source_qmd, private / source_qmd.name)
            # Only the source that is asked for: Quarto reads every document of a project.
            for other in private.glob("*.qmd"):
                if other.name != source_qmd.name:
                    other.unlink()
            bare_name = f"{source_qmd.stem}.html"
            try:
                done = subprocess.run(
                    [sys.executable, "-c", _RENDER, source_qmd.name, bare_name],
                    cwd=private,
                    env={**os.environ, "QUARTO_PATH": self.executable},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    text=True,
                    errors="replace",
                    timeout=TIME_LIMIT,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise _failed(self, source_qmd, f"no answer after {TIME_LIMIT} s") from error
            written = private / bare_name
            _require(self, source_qmd, written, done.stdout)
            if done.returncode or "\nERROR" in f"\n{done.stdout}":
                raise _failed(self, source_qmd, done.stdout)
            output_html.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(written, output_html)


def resolve_engine(requested: Requested | str) -> Engine:
    """Return the engine that the configuration asks for.

    Parameters
    ----------
    requested : "quarto", "pandoc", or "auto": Quarto where ``QUARTO_PATH`` or PATH has it,
        otherwise pandoc.
    """
    if requested not in ("auto", "quarto", "pandoc"):
        raise EngineError(
            "There is no such document engine.",
            where="config.yaml, report.engine",
            values=[requested],
            remedy="Use auto, quarto or pandoc.",
        )
    if requested != "pandoc":
        executable = _find_quarto()
        if executable:
            return QuartoEngine(executable, _quarto_version(executable))
        if requested == "quarto":
            raise EngineError(
                "Quarto was asked for and is not installed.",
                where="config.yaml, report.engine; PATH; QUARTO_PATH",
                remedy="pip install quarto-cli, or set report.engine: pandoc.",
            )
    try:
        import pypandoc

        return PandocEngine(pypandoc.get_pandoc_path(), pypandoc.get_pandoc_version())
    except (ImportError, OSError) as error:
        raise EngineError(
            "Pandoc is not installed.", remedy="pip install pypandoc_binary"
        ) from error


def _find_quarto() -> str | None:
    """Return Quarto's full path as the ``quarto`` package finds it; None where there is none."""
    try:
        from quarto.quarto import find_quarto  # type: ignore[import-untyped]
    except ImportError as error:
        raise EngineError(
            "The Python package quarto is not installed.",
            remedy="pip install quarto, or set report.engine: pandoc.",
        ) from error
    try:
        # The engine runs in another folder: a relative path would lead elsewhere.
        found = shutil.which(str(find_quarto()))
    except FileNotFoundError:
        return None
    if found is None:
        raise EngineError(
            "QUARTO_PATH names no program that can be run.",
            where=f"QUARTO_PATH={os.environ.get('QUARTO_PATH')}",
            remedy="Correct or unset it, or set report.engine: pandoc.",
        )
    return str(Path(found).absolute())


def _quarto_version(executable: str) -> str:
    try:
        done = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(
            "Quarto does not run.",
            where=f"{executable} --version: {error}",
            remedy="pip install quarto-cli again, or set report.engine: pandoc.",
        ) from error
    return done.stdout.strip()


def _failed(engine: Engine, source: Path, log: str) -> EngineError:
    return EngineError(
        f"{engine.name} {engine.version} could not make a page.",
        where=f"{source.name}\n{log.strip()[-_SHOWN_LOG:]}",
        remedy="Correct the source, or try the other engine (report.engine).",
    )


def _require(engine: Engine, source: Path, output: Path, log: str) -> None:
    if not output.is_file() or not output.stat().st_size:
        raise _failed(engine, source, log or "no page was written")
