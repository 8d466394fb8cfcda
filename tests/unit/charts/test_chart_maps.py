"""Maps by date, the outlines they are made of, and the names on them."""

from __future__ import annotations

import math
import random
import re
import time

import polars as pl
import pytest
import shapely

from lds.charts import AreaMaps
from lds.charts.layout import Box
from lds.charts.mapnames import place_names
from lds.charts.outlines import Outline, read_rings
from lds.charts.theme import palette
from lds.errors import ContractError
from lds.reports.svg import check_svg
from unit.charts.figures import SVG, Figure, check_readable

DATES = ["9 Dec 2020", "18 Dec 2020", "30 Dec 2020", "5 Jan 2021"]
NAMES = {
    "E1": "Corby",
    "E2": "King's Lynn and West Norfolk",
    "E3": "Rugby",
    "E4": "Oadby and Wigston",
    "E5": "Harborough",
    "E6": "Bournemouth, Christchurch and Poole",
    "E7": "Melton",
    "E8": "Bath and North East Somerset",
    "E9": "Adur",
}
SQUARES = {
    code: f"M{index % 3 * 100} {index // 3 * 100}h100v100h-100z" for index, code in enumerate(NAMES)
}
BOX = (0, 0, 300, 300)
LEVELS = dict(zip(NAMES, "123412341", strict=True))


def levels(by_date=None, codes=NAMES) -> pl.DataFrame:
    """One row per area and date; `by_date` says level or mark, by default `LEVELS`."""
    cells = []
    for order, date in enumerate(DATES):
        for code in codes:
            sign = by_date(code, order) if by_date else LEVELS[code]
            level, mark = (None, sign) if sign in {*"cux"} else (sign, None)
            cells.append((code, date, order, level, mark))
    return pl.DataFrame(
        cells,
        schema={
            "code": pl.String,
            "column": pl.String,
            "column_order": pl.Int64,
            "level": pl.String,
            "mark": pl.String,
        },
        orient="row",
    )


@pytest.fixture
def draw():
    def drawn(frame=None, shapes=SQUARES, box=BOX, names=NAMES, highlight="E5", **more) -> Figure:
        chart = AreaMaps.build(**{"axis_title": "Tier", **more})
        return Figure(
            chart.render(
                figure_id="m",
                title="T",
                description="D",
                frame=levels(codes=shapes) if frame is None else frame,
                shapes=shapes,
                box=box,
                names=names,
                highlight=highlight,
            )
        )

    return drawn


def maps(figure: Figure) -> list[dict[str, str]]:
    """The fill of each area, by rank of its path, of the map of names and of each date."""
    found = []
    for group in figure.root.iter(f"{SVG}g"):
        if group.get("class") == "areas":
            found.append(
                {
                    use.get("href"): part.get("fill")
                    for part in group
                    if part.get("fill") != "none"
                    for use in part
                }
            )
    return found


def outlined(figure: Figure) -> list[set[str]]:
    return [
        {use.get("href") for part in group if part.get("fill") == "none" for use in part}
        for group in figure.root.iter(f"{SVG}g")
        if group.get("class") == "areas"
    ]


def test_every_map_fills_every_area_by_its_level(draw) -> None:
    own = draw(
        levels(
            lambda code, order: "lockdown" if order == 3 else str(1 + (int(code[1]) + order) % 4)
        )
    )
    names, *dates = maps(own)
    assert len(dates) == len(DATES)
    assert len({*names.values()}) == 1
    tiers = palette().tiers
    for order, fills in enumerate(dates):
        # Paths are numbered in the order of the codes.
        assert fills == {
            f"#m-ref{number}": tiers[
                "lockdown" if order == 3 else str(1 + (number + order) % 4)
            ].color
            for number in range(1, 10)
        }
    assert outlined(own) == [{"#m-ref5"}] * 5
    assert own.texts("titles") == ["Where they are", *DATES]
    assert sorted(own.texts("levels")) == sorted(
        ["L"] * 9 + [str(1 + (number + order) % 4) for number in range(1, 10) for order in range(3)]
    )
    check_readable(own)


