"""The words about a conversion: what the account says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from lds.geography.conversion.kinds import kinds
from lds.reports.conversion_notes import (
    CARRIED_OVER,
    METHOD,
    best_fit_sentence,
    conversion_card,
)

NAMES = {"E1": "Corby", "E2": "Kettering", "E3": "North Northamptonshire", "E4": "Rutland"}


def account(**changes: Any) -> dict[str, Any]:
    return {
        "source": "made",
        "vintage": "2021-04-01",
        "kind": "count",
        "basis": "population mid-2019",
        "minimum_coverage": None,
        "codes": {"given": 4, "matched": 3, "lost": 1},
        "rows": {"given": 4000, "matched": 3990, "lost": 10},
        "people": {"matched": 150000, "lost": 72000},
        "totals": {"value": {"before": "12345.5", "after": "12300"}},
        "paths": {"E1": ["E1>E3"], "E2": ["E2>E3"]},
        "areas": {"best_fit": {"E3": ["E1", "E2"]}},
        **changes,
    }


def test_a_card_tells_what_came_and_what_was_lost() -> None:
    title, rows = conversion_card(account(), "Deaths", "E3", NAMES)
    assert title == "Deaths: carried to the districts of 1 April 2021"
    assert rows == [
        ("Codes", "4 codes of districts came in; 1 leads to no district of 1 April 2021."),
        (
            "Rows and people",
            "4,000 rows with such a code, 10 of them lost. The districts behind those kept hold"
            " 150,000 people, those lost 72,000 (mid-2019).",
        ),
        ("Method", "Counts are added; where an area is divided, by population mid-2019."),
        ("Total", "value: 12,345.5 before, 12,300 after."),
        (
            "Path of this district",
            "Corby (E1) became North Northamptonshire (E3); Kettering (E2) became North"
            " Northamptonshire (E3).",
        ),
    ]


def test_a_district_that_did_not_change_has_no_path() -> None:
    _, rows = conversion_card(account(), "Deaths", "E4", NAMES)
    assert "Path of this district" not in dict(rows)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_words(kind: str) -> None:
    _, rows = conversion_card(account(kind=kind, minimum_coverage=0.8), "Deaths", "E3", NAMES)
    assert dict(rows)["Method"]
    if kinds()[kind].forward == "made":
        assert "Corby and Kettering" in str(best_fit_sentence(account(kind=kind), "E3", NAMES))
    assert set(METHOD) == set(kinds())
    assert set(CARRIED_OVER) == {name for name, each in kinds().items() if each.forward == "made"}


def test_a_custom_area_tells_the_districts_behind_it() -> None:
    made = {"X1": {"match": "best_fit", "from_codes": ["E1", "E9"]}}
    text = best_fit_sentence(account(custom_areas=made), "X1", {"E1": "Here"})
    assert text is not None
    assert "Here and E9" in text
    made["X1"]["match"] = "exact"
    assert best_fit_sentence(account(custom_areas=made), "X1", {"E1": "Here"}) is None
    many = {"X1": {"match": "best_fit", "from_codes": [f"E{n}" for n in range(41)]}}
    assert "those of 41 districts" in (
        best_fit_sentence(account(custom_areas=many), "X1", {}) or ""
    )


def test_an_exact_area_has_no_sentence() -> None:
    assert best_fit_sentence(account(), "E4", NAMES) is None
