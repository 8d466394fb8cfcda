"""Which rows and cells are withheld, and by which rule: both sides of every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.made_rows import ENGLAND, count, percentage, rate, rows
from lds.disclosure.checks import check_cells, check_rows
from lds.disclosure.profiles import Profile, load_profile, profile_names
from lds.disclosure.registers import load_rules, load_statistic_types
from lds.errors import DisclosureError

PROFILES = {name: load_profile(name) for name in profile_names()}
STRICT = ("ons_srs", "abs_datalab", "acro")
SECURE_TYPES = [name for name, entry in load_statistic_types().items() if entry.by]
PASS = None
BEFORE = {"before_start": date(2019, 3, 4), "before_end": date(2019, 3, 10)}


def mean_of(n: int, **columns: Any) -> dict[str, Any]:
    return {"value": 3.5, "n": n, **columns}


def quantile_of(n: int, quantile: float) -> dict[str, Any]:
    return {"value": 3.5, "n": n, "quantile": quantile}


def firms(n: int, amount: float, largest: float, second: float) -> dict[str, Any]:
    return {
        "value": amount, "numerator": amount, "denominator": 1e6,
        "n": n, "largest": largest, "second_largest": second,
    }  # fmt: skip


def change(before: int, after: int) -> dict[str, Any]:
    return {"value": 1.5, "cases": after, "before_cases": before, **BEFORE}


# Columns of a row, and the rule that withholds it: where counts are exact and at least 10, under
# OpenSAFELY, and under the rules of Hospital Episode Statistics.
Outcome = tuple[str | None, str | None, str | None]
SAFE: Outcome = (PASS, PASS, PASS)
SMALL: Outcome = ("threshold", "threshold", "threshold")
NINE: Outcome = ("threshold", PASS, PASS)
UNRELEASED = ("refused", "refused")
"""Types that profiles of patients' records refuse."""


def amount_rule(rule: str | None) -> Outcome:
    return (rule, *UNRELEASED)