def test_paths_stand_once_and_every_reference_has_its_path(draw) -> None:
    figure = draw()
    ids = re.findall(r' id="([^"]+)"', figure.svg)
    assert all(name.startswith("m-") for name in ids)
    assert len(ids) == len({*ids})
    paths = [element for element in figure.root.iter(f"{SVG}path") if element.get("id")]
    assert len(paths) == len(SQUARES)
    hrefs = set(re.findall(r'href="#([^"]+)"', figure.svg))
    assert hrefs == {path.get("id") for path in paths}


def test_the_page_lets_the_figure_in(draw) -> None:
    checked = check_svg(draw(levels(lambda *_: "x")).svg)
    assert checked.width == 720
    assert checked.ids[:2] == ["m-title", "m-desc"]


def test_levels_stand_in_the_middle_of_their_squares(draw) -> None:
    figure = draw()
    pixels = [element.get("d") for element in figure.root.iter(f"{SVG}path") if element.get("id")]
    side = float(re.match(r"m0,0 ([\d.]+),0", pixels[0])[1])
    shifts = [
        tuple(map(float, re.findall(r"[\d.]+", group.get("transform"))[:2]))
        for group in figure.root.iter(f"{SVG}g")
        if group.get("class") == "areas"
    ]
    words = figure.words("levels")
    for left, top in shifts[1:]:
        for index, code in enumerate(NAMES):
            middle = left + side * (index % 3 + 0.5) + 1, top + side * (index // 3 + 0.5) + 1
            near = [
                word.text
                for word in words
                if math.dist(
                    ((word.box.left + word.box.right) / 2, (word.box.top + word.box.bottom) / 2),
                    middle,
                )
                < 4
            ]
            assert near == [LEVELS[code]]


def test_an_area_without_a_level_is_hatched_with_its_mark(draw) -> None:
    figure = draw(levels(lambda code, order: "x" if (code, order) == ("E3", 1) else "2"))
    hatched = [[path for path, fill in fills.items() if "url" in fill] for fills in maps(figure)]
    assert hatched == [[], [], ["#m-ref3"], [], []]
    pattern = next(figure.root.iter(f"{SVG}pattern")).get("id")
    assert maps(figure)[2]["#m-ref3"] == f"url(#{pattern})"
    assert figure.texts("levels").count("x") == 1
    assert "does not exist" in figure.texts("key")
    check_readable(figure)


def test_names_that_fit_stand_in_their_areas_and_the_others_below(draw) -> None:
    # The column in the middle is too narrow for a name.
    edges = [0, 135, 165, 300]
    shapes = {
        code: f"M{edges[index % 3]} {index // 3 * 100}"
        f"H{edges[index % 3 + 1]}v100H{edges[index % 3]}z"
        for index, code in enumerate(NAMES)
    }
    figure = draw(shapes=shapes, highlight="E7")
    letters = [text for text in figure.texts("names") if len(text) == 1]
    listed = figure.texts("list")
    assert letters == ["A", "B", "C"]
    assert listed[1::2] == [NAMES["E8"], NAMES["E5"], NAMES["E2"]]
    check_readable(figure)
    # Every letter on the map has its name below, and every name stands in one place only.
    assert listed[::2] == letters
    everywhere = [*listed[1::2], *(text for text in figure.texts("names") if len(text) > 1)]
    assert sorted(everywhere) == sorted(NAMES.values())
    bold = [
        text.text
        for group in figure.root.iter(f"{SVG}g")
        if group.get("class") == "names" and group.get("font-weight") == "bold"
        for text in group
    ]
    assert bold == ["Melton"]


def test_a_name_takes_a_second_line_before_it_leaves_its_area() -> None:
    square = {"E4": Outline(read_rings("E4", "M0 0h70v60h-70z"))}
    labels, listed = place_names(square, NAMES, "E5", 1.0)
    assert [label.lines for label in labels] == [["Oadby and", "Wigston"]]
    assert listed == []


def test_very_small_areas_never_put_a_letter_on_another_text() -> None:
    # Two areas of 5 x 5 pixels side by side: one letter, and both names below.
    tiny = {
        "E1": Outline(read_rings("E1", "M0 0h5v5h-5z")),
        "E2": Outline(read_rings("E2", "M5 0h5v5h-5z")),
        "E3": Outline(read_rings("E3", "M0 5h90v60h-90z")),
    }
    labels, listed = place_names(tiny, NAMES, "E3", 1.0)
    assert [label.lines for label in labels] == [["Rugby"], ["A"]]
    assert [(each.letter, each.name) for each in listed] == [("A", "Corby"), ("", NAMES["E2"])]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6])
