"""Figure kinds: tidy polars frames in, normalised SVG text out.

Each kind is built once per figure and rendered per area::

    chart = LineChart.build(window=(first, last), bands=bands, unit="%")
    svg = chart.render(figure_id="hm-f1", title=..., description=..., frame=..., labels=...)
"""

from lds.charts.dotpanels import DotPanels
from lds.charts.dots import DotChart
from lds.charts.line import LineChart
from lds.charts.maps import AreaMaps
from lds.charts.normalise import normalise
from lds.charts.strip import StripChart
from lds.charts.theme import Palette, palette
from lds.charts.tiles import TileChart

__all__ = [
    "AreaMaps",
    "DotChart",
    "DotPanels",
    "LineChart",
    "Palette",
    "StripChart",
    "TileChart",
    "normalise",
    "palette",
]
