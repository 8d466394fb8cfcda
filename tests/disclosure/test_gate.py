"""The gate: what it lets through, what it refuses, and what it writes down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from lds.contracts import load_table_contract
from lds.disclosure.gate import SourceRules, decide
from lds.disclosure.profiles import Profile, load_profile
from lds.errors import ContractError, DisclosureError

CONTRACT = load_table_contract("indicators")
OPEN = load_profile("open")


def rows(*values: tuple[float | None, str | None], statistic: str = "change") -> pl.DataFrame:
    """Return one indicator row per (value, mark), on consecutive days."""
    base = {
        "topic": "human_mobility", "indicator": "HM-I1", "statistic": statistic,
        "area": "E07000131", "comparator": "self", "measure": "parks",
        "breakdown": "all", "period": "day",
        "unit": "%", "numerator": None, "denominator": None, "n": None, "days": None,
        "coverage": 1.0, "note": None, "lower": None, "upper": None, "match": "exact",
    }  # fmt: skip
    made = [
        {
            **base,
            "start": date(2020, 3, day),
            "end": date(2020, 3, day),
            "value": value,
            "mark": mark,
        }
        for day, (value, mark) in enumerate(values, 1)
    ]
    return pl.DataFrame(made, schema=CONTRACT.polars_schema)


def rules(access: str = "open", profile: Profile = OPEN) -> dict[str, tuple[SourceRules, ...]]:
    return {
        "human_mobility": (SourceRules(source="google_mobility", access=access, profile=profile),)
    }


def test_open_data_pass_as_they_are() -> None:
    table = rows((-5.0, None), (None, "x"), (None, "u"))
    result = decide({"human_mobility": table}, rules(), CONTRACT)
    assert result.tables["human_mobility"].equals(table.select(CONTRACT.released.names))
    assert result.rows["status"].to_list() == ["released", "missing", "missing"]
    assert result.rows["rule"].null_count() == 3
    assert result.cells.is_empty()


def test_the_order_of_rows_does_not_matter() -> None:
    table = rows((-5.0, None), (None, "x"), (3.0, None))
    shuffled = table.reverse()
    first = decide({"human_mobility": table}, rules(), CONTRACT).tables["human_mobility"]
    second = decide({"human_mobility": shuffled}, rules(), CONTRACT).tables["human_mobility"]
    assert first.equals(second)


@pytest.mark.parametrize("row", [(None, None), (1.0, "x")])
def test_a_row_has_a_value_or_a_mark_and_never_both(row: tuple[float | None, str | None]) -> None:
    with pytest.raises(DisclosureError, match="either a value or a mark"):
        decide({"human_mobility": rows((2.0, None), row)}, rules(), CONTRACT)


def test_components_of_a_marked_row_do_not_leave() -> None:
    table = rows((None, "u")).with_columns(
        pl.lit(3.0).alias("numerator"), pl.lit(40.0).alias("denominator"),
        pl.lit(1.0).alias("lower"), pl.lit(9.0).alias("upper"),
    )  # fmt: skip
    released = decide({"human_mobility": table}, rules(), CONTRACT).tables["human_mobility"]
    parts = released.select("numerator", "denominator", "lower", "upper").row(0)
    assert parts == (None, None, None, None)


def test_a_secure_source_is_refused_under_the_open_profile() -> None:
    with pytest.raises(DisclosureError, match="may not be released under the profile 'open'"):
        decide({"human_mobility": rows((2.0, None))}, rules(access="secure"), CONTRACT)


def test_a_statistic_without_a_check_cannot_be_released() -> None:
    narrow = replace(OPEN, id="narrow", statistics={"median_change": "publishers_marks"})
    with pytest.raises(DisclosureError, match="has no check") as caught:
        decide({"human_mobility": rows((2.0, None))}, rules(profile=narrow), CONTRACT)
    assert caught.value.values == ["change"]


def test_two_profiles_in_one_topic_are_refused() -> None:
    other = replace(OPEN, id="other")
    mixed = {
        "human_mobility": (
            *rules()["human_mobility"],
            SourceRules(source="second", access="open", profile=other),
        )
    }
    with pytest.raises(DisclosureError, match="exactly one disclosure profile"):
        decide({"human_mobility": rows((2.0, None))}, mixed, CONTRACT)


def test_a_table_with_another_shape_is_refused() -> None:
    with pytest.raises(ContractError, match="columns"):
        decide({"human_mobility": rows((2.0, None)).drop("mark")}, rules(), CONTRACT)
