"""What rows may show: withheld rows, values from rounded counts, totals, consistency."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.made_rows import CONTRACT, ENGLAND, count, percentage, rate, rows
from lds.disclosure.checks import check_rows
from lds.disclosure.derive import PARTLY, protect, protect_and_tell, rounded, withhold
from lds.disclosure.profiles import Rounding, load_profile, profile_names
from lds.disclosure.totals import steps_up
from lds.errors import DisclosureError
from lds.statistics.intervals import poisson, wilson

PROFILES = {name: load_profile(name) for name in profile_names()}
NEAREST = Rounding(base=5, scheme="nearest")
MIDPOINT = Rounding(base=6, scheme="midpoint")
INSIDE = [column.name for column in CONTRACT.columns if column.inside]
SHOWN = ["value", "numerator", "denominator", "n", "lower", "upper", "coverage", "note"]


def apply(rounding: Rounding, *counts: int) -> list[int]:
    frame = pl.DataFrame({"n": counts}, schema={"n": pl.Int64})
    return frame.select(rounded(pl.col("n"), rounding)).to_series().to_list()


def released(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a table as the profile lets it out, with the rules of its rows alone."""
    return protect(table, PROFILES[name], check_rows(table, PROFILES[name]))


# --- withholding ----------------------------------------------------------------------------------


def test_a_withheld_row_shows_the_mark_and_nothing_else() -> None:
    full = percentage(
        5, 20, lower=1.0, upper=2.0, coverage=0.5, note="few", days=7, least=3, quantile=0.5
    )
    table = rows(full, full, {**full, "value": None, "mark": "u"})
    rule = pl.Series("rule", ["threshold", None, "secondary"])
    first, kept, marked = withhold(table, rule).iter_rows(named=True)
    for row in (first, marked):
        assert row["mark"] == "c"
        assert [row[name] for name in (*SHOWN, *INSIDE)] == [None] * len([*SHOWN, *INSIDE])
        assert (row["days"], row["unit"], row["match"]) == (7, "%", "exact")
    assert kept == table.row(1, named=True)


def test_which_rule_withheld_a_row_cannot_be_seen() -> None:
    table = rows(*(count(number) for number in (3, 0, 50, 12)))
    rule = pl.Series("rule", ["threshold", "zero", "secondary", "dominance"])
    assert withhold(table, rule).n_unique() == 1


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "open"])
def test_of_a_row_with_a_topics_mark_only_the_mark_is_left(name: str) -> None:
    table = rows({"mark": "u", "n": 300, "numerator": 5.0, "note": "x", "cases": 20})
    (row,) = released(table, name).iter_rows(named=True)
    assert row["mark"] == "u"
    assert [row[column] for column in (*SHOWN, *INSIDE)] == [None] * len([*SHOWN, *INSIDE])


def test_open_data_keep_what_their_publisher_says_but_no_parts_of_marked_rows() -> None:
    table = rows(
        {"value": -5.5, "numerator": 1.0},
        {"mark": "u", "n": 3, "note": "no Mondays", "numerator": 1.0, "lower": 0.5},
    )
    kept, marked = released(table, "open").iter_rows(named=True)
    assert kept == table.row(0, named=True)
    assert (marked["n"], marked["note"]) == (3, "no Mondays")
    assert (marked["numerator"], marked["lower"]) == (None, None)


@pytest.mark.parametrize("name", list(PROFILES))
def test_tables_keep_their_rows_columns_and_order(name: str) -> None:
    table = rows(
        percentage(50, 100), count(3), rate(40, 1e5), {"mark": "x"},
        {"statistic": "mean", "value": 2.4, "n": 50}, count(30),
    )  # fmt: skip
    result = released(table, name)
    assert result.schema == table.schema
    same = ["statistic", "unit", "area", "breakdown"]
    assert result.select(same).equals(table.select(same))
    assert released(table.head(0), name).schema == table.schema


# --- rounding -------------------------------------------------------------------------------------


