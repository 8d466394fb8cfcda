"""What a page refuses: foreign charts, missing values, figures left out."""

import re

import pytest
from report_examples import chart

from lds.errors import ContractError
from lds.reports.pages import render_page


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("<svg", "not well-formed"),
        ("<div>x</div>", "element not allowed"),
        ('<svg viewBox="0 0 9 9"><title>x</title></svg>', "role"),
        ('<svg role="img"><title>x</title></svg>', "viewBox"),
        ('<svg role="img" viewBox="0 0 9 9"></svg>', "no <title>"),
        (chart("a").replace("<desc", "<script>1</script><desc"), "element not allowed"),
        (chart("a").replace("<desc", "<foreignObject/><desc"), "element not allowed"),
        (chart("a").replace("<desc", "<image/><desc"), "element not allowed"),
        (chart("a").replace("<desc", "<!-- x --><desc"), "comment"),
        (chart("a").replace('role="img"', 'role="img" onload="x()"'), "runs code"),
        (chart("a").replace("url(#", "url(https://x/#"), "reaches outside"),
        (
            chart("a").replace("<desc", "<style>@import 'x'</style><desc"),
            "style that reaches outside",
        ),
        (chart("a").replace("<defs>", '<use href="https://x/y"/><defs>'), "leaves the chart"),
        ("<!DOCTYPE svg>" + chart("a"), "document type"),
    ],
)
def test_only_our_own_svg_goes_in(bad, why, page_of, full_slice):
    full_slice["figures"]["trend_parks"]["svg"] = bad
    with pytest.raises(ContractError, match=why):
        page_of(full_slice)


def test_nothing_but_charts_is_marked_safe(reports_dir):
    paths = [*reports_dir.glob("partials/*"), *reports_dir.glob("*.qmd")]
    for path in [*paths, reports_dir / "template.html"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape", text), path


@pytest.mark.parametrize("key", ["summary", "sources", "area", "provenance"])
def test_a_missing_value_is_an_error(key, stored, full_slice, shell):
    ready = stored(full_slice)
    del ready[key]
    with pytest.raises(ContractError, match=r"lacks(.|\n)*human_mobility"):
        render_page(ready, shell)


def test_a_null_is_never_printed(page_of, full_slice):
    full_slice["release"]["profile"] = None
    with pytest.raises(ContractError, match="null"):
        page_of(full_slice)


def test_a_figure_left_out_is_an_error(page_of, full_slice):
    full_slice["sections"].pop()
    with pytest.raises(ContractError, match=r"not on the page(.|\n)*trend_parks"):
        page_of(full_slice)


def test_ids_used_twice_are_an_error(page_of, full_slice):
    full_slice["figures"]["trend_parks"]["svg"] = chart("strip_retail_and_recreation")
    with pytest.raises(ContractError, match=r"twice(.|\n)*strip_retail"):
        page_of(full_slice)


def test_a_short_row_is_an_error(page_of, full_slice):
    full_slice["figures"]["trend_parks"]["table"]["rows"][0].pop()
    with pytest.raises(ContractError, match=r"trend_parks"):
        page_of(full_slice)
