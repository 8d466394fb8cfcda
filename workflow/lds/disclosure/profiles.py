"""Disclosure profiles: the rules of the gate as data."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lds.disclosure.registers import load_statistic_types
from lds.errors import DisclosureError
from lds.io import RESOURCES, SCHEMAS, read_yaml
from lds.schema import problems

PROFILES = RESOURCES / "disclosure"
SUFFIX = ".yaml"
MARKS = "publishers_marks"
"""The check of open data: what the publisher withheld stays withheld."""
REFUSED = "refused"
"""The check of a type that a profile never releases."""


@dataclass(frozen=True, kw_only=True)
class Dominance:
    """An amount is withheld where its `n` largest enterprises make up `share` of it or more."""

    n: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """How published counts are rounded.

    Attributes
    ----------
    scheme : ``nearest`` multiple of `base`, or ``midpoint`` of its steps (1 to base, ...).
    totals : ``sums`` of the rounded parts, or each total rounded on its ``own``.
    rates : how counts behind rates are rounded; None where they are rounded alike.
    """

    base: int
    scheme: str
    totals: str = "own"
    rates: Rounding | None = None


@dataclass(frozen=True, kw_only=True)
class Protection:
    """How uncertain a withheld value must stay, given everything that is released.

    Attributes
    ----------
    span : the largest minus the least whole number that a withheld count can be.
    reach : a withheld count must be able to be this or more.
    percent : a withheld amount must be uncertain by this percentage on each side; None where no
        amounts are released.
    """

    span: int
    reach: int
    percent: float | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The size that one file of a request may have."""

    rows: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One profile; ``workflow/schemas/profile.schema.yaml`` explains its keys.

    Attributes
    ----------
    threshold : least unweighted count that is published; 0 where nothing is withheld.
    enterprises : least number of enterprises behind an amount; None where there are no amounts.
    statistics : the check for each type of statistic; a type that is absent cannot be released.
    sources : where each rule is from.
    """

    id: str
    version: int
    title: str
    source: str
    access: tuple[str, ...]
    threshold: int
    zeros: str
    group_share: float | None
    enterprises: int | None
    dominance: tuple[Dominance, ...]
    p_percent: float | None
    rounding: Rounding | None
    events: int
    residual_df: int
    quantile_base: float | None
    secondary: bool
    exempt: tuple[str, ...]
    protection: Protection
    limits: Limits | None
    sources: dict[str, str]
    statistics: dict[str, str]

    @property
    def zeros_withheld(self) -> bool:
        """Whether a count of zero is withheld like any small count."""
        return self.zeros == "withheld"

    @property
    def protects(self) -> bool:
        """Whether the profile withholds or changes anything: not so for open data."""
        return self.threshold > 0


def profile_names(folder: Path = PROFILES) -> list[str]:
    """Return the names of the profiles that the project has, sorted."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))


def is_profile_file(name: str) -> bool:
    """Tell a path to a profile of the user's own from the name of one of the project's."""
    return name.endswith(SUFFIX)


def profile_path(name: str, folder: Path = PROFILES) -> Path:
    """Return the file of a profile that is named or given by its path.

    Raises
    ------
    DisclosureError : there is none; the message lists those there are.
    """
    path = Path(name) if is_profile_file(name) else folder / f"{name}{SUFFIX}"
    if not path.is_file():
        raise DisclosureError(
            f"There is no disclosure profile '{name}'.",
            where=str(path if is_profile_file(name) else folder),
            remedy=f"Name one of {', '.join(profile_names(folder))}, or the path of a file of your"
            " own that ends in .yaml, in the contract of the source or under disclosure.profiles of"
            " the configuration.",
        )
    return path


def load_profile(name: str | Path, folder: Path = PROFILES) -> Profile:
    """Read a profile.

    Parameters
    ----------
    name : the name of a profile in `folder`, or the path of a file that ends in ``.yaml``.

    Raises
    ------
    DisclosureError : no such profile, or one that breaks the schema, has another id than its file,
        takes the name of a profile of the project, or gives a type of statistic a check that is
        not its own.
    """
    path = profile_path(str(name), folder)
    raw = read_yaml(path)
    wrong = next(_misfits(raw, path, folder), None)
    if wrong:
        place, sentence = wrong
        raise DisclosureError(
            f"A disclosure profile is wrong: {sentence}.",
            where=f"{path}: {place}",
            remedy="workflow/schemas/profile.schema.yaml explains the keys; every one must be"
            " there, null or empty where the profile has no such rule.",
        )
    rounding = raw["rounding"]
    return Profile(
        **{
            **raw,
            "access": tuple(raw["access"]),
            "dominance": tuple(Dominance(**each) for each in raw["dominance"]),
            "rounding": None if rounding is None else _rounding(rounding),
            "exempt": tuple(raw["exempt"]),
            "protection": Protection(**raw["protection"]),
            "limits": None if raw["limits"] is None else Limits(**raw["limits"]),
        }
    )


def _rounding(raw: dict[str, Any]) -> Rounding:
    rates = raw["rates"]
    return Rounding(**{**raw, "rates": None if rates is None else Rounding(**rates)})


def _misfits(raw: Any, path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a profile, as (place, sentence)."""
    found = list(problems(raw, read_yaml(SCHEMAS / "profile.schema.yaml")))
    yield from found
    if found:
        return
    if raw["id"] != path.stem:
        yield "id", f"it must be '{path.stem}', the name of the file"
    if path.parent.resolve() != folder.resolve() and raw["id"] in profile_names(folder):
        yield "id", f"'{raw['id']}' is the name of a profile of the project"
    yield from _misfits_of_statistics(raw)
    if raw["rounding"] and raw["quantile_base"] is None:
        yield "quantile_base", "a profile that rounds counts needs a base for medians and means"
    amounts = "business" in raw["statistics"].values()
    if amounts and raw["enterprises"] is None:
        yield "enterprises", "a profile that releases amounts needs a least number of enterprises"
    if amounts and raw["protection"]["percent"] is None:
        yield "protection.percent", "a profile that releases amounts needs a protection for them"


def _misfits_of_statistics(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    types = load_statistic_types()
    for name, check in raw["statistics"].items():
        place = f"statistics.{name}"
        if name not in types:
            near = difflib.get_close_matches(str(name), types, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            yield place, f"there is no such type of statistic{hint}"
            continue
        own = types[name].by
        if check == MARKS:
            if raw["access"] != ["open"]:
                yield place, f"{MARKS} checks nothing, so only a profile for open data may name it"
        elif check not in (own, REFUSED):
            names = " or ".join(f"'{each}'" for each in (own, REFUSED) if each)
            yield place, f"the check of this type is {names}, not '{check}'"
