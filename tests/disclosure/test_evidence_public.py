"""The public evidence: made from what is public, with no rule, interval or small count in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.gate_results import AREAS, count, hidden, made_result, made_rows, made_topics
from lds.disclosure.evidence.redaction import at_least, public_evidence
from lds.disclosure.registers import load_rules
from lds.disclosure.result import GateResult
from lds.errors import DisclosureError
from lds.io import canonical_json


def public(result: GateResult) -> str:
    return canonical_json(public_evidence(result, made_topics()))


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and text of nested values, with the key that it stands under."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, key)
    else:
        yield key, value


def many(withheld: int) -> GateResult:
    """Return an answer with twenty released rows and some withheld ones in one indicator."""
    rows = [
        count(0, "all", 100 + number) | {"area": f"E07{number:06d}"}
        for number in range(20 + withheld)
    ]
    return made_result([*rows[:20], *(hidden(row, "threshold") for row in rows[20:])])


def test_what_it_says() -> None:
    said = public_evidence(made_result(), made_topics())
    assert list(said) == ["format", "audit", "marks", "topics"]
    topics: Any = said["topics"]
    assert list(topics) == ["economy", "health", "mobility"]
    assert topics["health"]["profile"]["id"] == "ons_srs"
    assert topics["health"]["profile"]["version"] == 1
    assert topics["health"]["sources"] == ["made_tests"]
    assert topics["health"]["indicators"][0] == {
        "indicator": "HE-I1", "statistic": "count", "title": "Tests by sex",
        "released": 4, "withheld": "fewer than 10", "no_value": "fewer than 10",
    }  # fmt: skip
    assert topics["mobility"]["indicators"][0]["withheld"] == 1


@pytest.mark.parametrize(
    ("withheld", "said"), [(0, 0), (1, "fewer than 10"), (9, "fewer than 10"), (10, 10), (37, 37)]
)
def test_small_counts_are_not_said(withheld: int, said: int | str) -> None:
    found: Any = public_evidence(many(withheld), made_topics())["topics"]
    (line,) = found["health"]["indicators"]
    assert (line["released"], line["withheld"], line["no_value"]) == (20, said, 0)
    assert at_least(withheld, 10) == said
    assert at_least(withheld, 0) == withheld


def test_nothing_else_gives_a_small_count_away() -> None:
    """There is no total from which a hidden count could be worked out, and no other number."""
    said: dict[str, Any] = public_evidence(made_result(), made_topics())
    numbers = [(key, value) for key, value in leaves(said) if isinstance(value, int)]
    assert {key for key, _ in numbers} == {"format", "version", "released", "withheld", "no_value"}
    secure = [
        line
        for topic in said["topics"].values()
        for line in topic["indicators"]
        if line["indicator"] not in ("MO-I1", "HE-I4")
    ]
    hiding = [value for key, value in leaves(secure) if key in ("withheld", "no_value")]
    assert set(hiding) == {0, "fewer than 10"}


def test_no_rule_interval_or_tier_is_named() -> None:
    said = public(made_result())
    words = [text for key, text in leaves(json.loads(said)) if key != "statistic"]
    for rule, sentence in load_rules().items():
        assert rule not in words
        assert sentence not in said
    for word in ("primary", "secondary", "propagation", "integer", "lower", "upper", "42"):
        assert f'"{word}"' not in said
    for area in AREAS:
        assert area not in said


def test_whatever_is_inside_it_stays_the_same() -> None:
    """It is a function of the released tables: rules, cells and audit can be any others."""
    result = made_result()
    before = public(result)
    rows, cells = result.rows, result.cells
    others = [
        replace(result, audit={"passed": True, "tiers": {"integer": 3}}),
        replace(result, rows=rows.with_columns(rule=pl.lit("zero"), n=3, cases=1)),
        replace(result, rows=rows.with_columns(status=pl.lit("widened"))),
        replace(result, rows=rows.clear(), cells=cells.clear()),
        replace(result, cells=cells.with_columns(lower=1.0, upper=2.0, status=pl.lit("primary"))),
    ]
    assert {public(other) for other in others} == {before}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["threshold", "secondary", "zero", "complement"]), max_size=12))
def test_which_rule_withheld_a_row_cannot_be_told(rules: list[str]) -> None:
    base = [count(0, "all", 50) | {"area": f"E07{number:06d}"} for number in range(12)]
    ruled = [hidden(row, rule) for row, rule in zip(base, rules, strict=False)]
    plain = [hidden(row, "threshold") for row in base[: len(rules)]]
    rest = base[len(rules) :]
    assert public(made_result([*ruled, *rest])) == public(made_result([*plain, *rest]))


def test_an_indicator_that_no_register_has_is_refused() -> None:
    strange = made_rows()[0] | {"indicator": "HE-I9"}
    with pytest.raises(DisclosureError, match="in no register"):
        public_evidence(made_result([strange]), made_topics())
