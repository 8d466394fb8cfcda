from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from lds.text import ordinal
from lds.topics.human_mobility import sentences as say
from lds.topics.human_mobility import titles
from lds.topics.human_mobility.recovery import Lowest, lowest, with_recovery
from lds.topics.human_mobility.sentences import Facts
from lds.topics.human_mobility.standing import Standing
from lds.topics.human_mobility.words import compared

LABELS = {
    "first_lockdown": {"short_label": "First lockdown"},
    "hospitality_open": {"short_label": "Hospitality open"},
    "second_lockdown": {"short_label": "Second lockdown"},
    "second_tiers": {"short_label": "Tiers again"},
}
SPANS = {
    "first_lockdown": (date(2020, 3, 23), date(2020, 5, 12)),
    "hospitality_open": (date(2020, 7, 4), date(2020, 9, 13)),
    "second_lockdown": (date(2020, 11, 5), date(2020, 12, 1)),
    "second_tiers": (date(2020, 12, 2), date(2020, 12, 15)),
}
MEASURES = {
    "retail": {"id": "retail", "label": "Retail", "subject": "visits to shops"},
    "workplaces": {"id": "workplaces", "label": "Workplaces", "subject": "visits to workplaces"},
    "residential": {"id": "residential", "label": "Residential", "subject": "time spent at home"},
}
RETAIL = {"first_lockdown": -72.0, "hospitality_open": -25.0, "second_lockdown": -50.0}
MINUS = "\N{MINUS SIGN}"


def periods(
    retail: dict[str, float | None],
    *,
    region: float | None = -73.0,
    england: float | None = -74.4,
    others: dict[tuple[str, str], float | None] | None = None,
    n: int = 51,
) -> pl.DataFrame:
    values = {("retail", name): value for name, value in retail.items()} | (others or {})
    rows = [
        {
            "measure": measure,
            "period": name,
            "start": SPANS[name][0],
            "end": SPANS[name][1],
            "days": (SPANS[name][1] - SPANS[name][0]).days + 1,
            "self": value,
            "mark": "u" if value is None else None,
            "n": n,
            "region": region if value is not None else None,
            "england": england if value is not None else None,
            "order": list(SPANS).index(name),
        }
        for (measure, name), value in values.items()
    ]
    table = pl.DataFrame(
        rows,
        schema_overrides={"self": pl.Float64, "region": pl.Float64, "england": pl.Float64},
        infer_schema_length=None,
    )
    return with_recovery(table, "first_lockdown")


def standing(values: dict[str, float | None]) -> Standing:
    rows = [
        {"area": code, "measure": "retail", "period": "first_lockdown", "comparator": "self"}
        | {"statistic": statistic, "value": value if statistic == "median_change" else 0.0}
        for code, value in values.items()
        for statistic in ("median_change", "plain_median_change")
    ]
    return Standing.of(
        pl.LazyFrame(rows, schema_overrides={"value": pl.Float64}),
        "retail",
        "first_lockdown",
        values,
    )


def facts(table: pl.DataFrame, **changes: Any) -> Facts:
    keys: dict[str, Any] = {
        "names": {"self": "Harborough", "region": "East Midlands", "england": "England"},
        "periods": table,
        "labels": LABELS,
        "measures": MEASURES,
        "headline": {"measure": "retail", "period": "first_lockdown"},
        "standing": standing({"X": -72.0, "Y": -80.0, "Z": -10.0}),
        "code": "X",
        "lowest": {
            "self": Lowest(date(2020, 4, 12), -80.4),
            "england": Lowest(date(2020, 4, 10), -79.0),
        },
        "days": 100,
        "days_with_value": dict.fromkeys(MEASURES, 100),
    }
    return Facts(**{**keys, **changes})


