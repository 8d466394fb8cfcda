"""The figures of Human mobility: from released values to pictures, tables and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from lds.charts import DotChart, LineChart, StripChart
from lds.reports.content import Figure, Table
from lds.text import date_range, last_day, signed
from lds.topics.human_mobility import sentences as say

SMOOTHING_DAYS = 7
SERIES = ("self", "region", "england")
UNIT = "%"


class Figures:
    """The figures of all districts; built once in the process that draws them.

    Parameters
    ----------
    measures : the categories with ``id, label, subject``, in the order of the page.
    headline : ``measure`` and ``period`` of the ranking.
    names : name of each LAD by code.
    periods : ``id, label, short_label, start, end, band`` (end is the day after the last).
    standing : the ranking of all districts.
    window : first and last day of the data.
    marks : columns that every CSV row carries, and their value.
    """

    def __init__(
        self,
        *,
        measures: list[dict[str, str]],
        headline: Mapping[str, str],
        names: Mapping[str, str],
        periods: pl.DataFrame,
        standing: say.Standing,
        window: tuple[date, date],
        marks: Mapping[str, str],
    ) -> None:
        self._measures = measures
        self._headline = headline
        self._labels = period_labels(periods)
        self._standing = standing
        self._marks = marks
        self._ranked = standing.values.with_columns(
            pl.col("code").replace_strict(names, return_dtype=pl.String).alias("name")
        )
        self._ranking_csv = self.csv(
            self._ranked.select(
                pl.col("code").alias("area_code"),
                pl.col("name").alias("area_name"),
                pl.col("value").alias("change_percent"),
            )
        )
        bands = periods.filter(pl.col("band").is_not_null()).select(
            "start", pl.col("end").dt.offset_by("-1d"), pl.col("band").alias("label")
        )
        self._line = LineChart.build(window=window, bands=bands, unit=UNIT)
        self._dots = DotChart.build(axis_title="Change from baseline, %", n_label="days")
        self._strip = StripChart.build(
            axis_title="Change from baseline in the first lockdown, %; each line is one district"
        )

    def standing(self, code: str, names: Mapping[str, str]) -> Figure:
        """Return the strip of all districts with this one marked."""
        measure = self._measure(self._headline["measure"])
        label = self._labels[self._headline["period"]]
        title = say.standing_title(self._standing, code, names["self"])
        near = say.neighbours_in_rank(self._ranked, code)
        days = date_range(label["start"], last_day(label["end"]))
        return Figure(
            id="standing",
            kind="strip",
            title=title,
            guide=f"{measure['label']}: change from baseline in the {label['short_label'].lower()},"
            f" {days}. Each line is one district.",
            svg=self._strip.render(
                figure_id="standing",
                title=title,
                description=f"Strip of {self._ranked.height} districts by change in"
                f" {measure['subject']}; {names['self']} is marked.",
                frame=self._ranked.select("code", "value"),
                highlight=code,
                label=names["self"],
            ),
            note=None,
            table=Table(
                caption=f"Districts around {names['self']}: change in {measure['subject']},"
                f" {days}, per cent",
                columns=[("District", False), ("Rank", True), ("Change, %", True)],
                rows=[[name, f"{rank:,}", signed(value, 1)] for name, rank, value in near],
            ),
            csv=self._ranking_csv,
        )

    def trend(
        self,
        measure: dict[str, str],
        names: Mapping[str, str],
        series: Mapping[str, pl.DataFrame],
        rows: pl.DataFrame,
    ) -> Figure:
        """Return the daily lines of one measure.

        Parameters
        ----------
        series : by voice ``date, value, mark, coverage, smooth``, every day of the window in order.
        rows : the period values of the measure, the three voices side by side.
        """
        name = f"trend_{measure['id']}"
        own = series["self"]
        title = say.trend_title(measure, rows, self._labels, self._headline["period"])
        columns = [("Period", False), ("Dates", False)]
        columns += [(f"{names[key]}, %", True) for key in SERIES]
        columns += [("Days with a figure", True), ("Days", True)]
        # Every series has every day of the window, in order.
        days = pl.DataFrame(
            {
                "date": own["date"],
                "district_percent": own["value"],
                "mark": own["mark"],
                "region_percent": series["region"]["value"],
                "england_percent": series["england"]["value"],
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
                description=say.trend_description(measure, names, rows, self._labels),
                frame=_stacked(series),
                labels=names,
            ),
            note=say.coverage_note(own, series["england"]),
            table=Table(
                caption=f"{measure['label']}: change from baseline by period, per cent, comparators"
                f" on the days that {names['self']} has",
                columns=columns,
                rows=[
                    [
                        self._labels[row["period"]]["label"],
                        date_range(row["start"], row["end"]),
                        *(_cell(row[key], row["mark"]) for key in SERIES),
                        f"{row['n']:,}",
                        f"{row['days']:,}",
                    ]
                    for row in rows.iter_rows(named=True)
                ],
            ),
            csv=self.csv(days),
        )

    def periods(self, names: Mapping[str, str], periods: pl.DataFrame) -> Figure:
        """Return the dots of the headline measure by period, with a table of all measures."""
        measure = self._measure(self._headline["measure"])
        rows = periods.filter(pl.col("measure") == measure["id"])
        title = say.period_title(rows, self._labels, names["self"], measure)
        long = pl.concat(
            [
                rows.select(
                    pl.col("period")
                    .replace_strict(
                        {key: row["short_label"] for key, row in self._labels.items()},
                        return_dtype=pl.String,
                    )
                    .alias("row"),
                    "order",
                    pl.lit(key).alias("series"),
                    pl.col(key).alias("value"),
                    pl.when(pl.col(key).is_null())
                    .then(pl.col("mark").fill_null("x"))
                    .alias("mark"),
                    "n",
                )
                for key in SERIES
            ]
        )
        wide = self._all_measures_table(periods)
        return Figure(
            id="periods",
            kind="dots",
            title=title,
            guide=f"{measure['label']}: median change from baseline in each period, every day of"
            " the week counting by its share of the period, %.",
            svg=self._dots.render(
                figure_id="periods",
                title=title,
                description=f"Dots for {names['self']}, {names['region']} and England in"
                f" {rows.height} periods.",
                frame=long,
                labels=names,
            ),
            note="The region and England are given for the days on which the district has one.",
            table=wide,
            csv=self.csv(
                periods.select(
                    "measure",
                    "period",
                    pl.col("start").alias("first_day"),
                    pl.col("end").alias("last_day"),
                    pl.col("self").alias("district_percent"),
                    "mark",
                    pl.col("region").alias("region_percent"),
                    pl.col("england").alias("england_percent"),
                    pl.col("n").alias("days_with_a_figure"),
                    "days",
                    pl.col("note").alias("weekdays_without_a_figure"),
                )
            ),
        )

    def _all_measures_table(self, periods: pl.DataFrame) -> Table:
        cells: dict[tuple[str, str], str] = {
            (row["period"], row["measure"]): _cell(row["self"], row["mark"])
            for row in periods.iter_rows(named=True)
        }
        spans = periods.sort("order").select("period", "start", "end").unique(maintain_order=True)
        return Table(
            caption="Change from baseline by period and category, per cent",
            columns=[
                ("Period", False),
                ("Dates", False),
                *((measure["label"], True) for measure in self._measures),
            ],
            rows=[
                [
                    self._labels[name]["label"],
                    date_range(start, end),
                    *(cells.get((name, measure["id"]), "x") for measure in self._measures),
                ]
                for name, start, end in spans.iter_rows()
            ],
        )

    def _measure(self, name: str) -> dict[str, str]:
        return next(measure for measure in self._measures if measure["id"] == name)

    def csv(self, frame: pl.DataFrame) -> str:
        """Return a frame as CSV whose every row says its release and whether it is synthetic."""
        marked = frame.with_columns(pl.lit(value).alias(key) for key, value in self._marks.items())
        return marked.write_csv(float_precision=None)


def _stacked(series: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the series of one measure below each other, named by the column ``series``."""
    columns = {
        name: pl.concat([frame[name] for frame in series.values()])
        for name in ("date", "value", "smooth")
    }
    names = [key for key, frame in series.items() for _ in range(frame.height)]
    return pl.DataFrame({**columns, "series": names})


def _cell(value: float | None, mark: str | None) -> str:
    return signed(value) if value is not None else (mark or "x")


def period_labels(periods: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the rows of the period table by id, in their order."""
    return {row["id"]: row for row in periods.iter_rows(named=True)}