ROLLING = {"statistic": "rolling_percentage"}
CASES: dict[str, list[tuple[dict[str, Any], Outcome]]] = {
    "count": [
        (count(10), SAFE),
        (count(9), NINE),
        (count(8), NINE),
        (count(7), SMALL),
        (count(1), SMALL),
        (count(0), SAFE),  # decided on the cell, where a structural zero is known
    ],
    "percentage": [
        (percentage(10, 20), SAFE),
        (percentage(9, 20), NINE),
        (percentage(7, 20), SMALL),
        (percentage(11, 20), ("complement", PASS, PASS)),
        (percentage(13, 20), ("complement", "complement", "complement")),
        (percentage(0, 20), ("zero", PASS, PASS)),
        (percentage(20, 20), ("zero", PASS, PASS)),
        (percentage(0, 9), NINE),
        (percentage(0, 7), SMALL),
    ],
    "rate": [
        (rate(10, 100_000.0), SAFE),
        (rate(9, 100_000.0), NINE),
        (rate(7, 100_000.0), SMALL),
        (rate(0, 100_000.0), ("zero", PASS, PASS)),
        (rate(10, 20.0), SAFE),
        (rate(11, 20.0), ("complement", PASS, PASS)),
        (rate(20, 20.0), ("zero", PASS, PASS)),
        (rate(30, 20.0), SAFE),  # events can be more than people
        (rate(0, 9.5), NINE),
        (rate(0, 7.5), SMALL),
    ],
    "rolling_percentage": [
        (percentage(100, 200, least=10, **ROLLING), SAFE),
        (percentage(100, 200, least=9, **ROLLING), ("rolling", PASS, PASS)),
        (percentage(100, 200, least=7, **ROLLING), ("rolling", "rolling", "rolling")),
        (percentage(100, 200, least=0, **ROLLING), ("rolling", "rolling", "rolling")),
        (percentage(9, 200, least=9, **ROLLING), NINE),
    ],
    "rolling_rate": [
        (rate(100, 1e5, least=10, statistic="rolling_rate"), SAFE),
        (rate(100, 1e5, least=9, statistic="rolling_rate"), ("rolling", PASS, PASS)),
        (rate(100, 1e5, least=7, statistic="rolling_rate"), ("rolling", "rolling", "rolling")),
    ],
    "mean": [(mean_of(10), SAFE), (mean_of(9), NINE), (mean_of(7), SMALL), (mean_of(0), SMALL)],
    "median": [
        (quantile_of(20, 0.5), SAFE),
        (quantile_of(19, 0.5), ("quantile", PASS, PASS)),
        (quantile_of(16, 0.5), ("quantile", PASS, PASS)),
        (quantile_of(15, 0.5), ("quantile", "quantile", "quantile")),
        (quantile_of(7, 0.5), SMALL),
    ],
    "percentile": [
        (quantile_of(100, 0.1), SAFE),
        (quantile_of(100, 0.9), SAFE),  # 100 * (1 - 0.9) is 9.999999999999998
        (quantile_of(99, 0.9), ("quantile", PASS, PASS)),
        (quantile_of(79, 0.9), ("quantile", "quantile", "quantile")),
        (quantile_of(40, 0.25), SAFE),
        (quantile_of(39, 0.75), ("quantile", PASS, PASS)),
        (quantile_of(200, 0.05), SAFE),
    ],
    "density": [
        (quantile_of(1000, 0.01), (PASS, *UNRELEASED)),
        (quantile_of(1000, 0.009), ("quantile", *UNRELEASED)),
        (quantile_of(1000, 0.992), ("quantile", *UNRELEASED)),
    ],
    "minimum": [(mean_of(1000), ("extreme", "extreme", "extreme"))],
    "maximum": [(mean_of(1000), ("extreme", "extreme", "extreme"))],
    "business_sum": [
        (firms(10, 1000, 300, 100), amount_rule(PASS)),
        (firms(9, 1000, 300, 100), amount_rule("enterprises")),
        (firms(3, 400, 200, 150), amount_rule("enterprises")),
        (firms(0, 0, None, None), amount_rule("zero")),  # type: ignore[arg-type]
        (firms(1, 5, 5, None), amount_rule("enterprises")),  # type: ignore[arg-type]
        (firms(20, 1000, 500, 400), amount_rule("dominance")),
        (firms(20, -5, 3, 1), amount_rule("dominance")),
        (firms(20, 0, 0, 0), amount_rule("zero")),
    ],
    "business_mean": [
        (firms(10, 1000, 300, 100), amount_rule(PASS)),
        (firms(9, 1000, 300, 100), amount_rule("enterprises")),
    ],
    "business_share": [
        (firms(10, 1000, 300, 100), amount_rule(PASS)),
        (firms(9, 1000, 300, 100), amount_rule("enterprises")),
    ],
    "standardised_rate": [
        ({"value": 3.5, "cases": 10}, (PASS, "refused", PASS)),
        ({"value": 3.5, "cases": 9}, ("events", "refused", "events")),
        ({"value": 3.5, "cases": 0}, ("events", "refused", "events")),
    ],
    "standardised_ratio": [
        ({"value": 3.5, "cases": 10}, (PASS, "refused", PASS)),
        ({"value": 3.5, "cases": 9}, ("events", "refused", "events")),
    ],
    "change_over_time": [
        (change(100, 110), (PASS, *UNRELEASED)),
        (change(100, 109), ("change", *UNRELEASED)),
        (change(109, 100), ("change", *UNRELEASED)),
        (change(100, 101), ("change", *UNRELEASED)),
        (change(100, 100), (PASS, *UNRELEASED)),
        (change(100, 9), ("threshold", *UNRELEASED)),
        (change(9, 100), ("threshold", *UNRELEASED)),
        (change(0, 100), ("zero", *UNRELEASED)),
    ],
    "regression": [
        (mean_of(30, residual_df=10), SAFE),
        (mean_of(30, residual_df=9), ("residual_df",) * 3),
        (mean_of(30, residual_df=0), ("residual_df",) * 3),
        (mean_of(30, residual_df=-1), ("residual_df",) * 3),
        (mean_of(9, residual_df=10), NINE),
    ],
    "histogram": [
        (mean_of(100, cases=10), (PASS, *UNRELEASED)),
        (mean_of(100, cases=9), ("threshold", *UNRELEASED)),
        (mean_of(100, cases=0), ("zero", *UNRELEASED)),
    ],
    "ratio": [
        ({"value": 3.5}, (PASS, *UNRELEASED)),
        ({"value": 3.5, "n": 9}, ("threshold", *UNRELEASED)),
    ],
    "odds_ratio": [
        ({"value": 3.5}, (PASS, "refused", PASS)),
        ({"value": 3.5, "n": 9}, ("threshold", "refused", PASS)),
        ({"value": 3.5, "n": 90, "cases": 9}, ("threshold", "refused", PASS)),
    ],
    "rank": [({"value": 3.0}, SAFE), ({"value": 3.0, "n": 7}, SMALL)],
    "quintile": [({"value": 3.0}, SAFE), ({"value": 3.0, "n": 7}, SMALL)],
    "sentence": [({"value": 3.0}, SAFE), ({"value": 3.0, "n": 7}, SMALL)],
}