def test_a_whole_summary() -> None:
    others = {("workplaces", "first_lockdown"): -64.2, ("residential", "first_lockdown"): 26.6}
    assert say.summary(facts(periods(RETAIL, others=others))) == [
        "In the first lockdown (23 March to 12 May 2020), visits to shops in Harborough were 72%"
        f" below the baseline: one point higher than in the East Midlands ({MINUS}73%) and two"
        f" points higher than in England ({MINUS}74%).",
        "That was the 2nd deepest change of 3 districts with an estimate.",
        "The deepest point was around 12 April 2020, when the mean of seven days was 80% below the"
        " baseline; England's was around 10 April 2020, 79% below it.",
        "Of the change in the first lockdown, 65% had been made up at best, in the period"
        " 'Hospitality open' (4 July to 13 September 2020): 25% below the baseline. In the latest"
        " period with an estimate, 'Second lockdown' (5 November to 1 December 2020), it was 31%:"
        " 50% below.",
        "Visits to workplaces were 64% below and time spent at home was 27% above the baseline in"
        " the first lockdown.",
    ]


def headline(table: pl.DataFrame, **changes: Any) -> str:
    return say.summary(facts(table, **changes))[0]


@pytest.mark.parametrize(
    ("own", "region", "england", "ending"),
    [
        (12.4, 10.0, 12.0, "12% above the baseline: two points higher than in the East Midlands"
         " (+10%) and about the same as in England (+12%)."),
        (0.2, 0.0, -1.0, "level with the baseline: about the same as in the East Midlands (0%) and"
         f" one point higher than in England ({MINUS}1%)."),
        (-72.0, -72.3, -71.6, "72% below the baseline: about the same as in the East Midlands"
         f" ({MINUS}72%) and in England ({MINUS}72%)."),
        (-72.0, -60.0, None, "72% below the baseline: 12 points lower than in the East Midlands"
         f" ({MINUS}60%)."),
        (-72.0, None, None, "72% below the baseline."),
    ],
    ids=["rise", "flat", "same as both", "no England", "no comparator"],
)  # fmt: skip
def test_a_level_beside_its_comparators(
    own: float, region: float | None, england: float | None, ending: str
) -> None:
    table = periods({"first_lockdown": own}, region=region, england=england)
    start = "In the first lockdown (23 March to 12 May 2020), visits to shops in Harborough were "
    assert headline(table) == start + ending


def test_london_and_yorkshire_have_no_article() -> None:
    for region in ("London", "Yorkshire and The Humber"):
        names = {"self": "Leeds", "region": region, "england": "England"}
        text = headline(periods(RETAIL), names=names)
        assert f"than in {region} (" in text


@pytest.mark.parametrize("tenth", range(-30, 31))
def test_differences_are_those_of_the_numbers_shown(tenth: int) -> None:
    text = compared(-10.5, [("England", -10.5 + tenth / 10)])
    shown = int(text.split("(")[1].split("%")[0].replace(MINUS, "-"))
    words = {"one": 1, "two": 2, "three": 3, "four": 4}
    points = 0 if text.startswith("about") else words[text.split()[0]]
    assert abs(-10 - shown) == points
    assert ("lower" in text) == (shown > -10)
    assert ("points" in text) == (points > 1)


@pytest.mark.parametrize(("n", "told"), [(6, "six of 51"), (0, "none of 51"), (12, "12 of 51")])
def test_too_few_days_say_so_and_nothing_more(n: int, told: str) -> None:
    lines = say.summary(
        facts(
            periods({**RETAIL, "first_lockdown": None}, n=n),
            standing=standing({"Y": -1.0}),
            lowest={"self": None, "england": Lowest(date(2020, 4, 10), -79.0)},
        )
    )
    assert lines == [
        f"There are too few days with a figure ({told}) to say how visits to shops in Harborough"
        " changed in the first lockdown, 23 March to 12 May 2020."
    ]


def test_data_that_do_not_reach_the_period_say_so() -> None:
    assert headline(periods({"second_tiers": -1.0})) == (
        "The data do not reach the first lockdown, so no level is given for visits to shops in"
        " Harborough."
    )


