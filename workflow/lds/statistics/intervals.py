"""Confidence intervals of proportions and of counts of events.

The definitions are those of the Office for Health Improvement and Disparities (technical guidance,
confidence intervals), which PHStatsMethods follows too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lds.errors import LdsError

if TYPE_CHECKING:  # libraries are slow to load, and Snakemake loads this module at every start
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Limits = tuple[NDArray[np.float64], NDArray[np.float64]]

LEVEL = 0.95
EXACT_BELOW = 10
"""Number of events from which on Byar's approximation is used."""


def wilson(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> Limits:
    """Return the Wilson score interval of proportions.

    Parameters
    ----------
    count, total : cases and what they are part of, one each per proportion; NaN where missing.
    level : confidence, between 0 and 1.

    Returns
    -------
    Lower and upper limits, as proportions; NaN where an input is missing or the total is 0.

    Raises
    ------
    LdsError : a negative count, or one above its total.
    """
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    cases, whole = _numbers(count), _numbers(total)
    wrong = int(((cases < 0) | (cases > whole)).sum())
    if wrong:
        raise LdsError(
            "A proportion is below 0 or above 1, so it has no interval.", where=f"{wrong} values"
        )
    known = np.isfinite(cases) & (whole > 0)
    lower, upper = np.full(cases.shape, np.nan), np.full(cases.shape, np.nan)
    if known.any():
        lower[known], upper[known] = proportion_confint(
            cases[known], whole[known], alpha=1 - level, method="wilson"
        )
    return lower, upper


def exact_poisson(events: ArrayLike, level: float = LEVEL) -> Limits:
    """Return the exact interval of the expected number of events (chi-squared, both tails alike).

    Raises
    ------
    LdsError : a negative count.
    """
    import numpy as np
    from scipy.stats import chi2

    observed = _events(events)
    tail = (1 - level) / 2
    # No events: the chi-squared distribution without degrees of freedom is all at 0.
    least = chi2.ppf(tail, 2 * np.where(observed > 0, observed, np.nan)) / 2
    lower = np.where(observed == 0, 0.0, least)
    return lower, np.asarray(chi2.ppf(1 - tail, 2 * (observed + 1)) / 2, dtype=np.float64)


def byar(events: ArrayLike, level: float = LEVEL) -> Limits:
    """Return Byar's interval of the expected number of events: close to the exact one from 10 on.

    Raises
    ------
    LdsError : a negative count.
    """
    import numpy as np
    from scipy.stats import norm

    observed = _events(events)
    z = norm.ppf(1 - (1 - level) / 2)
    above = observed + 1
    some = np.where(observed > 0, observed, np.nan)
    lower = some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    upper = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return np.where(observed == 0, 0.0, lower), upper


def poisson(events: ArrayLike, level: float = LEVEL) -> Limits:
    """Return the interval of the expected number of events: exact below 10 events, Byar's from 10.

    Divide both limits by the population for those of a rate.

    Raises
    ------
    LdsError : a negative count.
    """
    import numpy as np

    observed = _events(events)
    lower, upper = byar(observed, level)
    few = observed < EXACT_BELOW
    if few.any():
        # A table of rates repeats the same few numbers.
        distinct, place = np.unique(observed[few], return_inverse=True)
        least, most = exact_poisson(distinct, level)
        lower[few], upper[few] = least[place], most[place]
    return lower, upper


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    import numpy as np

    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _events(values: ArrayLike) -> NDArray[np.float64]:
    observed = _numbers(values)
    wrong = int((observed < 0).sum())
    if wrong:
        raise LdsError("A number of events is negative.", where=f"{wrong} values")
    return observed
