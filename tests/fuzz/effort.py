"""How much is tried: a fixed set of examples, or many others with ``LDS_FUZZ=deep``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

DEEP = os.environ.get("LDS_FUZZ") == "deep"
MORE = 20
"""How many times as many examples a deep run tries."""


def examples(number: int) -> settings:
    """Return settings for `number` examples, the same in every run unless it is a deep one."""
    return settings(
        max_examples=number * (MORE if DEEP else 1),
        derandomize=not DEEP,
        database=None,
        deadline=None,
        print_blob=DEEP,
        suppress_health_check=list(HealthCheck),
    )
