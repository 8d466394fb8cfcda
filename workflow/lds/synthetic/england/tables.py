"""Tables of the whole country: its people counted by small area and by district of any day."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lds.synthetic.draws import Floats, Ints, stream
from lds.synthetic.england.country import England
from lds.synthetic.england.people import Residents
from lds.synthetic.england.recipe import AGES, ETHNIC_GROUPS

AGE_NAMES = [*map(str, range(AGES - 1)), f"{AGES - 1}+"]
"""Headings of the single years of age, as the ONS writes them."""


def districts_on(england: England, day: date) -> tuple[pl.DataFrame, Ints]:
    """Return the LADs of a day, and which of them each district of the recipe is in.

    Columns: ``code``, ``name`` (of that day), ``region_code``; sorted by code.
    """
    codes = england.codes_on(day)
    names = dict(england.register.live_on(day).select("code", "name").iter_rows())
    regions = dict(zip(codes, england.regions, strict=True))
    wanted = sorted(regions)
    frame = pl.DataFrame(
        {
            "code": wanted,
            "name": [names[code] for code in wanted],
            "region_code": [regions[code] for code in wanted],
        }
    )
    return frame, np.searchsorted(np.array(wanted), np.array(codes))


def by_lad(values: Ints, lads: Ints) -> Ints:
    """Return the sums over the districts of each LAD; `lads` as by `districts_on`."""
    sums = np.zeros((int(lads.max()) + 1, *values.shape[1:]), dtype=np.int64)
    np.add.at(sums, lads, values)
    return sums


def part_of(counts: NDArray[np.integer], share: float, start: float) -> Ints:
    """Return how many of each count belong to a part: at most all, its share in any long run.

    Systematic rounding: what one cell is rounded down by goes to the next.

    Parameters
    ----------
    start : where rounding starts, in [0, 1).
    """
    steps = np.floor(np.cumsum(counts, dtype=np.int64) * share + start)
    found: Ints = np.diff(steps, prepend=np.floor(start)).astype(np.int64)
    return found.reshape(counts.shape)


def white_british(england: England, residents: Residents) -> Ints:
    """Return how many of the White residents of a district are White British.

    Every file has these, whatever it adds up: LSOAs x ages x `SEXES`.
    """
    row = england.recipe.districts.row(residents.district, named=True)
    white = residents.by_age[:, ETHNIC_GROUPS.index("white")]
    share = min(1.0, row["white_british"] * len(residents) / max(1, int(white.sum())))
    draw = stream(england.seed, "white british", row["code"])
    return part_of(white, share, float(draw.random()))


def parts_of_groups(england: England, residents: Residents) -> dict[str, Ints]:
    """Return residents of each LSOA of a district by the parts of their ethnic group.

    Keys are ``group/part``; the parts of a group add up to it in each LSOA.
    """
    counts = residents.counts.sum(axis=(2, 3), dtype=np.int64)
    draw = stream(
        england.seed, "ethnic parts", england.recipe.districts["code"][residents.district]
    )
    found: dict[str, Ints] = {}
    for place, group in enumerate(ETHNIC_GROUPS):
        rest = counts[:, place]
        shares = england.recipe.settings["ethnic_groups"][f"{group}_parts"]
        if group == "white":
            found["white/british"] = white_british(england, residents).sum(axis=(1, 2))
            rest = rest - found["white/british"]
        left = sum(shares.values())
        *first, last = shares
        for part in first:
            taken = part_of(rest, shares[part] / left, float(draw.random()))
            found[f"{group}/{part}"] = taken
            rest, left = rest - taken, left - shares[part]
        found[f"{group}/{last}"] = rest
    return found


def weighted_mean(values: Floats, weights: Floats, group: Ints, groups: int) -> Floats:
    """Return the mean of each group, weighted."""
    above = np.bincount(group, values * weights, groups)
    found: Floats = above / np.bincount(group, weights, groups)
    return found