def expected(outcome: Outcome, profile: str) -> str | None:
    return outcome[0 if profile in STRICT else 1 if profile == "opensafely" else 2]


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "open"])
@pytest.mark.parametrize("statistic", list(CASES))
def test_rows_at_the_boundaries(statistic: str, profile: str) -> None:
    cases = CASES[statistic]
    table = rows(*({**columns, "statistic": statistic} for columns, _ in cases))
    rules = check_rows(table, PROFILES[profile])
    assert rules.name == "rule"
    assert rules.dtype == pl.String
    assert rules.to_list() == [expected(outcome, profile) for _, outcome in cases]


def test_every_type_has_cases_and_rules_are_registered() -> None:
    assert set(CASES) == set(SECURE_TYPES)
    rules = {rule for cases in CASES.values() for _, outcome in cases for rule in outcome}
    assert rules - {None} <= set(load_rules())
    # No rule of rows is without a case, but for that of amounts, which has cells of its own below.
    assert rules >= {
        *("threshold", "zero", "complement", "enterprises", "dominance", "quantile", "extreme"),
        *("residual_df", "events", "change", "rolling", "refused"),
    }


def test_types_do_not_mix_in_one_table() -> None:
    """Each row is checked as its own type, whatever else is in the table."""
    table = [
        ({**columns, "statistic": name}, outcome)
        for name, cases in CASES.items()
        for columns, outcome in cases
    ]
    for name in STRICT:
        found = check_rows(rows(*(columns for columns, _ in table)), PROFILES[name])
        assert found.to_list() == [expected(outcome, name) for _, outcome in table]


@pytest.mark.parametrize(
    ("firm", "ons", "abs_", "acro"),
    [
        (firms(20, 1000, 450, 449), None, "dominance", None),
        (firms(20, 1000, 450, 450), "dominance", "dominance", "dominance"),
        (firms(20, 70, 40, 23), "dominance", "dominance", "dominance"),  # 0.9 * 70 is not 63
        (firms(20, 1000, 499, 170), None, None, None),
        (firms(20, 1000, 499, 171), None, "dominance", None),
        (firms(20, 1000, 500, 1), None, "dominance", None),
        (firms(20, 1000, 800, 121), "dominance", "dominance", "dominance"),
        (firms(20, 1000, 880, 19), None, "dominance", None),
    ],
)
def test_dominance(firm: dict[str, Any], ons: str, abs_: str, acro: str) -> None:
    table = rows({**firm, "statistic": "business_sum"})
    found = [check_rows(table, PROFILES[name])[0] for name in ("ons_srs", "abs_datalab", "acro")]
    assert found == [ons, abs_, acro]