def test_the_latest_period_is_the_latest_with_an_estimate() -> None:
    lines = say.summary(facts(periods({**RETAIL, "second_tiers": None})))
    latest = "In the latest period with an estimate, 'Second lockdown' (5 November to 1 December"
    assert latest in lines[3]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (
            {"hospitality_open": 4.0, "second_lockdown": -50.0},
            "Of the change in the first lockdown, all of it had been made up at best, in the period"
            " 'Hospitality open' (4 July to 13 September 2020): 4% above the baseline. In the"
            " latest period",
        ),
        (
            {"hospitality_open": -25.0, "second_lockdown": -25.0},
            "Of the change in the first lockdown, 65% had been made up at best, in the period"
            " 'Hospitality open'",
        ),
        (
            {"hospitality_open": -25.0, "second_lockdown": -0.2},
            "Of the change in the first lockdown, all of it had been made up at best, in the period"
            " 'Second lockdown' (5 November to 1 December 2020): level with the baseline.",
        ),
        (
            {"hospitality_open": -80.0, "second_lockdown": -90.0},
            "No later period with an estimate was nearer to the baseline than the first lockdown.",
        ),
        (
            {"hospitality_open": -36.0, "second_lockdown": -80.0},
            "Of the change in the first lockdown, 50% had been made up at best, in the period"
            " 'Hospitality open' (4 July to 13 September 2020): 36% below the baseline. In the"
            " latest period with an estimate, 'Second lockdown' (5 November to 1 December 2020), it"
            " was nothing: 80% below.",
        ),
    ],
    ids=["above", "the first of equals", "level in the last", "deeper ever after", "lost again"],
)
def test_recovery(later: dict[str, float], expected: str) -> None:
    lines = say.summary(facts(periods({"first_lockdown": -72.0, **later})))
    assert lines[3].startswith(expected)


@pytest.mark.parametrize("first", [None, -4.4, 0.0, 4.0])
def test_no_recovery_of_a_small_or_unknown_change(first: float | None) -> None:
    lines = say.summary(facts(periods({**RETAIL, "first_lockdown": first})))
    assert not any("made up" in line or "No later" in line for line in lines)


def test_recovery_of_every_period_in_the_table() -> None:
    # A rise at home of 20 that falls to 15, 5, -2: a quarter, three quarters, all and a tenth.
    home = {
        ("residential", name): value for name, value in zip(SPANS, (20, 15, 5, -2), strict=True)
    }
    table = periods({"first_lockdown": -72.0}, others=home)  # type: ignore[arg-type]
    shares = table.filter(pl.col("measure") == "residential").sort("order")["recovered"]
    assert shares.to_list() == [None, 25.0, 75.0, 110.0]
    assert table.filter(pl.col("measure") == "retail")["recovered"].to_list() == [None]


def test_the_deepest_day_is_the_first_of_the_lowest() -> None:
    days = [date(2020, 3, day) for day in range(1, 7)]
    series = pl.DataFrame({"date": days, "smooth": [None, -3.0, -80.5, -80.5, -10.0, None]})
    assert lowest(series) == Lowest(date(2020, 3, 3), -80.5)
    assert lowest(series.with_columns(smooth=pl.lit(None, dtype=pl.Float64))) is None


@pytest.mark.parametrize(
    ("own", "england", "expected"),
    [
        (-50.0, None, "was 50% below the baseline."),
        (
            -50.0,
            Lowest(date(2020, 4, 12), -60.0),
            "baseline; England's was also then, 60% below it.",
        ),
        (-0.4, None, None),
        (3.0, None, None),
    ],
)
def test_the_deepest_point(own: float, england: Lowest | None, expected: str | None) -> None:
    lines = say.summary(
        facts(
            periods(RETAIL),
            lowest={"self": Lowest(date(2020, 4, 12), own), "england": england},
        )
    )
    told = [line for line in lines if line.startswith("The deepest point was around 12 April")]
    assert [line.endswith(expected) for line in told] == ([True] if expected else [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"X": -9.0, "Y": -1.0}, "the deepest change of 2 districts with an estimate."),
        (
            {"X": -9.0, "Y": -9.0, "Z": -1.0},
            "the deepest change of 3 districts with an estimate (equal with one other).",
        ),
        (
            {"W": -10.0, "X": -9.0, "Y": -9.0, "Z": -9.0},
            "the 2nd deepest change of 4 districts with an estimate (equal with two others).",
        ),
        ({"X": -1.0, "Y": -9.0, "Z": None}, "the 2nd deepest change of 2 districts"),
    ],
    ids=["deepest", "tie", "tie of three", "shallowest"],
)
def test_ranks_and_ties(values: dict[str, float | None], expected: str) -> None:
    lines = say.summary(facts(periods(RETAIL), standing=standing(values)))
    assert lines[1].startswith(f"That was {expected}")


