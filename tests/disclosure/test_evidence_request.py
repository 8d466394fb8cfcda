"""The request to release: which steps may follow, who may take them, and on which files."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lds.disclosure.evidence.request import main, read_request, write_request
from lds.disclosure.evidence.state import (
    TRANSITIONS,
    check_request,
    draft,
    renew,
    same_person,
    take,
)
from lds.errors import ReleaseError
from lds.io import read_json, write_json

FILES = {"evidence": {"results.json": "a" * 64}, "release": {"made.parquet": "b" * 64}}
OTHER = {"evidence": {"results.json": "c" * 64}, "release": {"made.parquet": "b" * 64}}
DAY = date(2021, 6, 1)
WAYS = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "approved": ("submit", "approve"),
    "released": ("submit", "approve", "release"),
}
"""Actions that lead to each state."""
NEXT = {
    ("draft", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("returned", "submit"): "submitted",
    ("approved", "return"): "returned",
    ("approved", "release"): "released",
}


def act(request: dict[str, Any], action: str, **changes: Any) -> dict[str, Any]:
    """Take an action as the person whose turn it is, on one day."""
    given = {
        "by": "Ada Author" if action == "submit" else "Carl Checker",
        "on": DAY,
        "files": FILES,
        "reason": "Say what the rows are." if action == "return" else None,
    }
    return take(request, action, **{**given, **changes})


def at(state: str) -> dict[str, Any]:
    """Return a request that has come to a state."""
    request = draft("r1", FILES)
    for action in WAYS[state]:
        request = act(request, action)
    return request


@pytest.mark.parametrize(("state", "action"), list(product(WAYS, TRANSITIONS)))
def test_every_action_in_every_state(state: str, action: str) -> None:
    request = at(state)
    assert request["state"] == state
    if (state, action) not in NEXT:
        with pytest.raises(ReleaseError, match=f"A request that is {state} cannot be"):
            act(request, action)
        return
    after = act(request, action)
    assert after["state"] == NEXT[state, action]
    assert after["history"][-1]["action"] == action
    assert after["history"][:-1] == request["history"]
    assert check_request(after, "here") == after


@pytest.mark.parametrize("action", ["approve", "release"])
@pytest.mark.parametrize("name", ["Ada Author", "ada  AUTHOR ", "Co Author"])
def test_an_author_neither_approves_nor_releases(action: str, name: str) -> None:
    request = act(draft("r1", FILES), "submit", authors=["Co Author"])
    if action == "release":
        request = act(request, "approve")
    with pytest.raises(ReleaseError, match=f"may not {action} it"):
        act(request, action, by=name)


def test_who_submitted_earlier_may_still_not_review() -> None:
    request = act(act(at("submitted"), "return"), "submit", by="Bea Second")
    assert request["author"] == "Bea Second"
    assert request["may_not_review"] == ["Bea Second", "Ada Author"]
    with pytest.raises(ReleaseError, match="may not approve"):
        act(request, "approve", by="Ada Author")


def test_an_author_may_withdraw() -> None:
    assert act(at("submitted"), "return", by="Ada Author")["state"] == "returned"


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_return_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(ReleaseError, match="without a reason"):
        act(at("submitted"), "return", reason=reason)


def test_a_name_is_needed_and_days_do_not_run_back() -> None:
    with pytest.raises(ReleaseError, match="Nobody is named"):
        act(at("draft"), "submit", by="  ")
    with pytest.raises(ReleaseError, match="earlier than that of the step before"):
        act(at("submitted"), "approve", on=date(2021, 5, 31))


@pytest.mark.parametrize(("state", "action"), [("submitted", "approve"), ("approved", "release")])
@pytest.mark.parametrize(
    ("files", "named"),
    [
        (OTHER, "evidence/results.json"),
        ({**FILES, "release": {}}, "release/made.parquet"),
        ({**FILES, "release": {**FILES["release"], "more.csv": "d" * 64}}, "release/more.csv"),
    ],
)
def test_an_altered_file_makes_approval_invalid(
    state: str, action: str, files: dict[str, dict[str, str]], named: str
) -> None:
    with pytest.raises(ReleaseError, match="not those that the request is bound to") as caught:
        act(at(state), action, files=files)
    assert caught.value.values == [named]


def test_a_new_submission_binds_the_files_of_now() -> None:
    request = act(at("returned"), "submit", files=OTHER)
    assert request["files"] == OTHER
    assert act(request, "approve", files=OTHER)["state"] == "approved"


@pytest.mark.parametrize("state", WAYS)
def test_the_gate_keeps_a_request_for_the_same_files(state: str) -> None:
    assert renew(at(state), "r1", FILES) == at(state)
    assert renew(at(state), "r2", FILES) == draft("r2", FILES)
    assert renew(None, "r1", FILES) == draft("r1", FILES)


@pytest.mark.parametrize("state", WAYS)
def test_other_files_make_it_a_draft_again(state: str) -> None:
    request = renew(at(state), "r1", OTHER)
    assert (request["state"], request["files"]) == ("draft", OTHER)
    assert check_request(request, "here") == request
    if WAYS[state]:
        assert request["history"][-1]["action"] == "remake"
        assert request["may_not_review"] == ["Ada Author"]
        again = act(request, "submit", files=OTHER, by="Bea Second")
        with pytest.raises(ReleaseError, match="may not approve"):
            act(again, "approve", files=OTHER, by="Ada Author")


def forged(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a request with changes by hand; of its last step where they begin with `last_`."""
    step = {key[5:]: value for key, value in changes.items() if key.startswith("last_")}
    rest = {key: value for key, value in changes.items() if not key.startswith("last_")}
    last = {**request["history"][-1], **step}
    if step.get("authors", ()) is None:
        del last["authors"]
    history = [*request["history"][:-1], last]
    return {**request, "history": history, **rest}


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("submitted", {"state": "approved"}),
        ("submitted", {"may_not_review": []}),
        ("submitted", {"author": "Carl Checker"}),
        ("submitted", {"files": OTHER}),
        ("approved", {"last_by": "Ada Author"}),
        ("approved", {"last_by": None}),
        ("approved", {"last_files": "e" * 64}),
        ("approved", {"last_day": "2020-01-01"}),
        ("approved", {"last_action": "release", "state": "released"}),
        ("returned", {"last_reason": None}),
        ("released", {"state": "draft"}),
        ("submitted", {"last_authors": None}),
    ],
)
def test_a_request_edited_by_hand_is_found(state: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ReleaseError, match="not what its own history makes it"):
        check_request(forged(at(state), **changes), "here")