def test_national_rows_are_exempt_where_the_profile_says_so() -> None:
    table = rows(
        percentage(3, 20),
        percentage(3, 20, area=ENGLAND),
        percentage(3, 20, comparator="england"),  # England's value on this district's days
        mean_of(20, statistic="maximum", area=ENGLAND),
        mean_of(20, statistic="density", quantile=0.5, area=ENGLAND),
    )
    assert check_rows(table, PROFILES["nhs_hes"]).to_list() == [
        *("threshold", None, "threshold", "extreme", "refused"),
    ]
    assert check_rows(table, PROFILES["ons_srs"])[1] == "threshold"


@pytest.mark.parametrize(
    ("columns", "strict", "rounding"),
    [
        ({"mark": "u"}, "threshold", "threshold"),
        ({"mark": "u", "n": 3}, "threshold", "threshold"),
        ({"mark": "u", "n": 30}, None, None),
        ({"mark": "u", "n": 0}, "zero", None),
        ({"mark": "x"}, None, None),
        ({"mark": "x", "n": 0}, "zero", None),
        ({"mark": "x", "n": 30, "cases": 4}, "threshold", "threshold"),
        ({"mark": "c"}, None, None),
    ],
)
def test_a_topics_own_mark_does_not_tell_of_few_records(
    columns: dict[str, Any], strict: str | None, rounding: str | None
) -> None:
    table = rows({**columns, "statistic": "percentage"})
    assert check_rows(table, PROFILES["ons_srs"])[0] == strict
    assert check_rows(table, PROFILES["opensafely"])[0] == rounding


def test_weighted_estimates_cannot_be_computed_from_rounded_counts() -> None:
    weighted = percentage(50, 100, numerator=51.5, denominator=102.0)
    half = percentage(50, 100, denominator=102.0)
    plain = percentage(50, 100)
    table = rows(weighted, half, plain, count(50, numerator=51.5), rate(50, 1e5, n=7000))
    for name in ("opensafely", "nhs_hes"):
        rules = check_rows(table, PROFILES[name]).to_list()
        assert rules == ["rounding", "rounding", None, "rounding", None]
    assert check_rows(table, PROFILES["ons_srs"]).null_count() == 5


def test_open_data_pass_whatever_they_are() -> None:
    table = rows(count(1), {"statistic": "maximum", "value": 1.0}, {"mark": "u"})
    assert check_rows(table, PROFILES["open"]).to_list() == [None, None, None]


def test_no_rows() -> None:
    for profile in PROFILES.values():
        assert check_rows(rows(), profile).len() == 0


# --- what is refused outright ---------------------------------------------------------------------


@pytest.mark.parametrize("statistic", SECURE_TYPES)
def test_every_needed_column_is_asked_for(statistic: str) -> None:
    columns, _ = next(
        case for case in CASES[statistic] if case[1][0] in (None, "extreme", "enterprises")
    )
    good = {**columns, "statistic": statistic}
    profile = PROFILES["ons_srs"]
    check_rows(rows(good), profile)
    for column in load_statistic_types()[statistic].needs:
        with pytest.raises(DisclosureError, match="lacks what the check") as caught:
            check_rows(rows(good, {**good, column: None}), profile)
        where = f"topic made, indicator MAD-I1, statistic {statistic}, column {column}: 1 rows"
        assert str(caught.value.where) == where
        assert caught.value.values == []


