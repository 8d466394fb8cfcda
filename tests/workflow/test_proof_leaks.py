"""The final proof finds a number that was planted, whatever place it was planted in."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from leaks import IN_SLICE, LEAK, ON_PAGE
from published import PACK, PAGE, SHELL, SLICE, Published
from snakefolder import HARBOROUGH, LADS, TOPIC, digests

from lds.errors import DisclosureError
from lds.io import compact_json
from lds.proof.accounts import Account
from lds.proof.findings import Finding, refuse
from lds.proof.pages import scan_page
from lds.proof.topic import prove_topic
from lds.reports.packs import EPOCH

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_embedded")]


def check(found: list[Finding], file: str, place: str) -> None:
    """Check where something was found, and that a message about secure data does not say what."""
    assert {each.file for each in found} == {file}
    assert any(place in each.place for each in found), [each.place for each in found]
    account = Account(found, {}, Counter()).plain(show=False)
    with pytest.raises(DisclosureError) as caught:
        refuse(account["findings"], "proof.json")
    assert caught.value.exit_code == 14
    assert file in str(caught.value)
    assert LEAK not in str(caught.value)
    assert LEAK not in json.dumps(account)


def test_nothing_is_found_in_what_the_workflow_made(published: Published) -> None:
    account = prove_topic(published.topic, LADS, processes=1)
    assert account.findings == []
    assert account.seen["slices"] == account.seen["pages"] == len(LADS)
    assert account.seen["cells"] > 100_000
    assert account.seen["coordinates_and_fills"] > 20_000
    assert account.seen["texts"] > 1000
    assert not account.seen["charts_not_read"]
    around = published.prove_around()
    assert around.findings == []
    made = {name for name in digests(published.folder) if not name.startswith("reference/")}
    assert {*account.files, *around.files} == made


@pytest.mark.parametrize("leak", ON_PAGE)
def test_a_leak_on_a_page_is_found_by_making_it_again(leak: str, planted: Published) -> None:
    page = ON_PAGE[leak].plant(planted.page())
    assert page != planted.page()
    (planted.folder / PAGE).write_bytes(page.encode())
    check(planted.prove_pages().findings, PAGE, ON_PAGE[leak].place)


@pytest.mark.parametrize("leak", ON_PAGE)
def test_a_leak_on_a_page_is_found_by_the_scan_alone(leak: str, published: Published) -> None:
    page = ON_PAGE[leak].plant(published.page())
    assert scan_page(PAGE, published.page(), published.slice(), published.shell())[0] == []
    found, _ = scan_page(PAGE, page, published.slice(), published.shell())
    assert found


@pytest.mark.parametrize("leak", IN_SLICE)
def test_a_leak_in_a_slice_is_found_by_the_scan_alone(leak: str, published: Published) -> None:
    slice = published.slice()
    assert published.scan.scan(SLICE, slice)[0] == []
    IN_SLICE[leak].plant(slice)
    assert slice != published.slice()
    check(published.scan.scan(SLICE, slice)[0], SLICE, IN_SLICE[leak].place)


@pytest.mark.parametrize("leak", ["missing value", "summary", "line moved", "chart's text"])
def test_a_leak_in_a_slice_is_found_by_making_it_again(leak: str, planted: Published) -> None:
    slice = planted.slice()
    del slice["provenance"]
    IN_SLICE[leak].plant(slice)
    (planted.folder / SLICE).write_text(compact_json(slice), encoding="utf-8")
    found = planted.prove_pages().findings
    place = {"missing value": "figures.trend_parks.csv.text: row", "summary": "summary[0]"}
    check(
        [each for each in found if each.file == SLICE and "released" not in each.what],
        SLICE,
        place.get(leak, "svg: "),
    )


def test_a_further_key_of_a_slice_is_found(planted: Published) -> None:
    slice = json.loads((planted.folder / SLICE).read_text()) | {f"n{LEAK}": 1}
    (planted.folder / SLICE).write_text(compact_json(slice), encoding="utf-8")
    found = [each for each in planted.prove_pages().findings if each.file == SLICE]
    check(found, SLICE, "a key of the file")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b'{"figures": 48173}'])
def test_a_slice_that_cannot_be_read_is_found(content: bytes, planted: Published) -> None:
    (planted.folder / SLICE).write_bytes(content)
    check(planted.prove_pages().findings, SLICE, "")


def test_a_page_that_is_missing_is_found(planted: Published) -> None:
    (planted.folder / PAGE).unlink()
    assert Finding(PAGE, "whole file", "is not there") in planted.prove_pages().findings
    assert PACK in {each.file for each in planted.prove_around().findings}


def test_a_leak_in_a_shell_is_found(planted: Published) -> None:
    path = planted.folder / SHELL
    path.write_text(path.read_text(encoding="utf-8").replace("<main", f"<p>{LEAK}</p><main", 1))
    check(planted.prove_pages().findings, SHELL, "text of <p>")


Change = Callable[[zipfile.ZipFile, zipfile.ZipFile], None]


def repack(path: Path, change: Change) -> None:
    """Write an archive again with a change; `change` is given the old and the new one."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        change(old, new)
    path.write_bytes(made.getvalue())