@pytest.mark.parametrize(
    ("number", "word"),
    [
        *((1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th")),
        *((13, "13th"), (21, "21st"), (22, "22nd"), (111, "111th"), (112, "112th")),
        *((123, "123rd"), (308, "308th")),
    ],
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word


@pytest.mark.parametrize(("days", "warned"), [(75, False), (74, True), (0, True)])
def test_thin_categories_are_named(days: int, warned: bool) -> None:
    counts = {**dict.fromkeys(MEASURES, 100), "residential": days}
    lines = say.summary(facts(periods(RETAIL), days_with_value=counts))
    assert any(f"(residential on {days})" in line for line in lines) == warned
    assert any("100 days" in line for line in lines) == warned


def test_periods_without_an_estimate_are_counted() -> None:
    others: dict[tuple[str, str], float | None] = {
        ("residential", "first_lockdown"): 20.0,
        ("residential", "hospitality_open"): None,
        ("residential", "second_lockdown"): None,
    }
    counts = {**dict.fromkeys(MEASURES, 100), "residential": 30}
    lines = say.summary(facts(periods(RETAIL, others=others), days_with_value=counts))
    assert lines[-1] == (
        "Read with care: of the 100 days, some categories have a figure on far fewer (residential"
        " on 30, no estimate for two of three periods)."
    )


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, "among the tenth of districts that fell furthest"),
        (3, "among the tenth of districts that fell furthest"),
        (4, "fell further than most districts"),
        (10, "fell further than most districts"),
        (11, "fell about as far as most districts"),
        (20, "fell about as far as most districts"),
        (21, "fell less than most districts"),
        (27, "fell less than most districts"),
        (28, "among the tenth of districts that fell least"),
        (30, "among the tenth of districts that fell least"),
    ],
)
def test_titles_of_the_strip_of_30_districts(rank: int, expected: str) -> None:
    many = standing({f"C{place:02}": float(place - 90) for place in range(1, 31)})
    assert titles.standing_title(many, f"C{rank:02}", "York").endswith(expected)