def test_counts_are_rounded_to_the_nearest_five() -> None:
    assert apply(NEAREST, 0, 2, 3, 7, 8, 12, 13, 17, 18) == [0, 0, 5, 5, 10, 10, 15, 15, 20]
    assert apply(Rounding(base=10, scheme="nearest"), 4, 5, 14, 15) == [0, 10, 10, 20]


def test_counts_behind_rates_are_rounded_to_midpoints_of_six() -> None:
    assert apply(MIDPOINT, 0, 1, 6, 7, 12, 13, 18, 19) == [0, 3, 3, 9, 9, 15, 15, 21]


@given(st.integers(0, 10**9), st.sampled_from([2, 3, 5, 6, 10]))
def test_rounding_moves_by_half_a_step_at_most(number: int, base: int) -> None:
    (nearest,) = apply(Rounding(base=base, scheme="nearest"), number)
    (middle,) = apply(Rounding(base=base, scheme="midpoint"), number)
    assert nearest % base == 0
    assert abs(nearest - number) <= base // 2
    assert abs(middle - number) <= base // 2
    assert (middle == 0) == (number == 0)


@pytest.mark.parametrize("name", ["opensafely", "nhs_hes"])
def test_a_percentage_is_computed_from_rounded_counts(name: str) -> None:
    table = rows(percentage(42, 98, lower=33.5, upper=52.7), percentage(42, 98))
    first, second = released(table, name).iter_rows(named=True)
    assert (first["numerator"], first["denominator"], first["n"]) == (40.0, 100.0, 100)
    assert first["value"] == 40.0
    (low,), (high,) = wilson(40, 100)
    assert (first["lower"], first["upper"]) == (round(100 * low, 6), round(100 * high, 6))
    assert second["value"] == 40.0
    assert (second["lower"], second["upper"]) == (None, None)
    assert first["cases"] == 40


def test_a_rate_is_computed_from_midpoints_under_opensafely() -> None:
    table = rows(rate(14, 20_000.0, lower=1.0, upper=2.0), rate(8, 20_000.0, lower=1.0, upper=2.0))
    first, second = released(table, "opensafely").iter_rows(named=True)
    assert (first["numerator"], first["denominator"], first["value"]) == (15.0, 20_000.0, 75.0)
    (low,), (high,) = poisson(15)  # Byar
    assert (first["lower"], first["upper"]) == (round(5 * low, 6), round(5 * high, 6))
    assert (second["numerator"], second["value"]) == (9.0, 45.0)
    (low,), (high,) = poisson(9)  # exact
    assert (second["lower"], second["upper"]) == (round(5 * low, 6), round(5 * high, 6))


def test_a_rate_is_computed_from_multiples_of_five_under_the_rules_of_hes() -> None:
    (row,) = released(rows(rate(14, 20_000.0)), "nhs_hes").iter_rows(named=True)
    assert (row["numerator"], row["value"]) == (15.0, 75.0)
    (row,) = released(rows(rate(11, 20_000.0)), "nhs_hes").iter_rows(named=True)
    assert (row["numerator"], row["value"]) == (10.0, 50.0)


def test_a_denominator_of_records_is_rounded_and_a_population_is_not() -> None:
    table = rows(
        rate(14, 1004.0, n=1004, unit="per 1,000 tests"), rate(14, 1004.0, unit="per 1,000 people")
    ).with_columns((1000 * pl.col("cases") / pl.col("denominator")).alias("value"))
    records, people = released(table, "opensafely").iter_rows(named=True)
    assert (records["denominator"], records["n"]) == (1005.0, 1005)  # midpoint of 1003 to 1008
    assert records["value"] == round(1000 * 15 / 1005, 6)
    assert (people["denominator"], people["value"]) == (1004.0, round(1000 * 15 / 1004, 6))