@pytest.mark.parametrize(
    ("columns", "place", "message"),
    [
        ({**percentage(10, 20), "cases": -1}, "cases (negative)", "negative"),
        ({**percentage(10, 20), "n": -20, "cases": -30}, "cases (negative)", "negative"),
        (percentage(21, 20), "cases (more than n)", "more cases than records"),
        (rate(10, -1.0), "denominator (negative)", "negative"),
        ({"statistic": "mean", "value": 1.0, "n": -1}, "n (negative)", "negative"),
        ({"statistic": "median", **quantile_of(20, 1.0)}, "quantile (0 to 1)", "between 0 and 1"),
        ({"statistic": "median", **quantile_of(20, 0.0)}, "quantile (0 to 1)", "between 0 and 1"),
        ({"statistic": "percentile", **quantile_of(20, 50)}, "quantile (0 to 1)", "0 and 1"),
        (
            {"statistic": "business_sum", **firms(20, 100, 5, 6)},
            "second_largest (more than largest)",
            "larger than the largest",
        ),
        (count(20, mark="c"), "value", "either a value or a mark"),
        ({"cases": 20}, "value", "either a value or a mark"),
    ],
)
def test_what_cannot_be_true_is_refused(columns: dict[str, Any], place: str, message: str) -> None:
    with pytest.raises(DisclosureError, match=message) as caught:
        check_rows(rows(count(20), columns, columns), PROFILES["ons_srs"])
    assert f"column {place}: 2 rows" in str(caught.value.where)
    assert "E07000131" not in str(caught.value)


@pytest.mark.parametrize("column", ["cases", "n"])
def test_fractional_counts_are_refused(column: str) -> None:
    table = rows(percentage(10, 20)).with_columns(pl.col("cases", "n").cast(pl.Float64))
    assert check_rows(table, PROFILES["ons_srs"])[0] is None
    with pytest.raises(DisclosureError, match="not a whole number") as caught:
        check_rows(table.with_columns(pl.col(column) + 0.5), PROFILES["ons_srs"])
    assert f"column {column} (fractional): 1 rows" in str(caught.value.where)


def test_a_type_that_the_profile_does_not_name_is_refused() -> None:
    narrow = replace(PROFILES["ons_srs"], statistics={"count": "count"})
    with pytest.raises(DisclosureError, match="has no check") as caught:
        check_rows(rows(count(20), percentage(10, 20)), narrow)
    assert caught.value.values == ["percentage"]
    assert "ons_srs" in str(caught.value.where)


def test_an_error_tells_of_other_indicators_too() -> None:
    bad = {**percentage(10, 20), "n": None}
    with pytest.raises(DisclosureError) as caught:
        check_rows(rows({**bad, "indicator": "MAD-I2"}, bad, bad), PROFILES["ons_srs"])
    assert "indicator MAD-I1, statistic percentage, column n: 2 rows; 1 other" in str(caught.value)


# --- rows against a second reading of the rules --------------------------------------------------


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 40))
    return draw(st.integers(0, n)), n


@settings(max_examples=200, deadline=None)
@given(st.lists(counts(), min_size=1, max_size=40), st.sampled_from(["ons_srs", "opensafely"]))
def test_no_percentage_passes_with_a_small_part(drawn: list[tuple[int, int]], name: str) -> None:
    profile = PROFILES[name]
    table = rows(*(percentage(cases, n) for cases, n in drawn))
    allowed = {0} if profile.zeros == "published" else set()
    for (cases, n), rule in zip(drawn, check_rows(table, profile), strict=True):
        parts_safe = all(
            part >= profile.threshold or part in allowed for part in (cases, n - cases)
        )
        assert (rule is None) == (parts_safe and n >= profile.threshold)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(["ons_srs", "abs_datalab", "acro"]),
)
def test_amounts_follow_the_rules_in_exact_arithmetic(
    drawn: list[tuple[int, int, int, int]], name: str
) -> None:
    profile = PROFILES[name]
    made = []
    for n, one, two, rest in drawn:
        largest, second = max(one, two), min(one, two)
        # Nobody beyond the second can be larger than it.
        others = min(rest, second * max(n - 2, 0))
        parts = [largest, second][: min(n, 2)] + [others] * (n > 2)
        made.append((n, sum(parts), largest if n else 0, second if n > 1 else 0))
    table = cells(
        *(
            {"kind": "amount", "n": n, "value": total, "largest": largest, "second_largest": second}
            for n, total, largest, second in made
        )
    )
    for (n, total, largest, second), rule in zip(made, check_cells(table, profile), strict=True):
        assert rule == rule_of_amount(profile, n, total, largest, second)


