"""Layers that we write ourselves: words."""

from __future__ import annotations

import pytest

from lds.charts.drawn import Words


def markup(text: object) -> str:
    return Words("names", color="#000").markup([{"x": 3, "y": 5, "text": text}])


def test_a_list_of_one_line_is_plain_text() -> None:
    assert markup(["Ex & Why"]) == markup("Ex & Why")
    assert '<text x="3" y="5">Ex &amp; Why</text>' in markup("Ex & Why")


def test_lines_stand_below_each_other() -> None:
    assert markup(["Ex", "Why"]).count('<tspan x="3" dy="') == 2
    assert '<tspan x="3" dy="0">Ex</tspan>' in markup(["Ex", "Why"])


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="neither a line nor lines"):
        markup(7)
