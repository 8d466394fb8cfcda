"""The state of a request to release: who did what, on which files, and what may come next.

A request is a plain mapping, as ``request.json`` holds it. Its state is never taken on trust: it
has to follow from its history, and each step of the history is bound to the checksums of the files
that were there when it was taken. That finds mistakes, altered files and a state set by hand; it is
no signature, and somebody who rewrites the whole history is not found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lds.errors import ReleaseError
from lds.io import SCHEMAS, canonical_json, read_yaml
from lds.schema import problems

REQUEST_FORMAT = 1
REMADE = "remake"
"""The one action that no person takes: the gate has written other files."""
Files = Mapping[str, Mapping[str, str]]
"""Folder (evidence or release) -> name inside it -> SHA-256."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One action: the states that it may follow, the state that it leads to, what it asks for."""

    before: tuple[str, ...]
    after: str
    by_author: bool
    """Whether the author may take it."""
    reason: bool = False
    same_files: bool = False
    """Whether the files must be those of the step before."""


TRANSITIONS = {
    "submit": Transition(before=("draft", "returned"), after="submitted", by_author=True),
    "return": Transition(
        before=("submitted", "approved"), after="returned", by_author=True, reason=True
    ),
    "approve": Transition(
        before=("submitted",), after="approved", by_author=False, same_files=True
    ),
    "release": Transition(before=("approved",), after="released", by_author=False, same_files=True),
}
"""An author may withdraw a request (return it), but neither approve it nor let it out."""


def digest(files: Files) -> str:
    """Return one SHA-256 over names and checksums of all files of a request."""
    return hashlib.sha256(canonical_json(files).encode()).hexdigest()


def draft(release_id: str, files: Files) -> dict[str, Any]:
    """Return the request of a release that nobody has asked for yet."""
    return {
        "format": REQUEST_FORMAT,
        "release_id": release_id,
        "state": "draft",
        "author": None,
        "may_not_review": [],
        "files": {folder: dict(names) for folder, names in files.items()},
        "history": [],
    }


def renew(request: Mapping[str, Any] | None, release_id: str, files: Files) -> dict[str, Any]:
    """Return the request after the gate has written its files.

    A request for the same files stays as it is; one for other files of the same release is a draft
    again and keeps its history.
    """
    if request is None or request["release_id"] != release_id:
        return draft(release_id, files)
    if digest(request["files"]) == digest(files):
        return dict(request)
    renewed = draft(release_id, files)
    if not request["history"]:
        return renewed
    entry = {"action": REMADE, "by": None, "day": None, "reason": None, "files": digest(files)}
    return {
        **renewed,
        "author": request["author"],
        "may_not_review": request["may_not_review"],
        "history": [*request["history"], entry],
    }


def same_person(one: str, other: str) -> bool:
    """Whether two names are written for the same person: letter case and blanks do not count."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def take(
    request: Mapping[str, Any],
    action: str,
    *,
    by: str,
    on: date,
    files: Files,
    reason: str | None = None,
    authors: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the request after an action.

    Parameters
    ----------
    by, on : who takes it and on which day; the day is given, since no clock is read.
    files : checksums of the files as they are now.
    reason : what has to be changed; a return needs one.
    authors : at a submission, others who made the release and so may not review it.

    Raises
    ------
    ReleaseError : the action does not follow the state, an author approves or releases, a name,
        reason or later day is missing, or the files are not those of the step before.
    """
    step = TRANSITIONS[action]
    by = " ".join(by.split())
    if request["state"] not in step.before:
        raise ReleaseError(
            f"A request that is {request['state']} cannot be {step.after}.",
            remedy=f"It must be {' or '.join(step.before)} first.",
        )
    if not by:
        raise ReleaseError(
            f"Nobody is named who wants to {action} the request.", remedy="Give --by."
        )
    if not step.by_author and any(same_person(by, each) for each in request["may_not_review"]):
        raise ReleaseError(
            f"{by} made this release and may not {action} it.",
            remedy="Ask somebody who had no part in it.",
        )
    if step.reason and not (reason or "").strip():
        raise ReleaseError("A request is returned without a reason.", remedy="Give --reason.")
    days = [entry["day"] for entry in request["history"] if entry["day"]]
    if days and on.isoformat() < days[-1]:
        raise ReleaseError(
            "The day is earlier than that of the step before.",
            where=f"{on.isoformat()}, after {days[-1]}",
        )
    if step.same_files:
        refuse_other_files(request["files"], files)
    entry: dict[str, Any] = {
        "action": action,
        "by": by,
        "day": on.isoformat(),
        "reason": reason,
        "files": digest(files),
    }
    taken = {**request, "state": step.after, "history": [*request["history"], entry]}
    if action == "submit":
        entry["authors"] = [by, *(" ".join(each.split()) for each in authors)]
        taken["files"] = {folder: dict(names) for folder, names in files.items()}
        taken |= _authors(taken["history"])
    return taken


