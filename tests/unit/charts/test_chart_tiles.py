"""Tiles, and the fills that tiles and maps share."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from typing import NamedTuple

import polars as pl
import pytest

from lds.charts import TileChart
from lds.charts.layout import Box
from lds.charts.text import text_width
from lds.charts.theme import palette
from lds.errors import ContractError
from unit.charts.figures import LABELS, LONG, PERIODS, SVG, Figure, check_readable
from unit.charts.test_chart_theme import WHITE, contrast, luminance

MINUS = "\N{MINUS SIGN}"
VOICES = tuple(LABELS.values())
ROWS = [period[0] for period in PERIODS]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DATES = ["9 Dec 2020", "18 Dec 2020", "30 Dec 2020", "5 Jan 2021"]
ORDER = ("row", "row_order", "group", "group_order", "column", "column_order")


def weekdays(value, marks=None, groups=VOICES, rows=ROWS) -> pl.DataFrame:
    """Rows by weekday; `value` is a function of row, group and day by number."""
    marks = marks or {}
    cells = [
        (row, r, group, g, day, d, None if at in marks else float(value(*at)), marks.get(at))
        for r, row in enumerate(rows)
        for g, group in enumerate(groups)
        for d, day in enumerate(DAYS)
        for at in ((r, g, d),)
    ]
    return frame_of(cells, "value", pl.Float64)


def restrictions(levels: dict[str, str]) -> pl.DataFrame:
    """Areas by date; one character per date: 1 to 4, L, or the mark of a missing level."""
    cells = [
        (area, a, "", 0, date, d, {"L": "lockdown"}.get(sign, sign), None)
        if sign in "1234L"
        else (area, a, "", 0, date, d, None, sign)
        for a, (area, path) in enumerate(levels.items())
        for d, (date, sign) in enumerate(zip(DATES, path, strict=True))
    ]
    return frame_of(cells, "level", pl.String)


def frame_of(cells, measured: str, kind) -> pl.DataFrame:
    names = dict(zip(ORDER, [pl.String, pl.Int64] * 3, strict=True))
    return pl.DataFrame(cells, schema={**names, measured: kind, "mark": pl.String}, orient="row")


AREAS = {"Harborough": "333L", "Rutland": "22xL", "Corby": "224L", "Rugby": "123L"}


@pytest.fixture
def draw():
    def drawn(frame: pl.DataFrame, emphasise: str | None = None, **more) -> Figure:
        scale = "diverging" if "value" in frame.columns else "tiers"
        chart = TileChart.build(scale=scale, **{"axis_title": "Change, %", **more})
        return Figure(
            chart.render(
                figure_id="t", title="T", description="D", frame=frame, emphasise=emphasise
            )
        )

    return drawn


class Drawn(NamedTuple):
    """A tile read back: its fill, its text and the colour of the text."""

    fill: str
    text: str
    ink: str


def boxes(figure: Figure, layer: str = "tiles") -> list[tuple[str, Box]]:
    return [
        (path.get("fill"), Box(float(x), float(y), float(x) + float(w), float(y) + float(h)))
        for path in figure.layer(layer)
        for x, y, w, h in re.findall(r"M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h", path.get("d"))
    ]


def tiles(figure: Figure) -> list[Drawn]:
    """The tiles with a text, row by row; the text has to lie inside its tile."""
    groups = [group for group in figure.root.iter() if group.get("class") == "numbers"]
    words = [
        (float(text.get("x")), float(text.get("y")), text.text, group)
        for group in groups
        for text in group.findall(f"{SVG}text")
    ]
    found = []
    for x, y, text, group in words:
        size = float(group.get("font-size", "11.5px").removesuffix("px"))
        half = text_width(text, size) / 2
        own = [
            (fill, box)
            for fill, box in boxes(figure)
            if box.holds(x - half, y) and box.holds(x + half, y - 0.7 * size)
        ]
        assert len(own) == 1, text
        found.append((own[0][1], Drawn(own[0][0], text, group.get("fill"))))
    return [tile for _, tile in sorted(found, key=lambda each: (each[0].top, each[0].left))]


@pytest.mark.parametrize(
    ("value", "text", "fill"),
    [
        (-97.0, f"{MINUS}97", "#2166AC"),
        (-70.0, f"{MINUS}70", "#2166AC"),
        (-69.4, f"{MINUS}69", "#4393C3"),
        # Rounded first: the number and its colour never disagree.
        (-69.6, f"{MINUS}70", "#2166AC"),
        (-30.0, f"{MINUS}30", "#92C5DE"),
        (-10.0, f"{MINUS}10", "#D1E5F0"),
        (-9.4, f"{MINUS}9", "#F7F7F7"),
        (-0.3, "0", "#F7F7F7"),
        (9.4, "+9", "#F7F7F7"),
        (9.6, "+10", "#FDDBC7"),
        (49.0, "+49", "#F4A582"),
        (50.0, "+50", "#D6604D"),
        (240.0, "+240", "#B2182B"),
    ],
)
def test_a_tile_has_the_fill_of_its_class_and_its_number(
    draw, value: float, text: str, fill: str
) -> None:
    figure = draw(weekdays(lambda r, g, d: value if (r, g, d) == (1, 0, 2) else 0))
    # The key comes first: its swatches have no text.
    drawn = tiles(figure)
    assert len(drawn) == len(ROWS) * 21
    assert (drawn[1 * 21 + 2].fill, drawn[1 * 21 + 2].text) == (fill, text)
    assert {(tile.fill, tile.text) for tile in [*drawn[:23], *drawn[24:]]} == {("#F7F7F7", "0")}


def test_every_level_has_its_fill_and_its_letter(draw) -> None:
    figure = draw(restrictions(AREAS), emphasise="Harborough", axis_title="Tier")
    key, grid = tiles(figure)[:6], tiles(figure)[6:]
    assert [tile.text for tile in key] == ["1", "2", "3", "4", "L", "x"]
    assert [tile.text for tile in grid] == list("333L22xL224L123L")
    looks = {tile.text: tile.fill for tile in key}
    assert {tile.text: tile.fill for tile in grid} == looks
    assert len({*looks.values()}) == 6
    meanings = ["medium alert", "high alert", "very high alert", "stay at home"]
    assert figure.texts("key") == ["Tier", *meanings, "national lockdown", "does not exist"]
    check_readable(figure)


def test_fills_are_the_same_in_every_area(draw) -> None:
    one = draw(restrictions({"Harborough": "333L"}))
    other = draw(restrictions({"Rutland": "1234"}))
    assert {tile for tile in tiles(one) if tile.text == "3"} == {
        tile for tile in tiles(other) if tile.text == "3"
    }


FILLS = [*palette().diverging.fills, *palette().tiers.values()]


@pytest.mark.parametrize("fill", FILLS, ids=lambda fill: fill.color)
def test_words_stand_out_on_every_fill(fill) -> None:
    assert contrast(fill.color, fill.text) >= 4.5


def test_classes_of_change_are_even_and_as_many_as_their_fills() -> None:
    scale = palette().diverging
    assert len(scale.fills) == len(scale.breaks) + 1
    assert [*scale.breaks] == [-at for at in reversed(scale.breaks)]
    assert len({after - before for before, after in pairwise(scale.breaks)}) == 1
    # Darker away from zero on either side, so that a grey print keeps the size of a change.
    shades = [luminance(fill.color) for fill in scale.fills]
    assert shades[:5] == sorted(shades[:5])
    assert shades[4:] == sorted(shades[4:], reverse=True)


def test_levels_darken_step_by_step() -> None:
    shades = [fill.color for fill in palette().tiers.values()]
    assert [*palette().tiers] == ["1", "2", "3", "4", "lockdown"]
    for milder, stricter in pairwise(shades):
        assert luminance(milder) > luminance(stricter)
        assert contrast(milder, stricter) > 1.3


# Viénot, Brettel and Mollon (1999): what those without long- or middle-wave cones see, for linear
# RGB. https://doi.org/10.1002/(SICI)1520-6378(199908)24:4%3C243::AID-COL5%3E3.0.CO;2-3
CONES = {
    "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def lab(colour: str, cones: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of `colour` as seen without one kind of cones."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    seen = [sum(k * p for k, p in zip(row, linear, strict=True)) for row in CONES[cones]]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(k * p for k, p in zip(row, seen, strict=True)) for row in matrix]
    f = [
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (value / white for value, white in zip(xyz, (0.9505, 1, 1.089), strict=True))
    ]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


@pytest.mark.parametrize("cones", CONES)
def test_fills_differ_for_the_colour_blind(cones: str) -> None:
    scale = [fill.color for fill in palette().diverging.fills]
    levels = [fill.color for fill in palette().tiers.values()]
    mirrored = [(scale[at], scale[-1 - at]) for at in range(4)]
    for one, other in [*pairwise(scale), *pairwise(levels), *mirrored]:
        apart = sum((a - b) ** 2 for a, b in zip(lab(one, cones), lab(other, cones), strict=True))
        assert apart**0.5 > 8, (one, other)


def test_a_missing_value_is_a_letter_on_a_plain_tile_with_an_edge(draw) -> None:
    marks = {(3, 0, 5): "u", (3, 0, 6): "u", (0, 1, 2): "c", (12, 2, 6): "x"}
    figure = draw(weekdays(lambda *_: -50, marks))
    grid = [tile for tile in tiles(figure) if tile.text in {*"cux"}]
    assert sorted(tile.text for tile in grid) == sorted("uucx" + "cxu")
    assert {tile.fill for tile in grid} == {WHITE}
    plain = [path for path in figure.layer("tiles") if path.get("fill") == WHITE]
    assert all(path.get("stroke") for path in plain)
    meanings = {"withheld", "does not exist", "too few to estimate"}
    assert meanings <= {*figure.texts("key")}
    check_readable(figure)
    assert not meanings & {*draw(weekdays(lambda *_: -50)).texts("key")}


def test_a_missing_value_without_a_reason_does_not_exist(draw) -> None:
    frame = weekdays(lambda *_: 1, {(0, 0, 0): None})
    assert [tile.text for tile in tiles(draw(frame))].count("x") == 2


@pytest.mark.parametrize("groups", [VOICES, tuple(LONG.values())])
def test_tiles_and_headings_are_readable(draw, groups: tuple[str, ...]) -> None:
    figure = draw(weekdays(lambda r, g, d: -72 + 9 * r + g - d, groups=groups))
    assert figure.texts("groups") == [*groups]
    assert figure.texts("columns") == DAYS * 3
    assert figure.texts("labels") == ROWS
    assert "+70" in figure.texts("key")
    check_readable(figure)
    drawn = [box for _, box in boxes(figure)]
    assert not [
        (one, other)
        for index, one in enumerate(drawn)
        for other in drawn[index + 1 :]
        if one.touches(other, -0.2)
    ]
    assert max(box.right for box in drawn) <= 720


def test_long_labels_take_further_lines(draw) -> None:
    rows = ["Groups of up to six may meet outdoors again", "Second"]
    figure = draw(weekdays(lambda *_: 5, rows=rows), label_room=110)
    assert figure.texts("labels") == rows
    check_readable(figure)


def test_wide_numbers_shrink_until_they_fit_their_tiles(draw) -> None:
    figure = draw(weekdays(lambda r, g, d: -100 if d else 120))
    # `tiles` fails for a text that is wider than its tile.
    assert {tile.text for tile in tiles(figure)} == {f"{MINUS}100", "+120"}
    sizes = [
        group.get("font-size") for group in figure.root.iter() if group.get("class") == "numbers"
    ]
    assert {*sizes} <= {"10.5px", "10px"}


def test_the_row_of_this_area_is_bold_and_framed(draw) -> None:
    figure = draw(restrictions(AREAS), emphasise="Rutland")
    bold = [group for group in figure.root.iter() if group.get("class") == "own"]
    assert [group.get("font-weight") for group in bold if group.tag == f"{SVG}g"] == ["bold"]
    assert figure.texts("own") == ["Rutland"]
    assert figure.texts("labels") == ["Harborough", "Corby", "Rugby"]
    frame = next(group for group in bold if group.tag == f"{SVG}path")
    row = next(word.box for word in figure.words("own") if word.text == "Rutland")
    top, tall = (
        float(part) for part in re.search(r",([\d.]+)h\d+v([\d.]+)", frame.get("d")).groups()
    )
    assert top < row.top
    assert row.bottom < top + tall
    assert figure.texts("groups") == []


def test_nothing_to_draw_leaves_a_note(draw) -> None:
    figure = draw(weekdays(lambda *_: 0).clear())
    assert "No values in this period" in figure.texts("note")
    check_readable(figure)


def test_rows_follow_their_order_not_that_of_the_frame(draw) -> None:
    frame = weekdays(lambda r, g, d: r * 5 + g - d)
    assert draw(frame.reverse()).svg == draw(frame).svg


def test_what_cannot_be_drawn_is_refused(draw) -> None:
    frame = weekdays(lambda *_: -7.25)
    with pytest.raises(ContractError, match="lacks columns"):
        draw(frame.drop("group_order"))
    with pytest.raises(ContractError, match="stands twice"):
        draw(pl.concat([frame, frame.head(1)]))
    with pytest.raises(ContractError, match="tiles are missing"):
        draw(frame.slice(1))
    with pytest.raises(ContractError, match="two places"):
        draw(frame.with_columns(row_order=pl.int_range(pl.len())))
    with pytest.raises(ContractError, match="no such mark"):
        draw(frame.with_columns(mark=pl.lit("?")))
    with pytest.raises(ContractError, match="marked as missing") as caught:
        draw(frame.with_columns(mark=pl.lit("c")))
    assert "7.25" not in str(caught.value)
    tiers = restrictions(AREAS)
    with pytest.raises(ContractError, match="no such level"):
        draw(tiers.with_columns(level=pl.lit("5")))
    with pytest.raises(ContractError, match="no such row"):
        draw(tiers, emphasise="Leeds")


def test_a_figure_is_small_and_quick(draw) -> None:
    frame = weekdays(lambda r, g, d: -72 + 9 * r + g - d)
    # 19 kB and 12 ms on a quiet machine; the time only catches another order of magnitude.
    assert len(draw(frame).svg.encode()) < 22_000
    costs = []
    for _ in range(5):
        begun = time.perf_counter()
        draw(frame)
        costs.append(time.perf_counter() - begun)
    assert min(costs) < 0.1
