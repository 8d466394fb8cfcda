"""Line with comparators."""

from __future__ import annotations

import math
import time
from datetime import date

import polars as pl
import pytest

from lds.charts import LineChart
from lds.errors import ContractError
from unit.charts.figures import (
    LABELS,
    LONG,
    PERIODS,
    WINDOW,
    Figure,
    bands,
    check_readable,
    daily,
    flat,
)

MINUS = "\N{MINUS SIGN}"


def wave(day: int) -> float:
    return -40 + 50 * math.sin(day / 40) + (day * 7919 % 13)


def busy() -> pl.DataFrame:
    return daily(self=wave, region=lambda day: wave(day) + 3, england=lambda day: wave(day) - 4)


def dots(figure: Figure) -> int:
    return figure.path("dots").count("m")


def test_a_year_of_three_series_is_complete_and_small(draw_line) -> None:
    figure = draw_line(busy())
    assert len(figure.svg.encode()) <= 20_000
    for voice in LABELS:
        assert len(figure.layer(voice)) == 1
        assert figure.path(voice).count("m") == 1
    assert dots(figure) == 365
    assert figure.path("dots").count("z") == 365
    assert sorted(figure.texts("names")) == sorted(LABELS.values())
    check_readable(figure)


def test_a_gap_is_a_gap(draw_line) -> None:
    def holed(day: int) -> float | None:
        return None if 100 <= day < 110 or day == 200 else wave(day)

    frame = daily(self=holed, region=wave, england=wave)
    figure = draw_line(frame)
    assert figure.path("self").count("m") == 3
    assert figure.path("region").count("m") == 1
    assert dots(figure) == 365 - 11
    # Days without a row are as much a gap as days without a value.
    assert draw_line(frame.drop_nulls()).svg == figure.svg
    everywhere = daily(self=holed, region=holed, england=holed)
    assert draw_line(everywhere).path("england").count("m") == 3
    assert draw_line(everywhere.drop_nulls()).svg == draw_line(everywhere).svg


def test_values_that_are_not_numbers_are_gaps(draw_line) -> None:
    figure = draw_line(daily(self=lambda day: math.nan if day == 9 else wave(day)))
    assert figure.path("self").count("m") == 2


def test_the_order_of_rows_does_not_matter(draw_line) -> None:
    assert draw_line(busy().reverse()).svg == draw_line(busy()).svg


def test_zero_is_drawn_and_signs_are_true(draw_line) -> None:
    figure = draw_line(flat(-55, 20, 0))
    assert len(figure.layer("zero")) == 1
    ticks = figure.texts("values")
    assert "0" in ticks
    assert f"{MINUS}20" in ticks
    assert "+20" in ticks
    assert "+0" not in ticks
    assert not [tick for tick in ticks if "-" in tick]


@pytest.mark.parametrize(("level", "sign"), [(-30.0, MINUS), (30.0, "+")])
def test_one_sided_data_keep_zero(draw_line, level: float, sign: str) -> None:
    figure = draw_line(flat(level, level * 1.2, level * 0.9))
    assert len(figure.layer("zero")) == 1
    assert {tick[0] for tick in figure.texts("values")} == {"0", sign}
    check_readable(figure)


def test_levels_have_no_plus() -> None:
    chart = LineChart.build(window=WINDOW, unit="per 100,000 people", signed=False)
    figure = Figure(
        chart.render(figure_id="f", title="", description="", frame=flat(12, 9, 4), labels=LABELS)
    )
    assert "+" not in "".join(figure.texts("values"))
    assert "per 100,000 people" in figure.texts("unit")
    check_readable(figure)


def test_a_shared_domain_is_kept_and_never_cuts(draw_line) -> None:
    narrow, wide = draw_line(flat(1, 2, 3)), draw_line(flat(1, 2, 3), y_domain=(-100, 50))
    assert f"{MINUS}100" not in narrow.texts("values")
    assert f"{MINUS}100" in wide.texts("values")
    assert f"{MINUS}200" in draw_line(flat(-200, 2, 3), y_domain=(-100, 50)).texts("values")


def test_equal_ends_do_not_hide_each_other(draw_line) -> None:
    figure = draw_line(flat(-20, -20, -20), labels=LONG)
    assert sorted(figure.texts("names")) == sorted(LONG.values())
    check_readable(figure)


@pytest.mark.parametrize("level", [-80.0, 0.0, 80.0])
def test_long_names_fit_at_any_height(draw_line, level: float) -> None:
    labels = {**LONG, "self": "King's Lynn and West Norfolk"}
    figure = draw_line(flat(level, level + 1, level - 1), labels=labels, y_domain=(-81, 81))
    assert "King's Lynn and West Norfolk" in figure.texts("names")
    check_readable(figure)