def test_a_district_without_a_value_is_not_ranked() -> None:
    assert titles.standing_title(standing({"Y": -1.0}), "X", "York") == (
        "York has too few days with a figure to be ranked"
    )


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ({"retail": [-8.0, -10.0], "residential": [3.0, None]}, "York differed most from England in"
         " visits to shops: on average nine points lower"),
        ({"retail": [-1.0, 1.0], "residential": [1.0, 1.4]}, "York differed most from England in"
         " time spent at home: on average one point higher"),
        ({"retail": [0.4, -0.4]}, "York was on average within a point of England in every"
         " category"),
        ({"retail": [None, None]}, "Six categories in York, period by period"),
    ],
)  # fmt: skip
def test_titles_of_the_panels(gaps: dict[str, list[float | None]], expected: str) -> None:
    rows = pl.DataFrame(
        [
            (measure, None if gap is None else -20 + gap, -20.0)
            for measure, each in gaps.items()
            for gap in each
        ],
        schema={"measure": pl.String, "self": pl.Float64, "england": pl.Float64},
        orient="row",
    )
    assert titles.panels_title(rows, list(MEASURES.values()), "York") == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"mon": -10.0, "sat": -30.4, "sun": None}, "Visits to shops in the first lockdown: 30%"
         " below the baseline on Saturdays, 10% below it on Mondays"),
        ({"mon": -10.0, "sat": 2.0}, "Visits to shops in the first lockdown: 10% below the baseline"
         " on Mondays, 2% above it on Saturdays"),
        ({"mon": -10.0, "sat": -10.2}, "Visits to shops by day of the week and period"),
        ({"mon": None}, "Visits to shops by day of the week and period"),
    ],
)  # fmt: skip
def test_titles_of_the_days_of_the_week(values: dict[str, float | None], expected: str) -> None:
    rows = pl.DataFrame(
        [("first_lockdown", day, value) for day, value in values.items()]
        + [("eat_out", "fri", -99.0)],
        schema={"period": pl.String, "breakdown": pl.String, "self": pl.Float64},
        orient="row",
    )
    assert titles.weekday_title(rows, MEASURES["retail"], "first_lockdown") == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-60.0, -80.0, None], "Visits to shops were lowest on Easter Monday, 13 April 2020: 80%"
         " below the baseline"),
        ([None, -80.0, None], "Visits to shops on Easter Monday, 13 April 2020: 80% below the"
         " baseline"),
        ([None, None, None], "Visits to shops: no bank holiday has a figure"),
    ],
)  # fmt: skip
def test_titles_of_the_bank_holidays(values: list[float | None], expected: str) -> None:
    rows = pl.DataFrame(
        {
            "name": ["Good Friday", "Easter Monday", "Early May bank holiday"],
            "start": [date(2020, 4, 10), date(2020, 4, 13), date(2020, 5, 8)],
            "self": pl.Series(values, dtype=pl.Float64),
        }
    )
    assert titles.holiday_title(rows, MEASURES["retail"]) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0, 3.0, 4.0, 5.0], "York was in tier 3 on 9 December 2020, tier 4 on 30 December 2020"
         " and the national lockdown on 5 January 2021"),
        ([2.0, 3.0, 2.0, None], "York was in tier 2 on 9 December 2020, tier 3 on 18 December 2020"
         " and tier 2 on 30 December 2020"),
        ([None] * 4, "No tier is known for York"),
    ],
)  # fmt: skip
def test_titles_of_the_tiers(values: list[float | None], expected: str) -> None:
    days = [*(date(2020, 12, day) for day in (9, 18, 30)), date(2021, 1, 5)]
    rows = pl.DataFrame({"start": days, "value": pl.Series(values, dtype=pl.Float64)})
    assert titles.tier_title(rows, "York", 5) == expected


@pytest.mark.parametrize(
    ("own", "marks", "england", "expected"),
    [
        ([1.0, 2.0], [None, None], [0.9, 0.5], "2 of 2 days have a figure."),
        (
            [1.0, None, None],
            [None, "x", "u"],
            [0.9, 0.9, 0.9],
            "1 of 3 days have a figure; Google withheld 1 and on 1 too little of the population"
            " lives in parts that have one.",
        ),
        (
            [1.0, 2.0],
            [None, None],
            [0.9, 0.4],
            "2 of 2 days have a figure. On 1 day the districts with a figure hold less than half"
            " of England's people (lowest 40%), so its line shows only them.",
        ),
        (
            [1.0, 2.0],
            [None, None],
            [0.3, 0.4],
            "2 of 2 days have a figure. On 2 days the districts with a figure hold less than half"
            " of England's people (lowest 30%), so its line shows only them.",
        ),
    ],
)
def test_notes_of_blank_days(
    own: list[float | None], marks: list[str | None], england: list[float], expected: str
) -> None:
    frame = pl.DataFrame({"value": own, "mark": pl.Series(marks, dtype=pl.String)})
    assert titles.coverage_note(frame, pl.DataFrame({"coverage": england})) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-75.0, "Both fell further than 2 of 3 districts"),
        (-72.0, "Both fell further than 1 of 3 districts"),
        (-5.0, "Both, 5% below the baseline, beside 3 districts"),
        (4.0, "Both, 4% above the baseline, beside 3 districts"),
        (None, "Both has too few days with a figure to be set beside the districts"),
    ],
)
def test_an_area_of_several_districts_has_a_place_but_no_rank(
    value: float | None, expected: str
) -> None:
    among = standing({"X": -72.0, "Y": -80.0, "Z": -10.0})
    assert titles.beside_title(among, value, "Both") == expected


def test_districts_beside_a_value() -> None:
    among = standing({f"E{n}": float(n) for n in range(20)})
    lower, higher = among.beside(7.5)
    assert lower["value"].to_list() == [3.0, 4.0, 5.0, 6.0, 7.0]
    assert higher["value"].to_list() == [8.0, 9.0, 10.0, 11.0, 12.0]
