"""The spellings under which one name of an area goes."""

from __future__ import annotations

import re

_INVERTED = re.compile(r"^(?P<base>.+), (?P<title>(?:city|county) of)$")


def name_keys(name: str) -> frozenset[str]:
    """Return the keys that `name` is found under; two spellings match when they share one.

    Case, full stops, apostrophes, hyphens, repeated blanks and ``&`` make no difference, and
    ``Bristol, City of`` is also ``City of Bristol`` and ``Bristol``. Nothing here is fuzzy.
    """
    plain = re.sub(r"[.'’]", "", name.casefold()).replace("&", " and ").replace("-", " ")
    plain = " ".join(plain.split())
    inverted = _INVERTED.match(plain)
    if inverted is None:
        return frozenset({plain})
    base, title = inverted["base"], inverted["title"]
    return frozenset({plain, base, f"{title} {base}"})