def rule_of_amount(profile: Profile, n: int, total: int, largest: int, second: int) -> str | None:
    """Return the rule of an amount by fractions, as the handbook writes it."""
    if n == 0 or total == 0:
        return "zero"
    if profile.enterprises and n < profile.enterprises:
        return "enterprises"
    for each in profile.dominance:
        share = Fraction(largest if each.n == 1 else largest + second, total)
        if share >= Fraction(str(each.share)):
            return "dominance"
    remainder = total - largest - second
    if profile.p_percent and remainder < Fraction(str(profile.p_percent)) / 100 * largest:
        return "p_percent"
    return None


# --- cells ----------------------------------------------------------------------------------------

CELL: dict[str, Any] = {
    "kind": "count", "value": None, "n": 20, "largest": None, "second_largest": None,
    "share": None, "structural_zero": False,
}  # fmt: skip
CELL_SCHEMA = {
    "kind": pl.String, "value": pl.Float64, "n": pl.Int64, "largest": pl.Float64,
    "second_largest": pl.Float64, "share": pl.Float64, "structural_zero": pl.Boolean,
}  # fmt: skip


def cells(*changes: dict[str, Any]) -> pl.DataFrame:
    made = [{**CELL, **change} for change in changes]
    filled = [
        {**cell, "value": float(cell["n"] if cell["value"] is None else cell["value"])}
        for cell in made
    ]
    return pl.DataFrame(filled, schema=CELL_SCHEMA)


def amount(n: int, value: float, largest: float | None, second: float | None) -> dict[str, Any]:
    return {
        "kind": "amount", "n": n, "value": value, "largest": largest, "second_largest": second,
    }  # fmt: skip


CELLS: list[tuple[dict[str, Any], Outcome]] = [
    ({"n": 10}, SAFE),
    ({"n": 9}, NINE),
    ({"n": 7}, SMALL),
    ({"n": 0}, ("zero", PASS, PASS)),
    ({"n": 0, "structural_zero": True}, SAFE),
    (amount(10, 1000, 300, 100), amount_rule(PASS)),
    (amount(9, 1000, 300, 100), amount_rule("enterprises")),
    (amount(1, 1000, 1000, None), amount_rule("enterprises")),
    (amount(0, 0, None, None), amount_rule("zero")),
    ({**amount(0, 0, None, None), "structural_zero": True}, SAFE),
    (amount(10, 1000, 500, 400), amount_rule("dominance")),
]


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "open"])
def test_cells_at_the_boundaries(profile: str) -> None:
    rules = check_cells(cells(*(cell for cell, _ in CELLS)), PROFILES[profile])
    assert (rules.name, rules.dtype) == ("rule", pl.String)
    assert rules.to_list() == [expected(outcome, profile) for _, outcome in CELLS]


@pytest.mark.parametrize(
    ("share", "ons", "acro"),
    [
        (0.9, "group_share", None),
        (1.0, "group_share", None),
        (63 / 70, "group_share", None),
        (0.8999, None, None),
        (None, None, None),
        (float("nan"), None, None),
    ],
)
def test_group_disclosure(share: float | None, ons: str | None, acro: str | None) -> None:
    table = cells({"n": 100, "share": share}, {**amount(20, 1000, 300, 100), "share": share})
    assert check_cells(table, PROFILES["ons_srs"]).to_list() == [ons, ons]
    assert check_cells(table, PROFILES["abs_datalab"]).to_list() == [ons, ons]
    for name in ("acro", "opensafely", "nhs_hes"):
        assert check_cells(table, PROFILES[name])[0] == acro


