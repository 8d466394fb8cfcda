"""Random numbers by name: uniform, independent, and whole numbers that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lds.synthetic.draws import (
    mixed,
    normal,
    pick,
    pick_by_row,
    scattered,
    share_out,
    stream,
    uniform,
)

KEYS = np.arange(200_000, dtype=np.uint64)


def test_a_stream_depends_on_its_name_and_seed_alone() -> None:
    first = stream(1, "lsoas", "E06000001").random(5)
    assert (first == stream(1, "lsoas", "E06000001").random(5)).all()
    for other in (stream(2, "lsoas", "E06000001"), stream(1, "lsoas", "E06000002")):
        assert not (first == other.random(5)).any()


def test_hashes_of_neighbouring_keys_are_uniform_and_uncorrelated() -> None:
    one, two = uniform(KEYS, "one"), uniform(KEYS, "two")
    assert stats.kstest(one, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[:-1], one[1:])[0, 1]) < 0.01
    assert stats.kstest(normal(KEYS, "three"), "norm").pvalue > 0.001


def test_no_two_keys_have_the_same_hash() -> None:
    assert len(np.unique(mixed(KEYS, "any"))) == len(KEYS)


def test_categories_come_with_their_odds() -> None:
    odds = np.array([1.0, 0.0, 3.0, 6.0])
    counts = np.bincount(pick(uniform(KEYS, "pick"), odds), minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], len(KEYS) * odds[[0, 2, 3]] / 10).pvalue > 0.001


def test_each_row_has_its_own_odds() -> None:
    odds = np.array([[1.0, 1.0, 2.0], [5.0, 0.0, 0.0], [0.0, 1.0, 3.0]])
    rows = (KEYS % np.uint64(3)).astype(np.int64)
    found = pick_by_row(uniform(KEYS, "rows"), rows, odds)
    for row in range(3):
        counts = np.bincount(found[rows == row], minlength=3)
        expected = odds[row] / odds[row].sum() * (rows == row).sum()
        assert np.abs(counts - expected).max() < 5 * np.sqrt(expected.max())
        assert (counts[odds[row] == 0] == 0).all()


@given(st.integers(0, 10_000), st.lists(st.floats(0.001, 100), min_size=1, max_size=30))
@settings(derandomize=True, deadline=None)
def test_shares_add_up_and_are_within_one(total: int, weights: list[float]) -> None:
    parts = share_out(total, weights)
    assert parts.sum() == total
    assert np.abs(parts - np.array(weights) / sum(weights) * total).max() < 1.0 + 1e-6


@given(st.integers(0, 10**6))
@settings(derandomize=True, deadline=None, max_examples=40)
def test_scattered_rows_add_up_and_are_within_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    totals = draw.integers(0, 50, 7)
    weights = draw.integers(1, 1 << 20, (7, 11))
    found = scattered(totals, weights, draw.random(7))
    assert (found.sum(axis=1) == totals).all()
    expected = totals[:, None] * weights / weights.sum(axis=1, keepdims=True)
    assert (np.floor(expected) <= found).all()
    assert (found <= np.ceil(expected)).all()


def test_scattered_ones_fall_everywhere() -> None:
    """With one person a row, each place gets its share of rows: none is preferred."""
    rows = 20_000
    weights = np.tile(np.array([1, 2, 3, 4]), (rows, 1))
    found = scattered(np.ones(rows, np.int64), weights, np.random.default_rng(1).random(rows))
    assert stats.chisquare(found.sum(axis=0), rows * np.array([0.1, 0.2, 0.3, 0.4])).pvalue > 0.001


def test_an_impossible_weight_is_never_chosen() -> None:
    assert set(pick(np.array([0.0, 0.999999]), [0, 1, 0]).tolist()) == {1}


@pytest.mark.parametrize("total", [0, 1, 999])
def test_one_place_gets_everything(total: int) -> None:
    assert share_out(total, [0.3]).tolist() == [total]