def refuse_other_files(bound: Files, found: Files) -> None:
    """Check that the files are those that a request is bound to.

    Raises
    ------
    ReleaseError : a file was altered, is missing or was added.
    """
    before = {(folder, name): sum_ for folder in bound for name, sum_ in bound[folder].items()}
    now = {(folder, name): sum_ for folder in found for name, sum_ in found[folder].items()}
    changed = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    if changed:
        raise ReleaseError(
            "The files are not those that the request is bound to.",
            where="altered, missing or added",
            values=["/".join(key) for key in changed],
            remedy="Return the request and submit it again, or bring the files back.",
        )


def check_request(request: Any, where: str) -> dict[str, Any]:
    """Return a request that was read from a file, if its state follows from its history.

    Raises
    ------
    ReleaseError : it breaks ``workflow/schemas/request.schema.yaml``, or state, author, files or a
        step of its history do not follow from the steps before.
    """
    for place, sentence in problems(request, read_yaml(SCHEMAS / "request.schema.yaml")):
        raise ReleaseError(f"A request is wrong: {sentence}.", where=f"{where}: {place}")
    checked: dict[str, Any] = request
    state, bound = "draft", None
    authors: dict[str, Any] = {"author": None, "may_not_review": []}
    last = ""
    for number, entry in enumerate(checked["history"], 1):
        step = TRANSITIONS.get(entry["action"])
        if step is None:  # the gate wrote other files
            state, bound = "draft", entry["files"]
            continue
        if entry["action"] == "submit":
            if not entry.get("authors"):
                raise _altered(f"{where}: step {number} of the history")
            authors = _authors(checked["history"][:number])
            bound = entry["files"]
        mistaken = (
            state not in step.before
            or (step.reason and not (entry["reason"] or "").strip())
            or not entry["by"]
            or (entry["day"] or "") < last
            or (step.same_files and entry["files"] != bound)
            or (
                not step.by_author
                and any(same_person(entry["by"], each) for each in authors["may_not_review"])
            )
        )
        if mistaken:
            raise _altered(f"{where}: step {number} of the history")
        state, last = step.after, entry["day"]
    if bound is None:
        bound = digest(checked["files"])
    stated = (checked["state"], checked["author"], checked["may_not_review"])
    if stated != (state, *authors.values()) or digest(checked["files"]) != bound:
        raise _altered(where)
    return checked


def _authors(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return who made a release: everybody named at any submission, the last submitter first."""
    named = [each for entry in reversed(history) for each in entry.get("authors", ())]
    return {"author": named[0], "may_not_review": list(dict.fromkeys(named))}


def _altered(where: str) -> ReleaseError:
    return ReleaseError(
        "A request is not what its own history makes it.",
        where=where,
        remedy="It was edited by hand: bring it back, or remove it, run the gate and submit again.",
    )
