"""The personal data guard: what must not be in a raw file, told by names of columns and by values.

Nothing here returns or shows a value. What tells the kinds apart is in
``workflow/resources/personal_data.yaml``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lds.errors import SourceError
from lds.io import RESOURCES, read_yaml
from lds.sources.contract import Column, Contract

LONGEST = 200
"""Letters of a value that are looked at."""
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[0-9])(?=[A-Za-z])")
_CAPITALS_AND_NUMBER = re.compile(r"(?<=[A-Z])(?=[0-9])")
_NO_LETTER = re.compile(r"[^A-Za-z0-9]+")
_NAME_WORDS = re.compile(r"[^\W\d_]+(?:['’`-][^\W\d_]+)*")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of personal data; see ``workflow/resources/personal_data.yaml`` for the keys.

    Attributes
    ----------
    score : how much a value looks like the kind, from 0 to 1; None where only names tell.
    """

    id: str
    title: str
    names: re.Pattern[str]
    unless: re.Pattern[str] | None
    score: Callable[[str], float] | None
    share: float
    distinct: int


@dataclass(frozen=True)
class Content:
    """What the values of a column suggest.

    Attributes
    ----------
    kind : id of the kind.
    share : of the values looked at that look like it, from 0 to 1.
    values : number of values looked at.
    """

    kind: str
    share: float
    values: int


@dataclass(frozen=True)
class Finding:
    """A column that staging must refuse: what to call it, the kind's id, and what tells."""

    column: str
    kind: str
    evidence: str


