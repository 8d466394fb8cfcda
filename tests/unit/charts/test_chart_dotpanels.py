"""Dot panels: one measure of several categories over the same rows, on one scale."""

from __future__ import annotations

import re
import time

import polars as pl
import pytest

from lds.charts import DotPanels
from lds.charts.theme import palette
from lds.errors import ContractError
from unit.charts.figures import LABELS, LONG, PERIODS, Figure, check_readable

MINUS = "\N{MINUS SIGN}"
CATEGORIES = [
    "Retail and recreation",
    "Grocery and pharmacy",
    "Parks",
    "Transit stations",
    "Residential",
    "Workplaces",
]
ROWS = [period[0] for period in PERIODS]
SERIES = ("self", "region", "england")


@pytest.fixture(scope="module")
def chart() -> DotPanels:
    return DotPanels.build(axis_title="Median change from baseline, %")


@pytest.fixture
def draw(chart):
    def drawn(frame: pl.DataFrame, labels=LABELS, by: DotPanels = chart, **more) -> Figure:
        return Figure(
            by.render(figure_id="p", title="T", description="D", frame=frame, labels=labels, **more)
        )

    return drawn


def cells(value, marks=None, panels=CATEGORIES, rows=ROWS) -> pl.DataFrame:
    """A full frame; `value` is a function of panel, row and series by number."""
    marks = marks or {}
    found = [
        (panel, p, row, r, series, None if at in marks else float(value(*at)), marks.get(at))
        for p, panel in enumerate(panels)
        for r, row in enumerate(rows)
        for s, series in enumerate(SERIES)
        for at in ((p, r, s),)
    ]
    return pl.DataFrame(
        found,
        schema={
            "panel": pl.String,
            "panel_order": pl.Int64,
            "row": pl.String,
            "order": pl.Int64,
            "series": pl.String,
            "value": pl.Float64,
            "mark": pl.String,
        },
        orient="row",
    )


def busy(panel: int, row: int, series: int) -> float:
    return ((panel * 37 + row * 23) % 140) - 80 + 4 * series


def circles(figure: Figure, layer: str = "dots") -> list[tuple[float, float]]:
    """Centres of the circles of this area: an arc begins at the left end of its circle."""
    return [
        (float(x) + float(radius), float(y))
        for x, y, radius in re.findall(r"M(-?[\d.]+),(-?[\d.]+)a([\d.]+),", figure.path(layer))
    ]


def test_each_dot_stands_at_its_value_on_the_ticks_of_its_panel(draw) -> None:
    figure = draw(cells(busy))
    ticks = figure.words("ticks")
    zeros = [word for word in ticks if word.text == "0"]
    fifties = [word for word in ticks if word.text == f"{MINUS}50"]
    assert len(zeros) == len(fifties) == len(CATEGORIES)
    names = {word.text: word for word in figure.words("labels")}
    assert set(names) == set(ROWS)
    left = float(re.search(r"translate\(([\d.]+)", figure.svg)[1])
    found = circles(figure)
    assert len(found) == len(CATEGORIES) * len(ROWS)
    for panel in range(len(CATEGORIES)):
        zero = (zeros[panel].box.left + zeros[panel].box.right) / 2
        fifty = (fifties[panel].box.left + fifties[panel].box.right) / 2
        for row in range(len(ROWS)):
            x, _ = found[panel * len(ROWS) + row]
            wanted = zero + busy(panel, row, 0) * (zero - fifty) / 50
            assert x + left == pytest.approx(wanted, abs=0.25)


