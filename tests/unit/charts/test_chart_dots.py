"""Dot and comparators by row, and the ranked strip."""

from __future__ import annotations

import random

import polars as pl
import pytest

from lds.errors import ContractError
from unit.charts.figures import LABELS, LONG, check_readable

MINUS = "\N{MINUS SIGN}"


def cells(values: dict[str, list[float | None]], marks=None, n: int | None = 51) -> pl.DataFrame:
    """One row per name; the values of self, region and England."""
    rows = [
        (name, order, series, value, (marks or {}).get((name, series)), n)
        for order, (name, three) in enumerate(values.items())
        for series, value in zip(("self", "region", "england"), three, strict=True)
    ]
    schema = {
        "row": pl.String,
        "order": pl.Int64,
        "series": pl.String,
        "value": pl.Float64,
        "mark": pl.String,
        "n": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_every_value_has_its_dot_and_its_number(draw_dots) -> None:
    figure = draw_dots(
        cells({"First": [-72, -70, -74], "Second": [0.2, 3, -2], "Third": [6, 6, 6]})
    )
    assert len(figure.layer("dots")) == 9
    assert len(figure.layer("connectors")) == 3
    assert figure.texts("values") == [f"{MINUS}72", "0", "+6"]
    assert figure.texts("labels") == ["First", "Second", "Third"]
    assert figure.texts("counts") == ["51", "51", "51", "Days"]
    assert [text for text in figure.texts("words") if text in LABELS.values()] == [*LABELS.values()]
    assert len(figure.layer("zero")) == 1
    assert "0" in figure.texts("ticks")
    check_readable(figure)


def test_rows_follow_their_order(draw_dots) -> None:
    frame = cells({"B": [1, 2, 3], "A": [1, 2, 3]})
    assert draw_dots(frame.sort("row")).texts("labels") == ["B", "A"]


@pytest.mark.parametrize("mark", ["c", "x", "u"])
def test_a_missing_value_is_a_mark_in_its_row(draw_dots, mark: str) -> None:
    frame = cells(
        {"First": [-72, -70, -74], "Second": [None, None, -2]},
        marks={("Second", "self"): mark, ("Second", "region"): mark},
    )
    figure = draw_dots(frame)
    assert figure.texts("labels") == ["First", "Second"]
    assert figure.texts("words").count(mark) == 2
    assert len(figure.layer("hollow")) == 2
    assert len(figure.layer("dots")) == 4
    assert [text for text in figure.texts("words") if text.startswith(f"{mark}: ")]
    # A count would say something about a value that is not shown.
    assert figure.texts("counts") == ["51", "Days"]
    check_readable(figure)


def test_a_missing_value_without_a_reason_does_not_exist(draw_dots) -> None:
    assert "x" in draw_dots(cells({"First": [None, 1, 2]})).texts("words")


def test_all_missing_leaves_every_row_and_a_note(draw_dots) -> None:
    frame = cells({"First": [None] * 3, "Second": [None] * 3})
    figure = draw_dots(frame)
    assert figure.texts("labels") == ["First", "Second"]
    assert "No values in this period" in figure.texts("words")
    check_readable(figure)
    assert "No values in this period" in draw_dots(frame.clear()).texts("words")


@pytest.mark.parametrize("level", [-60.0, 60.0])
def test_one_sided_values_and_one_row(draw_dots, level: float) -> None:
    figure = draw_dots(cells({"Only": [level, level, level]}))
    assert len(figure.layer("zero")) == 1
    check_readable(figure)


def test_figures_share_a_scale(draw_dots) -> None:
    near, far = (
        draw_dots(cells({"Row": [value, 0, 0]}), x_domain=(-100, 20)).texts("ticks")
        for value in (-3, -90)
    )
    assert near == far


def test_long_names_and_labels_fit(draw_dots) -> None:
    frame = cells(
        {
            "Managers, directors and senior officials in accommodation and food services": [
                9,
                8,
                7,
            ],
            "Other": [-99, -98, 99],
        }
    )
    figure = draw_dots(frame, labels=LONG)
    check_readable(figure)
    assert figure.texts("labels")[0].startswith("Managers")


def test_what_cannot_be_drawn_is_refused(draw_dots, draw_strip) -> None:
    frame = cells({"First": [1, 2, 3]})
    with pytest.raises(ContractError, match="lacks columns"):
        draw_dots(frame.drop("order"))
    with pytest.raises(ContractError, match="twice"):
        draw_dots(pl.concat([frame, frame]))
    with pytest.raises(ContractError, match="no such mark"):
        draw_dots(cells({"First": [None, 2, 3]}, marks={("First", "self"): "?"}))
    with pytest.raises(ContractError, match="marked as missing") as caught:
        draw_dots(cells({"First": [-7.25, 2, 3]}, marks={("First", "self"): "c"}))
    assert "7.25" not in str(caught.value)
    with pytest.raises(ContractError, match="twice"):
        draw_strip(pl.DataFrame({"code": ["E1", "E1"], "value": [1.0, 2.0]}))


def strip(values: list[float | None]) -> pl.DataFrame:
    codes = [f"E{index}" for index in range(len(values))]
    return pl.DataFrame({"code": codes, "value": values}, schema_overrides={"value": pl.Float64})


def test_every_area_is_a_tick(draw_strip) -> None:
    rng = random.Random(7)
    figure = draw_strip(strip([rng.gauss(-60, 9) for _ in range(309)]))
    places = sum(figure.path(f"shade{shade}").count("m") for shade in (1, 2, 3))
    assert 280 < places <= 308
    assert len(figure.layer("own")) == 1
    assert len(figure.svg.encode()) < 10_000
    check_readable(figure)


def test_ties_are_darker_not_lost(draw_strip) -> None:
    figure = draw_strip(strip([5, 1, 2, 2, 3, 3, 3, 3]), highlight="E0")
    assert [figure.path(f"shade{shade}").count("m") for shade in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("code", ["E0", "E2"])
def test_the_name_stays_inside_the_frame(draw_strip, code: str) -> None:
    figure = draw_strip(strip([-97, -60, -20]), highlight=code, label=LONG["self"])
    assert figure.texts("name")[0].startswith(LONG["self"])
    check_readable(figure)


def test_a_strip_without_this_area_or_without_any(draw_strip) -> None:
    figure = draw_strip(strip([1, None, 3]))
    assert figure.texts("name") == ["Harborough: no values in this period"]
    assert figure.layer("own") == []
    check_readable(figure)
    empty = draw_strip(strip([None, None]))
    assert "No values in this period" in empty.texts("note")
    check_readable(empty)
    check_readable(draw_strip(strip([0, -5]), highlight="E1"))
