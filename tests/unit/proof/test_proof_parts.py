"""The small parts of the proof: derivations, words, paths, pieces of pages, differences."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter

import pytest

from lds.errors import DisclosureError
from lds.proof.accounts import Account, is_open
from lds.proof.archives import archive_problems
from lds.proof.axes import Axis, Look, shown_number
from lds.proof.declared import Derivation
from lds.proof.derivations import rank, running_mean, share_gone
from lds.proof.differences import differences
from lds.proof.findings import TOLD, Finding, refuse
from lds.proof.marks import middle, read_drawing, read_path
from lds.proof.markup import pieces
from lds.proof.words import Numbers, counts, unexplained


def test_ranks_share_and_leave_out_what_is_not_ranked() -> None:
    rows = {"change": ["-3", "-5", "-5", "", "-9"], "rank": ["4", "1", "1", "", ""]}
    rule = Derivation(rule="rank", of="change")
    assert rank(rows, rule, "rank") == [3, 1, 1, None, None]


def test_the_share_that_has_gone_is_of_whole_numbers_after_the_base() -> None:
    rows = {
        "measure": ["a", "a", "a", "b", "b"],
        "period": ["before", "base", "after", "base", "after"],
        "day": ["2020-01-01", "2020-02-01", "2020-03-01", "2020-02-01", "2020-03-01"],
        "value": ["1", "-80.4", "-19.6", "4.4", "2"],
    }
    rule = Derivation(
        rule="share_gone", of="value", by="measure", base={"period": "base"}, since="day"
    )
    assert share_gone(rows, rule, "") == [None, None, 75, None, None]


def test_a_running_mean_needs_enough_values() -> None:
    assert running_mean([1.0, 2.0, 3.0, None, 5.0], 3, 2) == [1.5, 2.0, 2.5, 4.0, None]
    assert running_mean([1.0, None, None], 3, 2) == [None, None, None]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("72% below the baseline", []),
        ("−72.4 and +1,234", []),
        ("on 88 of 305 days", ["88", "305"]),
        ("1,235 deaths", ["1,235"]),
        ("72.5 exactly", ["72.5"]),
        ("23 March to 12 May 2020, 2020-03-01, May 2021", []),
        ("E07000131 and HM-I1", []),
        ("the 10th, 10pm closing", ["10"]),
        ("7-day means of 7", ["7"]),
    ],
)
def test_numbers_in_words(text: str, left: list[str]) -> None:
    phrases = ["7-day means", "10pm closing"]
    assert list(unexplained(text, Numbers([-72.44, 1234.4]), phrases)) == left


def test_a_number_may_be_rounded_as_far_as_it_is_shown() -> None:
    numbers = Numbers([-71.5])
    assert numbers.has(72, 0)
    assert numbers.has(71, 0)
    assert numbers.has(71.5, 1)
    assert not numbers.has(71.4, 1)
    assert not numbers.has(73, 0)


def test_what_words_may_count() -> None:
    table = {"measure": ["a", "a", "b"], "value": ["1", "", ""], "mark": ["", "c", "x"]}
    found = Counter(counts(table, ["measure"]))
    assert {3.0, 2.0, 1.0} <= found.keys()
    assert 4.0 not in found


def test_paths_are_read_with_every_command() -> None:
    assert read_path("m1,2 3,0m-1-2 .5,.5") == [[(1, 2), (4, 2)], [(3, 0), (3.5, 0.5)]]
    assert read_path("m.8,198.4zm1.8-6.4z") == [[(0.8, 198.4)], [(2.6, pytest.approx(192.0))]]
    assert read_path("M5,5h4v4h-4z") == [[(5, 5), (9, 5), (9, 9), (5, 9)]]
    (arc,) = read_path("M6.4,0A6.4,6.4,0,1,1,-6.4,0A6.4,6.4,0,1,1,6.4,0")
    assert middle(arc) == (0, 0)
    assert read_path("") == []
    with pytest.raises(ValueError, match="begin with a move"):
        read_path("L1,1")


def test_a_drawing_is_read_with_places_and_layers() -> None:
    drawing = read_drawing(
        '<svg><title>What</title><g transform="translate(10,20)" class="dots" fill="#123456">'
        '<path transform="translate(1,2)" d="M-1,-1h2v2h-2z"/></g><text x="3" y="4">5</text></svg>'
    )
    mark, words = drawing.marks
    assert (mark.layer, mark.fill, mark.centres) == ("dots", "#123456", [(11, 22)])
    assert (words.x, words.y, words.text) == (3, 4, "5")
    assert drawing.words == ["What"]
    with pytest.raises(ValueError, match="not an SVG"):
        read_drawing("<svg><g></svg>")


def test_an_axis_is_straight_or_none() -> None:
    axis = Axis.of([(0, 100), (10, 80), (20, 60.2)])
    assert axis is not None
    assert axis(15) == pytest.approx(70, abs=0.3)
    assert Axis.of([(0, 100), (10, 75), (20, 60)]) is None
    assert Axis.of([(0, 100)]) is None
    assert [shown_number(text) for text in ("−1,200", "+5", "0.5", "5 %", "L")] == [
        *(-1200, 5, 0.5, None, None)
    ]


def test_coordinates_are_compared_in_number_and_place() -> None:
    look = Look()
    look.compare("a", [1.0, 2.1], [1.0, 2.0])
    assert (look.problems, look.compared) == ([], 2)
    look.compare("b", [1.0], [1.0, 2.0])
    look.compare("c", [1.0], [1.5])
    assert [place for place, _ in look.problems] == ["b", "c"]


def test_pieces_of_a_page_have_their_place() -> None:
    found = pieces('<!doctype html>\n<div id="a1"><p title="5">x &amp; 7</p><!-- n --></div>')
    assert [(each.kind, each.text) for each in found] == [
        ("declaration", "doctype html"),
        ("element", ""),
        ("attribute", "a1"),
        ("element", ""),
        ("attribute", "5"),
        ("text", "x & 7"),
        ("comment", " n "),
    ]
    # An id may be what was planted.
    assert found[5].place == "text of <p> inside #a?, line 2"


@pytest.mark.parametrize(
    ("name", "expected", "found", "place"),
    [
        ("a.html", "<p>1</p>", "<p>2</p>", "text of <p>, line 1"),
        ("a.html", "<p>1</p>", "<p >1</p>", "whole file"),
        ("a.html", "<p>1</p><b>2</b>", "<p>1</p>", "element <b>, line 1"),
        ("a.json", '{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}', "a.b[1]"),
        ("a.json", '{"a": 1}', '{"a": true}', "a"),
        ("a.json", '{"a": [1]}', '{"a": [1, 2]}', "a[1]"),
        ("a.json", '{"a": [1, 2]}', '{"a": [1]}', "a[1]"),
        ("a.json", '{"a": 1}', '{"a": 1, "b7": 1}', "a key of the file"),
        ("a.json", '{"a": 1, "b": 1}', '{"a": 1}', "b"),
        ("a.json", '{"a": 1}', '{"a":1}', "whole file"),
        ("a.json", '{"a": 1}', "{", "whole file"),
        ("a.csv", "a,b\n1,2\n", "a,b\n1,3\n", "row 1, column b"),
        ("a.csv", "a,b\n1,2\n", "a,b\n1,2\n3,4\n", "row 2"),
        ("a.csv", "a,b\n1,2\n3,4\n", "a,b\n1,2\n", "row 2"),
        ("a.csv", "a,b\n1,2\n", "a,b,c7\n1,2,3\n", "column 3"),
        ("a.csv", "a,b\n1,2\n", "a\n1\n", "header"),
        ("a.csv", "a,b\n1,2\n", "a,b\n1,2,3\n", "row 1, column beyond the header (3)"),
        ("a.txt", "a\nb\n", "a\nc\n", "line 2"),
        ("a.txt", "a\nb\n", "a\n", "line 2"),
        ("a.txt", "a\n", "\xff", "line 1"),
        ("a.zip", "", "no archive", "whole file"),
    ],
)
def test_differences_name_the_place(name: str, expected: str, found: str, place: str) -> None:
    assert differences(name, expected.encode(), expected.encode()) == []
    places = [each.place for each in differences(name, expected.encode(), found.encode())]
    assert places[0] == place
    assert "7" not in "".join(places)


def test_an_archive_of_another_program_is_found() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "a")
    kinds = {place.partition(" of ")[0] for place, _, _ in archive_problems(made.getvalue())}
    assert {"time", "attributes", "flags"} <= kinds


def test_a_message_names_the_first_places_and_counts_the_others() -> None:
    findings = [Finding("a.html", f"line {n:02}", "not released", "5") for n in range(TOLD + 3)]
    account = Account(findings, {}, Counter()).plain(show=False)
    with pytest.raises(DisclosureError) as caught:
        refuse(account["findings"], "proof.json")
    text = str(caught.value)
    assert f"{TOLD + 3} places" in text
    assert "and 3 more" in text
    assert "found: 5" not in text
    assert "found" not in json.dumps(account["findings"])
    refuse([], "proof.json")


def test_only_open_sources_are_quoted() -> None:
    about = {
        "sources": [
            {"access": "open", "topics": ["a"]},
            {"access": "secure", "topics": ["b"]},
        ]
    }
    assert is_open(about, ["a"])
    assert not is_open(about, ["b"])
    assert not is_open(about, ["a", "b"])