def test_a_count_is_rounded_and_a_zero_stays() -> None:
    table = rows(count(13), count(0), count(8), count(13, lower=6.9, upper=22.2))
    result = released(table, "opensafely")
    assert result["value"].to_list() == [15.0, 0.0, 10.0, 15.0]
    assert result["numerator"].to_list() == [15.0, 0.0, 10.0, 15.0]
    (low,), (high,) = poisson(15)
    assert result["lower"].to_list() == [None, None, None, round(low, 6)]
    assert result["upper"][3] == round(high, 6)


@pytest.mark.parametrize(
    ("name", "median", "mean"),
    [
        ("ons_srs", 34.0, 33.74), ("abs_datalab", 34.0, 33.74), ("acro", 35.0, 33.74),
        ("opensafely", 34.0, 34.0), ("nhs_hes", 33.7, 33.7),
    ],
)  # fmt: skip
def test_medians_are_rounded_to_the_declared_base(name: str, median: float, mean: float) -> None:
    parts = {"value": 33.74, "lower": 33.74, "upper": 33.74, "n": 203, "quantile": 0.5}
    table = rows(
        {"statistic": "median", **parts},
        {"statistic": "percentile", **parts},
        {"statistic": "mean", **parts},
    )
    result = released(table, name)
    for column in ("value", "lower", "upper"):
        assert result[column].to_list() == [median, median, mean]
    assert result["n"].to_list() == [205 if PROFILES[name].rounding else 203] * 3


def test_values_that_are_not_from_counts_stay_beside_rounded_counts_only() -> None:
    table = rows(
        {"statistic": "standardised_rate", "value": 512.3, "cases": 41, "numerator": 41.0,
         "denominator": 23_456.0, "n": 44, "lower": 500.1, "upper": 520.2},
        {"statistic": "regression", "value": 0.31, "n": 203, "denominator": 203.0,
         "numerator": 17.5, "residual_df": 190},
    )  # fmt: skip
    first, second = released(table, "nhs_hes").iter_rows(named=True)
    assert (first["value"], first["lower"], first["upper"]) == (512.3, 500.1, 520.2)
    assert (first["numerator"], first["denominator"], first["n"]) == (40.0, None, 45)
    assert (second["value"], second["denominator"], second["numerator"]) == (0.31, 205.0, None)


def test_national_rows_of_hes_are_as_they_are() -> None:
    table = rows(
        percentage(42, 98, area=ENGLAND),
        percentage(3, 98, area=ENGLAND),
        {"statistic": "median", "value": 33.74, "n": 203, "quantile": 0.5, "area": ENGLAND},
    )
    assert released(table, "nhs_hes").equals(table)


@pytest.mark.parametrize("name", ["ons_srs", "abs_datalab", "acro"])
def test_profiles_that_do_not_round_leave_values_as_they_are(name: str) -> None:
    table = rows(percentage(42, 98, lower=33.5, upper=52.7), rate(42, 9_800.0), count(42))
    assert released(table, name).equals(table)


# --- totals ---------------------------------------------------------------------------------------


def by(breakdown: str, cases: int, n: int, **changes: Any) -> dict[str, Any]:
    return percentage(cases, n, breakdown=breakdown, **changes)


def shown(table: pl.DataFrame, name: str = "opensafely") -> dict[str, tuple[Any, Any, Any]]:
    result = released(table, name)
    return {
        row["breakdown"]: (row["numerator"], row["denominator"], row["mark"])
        for row in result.iter_rows(named=True)
    }


def test_a_total_is_the_sum_of_its_rounded_parts() -> None:
    table = rows(
        by("all", 34, 89),
        by("age=age_0_9", 8, 22),
        by("age=age_10_19", 13, 33),
        by("age=age_20_29", 13, 34),
    )
    assert shown(table)["all"] == (10.0 + 15 + 15, 20.0 + 35 + 35, None)
    # By itself 34 of 89 would be 35 of 90, as the rules of HES have it.
    assert shown(table, "nhs_hes")["all"] == (35.0, 90.0, None)


