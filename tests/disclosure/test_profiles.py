"""Disclosure profiles as data: the rules of each, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lds.config import check_config
from lds.contracts import load_table_contract
from lds.disclosure.checks import CHECKS
from lds.disclosure.profiles import (
    MARKS,
    PROFILES,
    REFUSED,
    Dominance,
    Limits,
    Profile,
    Protection,
    Rounding,
    load_profile,
    profile_names,
)
from lds.disclosure.registers import load_rules, load_statistic_types
from lds.errors import ConfigError, DisclosureError
from lds.geography import Register
from lds.io import SCHEMAS, read_yaml
from lds.sources.contract import load_contracts

SCHEMA = read_yaml(SCHEMAS / "profile.schema.yaml")
TYPES = load_statistic_types()
STATISTIC = next(
    column for column in load_table_contract("indicators").columns if column.name == "statistic"
)
NAMES = ["abs_datalab", "acro", "nhs_hes", "ons_srs", "open", "opensafely"]
PROTECTING = [name for name in NAMES if name != "open"]
SECURE_TYPES = [name for name, entry in TYPES.items() if entry.by]


def rules_of(profile: Profile) -> dict[str, object]:
    """Return what the specification's table says of a profile."""
    return {
        "threshold": profile.threshold, "zeros": profile.zeros,
        "group_share": profile.group_share, "enterprises": profile.enterprises,
        "dominance": [(each.n, each.share) for each in profile.dominance],
        "p_percent": profile.p_percent, "rounding": profile.rounding,
        "events": profile.events, "residual_df": profile.residual_df,
        "secondary": profile.secondary, "exempt": profile.exempt,
        "limits": profile.limits, "protection": profile.protection,
    }  # fmt: skip


STRICT: dict[str, object] = {
    "threshold": 10, "zeros": "withheld", "group_share": 0.9, "enterprises": 10,
    "dominance": [(2, 0.9)], "p_percent": 10, "rounding": None, "events": 10, "residual_df": 10,
    "secondary": True, "exempt": (), "limits": None,
    "protection": Protection(span=10, reach=10, percent=10),
}  # fmt: skip
ROUNDED = {
    **STRICT, "threshold": 8, "zeros": "published", "group_share": None, "enterprises": None,
    "dominance": [], "p_percent": None, "secondary": False,
    "protection": Protection(span=4, reach=0),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ons_srs", STRICT),
        ("abs_datalab", {**STRICT, "dominance": [(1, 0.5), (2, 0.67)], "p_percent": None}),
        ("acro", {**STRICT, "group_share": None}),
        (
            "opensafely",
            {
                **ROUNDED,
                "rounding": Rounding(
                    base=5,
                    scheme="nearest",
                    totals="sums",
                    rates=Rounding(base=6, scheme="midpoint"),
                ),
                "limits": Limits(rows=5000, bytes=16_000_000),
            },
        ),
        (
            "nhs_hes",
            {
                **ROUNDED,
                "rounding": Rounding(base=5, scheme="nearest", totals="own"),
                "exempt": ("national",),
            },
        ),
    ],
)
def test_the_rules_are_those_of_the_specification(name: str, expected: dict[str, object]) -> None:
    assert rules_of(load_profile(name)) == expected


def test_open_data_pass_by_the_publishers_marks() -> None:
    profile = load_profile("open")
    assert set(profile.statistics) == set(TYPES)
    assert set(profile.statistics.values()) == {MARKS}
    assert not profile.protects
    assert profile.access == ("open",)


def test_the_profiles_are_those_of_the_specification() -> None:
    assert profile_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_its_source(name: str) -> None:
    rules = set(SCHEMA["properties"]) - {
        *("id", "version", "title", "source", "access", "sources"),
    }
    assert set(load_profile(name).sources) == rules


@pytest.mark.parametrize("name", PROTECTING)
def test_every_type_of_a_secure_source_is_checked_or_refused(name: str) -> None:
    profile = load_profile(name)
    assert set(profile.statistics) == set(SECURE_TYPES)
    for statistic, check in profile.statistics.items():
        assert check in (TYPES[statistic].by, REFUSED)
        assert check in CHECKS
    assert profile.statistics["minimum"] == profile.statistics["maximum"] == "extreme"


