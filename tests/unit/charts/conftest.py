"""One compiled chart per kind, and a way to draw with it."""

from __future__ import annotations

import polars as pl
import pytest

from lds.charts import DotChart, LineChart, StripChart
from unit.charts.figures import LABELS, WINDOW, Figure, bands


@pytest.fixture(scope="session")
def line_chart() -> LineChart:
    return LineChart.build(window=WINDOW, bands=bands(), unit="%")


@pytest.fixture(scope="session")
def dot_chart() -> DotChart:
    return DotChart.build(axis_title="Median change from baseline, %", n_label="Days")


@pytest.fixture(scope="session")
def strip_chart() -> StripChart:
    return StripChart.build(axis_title="Median change, %; each line is one district")


@pytest.fixture
def draw_line(line_chart):
    def draw(frame: pl.DataFrame, labels=LABELS, **more) -> Figure:
        return Figure(
            line_chart.render(
                figure_id="f1", title="T", description="D", frame=frame, labels=labels, **more
            )
        )

    return draw


@pytest.fixture
def draw_dots(dot_chart):
    def draw(frame: pl.DataFrame, labels=LABELS, **more) -> Figure:
        return Figure(
            dot_chart.render(
                figure_id="f2", title="T", description="D", frame=frame, labels=labels, **more
            )
        )

    return draw


@pytest.fixture
def draw_strip(strip_chart):
    def draw(frame: pl.DataFrame, highlight="E1", label="Harborough", **more) -> Figure:
        return Figure(
            strip_chart.render(
                figure_id="f3",
                title="T",
                description="D",
                frame=frame,
                highlight=highlight,
                label=label,
                **more,
            )
        )

    return draw
