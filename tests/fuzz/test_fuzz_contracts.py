"""Contracts changed at random: read, or refused in words."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract_files import write_contract
from fuzz.effort import examples
from lds.errors import LdsError
from lds.io import SCHEMAS, read_yaml
from lds.sources.contract import load_contract

ODD = [None, True, 0, -1, 1.5, 10**400, "", " ", "(", "[", "%", "no_column", "\0", [], {}, ["a"]]
ODD += [{"a": 1}, "2020-02-30", float("nan"), [[]], [None], "x" * 5000]
SOURCES = sorted((SCHEMAS / "sources").glob("*.yaml"))


def places(content: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to each value of a contract."""
    keys: list[str | int] = []
    if isinstance(content, dict):
        keys = [*content]
    elif isinstance(content, list):
        keys = [*range(len(content))]
    deeper = [places(content[key], (*above, key)) for key in keys]
    return [*([above] if above else []), *(each for found in deeper for each in found)]


@examples(30)
@given(st.data())
def test_a_changed_contract_is_read_or_refused(data: st.DataObject) -> None:
    content = copy.deepcopy(read_yaml(data.draw(st.sampled_from(SOURCES))))
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(places(content)))
        place = content
        for key in way[:-1]:
            place = place[key]
        if data.draw(st.booleans()):
            place[way[-1]] = data.draw(st.sampled_from(ODD))
        else:
            del place[way[-1]]
    with tempfile.TemporaryDirectory() as folder:
        path = write_contract(Path(folder), content)
        try:
            load_contract(path)
        except LdsError as error:
            refused = error.what
        else:
            refused = "read"
    assert refused.strip()