def test_the_register_of_types_is_that_of_the_contract() -> None:
    assert tuple(TYPES) == STATISTIC.allowed
    columns = set(load_table_contract("indicators").names)
    for name, entry in TYPES.items():
        assert set(entry.needs) <= columns, name
        assert set(entry.reveals) <= {"numerator", "denominator", "before"}, name
        assert set(entry.kind) == set(entry.reveals), name
        assert set(entry.kind.values()) <= {"count", "amount"}, name
        assert entry.derive in (None, "count", "proportion", "rate"), name
        assert entry.by is None or entry.by in CHECKS, name


def test_every_check_is_of_some_type() -> None:
    assert {entry.by for entry in TYPES.values() if entry.by} | {MARKS, REFUSED} == set(CHECKS)


def test_the_register_of_rules_offers_something_for_extremes() -> None:
    rules = load_rules()
    assert "p5" in rules["extreme"]
    assert "p95" in rules["extreme"]
    assert {"secondary", "overlap", "difference", "inherits", "unrecoverable", "widened"} <= set(
        rules
    )
    assert all(text.endswith(".") for text in rules.values())


# --- a profile of the user's own -----------------------------------------------------------------


def own(path: Path, base: str = "ons_srs", **changes: Any) -> Path:
    """Write a profile made from one of the project's; ``None.key`` deletes a key."""
    raw = read_yaml(PROFILES / f"{base}.yaml")
    raw["id"] = path.stem
    for key, value in changes.items():
        *parents, last = key.split("__")
        place = raw
        for part in parents:
            place = place[part]
        if value is DELETED:
            del place[last]
        else:
            place[last] = value
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


DELETED = object()


def test_a_users_own_profile_is_read_by_its_path(tmp_path: Path) -> None:
    path = own(tmp_path / "mine.yaml", threshold=5, dominance=[{"n": 1, "share": 0.7}])
    for given in (path, str(path)):
        profile = load_profile(given)
        assert (profile.id, profile.threshold) == ("mine", 5)
        assert profile.dominance == (Dominance(n=1, share=0.7),)


