"""Random numbers that depend on a seed and on names, never on what was drawn before.

Every district, file and attribute has a stream of its own, so that adding one changes no other.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the stream of random numbers of a name (Philox, keyed by the SHA-256 of the names)."""
    text = "/".join(map(str, (seed, *names)))
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.Philox(key=key))


def mixed(keys: Keys, salt: str) -> Keys:
    """Return a hash of each key: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).

    One-to-one for each `salt`.
    """
    offset = int.from_bytes(hashlib.sha256(salt.encode()).digest()[:8], "big")
    with np.errstate(over="ignore"):
        x = (keys + np.uint64(offset)) * _GOLDEN
        x = (x ^ (x >> np.uint64(30))) * _MIX_1
        x = (x ^ (x >> np.uint64(27))) * _MIX_2
        return x ^ (x >> np.uint64(31))


def uniform(keys: Keys, salt: str) -> Floats:
    """Return a number in [0, 1) for each key: the same for the same key and salt, wherever."""
    return (mixed(keys, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(keys: Keys, salt: str) -> Floats:
    """Return a standard normal number for each key (Box and Muller, 1958)."""
    radius = np.sqrt(-2 * np.log1p(-uniform(keys, f"{salt}/radius")))
    found: Floats = radius * np.cos(2 * np.pi * uniform(keys, f"{salt}/angle"))
    return found


def pick(u: Floats, weights: ArrayLike) -> Ints:
    """Return the place of a category for each number in [0, 1), with odds as `weights`."""
    steps = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(steps, u * steps[-1], side="right")
    chosen: Ints = np.minimum(found, len(steps) - 1).astype(np.int64)
    return chosen


def pick_by_row(u: Floats, rows: Ints, weights: Floats) -> Ints:
    """Return the place of a category for each number, with the odds of its row of `weights`.

    Parameters
    ----------
    rows : the row of each number.
    weights : rows x categories.
    """
    steps = np.cumsum(weights, axis=1)
    steps /= steps[:, -1:]
    # One sorted list for all rows: row r has the numbers r to r + 1.
    flat = (steps + np.arange(len(steps))[:, None]).ravel()
    found = np.searchsorted(flat, u + rows, side="right") - rows * weights.shape[1]
    chosen: Ints = np.clip(found, 0, weights.shape[1] - 1).astype(np.int64)
    return chosen


def drawn_places(draw: np.random.Generator, number: int, edges: Floats) -> Ints:
    """Return a number of places in rising order, drawn with odds as the steps of `edges`."""
    # Sums of exponential numbers are uniform numbers in order (Rényi, 1953): no sorting.
    steps = np.cumsum(draw.standard_exponential(number + 1))
    found = np.searchsorted(edges, steps[:-1] * (edges[-1] / steps[-1]), side="right")
    places: Ints = np.minimum(found, len(edges) - 1).astype(np.int64)
    return places


def share_out(total: int, weights: ArrayLike) -> Ints:
    """Return whole numbers that add up to `total`, as near to `weights` as rounding allows."""
    steps = np.cumsum(np.asarray(weights, dtype=np.float64))
    edges = np.floor(steps / steps[-1] * total + 0.5).astype(np.int64)
    edges[-1] = total
    parts: Ints = np.diff(edges, prepend=0)
    return parts


def scattered(totals: Ints, weights: Ints, offsets: Floats) -> Ints:
    """Divide many totals among the same number of places, each row exactly, without a pattern.

    Systematic sampling with a random start for each row: a place gets its expected number, rounded
    up or down. In whole numbers throughout, so that each row adds up to its total.

    Parameters
    ----------
    totals : what each row divides.
    weights : rows x places, whole numbers with a sum of at least 1 in each row; `totals` times that
        sum stay below 2**62.
    offsets : where each row starts, in [0, 1).

    Returns
    -------
    Rows x places.
    """
    steps = np.cumsum(weights, axis=1)
    whole = steps[:, -1]
    start = np.minimum((offsets * whole).astype(np.int64), whole - 1)
    edges = (steps * totals[:, None] + start[:, None]) // whole[:, None]
    return np.diff(edges, axis=1, prepend=0)
