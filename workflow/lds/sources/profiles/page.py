"""Source profiles as pages for people: one for each source, and a list of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jinja2

from lds.io import write_text
from lds.sources.profiles.change import FIRST, number, percent
from lds.text import date_range, long_date

Profile = Mapping[str, Any]
Difference = Mapping[str, Any]
STAYS = {
    "secure": "This page holds counts below the disclosure threshold. It must not leave the trusted"
    " research environment.",
    "local": "This page holds counts below the disclosure threshold. It must not leave the machines"
    " that the district's data are kept on.",
}
"""What a page of a source that is not open says of itself, by access."""
ACCESS = {"open": "open data", "secure": "secure", "local": "a district's own data"}
DROPPED = {"blank": "blank", "footnote": "of footnotes", "above_header": "above the header"}
"""What rows that are no data are called, by the cause in the report of staging."""


def times_in_words(profile: Profile) -> str:
    """Return the time that the rows cover, over all columns that carry it; empty without any."""
    days = [date.fromisoformat(each[key]) for each in profile["times"] for key in ("first", "last")]
    return date_range(min(days), max(days)) if days else ""


def vintages_in_words(profile: Profile) -> str:
    """Return the code vintages of a source in few words; empty without codes."""
    return "; ".join(dict.fromkeys(each["short"] for each in profile["vintages"] if each["short"]))


def gaps_in_words(time: Mapping[str, Any]) -> str:
    """Return how many days, weeks, ... are missing in a time, and where; empty without any."""
    missing = time.get("missing_steps", 0)
    if not missing:
        return ""
    places = [
        f"between {long_date(date.fromisoformat(gap['after']))}"
        f" and {long_date(date.fromisoformat(gap['before']))} ({gap['steps']:,})"
        for gap in time["gaps"]
    ]
    more = missing - sum(gap["steps"] for gap in time["gaps"])
    others = f", and {more:,} more later" if more else ""
    word = time["step"] + "s" * (missing != 1)
    return f"{missing:,} {word} missing: {', '.join(places)}{others}."


def figure(value: float | None) -> str:
    """Return a number of a table; a dash where there is none."""
    return "–" if value is None else number(value)


def extent(column: Mapping[str, Any]) -> str:
    """Return from where to where the values of a column run; empty where they have no order."""
    if column.get("first"):
        first, last = (date.fromisoformat(column[key]) for key in ("first", "last"))
        return date_range(first, last)
    if column.get("minimum") is not None:
        return f"{number(column['minimum'])} to {number(column['maximum'])}"
    return ""


def width(part: float) -> str:
    """Return the width of a bar: a share of 1 in per cent; what is there at all can be seen."""
    return f"{max(100 * part, 0.7 if part else 0):.1f}%"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    words = (times_in_words, vintages_in_words, gaps_in_words, figure, extent, width)
    environment.filters |= {each.__name__: each for each in words}
    environment.filters["percent"] = lambda part: percent(part) if part else "0%"
    return environment


def render_profile(profile: Profile, difference: Difference, *, template: str, style: str) -> str:
    """Return the page of one source.

    Parameters
    ----------
    profile, difference : as `lds.sources.profiles.profile.profile` and
        `lds.sources.profiles.difference.difference` return them.
    template, style : text of the Jinja2 template and of the style sheet that the page carries.
    """
    first = [each for each in difference["changes"] if each["severity"] == FIRST]
    others = [each for each in difference["changes"] if each["severity"] != FIRST]
    return (
        _environment()
        .from_string(template)
        .render(
            profile=profile,
            difference=difference,
            first=first,
            others=others,
            stays=STAYS.get(profile["access"], ""),
            access=ACCESS[profile["access"]],
            dropped=DROPPED,
            style=style,
        )
    )


def render_list(
    profiles: Sequence[Profile], differences: Sequence[Difference], *, template: str, style: str
) -> str:
    """Return the page that lists the profiles, each with its difference, in the order given."""
    return (
        _environment()
        .from_string(template)
        .render(
            sources=list(zip(profiles, differences, strict=True)),
            stays=sorted({STAYS[each["access"]] for each in profiles if each["access"] in STAYS}),
            style=style,
        )
    )


def write_pages(
    folder: Path,
    profiles: Sequence[Profile],
    differences: Sequence[Difference],
    *,
    template: Path,
    list_template: Path,
    style: Path,
) -> None:
    """Write ``<source>.html`` for each profile, and ``index.html``, into `folder`."""
    css = style.read_text(encoding="utf-8")
    page = template.read_text(encoding="utf-8")
    for profile, difference in zip(profiles, differences, strict=True):
        text = render_profile(profile, difference, template=page, style=css)
        write_text(folder / f"{profile['source']}.html", text)
    listing = list_template.read_text(encoding="utf-8")
    text = render_list(profiles, differences, template=listing, style=css)
    write_text(folder / "index.html", text)
