"""Engines and shells. Quarto itself is compared where it is installed; else a stand-in is."""

import json
import shutil
import sys
import textwrap
from pathlib import Path

import pytest
from report_examples import nodes

from lds.errors import ContractError, EngineError
from lds.reports.engines import PandocEngine, QuartoEngine, resolve_engine
from lds.reports.pages import render_document, render_page
from lds.reports.shells import compile_shell

# Stands for Quarto: records how it was called, makes the page with pandoc, and, like Quarto,
# reads it as a document and writes it anew.
FAKE = """\
    #!{python}
    import json, os, pathlib, sys
    import html5lib, pypandoc
    log = pathlib.Path({log!r})
    if sys.argv[1:] == ["--version"]:
        print("1.99.0")
        sys.exit(0)
    record = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "files": sorted(os.listdir("."))}}
    log.write_text(json.dumps(record))
    mode = {mode!r}
    if mode == "silent":
        print("ERROR: YAML of the document is broken")
        sys.exit(1)
    page = pypandoc.convert_file(
        sys.argv[2], to="html5", format="markdown",
        extra_args=["--template=template.html", "--mathml", "--wrap=none"],
    )
    tree = html5lib.parse(page)
    serializer = html5lib.serializer.HTMLSerializer(
        omit_optional_tags=False, quote_attr_values="always", strip_whitespace=False,
        minimize_boolean_attributes=False,
    )
    html = "".join(serializer.serialize(html5lib.getTreeWalker("etree")(tree)))
    pathlib.Path(sys.argv[sys.argv.index("--output") + 1]).write_text("<!DOCTYPE html>\\n" + html)
    if mode == "error":
        print("ERROR: filter failed")
"""


@pytest.fixture
def no_quarto(tmp_path, monkeypatch):
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    monkeypatch.setenv("PATH", str(empty))


