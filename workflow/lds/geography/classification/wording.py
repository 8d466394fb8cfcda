"""A classification in plain words, and as values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lds.errors import SHOWN_VALUES
from lds.geography.classification.codes import LAD
from lds.geography.classification.verdict import Classification
from lds.geography.classification.vintages import Window
from lds.text import join_words, long_date

NEARLY_ALL = 0.9
"""The share of a vintage's LADs from which on a sentence names those that are absent."""


def span(time: Window, period: Window) -> str:
    """Return a time in words; where it meets an end of the register, that is said."""
    starts, ends = time.first_day <= period.first_day, time.last_day >= period.last_day
    if starts and ends:
        return (
            "every day of the register "
            f"({long_date(period.first_day)} to {long_date(period.last_day)})"
        )
    if starts:
        return f"{long_date(period.first_day)} (where the register starts) to " + long_date(
            time.last_day
        )
    if ends and time.first_day == time.last_day:
        return f"{long_date(time.first_day)} on (where the register ends)"
    if ends:
        return (
            f"{long_date(time.first_day)} to {long_date(period.last_day)} (where the register ends)"
        )
    return f"{long_date(time.first_day)} to {long_date(time.last_day)}"


def sentence(found: Classification) -> str:
    """Return the verdict in plain words: what the codes are, when they were live, what is odd."""
    parts = [_verdict(found), _absences(found), _combined(found), _unknown(found)]
    parts += [_header(found), _elsewhere(found), _dates(found)]
    return " ".join(part for part in parts if part)


def _verdict(found: Classification) -> str:
    column, count = f"Column {found.column!r}", len(found.lads)
    if found.verdict == "no_lads":
        if found.kinds.is_empty():
            return f"{column} holds no area codes."
        others = _kinds(found, without=LAD)
        return f"{column} holds no codes of English LADs" + (f", but {others}." if others else ".")
    districts = "English LAD code" if count == 1 else "English LAD codes"
    if found.window is None:
        return f"{column} mixes vintages: no day had all its {count} {districts}. " + _mixture(
            found
        )
    assert found.best is not None
    expected, present = _fit(found, found.best)
    if found.verdict == "complete":
        many = f"all {expected}" if present == expected else f"{present} of the {expected}"
        return f"{column} holds {many} English LAD codes of {span(found.best, found.period)}."
    whole = found.vintages.filter(unexpected=0)
    if whole.height == 1:
        time = span(found.best, found.period)
        return f"{column} holds {present} of the {expected} English LAD codes of {time}."
    live = "which was live" if count == 1 else "which were all live"
    start = f"{column} holds {count} {districts}, {live} on"
    time = span(found.window, found.period)
    if found.window == found.period:
        return f"{start} {time}: any vintage would do."
    return f"{start} any day of {time}: too few to tell which of {whole.height} vintages."


def _mixture(found: Classification) -> str:
    """Say which vintage fits best, and what the other segments hold."""
    assert found.best is not None
    expected, present = _fit(found, found.best)
    best = found.vintages.filter(first_day=found.best.first_day)
    odd = best["unexpected_codes"][0].to_list()
    text = (
        f"The best fit is {span(found.best, found.period)}: {present} of its {expected} codes, and"
        f" {len(odd)} of other times ({_some(odd)})."
    )
    return f"{text} At least {len(found.segments)} vintages are needed to hold them all."


def _absences(found: Classification) -> str:
    if found.best is None:
        return ""
    expected, present = _fit(found, found.best)
    if present < NEARLY_ALL * expected:
        return ""
    known = found.absent.filter(found.absent["reason"].is_not_null())
    texts = [
        f"{name} ({code}) is absent: {reason}."
        for code, name, reason in known.select("code", "name", "reason").iter_rows()
    ]
    other = found.absent.filter(found.absent["reason"].is_null())["code"].to_list()
    if other:
        texts.append(f"Missing without a known reason: {_some(other)}.")
    return " ".join(texts)


def _combined(found: Classification) -> str:
    texts = [
        f"{code} stands for {name} together."
        for code, name in found.combined.select("code", "name").iter_rows()
    ]
    return " ".join(texts)


def _unknown(found: Classification) -> str:
    if not found.unknown:
        return ""
    return f"Not in the register: {_some(found.unknown)}."