def test_the_example_of_opensafely() -> None:
    """Four age bands, the first of them redacted: the total is that of the others."""
    counts = [
        ("age=age_20_29", 3),
        ("age=age_30_39", 8),
        ("age=age_40_49", 16),
        ("age=age_50_59", 23),
    ]
    table = rows(count(50), *(count(cases, breakdown=name) for name, cases in counts))
    result = released(table, "opensafely")
    assert result["value"].to_list() == [50.0, None, 10.0, 15.0, 25.0]
    assert result["note"].to_list() == [PARTLY, None, None, None, None]


def test_a_note_of_the_topic_is_kept_before_that_of_the_total() -> None:
    table = rows(
        count(13, note="Weekly."), count(3, breakdown="sex=female"), count(10, breakdown="sex=male")
    )
    assert released(table, "opensafely")["note"][0] == f"Weekly. {PARTLY}"


def test_a_total_tells_nothing_of_a_withheld_part() -> None:
    """Whatever the withheld part was, what is released is the same."""
    seen = {
        str(shown(rows(by("all", 20 + small, 50 + small + 9), by("sex=male", 20, 50),
                       by("sex=female", small, small + 9))))
        for small in range(1, 8)
    }  # fmt: skip
    assert len(seen) == 1


def test_a_total_without_any_published_part_is_withheld() -> None:
    table = rows(by("all", 13, 60), by("sex=female", 7, 30), by("sex=male", 6, 30))
    result, rule = protect_and_tell(
        table, PROFILES["opensafely"], check_rows(table, PROFILES["opensafely"])
    )
    assert rule.to_list() == ["rounding", "threshold", "threshold"]
    assert result["mark"].to_list() == ["c", "c", "c"]


def test_parts_that_do_not_make_up_the_whole_leave_it_alone() -> None:
    """Some tests have no sex: the whole is rounded by itself."""
    table = rows(by("all", 49, 118), by("sex=female", 23, 52), by("sex=male", 23, 52))
    assert shown(table)["all"] == (50.0, 120.0, None)


def test_a_part_that_nobody_is_in_changes_no_total() -> None:
    parts = {"sex=female": 13, "sex=male": 13, "age=age_0_9": 8}
    empty = {"mark": "x", "breakdown": "age=age_10_19"}
    table = rows(count(26), *(count(each, breakdown=name) for name, each in parts.items()), empty)
    assert released(table, "opensafely")["value"].to_list() == [30.0, 15.0, 15.0, 10.0, None]


def test_totals_of_totals_are_sums_of_the_finest_parts() -> None:
    cells = {
        ("female", "age_0_9"): (8, 33), ("female", "age_10_19"): (13, 38),
        ("male", "age_0_9"): (18, 43), ("male", "age_10_19"): (3, 23),
    }  # fmt: skip

    def total(**only: str) -> tuple[int, int]:
        chosen = [
            pair for (sex, age), pair in cells.items()
            if only.get("sex", sex) == sex and only.get("age", age) == age
        ]  # fmt: skip
        return sum(each[0] for each in chosen), sum(each[1] for each in chosen)

    table = rows(
        by("all", *total()),
        *(by(f"sex={sex}", *total(sex=sex)) for sex in ("female", "male")),
        *(by(f"age={age}", *total(age=age)) for age in ("age_0_9", "age_10_19")),
        *(by(f"sex={sex}|age={age}", *pair) for (sex, age), pair in cells.items()),
    )
    found = shown(table)
    assert found["sex=male|age=age_10_19"] == (None, None, "c")
    assert found["sex=female"] == (10.0 + 15, 35.0 + 40, None)
    assert found["sex=male"] == (20.0, 45.0, None)
    assert found["age=age_10_19"] == (15.0, 40.0, None)
    assert found["all"] == (45.0, 120.0, None)  # along either dimension
    # The order of rows and of the dimensions in a breakdown does not matter.
    turned = table.with_columns(
        pl.col("breakdown").str.replace(r"^(sex=\w+)\|(age=\w+)$", "${2}|${1}")
    ).reverse()
    assert shown(turned)["all"] == found["all"]


