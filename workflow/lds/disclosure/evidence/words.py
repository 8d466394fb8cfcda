"""Profiles, rules, tiers and numbers in words for the review page."""

from __future__ import annotations

import math
from datetime import date

from lds.disclosure.profiles import Profile, Rounding
from lds.disclosure.registers import load_rules
from lds.text import join_words

UNEXPLAINED = "unexplained"
"""In place of a rule where a row is withheld and no rule says why."""
PUBLISHER = "publisher"
"""In place of a rule where the publisher of open data withholds a row."""
TIERS = {
    "propagation": "bounds carried from cell to cell over the totals",
    "witness": "two fillings of the withheld cells that fit all that is released and lie far enough"
    " apart",
    "program": "the least and the most by linear programs",
    "integer": "the least and the most in whole numbers by integer programs",
}
"""What decides that a withheld cell is safe, the cheapest first."""

ASKED = {
    "released": "released",
    "withheld": "withheld",
    "widened": "released for a wider period or category instead",
    "missing": "without a value in the source",
}
"""What became of the rows that were asked for."""


def explain(rule: str) -> str:
    """Return the sentence that explains a rule to a checker."""
    own = {
        PUBLISHER: "The publisher of the open data withholds it.",
        UNEXPLAINED: "The gate gave no rule.",
    }
    return own[rule] if rule in own else load_rules()[rule]


def number(value: float | None) -> str:
    """Return a number of a table; a dash where there is none."""
    if value is None:
        return "–"
    if math.isinf(value):
        return "no limit"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def some(count: int, what: str) -> str:
    """Return a count of things: ``1 row``, ``1,200 rows``."""
    return f"{count:,} {what}" + "s" * (count != 1)


def interval(lower: float | None, upper: float | None) -> str:
    """Return an audited interval in words; a dash where the cell was not audited."""
    if lower is None or upper is None:
        return "–"
    return f"{number(lower)} to {number(upper)}"


def days(start: date, end: date) -> str:
    """Return a period in the narrowest form, for tables."""
    return start.isoformat() if start == end else f"{start.isoformat()} to {end.isoformat()}"


def share(part: float | None) -> str:
    """Return a share of 1 in per cent; a dash where there is none."""
    return "–" if part is None else f"{100 * part:.1f} %"


def rounding_in_words(rounding: Rounding) -> str:
    """Return how counts are rounded."""
    to = "midpoints of steps of" if rounding.scheme == "midpoint" else "multiples of"
    text = f"to {to} {rounding.base}"
    if rounding.totals == "sums":
        text += ", totals as sums of the rounded parts"
    if rounding.rates:
        text += f"; behind rates {rounding_in_words(rounding.rates)}"
    return text


def profile_in_words(profile: Profile) -> list[tuple[str, str]]:
    """Return the rules of a profile as (what, how much), without those that it does not have."""
    if not profile.protects:
        return [("Rule", "The publisher's marks are kept; nothing is withheld here.")]
    pairs: list[tuple[str, str | None]] = [
        ("Least count", f"{profile.threshold:,}"),
        ("Counts of zero", profile.zeros),
        ("Largest share of a whole", _percent(profile.group_share, "below ")),
        ("Least number of enterprises", _number(profile.enterprises)),
        (
            "Dominance",
            join_words(
                [f"{each.n} largest below {100 * each.share:g} %" for each in profile.dominance]
            ),
        ),
        ("p % rule", f"p = {profile.p_percent:g}" if profile.p_percent is not None else None),
        ("Rounding of counts", rounding_in_words(profile.rounding) if profile.rounding else None),
        ("Least events behind a standardised figure", _number(profile.events)),
        ("Least residual degrees of freedom", _number(profile.residual_df)),
        ("Medians and percentiles rounded to", _number(profile.quantile_base)),
        ("Secondary suppression", "yes" if profile.secondary else "no"),
        ("Published as they are", join_words(profile.exempt)),
        ("A withheld count", _protection(profile)),
        (
            "A withheld amount",
            f"uncertain by {profile.protection.percent:g} % on each side"
            if profile.protection.percent
            else None,
        ),
        (
            "A file",
            f"at most {profile.limits.rows:,} rows and {profile.limits.bytes:,} bytes"
            if profile.limits
            else None,
        ),
    ]
    return [(what, text) for what, text in pairs if text]


def _number(value: float | None) -> str | None:
    return f"{value:,g}" if value else None


def _percent(part: float | None, before: str) -> str | None:
    return f"{before}{100 * part:g} %" if part else None


def _protection(profile: Profile) -> str:
    text = f"can be whole numbers at least {profile.protection.span:,} apart"
    if profile.protection.reach:
        text += f", and {profile.protection.reach:,} or more"
    return text
