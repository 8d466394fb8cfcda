"""What source profiles list, and from which difference on a person reads it first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lds.errors import LdsError
from lds.io import RESOURCES, read_yaml
from lds.schema import problems


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The thresholds, as the comments of ``workflow/resources/profile_thresholds.yaml`` say."""

    listed_values: int
    listed_codes: int
    classified_codes: int
    listed_gaps: int
    rows_fell: float
    rows_rose: float
    distinct_fell: float
    missing_points: float
    rejected_points: float
    mean_moved: float
    total_moved: float
    share_points_told: float
    share_points: float


_NAMES = sorted(Thresholds.__dataclass_fields__)
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": _NAMES,
    "properties": {name: {"type": "number", "minimum": 0} for name in _NAMES},
}


@cache
def load_thresholds(resources: Path = RESOURCES) -> Thresholds:
    """Read the thresholds.

    Raises
    ------
    LdsError : when one is missing, unknown, or not a number of 0 or more.
    """
    path = resources / "profile_thresholds.yaml"
    raw = read_yaml(path)
    for place, sentence in problems(raw, _SCHEMA):
        raise LdsError(
            f"The thresholds of source profiles are wrong: {sentence}.", where=f"{path}: {place}"
        )
    return Thresholds(**raw)