def test_of_several_dimensions_the_one_with_most_withheld_is_summed() -> None:
    table = rows(
        count(40),
        count(18, breakdown="sex=female"), count(22, breakdown="sex=male"),
        count(33, breakdown="age=age_0_9"), count(7, breakdown="age=age_10_19"),
    )  # fmt: skip
    result = released(table, "opensafely")
    assert result["value"].to_list() == [35.0, 20.0, 20.0, 35.0, None]


def test_totals_do_not_mix_areas_periods_or_indicators() -> None:
    for column, other in (("area", "E07000132"), ("indicator", "MAD-I2"), ("measure", "other")):
        table = rows(
            by("all", 34, 89), by("sex=female", 13, 44), by("sex=male", 21, 45, **{column: other})
        )
        assert shown(table)["all"] == (35.0, 90.0, None)


def test_a_withheld_total_stays_withheld() -> None:
    table = rows(count(34), count(13, breakdown="sex=female"), count(21, breakdown="sex=male"))
    rule = pl.Series("rule", ["inherits", None, None])
    assert protect(table, PROFILES["opensafely"], rule)["mark"].to_list() == ["c", None, None]


def test_a_rate_of_the_published_parts_has_their_population() -> None:
    table = rows(
        rate(33, 3_000.0), rate(5, 1_000.0, breakdown="sex=female"),
        rate(28, 2_000.0, breakdown="sex=male"),
    )  # fmt: skip
    first = released(table, "opensafely").row(0, named=True)
    assert (first["numerator"], first["denominator"]) == (27.0, 2_000.0)
    assert first["value"] == 100_000 * 27 / 2_000
    assert first["note"] == PARTLY


def test_steps_follow_levels_of_a_classification() -> None:
    group, division = "broad_industry_group_1", "division_01"
    steps = steps_up(
        ["all", f"industry={division}", f"industry={group}", f"industry={division}|sex=male",
         "sex=male", "industry=division_10"]
    )  # fmt: skip
    assert set(steps.rows()) == {
        (f"industry={division}", f"industry={group}", "industry", 2),
        (f"industry={division}|sex=male", f"industry={division}", "sex", 1),
        (f"industry={division}|sex=male", "sex=male", "industry", 1),
        (f"industry={group}", "all", "industry", 3),
        ("industry=division_10", "all", "industry", 3),  # its own group is not there
        ("sex=male", "all", "sex", 3),
    }


def test_a_breakdown_that_no_classification_has_is_refused() -> None:
    with pytest.raises(DisclosureError, match="does not know a breakdown"):
        steps_up(["all", "sex=other"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=4, max_size=4),
    st.lists(st.integers(0, 40), min_size=4, max_size=4),
)
def test_published_totals_are_sums_of_published_parts(cases: list[int], others: list[int]) -> None:
    names = [
        f"sex={sex}|age={age}" for sex in ("female", "male") for age in ("age_0_9", "age_10_19")
    ]
    pairs = list(zip(cases, (a + b + 1 for a, b in zip(cases, others, strict=True)), strict=True))
    table = rows(
        by("sex=female", pairs[0][0] + pairs[1][0], pairs[0][1] + pairs[1][1]),
        by("sex=male", pairs[2][0] + pairs[3][0], pairs[2][1] + pairs[3][1]),
        *(by(name, *pair) for name, pair in zip(names, pairs, strict=True)),
    )
    found = shown(table)
    for sex, parts in (("sex=female", names[:2]), ("sex=male", names[2:])):
        if found[sex][2] is None:
            published = [found[part] for part in parts if found[part][2] is None]
            assert published
            assert found[sex][0] == sum(part[0] for part in published)
            assert found[sex][1] == sum(part[1] for part in published)
    for numerator, denominator, mark in found.values():
        if mark is None:
            assert numerator % 5 == denominator % 5 == 0
            assert 0 <= numerator <= denominator