@pytest.fixture
def fake_quarto(tmp_path, monkeypatch):
    """Return a function that puts a stand-in for Quarto on PATH and returns its record."""

    def install(mode: str = "good") -> Path:
        folder = tmp_path / "fake bin"
        folder.mkdir()
        log = tmp_path / "quarto-call.json"
        program = folder / "quarto"
        text = FAKE.format(python=sys.executable, log=str(log), mode=mode)
        program.write_text(textwrap.dedent(text), encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.delenv("QUARTO_PATH", raising=False)
        monkeypatch.setenv("PATH", str(folder), prepend=":")
        return log

    return install


def test_auto_without_quarto_is_pandoc(no_quarto):
    engine = resolve_engine("auto")
    assert isinstance(engine, PandocEngine)
    assert engine.name == "pandoc"
    assert engine.version[0].isdigit()


def test_auto_with_quarto_is_quarto(fake_quarto):
    fake_quarto()
    engine = resolve_engine("auto")
    assert (engine.name, engine.version) == ("quarto", "1.99.0")
    assert resolve_engine("pandoc").name == "pandoc"


def test_quarto_by_path_variable(fake_quarto, no_quarto, tmp_path, monkeypatch):
    fake_quarto()
    program = tmp_path / "fake bin" / "quarto"
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("QUARTO_PATH", str(program))
    engine = resolve_engine("quarto")
    assert isinstance(engine, QuartoEngine)
    assert engine.executable == str(program)


def test_quarto_asked_for_and_absent(no_quarto):
    with pytest.raises(EngineError, match=r"pip install quarto-cli, or set report\.engine: pandoc"):
        resolve_engine("quarto")


@pytest.mark.parametrize("requested", ["auto", "quarto"])
def test_a_wrong_path_variable_is_an_error(requested, no_quarto, monkeypatch):
    monkeypatch.setenv("QUARTO_PATH", "/nowhere/quarto")
    with pytest.raises(EngineError, match="QUARTO_PATH=/nowhere/quarto"):
        resolve_engine(requested)


def test_unknown_engine():
    with pytest.raises(EngineError, match="no such document engine"):
        resolve_engine("word")


def test_quarto_is_called_in_a_private_copy(fake_quarto, tmp_path, reports_dir):
    log = fake_quarto()
    before = sorted(path.name for path in reports_dir.rglob("*"))
    output = tmp_path / "deep" / "page.html"
    resolve_engine("quarto").convert(reports_dir / "human_mobility.qmd", output, reports_dir)
    call = json.loads(log.read_text(encoding="utf-8"))
    assert call["argv"] == [
        *("render", "human_mobility.qmd", "--to", "html"),
        *("--output", "human_mobility.html", "--no-execute"),
    ]
    assert Path(call["cwd"]) != reports_dir
    assert not Path(call["cwd"]).exists()
    assert {"_quarto.yml", "template.html", "human_mobility.qmd"} <= set(call["files"])
    assert [name for name in call["files"] if name.endswith(".qmd")] == ["human_mobility.qmd"]
    assert output.is_file()
    assert sorted(path.name for path in reports_dir.rglob("*")) == before


@pytest.mark.parametrize(
    ("mode", "message"), [("silent", "YAML of the document"), ("error", "filter failed")]
)
def test_quarto_failing_is_an_error_with_its_log(mode, message, fake_quarto, tmp_path, reports_dir):
    fake_quarto(mode)
    output = tmp_path / "page.html"
    with pytest.raises(EngineError, match=message):
        resolve_engine("quarto").convert(reports_dir / "human_mobility.qmd", output, reports_dir)
    assert not output.exists()


@pytest.mark.parametrize("name", ["full_slice", "gap_slice", "eventful_slice"])
def test_slots_survive_an_engine_that_rewrites_the_page(
    name, request, fake_quarto, tmp_path, reports_dir, shell, stored
):
    fake_quarto()
    other = tmp_path / "shell.html"
    source = reports_dir / "human_mobility.qmd"
    compile_shell(source, reports_dir, resolve_engine("quarto"), other)
    ready = stored(request.getfixturevalue(name))
    page = render_page(ready, shell)
    assert nodes(render_page(ready, other.read_text(encoding="utf-8"))) == nodes(page)
    document = render_document(ready, reports_dir, source, resolve_engine("quarto"))
    assert nodes(document) == nodes(page)


@pytest.mark.skipif(not shutil.which("quarto"), reason="Quarto is not installed here")
@pytest.mark.parametrize("name", ["full_slice", "gap_slice"])
def test_real_quarto_gives_the_page_of_pandoc(name, request, tmp_path, reports_dir, shell, stored):
    other = tmp_path / "shell.html"
    source = reports_dir / "human_mobility.qmd"
    compile_shell(source, reports_dir, resolve_engine("quarto"), other)
    ready = stored(request.getfixturevalue(name))
    assert nodes(render_page(ready, other.read_text(encoding="utf-8"))) == nodes(
        render_page(ready, shell)
    )


@pytest.fixture
def own_reports(tmp_path, reports_dir):
    """A copy of the reports folder that a test may spoil."""
    return Path(shutil.copytree(reports_dir, tmp_path / "reports"))


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ('`{{ figures["a"] }}`{=html}', "quote"),
        ("`{% if a < b %}{% endif %}`{=html}", "bracket"),
        ("```{python}\n1 + 1\n```", "code cell"),
        ("```{=html}\n{% for a in b %}\n```", "broken slot"),
        ("`{{ area. }}`{=html}", "broken slot"),
    ],
)
def test_a_source_that_would_break_is_refused(addition, message, own_reports, pandoc, tmp_path):
    source = own_reports / "human_mobility.qmd"
    source.write_text(source.read_text(encoding="utf-8") + "\n" + addition + "\n", encoding="utf-8")
    output = tmp_path / "shell.html"
    with pytest.raises(ContractError, match=message):
        compile_shell(source, own_reports, pandoc, output)
    assert not output.exists()


@pytest.mark.parametrize("name", ["human_mobility.qmd", "template.html", "report.css"])
def test_a_missing_source_is_named(name, own_reports, pandoc, tmp_path):
    (own_reports / name).unlink()
    with pytest.raises(ContractError, match=name):
        compile_shell(
            own_reports / "human_mobility.qmd", own_reports, pandoc, tmp_path / "shell.html"
        )


def test_a_template_without_its_marks_is_refused(own_reports, pandoc, tmp_path):
    template = own_reports / "template.html"
    text = template.read_text(encoding="utf-8").replace("<!-- lds:contents -->", "")
    template.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match="lds:contents"):
        compile_shell(
            own_reports / "human_mobility.qmd", own_reports, pandoc, tmp_path / "shell.html"
        )


def test_a_shell_is_one_file_and_the_same_twice(shell, reports_dir, pandoc, tmp_path):
    again = tmp_path / "again.html"
    compile_shell(reports_dir / "human_mobility.qmd", reports_dir, pandoc, again)
    assert again.read_text(encoding="utf-8") == shell
    assert "{% macro figure_block" in shell
    assert "{% include" not in shell
    assert "{% import" not in shell
