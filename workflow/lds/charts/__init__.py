"""Figure kinds: tidy polars frames in, normalised SVG text out.

Each kind is built once per figure and rendered per area::

    chart = LineChart.build(window=(first, last), bands=bands, unit="%")
    svg = chart.render(figure_id="hm-f1", title=..., description=..., frame=..., labels=...)
"""

from lds.charts.dots import DotChart
from lds.charts.line import LineChart
from lds.charts.normalise import normalise
from lds.charts.strip import StripChart
from lds.charts.theme import Palette, palette

__all__ = ["DotChart", "LineChart", "Palette", "StripChart", "normalise", "palette"]