def test_any_number_of_dates(draw, count: int) -> None:
    frame = pl.concat(
        [
            levels().with_columns(
                pl.format("Day {}", pl.col("column_order") + 4 * more).alias("column"),
                pl.col("column_order") + 4 * more,
            )
            for more in (0, 1)
        ]
    ).filter(pl.col("column_order") < count)
    figure = draw(frame)
    assert len(maps(figure)) == count + 1
    check_readable(figure)


@pytest.mark.parametrize(("wide", "tall"), [(300, 900), (900, 300), (300, 300)])
def test_tall_and_wide_districts_stay_in_the_frame(draw, wide: int, tall: int) -> None:
    shapes = {
        "E5": f"M0 0h{wide}v{tall // 2}h-{wide}z",
        "E7": f"M0 {tall // 2}h{wide}v{tall // 2}h-{wide}z",
    }
    figure = draw(shapes=shapes, box=(0, 0, wide, tall // 2 * 2))
    check_readable(figure)
    reach = [
        float(group.get("transform").split("(")[1].split(",")[0])
        for group in figure.root.iter(f"{SVG}g")
        if group.get("class") == "areas"
    ]
    path = next(e.get("d") for e in figure.root.iter(f"{SVG}path") if e.get("id"))
    across = float(re.match(r"m0,0 ([\d.]+),0", path)[1])
    assert max(reach) + across <= 720 - 2
    assert reach[2] - reach[1] >= across
    assert reach[1] - reach[0] >= 1.4 * across


def test_an_island_is_alone(draw) -> None:
    figure = draw(shapes={"E5": "M0 0h200v150h-200z"}, box=(0, 0, 200, 150))
    assert figure.texts("names") == ["Harborough"]
    assert figure.texts("list") == []
    check_readable(figure)


def test_the_order_of_the_frame_and_of_the_shapes_does_not_matter(draw) -> None:
    turned = dict(reversed(SQUARES.items()))
    assert draw(levels().reverse(), shapes=turned).svg == draw().svg


def test_what_cannot_be_drawn_is_refused(draw) -> None:
    frame = levels()
    with pytest.raises(ContractError, match="lacks columns"):
        draw(frame.drop("column_order"))
    with pytest.raises(ContractError, match="twice"):
        draw(pl.concat([frame, frame.head(1)]))
    with pytest.raises(ContractError, match="different areas"):
        draw(frame.slice(1))
    with pytest.raises(ContractError, match="no such level"):
        draw(frame.with_columns(level=pl.lit("5")))
    with pytest.raises(ContractError, match="no name"):
        draw(names={code: name for code, name in NAMES.items() if code != "E9"})
    with pytest.raises(ContractError, match="has no outline"):
        draw(names={**NAMES, "E0": "Leeds"}, highlight="E0")
    with pytest.raises(ContractError, match="out of the box"):
        draw(box=(0, 0, 300, 299))
    with pytest.raises(ContractError, match="no area"):
        draw(box=(0, 0, 0, 300))


@pytest.mark.parametrize(
    ("path", "ring"),
    [
        ("M1 2L4,2 4 6Z", [(1, 2), (4, 2), (4, 6)]),
        ("m1 2l3 0 0 4z", [(1, 2), (4, 2), (4, 6)]),
        ("M1 2h3v4h-3z", [(1, 2), (4, 2), (4, 6), (1, 6)]),
        ("M1 2H4V6H1Z", [(1, 2), (4, 2), (4, 6), (1, 6)]),
        ("M10-5l-3-4 6-1z", [(10, -5), (7, -9), (13, -10)]),
        ("M1 2 4 2 4 6z", [(1, 2), (4, 2), (4, 6)]),
    ],
)
def test_outlines_are_read_whatever_the_spelling(path: str, ring) -> None:
    assert read_rings("E1", path) == [ring]


def test_a_relative_move_begins_where_the_last_ring_began() -> None:
    first, second = read_rings("E1", "m10 10h5v5zm1 1h2v2z")
    assert first == [(10, 10), (15, 10), (15, 15)]
    assert second == [(11, 11), (13, 11), (13, 13)]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("M0 0C1 1 2 2 3 3z", "straight lines"),
        ("M0 0L1z", "breaks off"),
        ("L0 0 1 1 2 2z", "begin with a move"),
        ("M0 0z1 1", "breaks off"),
        ("", "no area"),
        ("M0 0h4z", "no area"),
    ],
)
def test_a_path_that_is_no_outline_is_refused(path: str, what: str) -> None:
    with pytest.raises(ContractError, match=what):
        read_rings("E1", path)


