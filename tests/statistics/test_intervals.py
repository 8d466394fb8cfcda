"""Intervals of proportions and of counts of events, each against a second source."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson as poisson_distribution

from lds.errors import LdsError
from lds.statistics.intervals import EXACT_BELOW, byar, exact_poisson, poisson, wilson

# --- proportions: Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
# Medicine 17 (1998), table I, method 3.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("count", "total", "lower", "upper"), NEWCOMBE)
def test_wilson_gives_the_published_values(
    count: int, total: int, lower: float, upper: float
) -> None:
    (low,), (high,) = wilson(count, total)
    assert (round(low, 4), round(high, 4)) == (lower, upper)


@settings(deadline=None)  # the first call loads statsmodels
@given(st.integers(1, 10**6), st.floats(0, 1), st.sampled_from([0.95, 0.998]))
def test_wilson_limits_solve_the_score_equation(total: int, share: float, level: float) -> None:
    """A limit p is where the observed share is z standard errors, at p, away."""
    count = round(total * share)
    z = {0.95: 1.959963984540054, 0.998: 3.090232306167813}[level]
    for limits in wilson(count, total, level):
        (limit,) = limits
        # Squares: near 0 and 1 the root of the error of a limit would be large.
        distance = (count / total - limit) ** 2
        assert math.isclose(
            distance, z**2 * limit * (1 - limit) / total, rel_tol=1e-6, abs_tol=1e-12
        )


def test_wilson_is_vectorised_and_keeps_what_is_missing() -> None:
    lower, upper = wilson([81, math.nan, 5, 0], [263, 100, math.nan, 0])
    assert np.round([lower[0], upper[0]], 4).tolist() == [0.2553, 0.3662]
    assert np.isnan(lower[1:]).all()
    assert np.isnan(upper[1:]).all()


@pytest.mark.parametrize(("count", "total"), [([5, -1], [10, 10]), ([5, 11], [10, 10])])
def test_wilson_refuses_what_is_no_proportion(count: list[int], total: list[int]) -> None:
    with pytest.raises(LdsError, match="below 0 or above 1") as caught:
        wilson(count, total)
    assert caught.value.where == "1 values"


# --- counts of events: the exact limits that tables of the Poisson distribution print; that of no
# events, 3.689, stands in the documentation of the R package epitools (pois.exact).
EXACT = [
    (0, 0.0, 3.689),
    (1, 0.025, 5.572),
    (2, 0.242, 7.225),
    (5, 1.623, 11.668),
    (9, 4.115, 17.085),
    (10, 4.795, 18.390),
    (20, 12.217, 30.888),
    (100, 81.364, 121.627),
]


@pytest.mark.parametrize(("events", "lower", "upper"), EXACT)
def test_exact_limits_are_those_of_the_tables(events: int, lower: float, upper: float) -> None:
    (low,), (high,) = exact_poisson(events)
    assert low == pytest.approx(lower, abs=6e-4)
    assert high == pytest.approx(upper, abs=6e-4)


@settings(deadline=None)
@given(st.integers(0, 5000))
def test_exact_limits_leave_a_fortieth_in_each_tail(events: int) -> None:
    """By the distribution itself, which knows no chi-squared."""
    (low,), (high,) = exact_poisson(events)
    assert poisson_distribution.cdf(events, high) == pytest.approx(0.025, rel=1e-6)
    if events:
        assert poisson_distribution.sf(events - 1, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0


def test_byars_limits_by_hand() -> None:
    """For 25 events: 25 (1 - 1/225 - z/15)^3 and 26 (1 - 1/234 + z/(3 sqrt 26))^3."""
    z = 1.959963984540054
    (low,), (high,) = byar(25)
    assert low == pytest.approx(25 * (1 - 1 / 225 - z / 15) ** 3)
    assert high == pytest.approx(26 * (1 - 1 / 234 + z / (3 * math.sqrt(26))) ** 3)
    assert (round(low, 2), round(high, 2)) == (16.17, 36.91)


def test_byars_limits_are_within_a_fifth_of_a_percent_from_ten_on() -> None:
    """What the technical guidance states as the reason for the change at ten events."""
    events = np.arange(EXACT_BELOW, 2000)
    for near, exact in zip(byar(events), exact_poisson(events), strict=True):
        assert np.abs(near / exact - 1).max() < 0.002


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_the_method_changes_at_ten_events(level: float) -> None:
    events = [0, 9, 10, 11]
    lower, upper = poisson(events, level)
    assert [lower[:2].tolist(), upper[:2].tolist()] == [
        each[:2].tolist() for each in exact_poisson(events, level)
    ]
    assert [lower[2:].tolist(), upper[2:].tolist()] == [
        each[2:].tolist() for each in byar(events, level)
    ]
    assert EXACT_BELOW == 10


def test_a_rate_interval_by_hand() -> None:
    """Five deaths of 10,000 people: 16.23 to 116.68 per 100,000 by the table above."""
    limits = [100_000 * each[0] / 10_000 for each in poisson(5)]
    assert np.round(limits, 1).tolist() == [16.2, 116.7]


def test_missing_events_have_no_interval() -> None:
    lower, upper = poisson([math.nan, 3, 30])
    assert np.isnan([lower[0], upper[0]]).all()
    assert np.isfinite([*lower[1:], *upper[1:]]).all()


@pytest.mark.parametrize("method", [poisson, byar, exact_poisson])
def test_negative_numbers_of_events_are_refused(method) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LdsError, match="negative") as caught:
        method([3, -1, -2])
    assert caught.value.where == "2 values"


def test_the_interval_covers_what_it_should() -> None:
    """Coverage of true rates, calculated from the distribution, not drawn."""
    seen = np.arange(0, 400)
    lower, upper = poisson(seen)
    for mean in (3.0, 8.0, 15.0, 60.0, 150.0):
        chance = poisson_distribution.pmf(seen, mean)
        covered = chance[(lower <= mean) & (mean <= upper)].sum()
        assert 0.94 <= covered <= 0.99


def test_the_module_loads_no_heavy_library(root: Path) -> None:
    code = "import sys, lds.statistics.intervals; print({'scipy', 'statsmodels'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{root}/workflow"},
    )
    assert done.stdout == "set()\n"