@pytest.mark.parametrize("key", sorted(SCHEMA["properties"]))
def test_every_key_is_required(tmp_path: Path, key: str) -> None:
    with pytest.raises(DisclosureError, match=f"'{key}' is a required property"):
        load_profile(own(tmp_path / "mine.yaml", **{key: DELETED}))


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"groupshare": 0.9}, "(top level)", "unknown key 'groupshare'; did you mean 'gr"),
        ({"protection": {}}, "protection", "'percent' is a required property|'span' is a"),
        ({"protection__level": 3}, "protection", "unknown key 'level'"),
        ({"protection__span": 0}, "protection.span", "0 is less than the minimum of 1"),
        ({"protection__percent": None}, "protection.percent", "needs a protection"),
        ({"threshold": -1}, "threshold", "less than the minimum"),
        ({"threshold": 9.5}, "threshold", "not of type 'integer'"),
        ({"threshold": "10"}, "threshold", "not of type 'integer'"),
        ({"zeros": "hidden"}, "zeros", "not one of: withheld, published"),
        ({"group_share": 90}, "group_share", "greater than the maximum"),
        ({"dominance": [{"n": 3, "share": 0.9}]}, "dominance[0].n", "not one of: 1, 2"),
        ({"dominance": [{"n": 2, "share": 90}]}, "dominance[0].share", "greater than the max"),
        ({"dominance": [{"n": 2}]}, "dominance[0]", "'share' is a required"),
        ({"p_percent": 0}, "p_percent", "less than or equal to the minimum"),
        ({"exempt": ["regional"]}, "exempt[0]", "not one of: national"),
        ({"access": ["secret"]}, "access[0]", "not one of: open, secure, local"),
        ({"enterprises": None}, "enterprises", "needs a least number"),
        ({"sources__zeros": DELETED}, "sources", "'zeros' is a required property"),
        ({"limits": {"rows": 10}}, "limits", "'bytes' is a required property"),
        ({"id": "other"}, "id", "must be 'mine'"),
        ({"version": 0}, "version", "less than the minimum"),
        ({"statistics__rtae": "rate"}, "statistics.rtae", "did you mean 'rate'"),
        ({"statistics__rate": "count"}, "statistics.rate", "'rate' or 'refused', not 'count'"),
        ({"statistics__rate": "inherits"}, "statistics.rate", "not 'inherits'"),
        ({"statistics__tier": "count"}, "statistics.tier", "is 'refused', not 'count'"),
        ({"statistics__count": MARKS}, "statistics.count", "only a profile for open data"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_named(
    tmp_path: Path, changes: dict[str, Any], place: str, message: str
) -> None:
    with pytest.raises(DisclosureError, match=message) as caught:
        load_profile(own(tmp_path / "mine.yaml", **changes))
    assert str(caught.value.where) == f"{tmp_path / 'mine.yaml'}: {place}"


@pytest.mark.parametrize(
    ("rounding", "message"),
    [
        ({"base": 5, "scheme": "up", "totals": "own", "rates": None}, "nearest, midpoint"),
        ({"base": 1, "scheme": "nearest", "totals": "own", "rates": None}, "minimum of 2"),
        ({"base": 5, "scheme": "nearest", "totals": "none", "rates": None}, "sums, own"),
        ({"base": 5, "scheme": "nearest", "totals": "own"}, "'rates' is a required"),
    ],
)
def test_a_wrong_rounding_is_named(
    tmp_path: Path, rounding: dict[str, object], message: str
) -> None:
    with pytest.raises(DisclosureError, match=message):
        load_profile(own(tmp_path / "mine.yaml", base="opensafely", rounding=rounding))


def test_a_profile_that_rounds_needs_a_base_for_medians(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError, match="needs a base for medians"):
        load_profile(own(tmp_path / "mine.yaml", base="opensafely", quantile_base=None))


def test_the_name_of_a_profile_of_the_project_is_taken(tmp_path: Path) -> None:
    path = own(tmp_path / "ons_srs.yaml", threshold=2)
    with pytest.raises(DisclosureError, match="name of a profile of the project"):
        load_profile(path)
    assert load_profile(PROFILES / "ons_srs.yaml") == load_profile("ons_srs")


@pytest.mark.parametrize("name", ["ons", "no/such/file.yaml"])
def test_a_profile_that_is_not_there_names_those_that_are(name: str) -> None:
    with pytest.raises(DisclosureError, match="There is no disclosure profile") as caught:
        load_profile(name)
    assert f"Name one of {', '.join(NAMES)}, or the path" in str(caught.value.remedy)


def test_a_file_that_is_no_profile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("- 1\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match="not of type 'object'"):
        load_profile(path)


# --- the configuration's choice ------------------------------------------------------------------


def configured(root: Path, profiles: dict[str, Any]) -> dict[str, str]:
    """Return the profiles by source of the project's configuration with some of its own."""
    raw = read_yaml(PROFILES.parents[2] / "config.yaml")
    return check_config(
        {**raw, "disclosure": {"profiles": profiles}}, Register.load(), root
    ).profiles


def test_a_source_may_have_another_profile_by_name_or_path(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    own(tmp_path / "rules/mine.yaml")
    chosen = {"deaths": "nhs_hes", "cis": "rules/mine.yaml"}
    assert configured(tmp_path, chosen) == chosen
    assert configured(tmp_path, {}) == {}


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        ({"death": "nhs_hes"}, "disclosure.profiles: unknown key 'death'; did you mean 'deaths'"),
        ({"deaths": "nhs"}, "disclosure.profiles.deaths is wrong. There is no disclosure profile"),
        ({"deaths": "rules/mine.yaml"}, "There is no disclosure profile"),
        ({"deaths": 10}, "disclosure.profiles.deaths: 10 is not of type 'string'"),
    ],
)
def test_a_wrong_choice_stops_the_run(
    tmp_path: Path, profiles: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        configured(tmp_path, profiles)


def test_a_configured_profile_that_is_wrong_stops_the_run(tmp_path: Path) -> None:
    own(tmp_path / "mine.yaml", threshold="ten")
    with pytest.raises(ConfigError, match=r"disclosure\.profiles\.deaths is wrong") as caught:
        configured(tmp_path, {"deaths": "mine.yaml"})
    assert "mine.yaml: threshold" in str(caught.value.where)


def test_every_contract_names_a_profile_that_fits_its_access() -> None:
    for contract in load_contracts():
        assert contract.access in load_profile(contract.profile).access, contract.id
