"""What changed in one column between two profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lds.sources.profiles.change import change, moved, number, percent, points, some, verb
from lds.sources.profiles.thresholds import Thresholds

Found = Iterator[dict[str, Any]]
TOLD_POINTS = 0.05
"""Points of a share of missing values from which on a difference shows in print."""


def column_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], limits: Thresholds, *, weight: bool
) -> Found:
    """Yield the differences of one column that both profiles have; `weight`, a survey weight."""
    if before["type"] != after["type"]:
        text = f"{after['name']} is {after['type']}; it was {before['type']}."
        yield change("type", text, first=True, column=after["name"])
        return
    yield from _missing(before, after, limits)
    if "total" in after:
        yield from _numbers(before, after, limits, weight=weight)
    elif "codes" in before and "codes" in after:
        yield from _places(before, after)
    elif "counts" in before and "counts" in after:
        yield from _values(before, after, limits)
    elif after["type"] == "text":
        yield from _distinct(before, after, limits)


def _missing(before: Mapping[str, Any], after: Mapping[str, Any], limits: Thresholds) -> Found:
    name, old, new = after["name"], before["missing_share"], after["missing_share"]
    if new == 1 and old < 1:
        part = f"in {percent(old)} of them" if before["missing"] else "in none"
        text = f"{name} is missing in every row; it was {part}."
        yield change("missing", text, first=True, column=name)
        return
    difference = points(old, new)
    if abs(difference) >= TOLD_POINTS:
        text = f"{name}: the share missing {verb(old, new)}"
        text += f" from {100 * old:.1f}% to {100 * new:.1f}%."
        yield change("missing", text, first=abs(difference) > limits.missing_points, column=name)


def _numbers(
    before: Mapping[str, Any], after: Mapping[str, Any], limits: Thresholds, *, weight: bool
) -> Found:
    name = after["name"]
    if before["total"] is None or after["total"] is None:
        return
    old, new = before["total"], after["total"]
    if old != new:
        share = moved(old, new)
        word = "the sum of weights" if weight else "the total"
        text = f"{name}: {word} {verb(old, new)} by {percent(share)}"
        text += f", from {number(old)} to {number(new)}."
        yield change("total", text, first=abs(share) > limits.total_moved, column=name)
    old, new = before["mean"], after["mean"]
    if old != new:
        # A mean near 0 says nothing of how far a column of gains and losses has moved.
        spread = before["upper_quartile"] - before["lower_quartile"]
        scale = spread if before["minimum"] < 0 and spread else abs(old)
        far = abs(new - old) > limits.mean_moved * scale
        text = f"{name}: the mean {verb(old, new)} from {number(old)} to {number(new)}."
        yield change("mean", text, first=far, column=name)
    ends = [(before[key], after[key]) for key in ("minimum", "maximum")]
    if any(old != new for old, new in ends):
        text = f"{name} runs from {number(ends[0][1])} to {number(ends[1][1])};"
        text += f" it ran from {number(ends[0][0])} to {number(ends[1][0])}."
        yield change("bounds", text, column=name)


def _places(before: Mapping[str, Any], after: Mapping[str, Any]) -> Found:
    gone = sorted(set(before["codes"]) - set(after["codes"]))
    come = sorted(set(after["codes"]) - set(before["codes"]))
    yield from _gone_and_come("places", "place", after["name"], gone, come)


def _values(before: Mapping[str, Any], after: Mapping[str, Any], limits: Thresholds) -> Found:
    name = after["name"]
    old = {each["value"]: each for each in before["counts"] if each["rows"]}
    new = {each["value"]: each for each in after["counts"] if each["rows"]}
    gone = [_label(old[value]) for value in old if value not in new]
    come = [_label(new[value]) for value in new if value not in old]
    yield from _gone_and_come("categories", "value", name, gone, come)
    for value in (value for value in new if value in old):
        shares = old[value]["share"], new[value]["share"]
        difference = abs(points(*shares))
        if difference > limits.share_points_told:
            text = f"{name}: the share of {_label(new[value])} {verb(*shares)}"
            text += f" from {100 * shares[0]:.1f}% to {100 * shares[1]:.1f}%."
            first = difference > limits.share_points
            yield change("share", text, first=first, column=name, items=[_label(new[value])])


def _gone_and_come(kind: str, word: str, name: str, gone: list[str], come: list[str]) -> Found:
    if gone:
        text = f"{name}: {_count(gone, word)} vanished: {some(gone)}."
        yield change(kind, text, first=True, column=name, items=gone)
    if come:
        text = f"{name}: {_count(come, f'new {word}')}: {some(come)}."
        yield change(kind, text, column=name, items=come)


def _distinct(before: Mapping[str, Any], after: Mapping[str, Any], limits: Thresholds) -> Found:
    old, new = before["distinct"], after["distinct"]
    if old != new:
        share = moved(old, new)
        text = f"{after['name']}: distinct values {verb(old, new)} from {old:,} to {new:,}."
        yield change("distinct", text, first=-share > limits.distinct_fell, column=after["name"])


def _label(value: Mapping[str, Any]) -> str:
    return str(value.get("label", value["value"]))


def _count(items: list[str], word: str) -> str:
    return f"{len(items):,} {word}" + ("" if len(items) == 1 else "s")
