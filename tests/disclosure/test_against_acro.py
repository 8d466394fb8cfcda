"""The checks of single cells agree with acro, the tool that output checkers trust, cell by cell."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from benchmarks import peers
from benchmarks.against_acro import ALL, CHECKS, ask_acro, cells_of, compare, only
from benchmarks.made_tables import record_tables, record_tables_apart
from lds.disclosure.checks import check_cells
from lds.disclosure.profiles import Dominance, Profile, load_profile
from lds.errors import DisclosureError


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile("acro")


@pytest.fixture(scope="module")
def answer():
    if peers.interpreter("acro") is None:
        pytest.skip("acro is not installed in .peers: `make bench` does it")
    return ask_acro([*record_tables(), *record_tables_apart()])


@pytest.fixture(scope="module")
def shared(answer):
    tables = record_tables()
    return tables, {**answer, "tables": answer["tables"][: len(tables)]}


@pytest.fixture(scope="module")
def apart(answer):
    tables = record_tables_apart()
    return tables, {**answer, "tables": answer["tables"][-len(tables) :]}


@pytest.fixture(scope="module")
def decidable(apart):
    """Return what is not shared, without the table that the gate refuses."""
    tables, said = apart
    kept = [place for place, table in enumerate(tables) if table.name != "negative"]
    return [tables[place] for place in kept], {"tables": [said["tables"][at] for at in kept]}


def differing(compared: pl.DataFrame) -> pl.DataFrame:
    return compared.filter(pl.col("theirs") != pl.col("ours"))


def test_the_profile_has_the_rules_of_acro(answer, profile) -> None:
    rules = answer["rules"]
    assert answer["version"] == "1.0.2"
    assert profile.threshold == profile.enterprises == rules["safe_threshold"]
    assert profile.residual_df == rules["safe_dof_threshold"]
    assert profile.dominance == (Dominance(n=rules["safe_nk_n"], share=rules["safe_nk_k"]),)
    assert profile.p_percent == 100 * rules["safe_pratio_p"]
    assert profile.zeros_withheld == rules["zeros_are_disclosive"]


@pytest.mark.parametrize("rule", [*CHECKS, "all"])
def test_every_cell_has_the_same_verdict(shared, profile, rule) -> None:
    compared = compare(*shared, profile).filter(pl.col("rule") == rule)
    assert compared["theirs"].sum() > 30
    assert (~compared["theirs"]).sum() > 30
    assert differing(compared).rows() == []


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("threshold", {"threshold": 9, "enterprises": 9}),
        ("threshold", {"threshold": 11, "enterprises": 11}),
        ("zero", {"zeros": "published"}),
        ("dominance", {"dominance": (Dominance(n=2, share=0.901),)}),
        ("dominance", {"dominance": (Dominance(n=2, share=0.89),)}),
        ("p_percent", {"p_percent": 10.1}),
        ("p_percent", {"p_percent": 9.9}),
    ],
)
def test_a_rule_that_is_a_little_off_is_found(shared, profile, rule, changed) -> None:
    off = dataclasses.replace(profile, **changed)
    compared = compare(*shared, off).filter(pl.col("rule") == rule)
    assert differing(compared).height > 0


def test_negative_values_are_refused_where_acro_asks_for_review(apart, profile) -> None:
    tables, said = apart
    (place,) = [place for place, table in enumerate(tables) if table.name == "negative"]
    with pytest.raises(DisclosureError, match="negative"):
        compare(tables[place : place + 1], {"tables": [said["tables"][place]]}, profile)


def test_they_differ_only_where_it_is_known_why(decidable, profile) -> None:
    tables, said = decidable
    differ = differing(compare(tables, said, profile))
    records = {table.name: table.records for table in tables}

    def values(table: str, row: str, column: str) -> list[float | None]:
        return [
            value
            for in_row, in_column, value in records[table]
            if row in (in_row, ALL) and column in (in_column, ALL)
        ]

    assert set(differ["table"]) == {"missing", "nothing"}
    for table, row, column, _, theirs, ours in differ.iter_rows():
        held = values(table, row, column)
        if table == "missing":
            # Enough records, too few of them with a value.
            assert (theirs, ours) == (False, True)
            assert len([value for value in held if value is not None]) < 10 <= len(held)
        else:
            assert set(held) == {0.0}


def test_zeros_that_add_up_to_nothing_are_withheld_by_both(decidable, profile) -> None:
    tables, said = decidable
    compared = compare(tables, said, profile)
    nothing = compared.filter(pl.col("table") == "nothing", pl.col("rule") == "all")
    assert differing(nothing).is_empty()


def test_group_disclosure_is_more_than_acro_has(profile) -> None:
    cells = cells_of(record_tables()[0]).with_columns(share=pl.lit(0.97))
    large = pl.col("n") >= 10
    assert check_cells(cells.filter(large), profile).null_count() == cells.filter(large).height
    stricter = check_cells(cells.filter(large), load_profile("ons_srs"))
    assert set(stricter) == {"group_share"}


def test_one_rule_at_a_time_leaves_the_others_out(profile) -> None:
    assert only(profile, "p_percent").dominance == ()
    assert only(profile, "dominance").p_percent is None
    assert only(profile, "threshold").threshold == profile.threshold