def blob(seed: int, points: int = 60, reach: float = 60) -> list[tuple[float, float]]:
    rng = random.Random(seed)
    return [
        (
            100 + reach * rng.uniform(0.4, 1) * math.cos(math.tau * at / points),
            100 + reach * rng.uniform(0.4, 1) * math.sin(math.tau * at / points),
        )
        for at in range(points)
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("width", "height"), [(8, 9), (30, 9), (24, 22)])
def test_a_text_placed_inside_lies_inside(seed: int, width: float, height: float) -> None:
    ring = blob(seed, 24 + seed)
    place = Outline([ring]).place(width, height)
    area = shapely.Polygon(ring).buffer(0)
    if place is None:
        # Shapely's circle is the other opinion: no box of this size around its middle either.
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(area))[0]
        x, y = middle
        box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        assert not area.contains(box)
    else:
        x, y = place
        box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        # Between two of the lines along which the inside is known, a tip may reach in.
        assert shapely.area(shapely.difference(box, area)) < 0.03 * width * height


def test_a_text_stays_out_of_a_hole() -> None:
    ring = Outline(read_rings("E1", "M0 0h100v100h-100zM30 30h40v40h-40z"))
    x, y = ring.place(20, 10)
    box = Box(x - 10, y - 5, x + 10, y + 5)
    assert not box.touches(Box(30, 30, 70, 70))
    assert Box(0, 0, 100, 100).holds(box.left, box.top)
    assert Box(0, 0, 100, 100).holds(box.right, box.bottom)
    assert ring.place(45, 45) is None


def test_a_figure_of_twelve_detailed_areas_is_small_and_quick(draw) -> None:
    shapes = {}
    for index in range(12):
        moved = [
            (round(10 * x) + index % 4 * 1300, round(10 * y) + index // 4 * 1300)
            for x, y in blob(index, 100)
        ]
        shapes[f"E{index}"] = "M" + "L".join(f"{x} {y}" for x, y in moved) + "z"
    names = {code: f"District {code}" for code in shapes}
    frame = levels(lambda code, order: str(1 + order), codes=shapes)
    figure = draw(frame, shapes=shapes, box=(0, 0, 6000, 4500), names=names)
    check_readable(figure)
    assert len(maps(figure)[0]) == 12
    # 19 kB and 15 ms on a quiet machine; the time only catches another order of magnitude.
    assert len(figure.svg.encode()) < 25_000
    costs = []
    for _ in range(3):
        begun = time.perf_counter()
        draw(frame, shapes=shapes, box=(0, 0, 6000, 4500), names=names)
        costs.append(time.perf_counter() - begun)
    assert min(costs) < 0.2
