"""The normaliser: ids, references, titles, bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lds.charts import LineChart, normalise
from lds.charts.normalise import short_path
from unit.charts.figures import LABELS, WINDOW, flat

RAW = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="10" height="5" viewBox="0 0 10 5">'
    '<defs><clipPath id="clip{a}"><rect width="3.14159" height="2"/></clipPath>'
    '<linearGradient id="grad{b}"><stop offset="0.25"/></linearGradient></defs>'
    '<g class="mark-group role-frame root" role="graphics-object" aria-roledescription="group">'
    '<path class="background" aria-hidden="true" d="M0,0h1v1h-1Z"/>'
    '<g class="mark-line role-mark self_marks" clip-path="url(#clip{a})">'
    '<path d="M0.04,1L2.26,3.14" fill="url(#grad{b})" opacity="1"/></g>'
    '<use xlink:href="#clip{a}"/><path class="foreground" display="none" d=""/></g></svg>'
)


def normalised(raw: str, **more: str) -> str:
    return normalise(raw, **{"figure_id": "f", "title": "T", "description": "D", **more})


def test_ids_are_numbered_by_document_order_whatever_the_engine_counted() -> None:
    first, later = RAW.format(a=0, b=0), RAW.format(a=71, b=9)
    assert normalised(first) == normalised(later)
    root = ElementTree.fromstring(normalised(later))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert ids == ["f-title", "f-desc", "f-ref1", "f-ref2"]


def test_references_follow_their_ids() -> None:
    text = normalised(RAW.format(a=3, b=4))
    assert 'clip-path="url(#f-ref1)"' in text
    assert 'fill="url(#f-ref2)"' in text
    assert 'href="#f-ref1"' in text
    ids = set(re.findall(r' id="([^"]+)"', text))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= ids


def test_two_figures_on_a_page_share_no_id() -> None:
    raw = RAW.format(a=0, b=0)
    one, two = (
        set(re.findall(r' id="([^"]+)"', normalised(raw, figure_id=name))) for name in ("a", "b")
    )
    assert one
    assert not one & two


def test_the_drawing_is_an_image_with_our_title_and_description() -> None:
    text = normalised(RAW.format(a=0, b=0), title='Rise & "fall" <b>', description="King's > 3")
    root = ElementTree.fromstring(text)
    assert root.attrib["role"] == "img"
    assert root.attrib["class"] == "chart"
    assert root.attrib["aria-labelledby"] == "f-title f-desc"
    assert [root[0].text, root[1].text] == ['Rise & "fall" <b>', "King's > 3"]
    assert "&amp;" in text
    assert "&lt;b&gt;" in text
    assert not {"width", "height"} & root.attrib.keys()
    noise = [name for element in root for child in element.iter() for name in child.attrib]
    assert not [name for name in noise if name == "role" or name.startswith("aria")]
    assert "ns0:" not in text
    assert "xlink" not in text
    assert "\n" not in text


def test_layers_keep_their_name_and_empty_wrappers_go() -> None:
    text = normalised(RAW.format(a=0, b=0))
    assert 'class="self"' in text
    assert "background" not in text
    assert "foreground" not in text
    assert 'offset="0.25"' in text
    assert 'width="3.1"' in text


def test_an_odd_figure_id_or_a_doubled_id_is_refused() -> None:
    with pytest.raises(ValueError, match="figure id"):
        normalised(RAW.format(a=0, b=0), figure_id="1 a")
    with pytest.raises(ValueError, match="stands twice"):
        normalised(RAW.format(a=0, b=0).replace("grad0", "clip0"))


def positions(path: str) -> list[tuple[float, float]]:
    """Walk a path of relative steps and return the absolute points."""
    x = y = 0.0
    start, points = (0.0, 0.0), []
    for letter, numbers in re.findall(r"([mlz])([^mlz]*)", path):
        values = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        if letter == "z":
            x, y = start
        for index in range(0, len(values), 2):
            x, y = x + values[index], y + values[index + 1]
            if letter == "m" and index == 0:
                start = (x, y)
            points.append((round(x, 1), round(y, 1)))
    return points


def test_relative_steps_do_not_drift() -> None:
    given = [(index * 1.4789, 50 + (index * 7919 % 97) * 0.337) for index in range(400)]
    path = "M" + "L".join(f"{x},{y}" for x, y in given)
    assert positions(short_path(path)) == [(round(x, 1), round(y, 1)) for x, y in given]
    assert len(short_path(path)) < 0.5 * len(path)


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("M1,2L3,4ZM5,5ZM6,4L7,7", "m1,2 2,2zm4,3zm1-1 1,3"),
        ("M1,2L3,4ZL5,5", "m1,2 2,2zl4,3"),
        ("M0.04,0.05ZM-0.04,9.96Z", "m0,0zm0,10z"),
        ("M5.5,0A5.53,5.53,0,1,1,-5.5,0", "M5.5,0A5.5,5.5,0,1,1,-5.5,0"),
        ("M-3.742,1e-7h7.4833Z", "M-3.7,0h7.5Z"),
        ("", ""),
    ],
)
def test_paths_are_shortened(path: str, short: str) -> None:
    assert short_path(path) == short


def test_the_same_figure_has_the_same_bytes_first_and_late(line_chart: LineChart) -> None:
    def draw(figure_id: str, value: float) -> str:
        return line_chart.render(
            figure_id=figure_id,
            title="T",
            description="D",
            frame=flat(value, 2, 3),
            labels=LABELS,
        )

    first = draw("a", -10)
    for index in range(20):
        draw("b", index)
    assert draw("a", -10) == first


SCRIPT = """
import hashlib
from unit.charts.figures import LABELS, WINDOW, bands, flat
from lds.charts import LineChart
chart = LineChart.build(window=WINDOW, bands=bands(), unit="%")
svg = chart.render(figure_id="a", title="T", description="D", frame=flat(-10, 2, 3), labels=LABELS)
print(hashlib.sha256(svg.encode()).hexdigest())
"""


def test_the_same_figure_has_the_same_bytes_in_another_process() -> None:
    root = Path(__file__).resolve().parents[3]
    seen = set()
    for seed, zone in (("0", "UTC"), ("1", "America/Los_Angeles"), ("2", "Asia/Tokyo")):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(root / "workflow"), str(root / "tests")]),
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "LC_ALL": "C",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout)
    assert len(seen) == 1
    assert WINDOW[0].year == 2020