@pytest.mark.parametrize("last", [3, 80, 200, 330])
def test_a_line_that_stops_early_is_named_where_it_stops(draw_line, last: int) -> None:
    frame = daily(self=lambda day: wave(day) if day < last else None, region=wave, england=wave)
    figure = draw_line(frame, labels=LONG)
    check_readable(figure)
    own = next(word for word in figure.words("names") if word.text == LONG["self"])
    assert (own.box.left > 570) == (last > 345)


def test_periods_are_all_named_and_readable(draw_line) -> None:
    figure = draw_line(busy())
    assert figure.texts("periods") == [period[0] for period in PERIODS]
    assert len(figure.layer("bands")) == len(PERIODS)


def test_a_period_may_ask_for_its_row_and_those_outside_are_left_out() -> None:
    asked = bands(PERIODS[:2]).with_columns(row=pl.Series([2, None], dtype=pl.Int64))
    outside = pl.DataFrame(
        {"label": ["Long ago"], "start": [date(2019, 1, 1)], "end": [date(2019, 2, 1)], "row": [0]}
    )
    chart = LineChart.build(window=WINDOW, bands=pl.concat([asked, outside]))
    figure = Figure(
        chart.render(figure_id="f", title="", description="", frame=busy(), labels=LABELS)
    )
    words = {word.text: word.box for word in figure.words("periods")}
    assert set(words) == {"Before first lockdown", "First lockdown"}
    assert words["Before first lockdown"].top < words["First lockdown"].top
    check_readable(figure)


@pytest.mark.parametrize(
    ("window", "shown"),
    [
        ((date(2020, 2, 15), date(2020, 12, 31)), "Mar 2020"),
        ((date(2020, 2, 15), date(2022, 12, 31)), "Jul 2020"),
        ((date(2021, 1, 4), date(2021, 1, 20)), "11 Jan 2021"),
        ((date(2021, 1, 4), date(2021, 1, 4)), "4 Jan 2021"),
    ],
)
@pytest.mark.parametrize("width", [400.0, 720.0])
def test_the_time_axis_has_room(window: tuple[date, date], shown: str, width: float) -> None:
    chart = LineChart.build(window=window, bands=bands(PERIODS[1:5]), unit="%", width=width)
    figure = Figure(
        chart.render(figure_id="f", title="", description="", frame=busy(), labels=LABELS)
    )
    if width == 720:
        assert shown in figure.texts("time")
    assert figure.texts("time")
    check_readable(figure)


def test_no_values_at_all_leave_a_note(draw_line) -> None:
    for frame in (
        daily(self=None, region=None, england=None),
        daily(self=None).clear(),
    ):
        figure = draw_line(frame)
        assert "No values in this period" in figure.texts()
        check_readable(figure)


def test_an_area_without_values_is_said_to_have_none(draw_line) -> None:
    figure = draw_line(daily(self=None, region=wave, england=wave))
    assert "Harborough: no values in this period" in figure.texts("names")
    check_readable(figure)


def test_one_point_is_seen(draw_line) -> None:
    figure = draw_line(daily(self=lambda day: 5.0 if day == 30 else None))
    assert figure.path("self").count("m") == 1
    assert figure.path("self").endswith("z")
    assert len(figure.layer("ends")) == 1
    assert "Harborough" in figure.texts("names")
    check_readable(figure)


def test_single_days_without_a_mean_still_name_the_area(draw_line) -> None:
    frame = daily(self=wave, region=wave).with_columns(
        smooth=pl.when(pl.col("series") == "region").then("smooth")
    )
    figure = draw_line(frame, labels={"self": "Harborough", "region": "East Midlands"})
    assert figure.path("self") == ""
    assert len(figure.layer("ends")) == 1
    assert sorted(figure.texts("names")) == ["East Midlands", "Harborough"]


def test_names_are_escaped(draw_line) -> None:
    figure = draw_line(busy(), labels={**LABELS, "self": 'Tyne & <Wear> "x"'})
    assert 'Tyne & <Wear> "x"' in figure.texts("names")


def test_what_cannot_be_drawn_is_refused(draw_line) -> None:
    frame = busy()
    with pytest.raises(ContractError, match="lacks columns"):
        draw_line(frame.drop("smooth"))
    with pytest.raises(ContractError, match="twice"):
        draw_line(pl.concat([frame, frame.head(1)]))
    with pytest.raises(ContractError, match="no such series"):
        draw_line(frame, labels={"wales": "Wales"})
    with pytest.raises(ContractError, match="ends before"):
        LineChart.build(window=(WINDOW[1], WINDOW[0]))


def test_a_figure_costs_milliseconds(draw_line) -> None:
    frame = busy()
    draw_line(frame)
    costs = []
    for _ in range(10):
        begun = time.perf_counter()
        draw_line(frame)
        costs.append(time.perf_counter() - begun)
    # 20 ms on a quiet machine; the bound only catches another order of magnitude.
    assert min(costs) < 0.1