@pytest.mark.parametrize("name", STRICT)
def test_a_sum_below_zero_is_dominated(name: str) -> None:
    profile = PROFILES[name]
    losses = cells(amount(20, -5, 3, 1), amount(20, -5, 0, 0))
    assert check_cells(losses, profile).to_list() == ["dominance", "dominance"]
    by_p = replace(profile, dominance=(), p_percent=10.0)
    assert check_cells(losses, by_p).to_list() == ["p_percent", "p_percent"]


def test_p_percent_where_it_decides() -> None:
    only = replace(PROFILES["ons_srs"], dominance=())
    table = cells(
        amount(20, 1000, 800, 120),  # 80 left: 10 % of 800
        amount(20, 1000, 800, 121),
        amount(20, 33, 30, 0),  # 10 % of 30 in floating point is more than 3
        amount(20, 32.9, 30, 0),
    )
    assert check_cells(table, only).to_list() == [None, "p_percent", None, "p_percent"]


def test_the_order_of_rules_is_fixed() -> None:
    everything = {**amount(9, 1000, 900, 100), "share": 1.0}
    table = cells(
        {"n": 5, "share": 1.0},
        {"n": 0, "share": 1.0},
        everything,
        {**everything, "share": None},
        amount(10, 1000, 900, 100),
        amount(10, 1000, 899, 0),
    )
    assert check_cells(table, PROFILES["ons_srs"]).to_list() == [
        *("threshold", "zero", "group_share", "enterprises", "dominance", None),
    ]
    ids = list(load_rules())
    order = ["threshold", "zero", "group_share", "enterprises", "dominance", "p_percent"]
    assert [rule for rule in ids if rule in order] == order


def test_national_cells_are_exempt_where_the_profile_says_so() -> None:
    table = cells({"n": 3}, {"n": 3}).with_columns(pl.Series("area", ["E07000131", ENGLAND]))
    assert check_cells(table, PROFILES["nhs_hes"]).to_list() == ["threshold", None]
    assert check_cells(table, PROFILES["opensafely"]).to_list() == ["threshold", "threshold"]


def test_cells_of_open_data_pass() -> None:
    table = cells({"n": 1}, {"n": 0}, amount(1, 5, 5, None))
    assert check_cells(table, PROFILES["open"]).to_list() == [None] * 3


@pytest.mark.parametrize(
    ("cell", "column", "message"),
    [
        ({"n": None, "value": 20}, "n", "lacks what its rules need"),
        ({**amount(20, 1000, 300, 100), "n": None}, "n", "lacks what its rules need"),
        (amount(20, 1000, None, 100), "largest", "amount lacks"),
        (amount(20, 1000, 300, None), "second_largest", "amount lacks"),
        ({"structural_zero": None}, "structural_zero", "lacks what its rules need"),
        ({"kind": "share"}, "kind", "neither a count nor an amount"),
        ({"kind": None}, "kind", "neither a count nor an amount"),
        ({"n": -1, "value": 5}, "n", "negative"),
        ({"n": 20, "value": -5}, "value", "negative"),
        ({"n": 20, "value": 20.5}, "value", "not a whole number"),
        (amount(20, 1000, -3, -4), "largest", "negative"),
        (amount(20, 1000, 3, -4), "second_largest", "negative"),
        (amount(20, 1000, 100, 300), "second_largest", "larger than the largest"),
        ({"n": 3, "structural_zero": True}, "structural_zero", "nobody can be in"),
    ],
)
def test_cells_that_cannot_be_decided_are_refused(
    cell: dict[str, Any], column: str, message: str
) -> None:
    with pytest.raises(DisclosureError, match=message) as caught:
        check_cells(cells({"n": 20}, cell), PROFILES["ons_srs"])
    assert caught.value.where == f"column {column}: 1 cells"


def test_a_table_of_cells_without_a_column_is_refused() -> None:
    with pytest.raises(DisclosureError, match="lacks columns") as caught:
        check_cells(cells({"n": 20}).drop("share"), PROFILES["ons_srs"])
    assert caught.value.values == ["share"]
