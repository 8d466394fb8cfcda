"""Vintages of made tables: every planted fault is found, and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise

import duckdb
import polars as pl
import pytest

from lds.errors import GeographyError
from lds.geography import Register
from lds.geography.classification.row_dates import date_columns, read_dates
from lds.geography.classification.row_segments import split_rows
from lds.geography.classification.table_vintage import classify
from lds.geography.classification.verdict import Classification
from lds.geography.classification.vintages import coverage, often_absent, segments, vintages, window

REGISTER = Register.load()
ENDS = date(2025, 4, 1)


def codes_on(day: date) -> list[str]:
    return REGISTER.live_on(day)["code"].to_list()


def verdict(codes: Sequence[str | None], **more: object) -> Classification:
    frame = pl.DataFrame(
        {"area": codes, "n": range(len(codes))}, schema_overrides={"area": pl.String}
    )
    return classify(frame, REGISTER, **more)


def test_vintages_are_those_of_the_published_list_of_changes() -> None:
    found = vintages(REGISTER)
    assert found.select("first_day", pl.col("codes").list.len()).rows() == [
        (date(2009, 1, 1), 354),
        (date(2009, 4, 1), 326),
        (date(2012, 4, 1), 326),
        (date(2013, 4, 1), 326),
        (date(2019, 4, 1), 317),
        (date(2020, 4, 1), 314),
        (date(2021, 4, 1), 309),
        (date(2023, 4, 1), 296),
        (date(2025, 4, 1), 296),
    ]
    last_days = found["last_day"].to_list()
    assert last_days[:2] == [date(2009, 3, 31), date(2012, 3, 31)]
    assert last_days[-1] == ENDS


@pytest.mark.parametrize("first_day", vintages(REGISTER)["first_day"].to_list())
def test_all_codes_of_a_day_give_the_vintage_of_that_day(first_day: date) -> None:
    found = verdict(codes_on(first_day))
    best = found.vintages.filter(first_day=first_day).row(0, named=True)
    assert found.verdict == "complete"
    assert found.window == found.best == (first_day, best["last_day"])
    assert (best["missing"], best["unexpected"], best["coverage"]) == (0, 0, 1.0)
    assert len(found.segments) == 1
    assert f"all {best['expected']} English LAD codes" in found.sentence()


def test_window_by_hand() -> None:
    # North Northamptonshire is from 2021 on; Cumberland from 2023; Carlisle until 2023.
    assert window(["E06000061", "E07000028"], REGISTER) == (date(2021, 4, 1), date(2023, 3, 31))
    assert window(["E06000063", "E07000028"], REGISTER) is None
    assert window(["E06000001"], REGISTER) == (date(2009, 1, 1), ENDS)
    assert window(["E06000999"], REGISTER) is None
    assert window([], REGISTER) is None


def test_missing_and_unexpected_codes_are_those_that_were_planted() -> None:
    day = date(2020, 4, 1)
    codes = [code for code in codes_on(day) if code not in ("E07000008", "E09000005")]
    found = verdict([*codes, "E07000004"])
    fit = found.vintages.filter(first_day=day).row(0, named=True)
    assert (fit["present"], fit["missing"], fit["unexpected"]) == (312, 2, 1)
    assert fit["missing_codes"] == ["E07000008", "E09000005"]
    assert fit["unexpected_codes"] == ["E07000004"]
    assert fit["coverage"] == round(312 / 314, 4)


def test_a_few_codes_leave_the_window_wide() -> None:
    found = verdict(["E06000001", "E07000026"])
    assert found.verdict == "partial"
    assert found.window == (date(2009, 1, 1), date(2023, 3, 31))
    text = found.sentence()
    assert "1 January 2009 (where the register starts) to 31 March 2023" in text
    assert "too few to tell which of 7 vintages" in text
    assert "any vintage would do" in verdict(["E06000001"]).sentence()


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (["E06000053"], "Isles of Scilly (E06000053) is absent: often left out"),
        (["E09000001"], "City of London (E09000001) is absent: often left out"),
        (["E06000053", "E09000001"], "published with Hackney (E09000012)"),
    ],
)
def test_known_absences_leave_a_list_complete(left_out: list[str], words: str) -> None:
    found = verdict([code for code in codes_on(date(2021, 4, 1)) if code not in left_out])
    assert found.verdict == "complete"
    assert found.absent["code"].to_list() == left_out
    assert words in found.sentence()


def test_another_absence_does_not() -> None:
    codes = [code for code in codes_on(date(2021, 4, 1)) if code not in ("E06000053", "E07000012")]
    found = verdict(codes)
    assert found.verdict == "partial"
    assert "Missing without a known reason: E07000012." in found.sentence()


def test_absences_include_the_earlier_code_of_scilly() -> None:
    assert often_absent(REGISTER) == {
        "E06000053": "E06000052",
        "E07000025": "E06000052",
        "E09000001": "E09000012",
    }


def test_combined_areas_by_name_and_by_code() -> None:
    day = date(2020, 4, 1)
    live = REGISTER.live_on(day).filter(~pl.col("code").is_in(["E06000053", "E09000001"]))
    together = {"Cornwall": "Cornwall and Isles of Scilly", "Hackney": "Hackney & City of London"}
    named = live.select("code", label=pl.col("name").replace(together))
    found = classify(named, REGISTER)
    assert found.combined.select("code", "by").rows() == [
        ("E06000052", "name"),
        ("E09000012", "name"),
    ]
    assert found.verdict == "complete"
    assert "E06000052 stands for Cornwall and Isles of Scilly together." in found.sentence()
    assert classify(live.select("code", "name"), REGISTER).combined.is_empty()
    joined = named.select(code=pl.col("code") + " : " + pl.col("label"))
    assert classify(joined, REGISTER).combined["code"].to_list() == ["E06000052", "E09000012"]
    census = ["E41000052", "E41000324"]
    left_out = ["E06000052", "E06000053", "E09000001", "E09000033"]
    found = verdict([*(code for code in codes_on(day) if code not in left_out), *census])
    assert found.combined.select("code", "by").rows() == [(code, "code") for code in census]
    assert found.absent["code"].to_list() == left_out
    assert found.verdict == "complete"


def test_other_levels_are_told_apart() -> None:
    more = [
        "W06000015",
        "S12000033",
        "N09000003",
        "E10000018",
        "E12000001",
        "E01000001",
        "E92000001",
    ]
    found = verdict([*codes_on(date(2021, 4, 1)), *more, "41UG", "Unknown", None, " "])
    assert found.verdict == "complete"
    assert dict(found.kinds.select("kind", "codes").iter_rows()) == {
        "lad": 309,
        "wales_lad": 1,
        "scotland_lad": 1,
        "northern_ireland_lad": 1,
        "county": 1,
        "region": 1,
        "country": 1,
        "lsoa": 1,
        "old_ons_lad": 1,
    }
    assert found.level == "local_authority"
    assert found.levels[1:] == ["county", "region", "country", "lsoa", "retired_local_code"]
    assert (found.rows, found.blank) == (320, 2)
    assert found.other_values.rows() == [("Unknown", 1)]
    assert "1 Welsh local authority" in found.sentence()


def test_codes_that_the_register_does_not_know() -> None:
    found = verdict(["E06000001", "E07000999", "E06000888", "E06000888"])
    assert found.unknown == ["E06000888", "E07000999"]
    assert found.lads == ["E06000001"]
    assert "Not in the register: E06000888 and E07000999." in found.sentence()
    alone = verdict(["E06000888"])
    assert alone.sentence() == (
        "Column 'area' holds no codes of English LADs. Not in the register: E06000888."
    )


def test_no_english_lads() -> None:
    found = verdict(["E12000001", "E12000002", "E92000001"])
    assert (found.verdict, found.level, found.window, found.best) == (
        "no_lads",
        "region",
        None,
        None,
    )
    assert found.vintages.is_empty()
    assert found.sentence().endswith("but 2 regions and 1 country.")


def test_the_column_is_found_by_content_and_its_name_is_held_against_it() -> None:
    frame = pl.DataFrame(
        {
            "LAD19CD": ["E12000001"] * 309,
            "name": ["E06"] * 309,
            "LAD20CD": codes_on(date(2021, 4, 1)),
            "UTLA21CD": ["E10000018", *codes_on(date(2021, 4, 1))[1:]],
        }
    )
    found = classify(frame, REGISTER)
    assert (found.column, found.named) == ("LAD20CD", False)
    assert found.claims == "2020"
    assert "called 'LAD20CD', but its codes are not those of 2020" in found.sentence()
    assert [other.name for other in found.others] == ["UTLA21CD", "LAD19CD"]
    assert found.others[0].claims is None
    assert classify(frame.rename({"LAD20CD": "LAD22CD"}), REGISTER).claims is None
    assert classify(frame, REGISTER, column="UTLA21CD").column == "UTLA21CD"


def test_more_rows_win_over_the_first_column_and_distinct_codes_break_a_tie() -> None:
    frame = pl.DataFrame(
        {
            "few": ["E06000001", None, None],
            "same": ["E06000001"] * 3,
            "many": ["E06000001", "E06000002", "E06000003"],
        }
    )
    found = classify(frame, REGISTER)
    assert found.column == "many"
    assert [other.name for other in found.others] == ["same", "few"]


def test_a_column_of_lads_comes_before_a_fuller_one_of_other_codes() -> None:
    lsoas = [f"E0100000{number}" for number in range(1, 5)]
    frame = pl.DataFrame({"lsoa": lsoas, "lad": ["E06000001", "E06000002", "E06000003", None]})
    assert classify(frame, REGISTER).column == "lad"


@pytest.mark.parametrize("seed", range(10))
def test_windows_of_segments_do_not_overlap(seed: int) -> None:
    codes = random.Random(seed).sample(REGISTER.areas["code"].to_list(), 200)
    times = sorted(part.window for part in segments(codes, REGISTER))
    assert all(first.last_day < second.first_day for first, second in pairwise(times))


def test_no_column_of_codes() -> None:
    frame = pl.DataFrame({"name": ["Adur", "Arun"], "n": [1, 2]})
    with pytest.raises(GeographyError, match="No column of the table holds area codes") as caught:
        classify(frame, REGISTER)
    assert "match_names" in str(caught.value)
    with pytest.raises(GeographyError, match="no column 'code'"):
        classify(frame, REGISTER, column="code")


def test_retired_codes_are_found_where_nothing_else_is() -> None:
    found = classify(pl.DataFrame({"la": ["41UG", "00AA", "16UB"], "n": ["a", "b", "c"]}), REGISTER)
    assert (found.column, found.level) == ("la", "retired_local_code")


def test_a_frame_a_lazy_frame_and_a_relation_give_the_same() -> None:
    frame = pl.DataFrame({"a": codes_on(date(2019, 4, 1)), "b": ["2019-05-01"] * 317})
    with duckdb.connect() as con:
        con.execute("create table t (a varchar, b varchar)")
        con.executemany("insert into t values (?, ?)", frame.rows())
        results = [
            classify(table, REGISTER).to_dict() for table in (frame, frame.lazy(), con.table("t"))
        ]
    assert results[0] == results[1] == results[2]
    assert json.loads(json.dumps(results[0]))["verdict"] == "complete"


def test_mixed_vintages_are_split_into_the_fewest() -> None:
    # A list of 2020 in which two districts of Buckinghamshire stand beside the whole of it.
    codes = [*codes_on(date(2020, 4, 1)), "E07000004", "E07000005"]
    found = verdict(codes)
    assert found.verdict == "mixed"
    assert found.window is None
    assert found.best == (date(2020, 4, 1), date(2021, 3, 31))
    first, second = found.segments
    assert (first.window, len(first.codes), first.own_codes) == (found.best, 314, ("E06000060",))
    assert second.codes == second.own_codes == ("E07000004", "E07000005")
    assert second.window == (date(2009, 1, 1), date(2020, 3, 31))
    assert "314 of its 314 codes, and 2 of other times" in found.sentence()


def fewest_vintages(codes: set[str]) -> int:
    """Return the number that trying every set of vintages finds."""
    live = [set(row) for row in vintages(REGISTER)["codes"]]
    for size in range(1, len(live) + 1):
        if any(codes <= set().union(*chosen) for chosen in combinations(live, size)):
            return size
    raise AssertionError


@pytest.mark.parametrize("seed", range(25))
def test_segments_are_as_few_as_trying_all_finds(seed: int) -> None:
    chance = random.Random(seed)
    codes = set(chance.sample(REGISTER.areas["code"].to_list(), chance.randint(1, 120)))
    parts = segments(codes, REGISTER)
    assert len(parts) == fewest_vintages(codes)
    placed = [code for part in parts for code in part.codes]
    assert sorted(placed) == sorted(codes)
    for part in parts:
        assert window(part.codes, REGISTER) == part.window


def test_coverage_against_counting_by_hand() -> None:
    fits = coverage(["E07000190", "E07000191", "E07000246", "E06000001"], REGISTER)
    wanted = {date(2013, 4, 1): (3, 1), date(2019, 4, 1): (2, 2), date(2023, 4, 1): (1, 3)}
    for day, (present, unexpected) in wanted.items():
        row = fits.filter(first_day=day).row(0, named=True)
        assert (row["present"], row["unexpected"]) == (present, unexpected)


DATED = pl.DataFrame(
    {
        "code": [
            "E07000190",
            "E07000246",
            "E07000190",
            "E06000001",
            "W06000001",
            "E06000001",
            None,
        ],
        "day": [
            *("2019-03-31", "2019-04-01", "2019-04-01", "2019-04-01", "2019-04-01", "1999-01-01"),
            "2019-04-01",
        ],
    }
)


def test_rows_are_held_against_their_own_dates() -> None:
    dates = classify(DATED, REGISTER).dates
    assert dates is not None
    assert (dates.column, dates.rows, dates.outside, dates.unread) == ("day", 4, 1, 0)
    # On 1 April 2019 the file has both Taunton Deane and what it became.
    assert (dates.dates, dates.mixed_dates) == (2, 1)
    day = date(2019, 4, 1)
    assert dates.not_live.rows() == [("E07000190", "Taunton Deane", 1, day, day)]


def test_rows_are_split_by_code_and_by_date() -> None:
    split = split_rows(DATED, REGISTER)
    assert split.columns[:2] == DATED.columns
    assert split.select(DATED.columns).rows() == DATED.rows()
    assert split["code_kind"].to_list() == ["lad"] * 4 + ["wales_lad", "lad", None]
    assert split["live_on_date"].to_list() == [True, True, False, True, None, None, None]
    by_row = split.select("segment_first_day", "segment_last_day").rows()
    assert by_row[0] == by_row[2] == (date(2009, 1, 1), date(2019, 3, 31))
    assert by_row[1] == by_row[3] == (date(2019, 4, 1), date(2023, 3, 31))
    assert by_row[4] == by_row[6] == (None, None)


def test_a_date_decides_between_segments_that_a_code_was_live_in() -> None:
    frame = pl.DataFrame(
        {
            "code": ["E06000001", "E06000001", "E07000190", "E07000246"],
            "period": ["2018", "2020", "2018", "2020"],
        }
    )
    split = split_rows(frame, REGISTER)
    assert split["segment"].to_list()[:2] == split["segment"].to_list()[2:]
    assert split["live_on_date"].all()
    without = split_rows(frame.select("code"), REGISTER)
    assert without["segment"][0] == without["segment"][1]
    assert without["live_on_date"].null_count() == 4


def test_a_split_refuses_to_overwrite_a_column() -> None:
    with pytest.raises(GeographyError, match="columns that a split would add"):
        split_rows(DATED.with_columns(segment=pl.lit(1)), REGISTER)


@pytest.mark.parametrize(
    ("text", "first_day", "last_day"),
    [
        ("2020-03-01", date(2020, 3, 1), date(2020, 3, 1)),
        ("2020-03-01 00:00", date(2020, 3, 1), date(2020, 3, 1)),
        (" 2020-03-01T12:00:00 ", date(2020, 3, 1), date(2020, 3, 1)),
        ("02/03/2020", date(2020, 3, 2), date(2020, 3, 2)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("Dec 1995", date(1995, 12, 1), date(1995, 12, 31)),
        ("February 2021", date(2021, 2, 1), date(2021, 2, 28)),
        ("2018-09-01T00:00:00/P1Y", date(2018, 9, 1), date(2019, 8, 31)),
        ("2018-10-01T00:00:00/P3M", date(2018, 10, 1), date(2018, 12, 31)),
        ("2020-02-30", None, None),
        ("31/02/2020", None, None),
        ("Foo 2020", None, None),
        ("x", None, None),
        (None, None, None),
    ],
)
def test_dates(text: str | None, first_day: date | None, last_day: date | None) -> None:
    found = read_dates(pl.Series([text], dtype=pl.String))
    assert found.select("first_day", "last_day").row(0) == (first_day, last_day)


def test_a_column_of_dates_is_one_that_is_nearly_all_dates() -> None:
    frame = pl.DataFrame(
        {
            "n": ["1", "2", "3", "4"],
            "some": ["2020", "12", "13", "14"],
            "when": ["", None, "2020-01-01", "2020-01-02"],
            "empty": [None, None, None, ""],
        }
    )
    assert date_columns(frame) == ["when"]


def test_the_table_of_the_result_is_flat() -> None:
    table = verdict(codes_on(date(2023, 4, 1))[:-1]).table()
    assert not any(kind.is_nested() for kind in table.dtypes)
    missing = table.filter(first_day=date(2023, 4, 1))["missing_codes"].item()
    assert missing == codes_on(date(2023, 4, 1))[-1]


def test_columns_of_other_types_and_names() -> None:
    frame = pl.DataFrame(
        {
            'co"de': pl.Series(["E07000190", "E07000246"], dtype=pl.Categorical),
            "it's a day": [date(2019, 3, 31), date(2019, 4, 1)],
        }
    )
    found = classify(frame, REGISTER)
    assert found.column == 'co"de'
    assert found.dates is not None
    assert (found.dates.column, found.dates.rows) == ("it's a day", 2)
    assert found.dates.not_live.is_empty()
    years = classify(frame.with_columns(pl.Series("it's a day", [2018, 2020])), REGISTER)
    assert years.dates is not None
    assert years.dates.not_live.is_empty()


def test_a_column_of_dates_that_has_none_is_refused() -> None:
    frame = pl.DataFrame({"code": ["E06000001"], "day": ["soon"]})
    assert classify(frame, REGISTER).dates is None
    with pytest.raises(GeographyError, match="Column 'day' has no dates"):
        classify(frame, REGISTER, date_column="day")


def test_a_table_without_rows() -> None:
    empty = pl.DataFrame({"code": []}, schema={"code": pl.String})
    with pytest.raises(GeographyError, match="No column of the table holds area codes"):
        classify(empty, REGISTER)
    found = classify(empty, REGISTER, column="code")
    assert (found.verdict, found.level, found.rows) == ("no_lads", None, 0)
    assert found.sentence() == "Column 'code' holds no area codes."
