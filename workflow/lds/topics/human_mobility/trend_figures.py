"""Figures over time and among districts: the strip of all districts, and a line per category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from lds.charts import LineChart, StripChart
from lds.reports.content import Figure, Table
from lds.text import date_range, last_day, signed
from lds.topics.human_mobility import titles
from lds.topics.human_mobility.context import UNIT, Context, cell, comparators
from lds.topics.human_mobility.standing import Standing

SMOOTHING_DAYS = 7


class TrendFigures:
    """The strip and the trends of all districts; built once in the process that draws them.

    Parameters
    ----------
    standing : the ranking of all districts.
    names : name of each LAD and custom area by code.
    """

    def __init__(self, context: Context, standing: Standing, names: Mapping[str, str]) -> None:
        self._context = context
        self._labels = context.labels
        self._standing = standing
        self._names = names
        self._ranking = standing.values.select(
            pl.col("code").alias("area_code"),
            pl.col("code").replace_strict(names, return_dtype=pl.String).alias("area_name"),
            pl.col("value").alias("change_percent"),
            "rank",
        )
        # The same on every district's page.
        self._ranking_csv = context.csv(self._ranking)
        bands = context.periods.filter(pl.col("band").is_not_null()).select(
            "start", pl.col("end").dt.offset_by("-1d"), pl.col("band").alias("label")
        )
        self._line = LineChart.build(window=context.window, bands=bands, unit=UNIT)
        self._strip = StripChart.build(
            axis_title="Change from baseline in the first lockdown, %; each line is one district"
        )

    def standing(self, code: str) -> Figure:
        """Return the strip of all districts with this one marked."""
        name, ranked = self._names[code], self._standing.values
        return self._strip_of(
            code,
            title=titles.standing_title(self._standing, code, name),
            marks=ranked.select("code", "value"),
            columns=[("District", False), ("Rank", True), ("Change, %", True)],
            rows=[
                [self._names[row["code"]], f"{row['rank']:,}", signed(row["value"], 1)]
                for row in self._standing.around(code).iter_rows(named=True)
            ],
            csv=self._ranking_csv,
        )

    def beside(self, code: str, value: float | None) -> Figure:
        """Return the strip of all districts with an area of several marked, which has no rank."""
        name, marks = self._names[code], self._standing.values.select("code", "value")
        own = pl.DataFrame({"code": [code], "value": [value]}, schema=marks.schema)
        around = [self._standing.around(code)]
        if value is not None:
            lower, higher = self._standing.beside(value)
            around = [lower.select("code", "value"), own, higher.select("code", "value")]
        first = self._ranking.clear(1).with_columns(
            area_code=pl.lit(code), area_name=pl.lit(name), change_percent=pl.lit(value, pl.Float64)
        )
        return self._strip_of(
            code,
            title=titles.beside_title(self._standing, value, name),
            marks=pl.concat([marks, own]),
            columns=[("Area", False), ("Change, %", True)],
            rows=[
                [self._names[row["code"]], signed(row["value"], 1)]
                for part in around
                for row in part.iter_rows(named=True)
            ],
            csv=self._context.csv(pl.concat([first, self._ranking])),
        )

    def _strip_of(
        self,
        code: str,
        *,
        title: str,
        marks: pl.DataFrame,
        columns: Sequence[tuple[str, bool]],
        rows: Sequence[Sequence[str]],
        csv: str,
    ) -> Figure:
        measure = self._context.measure(self._context.headline["measure"])
        label = self._labels[self._context.headline["period"]]
        name, days = self._names[code], date_range(label["start"], last_day(label["end"]))
        return Figure(
            id="standing",
            kind="strip",
            title=title,
            guide=f"{measure['label']}: change from baseline in the {label['short_label'].lower()},"
            f" {days}. Each line is one district.",
            svg=self._strip.render(
                figure_id="standing",
                title=title,
                description=f"Strip of {self._standing.values.height} districts by change in"
                f" {measure['subject']}; {name} is marked.",
                frame=marks,
                highlight=code,
                label=name,
            ),
            note=None,
            table=Table(
                caption=f"Districts around {name}: change in {measure['subject']}, {days},"
                " per cent",
                columns=columns,
                rows=rows,
            ),
            csv=csv,
        )

    def trend(
        self,
        measure: Mapping[str, str],
        names: Mapping[str, str],
        series: Mapping[str, pl.DataFrame],
        rows: pl.DataFrame,
    ) -> Figure:
        """Return the daily lines of one measure.

        Parameters
        ----------
        series : by voice ``date, value, mark, coverage, smooth``, every day of the window in order.
        rows : the period values of the measure, the three voices side by side, with ``published``
            and ``recovered``.
        """
        name = f"trend_{measure['id']}"
        own = series["self"]
        title = titles.trend_title(measure, rows, self._labels, self._context.headline["period"])
        # Every series has every day of the window, in order.
        days = pl.DataFrame(
            {
                "date": own["date"],
                "district_percent": own["value"],
                "mark": own["mark"],
                **{f"{voice}_percent": series[voice]["value"] for voice in comparators(names)},
            }
        )
        return Figure(
            id=name,
            kind="line",
            title=title,
            guide="Change from the same weekday in January and early February 2020, %. Lines:"
            f" {SMOOTHING_DAYS}-day means. Dots: {names['self']} day by day.",
            svg=self._line.render(
                figure_id=name,
                title=title,
                description=titles.trend_description(measure, names, rows, self._labels),
                frame=_stacked(series),
                labels=names,
            ),
            note=titles.coverage_note(own, series["england"]),
            table=self._period_table(measure, names, rows),
            csv=self._context.csv(days),
        )

    def _period_table(
        self, measure: Mapping[str, str], names: Mapping[str, str], rows: pl.DataFrame
    ) -> Table:
        return Table(
            caption=f"{measure['label']}: change from baseline by period, per cent, comparators on"
            f" the days that {names['self']} has. As first published: the plain median of the days"
            " with a figure. Made up: share of the change in the first lockdown that had gone.",
            columns=[
                ("Period", False),
                ("Dates", False),
                *((f"{name}, %", True) for name in names.values()),
                ("As first published, %", True),
                ("Made up, %", True),
                ("Days with a figure", True),
                ("Days", True),
            ],
            rows=[
                [
                    self._labels[row["period"]]["label"],
                    date_range(row["start"], row["end"]),
                    *(cell(row[key], row["mark"]) for key in names),
                    cell(row["published"], "x"),
                    "" if row["recovered"] is None else f"{row['recovered']:.0f}",
                    f"{row['n']:,}",
                    f"{row['days']:,}",
                ]
                for row in rows.iter_rows(named=True)
            ],
        )


def _stacked(series: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the series of one measure below each other, named by the column ``series``."""
    columns = {
        name: pl.concat([frame[name] for frame in series.values()])
        for name in ("date", "value", "smooth")
    }
    names = [key for key, frame in series.items() for _ in range(frame.height)]
    return pl.DataFrame({**columns, "series": names})