# --- values and their counts ----------------------------------------------------------------------


def test_values_may_be_off_by_their_rounding() -> None:
    for places in range(5):
        table = rows(
            *(percentage(cases, 97) | {"value": round(100 * cases / 97, places)}
              for cases in range(10, 80))
        )  # fmt: skip
        protect(table, PROFILES["ons_srs"])


@pytest.mark.parametrize("name", ["ons_srs", "opensafely"])
@pytest.mark.parametrize(
    "wrong",
    [
        percentage(42, 98) | {"value": 42.8},  # one decimal: 42.9
        percentage(42, 98) | {"value": 0.428571},
        percentage(42, 98) | {"denominator": 99.0},
        percentage(42, 98) | {"numerator": None, "denominator": None, "value": 43.9},
        rate(42, 9_800.0) | {"unit": "per 1,000 people"},
        rate(42, 9_800.0) | {"denominator": 10_000.0},
        count(42) | {"value": 43.0},
        count(42) | {"numerator": 43.0},
    ],
)
def test_a_value_that_is_not_of_its_counts_is_refused(wrong: dict[str, Any], name: str) -> None:
    good = percentage(1, 8, indicator="MAD-I9")
    with pytest.raises(DisclosureError, match="not what its numerator and denominator") as caught:
        protect(rows(good, wrong, wrong), PROFILES[name])
    statistic = wrong.get("statistic", "count")
    assert f"topic made, indicator MAD-I1, statistic {statistic}, unit" in str(caught.value.where)
    assert str(caught.value.where).endswith(": 2 rows")
    assert "E07000131" not in str(caught.value)


def test_one_value_of_a_decimal_too_few_does_not_loosen_the_others() -> None:
    """An indicator with one decimal is held to one, though one of its values is whole."""
    good = percentage(42, 98) | {"value": 42.9}
    whole = percentage(49, 98) | {"value": 50.0}
    protect(rows(good, whole), PROFILES["ons_srs"])
    with pytest.raises(DisclosureError, match="not what its numerator"):
        protect(rows(good, percentage(42, 98) | {"value": 43.0}), PROFILES["ons_srs"])


def test_withheld_rows_are_not_held_against_their_counts() -> None:
    table = rows(percentage(42, 98) | {"value": 1.0})
    rule = pl.Series("rule", ["secondary"])
    assert protect(table, PROFILES["ons_srs"], rule)["mark"].to_list() == ["c"]


def test_weighted_estimates_are_held_against_their_weighted_parts() -> None:
    weighted = percentage(42, 98) | {"numerator": 44.1, "denominator": 90.0, "value": 49.0}
    assert protect(rows(weighted), PROFILES["ons_srs"])["value"].to_list() == [49.0]


@pytest.mark.parametrize("unit", ["people", "", "per head"])
def test_a_unit_that_is_not_understood_is_refused(unit: str) -> None:
    with pytest.raises(DisclosureError, match="unit does not say") as caught:
        protect(rows(rate(42, 9_800.0) | {"unit": unit}), PROFILES["ons_srs"])
    assert "statistic rate" in str(caught.value.where)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("%", 100), ("share", 1), ("per 100,000 people a week", 100_000), ("deaths per 1000", 1000)],
)
def test_units_say_what_values_are_multiplied_by(unit: str, factor: float) -> None:
    made = rate(42, 9_800.0) | {"unit": unit, "value": factor * 42 / 9_800}
    protect(rows(made), PROFILES["ons_srs"])


def test_a_profile_may_round_to_another_base() -> None:
    tens = replace(
        PROFILES["nhs_hes"], rounding=Rounding(base=10, scheme="nearest"), quantile_base=0.5
    )
    table = rows(percentage(42, 98), {"statistic": "mean", "value": 2.3, "n": 44})
    first, second = protect(table, tens).iter_rows(named=True)
    assert (first["numerator"], first["denominator"]) == (40.0, 100.0)
    assert (second["value"], second["n"]) == (2.5, 40)
