"""What changed between the profile before and this one, in sentences, the gravest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from lds.sources.profiles.change import FIRST, change, moved, percent, points, some, verb
from lds.sources.profiles.column_difference import column_changes
from lds.sources.profiles.thresholds import Thresholds, load_thresholds
from lds.text import date_range, long_date

Profile = Mapping[str, Any]
Found = Iterator[dict[str, Any]]
NO_EARLIER = "There is no earlier run to compare with."


def difference(
    before: Profile | None, after: Profile, thresholds: Thresholds | None = None
) -> dict[str, Any]:
    """Return what changed from one profile of a source to the next.

    Returns
    -------
    dict
        ``source``; ``earlier`` (whether there is an earlier profile); ``summary``, a sentence;
        ``read_first`` (how many); ``changes``: `lds.sources.profiles.change.change`, those to read
        first before the others, each group in the order of the profile.
    """
    if before is None:
        return {
            "source": after["source"],
            "earlier": False,
            "summary": NO_EARLIER,
            "read_first": 0,
            "changes": [],
        }
    limits = thresholds or load_thresholds()
    found = [
        *_origin(before, after),
        *_rows(before, after, limits),
        *_rejected(before, after, limits),
        *_times(before, after),
        *_vintages(before, after),
        *_columns(before, after, limits),
    ]
    first = [each for each in found if each["severity"] == FIRST]
    others = [each for each in found if each["severity"] != FIRST]
    return {
        "source": after["source"],
        "earlier": True,
        "summary": _summary(len(first), len(others)),
        "read_first": len(first),
        "changes": first + others,
    }


def _summary(first: int, others: int) -> str:
    if not first + others:
        return "Nothing differs from the profile before."
    word = "difference" if first + others == 1 else "differences"
    return f"{first + others:,} {word} from the profile before, {first:,} to read first."


def _origin(before: Profile, after: Profile) -> Found:
    """Yield what differs in where the rows are from: files, contract, real or made up."""
    old, new = (
        {(each["file"], each["sheet"]): each["sha256"] for each in profile["files"]}
        for profile in (before, after)
    )
    if before.get("synthetic") != after.get("synthetic"):
        text = "The data are synthetic now." if after.get("synthetic") else "The data are real now."
        yield change("synthetic", text, first=True)
    gone, come = sorted(_names(old.keys() - new.keys())), sorted(_names(new.keys() - old.keys()))
    same = sorted(_names(key for key in old.keys() & new.keys() if old[key] != new[key]))
    for names, words in (
        (gone, "Raw files no longer read"),
        (come, "New raw files"),
        (same, "Raw files with other content"),
    ):
        if names:
            yield change("files", f"{words}: {some(names)}.", items=names)
    versions = before["contract_version"], after["contract_version"]
    if versions[0] != versions[1]:
        yield change("contract", f"The contract is version {versions[1]}; it was {versions[0]}.")


def _names(keys: Any) -> list[str]:
    """Return files, each with its sheet, as people call them."""
    return [
        f"{file or 'the raw file'}" + (f", sheet {sheet}" if sheet else "") for file, sheet in keys
    ]


def _rows(before: Profile, after: Profile, limits: Thresholds) -> Found:
    old, new = before["rows"], after["rows"]
    if old != new:
        share = moved(old, new)
        yield change(
            "rows",
            f"Rows {verb(old, new)} by {percent(share)}, from {old:,} to {new:,}.",
            first=-share > limits.rows_fell or share > limits.rows_rose,
        )


def _rejected(before: Profile, after: Profile, limits: Thresholds) -> Found:
    if "rejected_share" not in before or "rejected_share" not in after:
        return
    old, new = before["rows_rejected"], after["rows_rejected"]
    if old != new:
        rise = points(before["rejected_share"], after["rejected_share"])
        yield change(
            "rejected",
            f"Rejected rows {verb(old, new)} from {old:,} to {new:,}.",
            first=rise > limits.rejected_points,
        )
    reasons = sorted(set(after["reasons"]) - set(before["reasons"]))
    if reasons:
        yield change("rejected", f"New reasons of rejection: {some(reasons)}.", items=reasons)


def _times(before: Profile, after: Profile) -> Found:
    old, new = ({each["column"]: each for each in run["times"]} for run in (before, after))
    for name in (name for name in new if name in old):
        a, b = old[name], new[name]
        starts, ends = (tuple(map(date.fromisoformat, (a[k], b[k]))) for k in ("first", "last"))
        if starts[0] != starts[1] or ends[0] != ends[1]:
            later, earlier = starts[1] > starts[0], ends[1] < ends[0]
            why = " It starts later." * later + " It ends earlier." * earlier
            text = (
                f"{name} runs from {long_date(starts[1])} to {long_date(ends[1])};"
                f" it ran from {long_date(starts[0])} to {long_date(ends[0])}.{why}"
            )
            yield change("dates", text, first=later or earlier, column=name)
        if a.get("missing_steps", 0) != b.get("missing_steps", 0):
            step, gaps = b.get("step") or a.get("step"), b.get("missing_steps", 0)
            text = f"{name}: {gaps:,} {step}{'s' * (gaps != 1)} missing in between; there were"
            text += f" {a.get('missing_steps', 0):,}."
            worse = gaps > a.get("missing_steps", 0)
            yield change("gaps", text, first=worse, column=name)
    for name in (name for name in old if name not in new):
        range_before = date_range(*(date.fromisoformat(old[name][k]) for k in ("first", "last")))
        text = f"{name} holds no dates that can be read; it ran from {range_before}."
        yield change("dates", text, first=True, column=name)


def _vintages(before: Profile, after: Profile) -> Found:
    old, new = ({each["column"]: each for each in run["vintages"]} for run in (before, after))
    for name in (name for name in new if name in old):
        a, b = old[name], new[name]
        if _other_vintage(a, b):
            text = f"{name} has another code vintage: {b['short'] or 'none'};"
            text += f" it was {a['short'] or 'none'}."
            yield change("vintage", text, first=True, column=name)
        if a["agreement"] != b["agreement"]:
            yield change("vintage", b["comparison"], first=b["agreement"] == "differs", column=name)


def _other_vintage(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether no day and no census can be the vintage of both; other codes alone do not matter."""
    if (before["verdict"] == "mixed") != (after["verdict"] == "mixed"):
        return True
    a, b = before["window"], after["window"]
    if a and b and (a["last_day"] < b["first_day"] or b["last_day"] < a["first_day"]):
        return True
    shared = before["editions"].keys() & after["editions"].keys()
    return any(set(before["editions"][kind]).isdisjoint(after["editions"][kind]) for kind in shared)


def _columns(before: Profile, after: Profile, limits: Thresholds) -> Found:
    old, new = ({each["name"]: each for each in run["columns"]} for run in (before, after))
    gone, come = ([name for name in a if name not in b] for a, b in ((old, new), (new, old)))
    if gone:
        yield change("columns", f"Columns that vanished: {some(gone)}.", first=True, items=gone)
    if come:
        yield change("columns", f"New columns: {some(come)}.", items=come)
    for name in (name for name in new if name in old):
        weight = name in after["weights"]
        yield from column_changes(old[name], new[name], limits, weight=weight)