@pytest.mark.parametrize(
    "changes", [{"state": "open"}, {"more": 1}, {"format": 2}, {"last_files": "e"}]
)
def test_a_request_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ReleaseError, match="A request is wrong"):
        check_request(forged(at("approved"), **changes), "here")


def test_names_are_compared_as_people_read_them() -> None:
    assert same_person(" ada  author", "Ada AUTHOR")
    assert not same_person("Ada Author", "Ada Arthur")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder with a release, its evidence and a draft."""
    for name in ("evidence/results.json", "evidence/checksums/results.json.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "released").mkdir()
    (tmp_path / "released/made.parquet").write_text("rows")
    write_request(tmp_path / "evidence", tmp_path / "released", "r1")
    return tmp_path


def call(export: Path, *words: str) -> None:
    main(["--export", str(export), *words])


def test_a_request_by_command(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(export, "submit", "--by", "Ada Author", "--on", "2021-06-01", "--with", "Co Author")
    call(export, "return", "--by", "Carl", "--on", "2021-06-02", "--reason", "No unit.")
    call(export, "submit", "--by", "Ada Author", "--on", "2021-06-03")
    call(export, "approve", "--by", "Carl", "--on", "2021-06-04")
    call(export, "status")
    said = capsys.readouterr().out
    assert "returned by Carl, 2 June 2021: No unit." in said
    assert "May not review it: Ada Author and Co Author." in said
    assert "approved by Carl, 4 June 2021" in said
    call(export, "release", "--by", "Carl", "--on", "2021-06-04")
    request = read_json(export / "evidence/request.json")
    assert request["state"] == "released"
    assert set(request["files"]["evidence"]) == {"results.json", "checksums/results.json.txt"}
    assert set(request["files"]["release"]) == {"made.parquet"}


def test_the_command_refuses(export: Path) -> None:
    call(export, "submit", "--by", "Ada Author", "--on", "2021-06-01")
    before = (export / "evidence/request.json").read_bytes()
    with pytest.raises(ReleaseError, match="may not approve"):
        call(export, "approve", "--by", "ada author", "--on", "2021-06-01")
    (export / "released/made.parquet").write_text("other rows")
    with pytest.raises(ReleaseError, match="not those"):
        call(export, "approve", "--by", "Carl", "--on", "2021-06-01")
    with pytest.raises(ReleaseError, match="not those"):
        call(export, "status")
    assert (export / "evidence/request.json").read_bytes() == before
    for wrong in (["approve", "--by", "Carl"], ["return", "--by", "C", "--on", "2021-06-01"]):
        with pytest.raises(SystemExit):
            call(export, *wrong)
    (export / "evidence/request.json").unlink()
    with pytest.raises(ReleaseError, match="no request to release"):
        call(export, "status")


def test_the_gate_writes_no_draft_over_a_forged_request(export: Path) -> None:
    path = export / "evidence/request.json"
    write_json(path, {**read_json(path), "state": "approved"})
    with pytest.raises(ReleaseError, match="not what its own history"):
        write_request(export / "evidence", export / "released", "r1")
    with pytest.raises(ReleaseError, match="not what its own history"):
        read_request(export / "evidence")