@cache
def _resource(resources: Path = RESOURCES) -> dict[str, Any]:
    raw: dict[str, Any] = read_yaml(resources / "personal_data.yaml")
    return raw


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_resource()[name].split())


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of personal data, in the order in which they are judged."""
    harmless = _resource()["harmless"]
    return tuple(_kind(name, raw, harmless) for name, raw in _resource()["kinds"].items())


def _kind(name: str, raw: Mapping[str, Any], harmless: str) -> Kind:
    unless = f"{harmless}|{raw['unless']}" if "unless" in raw else harmless
    return Kind(
        id=name,
        title=raw["title"],
        names=_whole_words("|".join(raw["names"])),
        unless=_whole_words(unless),
        score=_score(raw.get("values"), raw.get("check")),
        share=raw.get("share", 1.0),
        distinct=raw.get("distinct", 1),
    )


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{pattern})(?![^ ])")


def _score(values: str | None, check: str | None) -> Callable[[str], float] | None:
    """Return the function that judges one value."""
    judge = CHECKS[check] if check else None
    if values is None:
        return judge
    pattern = re.compile(values, re.IGNORECASE)

    def score(text: str) -> float:
        found = pattern.fullmatch(text)
        if found is None or judge is None:
            return float(found is not None)
        return judge(found["number"])

    return score


def nhs_number(text: str) -> float:
    """Return 1 for ten digits with the right check digit."""
    from stdnum.gb import nhs  # here, because only candidates need it

    return float(bool(nhs.is_valid(text)))


def pupil_number(text: str) -> float:
    """Return 1 for a unique pupil number: of a local authority, with the right check letter."""
    from stdnum.gb import upn

    return float(bool(upn.is_valid(text)))


def address(text: str) -> float:
    """Return 1 for a flat, a house number with a street, a street, or a text with a postcode."""
    return float(_address_pattern().fullmatch(text) is not None)


@cache
def _address_pattern() -> re.Pattern[str]:
    """Return one pattern of the four forms of an address."""
    words = {
        name: "|".join(sorted(_words(name)))
        for name in ("street_words", "street_endings", "dwellings")
    }
    postcode = _resource()["kinds"]["postcode"]["values"]
    street = r"(?:[a-z'’.-]+ +){1,4}"
    number = r"[0-9]{1,4}[a-z]?(?: ?[-/&] ?[0-9]{1,4}[a-z]?)?"
    return re.compile(
        rf"(?:{words['dwellings']})s? +(?:[0-9]+[a-z]?|[a-z][0-9]*)\b.*"
        rf"|{number},? +{street}(?:{words['street_words']})\b.*"
        rf"|{street}(?:{words['street_endings']})(?:,.*)?"
        rf"|.{{4,}}[, ]{postcode}",
        re.IGNORECASE,
    )


def person_name(text: str) -> float:
    """Return how much a value looks like the name of a person.

    A title, a forename with a surname or either alone count 1, a forename before any other word
    one half; names of places and firms count 0 by the words that they are made of.
    """
    if _DIGIT.search(text) or "&" in text:
        return 0.0
    words = [word.replace("’", "'").replace("`", "'").lower() for word in _NAME_WORDS.findall(text)]
    if not 1 <= len(words) <= 5:
        return 0.0
    titled = len(words) > 1 and words[0] in _words("titles")
    if titled:
        words = words[1:]
    if not _words("not_persons").isdisjoint(words):
        return 0.0
    return 1.0 if titled else _untitled(words, comma=text.count(",") == 1)


def _untitled(words: list[str], *, comma: bool) -> float:
    forenames, surnames = _words("forenames"), _words("surnames")
    first, last = words[0], words[-1]
    if len(words) == 1:
        listed = first in forenames or first in surnames
        return float(listed and first not in _words("ambiguous"))
    if all(len(word) == 1 for word in words[:-1]):
        return float(last in surnames)
    if all(len(word) == 1 for word in words[1:]):
        return float(first in surnames)
    if first in forenames and (last in surnames or last.split("-")[0] in surnames):
        return 1.0
    if words[1] in forenames and (comma or first in surnames):
        return 1.0
    if comma:
        return float(first in surnames) / 2
    return 0.5 if first in forenames else 0.0


CHECKS: dict[str, Callable[[str], float]] = {
    "nhs_number": nhs_number,
    "pupil_number": pupil_number,
    "address": address,
    "person_name": person_name,
}
"""What judges a value by more than a pattern, by the name that the resource file gives it."""


def column_words(name: str) -> str:
    """Return the name of a column as words: ``address line 1`` of ``AddressLine1``."""
    parted = _CAPITALS_AND_NUMBER.sub(" ", _WORD_STARTS.sub(" ", name))
    return _NO_LETTER.sub(" ", parted).strip().lower()


@cache
def named_personal(name: str) -> str | None:
    """Return the id of the kind of personal data that the name of a column suggests, if any."""
    words = column_words(name)
    for kind in kinds():
        if kind.names.search(words) and not (kind.unless and kind.unless.search(words)):
            return kind.id
    return None


def personal_values(values: Sequence[str | None]) -> Content | None:
    """Return the kind of personal data that a sample of a column's values suggests, if any.

    Parameters
    ----------
    values : texts of one column; missing and blank ones do not count. Of many, some are looked at.
    """
    texts = [text.strip()[:LONGEST] for text in values if text and not text.isspace()]
    step = max(1, math.ceil(len(texts) / _resource()["sample"]))
    counted = Counter(texts[::step])
    total = counted.total()
    for kind in kinds():
        if kind.score is None or len(counted) < kind.distinct:
            continue
        scores = {text: score for text in counted if (score := kind.score(text)) > 0}
        share = sum(score * counted[text] for text, score in scores.items()) / total
        if share >= kind.share and len({text.casefold() for text in scores}) >= kind.distinct:
            return Content(kind.id, sum(counted[text] for text in scores) / total, total)
    return None


def findings(
    names: Sequence[str], samples: Mapping[str, Sequence[str | None]], contract: Contract
) -> list[Finding]:
    """Return the columns of a raw file with personal data that its contract does not let in.

    Parameters
    ----------
    names : all columns of the raw file, in its order.
    samples : texts of columns, by the name in the raw file.

    Notes
    -----
    A column that the contract lets in may have any name, but its values only the kind that the
    contract names: an identifier that is a pseudonym must not turn out to be an NHS number. Extra
    columns of open data that are not read are left alone.
    """
    known = {
        name: column
        for column in contract.columns
        if column.part == "field"
        for name in (column.source_name, *column.other_names)
    }
    found = []
    for position, name in enumerate(names, 1):
        column = known.get(name)
        if column is None and not contract.secure and contract.extra_columns == "ignore":
            continue
        # Of a file without a header line these are values, so only names that are known are shown.
        label = f"column {position}" if column is None and contract.secure else name
        found += [
            Finding(label, kind, evidence)
            for kind, evidence in _evidence(name, samples.get(name, ()), column, contract)
        ]
    return found


def _evidence(
    name: str, sample: Sequence[str | None], column: Column | None, contract: Contract
) -> Iterator[tuple[str, str]]:
    """Yield the kind of one column, and what tells, unless the contract lets it in."""
    let_in = {} if column is None else dict(contract.personal_kinds)
    exempt = column is not None and column.name in {each for each, _ in contract.personal_data}
    by_name = None if exempt else named_personal(name)
    marks = () if column is None else column.missing
    content = personal_values([text for text in sample if text not in marks] if marks else sample)
    if content is not None and column is not None and let_in.get(column.name) == content.kind:
        content = None
    if content is not None:
        also = " and name" if by_name == content.kind else ""
        share = f"{content.share:.0%} of {content.values:,} values"
        yield content.kind, f"by its content{also}: {share}"
    elif by_name is not None:
        yield by_name, "by its name"


def refuse_personal(
    path: Path,
    names: Sequence[str],
    samples: Mapping[str, Sequence[str | None]],
    contract: Contract,
) -> None:
    """Stop where a raw file holds personal data; see `findings` for the parameters.

    Raises
    ------
    SourceError : names each column, the kind of data and what tells, and never a value.
    """
    found = findings(names, samples, contract)
    if not found:
        return
    titles = {kind.id: kind.title for kind in kinds()}
    listed = "; ".join(f"{each.column}: {titles[each.kind]} ({each.evidence})" for each in found)
    raise SourceError(
        f"A raw file of {contract.title} has columns that look like personal data.",
        where=f"{path}: {listed}",
        remedy="Remove these columns from the extract. Where the source needs one, name it under"
        " disclosure.personal_data of its contract, with its kind and the reason.",
    )