def _header(found: Classification) -> str:
    texts = []
    time = found.window or found.best
    if found.claims and time is not None:
        texts.append(
            f"The column is called {found.column!r}, but its codes are not those of {found.claims}."
        )
    for other in found.others:
        if other.claims and other.window is not None:
            texts.append(
                f"Column {other.name!r} has codes too; they are not those of {other.claims} but of"
                f" {span(other.window, found.period)}."
            )
    return " ".join(texts)


def _elsewhere(found: Classification) -> str:
    """Name the codes beside the English LADs."""
    if found.verdict == "no_lads":
        return ""
    return f"It also holds {kinds}." if (kinds := _kinds(found, without=LAD)) else ""


def _kinds(found: Classification, without: str | None = None) -> str:
    words = []
    for kind, label, plural, codes in found.kinds.select(
        "kind", "label", "plural", "codes"
    ).iter_rows():
        if kind != without:
            edition = found.edition(kind)
            words.append(
                f"{codes:,} {label if codes == 1 else plural}"
                + (f" ({edition})" if edition else "")
            )
    return join_words(words)


def _dates(found: Classification) -> str:
    dates = found.dates
    if dates is None or not dates.rows:
        return ""
    wrong = int(dates.not_live["rows"].sum())
    held = f"Held against the dates in {dates.column!r}, "
    if wrong == 0:
        text = held + "every code was live on its row's date."
    else:
        text = (
            f"{held}{wrong:,} of {dates.rows:,} rows have a code that was not live then"
            f" ({_some(dates.not_live['code'].to_list())})."
        )
        if found.verdict == "complete":
            text += " The codes are of one vintage, whatever the date."
        if found.verdict == "mixed" and dates.mixed_dates == 0:
            text += " Each date by itself has codes of one vintage."
    if dates.outside:
        text += f" {dates.outside:,} rows have dates outside the register."
    return text


def _fit(found: Classification, vintage: Window) -> tuple[int, int]:
    row = found.vintages.filter(first_day=vintage.first_day)
    return int(row["expected"][0]), int(row["present"][0])


def _some(codes: Sequence[str]) -> str:
    if len(codes) <= SHOWN_VALUES:
        return join_words(list(codes))
    return f"{', '.join(codes[:SHOWN_VALUES])} and {len(codes) - SHOWN_VALUES} more"


def to_dict(found: Classification) -> dict[str, object]:
    """Return a classification as values that JSON can hold; days are ``YYYY-MM-DD``."""
    return {
        "sentence": sentence(found),
        "verdict": found.verdict,
        "table": found.table_name,
        "column": found.column,
        "column_found_by": "name" if found.named else "content",
        "rows": found.rows,
        "blank_rows": found.blank,
        "level": found.level,
        "levels": found.levels,
        "kinds": found.kinds.drop("label", "plural").to_dicts(),
        "editions": {
            kind: edition for kind in found.kinds["kind"] if (edition := found.edition(kind))
        },
        "window": _window(found.window),
        "best_vintage": _window(found.best),
        "vintages": _plain(found.vintages.to_dicts()),
        "absent": found.absent.to_dicts(),
        "combined": found.combined.to_dicts(),
        "unknown": found.unknown,
        "other_values": found.other_values.to_dicts(),
        "segments": [
            {
                "number": part.number,
                "window": _window(part.window),
                "codes": list(part.codes),
                "own_codes": list(part.own_codes),
            }
            for part in found.segments
        ],
        "column_name_claims": found.claims,
        "dates": None
        if found.dates is None
        else {
            "column": found.dates.column,
            "rows": found.dates.rows,
            "outside_register": found.dates.outside,
            "unread": found.dates.unread,
            "dates": found.dates.dates,
            "mixed_dates": found.dates.mixed_dates,
            "not_live": _plain(found.dates.not_live.to_dicts()),
        },
        "other_columns": [
            {
                "name": other.name,
                "rows": other.rows,
                "lads": other.lads,
                "window": _window(other.window),
                "column_name_claims": other.claims,
            }
            for other in found.others
        ],
        "register": _window(found.period),
    }


def _window(time: Window | None) -> dict[str, str] | None:
    if time is None:
        return None
    return {"first_day": time.first_day.isoformat(), "last_day": time.last_day.isoformat()}


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
        for row in rows
    ]
