"""Tests of a group run on one worker: a parallel run would otherwise make everything twice."""

from __future__ import annotations

import pytest


def test_the_scheduler_is_told_the_group_of_a_test(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("this run is not parallel")
    assert request.node.nodeid.endswith("@test_groups")