def entry(name: str) -> zipfile.ZipInfo:
    """Return an entry as packs have them."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type, info.external_attr, info.create_system = (
        zipfile.ZIP_DEFLATED,
        0o644 << 16,
        3,
    )
    return info


def copied(old: zipfile.ZipFile, new: zipfile.ZipFile, **contents: bytes) -> None:
    """Copy every member, some with another content (by the name without its ending)."""
    for name in old.namelist():
        content = contents.get(name.partition(".")[0], old.read(name))
        new.writestr(entry(name), content, compresslevel=6)


def further_member(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    copied(old, new)
    new.writestr(entry(f"{LEAK}.txt"), LEAK)


def named_twice(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    new.writestr(entry("README.txt"), LEAK)
    with pytest.warns(UserWarning, match="Duplicate name"):
        copied(old, new)


def archive_comment(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    copied(old, new)
    new.comment = LEAK.encode()


def member_comment(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    copied(old, new)
    new.filelist[0].comment = LEAK.encode()


def extra_field(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    new.writestr(entry("README.txt"), b"")
    new.filelist.clear()
    new.NameToInfo.clear()
    new.fp.seek(0)  # type: ignore[union-attr]
    new.start_dir = 0
    for name in old.namelist():
        info = entry(name)
        info.extra = b"\x73\x48\x05\x00" + LEAK.encode() if name == "README.txt" else b""
        new.writestr(info, old.read(name), compresslevel=6)


def another_time(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    for name in old.namelist():
        info = entry(name)
        info.date_time = (2048, 1, 7, 3, 0, 0) if name == "README.txt" else EPOCH
        new.writestr(info, old.read(name), compresslevel=6)


def another_mode(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    for name in old.namelist():
        info = entry(name)
        info.external_attr |= 0o20 << 16 if name == "README.txt" else 0
        new.writestr(info, old.read(name), compresslevel=6)


def another_packing(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
    for name in old.namelist():
        new.writestr(entry(name), old.read(name), compresslevel=1)


def in_member(name: str, old_text: bytes, new_text: bytes) -> Change:
    def change(old: zipfile.ZipFile, new: zipfile.ZipFile) -> None:
        member = next(each for each in old.namelist() if each.startswith(name))
        content = old.read(member)
        assert old_text in content
        key = member.partition(".")[0]
        copied(old, new, **{key: content.replace(old_text, new_text, 1)})

    return change


IN_PACK: dict[str, tuple[Change, str]] = {
    "further member": (further_member, "member 17"),
    "member of the same name": (named_twice, "member 2"),
    "comment of the archive": (archive_comment, "comment of the archive"),
    "comment of a member": (member_comment, "comment of member 1"),
    "extra field": (extra_field, "extra field of member 1"),
    "time": (another_time, "time of member 1"),
    "attributes": (another_mode, "attributes of member 1"),
    "packing": (another_packing, "compressed data"),
    "README": (in_member("README", b"Release", LEAK.encode() + b" Release"), "member README.txt"),
    "manifest": (
        in_member("manifest", b'"synthetic": true', b'"synthetic": 48173'),
        "member manifest.json: ",
    ),
    "page": (in_member(TOPIC, b"<main", b"<p>48173</p><main"), "text of <p>"),
    "data": (in_member(f"data/{HARBOROUGH}", b",4.0,", b",48173,"), "column value"),
    "table of a chart": (
        in_member(f"data/charts/{HARBOROUGH}_holidays", b"-27.0", b"48173"),
        "column district_percent",
    ),
}


@pytest.mark.parametrize("leak", IN_PACK)
def test_a_leak_in_a_pack_is_found(leak: str, planted: Published) -> None:
    change, place = IN_PACK[leak]
    repack(planted.folder / PACK, change)
    found = [each for each in planted.prove_around().findings if each.file != "datapackage.json"]
    check(found, PACK, place)


@pytest.mark.parametrize(
    ("where", "place"),
    [("before", "between the members"), ("between", ""), ("behind", "")],
)
def test_bytes_that_belong_to_no_member_are_found(
    where: str, place: str, planted: Published
) -> None:
    path = planted.folder / PACK
    content = path.read_bytes()
    leak = LEAK.encode()
    planted_bytes = {
        "before": leak + content,
        "between": content[:-22] + leak + content[-22:],
        "behind": content + leak,
    }
    path.write_bytes(planted_bytes[where])
    found = [each for each in planted.prove_around().findings if each.file == PACK]
    check(found, PACK, place)


AROUND = {
    "index.html, text": ("index.html", "<main", f"<p>{LEAK}</p><main", "text of <p>"),
    "index.html, attribute": ("index.html", "<main", f'<main title="{LEAK}"', "attribute title"),
    "index.html, comment": ("index.html", "<main", f"<!--{LEAK}--><main", "comment"),
    "index.html, script": ("index.html", "(function", f"var n={LEAK};(function", "script"),
    "index.html, style": ("index.html", ".page{", f".n{LEAK}{{}}.page{{", "style sheet"),
    "gaps.csv": ("gaps.csv", "The source", f"{LEAK}: the source", "row 1, column reason"),
    "datapackage.json": ("datapackage.json", '"title": "', f'"title": "{LEAK} ', "title"),
    "datapackage.json, key": ("datapackage.json", '"name":', f'"n{LEAK}": 1, "name":', "a key of"),
    "provenance.json": ("provenance.json", '"release": "', f'"release": "{LEAK} ', "release"),
}


@pytest.mark.parametrize("leak", AROUND)
def test_a_leak_in_the_catalogue_is_found(leak: str, planted: Published) -> None:
    name, old, new, place = AROUND[leak]
    path = planted.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    check(planted.prove_around().findings, name, place)


@pytest.mark.parametrize(
    "name",
    [
        *("deaths.csv", ".index.html.a1.part", f"site/{HARBOROUGH}/deaths.html"),
        *("slices/E07000131.json", "reference/deaths.csv", "reference/a/b.parquet"),
        *("packs/E07000132.zip", "proof/deaths.json"),
    ],
)
def test_a_file_of_no_release_is_found(name: str, planted: Published) -> None:
    path = planted.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LEAK)
    check(planted.prove_around().findings, name, "whole file")


def test_a_link_is_found(planted: Published) -> None:
    shutil.move(planted.folder / PACK, planted.folder.parent / "pack.zip")
    (planted.folder / PACK).symlink_to(planted.folder.parent / "pack.zip")
    check(planted.prove_around().findings, PACK, "whole file")


def test_open_data_are_quoted_and_secure_ones_are_not(planted: Published) -> None:
    page = ON_PAGE["visible text"].plant(planted.page())
    (planted.folder / PAGE).write_bytes(page.encode())
    account = planted.prove_pages()
    shown, hidden = (account.plain(show=show)["findings"] for show in (True, False))
    assert LEAK in json.dumps(shown)
    assert LEAK not in json.dumps(hidden)
    with pytest.raises(DisclosureError, match=LEAK):
        refuse(shown, "proof.json")
