"""How a source was carried to the districts of the vintage, in words, from its released account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lds.text import join_words, long_date

CARRIED_OVER = {
    "change": (
        "Its figures are best-fit: means of those of {names}, weighted by population (mid-2019), on"
        " days when the parts with a figure hold at least {share:.0%} of it."
    ),
    "category": (
        "Where {names} were under different rules, those of the part with most people are given."
    ),
    "count": "Its counts are best-fit: those of {names}, divided or moved by {basis}.",
    "rate": (
        "Its rates are best-fit: numerators and denominators of {names} were divided or moved by"
        " {basis} and the rates worked out again."
    ),
    "mean": "Its means are best-fit: those of {names}, weighted by their records and {basis}.",
}
"""How the values of a best-fit area came about, by the kind of the conversion."""
UNDIVIDED = "It cannot be made from that of other areas: only unchanged areas keep theirs."
METHOD = {
    "change": "Means of the parts with a value, weighted by {basis}; at least {share:.0%} of it.",
    "category": "The label of all parts, or of most of their people ({basis}).",
    "count": "Counts are added; where an area is divided, by {basis}.",
    "rate": "Numerators and denominators are added and the rate worked out again; never averaged.",
    "mean": "Means are weighted by the records behind them.",
    **dict.fromkeys(("median", "index", "rank"), UNDIVIDED),
}
"""How a source of each kind is carried over."""

MOST_NAMES = 40
"""Districts that a sentence lists; more are counted."""


def best_fit_sentence(
    account: Mapping[str, Any], code: str, names: Mapping[str, str]
) -> str | None:
    """Return how the values of one area came about, or None where they are exact.

    Parameters
    ----------
    account : of one source, from ``conversions`` of ``release.json``.
    names : name of every code of the register.
    """
    made_from = account["areas"]["best_fit"].get(code)
    custom = account.get("custom_areas", {}).get(code)
    if custom and custom["match"] == "best_fit":
        made_from = custom["from_codes"]
    if not made_from:
        return None
    listed = [names.get(part, part) for part in made_from]
    return CARRIED_OVER[account["kind"]].format(
        names=join_words(listed) if len(listed) <= MOST_NAMES else f"{len(listed)} districts",
        share=account["minimum_coverage"] or 0,
        basis=account["basis"],
    )


def conversion_card(
    account: Mapping[str, Any], title: str, code: str, names: Mapping[str, str]
) -> tuple[str, list[tuple[str, str]]]:
    """Return the method card of a source's conversion: title, and rows of term and text.

    Parameters
    ----------
    account, names : as for `best_fit_sentence`.
    title : of the source.
    code : the area of the page.
    """
    vintage = long_date(date.fromisoformat(account["vintage"]))
    codes, rows, people = account["codes"], account["rows"], account["people"]
    lines = [
        (
            "Codes",
            f"{codes['given']:,} codes of districts came in; {_lost(codes['lost'])} to no district"
            f" of {vintage}.",
        ),
        (
            "Rows and people",
            f"{rows['given']:,} rows with such a code, {rows['lost']:,} of them lost. The districts"
            f" behind those kept hold {people['matched']:,} people, those lost {people['lost']:,}"
            " (mid-2019).",
        ),
        (
            "Method",
            METHOD[account["kind"]].format(
                basis=account["basis"], share=account["minimum_coverage"] or 0
            ),
        ),
    ]
    for column, total in account["totals"].items():
        lines.append(
            (
                "Total",
                f"{column}: {_number(total['before'])} before, {_number(total['after'])} after.",
            )
        )
    own = sorted(
        {
            path
            for paths in account["paths"].values()
            for path in paths
            if path.endswith(f">{code}") or path.startswith(f"{code}>")
        }
    )
    if own:
        told = [
            " became ".join(f"{names[step]} ({step})" for step in path.split(">")) for path in own
        ]
        lines.append(("Path of this district", f"{'; '.join(told)}."))
    return f"{title}: carried to the districts of {vintage}", lines


def _lost(count: int) -> str:
    return f"{count:,} {'leads' if count == 1 else 'lead'}"


def _number(text: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")