def test_dots_of_a_row_stand_beside_its_label(draw) -> None:
    figure = draw(cells(busy))
    labels = figure.words("labels")
    assert [word.text for word in labels] == ROWS * 2
    top = float(re.search(r"translate\([\d.]+,([\d.]+)", figure.svg)[1])
    found = circles(figure)
    for panel in range(len(CATEGORIES)):
        for row in range(len(ROWS)):
            label = labels[panel // 3 * len(ROWS) + row].box
            y = found[panel * len(ROWS) + row][1] + top
            assert label.top < y < label.bottom


def test_voices_differ_in_shape_and_colour_and_the_small_ones_lie_on_top(draw) -> None:
    paths = draw(cells(busy)).layer("dots")
    look = palette().voices
    drawn = [look["self"], look["england"], look["region"]]
    assert [path.get("fill") for path in paths] == [voice.line for voice in drawn]
    counts = [len(CATEGORIES) * len(ROWS)] * 3
    assert [path.get("d").count("M") for path in paths] == counts
    assert ["a" in path.get("d") for path in paths] == [True, False, False]
    square, diamond = (path.get("d").split("z")[0] for path in paths[1:])
    assert re.fullmatch(r"M[^h]*h[\d.]+v[\d.]+h-[\d.]+", square)
    assert re.fullmatch(r"M[^l]*l.*", diamond)


def test_everything_is_named_and_readable(draw) -> None:
    for labels in (LABELS, LONG):
        figure = draw(cells(busy), labels=labels)
        assert figure.texts("titles") == CATEGORIES
        assert figure.texts("words") == [*labels.values()]
        assert "Median change from baseline, %" in figure.texts("ticks")
        check_readable(figure)


@pytest.mark.parametrize("factor", [0.001, 0.1, 10, 1000])
@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_ticks_of_neighbouring_panels_do_not_touch(draw, factor: float, columns: int) -> None:
    chart = DotPanels.build(axis_title="Change", columns=columns)
    figure = draw(cells(lambda *at: busy(*at) * factor), by=chart)
    check_readable(figure)
    assert figure.texts("ticks").count("0") == len(CATEGORIES)
    assert len(circles(figure)) == len(CATEGORIES) * len(ROWS)


def test_levels_have_no_plus(draw) -> None:
    frame = cells(lambda p, r, s: 10 + p)
    assert "+10" in draw(frame).texts("ticks")
    figure = draw(frame, by=DotPanels.build(signed=False))
    assert "10" in figure.texts("ticks")
    assert not [text for text in figure.texts("ticks") if text.startswith("+")]


def test_a_missing_value_is_a_mark_at_the_left_of_its_panel(draw) -> None:
    marks = {(2, 0, 0): "u", (2, 4, 0): "c", (2, 4, 1): "c", (4, 7, 2): "x"}
    marks |= {(0, row, series): "u" for row in (1, 2) for series in range(3)}
    figure = draw(cells(busy, marks))
    texts = figure.texts("words")
    assert [texts.count(mark) for mark in "cxu"] == [2, 1, 7]
    assert {"c: withheld", "x: does not exist", "u: too few to estimate"} <= {*texts}
    assert len(circles(figure)) == len(CATEGORIES) * len(ROWS) - 4
    assert len(circles(figure, "hollow")) == 4
    # All marks of this area in one panel stand in one column, left of every dot of that panel.
    places = {round(x) for x, _ in circles(figure, "hollow")}
    assert len(places) == 2
    check_readable(figure)


def test_rows_without_any_value_take_no_room_from_the_plot(draw) -> None:
    def plot(figure: Figure) -> float:
        zero, fifty = (
            next(word.box for word in figure.words("ticks") if word.text == text)
            for text in ("0", f"{MINUS}50")
        )
        return zero.left - fifty.left

    whole = {(1, 3, series): "u" for series in range(3)}
    assert plot(draw(cells(busy, whole))) == pytest.approx(plot(draw(cells(busy))), abs=1)
    assert plot(draw(cells(busy, {(1, 3, 0): "u"}))) < 0.95 * plot(draw(cells(busy)))


def test_no_values_leave_every_row_and_a_note(draw) -> None:
    everything = {(p, r, s): "x" for p in range(6) for r in range(13) for s in range(3)}
    figure = draw(cells(busy, everything))
    assert figure.texts("labels") == ROWS * 2
    assert "No values in this period" in figure.texts("ticks")
    check_readable(figure)
    empty = draw(cells(busy).clear())
    assert "No values in this period" in empty.texts("ticks")
    check_readable(empty)


def test_figures_share_a_scale_and_none_cuts_a_value_off(draw) -> None:
    near, far = (
        draw(cells(lambda *_, at=at: at), x_domain=(-100, 60)).texts("ticks") for at in (-3, -90)
    )
    assert near == far
    # The domain asked for is widened: the farthest circle still lies inside the drawing.
    figure = draw(cells(lambda p, r, s: 150 if p == 2 else 0), x_domain=(-100, 60))
    left = float(re.search(r"translate\(([\d.]+)", figure.svg)[1])
    assert max(x for x, _ in circles(figure)) + left < 720 - 5


def test_the_order_of_the_frame_does_not_matter(draw) -> None:
    frame = cells(busy, {(1, 3, 0): "u"})
    assert draw(frame.reverse()).svg == draw(frame).svg


def test_what_cannot_be_drawn_is_refused(draw) -> None:
    frame = cells(busy)
    with pytest.raises(ContractError, match="lacks columns"):
        draw(frame.drop("panel_order"))
    with pytest.raises(ContractError, match="twice"):
        draw(pl.concat([frame, frame.head(1)]))
    with pytest.raises(ContractError, match="different rows"):
        draw(frame.filter((pl.col("panel_order") != 2) | (pl.col("order") != 5)))
    with pytest.raises(ContractError, match="no such series"):
        draw(frame.with_columns(series=pl.lit("wales")))


def test_a_figure_is_small_and_quick(draw) -> None:
    frame = cells(busy)
    # 16 kB and 20 ms on a quiet machine; the time only catches another order of magnitude.
    assert len(draw(frame).svg.encode()) < 20_000
    costs = []
    for _ in range(5):
        begun = time.perf_counter()
        draw(frame)
        costs.append(time.perf_counter() - begun)
    assert min(costs) < 0.15
