"""What a filled page must be, read as text and as a tree."""

import copy
import hashlib
import json
import re
from itertools import pairwise
from urllib.parse import unquote

import html5lib
import pytest
from report_examples import NAME, nodes

from lds.errors import ContractError
from lds.reports.pages import csv_uri, read_slice, render_document, render_page, uk_date, uk_period

PAGES = ["full_slice", "eventful_slice", "gap_slice"]


def tree(html):
    return html5lib.parse(html, namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(params=PAGES)
def any_slice(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def any_page(any_slice, page_of):
    return page_of(any_slice)


def test_is_valid_html5(any_page):
    assert any_page.startswith("<!DOCTYPE html>")
    html5lib.HTMLParser(strict=True).parse(any_page)


def test_no_slot_is_left(any_page):
    assert "{{" not in any_page
    assert "{%" not in any_page
    assert "lds:" not in any_page


def test_ids_are_unique_and_links_lead_somewhere(any_page):
    page = tree(any_page)
    ids = [node.get("id") for node in page.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    targets = [a.get("href")[1:] for a in page.iter("a") if a.get("href").startswith("#")]
    assert targets
    assert set(targets) <= set(ids)
    for node in page.iter():
        for reference in (node.get("aria-labelledby") or "").split():
            assert reference in ids


def test_headings_descend_one_at_a_time(any_page):
    levels = [int(n.tag[1]) for n in tree(any_page).iter() if re.fullmatch("h[1-6]", str(n.tag))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_contents_are_the_real_headings(any_page):
    page = tree(any_page)
    listed = [(a.get("href")[1:], words(a)) for a in page.find(".//nav").iter("a")]
    assert listed == [(h.get("id"), words(h)) for h in page.iter("h2")]


def test_asks_for_nothing_outside(any_page):
    for node in tree(any_page).iter():
        for key, value in node.attrib.items():
            if str(key) == "href" and node.tag == "a":
                assert value.startswith(("https://", "#", "data:text/csv"))
            elif "xmlns" not in str(key):
                assert "//" not in value, f"{node.tag} {key}"
    style = re.search(r"<style>(.*?)</style>", any_page, re.DOTALL)
    assert style
    assert not re.search(r"url\(|@import|https?:", style[1])
    assert "<script" not in any_page


def test_weight(page_of, full_slice):
    full_slice["figures"] = {}
    full_slice["sections"] = []
    assert len(page_of(full_slice).encode()) < 40_000


def test_same_bytes_twice(any_slice, page_of):
    assert page_of(copy.deepcopy(any_slice)) == page_of(any_slice)


def test_names_are_shown_and_not_obeyed(page_of, full_slice):
    html = page_of(full_slice)
    page = tree(html)
    assert words(page.find(".//h1")).startswith(NAME)
    assert page.find(".//title").text.startswith(f"Human mobility in {NAME}")
    assert NAME in page.find(".//meta[@name='description']").get("content")
    assert "<b>" + '"Saint"' not in html


@pytest.mark.parametrize(
    "text",
    [
        "{{ area.code }}",
        "{% raw %}",
        "`x`{=html}",
        "```",
        "$body$",
        "$5 & £4",
        "<!-- x",
        "\\1 \\g<0>",
    ],
)
def test_text_is_never_code(text, page_of, full_slice, stored, reports_dir, pandoc):
    full_slice["area"]["name"] = text
    full_slice["summary"] = [text]
    full_slice["sections"][0]["title"] = text
    html = page_of(full_slice)
    page = tree(html)
    assert words(page.find(".//h1")).startswith(text)
    assert words(page.find(".//h2[@id='retail_and_recreation']")) == text
    document = render_document(
        stored(full_slice), reports_dir, reports_dir / "human_mobility.qmd", pandoc
    )
    assert nodes(document) == nodes(html)


def test_document_mode_gives_the_same_page(any_slice, shell, stored, reports_dir, pandoc):
    ready = stored(any_slice)
    page = render_page(ready, shell)
    document = render_document(ready, reports_dir, reports_dir / "human_mobility.qmd", pandoc)
    assert " ".join(document.split()) == " ".join(page.split())


def test_csv_comes_out_as_it_went_in(page_of, full_slice):
    found = {
        a.get("download"): a.get("href")
        for a in tree(page_of(full_slice)).iter("a")
        if a.get("download")
    }
    files = [figure["csv"] for figure in full_slice["figures"].values()]
    assert len(found) == len(files)
    for file in files:
        head, body = found[file["name"]].split(",", 1)
        assert head == "data:text/csv;charset=utf-8"
        assert unquote(body) == file["text"]


def test_the_whole_data_stay_in_the_pack_and_are_named(page_of, full_slice):
    full_slice["data"]["text"] = "sentinel_column\n1\n"
    html = page_of(full_slice)
    assert "sentinel_column" not in html
    assert full_slice["data"]["name"] in html


def test_csv_uri_keeps_every_character():
    text = "".join(chr(n) for n in range(1, 0x250)) + "−‘😀\r\n"
    assert unquote(csv_uri(text).split(",", 1)[1]) == text
    assert not re.search(r"[\s\"'<>&#`$]", csv_uri(text))


@pytest.mark.parametrize("cause", ["release", "source", None])
def test_synthetic_is_visible_and_only_then(cause, page_of, full_slice):
    if cause == "release":
        full_slice["release"]["synthetic"] = True
    if cause == "source":
        full_slice["sources"][1]["synthetic"] = True
    page = tree(page_of(full_slice))
    first = page.find(".//body/header/div")
    banner = first.get("class") == "banner" and "Synthetic data." in words(first)
    tags = [s for s in page.iter("strong") if s.text == "Synthetic data"]
    assert banner is bool(cause)
    assert len(tags) == (3 if cause else 0)
    assert ("synthetic" in page.find("body").get("class").split()) is bool(cause)
    assert ("ynthetic" in words(page.find("body"))) is bool(cause)


def test_marks_are_explained_once_where_used(page_of, full_slice, eventful_slice):
    shown = tree(page_of(eventful_slice))
    key = shown.findall(".//*[@id='key-to-marks']")
    assert len(key) == 1
    assert [dt.text for dt in key[0].iter("dt")] == ["c", "u"]
    assert [td.text for td in shown.iter("td") if td.get("class") == "mark"] == ["u"]
    links = [a for a in shown.iter("a") if a.get("href") == "#key-to-marks"]
    assert len(links) == 1


def test_letters_in_a_column_of_words_are_no_marks(page_of, full_slice):
    assert "key-to-marks" not in page_of(full_slice)


def test_a_mark_in_a_csv_is_explained(page_of, full_slice):
    figure = next(iter(full_slice["figures"].values()))
    figure["csv"]["text"] = "date,value\n2020-02-15,x\n"
    assert "no value exists" in page_of(full_slice)


def test_table_has_header_cells_for_rows_and_columns(page_of, full_slice):
    for table in tree(page_of(full_slice)).iter("table"):
        assert table.find("caption") is not None
        assert {th.get("scope") for th in table.find("thead").iter("th")} == {"col"}
        for row in table.find("tbody").iter("tr"):
            assert row[0].tag == "th"
            assert row[0].get("scope") == "row"


def test_gap_page_says_what_is_missing(page_of, gap_slice):
    html = page_of(gap_slice)
    text = words(tree(html).find("body"))
    assert "Google published no figures for this district." in text
    assert "Google LLC" in text
    assert "East Midlands" in text
    assert "<figure" not in html
    assert "How to read" not in html
    assert len(html.encode()) < 25_000


def test_contact_line_only_where_there_is_one(page_of, full_slice):
    assert "Questions about this page" not in page_of(full_slice)
    full_slice["contact"] = "data@example.org"
    assert "Questions about this page: data@example.org" in page_of(full_slice)


def test_what_changed_and_provenance(page_of, eventful_slice, stored):
    text = words(tree(page_of(eventful_slice)).find("body"))
    assert "Formed on 1 April 2019 from three districts" in text
    assert "Formerly called Bournemouth, Poole." in text
    assert "Series were added over the three districts." in text
    assert stored(eventful_slice)["provenance"]["slice_sha256"] in text
    assert "does not imply that ONS endorses" in text


def test_link_only_where_the_address_is_a_web_address(page_of, full_slice):
    full_slice["sources"][0]["url"] = "javascript:alert(1)"
    assert "javascript:" not in page_of(full_slice)


def test_hash_is_that_of_the_file(tmp_path, full_slice):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(full_slice), encoding="utf-8")
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_slice(path)["provenance"] == {"slice_sha256": expected}


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_broken_slice_names_its_file(content, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ContractError, match=r"broken\.json"):
        read_slice(path)


def test_dates():
    assert uk_date("2021-01-05") == "5 January 2021"
    assert uk_period({"start": "2020-02-15", "end": "2020-12-15"}) == (
        "15 February to 15 December 2020"
    )
    assert uk_period({"start": "2020-02-15", "end": "2021-03-13"}) == (
        "15 February 2020 to 13 March 2021"
    )
    for bad in ("2021", "2021-13-01", "yesterday"):
        with pytest.raises(ContractError, match="Not a date"):
            uk_date(bad)
