"""Planted mess is where the account says, and nowhere else."""

from __future__ import annotations

import polars as pl
import pytest

from lds.synthetic.mess import MOST_LISTED, Mess

PLAN = {
    "unknown_codes": {"column": "code", "share": 0.02, "text": "E07999999"},
    "bad_days": {"column": "day", "share": 0.03, "text": ["31/02/2020", "soon"], "rejects": True},
    "repeated_rows": {"share": 0.01, "rejects": True},
}


def frame(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": range(rows), "code": ["E07000131"] * rows, "day": ["01/03/2020"] * rows}
    )


def spoilt(seed: int = 1, rows: int = 5_000) -> tuple[Mess, pl.DataFrame]:
    mess = Mess(PLAN, seed, "file")
    return mess, pl.concat([mess.spoil(frame(rows)), mess.spoil(frame(rows))])


def test_rows_are_where_the_account_says() -> None:
    mess, found = spoilt()
    account = mess.account()
    numbers = {kind: each["row_numbers"] for kind, each in account["planted"].items()}
    found = found.with_row_index("row", offset=1)
    wrong_code = found.filter(pl.col("code") == "E07999999")["row"].to_list()
    wrong_day = found.filter(pl.col("day") != "01/03/2020")["row"].to_list()
    assert numbers["unknown_codes"] == wrong_code
    assert numbers["bad_days"] == wrong_day
    assert account["rows"] == found.height == 10_000 + len(numbers["repeated_rows"])
    assert account["rejected"] == len({*wrong_day, *numbers["repeated_rows"]})


def test_shares_are_those_of_the_plan() -> None:
    mess, _ = spoilt()
    planted = mess.account()["planted"]
    for kind, plan in PLAN.items():
        expected = plan["share"] * 10_000
        assert planted[kind]["rows"] == pytest.approx(expected, abs=5 * expected**0.5)


def test_a_row_has_one_kind_of_mess_at_most() -> None:
    mess, _ = spoilt()
    planted = mess.account()["planted"]
    kinds = [set(each["row_numbers"]) for each in planted.values()]
    assert sum(map(len, kinds)) == len(set.union(*kinds))


def test_a_repeated_row_is_the_same_in_spite_of_other_mess() -> None:
    mess = Mess(PLAN, 1, "file")
    found = mess.spoil(frame(5_000))
    count = mess.account()["planted"]["repeated_rows"]["rows"]
    copies, originals = found.tail(count), found.head(5_000)
    assert originals.filter(pl.col("id").is_in(copies["id"].to_list())).equals(copies)


def test_repeated_rows_are_there_word_for_word() -> None:
    mess = Mess({"repeated_rows": PLAN["repeated_rows"]}, 1, "file")
    found = mess.spoil(frame(5_000))
    again = found.with_row_index("row", offset=1).filter(pl.col("row") > 5_000)
    assert again["row"].to_list() == mess.account()["planted"]["repeated_rows"]["row_numbers"]
    assert again["id"].is_in(range(5_000)).all()
    assert again["id"].n_unique() == again.height


def test_the_seed_decides() -> None:
    assert spoilt(1)[1].equals(spoilt(1)[1])
    assert not spoilt(1)[1].equals(spoilt(2)[1])


def test_long_lists_are_cut_but_counted() -> None:
    mess = Mess({"all": {"column": "code", "share": 1, "text": "x"}}, 1, "file")
    mess.spoil(frame(MOST_LISTED + 5))
    planted = mess.account()["planted"]["all"]
    assert planted["rows"] == MOST_LISTED + 5
    assert len(planted["row_numbers"]) == MOST_LISTED
