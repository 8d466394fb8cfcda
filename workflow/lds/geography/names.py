"""The spellings under which one name of an area goes, and the codes that names stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lds.io import RESOURCES, read_yaml

if TYPE_CHECKING:
    from lds.geography.register import Register

_INVERTED = re.compile(
    r"^(?P<base>.+), (?P<title>(?:(?:royal |london |metropolitan )?borough|city|county|isle) of)$"
)
_QUOTES = re.compile(r"[.'’`]")
_DASHES = re.compile(r"[-\u2010-\u2014]")
_MATCHES: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "code": pl.String,
    "how": pl.String,
    "candidates": pl.List(pl.String),
}


def name_keys(name: str) -> frozenset[str]:
    """Return the keys that `name` is found under; two spellings match when they share one.

    Case, full stops, apostrophes, hyphens, repeated blanks, ``&`` for ``and`` and ``Saint`` for
    ``St`` make no difference, and ``Bristol, City of`` is also ``City of Bristol`` and ``Bristol``.
    Nothing here is fuzzy.
    """
    plain = _QUOTES.sub("", name.casefold()).replace("&", " and ")
    plain = " ".join(_DASHES.sub(" ", plain).split())
    plain = re.sub(r"\bsaint\b", "st", plain)
    inverted = _INVERTED.match(plain)
    if inverted is None:
        return frozenset({plain})
    base, title = inverted["base"], inverted["title"]
    return frozenset({plain, base, f"{title} {base}"})


@cache
def alternative_names(folder: Path = RESOURCES) -> pl.DataFrame:
    """Return the names in use that are no official ones.

    Columns: ``name``, ``code``, ``source``. One name may stand for several codes.
    """
    return pl.read_csv(folder / "area_names.csv", infer_schema=False)


@cache
def combined_areas(folder: Path = RESOURCES) -> pl.DataFrame:
    """Return the areas that publishers put together under one code.

    Columns: ``code`` (published under), ``name`` (one row for each spelling), ``members`` (list of
    LAD codes), ``source``.
    """
    frame = pl.read_csv(folder / "combined_areas.csv", infer_schema=False)
    return (
        frame.with_columns(
            pl.col("names").str.split("|").alias("name"), pl.col("members").str.split("|")
        )
        .explode("name")
        .select("code", "name", "members", "source")
    )


@cache
def _name_forms(folder: Path = RESOURCES) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of what may stand before and behind a name."""
    forms = read_yaml(folder / "name_forms.yaml")
    titles, endings = ("|".join(map(re.escape, forms[key])) for key in ("titles", "endings"))
    return re.compile(rf"^(?:the )?(?:{titles}) (?:the )?"), re.compile(rf" \(?(?:{endings})\)?$")


def without_title(name: str) -> frozenset[str]:
    """Return the keys of a name without what is no part of it: ``London Borough of``, ``Council``.

    Those are the words of ``workflow/resources/name_forms.yaml``; the keys of the whole name are
    not among them.
    """
    title, ending = _name_forms()
    keys = name_keys(name)
    shorter = {ending.sub("", key) for key in keys} | {title.sub("", key) for key in keys}
    shorter |= {title.sub("", ending.sub("", key)) for key in keys}
    return frozenset(shorter) - keys


def match_names(
    names: Iterable[str | None], register: Register, vintage: date | None = None
) -> pl.DataFrame:
    """Return the code of each name, where it is certain; nothing is guessed.

    Parameters
    ----------
    names : texts from a table, repeated or not.
    vintage : only areas live on that day are meant. Without it a name that two codes have had at
        different times stands for several.

    Returns
    -------
    pl.DataFrame
        One row per distinct text, sorted. ``text``; ``code``, null where none is certain; ``how``;
        ``candidates``, a list of ``code name``: the areas meant where there are several, those
        with that name at another time, or the most alike where nothing matches. Blank texts are
        left out. ``how`` is the first that applies:

        * ``code``: the text is itself a code of the register;
        * ``name``: the name of that day, letter for letter; ``spelling``: but for what `name_keys`
          makes alike;
        * ``old name``: an earlier or later name of the same code;
        * ``alternative``: a name of ``area_names.csv``;
        * ``title``: one of these with a title or an ending of ``name_forms.yaml``;
        * ``several``: more than one code; ``combined``: a name of ``combined_areas.csv``;
          ``another time``: none that was live on the day;
        * ``none``: nothing matches.

    Raises
    ------
    GeographyError : when the register is not complete for `vintage`.
    """
    index = _Index(register, vintage)
    texts = sorted({text for text in names if text is not None and text.strip()})
    rows = [(text, *index.match(text)) for text in texts]
    return pl.DataFrame(rows, schema=_MATCHES, orient="row")


class _Index:
    """The names of a register's areas, ready to be looked up."""

    def __init__(self, register: Register, vintage: date | None) -> None:
        self._register = register
        areas = register.areas
        self._known = set(areas["code"])
        live = areas if vintage is None else register.live_on(vintage)
        self._live = set(live["code"])
        # live_on() has the name of the day, areas the latest.
        self._exact = _gather((name, code) for code, name in live.select("code", "name").rows())
        self._spelling = _keyed(live.select("code", "name").rows())
        self._old = _keyed(
            (code, old)
            for code, name, old_names in areas.select("code", "name", "old_names").rows()
            for old in (name, *old_names)
        )
        alternatives = alternative_names().filter(pl.col("code").is_in(areas["code"].implode()))
        self._alternative = _keyed(alternatives.select("code", "name").rows())
        self._combined = _keyed(
            (member, name)
            for name, members in combined_areas().select("name", "members").rows()
            for member in members
        )

    def match(self, text: str) -> tuple[str | None, str, list[str]]:
        """Return the code, how it was found, and the candidates."""
        code = text.strip().upper()
        if code in self._known:
            if code in self._live:
                return code, "code", []
            return None, "another time", self._labels({code})
        keys = name_keys(text)
        steps = (
            ("name", self._exact.get(text.strip(), set())),
            ("spelling", _found(self._spelling, keys)),
            ("old name", _found(self._old, keys)),
            ("alternative", _found(self._alternative, keys)),
            ("title", _found(self._spelling, without_title(text))),
            ("title", _found(self._old, without_title(text))),
            ("title", _found(self._alternative, without_title(text))),
        )
        others: set[str] = set()
        for how, codes in steps:
            live = codes & self._live
            if len(live) == 1:
                return live.pop(), how, []
            if live:
                return None, "several", self._labels(live)
            others |= codes
        if combined := _found(self._combined, keys):
            return None, "combined", self._labels(combined)
        if others:
            return None, "another time", self._labels(others)
        return None, "none", self._register.suggest(text)

    def _labels(self, codes: set[str]) -> list[str]:
        return [self._register.label(code) for code in sorted(codes)]


def _gather(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, code in pairs:
        found.setdefault(key, set()).add(code)
    return found


def _keyed(named: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    return _gather((key, code) for code, name in named for key in name_keys(name))


def _found(index: dict[str, set[str]], keys: frozenset[str]) -> set[str]:
    return set().union(*(index.get(key, set()) for key in keys))
